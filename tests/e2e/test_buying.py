"""From an order to its end, for every product."""

import pytest

from processes import slug, wait_for
from products import CRB, EIP, LEGACY, PRODUCTS, SIMPLE


def test_a_purchase_is_answered_with_what_was_bought(gateway, sandbox, product):
    order = product.order()
    answer = gateway.buy(order)
    assert answer.status == 201
    bandwidth = answer.json
    assert answer.headers["Location"] == "/bandwidths/" + bandwidth["id"]
    operation = gateway.settled(gateway.operation_of(answer))
    assert (operation["outcome"], operation["attempts"], operation["request"]) == ("applied", 1, order)
    [purchase] = sandbox.purchases(product.brand)
    assert purchase["native_id"] == bandwidth["provider_resource_id"]
    assert purchase["bandwidth"] == order["bandwidth_mbps"]

    answer = gateway.get("/bandwidths/" + bandwidth["id"])
    assert answer.status == 200 and answer.headers["ETag"]
    one = answer.json
    for member in ("provider", "kind", "bandwidth_mbps", "network_id", "eip_id", "name"):
        assert one[member] == order.get(member), member
    assert one["state"] == "active" and one["created_at"]
    assert gateway.list()["items"] == [one]
    assert gateway.get("/bandwidths/" + bandwidth["id"], **{"If-None-Match": answer.headers["ETag"]}).status == 304


def test_metros_and_codes_name_the_same_regions(gateway, sandbox):
    bought = gateway.bought(LEGACY.order(region_a="sin", region_b="lax"))
    assert (bought["region_a"], bought["region_b"], bought["provider_regions"]) == ("lax", "sin", ["sg", "us-ca"])
    again = gateway.buy(LEGACY.order(region_a="us-ca", region_b="sg"))
    assert (again.status, slug(again), again.json["bandwidth_id"]) == (409, "already-exists", bought["id"])
    assert len(sandbox.purchases("scloud")) == 1


def test_a_percentile_link_has_its_burst(gateway, sandbox):
    bought = gateway.bought(CRB.order(billing={"model": "percentile_95"}, bandwidth_mbps=20, burst_mbps=200))
    assert (bought["bandwidth_mbps"], bought["burst_mbps"]) == (20, 200)
    assert bought["billing"]["model"] == "percentile_95"
    changed = gateway.patch("/bandwidths/" + bought["id"], {"bandwidth_mbps": 30})
    assert (changed.status, changed.json["burst_mbps"]) == (200, 200)


def test_a_promotion_reaches_the_vendor(gateway, sandbox, product):
    gateway.bought(product.order(promotion={"code": "SPRING26"}))
    [purchase] = sandbox.purchases(product.brand)
    assert "SPRING26" in str(purchase["parameters"])


# -- changing ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("product", [LEGACY, SIMPLE, CRB], ids=lambda p: p.name)
def test_a_resize_is_in_force_when_it_is_answered_with_200(gateway, sandbox, product):
    path = "/bandwidths/" + gateway.bought(product.order())["id"]
    changed = gateway.patch(path, {"bandwidth_mbps": 25})
    assert (changed.status, changed.json["bandwidth_mbps"]) == (200, 25)
    assert sandbox.purchases(product.brand)[0]["bandwidth_now"] == 25
    again = gateway.patch(path, {"bandwidth_mbps": 25})
    assert (again.status, again.json) == (200, changed.json)
    assert len(sandbox.requests(product.brand, product.resize)) == 1
    assert gateway.get(path).headers["ETag"] == again.headers["ETag"]


def test_a_resize_that_takes_time_is_followed_up(gateway, sandbox):
    sandbox.behave("zenlayer", modify_ms=600_000)
    path = "/bandwidths/" + gateway.bought(CRB.order())["id"]
    accepted = gateway.patch(path, {"bandwidth_mbps": 25}, Prefer="respond-async")
    assert accepted.status == 202 and accepted.headers["Location"] == "/operations/" + accepted.json["id"]
    other = gateway.patch(path, {"bandwidth_mbps": 30})
    assert (other.status, slug(other), other.json["operation_id"]) == (409, "conflict", accepted.json["id"])
    wait_for("the send", lambda: sandbox.requests("zenlayer", CRB.resize))
    sandbox.control("POST", "/clock", advance_ms=600_000)
    gateway.settled(accepted.json["id"])
    assert gateway.get(path).json["bandwidth_mbps"] == 25
    assert len(sandbox.requests("zenlayer", CRB.resize)) == 1


