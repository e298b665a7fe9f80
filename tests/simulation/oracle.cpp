#include "tests/simulation/oracle.h"

#include <algorithm>

#include "tests/simulation/stage.h"
#include "tests/simulation/vendor.h"

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;
using ledger::Operation;
using ledger::OperationState;
using ledger::OperationType;

// Two clocks that are wrong, and the rounding of the records.
constexpr auto kClocks = 2 * kWallError + 10ms;

std::int64_t size_asked(const std::string& request) {
    return std::stoll(request.substr(request.find(':') + 1));
}

bool same_order(const Order& one, const Order& other) {
    return one.kind == other.kind && one.name == other.name && one.marker == other.marker &&
           one.network_id == other.network_id && same_pair(one.ends, other.ends) &&
           one.bandwidth_mbps == other.bandwidth_mbps && one.burst_mbps == other.burst_mbps &&
           one.billing == other.billing;
}

}  // namespace

void Oracle::knows(Account& account) {
    accounts_[account.name()] = &account;
}

std::string Oracle::name(const std::string& owner) const {
    const auto found = processes_.find(owner);
    return found == processes_.end() ? "nobody" : found->second;
}

std::string Oracle::line_of(const Operation& operation) const {
    return fmt::format("{} {} {} {} attempts={} fence={} by {}", operation.id, word(operation.type),
                       word(operation.state), operation.target.native_id, operation.attempts, operation.fence,
                       name(operation.owner));
}

PurchaseSafety Oracle::safety_of(const Operation& operation) const {
    return accounts_.at(operation.provider)->safety();
}

void Oracle::accepted(const Operation& operation) {
    if (truths_.contains(operation.id)) return;
    for (const auto& [id, truth] : truths_)
        if (operation.idempotency_key && truth.durable.idempotency_key == operation.idempotency_key)
            stage_.record.met(Met::key_anew);
    truths_[operation.id].durable = operation;
    if (!operation.marker.empty()) markers_[operation.marker] = operation.id;
    stage_.line("ledger accepts {} key={} {}", line_of(operation), operation.idempotency_key.value_or("-"),
                operation.request);
    check_lock(operation);
}

void Oracle::recorded(const std::string& owner, const Operation& operation) {
    auto& truth = truths_.at(operation.id);
    const Operation before = std::exchange(truth.durable, operation);
    truth.durable.owner = before.owner;  // which is not what a driver records
    stage_.line("ledger records {}", line_of(truth.durable));
    if (before.owner != owner)
        stage_.broken("{} recorded {}, which {} drives", name(owner), operation.id, name(before.owner));
    if (ended(before.state) && before.state != operation.state)
        stage_.broken("{} had ended as {}", operation.id, word(before.state));
    if (operation.state == OperationState::sent && before.attempts < operation.attempts) {
        truth.intended = stage_.now();
        if (!truth.first_intent) truth.first_intent = operation.sent_at;
    }
    if (ended(operation.state)) truth.durable.lock_key.reset();
    if (operation.state == OperationState::needs_attention) stage_.record.met(Met::needs_attention);
    check_lock(truth.durable);
    if (operation.state == OperationState::settled && before.state != OperationState::settled)
        check_settled(operation);
}

void Oracle::claimed(const Operation& operation) {
    auto& truth = truths_.at(operation.id);
    if (truth.durable.state != OperationState::needs_attention) stage_.record.met(Met::takeover);
    truth.durable = operation;
    stage_.line("ledger gives {}", line_of(operation));
}

void Oracle::check_lock(const Operation& operation) {
    if (!operation.lock_key) return;
    for (const auto& [id, truth] : truths_)
        if (id != operation.id && truth.durable.lock_key == operation.lock_key)
            stage_.broken("{} and {} hold the same lock", id, operation.id);
}

