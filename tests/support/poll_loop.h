#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "gateway/loop/loop.h"

namespace bwgw::test {

/// A task under way. Dropping it before it is done destroys its frames wherever they are suspended.
template <class T>
class Running {
public:
    struct promise_type {
        std::optional<Result<T>> result;
        std::exception_ptr exception;
        Running get_return_object() {
            return Running(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        void return_value(Result<T> value) { result.emplace(std::move(value)); }
        void unhandled_exception() noexcept { exception = std::current_exception(); }
    };
    Running(Running&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
    Running& operator=(Running&& other) noexcept {
        std::swap(root_, other.root_);
        return *this;
    }
    ~Running() {
        if (root_) root_.destroy();
    }

    bool done() const noexcept { return root_.done(); }
    /// Once, after done(). Rethrows the task's exception.
    Result<T> take() {
        if (root_.promise().exception) std::rethrow_exception(root_.promise().exception);
        return std::move(root_.promise().result).value();
    }

private:
    explicit Running(std::coroutine_handle<promise_type> root) noexcept : root_(root) {}
    std::coroutine_handle<promise_type> root_;
};

/// Runs the task up to its first wait.
template <class T>
Running<T> start(Task<T> task) {
    co_return co_await std::move(task);
}

/// A loop on plain epoll that runs only while a test asks it to, on the test's thread.
class PollLoop : public loop::Loop {
public:
    static constexpr std::chrono::seconds kLimit{20};

    PollLoop();
    ~PollLoop() override;
    PollLoop(const PollLoop&) = delete;
    PollLoop& operator=(const PollLoop&) = delete;

    loop::Clock::time_point now() const override { return loop::Clock::now() + skipped_; }
    std::chrono::system_clock::time_point wall() const override {
        return std::chrono::system_clock::now() + skipped_;
    }
    /// It is so much later, all at once.
    void skip(std::chrono::milliseconds span) { skipped_ += span; }

    void watch(int fd, bool read, bool write, Watcher& watcher) override;
    void unwatch(int fd) override;
    TimerId call_at(loop::Clock::time_point at, std::function<void()> callback) override;
    void cancel(TimerId timer) override;
    bool post(std::function<void()> callback) override;

    /// Runs until the task ends. Throws std::runtime_error past the limit, having destroyed the task.
    template <class T>
    Result<T> run(Task<T> task, std::chrono::milliseconds limit = kLimit) {
        auto running = start(std::move(task));
        if (!run_until([&] { return running.done(); }, limit))
            throw std::runtime_error("the task did not end within the limit");
        return running.take();
    }
    /// Runs until the condition holds; false if it did not within the limit.
    bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit = kLimit);

    std::size_t watched() const noexcept { return watched_.size(); }

private:
    struct Watched {
        Watcher* watcher;
        std::uint32_t generation;  // tells a descriptor from an earlier one of the same number
    };
    void turn(loop::Clock::time_point until);

    int epoll_;
    int event_;
    std::uint32_t generation_ = 0;
    TimerId last_timer_ = 0;
    std::chrono::milliseconds skipped_{0};
    std::unordered_map<int, Watched> watched_;
    std::map<std::pair<loop::Clock::time_point, TimerId>, std::function<void()>> timers_;
    std::unordered_map<TimerId, loop::Clock::time_point> timer_times_;
    std::mutex mutex_;
    std::deque<std::function<void()>> posted_;
};

}  // namespace bwgw::test
