"""Two gateways on one PostgreSQL: under load, dying in turn, and asked the same thing a hundred times at once."""

import base64
import copy
import itertools
import random
import threading
import time
import uuid

import pytest

import processes
import products
from lanes import at_once
from processes import Sandbox, wait_for
from products import CRB, EIP, LEGACY, SIMPLE
from world import BRANDS, FAST, ChaosGateway

SECONDS = 30         # of load
BETWEEN_DEATHS = 1.5
BUYERS = 12
NETWORKS = 4
KEPT = 0.03          # of what is bought; the rest is released and bought anew
DUPLICATES = 100
PATIENT = FAST["purchase"] | {"lease": "1s", "settle_window": "3s", "poll_most": "200ms"}


def many_brands():
    brands = copy.deepcopy(products.BRANDS)
    for brand in brands:
        regions = brand["ugns"][0]["regions"] if "ugns" in brand else brand["vpcs"][0]["regions"]
        if "ugns" in brand:
            brand["ugns"] = [{"id": f"ugn-{i}", "regions": regions} for i in range(NETWORKS)]
        else:
            brand["vpcs"] = [{"id": str(1100000000000000001 + i), "name": f"v{i}", "regions": regions}
                             for i in range(NETWORKS)]
        if "eips" in brand:
            brand["eips"] = [{"id": f"eip-{i}", "region": "hk", "ip": f"203.0.113.{i}"} for i in range(NETWORKS * 3)]
    return brands


def places():
    """Orders that do not stand in each other's way."""
    for i in range(NETWORKS):
        for a, b in itertools.combinations(LEGACY.ends, 2):
            yield LEGACY, LEGACY.order(network_id=f"ugn-{i}", region_a=a, region_b=b)
            yield SIMPLE, SIMPLE.order(network_id=f"ugn-{i}", region_a=a, region_b=b)
        for a, b in itertools.combinations(CRB.ends, 2):
            yield CRB, CRB.order(network_id=str(1100000000000000001 + i), region_a=a, region_b=b)
    for i in range(NETWORKS * 3):
        yield EIP, EIP.order(eip_id=f"eip-{i}", region="hk")


class Pair:
    def __init__(self, folder, ledger):
        self.vendors = Sandbox(many_brands(), folder)
        settings = FAST | {"purchase": PATIENT, "workers": 2, "ledger": ledger, "log_level": "info",
                           "edge": {"max_connections_per_address": 1000},
                           "providers": products.accounts(self.vendors.port)}
        self.gateways = []
        try:
            for name in ("one", "two"):
                (folder / name).mkdir()
                self.gateways.append(ChaosGateway(folder / name, settings))
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for gateway in self.gateways:
            gateway.stop()
        self.vendors.stop()

    def operations(self):
        """All of them."""
        found, token = [], ""
        while token is not None:
            page = self.gateways[0].get("/operations?page_size=1000" + (f"&page_token={token}" if token else ""))
            assert page.status == 200, page
            found += page.json["items"]
            token = page.json["next_page_token"]
        return found

    def quiet(self):
        wait_for("the end of all operations", lambda: processes.all_final(self.operations()))
        return self.operations()


@pytest.fixture
def pair(server, tmp_path):
    running = Pair(tmp_path, server.database("two_" + uuid.uuid4().hex[:8]))
    yield running
    running.stop()


