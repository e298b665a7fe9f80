"""The vendor bought it and the answer was lost, or nobody knows: found again, never bought twice."""

import http.client
import json

import pytest

from conftest import IMPATIENT
from processes import slug, wait_for
from products import CRB, LEGACY, PRODUCTS, SIMPLE

LOST = [("reset_after", {}), ("hang_after", {}), ("status_after", {"status": 502}), ("broken_body_after", {}),
        ("empty_body_after", {}), ("cut_body_after", {}), ("retcode_after", {})]


@pytest.mark.parametrize("fault, more", LOST, ids=[name for name, _ in LOST])
def test_a_purchase_whose_answer_is_lost_is_found(gateway, sandbox, product, fault, more):
    gateway.list()  # leaves a kept-alive connection, on which libcurl alone would send the order twice
    if fault == "retcode_after":
        more = {"code": product.unclear_code}
    sandbox.fault(product.brand, product.create, fault, **more)
    answer = gateway.buy(product.order())
    assert answer.status in (201, 202)
    operation = gateway.settled(gateway.operation_of(answer))
    [purchase] = sandbox.purchases(product.brand)
    assert (operation["outcome"], operation["attempts"]) == ("applied", 1)
    one = gateway.get("/bandwidths/" + operation["bandwidth_id"]).json
    assert one["provider_resource_id"] == purchase["native_id"]
    assert len(sandbox.requests(product.brand, product.create)) == 1


SENDS = {"legacy": 1, "simple": 1, "eip": 1, "crb": 2}  # only Zenlayer sells a pair once, so may be asked twice


def test_what_surely_shows_nothing_is_sent_again_where_a_pair_is_sold_once(start, sandbox):
    gateway = start(purchase=IMPATIENT)
    sandbox.fault("zenlayer", CRB.create, "reset_before")
    operation = gateway.settled(gateway.buy(CRB.order(), prefer="respond-async").json["id"])
    assert operation["attempts"] == 2 and len(sandbox.purchases("zenlayer")) == 1
    first, second = sandbox.requests("zenlayer", CRB.create)
    assert first["parameters"] == second["parameters"] and second["at"] - first["at"] >= 900
    looks = [look for look in sandbox.requests("zenlayer", CRB.list) if first["at"] + 900 <= look["at"] <= second["at"]]
    assert len(looks) >= 2
    assert "bwgw_purchases_sent_again_total 1\n" in gateway.get("/metrics").body.decode()


def test_what_never_shows_up_waits_for_a_person(start, sandbox):
    gateway = start(purchase=IMPATIENT)
    accepted = {}
    for product in PRODUCTS:
        sandbox.fault(product.brand, product.create, "reset_before", times=SENDS[product.name])
        accepted[product.name] = gateway.buy(product.order(), prefer="respond-async")
    for product in PRODUCTS:
        answer = accepted[product.name]
        assert answer.status == 202
        operation = gateway.ended(answer.json["id"])
        assert (operation["state"], operation["outcome"]) == ("needs_attention", "unknown"), operation
        assert operation["problem"]["outcome"] == "unknown"
        assert operation["attempts"] == len(sandbox.requests(product.brand, product.create)) == SENDS[product.name]
        held = gateway.buy(product.order())
        assert (held.status, slug(held), held.json["operation_id"]) == (409, "already-exists", operation["id"])
        gateway.bought(product.order(1))  # nothing else is held up
    assert {operation["id"] for operation in gateway.operations("&state=needs_attention")} \
        == {answer.json["id"] for answer in accepted.values()}
    assert [len(sandbox.purchases(brand)) for brand in ("scloud", "dezai", "zenlayer")] == [2, 1, 1]
    wait_for("the metric", lambda: 'bwgw_operations{state="needs_attention"} 4\n'
             in gateway.get("/metrics").body.decode())


def test_what_is_bought_but_not_listed_yet_is_shown_from_the_ledger(gateway, sandbox, product):
    sandbox.behave(product.brand, visible_after_ms=3_600_000)
    answer = gateway.buy(product.order(), prefer="wait=1")
    if product is SIMPLE:  # no id in the reply, so nothing certain before the listing
        assert answer.status == 202
    else:
        assert (answer.status, answer.json["state"]) == (201, "creating")
        path = "/bandwidths/" + answer.json["id"]
        assert gateway.get(path).json["state"] == "creating"
        assert [row["id"] for row in gateway.list()["items"]] == [answer.json["id"]]
        early = gateway.delete(path)
        assert (early.status, slug(early)) == (409, "conflict")
    operation_id = gateway.operation_of(answer)
    sandbox.control("POST", "/clock", advance_ms=3_600_000)
    operation = gateway.settled(operation_id)
    assert gateway.get("/bandwidths/" + operation["bandwidth_id"]).json["state"] == "active"
    assert len(sandbox.purchases(product.brand)) == 1


@pytest.mark.parametrize("fault", ["slow_before", "slow_after", "drip_after"])
def test_a_slow_vendor_is_waited_for_as_long_as_the_caller_likes(gateway, sandbox, fault):
    sandbox.fault("scloud", LEGACY.create, fault, delay_ms=5 if fault == "drip_after" else 500)
    answer = gateway.buy(LEGACY.order(), prefer="wait=0")
    assert answer.status == 202
    gateway.settled(answer.json["id"])
    assert len(sandbox.purchases("scloud")) == 1


