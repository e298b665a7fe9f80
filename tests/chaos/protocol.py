"""One case, from the write to a world that is whole again; the promises are judged by the vendors' oracle."""

import contextlib
import http.client
import threading

from processes import slug
from world import BRANDS

TOLD_IN_MS = 150  # rows that must show up for the step to be reached do so then
LOOKS = 2         # of the gateway that has taken over, before hidden rows show up
AGAIN_S = 4       # longer than a settle window: what was not sent before has been sent by then


class Broken(AssertionError):
    """A promise is."""


def expect(true, promise, *seen):
    if not true:
        raise Broken(f"{promise}: {seen}" if seen else promise)


class Run:
    def __init__(self, world, case):
        self.world, self.case = world, case
        self.gateway, self.vendors = world.gateway, world.vendors
        self.brand, self.key = case.product.brand, case.name
        self.hidden = case.fault.hidden_ms > 0
        self.bought = None  # what is changed or released

    def run(self):
        self.prepare()
        told = self.write_and_die()
        self.take_over()
        operations = self.world.quiet()
        expect(len(operations) <= 1, "one request is one operation", operations)
        operation = operations[0] if operations else None
        self.vendors.heal()
        self.judge(told, operation)
        self.retry(operation)
        self.whole()

    # -- the write ----------------------------------------------------------------------------------------------

    def prepare(self):
        self.vendors.reset()
        if self.case.action != "buy":
            answer = self.gateway.buy(self.case.product.order(), "first-" + self.key)
            expect(answer.status == 201, "something to write to is bought", answer)
            self.world.quiet()
            self.bought = answer.json["id"]
        fault = self.case.fault
        if fault.armed:
            more = dict(fault.more)
            if "retcode" in fault.armed:
                more["code"] = self.case.product.unclear_code
            self.vendors.fault(self.brand, self.case.call, fault.armed, **more)
        if fault.knobs:
            self.vendors.behave(self.brand, **dict(fault.knobs))

    def write(self, ask):
        if self.case.action == "buy":
            return ask("POST", "/bandwidths", self.case.product.order(), {"Idempotency-Key": self.key})
        path = "/bandwidths/" + self.bought
        return ask("PATCH", path, {"bandwidth_mbps": 20}) if self.case.action == "resize" else ask("DELETE", path)

    def write_and_die(self):
        shim, case = self.world.shim, self.case
        self.world.watch(case.step)
        late = threading.Timer(TOLD_IN_MS / 1000, self.reveal)
        needs_rows = any(word in case.step for word in ("settle-commit", "answer"))
        if self.hidden and needs_rows:
            late.start()
        told = self.write(self.gateway.ask)

        def over():
            if shim.reached:
                return True
            with contextlib.suppress(OSError, http.client.HTTPException):  # it dies meanwhile
                return told is not None and self.world.ended()
        self.world.wait_until(over)
        late.cancel()
        expect(shim.reached, "the step is reached", case.step, told, shim.trace())
        self.gateway.process.wait()
        return told

    def reveal(self):
        self.vendors.control("POST", "/clock", advance_ms=self.case.fault.hidden_ms)
        self.hidden = False

    def take_over(self):
        seen = len(self.vendors.requests(self.brand, self.case.product.list))
        self.gateway.start()
        if not self.hidden:
            return
        self.world.wait_until(lambda: self.world.ended() or len(
            self.vendors.requests(self.brand, self.case.product.list)) >= seen + LOOKS)
        self.reveal()
        if not self.world.wait_until(self.world.ended, AGAIN_S):
            self.reveal()  # it has been bought only now

    # -- the promises --------------------------------------------------------------------------------------------

    def purchases(self):
        return self.vendors.purchases(self.brand)

    def executed(self):
        return sum(request["executed"] for request in self.vendors.requests(self.brand, self.case.call))

    def listed(self):
        return {row["provider_resource_id"]: row for row in self.world.listed(self.brand)}

    def took_effect(self):
        [purchase] = self.purchases()
        return purchase["released"] if self.case.action == "release" else purchase["bandwidth_now"] == 20

    def judge(self, told, operation):
        ran = self.executed()
        expect(ran <= 1, "the vendor executes it once", ran)
        expect(len(self.purchases()) <= 1, "nothing is bought twice", self.purchases())
        success = told is not None and told.status in (200, 201, 204)
        if success:
            expect(ran == 1, "who is told success has it", told)
        if told is not None and told.status >= 400:
            expect(ran == 0, "who is told a problem has nothing", told)
        if not ran:
            expect(not operation or operation["state"] != "settled", "what did not run is not settled", operation)
            return
        expect(operation is not None, "what ran is known")
        waits = operation["state"] == "needs_attention"
        expect(waits or operation["state"] == "settled", "what ran is settled, or a person is asked", operation)
        expect(not waits or self.case.fault.hidden_ms, "what the vendor shows is found without a person", operation)
        if self.case.action == "buy":
            [purchase] = self.purchases()
            rows = self.listed()
            expect(waits or purchase["native_id"] in rows, "what is bought is a resource", purchase, rows)
            if told is not None and told.status == 201:
                expect(told.json["provider_resource_id"] in (None, purchase["native_id"]), "the one told of", told)
        else:
            expect(self.took_effect(), "it took effect", self.purchases())

    def retry(self, operation):
        """The same request again: the operation's present answer; where it surely did not run, it runs now."""
        anew = operation is None or operation["state"] == "failed"
        answer = self.write(self.gateway.request)
        if operation is None:  # its COMMIT was lost, and may be being taken back just now
            answer = self.out_of_flight(answer)
        if operation and operation["state"] == "failed":
            problem = operation["problem"]
            expect(operation["outcome"] == "none" and problem["retryable"], "it may be retried", operation)
        if not anew:
            self.present(answer, operation)
        if operation and operation["state"] == "needs_attention":
            self.ask_a_person(operation)
            answer = self.write(self.gateway.request)
        expect(answer.status < 300 or answer.status == 404 and self.case.action == "release",
               "in the end the caller has it", answer)

    def out_of_flight(self, answer):
        """The answer once the first request is over: until then it is a conflict that says so."""
        answers = [answer]

        def over():
            if answers[-1].status != 409 or slug(answers[-1]) != "idempotency-key-in-flight":
                return True
            answers.append(self.write(self.gateway.request))
        expect(self.world.wait_until(over), "a request that was refused is over soon", answers[-1])
        return answers[-1]

    def present(self, answer, operation):
        if self.case.action != "buy":  # it has no key
            if operation["state"] == "needs_attention":
                expect(answer.status == 409 and answer.json["operation_id"] == operation["id"],
                       "the retry finds the operation", answer)
        elif operation["state"] == "needs_attention":
            expect(answer.status == 202 and answer.json["id"] == operation["id"], "the retry finds it", answer)
            expect(answer.headers["Idempotency-Replayed"] == "true", "and says so", answer)
        else:
            expect(answer.status == 201 and answer.json["id"] == operation["bandwidth_id"],
                   "the retry is answered with the purchase", answer)
            expect(answer.headers["Idempotency-Replayed"] == "true", "and says so", answer)

    def ask_a_person(self, operation):
        ran = self.executed() > 0
        word = {"outcome": "applied" if ran else "none"}
        if ran and self.case.action == "buy":
            word["provider_resource_id"] = self.purchases()[0]["native_id"]
        resolved = self.gateway.request("POST", f"/operations/{operation['id']}:resolve", word)
        expect(resolved.status == 200 and resolved.json["state"] == ("settled" if ran else "failed"),
               "a person's word ends it", resolved)

    def whole(self):
        """Exactly what was asked for is there, once, and nothing waits."""
        operations = self.world.quiet()
        expect(all(one["state"] in ("settled", "failed") for one in operations), "nothing stays open", operations)
        expect(self.executed() == 1, "in the end it ran once", self.executed(), operations)
        purchases, rows = self.purchases(), self.listed()
        expect(len(purchases) == 1, "there is one purchase", purchases)
        if self.case.action == "release":
            expect(purchases[0]["released"] and not rows, "and it is released", purchases, rows)
        else:
            expect(list(rows) == [purchases[0]["native_id"]], "and it is the one resource", purchases, rows)
        if self.case.action == "resize":
            expect(purchases[0]["bandwidth_now"] == 20, "and it is resized", purchases)
        others = [brand for brand in BRANDS if brand != self.brand and self.vendors.purchases(brand)]
        expect(not others, "no other vendor sold anything", others)
