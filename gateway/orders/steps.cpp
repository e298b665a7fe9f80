#include <fmt/format.h>

#include <algorithm>

#include "gateway/orders/flight.h"

namespace bwgw::orders {
namespace {

using ledger::Operation;
using ledger::OperationState;

}  // namespace

RequestContext Orders::reading(const Flight& flight) const {
    return {Deadline::in(pace_.read_deadline), flight.trace, {flight.operation.principal}, {}};
}

RequestContext Orders::writing(const Flight& flight) const {
    return {Deadline::in(pace_.write_deadline), flight.trace, {flight.operation.principal}, {}};
}

Task<void> Orders::record(FlightPtr flight) {
    Operation next = flight->operation;
    next.updated_at = now();
    auto recorded = co_await loop::blocking(loop_, pool_, [&] { return ledger_.record(next); });
    if (!recorded) co_return std::move(recorded).failure();
    flight->operation = std::move(*recorded);
    co_return Result<void>{};
}

// What the vendor has said must not be lost to a ledger that fails for a moment: tried until it is kept. Only
// a gateway that is stopping leaves it, and then the record still says `sent`, and the next start observes.
Task<void> Orders::record_surely(FlightPtr flight) {
    auto between = pace_.poll_first;
    for (;;) {
        auto recorded = co_await record(flight);
        if (recorded || recorded.failure().slug != Slug::unavailable) co_return std::move(recorded);
        auto again = co_await loop::sleep_until(loop_, std::chrono::steady_clock::now() + between,
                                                stopping_.get_token());
        if (!again || !*again) co_return std::move(recorded);
        between = std::min(between * 2, pace_.poll_most);
    }
}

// True once the intent is durable: only then may the vendor be called.
Task<bool> Orders::intend(FlightPtr flight) {
    flight->operation.state = OperationState::sent;
    flight->operation.sent_at = now();
    ++flight->operation.attempts;
    auto durable = co_await record(flight);
    if (durable) co_return true;
    --flight->operation.attempts;
    auto problem = std::move(durable).failure();
    problem.outcome = Outcome::none;
    (void)co_await fail(flight, std::move(problem));
    co_return false;
}

// Surely without effect. The caller is told once that is recorded, for a retry at once must find it so; or as
// soon as the ledger has failed to.
Task<void> Orders::fail(FlightPtr flight, Failure problem) {
    problem.outcome = Outcome::none;
    flight->operation.state = OperationState::failed;
    flight->operation.outcome = Outcome::none;
    flight->operation.problem = std::move(problem);
    auto recorded = co_await record(flight);
    flight->answerable.set();
    if (recorded) co_return Result<void>{};
    co_return co_await record_surely(flight);
}

// Observed: the end.
Task<void> Orders::settle(FlightPtr flight) {
    flight->operation.state = OperationState::settled;
    flight->operation.outcome = Outcome::applied;
    flight->operation.problem.reset();
    auto recorded = co_await record_surely(flight);
    flight->answerable.set();
    co_return std::move(recorded);
}

// Not decided by looking: a person must. When the gateway is stopping, the next start looks on.
Task<void> Orders::give_up(FlightPtr flight) {
    if (!stopping_.stop_requested()) {
        flight->operation.state = OperationState::needs_attention;
        (void)co_await record_surely(flight);
    }
    flight->answerable.set();
    co_return Result<void>{};
}

void Orders::take_reply(Flight& flight, Result<Receipt> reply) {
    Operation& operation = flight.operation;
    flight.next_pause = {};
    if (reply) {
        operation.state = OperationState::observing;
        operation.outcome = Outcome::applied;
        operation.order_number = reply->order_number;
        operation.provider_request_id = reply->request_id;
        if (!reply->native_id.empty()) operation.target.native_id = reply->native_id;
        return;
    }
    operation.state = OperationState::outcome_unknown;
    operation.outcome = Outcome::unknown;
    operation.problem = std::move(reply).failure();
    operation.problem->outcome = Outcome::unknown;
    if (operation.problem->provider_error)
        operation.provider_request_id = operation.problem->provider_error->request_id;
}

// Between two looks; false when the gateway is stopping, or the window has closed after at least two complete
// looks. A purchase that the vendor has named is certain, so it is looked for as long as it takes.
Task<bool> Orders::pause(Flight& flight) {
    const auto& operation = flight.operation;
    const bool certain =
        operation.type == ledger::OperationType::create && !operation.target.native_id.empty();
    const auto window_ends = operation.sent_at.value_or(operation.created_at) + pace_.settle_window;
    if (!certain && flight.complete_looks >= 2 && now() >= window_ends) co_return false;
    flight.next_pause = std::clamp(flight.next_pause * 2, pace_.poll_first, pace_.poll_most);
    co_return co_await loop::sleep_until(loop_, std::chrono::steady_clock::now() + flight.next_pause,
                                         stopping_.get_token());
}

// A vendor's price is for one unit of the term; what a caller bounds is the order's whole term.
Task<void> Orders::within_price(const RequestContext& context, std::string provider, Wish wish,
                                std::optional<Money> max_price) {
    if (!max_price) co_return Result<void>{};
    const auto* order = std::get_if<Order>(&wish);
    const std::int64_t count = order && order->billing.term ? order->billing.term->count : 1;
    const auto refused = [&](Slug slug, std::string detail) {
        return Failure{.slug = slug, .detail = std::move(detail), .provider = provider};
    };
    auto price = co_await fleet_.quote(context, provider, std::move(wish));
    if (!price)
        co_return refused(Slug::price_unavailable,
                          "max_price cannot be kept, for there is no price: " + price.failure().detail);
    const auto& [amount, currency] = price->amount;
    if (currency != max_price->currency)
        co_return refused(
            Slug::price_unavailable,
            fmt::format("max_price is in {}, this provider's price is in {}", max_price->currency, currency));
    const auto total = amount.times(Decimal::from_units(count * 1'000'000));
    if (!total || *total > max_price->amount)
        co_return refused(
            Slug::price_exceeded,
            fmt::format("the price is {} {} for one term, of which {} are ordered; max_price is {}",
                        amount.text(), currency, count, max_price->amount.text()));
    co_return Result<void>{};
}

}  // namespace bwgw::orders
