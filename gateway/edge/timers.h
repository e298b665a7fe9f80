#pragma once

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "gateway/loop/loop.h"

namespace bwgw::edge {

/// The timers of one worker, ordered by time and then by age.
class Timers {
public:
    using Clock = loop::Clock;
    using Id = loop::Loop::TimerId;

    Id add(Clock::time_point at, std::function<void()> callback);
    void cancel(Id timer);
    /// The earliest; Clock::time_point::max() if there is none.
    Clock::time_point next() const noexcept;
    /// Runs what is due, except for timers that the callbacks add. True if any ran.
    bool run_due(Clock::time_point now);

private:
    std::map<std::pair<Clock::time_point, Id>, std::function<void()>> by_time_;
    std::unordered_map<Id, Clock::time_point> times_;
    Id last_ = 0;
};

}  // namespace bwgw::edge
