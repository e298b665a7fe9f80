"""Our own disk or database fails: nothing is sent that could not be kept, reads go on, it heals without a restart."""

import contextlib
import datetime
import os
import subprocess
import threading
import uuid

import pytest

import matrix
import products
from lanes import at_once
from postgres import Wire
from processes import Sandbox, slug, wait_for
from products import CRB, EIP, LEGACY, PRODUCTS, SIMPLE
from protocol import Run, expect
from world import BRANDS, FAST, ChaosGateway, World

FAILURES = ("full", "sync-fails", "write-fails", "torn", "read-only")
BREAKS = ("accept-commit.before", "intent-commit.before", "intent-commit.written", "intent-commit.after",
          "vendor-reply.after", "reply-commit.before", "reply-commit.after", "settle-commit.before")


# A frozen server is given up only after seconds, and a caller who reads shall have some left.
PATIENT = {"deadlines": {"read": "15s", "write": "1s"}}


class Shop:
    """A world with something bought of every product, so that there is something to read, to resize and to release."""

    def __init__(self, world):
        self.world, self.gateway, self.vendors = world, world.gateway, world.vendors
        self.bought = {}
        for product in PRODUCTS:
            answer = self.gateway.buy(product.order(), "first-" + product.name)
            assert answer.status == 201, answer
            self.bought[product.name] = answer.json["id"]
        self.world.quiet()

    def sent(self):
        """Every write that a vendor was asked for."""
        return [request for brand in BRANDS for request in self.vendors.requests(brand)
                if request["action"] in {name for product in PRODUCTS
                                         for name in (product.create, product.resize, product.release)}]

    def expect_refusal(self):
        """Nothing is sent, and callers are told so; what can be known is known."""
        before = self.sent()
        refused = [self.gateway.buy(product.order(1), "later-" + product.name) for product in PRODUCTS]
        refused.append(self.gateway.patch("/bandwidths/" + self.bought["crb"], {"bandwidth_mbps": 20}))
        refused.append(self.gateway.delete("/bandwidths/" + self.bought["eip"]))
        for answer in refused:
            assert (answer.status, slug(answer)) == (503, "unavailable"), answer
            assert (answer.json["outcome"], answer.json["retryable"]) == ("none", True), answer
        assert self.sent() == before
        wait_for("unreadiness", lambda: self.gateway.get("/readyz").status == 503)
        assert self.gateway.get("/healthz").status == 200
        self.expect_reads()

    def expect_reads(self):
        listed = self.gateway.get("/bandwidths")
        assert listed.status == 200, listed
        assert {row["id"] for row in listed.json["items"]} >= set(self.bought.values())
        for identifier in self.bought.values():
            one = self.gateway.get("/bandwidths/" + identifier)
            assert (one.status, one.json["id"]) == (200, identifier)

    def expect_recovery(self):
        """Without a restart; and what was refused can be had with the same key."""
        wait_for("readiness", lambda: self.gateway.get("/readyz").status == 200)
        for product in PRODUCTS:
            answer = self.gateway.buy(product.order(1), "later-" + product.name)
            assert answer.status == 201, answer
        assert self.gateway.patch("/bandwidths/" + self.bought["crb"], {"bandwidth_mbps": 20}).status in (200, 202)
        assert self.gateway.delete("/bandwidths/" + self.bought["eip"]).status in (202, 204)
        operations = self.world.quiet()
        assert {one["state"] for one in operations} <= {"settled", "failed"}, operations
        assert [len(self.vendors.purchases(brand)) for brand in BRANDS] == [4, 2, 2]
        assert len(self.sent()) == 10
        assert sum(len(self.world.listed(brand)) for brand in BRANDS) == 7
        assert not self.gateway.died()


class Breaking(Run):
    """A case in which the ledger fails at a step, for a while, and the gateway lives on."""

    def __init__(self, world, case, spoil, heal):
        super().__init__(world, case)
        self.spoil, self.heal = spoil, heal

    def write_and_die(self):
        self.spoil(self.case.step)
        told = self.write(lambda *request: self.gateway.request(*request[:3], request[3] | {"Prefer": "wait=2"}))
        return told

    def take_over(self):
        self.heal()
        wait_for("readiness", lambda: self.gateway.get("/readyz").status == 200)
        assert not self.gateway.died()


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    """A world for each product."""
    with contextlib.ExitStack() as open_worlds:
        yield [(product, open_worlds.enter_context(World(tmp_path_factory.mktemp("disk-" + product.name), None)))
               for product in PRODUCTS]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_disk_that_fails_stops_writes_and_nothing_else(tmp_path, failure):
    with World(tmp_path, None) as world:
        shop = Shop(world)
        world.shim.disk(failure)
        shop.expect_refusal()
        world.shim.disk("well")
        shop.expect_recovery()


def test_a_disk_that_cannot_be_read_stops_writes_and_nothing_else(tmp_path):
    with World(tmp_path, None) as world:
        shop = Shop(world)
        world.shim.disk("reads-fail")
        shop.expect_reads()
        world.shim.disk("well")
        shop.expect_recovery()


def test_a_disk_that_takes_half_of_every_write_is_coped_with(tmp_path):
    with World(tmp_path, None) as world:
        world.shim.disk("short")
        shop = Shop(world)
        shop.expect_reads()
        shop.expect_recovery()


@pytest.mark.parametrize("failure", FAILURES)
def test_a_disk_that_fails_in_the_middle_of_a_purchase_leaves_the_truth(disks, failure):
    at_once([lambda product=product, world=world: fail_at_every_step(world, product, failure)
             for product, world in disks])