class Buyer:
    """Buys, resizes and releases in one place after another, and asks again for ever, of either gateway."""

    def __init__(self, pair, places, seed):
        self.pair, self.places, self.random = pair, places, random.Random(seed)
        self.turn, self.until, self.held, self.complaints = 0, 0, {}, []
        self.cycles = self.answers = 0

    def ask(self, good, *request):
        """Until an answer is good. None: only a person can help, or it took too long."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.turn += 1
            answer = self.pair.gateways[self.turn % 2].ask(*request)
            if answer is None:
                time.sleep(0.05)
                continue
            self.answers += 1
            if answer.status in good:
                return answer
            if answer.status in (404, 422) or (answer.status == 400):
                self.complaints.append(f"{request}: {answer}")
                return None
            operation = answer.json["id"] if answer.status == 202 else answer.json.get("operation_id")
            if operation and self.waits(operation):
                return None
            time.sleep(0.02)
        self.complaints.append(f"{request}: no good answer in 60 s, the last one {answer}")
        return None

    def waits(self, operation):
        one = self.pair.gateways[self.turn % 2].ask("GET", f"/operations/{operation}")
        return one is not None and one.status == 200 and one.json["state"] == "needs_attention"

    def run(self):
        while self.places and time.monotonic() < self.until:
            place = self.places.pop(0)
            if self.cycle(*place):
                self.places.append(place)

    def cycle(self, product, order):
        key = uuid.uuid4().hex
        buying = ("POST", "/bandwidths", order, {"Idempotency-Key": key})
        bought = self.ask((201,), *buying)
        if bought is None:
            return False
        again = self.ask((201,), *buying)  # of the other one
        if again is None or again.json["id"] != bought.json["id"] or again.headers["Idempotency-Replayed"] != "true":
            self.complaints.append(f"another answer: {again}")
        path = "/bandwidths/" + bought.json["id"]
        if product.resize and not self.ask((200,), "PATCH", path, {"bandwidth_mbps": 20}):
            return False
        if self.random.random() < KEPT:
            return False
        self.cycles += 1
        return self.ask((204, 404), "DELETE", path) is not None


def test_two_gateways_that_die_in_turn_under_load_buy_nothing_twice(pair):
    shared = list(places())
    buyers = [Buyer(pair, shared[i::BUYERS], i) for i in range(BUYERS)]
    until = time.monotonic() + SECONDS
    threads = []
    for buyer in buyers:
        buyer.until = until
        threads.append(threading.Thread(target=buyer.run))
        threads[-1].start()
    deaths = 0
    while time.monotonic() < until:
        time.sleep(BETWEEN_DEATHS)
        victim = pair.gateways[deaths % 2]
        victim.kill()
        deaths += 1
        victim.start()
    for thread in threads:
        thread.join()
    assert not [complaint for buyer in buyers for complaint in buyer.complaints]
    assert deaths >= 10 and sum(buyer.cycles for buyer in buyers) >= 50

    operations = pair.quiet()
    expect_the_truth(pair, operations)
    print(f"{deaths} deaths, {len(operations)} operations, {sum(buyer.answers for buyer in buyers)} answers")


def expect_the_truth(pair, operations):
    """Every purchase belongs to one operation that says so or asks a person; then a person says, and all is whole."""
    purchases = {brand: pair.vendors.purchases(brand) for brand in BRANDS}
    by_place = {}
    for brand in BRANDS:
        for purchase in purchases[brand]:
            by_place.setdefault((brand, purchase["network"], tuple(sorted(purchase["regions"]))), []).append(purchase)
    for place, there in by_place.items():
        live = [purchase for purchase in there if not purchase["released"]]
        assert len(live) <= 1, f"two at a time in {place}: {live}"
    creates = [one for one in operations if one["type"] == "create"]
    settled = [one for one in creates if one["state"] == "settled"]
    waiting = [one for one in operations if one["state"] == "needs_attention"]
    bought = sum(len(purchases[brand]) for brand in BRANDS)
    assert len({one["bandwidth_id"] for one in settled}) == len(settled) <= bought
    assert bought <= len(settled) + sum(one["type"] == "create" for one in waiting)
    assert all(one["attempts"] <= 1 for one in creates if one["provider"] != "zenlayer")
    for one in waiting:
        resolve(pair, one, purchases)
    operations = pair.operations()
    assert not [one for one in operations if one["state"] == "needs_attention"]
    assert {(brand, purchase["native_id"]) for brand in BRANDS for purchase in purchases[brand]} == {
        (one["provider"], native_id(one["bandwidth_id"])) for one in operations
        if one["type"] == "create" and one["state"] == "settled"}
    live = {(brand, purchase["native_id"]) for brand in BRANDS for purchase in pair.vendors.purchases(brand)
            if not purchase["released"]}
    for gateway in pair.gateways:
        listed = gateway.get("/bandwidths?page_size=1000")
        assert listed.json["complete"]
        assert {(row["provider"], row["provider_resource_id"]) for row in listed.json["items"]} == live


def native_id(bandwidth_id):
    return base64.urlsafe_b64decode(bandwidth_id + "==").decode().split("\0")[-1]


def resolve(pair, operation, purchases):
    """With the oracle's word."""
    gateway = pair.gateways[0]
    if operation["type"] != "create":
        answer = gateway.request("GET", "/bandwidths/" + operation["bandwidth_id"])
        ran = answer.status == 404 if operation["type"] == "release" else answer.json["bandwidth_mbps"] == 20
        word = {"outcome": "applied" if ran else "none"}
    else:
        order = operation["request"]
        network = order.get("network_id") or order["eip_id"]
        ends = sorted(order[end] for end in ("region_a", "region_b") if end in order)
        there = [purchase["native_id"] for purchase in purchases[operation["provider"]]
                 if purchase["network"] == network and (not ends or sorted(purchase["regions"]) == ends)]
        known = {one["bandwidth_id"] for one in pair.operations() if one["bandwidth_id"]}
        rows = gateway.get(f"/bandwidths?provider={operation['provider']}&page_size=1000").json["items"]
        ours = [row["provider_resource_id"] for row in rows
                if row["provider_resource_id"] in there and row["id"] not in known]
        word = {"outcome": "applied", "provider_resource_id": ours[0]} if ours else {"outcome": "none"}
    answer = gateway.request("POST", f"/operations/{operation['id']}:resolve", word)
    assert answer.status == 200, answer


