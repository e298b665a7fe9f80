"""Many providers as one list, and what is missing of it."""

import time

import pytest

from processes import slug
from products import CRB, LEGACY, PRODUCTS, accounts, zenlayer


def test_every_filter_leaves_exactly_what_it_names(gateway, sandbox):
    bought = [gateway.bought(product.order()) for product in PRODUCTS]
    everything = gateway.list()
    assert everything["items"] == sorted(bought, key=lambda row: row["id"])
    assert everything["complete"] and everything["next_page_token"] is None
    assert [source["provider"] for source in everything["sources"]] == ["scloud", "dezai", "zenlayer"]
    for row in bought:
        for member in ("provider", "kind", "network_id", "state", "name", "provider_resource_id"):
            if row[member] is None:
                continue
            found = gateway.list(f"?{member}={row[member]}")
            assert found["items"] == [other for other in everything["items"] if other[member] == row[member]], member
            assert found["complete"]
    for region in ("hkg", "hk", "asia-east-1", "fra"):
        at_region = [row for row in everything["items"] if region in
                     (row["region_a"], row["region_b"], row["region"], *row["provider_regions"])]
        assert gateway.list("?region=" + region)["items"] == at_region and at_region


def test_the_free_packages_are_shown_only_when_asked_for(gateway, sandbox):
    assert gateway.list()["items"] == []
    free = gateway.list("?kind=inter_region_default")["items"]
    assert len(free) == 3 and {row["bandwidth_mbps"] for row in free} == {0.005}


def test_pages_are_walked_without_loss_or_repetition(gateway, sandbox):
    sandbox.control("POST", "/seed", brand="scloud", count=60, product="legacy")
    sandbox.control("POST", "/seed", brand="zenlayer", count=61)
    for brand in ("scloud", "zenlayer"):
        sandbox.behave(brand, reshuffle_rows=True)
    ids, query = [], ""
    while query is not None:
        page = gateway.list("?page_size=50" + query)
        assert page["complete"]
        ids += [row["id"] for row in page["items"]]
        token = page["next_page_token"]
        query = f"&page_token={token}" if token else None
    assert len(ids) == 121 and ids == sorted(set(ids))
    assert [row["id"] for row in gateway.list("?page_size=1000")["items"]] == ids


def test_a_silent_provider_is_named_and_the_others_are_shown(gateway, sandbox):
    mine = gateway.bought(CRB.order())
    gateway.bought(LEGACY.order())
    for fault in ({"fault": "reset"}, {"fault": "status", "status": 500}, {"fault": "hang"}):
        sandbox.fault("scloud", "*", times=-1, **fault)
        listed = gateway.list()
        assert mine["id"] in [row["id"] for row in listed["items"]] and not listed["complete"]
        by_name = {source["provider"]: source for source in listed["sources"]}
        assert by_name["scloud"]["status"] == "stale" and by_name["scloud"]["problem"]["provider"] == "scloud"
        assert by_name["zenlayer"]["status"] == by_name["dezai"]["status"] == "fresh"
        denied = gateway.get("/bandwidths?partial=deny")
        assert (denied.status, slug(denied)) == (502, "partial-result-denied")
        assert gateway.list("?provider=zenlayer")["complete"]
        sandbox.heal()
        assert len(gateway.list("?partial=deny")["items"]) == 2


def test_one_bandwidth_of_a_silent_provider_is_not_called_absent(gateway, sandbox, product):
    path = "/bandwidths/" + gateway.bought(product.order())["id"]
    sandbox.fault(product.brand, "*", "reset", times=-1)
    for answer in (gateway.get(path), gateway.delete(path)):
        assert answer.status in (503, 504), answer
    sandbox.heal()
    assert gateway.get(path).status == 200
    assert not sandbox.requests(product.brand, product.release)