def test_a_purchase_that_the_vendor_took_and_failed_to_provide_is_left_to_a_person(gateway, sandbox):
    sandbox.behave("zenlayer", create_fails=True)
    operation = gateway.ended(gateway.buy(CRB.order(), prefer="respond-async").json["id"])
    assert (operation["state"], operation["outcome"]) == ("needs_attention", "unknown")
    assert operation["problem"]["type"] == "/problems/conflict"
    sandbox.heal()
    resolved = gateway.request("POST", f"/operations/{operation['id']}:resolve", {"outcome": "none"})
    assert (resolved.status, resolved.json["state"]) == (200, "failed")
    assert gateway.buy(CRB.order(1)).status == 201


def test_a_strangers_order_beside_ours_is_not_decided_by_looking(start, sandbox):
    gateway = start()
    sandbox.fault("scloud", LEGACY.create, "hang_after")
    accepted = gateway.buy(LEGACY.order(region_b="sg"), "the-key", "respond-async")
    wait_for("the purchase", lambda: sandbox.purchases("scloud"))
    sandbox.control("POST", "/seed", brand="scloud", count=1, product="legacy", bandwidth=10)  # hk to sg, too
    operation = gateway.ended(accepted.json["id"])
    assert (operation["state"], operation["outcome"]) == ("needs_attention", "unknown")
    replay = gateway.buy(LEGACY.order(region_b="sg"), "the-key")
    assert (replay.status, replay.headers["Idempotency-Replayed"]) == (202, "true")
    assert (replay.json["id"], replay.json["state"]) == (operation["id"], "needs_attention")
    assert len(gateway.list()["items"]) == 2 and len(sandbox.requests("scloud", LEGACY.create)) == 1
    [ours] = [purchase["native_id"] for purchase in sandbox.purchases("scloud")]
    resolved = gateway.request("POST", f"/operations/{operation['id']}:resolve",
                               {"outcome": "applied", "provider_resource_id": ours})
    assert (resolved.json["state"], resolved.json["outcome"], resolved.json["problem"]) == ("settled", "applied", None)
    replay = gateway.buy(LEGACY.order(region_b="sg"), "the-key")
    assert (replay.status, replay.json["provider_resource_id"]) == (201, ours)


def test_a_vendor_that_swaps_the_ends_is_understood(gateway, sandbox, product):
    sandbox.behave(product.brand, swap_regions=True, extra_fields=True, shuffle_rows=True)
    sandbox.fault(product.brand, product.create, "empty_body_after")
    gateway.settled(gateway.operation_of(gateway.buy(product.order())))
    again = gateway.buy(product.order())
    assert (again.status, slug(again)) == (409, "already-exists")
    assert len(sandbox.purchases(product.brand)) == 1


def test_a_caller_who_leaves_does_not_end_the_purchase(gateway, sandbox):
    sandbox.fault("scloud", LEGACY.create, "slow_before", delay_ms=500)
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port)
    connection.request("POST", "/bandwidths", json.dumps(LEGACY.order()),
                       {"Content-Type": "application/json", "Idempotency-Key": "of-one-who-left"})
    [operation] = wait_for("the operation", lambda: gateway.operations("&idempotency_key=of-one-who-left"))
    connection.close()
    gateway.settled(operation["id"])
    assert len(sandbox.purchases("scloud")) == 1


def test_a_persons_word_ends_what_waits_for_it(start, sandbox):
    gateway = start(purchase=IMPATIENT)
    sandbox.fault("scloud", LEGACY.create, "reset_before")
    sandbox.fault("zenlayer", CRB.create, "reset_before", times=2)
    waiting = [gateway.ended(gateway.buy(product.order(), product.name, "respond-async").json["id"])["id"]
               for product in (LEGACY, CRB)]

    def resolve(operation_id, **word):
        return gateway.request("POST", f"/operations/{operation_id}:resolve", word)
    not_bought = resolve(waiting[0], outcome="none")
    assert (not_bought.json["state"], not_bought.json["outcome"]) == ("failed", "none")
    gateway.bought(LEGACY.order())
    sandbox.control("POST", "/seed", brand="zenlayer", count=1)
    [elsewhere] = gateway.list("?provider=zenlayer")["items"]  # in another network
    for wrong, status in (({"outcome": "applied"}, 400), ({"outcome": "none", "provider_resource_id": "x"}, 400),
                          ({"outcome": "perhaps"}, 400), ({"outcome": "applied", "provider_resource_id": "x"}, 404)):
        assert resolve(waiting[1], **wrong).status == status, wrong
    assert resolve(waiting[1], outcome="applied", provider_resource_id=elsewhere["provider_resource_id"]).status == 404
    for answer in (resolve(waiting[0], outcome="none"), resolve("x", outcome="none")):
        assert (answer.status, slug(answer)) in ((409, "conflict"), (404, "not-found"))
    assert resolve(waiting[1], outcome="none").status == 200
    assert not gateway.operations("&state=needs_attention")