void Oracle::check_settled(const Operation& operation) {
    const auto& account = *accounts_.at(operation.provider);
    const auto* row = account.row(operation.target.native_id);
    if (operation.type == OperationType::create) {
        stage_.record.met(Met::purchase_settled);
        if (!row || row->operation != operation.id)
            stage_.broken("{} adopted {}, which it did not buy", operation.id, operation.target.native_id);
        else if (!row->listed)
            stage_.broken("{} settled before {} was listed", operation.id, operation.target.native_id);
    } else if (operation.type == OperationType::change) {
        stage_.record.met(Met::change_settled);
        const auto asked = size_asked(operation.request);
        const auto in_force = [&](const auto& size) {
            return size.second == asked && size.first <= stage_.now();
        };
        if (!row || std::none_of(row->sizes.begin(), row->sizes.end(), in_force))
            stage_.broken("{} settled, and {} Mbit/s were never in force", operation.id, asked);
    } else {
        stage_.record.met(Met::release_settled);
        if (row && row->gone_from == Time::max() && !row->recycled)
            stage_.broken("{} settled, and {} is still there", operation.id, operation.target.native_id);
    }
}

std::string Oracle::operation_of(const std::string& marker) const {
    const auto found = markers_.find(marker);
    return found == markers_.end() ? "" : found->second;
}

std::string Oracle::operation_of(const std::string& provider, const ResourceRef& ref) const {
    for (const auto& [id, truth] : truths_) {
        const auto& durable = truth.durable;
        if (durable.type != OperationType::create && durable.lock_key && durable.provider == provider &&
            durable.target == ref)
            return id;
    }
    return "";
}

void Oracle::sent(const std::string& owner, const std::string& id) {
    const auto found = truths_.find(id);
    if (found == truths_.end()) return stage_.broken("a vendor was sent what no durable operation asks for");
    auto& truth = found->second;
    const auto& durable = truth.durable;
    ++truth.sends;
    last_send_ = stage_.now();
    stage_.line("{} SENDS {} to {}, attempt {}, send {}", name(owner), id, durable.provider, durable.attempts,
                truth.sends);
    // An intent may have come to nothing; a send without one may not be.
    if (truth.sends > durable.attempts)
        stage_.broken("send {} of {} without its intent: the ledger has {} with {} attempts", truth.sends, id,
                      word(durable.state), durable.attempts);
    if (durable.owner == owner && durable.state != OperationState::sent)
        stage_.broken("send {} of {} in the state {}", truth.sends, id, word(durable.state));
    // Who took over cannot call back what was being sent, but counts on it that it is sent soon or never.
    if (durable.owner != owner && stage_.now() > truth.intended.value_or(0us) + kLeaseSpan + kClocks)
        stage_.broken("{} sent {} long after {} had taken over", name(owner), id, name(durable.owner));
    if (truth.sends >= 2 || (durable.owner == owner && durable.attempts >= 2)) check_resend(truth, owner);
}

void Oracle::sent(const std::string& owner, const std::string& id, const Order& order) {
    sent(owner, id);
    const auto found = truths_.find(id);
    if (found == truths_.end()) return;
    auto& first = found->second.order;
    if (first && !same_order(*first, order)) stage_.broken("{} was sent again as another order", id);
    if (!first) first = order;
}

void Oracle::check_resend(const Truth& truth, const std::string& owner) {
    const auto& operation = truth.durable;
    if (truth.sends >= 2) stage_.record.met(Met::resend);
    if (operation.type != OperationType::create || safety_of(operation) != PurchaseSafety::natural_key)
        return stage_.broken("{} was sent again", operation.id);
    if (operation.attempts > 2) stage_.broken("{} was sent {} times", operation.id, operation.attempts);
    const auto epoch = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
    const Time closed =
        std::chrono::duration_cast<Time>(*truth.first_intent - epoch) + kPace.settle_window - kClocks;
    if (stage_.now() < closed) stage_.broken("{} was sent again within the settle window", operation.id);
    const auto late = std::count_if(looks_.begin(), looks_.end(), [&](const Look& look) {
        return look.owner == owner && look.provider == operation.provider &&
               look.scope == operation.target.scope && look.begun >= closed;
    });
    if (late < 2)
        stage_.broken("{} was sent again after {} complete listings past the settle window", operation.id,
                      late);
}

void Oracle::executed(const std::string& id, const std::string& native_id) {
    auto& truth = truths_.at(id);
    ++truth.executed;
    if (!native_id.empty()) truth.native_id = native_id;
    if (truth.executed > 1) stage_.broken("{} was executed {} times", id, truth.executed);
}

void Oracle::took(const std::string& id, const std::string& native_id) {
    auto& truth = truths_.at(id);
    ++truth.taken;
    truth.native_id = native_id;
}

