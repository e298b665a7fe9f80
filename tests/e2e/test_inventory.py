"""Reads from the inventory: how fresh they are, and that nothing a vendor does harms them."""

import os
import threading
import time
import uuid

import pytest

from processes import SECONDS, slug, wait_for
from products import BRANDS, CRB, LEGACY, accounts, zenlayer

NAMES = [brand["name"] for brand in BRANDS]
QUICK = {"refresh_least": "100ms", "refresh_most": "200ms", "deadline": "2s"}


def ids(answer):
    assert answer.status == 200, answer
    return [row["id"] for row in answer.json["items"]]


def source(answer, name):
    return next(one for one in answer.json["sources"] if one["provider"] == name)


def hang(sandbox, brands=NAMES):
    for brand in brands:
        sandbox.fault(brand, "*", "hang", times=-1)


def asked(sandbox):
    return sum(len(sandbox.requests(brand)) for brand in NAMES)


def seconds(call):
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_reads_ask_nobody_and_own_writes_are_in_the_very_next_one(gateway, sandbox, product):
    assert gateway.list()["complete"]
    bought = gateway.bought(product.order())
    path = "/bandwidths/" + bought["id"]
    before = asked(sandbox)
    for _ in range(8):  # of whichever worker
        assert bought["id"] in ids(gateway.known("/bandwidths"))
        assert gateway.known(path).json == bought
    if product.resize:
        assert gateway.patch(path, {"bandwidth_mbps": 20}).status == 200
        assert {gateway.known(path).json["bandwidth_mbps"] for _ in range(8)} == {20}
        before = asked(sandbox)
    assert asked(sandbox) == before
    assert gateway.delete(path).status in (202, 204)
    for operation in gateway.operations():
        gateway.ended(operation["id"])
    for _ in range(8):
        left = gateway.known("/bandwidths").json["items"]
        assert not [row for row in left if row["id"] == bought["id"] and row["state"] not in ("recycled", "deleting")]


def test_a_purchase_that_no_listing_shows_yet_is_in_the_next_read(gateway, sandbox):
    sandbox.behave("scloud", visible_after_ms=3_600_000)
    bought = gateway.buy(LEGACY.order())
    assert bought.status == 201
    for _ in range(8):
        assert bought.json["id"] in ids(gateway.known("/bandwidths"))
        assert gateway.known(bought.headers["Location"]).json["state"] == "creating"
    sandbox.control("POST", "/clock", advance_ms=3_600_000)
    gateway.settled(gateway.operation_of(bought))
    assert gateway.known(bought.headers["Location"]).json["state"] == "active"


def test_the_first_answer_after_a_start_knows_of_purchases_that_no_listing_shows(start, sandbox):
    gateway = start()
    sandbox.behave("scloud", visible_after_ms=3_600_000)
    bought = gateway.buy(LEGACY.order())
    gateway.kill()
    for _ in range(3):
        gateway.launch()
        answer = gateway.known("/bandwidths")
        assert ids(answer) == [bought.json["id"]] and "ledger" not in answer.body.decode(), answer
        gateway.kill()


def test_a_start_with_every_provider_down_serves_what_was_known(start, sandbox):
    gateway = start()
    bought = gateway.bought(CRB.order())
    first = gateway.known("/bandwidths")
    assert first.json["complete"]
    gateway.stop()
    for brand in NAMES:
        sandbox.fault(brand, "*", "reset", times=-1)
    gateway.start()
    assert ids(gateway.known("/bandwidths")) == [bought["id"]]
    wait_for("the first refresh", lambda: all(
        (one.get("problem") or {}).get("provider") for one in gateway.known("/bandwidths").json["sources"]))
    answer = gateway.known("/bandwidths")
    assert ids(answer) == [bought["id"]] and not answer.json["complete"]
    for one in answer.json["sources"]:
        assert (one["status"], one["problem"]["provider"]) == ("stale", one["provider"])
        assert one["as_of"] == source(first, one["provider"])["as_of"]
    assert gateway.known("/bandwidths/" + bought["id"]).status == 200
    assert slug(gateway.known("/bandwidths?partial=deny")) == "partial-result-denied"
    sandbox.heal()
    assert gateway.list()["complete"]
    assert gateway.known("/bandwidths").json["complete"]


