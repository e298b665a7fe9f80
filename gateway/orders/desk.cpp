#include "gateway/orders/desk.h"

namespace bwgw::orders {
namespace {

constexpr std::chrono::seconds kAskAgain{1};

}  // namespace

void Unlisted::bought(const ledger::Operation& operation) {
    const std::lock_guard lock(mutex_);
    known_.insert_or_assign(operation.id, Known{operation, ++count_});
    tell();
}

void Unlisted::ended(const std::string& operation_id) {
    const std::lock_guard lock(mutex_);
    if (known_.erase(operation_id) > 0) tell();
}

std::optional<std::uint64_t> Unlisted::ask(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (ask_again_ && now < *ask_again_) return std::nullopt;
    if (ask_again_) ask_again_ = now + kAskAgain;
    return count_;
}

void Unlisted::saw(const std::vector<ledger::Operation>& purchases, std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    const bool certain = read_ && !ask_again_;
    if (certain && known_.empty() && purchases.empty()) return;
    ask_again_.reset();
    read_ = true;
    std::erase_if(known_, [&](const auto& known) { return known.second.since <= ticket; });
    for (const auto& operation : purchases) known_.try_emplace(operation.id, Known{operation, 0});
    tell();
}

void Unlisted::failed(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    ask_again_ = now + kAskAgain;
    tell();
}

// The lock is held, so that the last word is the newest.
void Unlisted::tell() {
    if (!changed_) return;
    changed_(collected(), read_ && !ask_again_);
}

std::vector<ledger::Operation> Unlisted::all() const {
    const std::lock_guard lock(mutex_);
    return collected();
}

std::vector<ledger::Operation> Unlisted::collected() const {
    std::vector<ledger::Operation> operations;
    for (const auto& [id, known] : known_) operations.push_back(known.operation);
    return operations;
}

Failure unsure_of_purchases() {
    return {
        .slug = Slug::unavailable,
        .detail = "the ledger cannot be read: what was bought elsewhere in the last moments may be missing",
        .retryable = true};
}

}  // namespace bwgw::orders
