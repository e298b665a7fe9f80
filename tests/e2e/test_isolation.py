"""One provider's trouble is its own: breakers, limits and retries, seen from outside."""

import base64
import concurrent.futures
import time
import uuid

from conftest import IMPATIENT
from processes import slug, wait_for
from products import CRB, SIMPLE, accounts

WELL = {"scloud", "dezai", "zenlayer"}


def guarded(sandbox, name, **guards):
    """Every account, one of them with these guards."""
    return [account | (guards if account["name"] == name else {}) for account in accounts(sandbox.port)]


def health(gateway, provider):
    return gateway.get(f"/providers/{provider}").json["health"]


def breaker(gateway, provider, verb="read"):
    return health(gateway, provider)["breaker"][verb]


def live(gateway, path="/bandwidths"):
    """As the providers answer now."""
    return gateway.get(path, **{"Cache-Control": "no-cache"})


def listed(gateway):
    answer = live(gateway)
    assert answer.status == 200, answer
    return answer.json


def source(listed, provider):
    return next(source for source in listed["sources"] if source["provider"] == provider)


def timed(call):
    began = time.monotonic()
    return call(), time.monotonic() - began


def test_a_provider_that_hangs_is_left_alone_until_it_heals_and_nobody_else_notices(start, sandbox):
    gateway = start(providers=guarded(sandbox, "scloud", deadlines={"read": "300ms"},
                                      breaker={"faults": 5, "open_first": "2s", "open_most": "2s"}))
    assert listed(gateway)["complete"]
    sandbox.fault("scloud", "*", "hang", times=-1)

    def ask():
        now, seconds = timed(lambda: listed(gateway))
        assert {one["provider"] for one in now["sources"] if one["status"] == "fresh"} == WELL - {"scloud"}
        assert seconds < 1.5, "no longer than the deadline of the one that hangs"
        return breaker(gateway, "scloud")["state"] == "open"
    wait_for("the breaker", ask)
    asked = len(sandbox.requests("scloud"))
    now, seconds = timed(lambda: listed(gateway))
    problem = source(now, "scloud")["problem"]
    assert seconds < 0.3 and len(sandbox.requests("scloud")) == asked, "nobody asks it"
    assert problem["type"] == "/problems/provider-unavailable" and problem["retryable"]
    assert "circuit breaker for reads of scloud has been open since" in problem["detail"]
    shown = health(gateway, "scloud")
    assert shown["breaker"]["read"]["since"] and shown["breaker"]["read"]["retry_at"]
    assert shown["breaker"]["write"] == {"state": "closed", "since": None, "retry_at": None}
    assert shown["deadline_ms"] == {"read": 300, "write": 1000}, "its own, and everybody's"
    assert shown["status"] == "failing" and shown["last_problem"]["type"] == "/problems/provider-timeout"
    assert breaker(gateway, "zenlayer")["state"] == "closed"
    assert gateway.bought(CRB.order())["state"] == "active"

    sandbox.heal()
    wait_for("the healed provider", lambda: listed(gateway)["complete"])
    assert breaker(gateway, "scloud") == {"state": "closed", "since": None, "retry_at": None}
    assert health(gateway, "scloud")["status"] == "healthy"


def test_a_read_that_fails_for_a_moment_is_tried_again_and_a_budget_bounds_it(gateway, sandbox):
    before = health(gateway, "zenlayer")["limiter"]["retry_budget"]
    sandbox.fault("zenlayer", CRB.list, "reset", times=1)
    assert live(gateway, "/bandwidths?provider=zenlayer").json["complete"]
    assert health(gateway, "zenlayer")["limiter"]["retry_budget"] == before - 1
    sandbox.fault("zenlayer", CRB.list, "reset", times=-1)
    for _ in range(10):
        assert not live(gateway, "/bandwidths?provider=zenlayer").json["complete"]
    assert health(gateway, "zenlayer")["limiter"]["retry_budget"] == 0
    asked = len(sandbox.requests("zenlayer", CRB.list))
    live(gateway, "/bandwidths?provider=zenlayer")
    assert len(sandbox.requests("zenlayer", CRB.list)) == asked + 1
    sandbox.heal()
    assert live(gateway, "/bandwidths?provider=zenlayer").json["complete"]


def test_a_throttling_provider_is_given_the_time_it_asks_for(start, sandbox):
    gateway = start(providers=guarded(sandbox, "zenlayer", deadlines={"read": "2s"}))
    path = "/bandwidths/" + gateway.bought(CRB.order())["id"]
    sandbox.fault("zenlayer", CRB.list, "throttled", times=1, retry_after=1)
    answer, seconds = timed(lambda: live(gateway, path))
    assert answer.status == 200 and 1 <= seconds < 2

    sandbox.fault("zenlayer", CRB.list, "throttled", times=1, retry_after=4)
    answer, seconds = timed(lambda: live(gateway, path))
    assert (answer.status, slug(answer)) == (503, "provider-throttled") and seconds < 1, "it would be too late"
    asked = len(sandbox.requests("zenlayer"))
    answer, seconds = timed(lambda: live(gateway, path))
    assert (answer.status, slug(answer), answer.json["outcome"]) == (429, "rate-limited", "none") and seconds < 1
    assert 1 <= int(answer.headers["Retry-After"]) <= 4 and answer.json["retryable"]
    assert health(gateway, "zenlayer")["limiter"]["read"]["retry_at"]
    assert len(sandbox.requests("zenlayer")) == asked
    now = listed(gateway)
    assert source(now, "zenlayer")["problem"]["type"] == "/problems/rate-limited"
    assert source(now, "dezai")["status"] == "fresh"
    wait_for("the end of the wait", lambda: listed(gateway)["complete"])
    assert breaker(gateway, "zenlayer")["state"] == "closed", "a throttle is no fault"