def fail_at_every_step(world, product, failure):
    for step in BREAKS:
        def heal(step=step):
            reached = world.wait_until(lambda: world.shim.reached)
            world.shim.disk("well")
            expect(reached, "the step is reached", step)
        case = matrix.Case("buy", product, matrix.NONE, f"{step}-{failure}")
        Breaking(world, case, lambda _, step=step: world.watch(step, failure), heal).run()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], stderr=subprocess.DEVNULL)
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_disk_that_is_really_full_stops_writes_and_nothing_else(small_disk, tmp_path):
    with World(tmp_path / "world", f"sqlite:{small_disk}/ledger.db") as world:
        shop = Shop(world)
        filler = small_disk / "filler"
        with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert os.statvfs(small_disk).f_bavail == 0
        wait_for("a refusal", lambda: world.gateway.get("/readyz").status == 503)
        shop.expect_refusal()
        filler.unlink()
        shop.expect_recovery()


# -- PostgreSQL ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_database_that_stops_stops_writes_and_nothing_else(server, tmp_path, how):
    with World(tmp_path, server.database("stopped_" + how)) as world:
        shop = Shop(world)
        server.stop(how)
        try:
            shop.expect_refusal()
        finally:
            server.start()
        shop.expect_recovery()


def test_a_database_that_restarts_between_two_writes_is_not_noticed(server, tmp_path):
    with World(tmp_path, server.database("restarted")) as world:
        shop = Shop(world)
        server.stop()
        server.start()
        shop.expect_reads()
        shop.expect_recovery()


def test_a_database_that_freezes_stops_writes_and_nothing_else(server, tmp_path):
    with World(tmp_path, server.database("frozen"), **PATIENT) as world:
        shop = Shop(world)
        with server.frozen():
            shop.expect_refusal()
        shop.expect_recovery()


@pytest.fixture
def wired(server, tmp_path):
    """Makes worlds whose database is reached by a wire."""
    with contextlib.ExitStack() as made:
        def make(name):
            wire = Wire(server.port)
            made.callback(wire.stop)
            database = f"wired_{uuid.uuid4().hex[:8]}"
            server.database(database)
            return made.enter_context(World(tmp_path / name, server.of(database, wire.port), **PATIENT)), wire
        yield make


@pytest.mark.parametrize("condition", ["cut", "frozen"])
def test_a_database_out_of_reach_stops_writes_and_nothing_else(wired, condition):
    world, wire = wired("world")
    shop = Shop(world)
    wire.set(condition)
    shop.expect_refusal()
    wire.set("well")
    shop.expect_recovery()


def test_a_database_that_freezes_holds_up_no_large_listing(server, tmp_path):
    """More accounts than the ledger has threads, each with more rows than a worker merges by itself."""
    names = [f"zenlayer-{i}" for i in range(20)]
    with contextlib.ExitStack() as running:
        vendors = Sandbox(products.BRANDS, tmp_path)
        running.callback(vendors.stop)
        vendors.control("POST", "/seed", brand="zenlayer", count=1100)
        gateway = ChaosGateway(tmp_path, FAST | {
            "ledger": server.database("large"), "deadlines": {"read": "5s", "write": "1s"},
            "providers": [products.zenlayer(vendors.port, name) for name in names]})
        running.callback(gateway.stop)
        with server.frozen():
            wait_for("unreadiness", lambda: gateway.get("/readyz").status == 503)
            asked = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            listed = gateway.list("?page_size=1")
            assert [one["provider"] for one in listed["sources"]] == names
            for source in listed["sources"]:  # just read; only the ledger could not be asked
                assert source["as_of"] >= asked, source
                assert source["problem"]["type"] == "/problems/unavailable", source
        wait_for("recovery", lambda: gateway.get("/readyz").status == 200 and gateway.list("?page_size=1")["complete"])


@pytest.mark.parametrize("condition", ["cut", "frozen"])
def test_a_database_lost_in_the_middle_of_a_purchase_leaves_the_truth(wired, condition):
    worlds = [(product, *wired(product.name)) for product in PRODUCTS]
    at_once([lambda product=product, world=world, wire=wire: lose_at_every_step(world, wire, product, condition)
             for product, world, wire in worlds])


def lose_at_every_step(world, wire, product, condition):
    for step in BREAKS:
        case = matrix.Case("buy", product, matrix.NONE, f"{step}-{condition}")
        watcher = threading.Thread(target=lambda step=step: (
            world.wait_until(lambda: step in world.shim.trace(), pause=0.0005) and wire.set(condition)))

        def spoil(_, watcher=watcher):
            world.watch()
            watcher.start()

        def heal(watcher=watcher, step=step):
            watcher.join()
            expect(wire.condition == condition, "the step is reached", step)
            wire.set("well")
        Breaking(world, case, spoil, heal).run()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("word", ["accepted", "sent", "observing", "settled"])
@pytest.mark.parametrize("product", [LEGACY, SIMPLE, EIP, CRB], ids=lambda product: product.name)
def test_a_connection_cut_in_the_middle_of_a_transaction_leaves_the_truth(wired, product, word, when):
    world, wire = wired("world")
    case = matrix.Case("buy", product, matrix.NONE, f"{word}-{when}")
    told = Breaking(world, case, lambda _: (world.watch(), wire.cut_when(word.encode(), when)), lambda: None)
    told.run()
    assert wire.cut_at is None, "it was cut"
