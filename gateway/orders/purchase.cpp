#include <algorithm>

#include "gateway/orders/flight.h"
#include "gateway/orders/natural_key.h"
#include "gateway/orders/placed.h"

namespace bwgw::orders {
namespace {

using ledger::Operation;

constexpr int kMostSends = 2;  // the second only for the class natural key

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

const Failure* problem_of(const Result<Listing>& listing) {
    if (!listing) return &listing.failure();
    return listing->problem ? &*listing->problem : nullptr;
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
    if (const auto* row = holder(order, before->items, std::chrono::floor<std::chrono::seconds>(now())))
        co_return co_await fail(flight, held_by(operation, *row));
    for (const auto& row : before->items) operation.baseline.push_back(row.ref.native_id);

    auto sent = co_await send_purchase(flight, std::move(order));
    if (!sent) co_return std::move(sent).failure();
    if (!*sent) co_return co_await withdraw(flight);
    if (ledger::ended(operation.state)) co_return Result<void>{};
    co_return co_await observe_purchase(flight);
}

// One send, its reply recorded. False: nothing was sent.
Task<bool> Orders::send_purchase(FlightPtr flight, Order order) {
    Operation& operation = flight->operation;
    const auto sent_before = operation.sent_at;
    auto intended = co_await intend(flight);
    if (!intended || !*intended) co_return std::move(intended);
    auto reply = co_await fleet_.create(writing(*flight), operation.provider, std::move(order));
    const bool surely_not = !reply && reply.failure().outcome == Outcome::none;
    if (surely_not && operation.attempts == 1) {
        auto failed = co_await fail(flight, std::move(reply).failure());
        if (!failed) co_return std::move(failed).failure();
        co_return true;
    }
    const bool not_even_asked = surely_not && reply.failure().ours;
    take_reply(*flight, std::move(reply));  // a second send that was refused says nothing of the first
    if (not_even_asked) {                   // the second send is still to come
        --operation.attempts;
        operation.sent_at = sent_before;
    }
    if (auto kept = co_await record_surely(flight); !kept) co_return std::move(kept).failure();
    if (!operation.target.native_id.empty()) {
        desk_.unlisted.bought(operation);
        flight->observed = as_ordered(operation, fleet_);
        flight->answerable.set();
    }
    co_return true;
}

// The one second send: the vendor sells a pair once, the settle window has closed, and two complete listings
// begun after that lack it. False if the price has risen above what was allowed. Where our own limits let
// nobody be asked, it is looked for further, and then tried again.
Task<bool> Orders::send_again(FlightPtr flight, Asked asked) {
    flight->late_looks = 0;
    auto price = co_await within_price(reading(*flight), flight->operation.provider, asked.order,
                                       std::move(asked.max_price));
    if (!price) co_return price.failure().ours;
    auto sent = co_await send_purchase(flight, std::move(asked.order));
    if (!sent) co_return std::move(sent).failure();
    if (flight->operation.attempts == kMostSends) ++desk_.tally.sent_again;
    co_return true;
}

Task<void> Orders::observe_purchase(FlightPtr flight) {
    Operation& operation = flight->operation;
    const auto asked = asked_of(operation);
    const auto* product = fleet_.profile(operation.provider)->product(operation.target.product);

    for (;;) {
        const bool late = window_closed(*flight);
        const auto listing =
            co_await fleet_.list(reading(*flight), operation.provider, of_the_same_scope(operation));
        answered(operation.provider, problem_of(listing));
        const auto rows = listing ? listing->items : std::vector<Bandwidth>{};
        const bool whole = listing && listing->complete();
        const auto match =
            find_bought(operation, asked.order, product->safety, rows, whole, pace_.clock_slack);
        if (match.row) flight->candidates.insert(match.row->ref.native_id);
        if (match.ambiguous || flight->candidates.size() > 1) co_return co_await give_up(flight);
        if (late && whole) ++flight->late_looks;
        // Where only the difference tells, what shows first may be somebody else's.
        const bool sure = product->safety != PurchaseSafety::none || !operation.target.native_id.empty();
        if (match.row && (sure || looked_enough(*flight)))
            co_return co_await shown(flight, asked.order, *match.row);
        if (looked_enough(*flight)) {
            if (product->safety != PurchaseSafety::natural_key || !operation.target.native_id.empty())
                co_return co_await give_up(flight);
            // Where the vendor sells a pair once, another order's link there says that ours was refused.
            const auto* other = holder(asked.order, rows, std::chrono::floor<std::chrono::seconds>(now()));
            if (other && !other->marker.empty() && other->marker != operation.marker)
                co_return co_await fail(flight, held_by(operation, *other));
            if (other || operation.attempts >= kMostSends) co_return co_await give_up(flight);
            auto sent = co_await send_again(flight, asked);
            if (!sent) co_return std::move(sent).failure();
            if (!*sent) co_return co_await give_up(flight);
        }
        auto again = co_await pause(flight);
        if (!again || !*again) co_return Result<void>{};
    }
}

// The listing shows what was bought.
Task<void> Orders::shown(FlightPtr flight, Order order, Bandwidth row) {
    Operation& operation = flight->operation;
    operation.target = row.ref;
    if (row.state == State::failed) {  // whether it is charged for, nobody but a person can find out
        operation.outcome = Outcome::unknown;
        operation.problem = Failure{.slug = Slug::conflict,
                                    .detail = "the provider took the order and failed to provide it",
                                    .outcome = Outcome::unknown,
                                    .provider = operation.provider,
                                    .bandwidth_id = operation.bandwidth_id().value_or("")};
        co_return co_await give_up(flight);
    }
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