def test_a_first_start_waits_a_second_at_most_for_a_hung_provider(start, sandbox):
    hang(sandbox, ["scloud"])
    gateway = start()
    gateway.known("/bandwidths")
    asked_once = len(sandbox.requests("scloud"))
    for _ in range(4):
        began = time.monotonic()
        answer = gateway.known("/bandwidths")
        assert time.monotonic() - began < 3
        assert answer.status == 200 and not answer.json["complete"], answer
        assert source(answer, "scloud")["status"] == "unavailable"
    assert len(sandbox.requests("scloud")) == asked_once, "who waits shares one reading"
    sandbox.heal()


def test_hung_providers_do_not_slow_what_is_known(start, sandbox):
    gateway = start(inventory=QUICK)
    bought = gateway.bought(CRB.order())
    quiet = sorted(seconds(lambda: gateway.known("/bandwidths")) for _ in range(50))
    hang(sandbox)
    wait_for("the refresher to notice", lambda: not gateway.known("/bandwidths").json["complete"])
    hung = sorted(seconds(lambda: gateway.known("/bandwidths")) for _ in range(50))
    assert hung[25] < quiet[25] * 3 + 0.01, (quiet[25], hung[25])
    assert ids(gateway.known("/bandwidths")) == [bought["id"]]
    sandbox.heal()
    wait_for("recovery", lambda: gateway.known("/bandwidths").json["complete"])


def test_who_will_have_no_cache_is_told_at_the_deadline_who_is_missing(start, sandbox):
    gateway = start(deadlines={"read": "1s", "write": "1s"})
    bought = gateway.bought(CRB.order())
    hang(sandbox, ["scloud"])
    began = time.monotonic()
    answer = gateway.get("/bandwidths")
    assert 0.9 < time.monotonic() - began < SECONDS / 2
    assert ids(answer) == [bought["id"]] and not answer.json["complete"]
    assert source(answer, "scloud")["status"] == "stale"
    assert source(answer, "scloud")["problem"]["type"] == "/problems/provider-timeout"
    assert {source(answer, name)["status"] for name in ("dezai", "zenlayer")} == {"fresh"}
    sandbox.heal()
    assert gateway.list()["complete"]


def test_who_asks_at_the_same_moment_sees_all_that_was_there_before(gateway, sandbox):
    sandbox.fault("zenlayer", "*", "slow", when="after", delay_ms=20, times=-1)  # it says what was there before
    lock, seeded, missed = threading.Lock(), 0, []

    def ask():
        nonlocal seeded
        for _ in range(10):
            with lock:
                sandbox.control("POST", "/seed", brand="zenlayer", count=1)
                seeded += 1
                there = seeded
            seen = len(ids(gateway.get("/bandwidths?page_size=100&provider=zenlayer")))
            missed.append(max(there - seen, 0))
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert missed == [0] * 80


def test_max_age_asks_only_if_what_is_known_is_older(gateway, sandbox):
    gateway.list()
    before = asked(sandbox)
    assert gateway.known("/bandwidths", **{"Cache-Control": "max-age=3600"}).status == 200
    assert asked(sandbox) == before
    sandbox.control("POST", "/seed", brand="zenlayer", count=1)
    wait_for("the age", lambda: int(gateway.known("/bandwidths").headers["Age"]) >= 2)
    assert len(ids(gateway.known("/bandwidths", **{"Cache-Control": "max-age=1"}))) == 1
    assert asked(sandbox) > before


def test_a_list_that_has_not_changed_is_not_sent_again(gateway, sandbox):
    gateway.list()
    first = gateway.known("/bandwidths")
    same = gateway.known("/bandwidths", **{"If-None-Match": first.headers["ETag"]})
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    live = gateway.get("/bandwidths", **{"If-None-Match": first.headers["ETag"]})
    assert live.status == 304, "the providers say the same"
    gateway.bought(CRB.order())
    assert gateway.known("/bandwidths", **{"If-None-Match": first.headers["ETag"]}).status == 200


def waiting(gateway, path, etag):
    """A long poll of its own, and where its answer comes."""
    answers = []

    def poll():
        answers.append(gateway.known(path, **{"If-None-Match": etag, "Prefer": "wait=20"}))
    thread = threading.Thread(target=poll)
    thread.start()
    return thread, answers


