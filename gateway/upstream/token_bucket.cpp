#include "gateway/upstream/token_bucket.h"

#include <algorithm>
#include <limits>

namespace bwgw::upstream {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t nanos(TokenBucket::Time at) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

TokenBucket::Time time_of(std::int64_t at) {
    return TokenBucket::Time(std::chrono::duration_cast<loop::Clock::duration>(std::chrono::nanoseconds(at)));
}

}  // namespace

TokenBucket::TokenBucket(std::int64_t per_second, std::int64_t burst)
    : interval_(kSecond / per_second),
      tolerance_(interval_ * (burst - 1)),
      arrival_(std::numeric_limits<Nanos>::min() / 2) {}

TokenBucket::Turn TokenBucket::reserve(Time now, Time latest) {
    auto arrival = arrival_.load(std::memory_order_relaxed);
    for (;;) {
        const auto at = std::max(nanos(now), arrival - tolerance_);
        if (at > nanos(latest)) return {time_of(at), false};
        const auto next = std::max(nanos(now), arrival) + interval_;
        if (arrival_.compare_exchange_weak(arrival, next, std::memory_order_relaxed))
            return {time_of(at), true};
    }
}

void TokenBucket::hold_until(Time at) {
    const auto held = nanos(at) + tolerance_;
    auto arrival = arrival_.load(std::memory_order_relaxed);
    while (arrival < held && !arrival_.compare_exchange_weak(arrival, held, std::memory_order_relaxed)) {
    }
}

TokenBucket::Time TokenBucket::next(Time now, std::size_t ahead) const {
    const auto arrival = std::max(nanos(now), arrival_.load(std::memory_order_relaxed));
    return time_of(std::max(nanos(now), arrival + static_cast<Nanos>(ahead) * interval_ - tolerance_));
}

}  // namespace bwgw::upstream
