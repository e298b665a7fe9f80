"""Ways to break the protocol on purpose: what is replaced, by what, and which proof must notice.

A text must occur exactly once in its file: when the code has moved on, the mutant must be thought of anew.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    proof: str = "simulation"


ORDERS = "gateway/orders/"
MUTANTS = [
    Mutant("the intent is not recorded before the send", ORDERS + "steps.cpp",
           "    const auto began = loop_.now();\n    auto durable = co_await record(flight);",
           "    const auto began = loop_.now();\n    Result<void> durable;"),
    Mutant("a write is repeated when its answer is unclear", ORDERS + "purchase.cpp",
           "    auto reply = co_await fleet_.create(writing(*flight), operation.provider, std::move(order));",
           "    auto reply = co_await fleet_.create(writing(*flight), operation.provider, order);\n"
           "    if (!reply) reply = co_await fleet_.create(writing(*flight), operation.provider, std::move(order));"),
    Mutant("any row of the pair is adopted", ORDERS + "placed.cpp",
           "        if (!same_place(order, row) || row.bandwidth != Mbps::of(order.bandwidth_mbps)) return false;",
           "        if (same_place(order, row)) return true;"),
    Mutant("an old driver may still record", "gateway/ledger/sql_ledger.cpp",
           "SET {} WHERE id = :id AND fence = :fence\"", "SET {} WHERE id = :id AND fence >= :fence - fence\""),
    Mutant("what nobody drives is taken over without its fence", ORDERS + "attend.cpp",
           "            loop_, desk_.pool, [&] { return desk_.ledger.claim(orphan, desk_.lease.owner()); });\n        if (claimed) {",
           "            loop_, desk_.pool, [&] { return Result<Operation>(orphan); });\n        if (claimed) {"),
    Mutant("a process that stood still sends what it had in mind", ORDERS + "steps.cpp",
           "    if (durable && awake && desk_.lease.held(began, loop_.now())) {",
           "    (void)began;\n    (void)awake;\n    if (durable) {"),
    Mutant("a refusal is told before it is recorded", ORDERS + "steps.cpp",
           "recorded.failure().slug == Slug::unavailable && !flight->intended) {",
           "recorded.failure().slug == Slug::unavailable) {"),
    Mutant("a COMMIT whose answer was lost is forgotten", ORDERS + "orders.cpp",
           "loop_.spawn(take_back(", "loop_.spawn(withdraw("),
    Mutant("the first row of the size is adopted where nothing marks it", ORDERS + "purchase.cpp",
           "        const bool sure = product->safety != PurchaseSafety::none || !operation.target.native_id.empty();",
           "        const bool sure = true;"),
    Mutant("a purchase is settled before it is observed", ORDERS + "purchase.cpp",
           "        flight->observed = as_ordered(operation, fleet_);\n",
           "        flight->observed = as_ordered(operation, fleet_);\n"
           "        co_return (co_await settle(flight)) ? Result<bool>(true) : Result<bool>(false);\n"),
    Mutant("the settle window is ignored", ORDERS + "looking.cpp",
           "    return loop_.now() >= flight.watched + pace_.settle_window;",
           "    return loop_.now() >= flight.watched;"),
    Mutant("one listing is enough for a second send", ORDERS + "looking.cpp",
           "constexpr int kLateLooks = 2;", "constexpr int kLateLooks = 1;"),
    Mutant("a part of a listing counts as the whole", ORDERS + "purchase.cpp",
           "        if (late && whole) ++flight->late_looks;", "        if (late) ++flight->late_looks;"),
    Mutant("every class is sent a second time", ORDERS + "purchase.cpp",
           "            if (product->safety != PurchaseSafety::natural_key || !operation.target.native_id.empty())\n"
           "                co_return co_await give_up(flight);\n", ""),
    Mutant("a refused second send means that nothing was bought", ORDERS + "purchase.cpp",
           "    if (surely_not && operation.attempts == 1) {", "    if (surely_not) {"),
    Mutant("two purchases of a pair do not exclude each other", ORDERS + "orders.cpp",
           "    operation.lock_key = natural_key(operation.provider, order);\n", ""),
    Mutant("an unclear answer is a failure", ORDERS + "purchase.cpp",
           "    const bool surely_not = !reply && reply.failure().outcome == Outcome::none;",
           "    const bool surely_not = !reply;"),
    Mutant("SQLite does not wait for the disk", "gateway/ledger/sqlite_engine.cpp",
           "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF", "durability"),
    Mutant("PostgreSQL does not wait for the disk", "gateway/ledger/postgres_engine.cpp",
           "-c synchronous_commit=on", "-c synchronous_commit=off", "durability"),
]
