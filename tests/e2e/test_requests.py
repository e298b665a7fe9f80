"""What is wrong with a request is said by name, and no vendor is asked."""

import pytest

from processes import slug
from products import CRB, EIP, LEGACY, SIMPLE, VPC

NOTHING = object()


def without(order, *members):
    return {name: value for name, value in order.items() if name not in members}


ORDERS = [
    (without(LEGACY.order(), "provider"), ["/provider"]),
    (without(LEGACY.order(), "bandwidth_mbps", "kind"), ["/bandwidth_mbps", "/kind"]),
    (without(LEGACY.order(), "network_id"), ["/network_id"]),
    (without(LEGACY.order(), "region_b"), ["/region_b"]),
    (without(EIP.order(), "eip_id"), ["/eip_id"]),
    (EIP.order(network_id="ugn-1"), ["/network_id"]),
    (EIP.order(billing={"model": "fixed"}), ["/billing/term"]),
    (LEGACY.order(region="hk"), ["/region"]),
    (LEGACY.order(starts_at="2030-01-01T00:00:00Z"), ["/starts_at"]),
    (LEGACY.order(region_b="hk", region_a="hkg"), ["/region_b"]),
    (LEGACY.order(colour="red"), ["/colour"]),
    (LEGACY.order(bandwidth_mbps="10"), ["/bandwidth_mbps"]),
    (LEGACY.order(bandwidth_mbps=10.5), ["/bandwidth_mbps"]),
    (LEGACY.order(bandwidth_mbps=0), ["/bandwidth_mbps"]),
    (LEGACY.order(bandwidth_mbps=None), ["/bandwidth_mbps"]),
    (LEGACY.order(billing={"model": "monthly"}), ["/billing/model"]),
    (LEGACY.order(billing={"payment": "prepaid"}), ["/billing/model"]),
    (LEGACY.order(billing={"model": "fixed", "payment": "prepaid"}), ["/billing/term"]),
    (LEGACY.order(billing={"model": "fixed", "payment": "postpaid", "term": {"unit": "month", "count": 1}}), ["/billing/term"]),
    (LEGACY.order(burst_mbps=20), ["/burst_mbps"]),
    (CRB.order(billing={"model": "percentile_95"}), ["/burst_mbps"]),
    (CRB.order(billing={"model": "percentile_95"}, burst_mbps=5), ["/burst_mbps"]),
    (SIMPLE.order(name="-edge"), ["/name"]),
    (SIMPLE.order(name="e" * 33), ["/name"]),
    (SIMPLE.order(max_price={"amount": 5, "currency": "USD"}), ["/max_price/amount"]),
    (SIMPLE.order(max_price={"amount": "5"}), ["/max_price/currency"]),
    (LEGACY.order(provider="nobody"), ["/provider"]),
    ([], [""]),
]


@pytest.mark.parametrize("order, pointers", ORDERS, ids=[",".join(p) or "body" for _, p in ORDERS])
def test_a_wrong_member_of_an_order_is_named(gateway, sandbox, order, pointers):
    answer = gateway.buy(order)
    assert answer.status in (400, 422) and slug(answer) == "invalid-request"
    assert sorted(error["pointer"] for error in answer.json["errors"]) == pointers
    assert answer.json["outcome"] == "none" and answer.json["instance"].endswith(answer.headers["X-Request-Id"])
    assert not sandbox.requests("scloud") and not sandbox.requests("dezai")


@pytest.mark.parametrize("order", [
    LEGACY.order(billing={"model": "percentile_95"}, burst_mbps=20), LEGACY.order(bandwidth_mbps=1_000_000),
    EIP.order(bandwidth_mbps=801), EIP.order(provider="dezai"), CRB.order(billing={"model": "traffic"})],
    ids=["model", "much", "boost", "kind", "traffic"])
def test_what_a_provider_does_not_sell_is_unsupported(gateway, sandbox, order):
    answer = gateway.buy(order)
    assert answer.status in (400, 422) and slug(answer) == "unsupported"
    assert answer.json["provider"] == order["provider"]
    assert not any(request["action"].startswith("Create") for request in sandbox.requests(order["provider"]))