def test_a_write_against_an_open_breaker_does_not_leave_and_its_key_buys_once_after_healing(start, sandbox):
    gateway = start(providers=guarded(sandbox, "dezai", breaker={"faults": 1, "open_first": "2s", "open_most": "2s"}),
                    purchase=IMPATIENT)
    sandbox.fault("dezai", SIMPLE.create, "status", status=500, times=-1)
    unclear = gateway.buy(SIMPLE.order(), prefer="respond-async")
    assert unclear.status == 202
    wait_for("the breaker", lambda: breaker(gateway, "dezai", "write")["state"] == "open")

    key = uuid.uuid4().hex
    refused = gateway.buy(SIMPLE.order(1), key)
    assert (refused.status, slug(refused), refused.json["outcome"]) == (503, "provider-unavailable", "none")
    assert "circuit breaker for writes of dezai" in refused.json["detail"] and refused.json["retryable"]
    assert int(refused.headers["Retry-After"]) >= 1
    assert breaker(gateway, "dezai")["state"] == "closed", "reads go on"
    assert len(sandbox.requests("dezai", SIMPLE.create)) == 1 and not sandbox.purchases("dezai")

    sandbox.heal()
    bought = wait_for("the half-open breaker", lambda: (lambda answer: answer if answer.status == 201 else None)(
        gateway.buy(SIMPLE.order(1), key)))
    gateway.settled(gateway.operation_of(bought))
    again = gateway.buy(SIMPLE.order(1), key)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json["id"] == bought.json["id"]
    assert len(sandbox.purchases("dezai")) == 1
    assert breaker(gateway, "dezai", "write")["state"] == "closed"
    assert gateway.ended(unclear.json["id"])["state"] == "needs_attention"


def test_a_look_that_the_limits_refuse_fails_no_purchase(start, sandbox):
    gateway = start(providers=guarded(sandbox, "zenlayer", limits={
        "reads_per_second": 1, "burst": 3, "concurrent_reads": 1, "queue": 0, "writes_per_second": 1, "concurrent_writes": 1}),
        deadlines={"read": "1s", "write": "1s"}, purchase={**IMPATIENT, "settle_window": "6s"})
    sandbox.behave("zenlayer", visible_after_ms=1500)
    answer = gateway.buy(CRB.order(), prefer="wait=5")
    assert answer.status in (201, 202), answer
    operation = gateway.settled(gateway.operation_of(answer))
    assert operation["outcome"] == "applied" and len(sandbox.purchases("zenlayer")) == 1
    limiter = health(gateway, "zenlayer")["limiter"]["read"]
    assert (limiter["per_second"], limiter["burst"], limiter["queue"]) == (1, 3, 0)


def test_made_up_ids_cost_the_vendor_one_look_at_a_time(start, sandbox):
    gateway = start(workers=1)
    bought = gateway.bought(CRB.order())
    known = base64.urlsafe_b64decode(bought["id"] + "=" * (-len(bought["id"]) % 4)).split(b"\0")
    made_up = [base64.urlsafe_b64encode(b"\0".join([*known[:3], b"none-%d" % i])).decode().rstrip("=") for i in range(12)]
    sandbox.behave("zenlayer", answer_delay_ms=500)
    before = len(sandbox.requests("zenlayer"))
    with concurrent.futures.ThreadPoolExecutor(len(made_up)) as callers:
        statuses = set(callers.map(lambda id: gateway.known("/bandwidths/" + id).status, made_up))
    assert statuses == {404}
    assert len(sandbox.requests("zenlayer")) - before <= 4


def test_all_workers_together_keep_to_an_accounts_limits(start, sandbox):
    rate, burst, seconds = 20, 5, 3
    gateway = start(workers=4, providers=guarded(sandbox, "zenlayer", limits={
        "reads_per_second": rate, "burst": burst, "concurrent_reads": 8, "queue": 32}))
    until = time.monotonic() + seconds

    def ask(_):
        statuses = set()
        while time.monotonic() < until:
            statuses.add(live(gateway, "/bandwidths?provider=zenlayer").status)
        return statuses
    with concurrent.futures.ThreadPoolExecutor(16) as callers:
        statuses = set().union(*callers.map(ask, range(16)))
    assert statuses == {200}
    at = sorted(request["at"] for request in sandbox.requests("zenlayer"))
    assert len(at) > rate * (seconds - 1), "and they are used"
    late = 2  # what was held up on its way
    busiest = max(sum(1 for other in at if one <= other < one + 1000) for one in at)
    assert busiest <= rate + burst + late, busiest
    limiter = health(gateway, "zenlayer")["limiter"]["read"]
    assert limiter["in_flight"] == limiter["queued"] == 0
