"""The cases: which step the gateway dies at, and what the vendor does to the write meanwhile. All of it is data."""

import dataclasses
import itertools

from products import EIP, PRODUCTS


def at(*names, when=("before", "after")):
    return tuple(f"{name}.{moment}" for name in names for moment in when)


def commit(name):
    """Before the first byte of it, after the last one, and after the store has said that it is durable."""
    return at(name, when=("before", "written", "after"))


# What comes to pass, in order. A step that is not in the path cannot be reached; one that is must be.
ACCEPTED = commit("accept-commit")
SENT = commit("intent-commit") + at("vendor-send")
REPLIED = at("vendor-reply", when=("after",))
KEPT = commit("reply-commit") + at("observe")
SETTLED = commit("settle-commit") + at("answer")
FAILED = commit("fail-commit") + at("answer")
ASKED = commit("attention-commit") + at("answer")
SECOND = tuple("second-" + step for step in SENT + REPLIED + KEPT + SETTLED)

DONE, LOST, SILENT, NEVER, REFUSED = "done", "lost", "silent", "never", "refused"
PATHS = {
    DONE: SENT + REPLIED + KEPT + SETTLED,
    LOST: SENT + REPLIED + KEPT + SETTLED,   # executed, and the reply does not say so
    SILENT: SENT + KEPT + SETTLED,           # executed, and no reply at all
    NEVER: SENT + REPLIED + KEPT + ASKED,    # not executed, and the reply does not say so
    REFUSED: SENT + REPLIED + FAILED,        # surely not executed
}


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    path: str
    armed: str = ""            # the sandbox's fault on the write
    more: tuple = ()
    knobs: tuple = ()          # the sandbox's behaviour meanwhile
    hidden_ms: int = 0         # by the vendors' clock


NONE = Fault("none", DONE)
RESET_AFTER = Fault("executed-then-reset", LOST, "reset_after")
RESET_BEFORE = Fault("reset", NEVER, "reset_before")
FAULTS = [
    NONE,
    RESET_AFTER,
    Fault("executed-then-hung", SILENT, "hang_after"),
    Fault("executed-then-502", LOST, "status_after", (("status", 502),)),
    Fault("502", NEVER, "status_before", (("status", 502),)),
    Fault("executed-then-broken-body", LOST, "broken_body_after"),
    Fault("unclear-code", NEVER, "retcode_before"),
    Fault("executed-then-unclear-code", LOST, "retcode_after"),
    Fault("invisible-for-30-s", DONE, hidden_ms=30_000, knobs=(("visible_after_ms", 30_000),)),
    Fault("throttled", REFUSED, "throttled"),
    Fault("duplicate-rows", DONE, knobs=(("duplicate_rows", 2),)),
    RESET_BEFORE,
]
FEWER = [NONE, RESET_AFTER, RESET_BEFORE]  # for resize and release


@dataclasses.dataclass(frozen=True)
class Case:
    action: str  # buy, resize, release
    product: object
    fault: Fault
    step: str

    @property
    def name(self):
        return f"{self.action}-{self.product.name}-{self.fault.name}-{self.step}"

    @property
    def call(self):
        """The vendor's name of the write."""
        return {"buy": self.product.create, "resize": self.product.resize, "release": self.product.release}[self.action]


def steps(action, product, fault):
    path = PATHS[fault.path]
    if action == "buy":
        resent = product.name == "crb" and fault.path == NEVER  # the one class that may be sent twice
        baseline = at("baseline")
        return ACCEPTED + baseline + (SENT + REPLIED + KEPT + SECOND if resent else path)
    return ACCEPTED + path


def cases(action, product):
    faults = FAULTS if action == "buy" else FEWER
    return [Case(action, product, fault, step) for fault in faults for step in steps(action, product, fault)]


def sold(action):
    return [product for product in PRODUCTS if not (action == "resize" and product is EIP)]


GROUPS = [(action, product) for action in ("buy", "resize", "release") for product in sold(action)]
EVERY = list(itertools.chain.from_iterable(cases(*group) for group in GROUPS))
