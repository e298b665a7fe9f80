#pragma once

#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include "gateway/loop/loop.h"

namespace bwgw::loop {

/// Where work that blocks is done, away from every loop.
class Pool {
public:
    virtual ~Pool() = default;
    /// From any thread. False when it takes no more.
    virtual bool submit(std::function<void()> job) = 0;
};

/// Threads for what must block: SQL and files, never network to vendors. Bounded: past `kMaxQueued` jobs it
/// refuses, so that a dead disk cannot eat the memory.
class BlockingPool final : public Pool {
public:
    static constexpr std::size_t kMaxQueued = 4096;

    explicit BlockingPool(std::size_t threads);
    ~BlockingPool() override;  ///< joins
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    /// False when full, or joined.
    bool submit(std::function<void()> job) override;
    /// Drops what is queued, lets what runs end, and ends the threads. Not from a job.
    void join();

private:
    void run();
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

/// Runs `work` (which gives a Result<T>) on the pool and comes back to this loop. The work itself cannot be
/// stopped: it must bound its own time. Fails with `unavailable` when the pool is full; an exception of the
/// work comes out here.
template <class Work, class T = typename std::invoke_result_t<Work&>::value_type>
Task<T> blocking(Loop& loop, Pool& pool, Work work) {
    struct Hop {
        Loop& loop;
        Pool& pool;
        Work& work;
        std::optional<Result<T>> result = {};
        std::exception_ptr exception = {};

        bool await_ready() const noexcept { return false; }
        // Comes back by post alone, so the frame is never resumed while this function still runs on it.
        bool await_suspend(std::coroutine_handle<> waiting) {
            return pool.submit([this, waiting] {
                try {
                    result.emplace(work());
                } catch (...) {
                    exception = std::current_exception();
                }
                loop.post([waiting] { waiting.resume(); });
            });
        }
        void await_resume() const {
            if (exception) std::rethrow_exception(exception);
        }
    };
    Hop hop{loop, pool, work};
    co_await hop;
    if (!hop.result)
        co_return Failure{
            .slug = Slug::unavailable, .detail = "too much work is waiting for the disk", .retryable = true};
    co_return std::move(*hop.result);
}

}  // namespace bwgw::loop
