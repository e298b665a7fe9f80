#include "gateway/orders/flight.h"
#include "gateway/orders/placed.h"

namespace bwgw::orders {
namespace {

using ledger::Operation;

BandwidthId id_of(const Operation& operation) {
    return {operation.provider, operation.target};
}

// A complete listing lacks it.
bool is_absent(const Result<fleet::Entry>& row) {
    return !row && row.failure().slug == Slug::not_found;
}

Wish price_of(const Operation& operation, const Change& change) {
    return PriceOfResize{operation.target, std::get<Resize>(change)};
}

}  // namespace

Task<void> Orders::amend(FlightPtr flight, Change change, std::optional<Money> max_price) {
    Operation& operation = flight->operation;
    if (max_price && std::holds_alternative<Resize>(change)) {
        auto price = co_await within_price(reading(*flight), operation.provider, price_of(operation, change),
                                           max_price);
        if (!price) co_return co_await fail(flight, std::move(price).failure());
    }
    auto intended = co_await intend(flight);
    if (!intended) co_return std::move(intended).failure();
    if (!*intended) co_return co_await withdraw(flight);
    auto reply = co_await fleet_.change(writing(*flight), id_of(operation), std::move(change));
    if (!reply && reply.failure().outcome == Outcome::none)
        co_return co_await fail(flight, std::move(reply).failure());
    take_reply(*flight, std::move(reply));
    if (auto kept = co_await record_surely(flight); !kept) co_return std::move(kept).failure();
    co_return co_await observe_change(flight);
}

// Re-read and compared with the target; never sent again.
Task<void> Orders::observe_change(FlightPtr flight) {
    const auto asked = asked_of(flight->operation);
    for (;;) {
        const bool late = window_closed(*flight);
        auto row = co_await fleet_.get(reading(*flight), id_of(flight->operation));
        const bool seen = row || is_absent(row);
        answered(flight->operation.provider, seen ? nullptr : &row.failure());
        if (late && seen) ++flight->late_looks;
        if (row && in_force(asked, row->bandwidth)) {
            flight->observed = std::move(*row);
            co_return co_await settle(flight);
        }
        if (looked_enough(*flight)) co_return co_await give_up(flight);
        auto again = co_await pause(flight);
        if (!again || !*again) co_return Result<void>{};
    }
}

Task<void> Orders::give_back(FlightPtr flight) {
    Operation& operation = flight->operation;
    // It is on its way already, and a second delete could free what the recycle bin would have kept.
    if (flight->current->bandwidth.state == State::deleting) co_return co_await observe_release(flight);
    if (flight->current->bandwidth.state == State::recycled)
        operation.baseline = {operation.target.native_id};
    auto intended = co_await intend(flight);
    if (!intended) co_return std::move(intended).failure();
    if (!*intended) co_return co_await withdraw(flight);
    auto reply = co_await fleet_.release(writing(*flight), id_of(operation));
    // "Not found" is what a second delete is told: the listing decides.
    const bool surely_not =
        !reply && reply.failure().outcome == Outcome::none && reply.failure().slug != Slug::not_found;
    if (surely_not) co_return co_await fail(flight, std::move(reply).failure());
    take_reply(*flight, std::move(reply));
    if (auto kept = co_await record_surely(flight); !kept) co_return std::move(kept).failure();
    co_return co_await observe_release(flight);
}

// Gone by its id, in a complete listing; or in the recycle bin, unless it was there before.
Task<void> Orders::observe_release(FlightPtr flight) {
    const bool was_recycled = !flight->operation.baseline.empty();
    for (;;) {
        const bool late = window_closed(*flight);
        auto row = co_await fleet_.get(reading(*flight), id_of(flight->operation));
        const bool absent = is_absent(row);
        answered(flight->operation.provider, row || absent ? nullptr : &row.failure());
        if (late && (row || absent)) ++flight->late_looks;
        if (absent || (row && row->bandwidth.state == State::recycled && !was_recycled))
            co_return co_await settle(flight);
        if (looked_enough(*flight)) co_return co_await give_up(flight);
        auto again = co_await pause(flight);
        if (!again || !*again) co_return Result<void>{};
    }
}

}  // namespace bwgw::orders
