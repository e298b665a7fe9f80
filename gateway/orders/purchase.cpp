#include <algorithm>

#include "gateway/orders/flight.h"
#include "gateway/orders/natural_key.h"
#include "gateway/orders/placed.h"

namespace bwgw::orders {
namespace {

using ledger::Operation;
using ledger::OperationState;

Query of_the_same_scope(const Operation& operation) {
    return {.product = operation.target.product, .scope = operation.target.scope};
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
    (void)co_await record_surely(flight);
    if (!operation.target.native_id.empty()) {
        flight->observed = as_ordered(operation, fleet_);
        flight->answerable.set();
    }
    co_return co_await observe_purchase(flight);
}

Task<void> Orders::observe_purchase(FlightPtr flight) {
    Operation& operation = flight->operation;
    const auto asked = asked_of(operation, fleet_.crosswalk());
    const auto* profile = fleet_.profile(operation.provider);
    const auto* product = profile ? profile->product(operation.target.product) : nullptr;
    if (!product) co_return Result<void>{};  // no longer configured: stays open until it is again

    for (;;) {
        auto listing =
            co_await fleet_.list(reading(*flight), operation.provider, of_the_same_scope(operation));
        const Bandwidth* row = nullptr;
        bool ambiguous = false;
        if (listing && !operation.target.native_id.empty()) {
            const auto found = std::find_if(listing->items.begin(), listing->items.end(),
                                            [&](const auto& item) { return item.ref == operation.target; });
            if (found != listing->items.end()) row = &*found;
        } else if (listing && listing->complete()) {
            const auto match =
                bought_row(operation, asked.order, product->safety, listing->items, pace_.clock_slack);
            row = match.row;
            ambiguous = match.ambiguous;
        }
        if (listing && listing->complete()) ++flight->complete_looks;
        if (ambiguous) break;
        if (row && row->state == State::failed)
            co_return co_await fail(flight,
                                    {.slug = Slug::conflict,
                                     .detail = "the provider took the order and failed to provide it",
                                     .provider = operation.provider,
                                     .bandwidth_id = BandwidthId{operation.provider, row->ref}.text()});
        if (row) {
            operation.target = row->ref;
            flight->observed = fleet::Entry{operation.provider, *row};
            co_return co_await settle(flight);
        }
        auto again = co_await pause(*flight);
        if (!again || !*again) break;
    }
    co_return co_await give_up(flight);
}

}  // namespace bwgw::orders