@pytest.mark.parametrize("product", products.PRODUCTS, ids=lambda product: product.name)
def test_a_hundred_duplicates_at_once_are_one_purchase_and_one_answer(pair, product):
    operations = set()

    def insist(gateway):
        def ask():
            while True:
                answer = gateway.buy(dict(next(order for sold, order in places() if sold is product)), "the-key")
                if answer.status == 201:
                    return answer
                in_flight = answer.status == 409 and processes.slug(answer) == "idempotency-key-in-flight"
                assert answer.status == 202 or in_flight, answer
                assert answer.headers["Retry-After"], answer
                operations.add(answer.json["id"] if answer.status == 202 else answer.json["operation_id"])
                time.sleep(0.05)
        return ask
    answers = at_once([insist(pair.gateways[i % 2]) for i in range(DUPLICATES)])
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum(answer.headers["Idempotency-Replayed"] != "true" for answer in answers) <= 1
    assert len(pair.vendors.purchases(product.brand)) == 1
    assert len(pair.vendors.requests(product.brand, product.create)) == 1
    [operation] = pair.quiet()
    assert operation["state"] == "settled" and operations <= {operation["id"]}


@pytest.mark.parametrize("product", products.PRODUCTS, ids=lambda product: product.name)
def test_a_hundred_callers_with_their_own_keys_buy_one_place_once(pair, product):
    order = next(order for sold, order in places() if sold is product)
    answers = at_once([lambda i=i: pair.gateways[i % 2].buy(dict(order), f"key-{i}") for i in range(DUPLICATES)])
    bought = [answer for answer in answers if answer.status == 201]
    assert len(bought) == 1, answers
    for answer in answers:
        assert answer.status == 201 or (answer.status == 409 and processes.slug(answer) == "already-exists"), answer
    assert len(pair.vendors.purchases(product.brand)) == 1
    pair.quiet()
    again = pair.gateways[1].buy(dict(order), "another")
    assert (again.status, again.json["bandwidth_id"]) == (409, bought[0].json["id"])
