#include "gateway/orders/orders.h"

#include <algorithm>

#include "gateway/orders/flight.h"
#include "gateway/orders/natural_key.h"
#include "gateway/orders/placed.h"

namespace bwgw::orders {
namespace {

using ledger::Operation;
using ledger::OperationState;
using ledger::OperationType;

constexpr std::chrono::seconds kRetryInFlight{2};

Operation new_operation(OperationType type, const RequestContext& context, std::string provider,
                        const Intake& intake) {
    Operation operation;
    operation.id = ledger::new_operation_id();
    operation.type = type;
    operation.provider = std::move(provider);
    operation.principal = context.principal.name;
    operation.idempotency_key = intake.idempotency_key;
    operation.fingerprint = intake.fingerprint;
    operation.request = intake.request;
    operation.created_at = operation.updated_at = now();
    return operation;
}

}  // namespace

Orders::Orders(loop::Loop& loop, loop::BlockingPool& pool, ledger::Ledger& ledger, fleet::Fleet& fleet,
               Pace pace)
    : loop_(loop), pool_(pool), ledger_(ledger), fleet_(fleet), pace_(pace), begun_(now()) {}

Task<Placement> Orders::buy(const RequestContext& context, std::string provider, Order order, Intake intake) {
    if (auto sold = fleet_.check(provider, order); !sold) co_return std::move(sold).failure();
    const auto& product = *fleet_.profile(provider)->product_for(order.kind);
    auto operation = new_operation(OperationType::create, context, std::move(provider), intake);
    operation.marker = order.marker = marker_of(operation.id);
    operation.lock_key = natural_key(operation.provider, order);
    operation.ends = order.ends;
    operation.target = {product.product, order.kind == Kind::eip_boost ? order.region : order.network_id, ""};
    co_return co_await begin(context, std::move(operation), intake, [&](FlightPtr flight) {
        return purchase(std::move(flight), std::move(order), intake.max_price);
    });
}

Task<Placement> Orders::change(const RequestContext& context, fleet::Entry current, Change change,
                               Intake intake) {
    const BandwidthId id{current.provider, current.bandwidth.ref};
    const auto action = std::holds_alternative<Rename>(change) ? Action::rename : Action::resize;
    if (auto able = fleet_.check(id, action); !able) co_return std::move(able).failure();
    if (auto settled = co_await purchase_settled(id.text()); !settled) co_return std::move(settled).failure();
    auto operation = new_operation(OperationType::change, context, current.provider, intake);
    operation.lock_key = resource_key(id.text());
    operation.target = id.ref;
    if (auto* rename = std::get_if<Rename>(&change)) rename->marker = current.bandwidth.marker;
    co_return co_await begin(context, std::move(operation), intake, [&](FlightPtr flight) {
        flight->current = std::move(current);
        return amend(std::move(flight), std::move(change), intake.max_price);
    });
}

Task<Placement> Orders::release(const RequestContext& context, fleet::Entry current, Intake intake) {
    const BandwidthId id{current.provider, current.bandwidth.ref};
    if (auto able = fleet_.check(id, Action::release); !able) co_return std::move(able).failure();
    if (auto settled = co_await purchase_settled(id.text()); !settled) co_return std::move(settled).failure();
    auto operation = new_operation(OperationType::release, context, current.provider, intake);
    operation.lock_key = resource_key(id.text());
    operation.target = id.ref;
    co_return co_await begin(context, std::move(operation), intake, [&](FlightPtr flight) {
        flight->current = std::move(current);
        return give_back(std::move(flight));
    });
}

Task<Placement> Orders::begin(const RequestContext& context, Operation operation, const Intake& intake,
                              std::function<Task<void>(FlightPtr)> write) {
    auto accepted = co_await loop::blocking(loop_, pool_, [&] { return ledger_.accept(operation); });
    if (!accepted) co_return std::move(accepted).failure();
    if (accepted->replayed) co_return co_await replay(context, std::move(accepted->operation));

    auto flight = std::make_shared<Flight>(loop_, std::move(accepted->operation), context.trace);
    loop_.spawn(write(flight));
    const auto until = std::min(context.deadline.at, std::chrono::steady_clock::now() + intake.wait);
    (void)co_await flight->answerable.wait_until(until, context.cancelled);
    co_return Placement{flight->operation, false, flight->observed};
}

Task<Placement> Orders::replay(const RequestContext& context, Operation operation) {
    if (operation.state == OperationState::accepted || operation.state == OperationState::sent)
        co_return Failure{.slug = Slug::idempotency_key_in_flight,
                          .detail = "the first request with this Idempotency-Key is still under way",
                          .outcome = Outcome::unknown,
                          .retryable = true,
                          .retry_after = kRetryInFlight,
                          .operation_id = operation.id};
    Placement placement{std::move(operation), true};
    const auto& earlier = placement.operation;
    if (earlier.target.native_id.empty() || earlier.type != OperationType::create)
        co_return std::move(placement);
    auto row = co_await fleet_.get(context, BandwidthId{earlier.provider, earlier.target});
    if (row) {
        placement.observed = std::move(*row);
    } else if (earlier.state == OperationState::observing) {
        placement.observed = as_ordered(earlier, fleet_);
    } else if (earlier.state ==
               OperationState::settled) {  // what can be said of it is no longer what was bought
        auto problem = std::move(row).failure();
        if (problem.slug == Slug::not_found) problem.detail = "it was bought, and is no longer there";
        problem.outcome = Outcome::applied;
        problem.operation_id = earlier.id;
        co_return problem;
    }
    co_return std::move(placement);
}

// A row that no listing has shown yet cannot be judged by its absence, so nothing is written to it.
Task<void> Orders::purchase_settled(std::string bandwidth_id) {
    auto open = co_await this->open();
    if (!open) co_return std::move(open).failure();
    for (const auto& operation : *open) {
        if (operation.type == OperationType::create && operation.state != OperationState::needs_attention &&
            operation.bandwidth_id() == bandwidth_id)
            co_return Failure{.slug = Slug::conflict,
                              .detail = "its purchase is still under way",
                              .retryable = true,
                              .retry_after = kRetryInFlight,
                              .operation_id = operation.id,
                              .bandwidth_id = bandwidth_id};
    }
    co_return Result<void>{};
}

Task<Operation> Orders::find(std::string operation_id) {
    co_return co_await loop::blocking(loop_, pool_, [&] { return ledger_.find(operation_id); });
}

Task<std::vector<Operation>> Orders::list(ledger::OperationFilter filter) {
    co_return co_await loop::blocking(loop_, pool_, [&] { return ledger_.list(filter); });
}

Task<std::vector<Operation>> Orders::open() {
    co_return co_await loop::blocking(loop_, pool_, [&] { return ledger_.open(); });
}

Task<void> Orders::ready() {
    co_return co_await loop::blocking(loop_, pool_, [&] { return ledger_.probe(); });
}

Task<Operation> Orders::resolve(const RequestContext& context, Operation operation, bool applied,
                                std::string native_id) {
    if (operation.state != OperationState::needs_attention)
        co_return Failure{.slug = Slug::conflict,
                          .detail = "only an operation in needs_attention waits for a person's word",
                          .operation_id = operation.id};
    if (!native_id.empty()) {
        operation.target.native_id = std::move(native_id);
        auto row = co_await fleet_.get(context, BandwidthId{operation.provider, operation.target});
        if (!row) co_return std::move(row).failure();
        const auto& before = operation.baseline;
        if (!same_place(asked_of(operation).order, row->bandwidth) ||
            std::find(before.begin(), before.end(), operation.target.native_id) != before.end())
            co_return Failure{
                .slug = Slug::conflict,
                .detail = "that bandwidth is not what this operation ordered, or was there before it",
                .operation_id = operation.id};
    }
    operation.state = applied ? OperationState::settled : OperationState::failed;
    operation.outcome = applied ? Outcome::applied : Outcome::none;
    operation.problem.reset();
    if (!applied)
        operation.problem = Failure{.slug = Slug::provider_unavailable,
                                    .detail = "a person found that the write did not run",
                                    .retryable = true,
                                    .provider = operation.provider};
    operation.updated_at = now();
    co_return co_await loop::blocking(loop_, pool_, [&] { return ledger_.record(operation); });
}

Task<std::vector<fleet::Entry>> Orders::unlisted() {
    auto open = co_await this->open();
    if (!open) co_return std::move(open).failure();
    std::vector<fleet::Entry> entries;
    for (const auto& operation : *open)
        if (operation.type == OperationType::create && !operation.target.native_id.empty())
            entries.push_back(as_ordered(operation, fleet_));
    co_return std::move(entries);
}

Task<void> Orders::resume() {
    auto open = co_await this->open();
    if (!open) co_return std::move(open).failure();
    for (auto& operation : *open) {
        const bool ours = operation.created_at >= begun_;  // accepted by this run, which drives it
        if (ours || operation.state == OperationState::needs_attention) continue;
        auto flight = std::make_shared<Flight>(loop_, std::move(operation), Trace{});
        if (flight->operation.state == OperationState::accepted) {
            loop_.spawn(fail(flight, {.slug = Slug::unavailable,
                                      .detail = "the gateway ended before anything was sent",
                                      .retryable = true}));
        } else if (flight->operation.type == OperationType::create) {
            loop_.spawn(observe_purchase(flight));
        } else if (flight->operation.type == OperationType::change) {
            loop_.spawn(observe_change(flight));
        } else {
            loop_.spawn(observe_release(flight));
        }
    }
    co_return Result<void>{};
}

}  // namespace bwgw::orders