def test_nobody_readable_is_no_empty_list(start, sandbox):
    for brand in ("scloud", "dezai", "zenlayer"):
        sandbox.fault(brand, "*", "reset", times=-1)
    gateway = start()
    for answer in (gateway.get("/bandwidths"), gateway.known("/bandwidths")):
        assert (answer.status, slug(answer)) == (503, "provider-unavailable")
    sandbox.heal()
    assert gateway.list()["complete"]
    assert gateway.known("/bandwidths").json["complete"]


@pytest.mark.parametrize("query, pointer", [
    ("colour=red", "?colour"), ("provider=nobody", "?provider"), ("kind=cable", "?kind"), ("state=well", "?state"),
    ("page_size=0", "?page_size"), ("page_size=1001", "?page_size"), ("page_size=ten", "?page_size"),
    ("page_token=nonsense", "?page_token"), ("partial=maybe", "?partial"), ("name=", "?name"),
    ("state=active&state=failed", "?state")])
def test_a_wrong_filter_is_named_and_nobody_is_asked(gateway, sandbox, query, pointer):
    answer = gateway.get("/bandwidths?" + query)
    assert (answer.status, slug(answer)) == (400, "invalid-request")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert not sandbox.requests("scloud")


@pytest.mark.parametrize("path", ["/bandwidths/nonsense", "/bandwidths/YWJj", "/operations/nonsense",
                                  "/providers/nobody"])
def test_what_cannot_exist_is_not_found(gateway, path):
    answer = gateway.get(path)
    assert (answer.status, slug(answer)) == (404, "not-found")


def test_eight_slow_providers_are_asked_side_by_side(start, sandbox):
    names = [f"zenlayer-{i}" for i in range(8)]
    gateway = start(providers=[zenlayer(sandbox.port, name) for name in names])
    sandbox.behave("zenlayer", answer_delay_ms=100)

    def seconds(query):
        began = time.monotonic()
        listed = gateway.list(query)
        assert listed["complete"] and len(listed["sources"]) == (1 if query else 8)
        return time.monotonic() - began
    seconds("")
    one = min(seconds("?provider=zenlayer-3") for _ in range(3))
    all_eight = min(seconds("") for _ in range(3))
    assert all_eight < one * 8 * 0.5, (one, all_eight)


def test_a_slow_provider_does_not_slow_who_does_not_ask_it(gateway, sandbox):
    sandbox.behave("scloud", answer_delay_ms=1500)
    began = time.monotonic()
    assert gateway.list("?provider=zenlayer")["complete"]
    assert time.monotonic() - began < 1.5


def test_the_gateway_starts_with_every_provider_down(start, sandbox):
    gateway = start(providers=accounts(lambda brand: 1))
    assert gateway.get("/readyz").status == 200
    answer = gateway.get("/bandwidths")
    assert (answer.status, slug(answer)) == (503, "provider-unavailable")
    refused = gateway.buy(LEGACY.order())
    assert (refused.status, slug(refused), refused.json["outcome"]) == (503, "provider-unavailable", "none")
    assert {provider["health"]["status"] for provider in gateway.get("/providers").json["items"]} == {"failing"}


def test_providers_say_what_they_can_and_how_they_are(gateway, sandbox):
    gateway.list()
    providers = {provider["name"]: provider for provider in gateway.get("/providers").json["items"]}
    assert list(providers) == ["scloud", "dezai", "zenlayer"]
    assert providers["scloud"]["products"] == ["legacy", "eip"]
    assert {provider["health"]["status"] for provider in providers.values()} == {"healthy"}
    assert gateway.get("/providers/zenlayer").json == providers["zenlayer"]
    safety = {product["product"]: product["purchase_safety"] for provider in providers.values()
              for product in provider["capabilities"]["products"]}
    assert safety == {"legacy": "none", "eip": "none", "simple": "marker", "crb": "natural_key"}


def test_the_crosswalk_knows_what_a_provider_reports(gateway):
    metros = {region["metro"]: region["providers"] for region in gateway.get("/regions").json["items"]}
    assert {"provider": "scloud", "code": "hk"} in metros["hkg"]
    assert {"provider": "zenlayer", "code": "asia-east-1"} in metros["hkg"]
