#include <algorithm>

#include "gateway/orders/flight.h"
#include "gateway/orders/natural_key.h"
#include "gateway/orders/placed.h"

namespace bwgw::orders {
namespace {

using ledger::Operation;

Query of_the_same_scope(const Operation& operation) {
    return {.product = operation.target.product, .scope = operation.target.scope};
}

// By its id where the vendor has named it. A marker is proof in any listing; a difference only in a whole
// one.
Match find_bought(const Operation& operation, const Order& order, PurchaseSafety safety,
                  const std::vector<Bandwidth>& rows, bool whole, std::chrono::seconds clock_slack) {
    if (operation.target.native_id.empty())
        return whole || safety != PurchaseSafety::none
                   ? bought_row(operation, order, safety, rows, clock_slack)
                   : Match{};
    const auto found =
        std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.ref == operation.target; });
    return {found == rows.end() ? nullptr : &*found, false};
}

Failure held_by(const Operation& operation, const Bandwidth& row) {
    return {.slug = Slug::already_exists,
            .detail = "this is bought already; capacity grows by PATCH",
            .provider = operation.provider,
            .bandwidth_id = BandwidthId{operation.provider, row.ref}.text()};
}

}  // namespace

// accepted → baseline → intent → send → reply → observed → settled; each durable before the next.
Task<void> Orders::purchase(FlightPtr flight, Order order, std::optional<Money> max_price) {
    Operation& operation = flight->operation;
    if (auto price = co_await within_price(reading(*flight), operation.provider, order, max_price); !price)
        co_return co_await fail(flight, std::move(price).failure());

    auto before = co_await fleet_.list(reading(*flight), operation.provider, of_the_same_scope(operation));
    if (!before || before->problem)
        co_return co_await fail(flight, before ? std::move(*before->problem) : std::move(before).failure());
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (const auto* row = holder(order, before->items, now))
        co_return co_await fail(flight, held_by(operation, *row));
    for (const auto& row : before->items) operation.baseline.push_back(row.ref.native_id);

    auto intended = co_await intend(flight);
    if (!intended || !*intended) co_return Result<void>{};
    auto reply = co_await fleet_.create(writing(*flight), operation.provider, std::move(order));
    if (!reply && reply.failure().outcome == Outcome::none)
        co_return co_await fail(flight, std::move(reply).failure());
    take_reply(*flight, std::move(reply));
    auto recorded = co_await record_surely(flight);
    if (recorded && !operation.target.native_id.empty()) {
        flight->observed = as_ordered(operation, fleet_);
        flight->answerable.set();
    }
    co_return co_await observe_purchase(flight);
}

Task<void> Orders::observe_purchase(FlightPtr flight) {
    Operation& operation = flight->operation;
    const auto order = asked_of(operation).order;
    const auto* profile = fleet_.profile(operation.provider);
    const auto* product = profile ? profile->product(operation.target.product) : nullptr;
    if (!product) co_return Result<void>{};  // no longer configured: stays open until it is again

    for (;;) {
        const auto listing =
            co_await fleet_.list(reading(*flight), operation.provider, of_the_same_scope(operation));
        const auto rows = listing ? listing->items : std::vector<Bandwidth>{};
        const bool whole = listing && listing->complete();
        const auto match = find_bought(operation, order, product->safety, rows, whole, pace_.clock_slack);
        if (whole) ++flight->complete_looks;
        if (match.ambiguous) co_return co_await give_up(flight);
        if (match.row) co_return co_await shown(flight, order, *match.row);
        // Where the vendor sells a pair once, somebody else's link there says that ours was refused.
        const bool unique =
            product->safety == PurchaseSafety::natural_key && operation.target.native_id.empty();
        const auto* other =
            unique ? holder(order, rows, std::chrono::floor<std::chrono::seconds>(now())) : nullptr;
        if (other && other->marker != operation.marker)
            co_return co_await fail(flight, held_by(operation, *other));
        auto again = co_await pause(*flight);
        if (!again || !*again) co_return co_await give_up(flight);
    }
}

// The listing shows what was bought.
Task<void> Orders::shown(FlightPtr flight, Order order, Bandwidth row) {
    Operation& operation = flight->operation;
    operation.target = row.ref;
    if (row.state == State::failed)
        co_return co_await fail(flight, {.slug = Slug::conflict,
                                         .detail = "the provider took the order and failed to provide it",
                                         .provider = operation.provider,
                                         .bandwidth_id = operation.bandwidth_id().value_or("")});
    if (wrong_term(order, row)) {
        operation.outcome = Outcome::applied;
        operation.problem =
            Failure{.slug = Slug::provider_contract_violation,
                    .detail = "bought for another span than was ordered: see time_range_unit in the settings",
                    .outcome = Outcome::applied,
                    .provider = operation.provider};
        co_return co_await give_up(flight);
    }
    flight->observed = fleet::Entry{operation.provider, std::move(row)};
    co_return co_await settle(flight);
}

}  // namespace bwgw::orders
