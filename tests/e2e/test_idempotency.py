"""The key, and the natural key behind it: what is bought is bought once."""

import concurrent.futures
import uuid

from processes import slug, wait_for
from products import CRB, LEGACY


def test_a_purchase_without_a_key_is_refused(gateway, sandbox):
    answer = gateway.request("POST", "/bandwidths", LEGACY.order())
    assert (answer.status, slug(answer)) == (400, "idempotency-key-missing")
    assert not sandbox.requests("scloud")


def test_the_same_key_gives_the_same_answer(gateway, sandbox, product):
    key = uuid.uuid4().hex
    first = gateway.buy(product.order(), key)
    gateway.settled(gateway.operation_of(first))
    for same in (key, f'"{key}"'):
        replay = gateway.buy(dict(reversed(product.order().items())), same)
        assert (replay.status, replay.headers["Idempotency-Replayed"]) == (201, "true")
        assert replay.json["id"] == first.json["id"] and replay.headers["Location"] == first.headers["Location"]
    assert not first.headers["Idempotency-Replayed"]
    assert len(sandbox.purchases(product.brand)) == 1


def test_another_order_under_the_same_key_is_refused(gateway, sandbox):
    key = uuid.uuid4().hex
    gateway.settled(gateway.operation_of(gateway.buy(LEGACY.order(), key)))
    other = gateway.buy(LEGACY.order(1), key)
    assert (other.status, slug(other)) == (422, "idempotency-key-reused")
    assert len(sandbox.purchases("scloud")) == 1


def test_a_key_whose_first_request_is_open_says_so(gateway, sandbox):
    key = uuid.uuid4().hex
    sandbox.fault("scloud", LEGACY.create, "slow_before", delay_ms=700)
    first = gateway.buy(LEGACY.order(), key, "respond-async")
    assert first.status == 202
    wait_for("the send", lambda: gateway.get("/operations/" + first.json["id"]).json["state"] == "sent")
    second = gateway.buy(LEGACY.order(), key)
    assert (second.status, slug(second)) == (409, "idempotency-key-in-flight")
    assert second.json["operation_id"] == first.json["id"] and int(second.headers["Retry-After"]) >= 1
    gateway.settled(first.json["id"])
    assert gateway.buy(LEGACY.order(), key).status == 201
    assert len(sandbox.purchases("scloud")) == 1


def test_fifty_at_once_buy_one(gateway, sandbox, product):
    key = uuid.uuid4().hex
    sandbox.behave(product.brand, answer_delay_ms=50)
    with concurrent.futures.ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(lambda _: gateway.buy(product.order(), key), range(50)))
    assert {answer.status for answer in answers} <= {201, 202, 409}
    assert {slug(answer) for answer in answers if answer.status == 409} <= {"idempotency-key-in-flight"}
    assert len(sandbox.purchases(product.brand)) == 1
    assert len(sandbox.requests(product.brand, product.create)) == 1
    [operation] = gateway.operations("&idempotency_key=" + key)
    gateway.settled(operation["id"])


def test_two_keys_for_the_same_buy_one(gateway, sandbox, product):
    sandbox.behave(product.brand, answer_delay_ms=50)
    with concurrent.futures.ThreadPoolExecutor(2) as callers:
        one, other = callers.map(lambda _: gateway.buy(product.order()), range(2))
    if one.status == 409:
        one, other = other, one
    assert one.status == 201
    assert (other.status, slug(other)) == (409, "already-exists")
    assert other.json.get("operation_id") or other.json.get("bandwidth_id")
    operation = gateway.settled(gateway.operation_of(one))
    third = gateway.buy(product.order())
    assert (third.status, third.json["bandwidth_id"]) == (409, operation["bandwidth_id"])
    assert len(sandbox.purchases(product.brand)) == 1


def test_the_swapped_pair_is_the_same_pair(gateway, sandbox):
    gateway.bought(CRB.order())
    order = CRB.order()
    swapped = gateway.buy(order | {"region_a": order["region_b"], "region_b": order["region_a"]})
    assert (swapped.status, slug(swapped)) == (409, "already-exists")
    assert len(sandbox.requests("zenlayer", CRB.create)) == 1


def test_what_surely_did_not_run_may_be_tried_again_with_its_key(gateway, sandbox, product):
    key = uuid.uuid4().hex
    sandbox.fault(product.brand, product.create, "throttled")
    refused = gateway.buy(product.order(), key)
    assert (refused.status, slug(refused)) == (503, "provider-throttled")
    assert (refused.json["outcome"], refused.json["retryable"]) == ("none", True)
    again = gateway.buy(product.order(), key)
    assert again.status == 201
    gateway.settled(gateway.operation_of(again))
    assert len(sandbox.purchases(product.brand)) == 1


def test_a_final_refusal_stands_under_its_key(gateway, sandbox):
    key = uuid.uuid4().hex
    sandbox.behave("scloud", balance=0)
    refused = gateway.buy(LEGACY.order(), key)
    sandbox.heal()
    again = gateway.buy(LEGACY.order(), key)
    assert (again.status, slug(again), again.headers["Idempotency-Replayed"]) == (402, slug(refused), "true")
    assert len(sandbox.requests("scloud", LEGACY.create)) == 1


def test_a_restart_forgets_no_key(start, sandbox, product):
    gateway, key = start(), uuid.uuid4().hex
    first = gateway.buy(product.order(), key)
    gateway.settled(gateway.operation_of(first))
    gateway.kill()
    gateway.start()
    replay = gateway.buy(product.order(), key)
    assert (replay.status, replay.headers["Idempotency-Replayed"]) == (201, "true")
    assert replay.json["id"] == first.json["id"]
    assert len(sandbox.purchases(product.brand)) == 1
