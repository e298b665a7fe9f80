"""Ended, killed and started again: what was begun is finished, and bought once."""

import http.client
import signal
import threading

from conftest import FAST
from processes import SECONDS, slug, wait_for
from products import LEGACY


def test_sigterm_lets_a_purchase_finish_and_takes_no_other(start, sandbox):
    gateway = start()
    sandbox.fault("scloud", LEGACY.create, "slow_after", delay_ms=900)
    answers = []
    buyer = threading.Thread(target=lambda: answers.append(gateway.buy(LEGACY.order(), "the-key")))
    kept = [http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS) for _ in range(2)]
    for connection in kept:
        assert gateway.request("GET", "/readyz", connection=connection).status == 200
    buyer.start()
    wait_for("the purchase", lambda: sandbox.purchases("scloud"))
    gateway.process.send_signal(signal.SIGTERM)

    def ask(connection):
        try:
            return gateway.request("GET", "/readyz", connection=connection)
        except (http.client.HTTPException, OSError):
            return None  # closed: it was idle

    def told(connection):
        answer = ask(connection)
        if answer and answer.status == 503:
            assert (slug(answer), answer.headers["Connection"]) == ("unavailable", "close")
        return not answer or answer.status == 503
    for connection in kept:
        wait_for("the drain", lambda: told(connection))
    buyer.join()
    assert gateway.process.wait(SECONDS) == 0
    assert (answers[0].status, answers[0].headers["Connection"]) == (201, "close")
    assert {"draining", "ended"} <= {event["message"] for event in gateway.events()}
    gateway.start()
    operation = gateway.settled(gateway.operations()[0]["id"])
    assert operation["bandwidth_id"] == answers[0].json["id"]
    assert gateway.buy(LEGACY.order(), "the-key").headers["Idempotency-Replayed"] == "true"
    assert len(sandbox.purchases("scloud")) == 1
    for connection in kept:
        connection.close()


def test_sigterm_does_not_wait_for_what_only_has_to_be_observed(start, sandbox):
    gateway = start()
    sandbox.behave("scloud", visible_after_ms=3_600_000)
    bought = gateway.buy(LEGACY.order())
    assert bought.status == 201
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(SECONDS) == 0
    sandbox.control("POST", "/clock", advance_ms=3_600_000)
    gateway.start()
    gateway.settled(gateway.operations()[0]["id"])
    assert gateway.get(bought.headers["Location"]).json["state"] == "active"


def test_sigterm_leaves_what_does_not_end_to_the_next_start(start, sandbox):
    gateway = start(drain="500ms", deadlines={"write": "60s"}, purchase=FAST["purchase"] | {"settle_window": "61s"})
    sandbox.fault("scloud", LEGACY.create, "hang_after")
    accepted = gateway.buy(LEGACY.order(), prefer="respond-async")
    wait_for("the purchase", lambda: sandbox.purchases("scloud"))
    gateway.process.send_signal(signal.SIGTERM)
    assert gateway.process.wait(SECONDS) == 0
    gateway.change({"deadlines": FAST["deadlines"], "purchase": FAST["purchase"]})
    gateway.start()
    gateway.settled(accepted.json["id"])
    assert len(sandbox.purchases("scloud")) == 1


def test_a_purchase_survives_kill_9_and_is_not_sent_again(start, sandbox, product):
    gateway = start(deadlines={"write": "30s"}, purchase=FAST["purchase"] | {"settle_window": "31s"})
    sandbox.fault(product.brand, product.create, "hang_after")
    accepted = gateway.buy(product.order(), "the-key", "respond-async")
    assert accepted.status == 202
    wait_for("the purchase", lambda: sandbox.purchases(product.brand))
    gateway.kill()
    gateway.change({"deadlines": FAST["deadlines"], "purchase": FAST["purchase"]})
    gateway.start()
    operation = gateway.settled(accepted.json["id"])
    [purchase] = sandbox.purchases(product.brand)
    assert gateway.get("/bandwidths/" + operation["bandwidth_id"]).json["provider_resource_id"] == purchase["native_id"]
    replay = gateway.buy(product.order(), "the-key")
    assert (replay.status, replay.headers["Idempotency-Replayed"]) == (201, "true")
    assert len(sandbox.requests(product.brand, product.create)) == 1


def test_kill_9_before_anything_was_sent_leaves_the_key_free(start, sandbox):
    gateway = start()
    sandbox.fault("scloud", LEGACY.list, "hang", times=-1)
    accepted = gateway.buy(LEGACY.order(), "the-key", "respond-async")
    assert accepted.json["state"] == "accepted"
    gateway.kill()
    sandbox.heal()
    gateway.start()
    operation = gateway.ended(accepted.json["id"])
    assert (operation["state"], operation["outcome"], operation["attempts"]) == ("failed", "none", 0)
    assert gateway.buy(LEGACY.order(), "the-key").status == 201
    gateway.settled(gateway.operations()[0]["id"])
    assert len(sandbox.purchases("scloud")) == 1