CHANGES = [({}, [""]), ({"name": "a", "bandwidth_mbps": 1}, ["/name"]), ({"bandwidth_mbps": None}, ["/bandwidth_mbps"]),
           ({"burst_mbps": 1, "bandwidth_mbps": 2}, ["/burst_mbps"]), ({"state": "active"}, ["/state"])]


@pytest.mark.parametrize("change, pointers", CHANGES, ids=[str(change) for change, _ in CHANGES])
def test_a_wrong_change_is_named(gateway, sandbox, change, pointers):
    path = "/bandwidths/" + gateway.bought(CRB.order())["id"]
    answer = gateway.patch(path, change)
    assert answer.status in (400, 422) and slug(answer) == "invalid-request"
    assert [error["pointer"] for error in answer.json["errors"]] == pointers
    assert not sandbox.requests("zenlayer", CRB.resize)


KEY = {"Idempotency-Key": "k-1"}
JSON = {"Content-Type": "application/json"}
ASKED = [
    ("POST", "/bandwidths", b"{\"provider\": ", KEY | JSON, 400, "invalid-request"),
    ("POST", "/bandwidths", b"{\"kind\": 1, \"kind\": 2}", KEY | JSON, 400, "invalid-request"),
    ("POST", "/bandwidths", b"\xff\xfe", KEY | JSON, 400, "invalid-request"),
    ("POST", "/bandwidths", None, KEY | JSON, 400, "invalid-request"),
    ("POST", "/bandwidths", b"provider=scloud", KEY | {"Content-Type": "application/x-www-form-urlencoded"}, 415,
     "unsupported-media-type"),
    ("POST", "/bandwidths", b"{}", KEY, 415, "unsupported-media-type"),
    ("POST", "/bandwidths", b"{" + b" " * 70_000 + b"}", KEY | JSON, 413, "payload-too-large"),
    ("POST", "/bandwidths", b"[" * 60_000, KEY | JSON, 400, "invalid-request"),
    ("POST", "/bandwidths?validate_only=perhaps", b"{}", JSON, 400, "invalid-request"),
    ("POST", "/bandwidths", b"{}", JSON | {"Idempotency-Key": "a b"}, 400, "invalid-request"),
    ("POST", "/bandwidths", b"{}", JSON | {"Idempotency-Key": "k" * 300}, 400, "invalid-request"),
    ("PUT", "/bandwidths", b"{}", JSON, 405, "method-not-allowed"),
    ("DELETE", "/operations", None, {}, 405, "method-not-allowed"),
    ("GET", "/quotes", None, {}, 405, "method-not-allowed"),
    ("GET", "/", None, {}, 404, "not-found"),
    ("GET", "/bandwidths/a/b", None, {}, 404, "not-found"),
    ("GET", "/BANDWIDTHS", None, {}, 404, "not-found"),
    ("GET", "/bandwidths", None, {"Accept": "application/xml"}, 406, "not-acceptable"),
    ("GET", "/healthz?verbose=1", None, {}, 400, "invalid-request"),
    ("POST", "/quotes", b"{\"bandwidth_mbps\": 5}", JSON, 400, "invalid-request"),
    ("GET", "/bandwidths?" + "a" * 9000, None, {}, 414, "uri-too-long"),
    ("GET", "/bandwidths", None, {"X-Long": "a" * 20_000}, 431, "headers-too-large"),
]


@pytest.mark.parametrize("method, path, body, headers, status, why", ASKED,
                         ids=[f"{row[4]}-{i}" for i, row in enumerate(ASKED)])
def test_a_request_that_cannot_be_served_says_why(gateway, sandbox, method, path, body, headers, status, why):
    answer = gateway.request(method, path, body, headers)
    assert slug(answer) == why
    assert answer.status == status or (status == 400 and answer.status == 422)
    assert not any(sandbox.requests(brand, "CreateInterRegionBandwidth") for brand in ("scloud", "dezai"))
    assert gateway.get("/healthz").status == 200


def test_a_callers_trace_is_kept_and_every_answer_has_its_own_name(gateway):
    answers = [gateway.get("/healthz", traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
               for _ in range(2)]
    assert answers[0].headers["X-Request-Id"] != answers[1].headers["X-Request-Id"]
    mine = [event for event in gateway.events() if event.get("request_id") == answers[0].headers["X-Request-Id"]]
    assert not mine or mine[0]["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