def test_a_change_whose_answer_is_lost_is_looked_up_and_not_sent_again(gateway, sandbox):
    path = "/bandwidths/" + gateway.bought(LEGACY.order())["id"]
    sandbox.fault("scloud", LEGACY.resize, "reset_after")
    changed = gateway.patch(path, {"bandwidth_mbps": 25})
    assert (changed.status, changed.json["bandwidth_mbps"]) == (200, 25)
    assert len(sandbox.requests("scloud", LEGACY.resize)) == 1


def test_a_boost_cannot_be_resized_and_its_vendor_is_not_asked(gateway, sandbox):
    path = "/bandwidths/" + gateway.bought(EIP.order())["id"]
    before = len(sandbox.requests("scloud"))
    refused = gateway.patch(path, {"bandwidth_mbps": 25})
    assert refused.status in (400, 422) and slug(refused) == "unsupported"
    assert len(sandbox.requests("scloud")) == before


def test_a_rename_keeps_the_marker(gateway, sandbox):
    bought = gateway.bought(CRB.order())
    marker = sandbox.purchases("zenlayer")[0]["name"].removeprefix("edge.")
    renamed = gateway.patch("/bandwidths/" + bought["id"], {"name": "core"})
    assert (renamed.status, renamed.json["name"]) == (200, "core")
    [request] = sandbox.requests("zenlayer", "ModifyCrossRegionBandwidthAttribute")
    assert request["parameters"]["crossRegionBandwidthName"] == "core." + marker and marker.startswith("gw-")


def test_only_the_present_etag_may_change_or_release(gateway, sandbox):
    path = "/bandwidths/" + gateway.bought(LEGACY.order())["id"]
    stale = gateway.get(path).headers["ETag"]
    changed = gateway.patch(path, {"bandwidth_mbps": 25}, **{"If-Match": stale})
    assert changed.status == 200
    for refused in (gateway.patch(path, {"bandwidth_mbps": 30}, **{"If-Match": stale}),
                    gateway.delete(path, **{"If-Match": stale})):
        assert (refused.status, slug(refused)) == (412, "precondition-failed")
    assert len(sandbox.requests("scloud", LEGACY.resize)) == 1 and not sandbox.requests("scloud", LEGACY.release)
    assert gateway.delete(path, **{"If-Match": changed.headers["ETag"]}).status == 204


# -- releasing --------------------------------------------------------------------------------------------

def test_a_released_bandwidth_is_gone(gateway, sandbox, product):
    path = "/bandwidths/" + gateway.bought(product.order())["id"]
    assert gateway.delete(path).status == 204
    assert sandbox.purchases(product.brand)[0]["released"]
    assert gateway.list()["items"] == []
    for answer in (gateway.get(path), gateway.delete(path), gateway.patch(path, {"bandwidth_mbps": 25})):
        assert answer.status == 404 or (product is EIP and slug(answer) == "unsupported")
    assert len(sandbox.requests(product.brand, product.release)) == 1
    gateway.bought(product.order())  # the pair is free again
    assert len(sandbox.purchases(product.brand)) == 2


def test_what_the_recycle_bin_holds_is_freed_by_the_second_delete(gateway, sandbox):
    sandbox.behave("zenlayer", recycle_bin=True)
    path = "/bandwidths/" + gateway.bought(CRB.order())["id"]
    assert gateway.delete(path).status == 204
    assert gateway.get(path).json["state"] == "recycled"
    assert len(sandbox.requests("zenlayer", CRB.release)) == 1
    assert gateway.delete(path).status == 204
    assert gateway.get(path).status == 404


