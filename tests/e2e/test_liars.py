"""Vendors that hang, flap, lie and send nonsense: what was known stays, nobody else suffers, and healing is enough."""

import re

import pytest

from processes import wait_for
from products import CRB, LEGACY, accounts

QUICK = {"refresh_least": "100ms", "refresh_most": "200ms", "deadline": "500ms"}
LISTINGS = {"scloud": LEGACY.list, "zenlayer": CRB.list}
ROWS = 7  # three pages of three
BREAKER = {"open_first": "100ms", "open_most": "200ms"}

FAULTS = {
    "hangs": {"fault": "hang"},
    "resets": {"fault": "reset"},
    "fails": {"fault": "status_before", "status": 500},
    "throttles": {"fault": "throttled"},
    "sends without end": {"fault": "huge_body", "size_bytes": 1 << 30},
    "sends deep JSON": {"fault": "deep_json", "depth": 100_000},
    "redirects": {"fault": "redirect", "location": "http://127.0.0.1:1/"},
    "sends a page for people": {"fault": "challenge"},
    "cuts its answer": {"fault": "cut_body"},
    "sends nothing": {"fault": "empty_body"},
    "fails on the second page": {"fault": "reset", "skip": 1},
}
LIES = {"says more than it shows": {"lie_total_count": 3}, "drops rows": {"drop_rows": 2}}
HABITS = {"shuffles": {"shuffle_rows": True}, "shuffles between pages": {"reshuffle_rows": True},
          "shows rows twice": {"duplicate_rows": 2}}


@pytest.fixture(params=LISTINGS)
def brand(request):
    return request.param


@pytest.fixture
def gateway(start, sandbox):
    for name in LISTINGS:
        sandbox.control("POST", "/seed", brand=name, count=ROWS)
    small = [account | {"page_size": 3, "breaker": BREAKER} for account in accounts(sandbox.port)]
    running = start(inventory=QUICK, providers=small)
    wait_for("the first readings", lambda: known(running)["complete"])
    return running


def known(gateway):
    answer = gateway.known("/bandwidths")
    assert answer.status == 200, answer
    return answer.json


def ids(known):
    return [row["id"] for row in known["items"]]


def status(known, name):
    return next(source["status"] for source in known["sources"] if source["provider"] == name)


def readings(gateway, brand):
    metrics = gateway.get("/metrics").body.decode()
    return sum(int(count) for count in
               re.findall(rf'^bwgw_inventory_refreshes_total{{provider="{brand}",.*}} (\d+)', metrics, re.MULTILINE))


def read_again(gateway, brand, times=2):
    before = readings(gateway, brand)
    wait_for("further readings", lambda: readings(gateway, brand) >= before + times)


@pytest.mark.parametrize("what", [*FAULTS, *LIES])
def test_a_vendor_that(gateway, sandbox, brand, what):
    before = ids(known(gateway))
    assert len(before) == 2 * ROWS
    if what in LIES:
        sandbox.behave(brand, **LIES[what])
    else:
        sandbox.fault(brand, LISTINGS[brand], FAULTS[what]["fault"], times=-1,
                      **{name: value for name, value in FAULTS[what].items() if name != "fault"})
    wait_for("the fault to be seen", lambda: status(known(gateway), brand) == "stale")
    read_again(gateway, brand)
    now = known(gateway)
    assert ids(now) == before and not now["complete"], "absence is not deletion"
    assert {source["status"] for source in now["sources"] if source["provider"] != brand} == {"fresh"}
    sandbox.heal()
    wait_for("recovery", lambda: known(gateway)["complete"])
    assert ids(known(gateway)) == before


@pytest.mark.parametrize("what", HABITS)
def test_of_a_vendor_that_nothing_is_lost_and_nothing_twice(gateway, sandbox, brand, what):
    before = ids(known(gateway))
    sandbox.behave(brand, **HABITS[what])
    for _ in range(5):
        read_again(gateway, brand, 1)
        assert ids(known(gateway)) == before
    sandbox.heal()
    read_again(gateway, brand)
    wait_for("a whole reading", lambda: known(gateway)["complete"])
    assert ids(known(gateway)) == before


def test_a_vendor_that_flaps_is_stale_and_fresh_by_turns_and_its_rows_stay(gateway, sandbox, brand):
    before = ids(known(gateway))
    for _ in range(3):
        sandbox.fault(brand, LISTINGS[brand], "status_before", status=503, times=-1)
        wait_for("the fault to be seen", lambda: status(known(gateway), brand) == "stale")
        sandbox.heal()
        wait_for("recovery", lambda: known(gateway)["complete"])
        assert ids(known(gateway)) == before
