#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "gateway/loop/loop.h"

namespace bwgw::upstream {

/// So many calls a second, with a burst after a quiet time: the generic cell rate algorithm in one atomic.
/// Safe from any thread; the times are the caller's.
class TokenBucket {
public:
    using Time = loop::Clock::time_point;

    /// Both at least 1.
    TokenBucket(std::int64_t per_second, std::int64_t burst);

    /// When a call may leave, never before `now`. Refused, and nothing taken, if that is later than `latest`.
    struct Turn {
        Time at;
        bool granted;
    };
    Turn reserve(Time now, Time latest);
    /// No turn before that time, and no burst at it. Turns already given stand.
    void hold_until(Time at);
    /// When the next call may leave; or the one after so many.
    Time next(Time now, std::size_t ahead = 0) const;

private:
    using Nanos = std::int64_t;  // since the clock's epoch

    const Nanos interval_;
    const Nanos tolerance_;       // how far a burst runs ahead of the steady rate
    std::atomic<Nanos> arrival_;  // when the next call would leave at the steady rate
};

}  // namespace bwgw::upstream
