"""What a kill cannot show: the ledger is on the disk before the vendor or the caller hears a thing."""

import pytest

import matrix
from protocol import Broken, Run, expect
from world import World

GROUPS = pytest.mark.parametrize("action, product", matrix.GROUPS,
                                 ids=[f"{action}-{product.name}" for action, product in matrix.GROUPS])
# What must be kept before an answer of that status leaves.
KEPT = {200: "settle-commit", 201: "reply-commit", 202: "accept-commit", 204: "settle-commit"}


def expect_in_order(trace, *steps):
    for earlier, later in zip(steps, steps[1:]):
        expect(earlier in trace, f"{earlier} comes to pass", trace)
        expect(later in trace, f"{later} comes to pass", trace)
        expect(trace.index(earlier) < trace.index(later), f"{earlier} comes before {later}", trace)


def write(world, action, product, prefer=None):
    """A write whose every step is in the trace; its answer."""
    run = Run(world, matrix.Case(action, product, matrix.NONE, ""))
    run.key += prefer or ""
    run.prepare()
    world.watch()
    answer = run.write(lambda method, path, body=None, headers=None: world.gateway.request(
        method, path, body, (headers or {}) | ({"Prefer": prefer} if prefer else {})))
    world.quiet()
    return answer


def expect_durable(world, answer):
    trace = world.shim.trace()
    expect_in_order(trace, "accept-commit.after", "intent-commit.after", "vendor-send.before")
    expect_in_order(trace, KEPT[answer.status] + ".after", "answer.before")


@pytest.fixture(scope="module")
def world(engine, request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("durable")
    ledger = request.getfixturevalue("server").database("durable") if engine == "postgresql" else None
    with World(folder, ledger) as world:
        yield world


@GROUPS
def test_the_ledger_is_synced_before_the_vendor_and_the_caller_hear(world, action, product):
    answer = write(world, action, product)
    assert answer.status in (200, 201, 204)
    expect_durable(world, answer)


@GROUPS
def test_and_so_for_a_caller_who_does_not_wait(world, action, product):
    answer = write(world, action, product, "respond-async")
    assert answer.status == 202
    expect_durable(world, answer)


def test_a_gateway_that_does_not_sync_would_be_seen(tmp_path):
    with World(tmp_path, None, prepare=lambda shim: shim.never_sync()) as world:
        for action, product in matrix.GROUPS:
            answer = write(world, action, product)
            with pytest.raises(Broken, match="accept-commit.after comes to pass"):
                expect_durable(world, answer)


NOTES = """
    CREATE TABLE noted (setting text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO noted VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
    CREATE TRIGGER note AFTER INSERT OR UPDATE ON operations FOR EACH ROW EXECUTE FUNCTION note();
"""


def test_postgresql_commits_synchronously_whatever_its_default_is(server, tmp_path):
    ledger = server.database("asynchronous")
    server.ask("ALTER DATABASE asynchronous SET synchronous_commit = off")
    assert server.ask("SHOW synchronous_commit", "asynchronous") == ["off"], "as any other session has it"
    assert server.ask("SHOW fsync") == server.ask("SHOW full_page_writes") == ["on"]
    with World(tmp_path, ledger) as world:
        server.ask(NOTES, "asynchronous")
        for action, product in matrix.GROUPS:
            write(world, action, product)
        settings = server.ask("SELECT setting, count(*) >= 40 FROM noted GROUP BY 1", "asynchronous")
        assert settings == ["on|t"], "in the transactions of the gateway itself"
        server.ask("UPDATE operations SET updated_at = updated_at", "asynchronous")
        assert server.ask("SELECT DISTINCT setting FROM noted ORDER BY 1", "asynchronous") == ["off", "on"], \
            "another would have been seen"