# -- prices -----------------------------------------------------------------------------------------------

def test_quotes_come_from_everyone_who_sells_it(gateway, sandbox):
    wish = {"kind": "inter_region", "region_a": "hkg", "region_b": "sin", "bandwidth_mbps": 10, "billing": {"model": "fixed"}}
    answer = gateway.request("POST", "/quotes", wish)
    quotes = {quote["provider"]: quote for quote in answer.json["items"]}
    assert set(quotes) == {"scloud", "dezai", "zenlayer"}
    assert (quotes["zenlayer"]["currency"], quotes["zenlayer"]["per"]) == ("USD", "month")
    assert float(quotes["zenlayer"]["amount"]) > 0
    assert quotes["scloud"]["problem"]["type"] == "/problems/unsupported"
    with_term = wish | {"billing": SIMPLE.members["billing"], "providers": ["dezai"]}
    [quote] = gateway.request("POST", "/quotes", with_term).json["items"]
    assert (quote["provider"], quote["currency"], quote["per"]) == ("dezai", "USD", "month")
    assert not any(sandbox.purchases(product.brand) for product in PRODUCTS)


def test_a_quote_of_a_resize_changes_nothing(gateway, sandbox):
    bought = gateway.bought(CRB.order())
    answer = gateway.request("POST", "/quotes", {"bandwidth_id": bought["id"], "bandwidth_mbps": 20})
    [quote] = answer.json["items"]
    assert quote["currency"] == "USD" and float(quote["amount"]) > 0
    assert not sandbox.requests("zenlayer", CRB.resize)


def test_without_a_currency_in_the_settings_there_is_no_price(start, sandbox):
    from products import accounts
    bare = [{key: value for key, value in account.items() if key != "price"} for account in accounts(sandbox.port)]
    gateway = start(providers=bare)
    wish = {"kind": "inter_region", "region_a": "hkg", "region_b": "sin", "bandwidth_mbps": 10, "billing": {"model": "fixed"},
            "providers": ["zenlayer"]}
    [quote] = gateway.request("POST", "/quotes", wish).json["items"]
    assert quote["problem"]["type"] == "/problems/price-unavailable" and "amount" not in quote
    refused = gateway.buy(CRB.order(max_price={"amount": "1000", "currency": "USD"}))
    assert (refused.status, slug(refused)) == (409, "price-unavailable")
    assert not sandbox.requests("zenlayer", CRB.create)


def test_a_validated_order_is_not_bought(gateway, sandbox, product):
    answer = gateway.request("POST", "/bandwidths?validate_only=true", product.order())
    assert answer.status == 200
    preview = answer.json
    assert preview["order"]["bandwidth_mbps"] == 10 and preview["quote"]["provider"] == product.brand
    assert ("amount" in preview["quote"]) == (product in (SIMPLE, CRB))
    assert not sandbox.requests(product.brand, product.create) and not gateway.operations("&state=accepted")


@pytest.mark.parametrize("product", [SIMPLE, CRB], ids=lambda p: p.name)
def test_the_highest_price_is_kept(gateway, sandbox, product):
    price = gateway.request("POST", "/bandwidths?validate_only=true", product.order()).json["quote"]["amount"]
    just_below = str(float(price) - 0.01)
    for wrong, why in (({"amount": just_below, "currency": "USD"}, "price-exceeded"),
                       ({"amount": "99999", "currency": "EUR"}, "price-unavailable")):
        refused = gateway.buy(product.order(max_price=wrong))
        assert (refused.status, slug(refused), refused.json["outcome"]) == (409, why, "none")
    assert not sandbox.requests(product.brand, product.create)
    gateway.bought(product.order(max_price={"amount": price, "currency": "USD"}))


def test_a_vendor_that_cannot_be_paid_is_a_402(gateway, sandbox):
    sandbox.behave("scloud", balance=0)
    refused = gateway.buy(LEGACY.order())
    assert (refused.status, slug(refused), refused.json["outcome"]) == (402, "insufficient-funds", "none")
    assert refused.json["provider_error"]["code"] == "520"
