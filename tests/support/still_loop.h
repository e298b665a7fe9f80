#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "tests/support/poll_loop.h"

namespace bwgw::test {

/// A loop whose time stands still until a test moves it. Only `post` may be called from other threads.
class StillLoop final : public loop::Loop {
public:
    loop::Clock::time_point now() const override { return now_; }
    void watch(int, bool, bool, Watcher&) override {}
    void unwatch(int) override {}
    TimerId call_at(loop::Clock::time_point at, std::function<void()> callback) override {
        timers_.emplace(std::pair{at, ++last_}, std::move(callback));
        return last_;
    }
    void cancel(TimerId timer) override {
        std::erase_if(timers_, [&](const auto& entry) { return entry.first.second == timer; });
    }
    bool post(std::function<void()> callback) override {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(callback));
        return true;
    }

    /// Runs what is due now.
    void settle() {
        for (;;) {
            std::function<void()> next;
            {
                const std::lock_guard lock(mutex_);
                if (!posted_.empty()) {
                    next = std::move(posted_.front());
                    posted_.pop_front();
                }
            }
            if (!next && !timers_.empty() && timers_.begin()->first.first <= now_) {
                next = std::move(timers_.begin()->second);
                timers_.erase(timers_.begin());
            }
            if (!next) return;
            next();
        }
    }
    /// Everything that falls due on the way happens at its time.
    void pass(loop::Clock::duration span) {
        const auto end = now_ + span;
        for (settle(); !timers_.empty() && timers_.begin()->first.first <= end; settle())
            now_ = timers_.begin()->first.first;
        now_ = end;
        settle();
    }
    /// As long as the task takes.
    template <class T>
    Result<T> run(Task<T> task) {
        auto running = start(std::move(task));
        for (settle(); !running.done(); settle()) {
            if (timers_.empty()) throw std::runtime_error("the task waits for nothing");
            now_ = timers_.begin()->first.first;
        }
        return running.take();
    }

private:
    loop::Clock::time_point now_ = loop::Clock::now();
    TimerId last_ = 0;
    std::map<std::pair<loop::Clock::time_point, TimerId>, std::function<void()>> timers_;
    std::mutex mutex_;
    std::deque<std::function<void()>> posted_;
};

}  // namespace bwgw::test