def test_a_long_poll_wakes_on_a_purchase(gateway, sandbox):
    gateway.list()
    polls = [waiting(gateway, "/bandwidths", gateway.known("/bandwidths").headers["ETag"]) for _ in range(4)]
    bought = gateway.bought(CRB.order())
    for thread, answers in polls:
        thread.join()
        assert ids(answers[0]) == [bought["id"]]


def test_a_long_poll_wakes_on_what_the_vendor_changed(start, sandbox):
    gateway = start(inventory=QUICK)
    wait_for("the first readings", lambda: gateway.known("/bandwidths").json["complete"])
    thread, answers = waiting(gateway, "/bandwidths", gateway.known("/bandwidths").headers["ETag"])
    sandbox.control("POST", "/seed", brand="zenlayer", count=1)
    thread.join()
    assert len(ids(answers[0])) == 1


def test_a_long_poll_ends_with_its_time_and_with_the_service(start, sandbox):
    gateway = start()
    answer = gateway.known("/bandwidths")

    def unchanged():
        nonlocal answer
        etag, began = answer.headers["ETag"], time.monotonic()
        answer = gateway.known("/bandwidths", **{"If-None-Match": etag, "Prefer": "wait=1"})
        assert (answer.status == 304) == (answer.headers["ETag"] == etag)
        assert answer.status == 200 or time.monotonic() - began >= 1
        return answer.status == 304 and etag
    etag = wait_for("a second without a change", unchanged)
    thread, answers = waiting(gateway, "/bandwidths", etag)
    wait_for("the poll", lambda: 'bwgw_http_connections 2' in gateway.get("/metrics").body.decode())
    gateway.stop()
    thread.join()
    assert answers[0].status == 304


def test_pages_are_those_of_the_first_one_while_rows_come_and_go(start, sandbox):
    gateway = start(inventory=QUICK)
    sandbox.control("POST", "/seed", brand="zenlayer", count=40)
    wait_for("the refresh", lambda: len(ids(gateway.known("/bandwidths?page_size=1000"))) == 40)
    expected = ids(gateway.known("/bandwidths?page_size=1000"))
    for more in ({}, {"Cache-Control": "no-cache"}):
        seen, query, etags = [], "", set()
        while query is not None:
            page = gateway.known("/bandwidths?page_size=7" + query, **more)
            seen += ids(page)
            etags.add(page.headers["ETag"])
            gateway.bought(LEGACY.order()) if not query and not more else None
            token = page.json["next_page_token"]
            query = f"&page_token={token}" if token else None
        assert seen == expected and len(etags) == 1
        expected = ids(gateway.get("/bandwidths?page_size=1000"))


def read(gateway, action):
    """How often this gateway has asked the vendors so."""
    lines = gateway.get("/metrics").body.decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines
               if line.startswith("bwgw_upstream_requests_total") and f'"{action}"' in line)


@pytest.mark.skipif(os.environ.get("BWGW_LEDGER") != "postgresql", reason="two gateways need a server for their ledger")
def test_one_of_two_gateways_asks_the_vendor_and_both_know(start, sandbox, ledger_for, tmp_path_factory):
    ledger = ledger_for(tmp_path_factory.mktemp("shared"))
    one, two = [start(ledger=ledger, inventory=QUICK) for _ in range(2)]
    before = [read(gateway, CRB.list) for gateway in (one, two)]
    wait_for("refreshes", lambda: read(one, CRB.list) >= before[0] + 10)
    assert read(two, CRB.list) == before[1]
    sandbox.control("POST", "/seed", brand="zenlayer", count=3)
    for gateway in (one, two):
        wait_for("the change", lambda: len(ids(gateway.known("/bandwidths"))) == 3)
    assert one.known("/bandwidths").headers["ETag"] == two.known("/bandwidths").headers["ETag"]
    assert read(two, CRB.list) == before[1]
    bought = two.bought(CRB.order())
    wait_for("the other's write", lambda: bought["id"] in ids(one.known("/bandwidths")))
    one.kill()
    sandbox.control("POST", "/seed", brand="zenlayer", count=2)
    wait_for("the takeover", lambda: len(ids(two.known("/bandwidths"))) == 6)
