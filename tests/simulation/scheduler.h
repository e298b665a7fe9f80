#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "gateway/loop/blocking.h"
#include "gateway/loop/loop.h"
#include "tests/simulation/chance.h"

namespace bwgw::simulation {

using Time = std::chrono::microseconds;  ///< since the world began

/// A machine that events happen on: what is due on a dead one never happens, on a frozen one later.
struct Host {
    bool alive = true;
    Time frozen_until{0};
};
using HostPtr = std::shared_ptr<Host>;

/// The world's one clock and one queue. What is due at the same moment happens in an order drawn by chance.
class Scheduler {
public:
    explicit Scheduler(Chance& chance) : chance_(chance) {}

    Time now() const noexcept { return now_; }
    void at(HostPtr host, Time due, std::function<void()> event);
    void after(HostPtr host, Time delay, std::function<void()> event) {
        at(std::move(host), now_ + delay, std::move(event));
    }
    /// The very next event, before all others that are due now.
    void next(std::function<void()> event);
    /// One event. False when none is left.
    bool step();

private:
    struct Due {
        HostPtr host;
        std::function<void()> event;
    };
    Chance& chance_;
    Time now_{0};
    std::uint64_t urgent_ = 0;
    std::map<std::pair<Time, std::uint64_t>, Due> events_;
};

/// A worker's loop on the world's clock. Each post and each timer comes a little late.
class SimLoop final : public loop::Loop {
public:
    SimLoop(Scheduler& scheduler, Chance& chance, HostPtr host, std::chrono::milliseconds wall_error);
    ~SimLoop() override { drop(); }

    /// Destroys what was spawned, as the end of a process does.
    void drop() { abandon(); }

    loop::Clock::time_point now() const override;
    std::chrono::system_clock::time_point wall() const override;
    /// The world's time of a moment of this loop.
    static Time time_of(loop::Clock::time_point at);

    void watch(int, bool, bool, Watcher&) override {}
    void unwatch(int) override {}
    TimerId call_at(loop::Clock::time_point at, std::function<void()> callback) override;
    void cancel(TimerId timer) override { timers_.erase(timer); }
    bool post(std::function<void()> callback) override;

private:
    Scheduler& scheduler_;
    Chance& chance_;
    HostPtr host_;
    const std::chrono::milliseconds wall_error_;
    TimerId last_ = 0;
    std::unordered_map<TimerId, std::function<void()>> timers_;
    std::deque<std::function<void()>> posted_;
};

/// Does each job at once at some later moment; a crash before that moment drops it.
class SimPool final : public loop::Pool {
public:
    SimPool(Scheduler& scheduler, Chance& chance, HostPtr host, std::function<void()> on_submit)
        : scheduler_(scheduler), chance_(chance), host_(std::move(host)), on_submit_(std::move(on_submit)) {}

    bool submit(std::function<void()> job) override;

private:
    Scheduler& scheduler_;
    Chance& chance_;
    HostPtr host_;
    std::function<void()> on_submit_;
};

}  // namespace bwgw::simulation
