#include "gateway/background.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <random>

#include "gateway/telemetry/trace.h"

namespace bwgw {
namespace {

using namespace std::chrono_literals;
using ledger::OperationState;

constexpr auto kCountEvery = 2s;  // below any scrape interval
constexpr std::size_t kCountMost = 10'000;
constexpr auto kForgetEvery = 1h;
constexpr auto kKeepKeys = 24h * 30;  // after the resource has gone (product.md, "The key")
constexpr auto kLearnEvery = 10min;   // regions come and go by the month
constexpr auto kRetryAfter = 5s;      // a provider or a ledger that was down at the start
constexpr auto kLearnDeadline = 30s;

// Gateways that were started together do not ask together.
std::chrono::milliseconds jittered(std::chrono::milliseconds span) {
    thread_local std::minstd_rand chance(std::random_device{}());
    return std::chrono::floor<std::chrono::milliseconds>(span *
                                                         std::uniform_real_distribution(0.8, 1.2)(chance));
}

// Money may have moved, and nobody knows.
bool is_unknown(const ledger::Operation& operation) {
    return operation.outcome == Outcome::unknown || operation.state == OperationState::needs_attention;
}

ledger::Timestamp unknown_since(const ledger::Operation& operation) {
    return operation.sent_at.value_or(operation.created_at);
}

}  // namespace

void OpenOperations::count(const std::vector<ledger::Operation>& open) {
    std::map<OperationState, double> counts;
    for (const auto state : {OperationState::accepted, OperationState::sent, OperationState::outcome_unknown,
                             OperationState::observing, OperationState::needs_attention})
        counts[state] = 0;
    std::optional<ledger::Timestamp> oldest;
    for (const auto& operation : open) {
        ++counts[operation.state];
        if (!is_unknown(operation)) continue;
        oldest = std::min(oldest.value_or(unknown_since(operation)), unknown_since(operation));
    }
    const std::lock_guard lock(mutex_);
    by_state_.clear();
    for (const auto& [state, count] : counts) by_state_.push_back({count, {std::string(word(state))}});
    oldest_unknown_ = oldest;
}

std::vector<telemetry::Sample> OpenOperations::by_state() const {
    const std::lock_guard lock(mutex_);
    return by_state_;
}

std::vector<telemetry::Sample> OpenOperations::oldest_unknown_age() const {
    const std::lock_guard lock(mutex_);
    if (by_state_.empty()) return {};
    if (!oldest_unknown_) return {{0}};
    return {{std::chrono::duration<double>(std::chrono::system_clock::now() - *oldest_unknown_).count()}};
}

Background::Background(Worker& worker, const orders::Desk& desk, telemetry::Log& log, OpenOperations& open,
                       inventory::Inventory& inventory, ledger::InventoryStore& store,
                       inventory::RefreshPace pace,
                       std::function<void(std::shared_ptr<const fleet::Crosswalk>)> publish)
    : refresher(worker.loop, desk.pool, worker.fleet, inventory, store, desk.lease.owner(), pace),
      worker_(worker),
      desk_(desk),
      log_(log),
      open_(open),
      publish_(std::move(publish)) {}

Result<void> Background::restore() {
    if (auto restored = refresher.restore(); !restored) return restored;
    return worker_.orders.restore();
}

void Background::start() {
    worker_.loop.spawn(attend());
    worker_.loop.spawn(count_operations());
    worker_.loop.spawn(forget_keys());
    worker_.loop.spawn(learn_regions());
    refresher.start();
}

void Background::stop() {
    worker_.loop.post([this] {  // whom it wakes runs on the loop
        stopping_.request_stop();
        refresher.stop();
    });
}

Task<bool> Background::pause(std::chrono::milliseconds span) {
    return loop::sleep_until(worker_.loop, worker_.loop.now() + span, stopping_.get_token());
}

// As often as leases are renewed, so that an expired one is soon seen.
Task<void> Background::attend() {
    for (;;) {
        auto attended = co_await worker_.orders.attend();
        if (!attended)
            log_.event(telemetry::Level::error, "open operations cannot be taken over yet",
                       {{"detail", attended.failure().detail}});
        auto again = co_await pause(desk_.lease.span() / 3);
        if (!again || !*again) co_return Result<void>{};
    }
}

Task<void> Background::count_operations() {
    for (;;) {
        auto open = co_await worker_.orders.list({.open = true, .limit = kCountMost});
        if (open) open_.count(*open);
        (void)co_await worker_.orders.unlisted();  // kept fresh for when the ledger cannot be asked
        auto again = co_await pause(kCountEvery);
        if (!again || !*again) co_return Result<void>{};
    }
}

Task<void> Background::forget_keys() {
    for (;;) {
        const auto before = std::chrono::floor<std::chrono::milliseconds>(worker_.loop.wall()) - kKeepKeys;
        auto forgotten = co_await loop::blocking(worker_.loop, desk_.pool,
                                                 [&] { return desk_.ledger.forget_keys(before); });
        auto again = co_await pause(forgotten ? kForgetEvery : kRetryAfter);
        if (!again || !*again) co_return Result<void>{};
    }
}

// Now and then; of those that do not answer soon again, and ever less soon.
Task<void> Background::learn_regions() {
    std::vector<std::string> answered;
    std::chrono::milliseconds next = kRetryAfter;
    for (;;) {
        const RequestContext context{Deadline::in(kLearnDeadline),
                                     {"regions", telemetry::continue_trace("")},
                                     {},
                                     stopping_.get_token(),
                                     true};
        auto learned = co_await worker_.fleet.regions(context, answered);
        if (learned) {
            std::ranges::move(learned->answered, std::back_inserter(answered));
            publish_(std::make_shared<const fleet::Crosswalk>(std::move(learned->crosswalk)));
        }
        const bool over = (learned && learned->complete) || next >= kLearnEvery;
        auto again = co_await pause(jittered(over ? kLearnEvery : next));
        if (!again || !*again) co_return Result<void>{};
        next = over ? kRetryAfter : next * 2;
        if (over) answered.clear();
    }
}

}  // namespace bwgw
