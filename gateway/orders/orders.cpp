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
constexpr std::chrono::seconds kUnlistedWithin{1};
constexpr std::size_t kMostTakenBack =
    256;  // at once; beyond them the end of this process frees what is left

ledger::OperationFilter unended_purchases() {
    constexpr std::size_t kMost = 10'000;  // beyond it something else is wrong
    return {.open = true, .named_purchase = true, .limit = kMost};
}

std::vector<fleet::Entry> entries_of(const std::vector<Operation>& purchases, const fleet::Fleet& fleet) {
    std::vector<fleet::Entry> entries;
    for (const auto& operation : purchases) entries.push_back(as_ordered(operation, fleet));
    return entries;
}

}  // namespace

struct Orders::Question {
    explicit Question(loop::Loop& loop) : answered(loop) {}
    loop::Event answered;
    std::optional<std::vector<fleet::Entry>> purchases = {};
};

Operation Orders::new_operation(OperationType type, const RequestContext& context, std::string provider,
                                const Intake& intake) const {
    Operation operation;
    operation.id = desk_.ledger.new_id();
    operation.owner = desk_.lease.owner();
    operation.type = type;
    operation.provider = std::move(provider);
    operation.principal = context.principal.name;
    operation.idempotency_key = intake.idempotency_key;
    operation.fingerprint = intake.fingerprint;
    operation.request = intake.request;
    operation.created_at = operation.updated_at = now();
    return operation;
}

Orders::Orders(loop::Loop& loop, Desk desk, fleet::Fleet& fleet, Pace pace)
    : loop_(loop), desk_(desk), fleet_(fleet), pace_(pace) {}

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
    if (auto settled = co_await purchase_settled(current.provider, id.ref); !settled)
        co_return std::move(settled).failure();
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
    if (auto settled = co_await purchase_settled(current.provider, id.ref); !settled)
        co_return std::move(settled).failure();
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
    auto accepted =
        co_await loop::blocking(loop_, desk_.pool, [&] { return desk_.ledger.accept(operation); });
    if (!accepted) {
        // It may have begun although its caller is told that it did not: then it must not hold its lock.
        auto& refused = accepted.failure();
        if (refused.outcome == Outcome::unknown && taking_back_ < kMostTakenBack)
            loop_.spawn(take_back(std::make_shared<Flight>(loop_, std::move(operation), context.trace)));
        refused.outcome = Outcome::none;
        co_return std::move(refused);
    }
    if (accepted->replayed) co_return co_await replay(context, std::move(accepted->operation));

    auto flight = std::make_shared<Flight>(loop_, std::move(accepted->operation), context.trace);
    loop_.spawn(write(flight));
    const auto until = std::min(context.deadline.at, loop_.now() + intake.wait);
    (void)co_await flight->answerable.wait_until(until, context.cancelled);
    co_return Placement{flight->recorded, false, flight->observed};
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
Task<void> Orders::purchase_settled(std::string provider, ResourceRef ref) {
    const ledger::OperationFilter purchase{
        .provider = provider, .native_id = ref.native_id, .open = true, .named_purchase = true};
    auto open = co_await list(purchase);
    if (!open) co_return std::move(open).failure();
    for (const auto& operation : *open) {
        if (operation.target == ref && operation.state != OperationState::needs_attention)
            co_return Failure{.slug = Slug::conflict,
                              .detail = "its purchase is still under way",
                              .retryable = true,
                              .retry_after = kRetryInFlight,
                              .operation_id = operation.id,
                              .bandwidth_id = BandwidthId{provider, ref}.text()};
    }
    co_return Result<void>{};
}

Task<Operation> Orders::find(std::string operation_id) {
    co_return co_await loop::blocking(loop_, desk_.pool, [&] { return desk_.ledger.find(operation_id); });
}

Task<std::vector<Operation>> Orders::list(ledger::OperationFilter filter) {
    co_return co_await loop::blocking(loop_, desk_.pool, [&] { return desk_.ledger.list(filter); });
}

Result<void> Orders::ready() const {
    if (desk_.lease.ledger_works() && desk_.lease.held(loop_.now(), loop_.now())) return {};
    return Failure{.slug = Slug::unavailable, .detail = "the ledger cannot be written", .retryable = true};
}

// Null while the ledger fails, and was asked a moment ago.
Orders::QuestionPtr Orders::question() {
    const auto ticket = desk_.unlisted.ask(loop_.now());
    if (!ticket) return nullptr;
    auto& asked = asking_ ? next_ : asking_;  // what is under way may miss what was written since it began
    if (asked) return asked;
    asked = std::make_shared<Question>(loop_);
    const auto answer = asked;
    if (!next_) loop_.spawn(ask_unlisted(ticket));
    return answer;
}

Task<void> Orders::ask_unlisted(std::optional<std::uint64_t> ticket) {
    while (asking_) {
        if (ticket) {
            auto purchases = co_await list(unended_purchases());
            if (purchases) desk_.unlisted.saw(*purchases, *ticket);
            if (purchases) asking_->purchases = entries_of(*purchases, fleet_);
        }
        asking_->answered.set();
        asking_ = std::exchange(next_, nullptr);
        if (asking_) ticket = desk_.unlisted.ask(loop_.now());
    }
    co_return Result<void>{};
}

// While the ledger fails, or takes its time, what this process knows must do; the answer says so.
Task<Bought> Orders::unlisted() {
    if (const auto asked = question()) {
        (void)co_await asked->answered.wait_until(loop_.now() + kUnlistedWithin);
        if (asked->purchases) co_return Bought{*asked->purchases};
        desk_.unlisted.failed(loop_.now());
    }
    co_return Bought{entries_of(desk_.unlisted.all(), fleet_), unsure_of_purchases()};
}

Result<void> Orders::restore() {
    const auto ticket = desk_.unlisted.ask(loop_.now());
    auto purchases = desk_.ledger.list(unended_purchases());
    if (!purchases) return std::move(purchases).failure();
    if (ticket) desk_.unlisted.saw(*purchases, *ticket);
    return {};
}

}  // namespace bwgw::orders
