#include <fmt/format.h>

#include <algorithm>

#include "gateway/orders/flight.h"

namespace bwgw::orders {
namespace {

using ledger::Operation;
using ledger::OperationState;

}  // namespace

Task<void> Orders::record(FlightPtr flight) {
    flight->operation.updated_at = now();
    Operation next = flight->operation;
    auto recorded = co_await loop::blocking(loop_, desk_.pool, [&] { return desk_.ledger.record(next); });
    if (recorded) flight->recorded = std::move(next);
    co_return std::move(recorded);
}

// What is known must not be lost to a ledger that fails for a moment: tried until it is kept. Only a gateway
// that is stopping leaves it, and then the record still says less, and whoever takes over looks. Fails when
// another process drives the operation: then this one is done with it.
Task<void> Orders::record_surely(FlightPtr flight) {
    auto between = pace_.poll_first;
    for (;;) {
        auto recorded = co_await record(flight);
        if (recorded) co_return std::move(recorded);
        if (recorded.failure().slug != Slug::unavailable) {
            auto regained = co_await regain(flight);
            if (regained && *regained) continue;
            if (regained || regained.failure().slug != Slug::unavailable) co_return std::move(recorded);
        }
        auto again = co_await loop::sleep_until(loop_, loop_.now() + between, stopping_.get_token());
        if (!again || !*again) {
            flight->answerable.set();
            co_return std::move(recorded);
        }
        between = std::min(between * 2, pace_.poll_most);
    }
}

// Another process took over. The vendor's own word, which only this one has, is worth more than what that one
// can find by looking, unless it has sent since; else what it has recorded is what is known.
Task<bool> Orders::regain(FlightPtr flight) {
    Operation& mine = flight->operation;
    auto row = co_await find(mine.id);
    if (!row) co_return std::move(row).failure();
    const bool named = row->target.native_id.empty() && !mine.target.native_id.empty();
    const bool refused = mine.state == OperationState::failed && row->attempts == mine.attempts;
    if (!ledger::ended(row->state) && (named || refused)) {
        auto claimed = co_await loop::blocking(loop_, desk_.pool,
                                               [&] { return desk_.ledger.claim(*row, desk_.lease.owner()); });
        if (claimed) {
            mine.fence = claimed->fence;
            mine.attempts = std::max(mine.attempts, claimed->attempts);
            co_return true;
        }
        if (claimed.failure().slug == Slug::unavailable) co_return std::move(claimed).failure();
    }
    flight->operation = flight->recorded = std::move(*row);
    flight->answerable.set();
    co_return false;
}

// True once the intent is durable: only then may the vendor be called. False: nothing may be sent, and the
// operation is as it was. Fails when another process drives it.
Task<bool> Orders::intend(FlightPtr flight) {
    Operation& operation = flight->operation;
    const auto state = operation.state;
    const auto sent_at = operation.sent_at;
    const auto outcome = operation.outcome;
    operation.state = OperationState::sent;
    operation.outcome = Outcome::unknown;
    operation.sent_at = now();
    ++operation.attempts;
    const auto began = loop_.now();
    auto durable = co_await record(flight);
    if (durable || durable.failure().outcome == Outcome::unknown) flight->intended = true;
    // A process that stood still meanwhile sends nothing late: somebody else may drive the write by now. A
    // machine that slept shows it on the wall clock only.
    const bool awake = now() - *operation.sent_at < desk_.lease.span();
    if (durable && awake && desk_.lease.held(began, loop_.now())) {
        flight->watched = loop_.now();
        co_return true;
    }
    operation.state = state;
    operation.outcome = outcome;
    operation.sent_at = sent_at;
    --operation.attempts;
    if (durable || durable.failure().slug == Slug::unavailable) co_return false;
    (void)co_await regain(flight);
    co_return std::move(durable).failure();
}

// Surely without effect. The caller is told once that is recorded, for a retry at once must find it so. A
// ledger that cannot record it is waited for only if it may hold the intent: whoever takes that over may send
// again.
Task<void> Orders::fail(FlightPtr flight, Failure problem) {
    problem.outcome = Outcome::none;
    flight->operation.state = OperationState::failed;
    flight->operation.outcome = Outcome::none;
    flight->operation.problem = std::move(problem);
    auto recorded = co_await record(flight);
    if (!recorded && recorded.failure().slug == Slug::unavailable && !flight->intended) {
        flight->recorded = flight->operation;
        flight->answerable.set();
    }
    if (!recorded) recorded = co_await record_surely(flight);
    if (recorded) desk_.unlisted.ended(flight->operation.id);
    flight->answerable.set();
    co_return std::move(recorded);
}

// Nothing was sent, for the ledger could not keep the intent.
Task<void> Orders::withdraw(FlightPtr flight) {
    return fail(std::move(flight), {.slug = Slug::unavailable,
                                    .detail = "the ledger cannot be used; nothing was sent",
                                    .retryable = true});
}

// A COMMIT whose answer was lost may still come: asked for again until it is there, or somebody else is.
Task<void> Orders::take_back(FlightPtr flight) {
    struct Counted {
        std::size_t& count;
        explicit Counted(std::size_t& of) : count(of) { ++count; }
        ~Counted() { --count; }
    };
    const Counted counted(taking_back_);
    auto between = pace_.poll_first;
    for (;;) {
        auto accepted = co_await loop::blocking(loop_, desk_.pool,
                                                [&] { return desk_.ledger.accept(flight->operation); });
        if (accepted && !accepted->replayed) co_return co_await withdraw(std::move(flight));
        if (accepted || accepted.failure().slug != Slug::unavailable) co_return Result<void>{};
        auto again = co_await loop::sleep_until(loop_, loop_.now() + between, stopping_.get_token());
        if (!again || !*again) co_return Result<void>{};
        between = std::min(between * 2, pace_.poll_most);
    }
}

// Observed: the end.
Task<void> Orders::settle(FlightPtr flight) {
    flight->operation.state = OperationState::settled;
    flight->operation.outcome = Outcome::applied;
    flight->operation.problem.reset();
    auto recorded = co_await record_surely(flight);
    if (recorded) desk_.unlisted.ended(flight->operation.id);
    flight->answerable.set();
    co_return std::move(recorded);
}

// Not decided by looking: a person must.
Task<void> Orders::give_up(FlightPtr flight) {
    flight->operation.state = OperationState::needs_attention;
    if (!flight->operation.problem)
        flight->operation.problem = Failure{.slug = Slug::unavailable,
                                            .detail =
                                                "the gateway ended before the provider's answer was "
                                                "recorded, and no listing tells what became of it",
                                            .outcome = flight->operation.outcome};
    auto recorded = co_await record_surely(flight);
    flight->answerable.set();
    co_return std::move(recorded);
}

void Orders::take_reply(Flight& flight, Result<Receipt> reply) {
    Operation& operation = flight.operation;
    flight.next_pause = {};
    if (reply) {
        operation.state = OperationState::observing;
        operation.outcome = Outcome::applied;
        operation.problem.reset();
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
    if (!price && price.failure().ours) co_return std::move(price).failure();
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
