#include "gateway/loop/wait.h"

#include <optional>
#include <utility>

namespace bwgw::loop {

namespace {

// One suspended coroutine and whatever wakes it first. Shared with the callbacks, which may come after its
// end.
struct Sleeper : std::enable_shared_from_this<Sleeper> {
    explicit Sleeper(Loop& in) : loop(in) {}

    // Called on the loop. Only the first call counts.
    void wake(bool with) {
        if (!waiting) return;
        outcome = with;
        loop.cancel(timer);
        std::exchange(waiting, nullptr).resume();
    }
    // Called from any thread.
    void wake_later(bool with) {
        loop.post([self = shared_from_this(), with] { self->wake(with); });
    }

    Loop& loop;
    Loop::TimerId timer = 0;
    std::coroutine_handle<> waiting = nullptr;
    bool outcome = false;
};

// Suspends until the time (which gives `at_time`), or until the sleeper is woken otherwise.
struct Suspend {
    Sleeper& sleeper;
    Clock::time_point at;
    bool at_time;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        sleeper.waiting = waiting;
        sleeper.timer = sleeper.loop.call_at(
            at, [self = sleeper.shared_from_this(), with = at_time] { self->wake(with); });
    }
    bool await_resume() const noexcept { return sleeper.outcome; }
};

// Makes late wake-ups harmless when the frame ends, also when it is destroyed in its sleep.
struct Forget {
    Sleeper& sleeper;
    ~Forget() {
        if (std::exchange(sleeper.waiting, nullptr)) sleeper.loop.cancel(sleeper.timer);
    }
};

}  // namespace

struct Event::Waiter : Sleeper {
    using Sleeper::Sleeper;
};

Task<bool> sleep_until(Loop& loop, Clock::time_point at, std::stop_token stop) {
    if (stop.stop_requested()) co_return false;
    const auto sleeper = std::make_shared<Sleeper>(loop);
    const Forget forget{*sleeper};
    const std::stop_callback on_stop(stop, [&sleeper] { sleeper->wake_later(false); });
    co_return co_await Suspend{*sleeper, at, true};
}

void Event::set() {
    set_ = true;
    for (Waiter* waiter : waiters_) waiter->wake_later(true);
}

Task<bool> Event::wait_until(Clock::time_point at, std::stop_token stop) {
    if (set_) co_return true;
    if (stop.stop_requested()) co_return false;
    const auto waiter = std::make_shared<Waiter>(loop_);
    struct Listed {
        std::list<Waiter*>& list;
        std::list<Waiter*>::iterator place;
        ~Listed() { list.erase(place); }
    };
    const Forget forget{*waiter};
    const Listed listed{waiters_, waiters_.insert(waiters_.end(), waiter.get())};
    const std::stop_callback on_stop(stop, [&waiter] { waiter->wake_later(false); });
    const bool woken = co_await Suspend{*waiter, at, false};
    co_return woken || set_;
}

}  // namespace bwgw::loop
