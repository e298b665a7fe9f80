#pragma once

#include <atomic>

namespace bwgw::fleet {

/// What an account may still spend on second tries: a vendor that fails altogether is soon asked once only,
/// and earns its tries back by what succeeds. Safe from any thread.
class RetryBudget {
public:
    static constexpr int kMost = 10;
    static constexpr int kOfOneRetry = 10;  ///< successes that earn it

    void succeeded() noexcept {
        auto left = tenths_.load(std::memory_order_relaxed);
        while (left < kMost * kOfOneRetry &&
               !tenths_.compare_exchange_weak(left, left + 1, std::memory_order_relaxed)) {
        }
    }
    /// False when it is spent.
    bool take() noexcept {
        auto left = tenths_.load(std::memory_order_relaxed);
        do {
            if (left < kOfOneRetry) return false;
        } while (!tenths_.compare_exchange_weak(left, left - kOfOneRetry, std::memory_order_relaxed));
        return true;
    }
    /// In retries.
    double left() const noexcept { return static_cast<double>(tenths_.load()) / kOfOneRetry; }

private:
    std::atomic<int> tenths_ = kMost * kOfOneRetry;
};

}  // namespace bwgw::fleet
