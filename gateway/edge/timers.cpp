#include "gateway/edge/timers.h"

namespace bwgw::edge {

Timers::Id Timers::add(Clock::time_point at, std::function<void()> callback) {
    const Id id = ++last_;
    by_time_.emplace(std::pair{at, id}, std::move(callback));
    times_.emplace(id, at);
    return id;
}

void Timers::cancel(Id timer) {
    const auto found = times_.find(timer);
    if (found == times_.end()) return;
    by_time_.erase({found->second, timer});
    times_.erase(found);
}

Timers::Clock::time_point Timers::next() const noexcept {
    return by_time_.empty() ? Clock::time_point::max() : by_time_.begin()->first.first;
}

bool Timers::run_due(Clock::time_point now) {
    const Id newest = last_;
    bool ran = false;
    while (!by_time_.empty()) {
        const auto [at, id] = by_time_.begin()->first;
        if (at > now || id > newest) break;
        const auto timer = by_time_.extract(by_time_.begin());
        times_.erase(id);
        timer.mapped()();
        ran = true;
    }
    return ran;
}

}  // namespace bwgw::edge