void Oracle::looked(const std::string& owner, const std::string& provider, const Query& query, Time begun) {
    looks_.push_back({owner, provider, query.scope.value_or(""), begun});
}

void Oracle::told(const orders::Placement& placement) {
    const auto& operation = placement.operation;
    auto& truth = truths_.at(operation.id);
    const bool create = operation.type == OperationType::create;
    const bool named = create && !operation.target.native_id.empty() && operation.outcome == Outcome::applied;
    stage_.line("  a caller is told {} {} {}{}", operation.id, word(operation.state),
                operation.target.native_id, placement.replayed ? ", replayed" : "");
    if (placement.replayed) stage_.record.met(Met::key_replayed);
    if (operation.state == OperationState::failed && operation.outcome == Outcome::none)
        truth.told_none = true;
    if (operation.state != OperationState::settled && !named) return;
    truth.told_success = true;
    truth.told_native_id = operation.target.native_id;
    if (truth.durable.target.native_id != operation.target.native_id ||
        (operation.state == OperationState::settled && truth.durable.state != OperationState::settled))
        stage_.broken("a caller was told of {} what is not durable", operation.id);
}

void Oracle::crashing(const std::string& owner) {
    stage_.record.met(Met::crash);
    for (const auto& [id, truth] : truths_) {
        const auto& durable = truth.durable;
        if (durable.owner != owner || durable.state != OperationState::sent) continue;
        const bool before = durable.attempts > truth.sends;
        stage_.record.met(before ? Met::crash_between_intent_and_send : Met::crash_after_send);
    }
}

std::vector<Operation> Oracle::in_state(OperationState state) const {
    std::vector<Operation> found;
    for (const auto& [id, truth] : truths_)
        if (truth.durable.state == state) found.push_back(truth.durable);
    return found;
}

bool Oracle::all_ended() const {
    return std::all_of(truths_.begin(), truths_.end(),
                       [](const auto& each) { return ended(each.second.durable.state); });
}

bool Oracle::all_decided() const {
    return std::all_of(truths_.begin(), truths_.end(), [](const auto& each) {
        const auto state = each.second.durable.state;
        return ended(state) || state == OperationState::needs_attention;
    });
}

void Oracle::judge(ledger::Ledger& ledger) {
    for (const auto& [id, truth] : truths_) {
        judge(truth);
        const auto row = ledger.find(id);
        if (!row || row->state != truth.durable.state || row->fence != truth.durable.fence)
            stage_.broken("the ledger has lost {}", line_of(truth.durable));
    }
    judge_keys();
}

void Oracle::judge(const Truth& truth) {
    const auto& durable = truth.durable;
    const auto& id = durable.id;
    const bool create = durable.type == OperationType::create;
    const bool waits = durable.state == OperationState::needs_attention;
    if (!ended(durable.state) && !waits) stage_.broken("{} stays {} for ever", id, word(durable.state));
    // What a release wanted, a stranger may have done.
    if (create && truth.told_success && truth.executed + truth.taken != 1)
        stage_.broken("a caller was told that {} succeeded; it was executed {} times", id, truth.executed);
    if (truth.told_none && truth.executed > 0)
        stage_.broken("a caller was told that {} did not run; it was executed", id);
    if (durable.state == OperationState::failed && truth.executed > 0)
        stage_.broken("{} failed, and was executed", id);
    if (!create) return;
    if (durable.state == OperationState::settled && truth.executed == 0)
        stage_.broken("{} settled, and was never executed", id);
    if (truth.told_success && truth.told_native_id != truth.native_id)
        stage_.broken("a caller was told {} of {}, which bought {}", truth.told_native_id, id,
                      truth.native_id);
    if (truth.executed > 0 && !waits && durable.target.native_id != truth.native_id)
        stage_.broken("{} bought {}, and is lost: {}", id, truth.native_id, line_of(durable));
}

void Oracle::judge_keys() {
    std::map<std::string, int> executed;
    for (const auto& [id, truth] : truths_)
        if (truth.durable.idempotency_key) executed[*truth.durable.idempotency_key] += truth.executed;
    for (const auto& [key, times] : executed)
        if (times > 1) stage_.broken("the key {} bought {} times", key, times);
}

}  // namespace bwgw::simulation
