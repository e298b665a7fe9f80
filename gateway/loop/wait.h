#pragma once

#include <coroutine>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <stop_token>

#include "gateway/loop/loop.h"
#include "providers/contract/context.h"

namespace bwgw::loop {

/// Sleeps until the time or until stopped, whichever is first; true if it slept to the end.
Task<bool> sleep_until(Loop& loop, Clock::time_point at, std::stop_token stop = {});

/// One thing that happens once on this loop, awaited by any number of coroutines of the same loop.
class Event {
public:
    explicit Event(Loop& loop) : loop_(loop) {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    /// Wakes all who wait, each from the loop and not from here.
    void set();
    bool is_set() const noexcept { return set_; }
    /// True if it happened by then; false if the time passed, or `stop` was asked for.
    Task<bool> wait_until(Clock::time_point at, std::stop_token stop = {});

private:
    struct Waiter;
    Loop& loop_;
    bool set_ = false;
    std::list<Waiter*> waiters_;
};

}  // namespace bwgw::loop
