#include <algorithm>

#include "gateway/orders/flight.h"
#include "gateway/orders/placed.h"

namespace bwgw::orders {

using ledger::Operation;
using ledger::OperationState;
using ledger::OperationType;

Task<void> Orders::attend() {
    if (!desk_.lease.may_take_over(loop_.now())) co_return Result<void>{};
    // A claim whose answer was lost is made again, which waits for one that may still come: what is ours by
    // now, nobody else would drive.
    while (!unsure_.empty()) {
        const auto& orphan = unsure_.back();
        auto row = co_await loop::blocking(loop_, desk_.pool,
                                           [&] { return desk_.ledger.claim(orphan, desk_.lease.owner()); });
        if (!row && row.failure().slug == Slug::conflict) row = co_await find(orphan.id);
        if (!row && row.failure().slug == Slug::unavailable) co_return std::move(row).failure();
        const bool ours = row && row->owner == desk_.lease.owner() && row->fence == orphan.fence + 1;
        unsure_.pop_back();
        if (ours) drive(std::move(*row));
    }
    auto orphans = co_await loop::blocking(loop_, desk_.pool, [&] { return desk_.ledger.orphans(now()); });
    if (!orphans) co_return std::move(orphans).failure();
    for (const auto& orphan : *orphans) {
        // One of this process' own is driven, whatever became of its lease. One whose product is not
        // configured here waits until it is, or is another gateway's.
        const auto* profile = fleet_.profile(orphan.provider);
        if (orphan.owner == desk_.lease.owner() || !profile || !profile->product(orphan.target.product))
            continue;
        auto claimed = co_await loop::blocking(
            loop_, desk_.pool, [&] { return desk_.ledger.claim(orphan, desk_.lease.owner()); });
        if (claimed) {
            drive(std::move(*claimed));
        } else if (claimed.failure().slug == Slug::unavailable) {
            if (claimed.failure().outcome == Outcome::unknown) unsure_.push_back(orphan);
            co_return std::move(claimed).failure();
        }
    }
    co_return Result<void>{};
}

void Orders::drive(Operation claimed) {
    ++desk_.tally.taken_over;
    loop_.spawn(take_over(std::make_shared<Flight>(loop_, std::move(claimed), Trace{})));
}

// The record alone must do. Nothing is sent again but what `observe_purchase` may.
Task<void> Orders::take_over(FlightPtr flight) {
    const auto& operation = flight->operation;
    if (operation.state == OperationState::accepted)
        return fail(std::move(flight), {.slug = Slug::unavailable,
                                        .detail = "the gateway ended before anything was sent",
                                        .retryable = true});
    if (operation.type == OperationType::create) return observe_purchase(std::move(flight));
    if (operation.type == OperationType::change) return observe_change(std::move(flight));
    return observe_release(std::move(flight));
}

Task<Operation> Orders::resolve(const RequestContext& context, Operation operation, bool applied,
                                std::string native_id) {
    const bool stuck = operation.sent_at && !ledger::ended(operation.state) &&
                       now() >= *operation.sent_at + pace_.settle_window;
    if (operation.state != OperationState::needs_attention && !stuck)
        co_return Failure{.slug = Slug::conflict,
                          .detail =
                              "only an operation in needs_attention, or one that is open past the settle "
                              "window, waits for a person's word",
                          .operation_id = operation.id};
    if (!native_id.empty()) {
        auto target = operation.target;
        target.native_id = native_id;
        auto row = co_await fleet_.get(context, BandwidthId{operation.provider, std::move(target)});
        if (!row) co_return std::move(row).failure();
        const auto& before = operation.baseline;
        if (!same_place(asked_of(operation).order, row->bandwidth) ||
            std::find(before.begin(), before.end(), native_id) != before.end())
            co_return Failure{
                .slug = Slug::conflict,
                .detail = "that bandwidth is not what this operation ordered, or was there before it",
                .operation_id = operation.id};
    }
    // Of two persons one is heard.
    auto claimed = co_await loop::blocking(
        loop_, desk_.pool, [&] { return desk_.ledger.claim(operation, desk_.lease.owner()); });
    if (!claimed) co_return std::move(claimed).failure();
    if (claimed->sent_at != operation.sent_at) {  // sent once more since the person looked
        drive(std::move(*claimed));
        co_return Failure{.slug = Slug::conflict,
                          .detail = "the operation has moved on meanwhile",
                          .operation_id = operation.id};
    }
    operation = std::move(*claimed);
    if (!native_id.empty()) operation.target.native_id = std::move(native_id);
    operation.state = applied ? OperationState::settled : OperationState::failed;
    operation.outcome = applied ? Outcome::applied : Outcome::none;
    operation.problem.reset();
    if (!applied)
        operation.problem = Failure{.slug = Slug::provider_unavailable,
                                    .detail = "a person found that the write did not run",
                                    .retryable = true,
                                    .provider = operation.provider};
    operation.updated_at = now();
    auto recorded =
        co_await loop::blocking(loop_, desk_.pool, [&] { return desk_.ledger.record(operation); });
    if (!recorded) co_return std::move(recorded).failure();
    desk_.unlisted.ended(operation.id);
    co_return std::move(operation);
}

}  // namespace bwgw::orders
