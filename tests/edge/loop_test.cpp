#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/edge/server.h"
#include "gateway/loop/blocking.h"
#include "gateway/loop/wait.h"
#include "providers/contract/when_all.h"

namespace bwgw::edge {
namespace {

using loop::Clock;
using loop::Loop;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kPatience{10};

// A running server whose background loop is under test.
class LoopTest : public testing::Test {
protected:
    LoopTest()
        : server_(
              {.port = 0},
              [](Loop&) { return [](http::Request) -> Task<http::Response> { co_return http::Response{}; }; },
              [this](Loop& background) { loop_ = &background; }) {
        server_.start();
    }

    // Runs it on the loop and waits for its result.
    template <class Work>
    auto on_loop(Work work) {
        auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
        auto result = task->get_future();
        EXPECT_TRUE(loop_->post([task] { (*task)(); }));
        return result.get();
    }

    // Spawns it on the loop and waits for its end.
    void run(std::function<Task<void>()> body) {
        std::promise<void> ended;
        loop_->post([&] { loop_->spawn(until_end(body, ended)); });
        ASSERT_EQ(ended.get_future().wait_for(kPatience), std::future_status::ready);
    }

    static Task<void> until_end(const std::function<Task<void>()>& body, std::promise<void>& ended) {
        static_cast<void>(co_await body());
        ended.set_value();
        co_return Result<void>{};
    }

    Loop* loop_ = nullptr;
    Server server_;
};

TEST_F(LoopTest, RunsPostsInOrderFromManyThreads) {
    constexpr int threads = 4;
    constexpr int each = 2000;
    std::vector<std::vector<int>> seen(threads);  // touched on the loop only
    std::atomic<int> count = 0;
    std::vector<std::thread> posters;
    for (int thread = 0; thread < threads; ++thread) {
        posters.emplace_back([&, thread] {
            for (int i = 0; i < each; ++i) {
                loop_->post([&, thread, i] {
                    seen[static_cast<std::size_t>(thread)].push_back(i);
                    ++count;
                });
            }
        });
    }
    for (auto& poster : posters) poster.join();
    on_loop([] { return 0; });
    EXPECT_EQ(count, threads * each);
    for (const auto& numbers : seen) EXPECT_TRUE(std::ranges::is_sorted(numbers));
}

TEST_F(LoopTest, LosesNoPostThatComesAloneAgainAndAgain) {
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(on_loop([i] { return i; }), i);
}

TEST_F(LoopTest, FiresTimersInOrderAndNotBeforeTheirTime) {
    std::vector<int> order;
    std::promise<void> ended;
    const auto now = Clock::now();
    loop_->post([&] {
        loop_->call_at(now + milliseconds{60}, [&] {
            order.push_back(3);
            EXPECT_GE(Clock::now(), now + milliseconds{60});
            ended.set_value();
        });
        loop_->call_at(now + milliseconds{20}, [&] { order.push_back(1); });
        loop_->call_at(now + milliseconds{40}, [&] { order.push_back(2); });
        const auto cancelled = loop_->call_at(now + milliseconds{30}, [&] { order.push_back(9); });
        loop_->cancel(cancelled);
        loop_->cancel(cancelled);
    });
    ASSERT_EQ(ended.get_future().wait_for(kPatience), std::future_status::ready);
    EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST_F(LoopTest, ATimerThatReArmsItselfForNowStarvesNobody) {
    std::atomic<bool> stop = false;
    std::function<void()> again = [&] {
        if (!stop) loop_->call_at(Clock::now(), again);
    };
    loop_->post(again);
    EXPECT_EQ(on_loop([] { return 1; }), 1);
    stop = true;
    on_loop([] { return 0; });
    on_loop([] { return 0; });
}

struct Reader : Loop::Watcher {
    explicit Reader(int in) : fd(in) {}
    void ready(bool readable, bool) override {
        char bytes[64];
        if (!readable) return;
        const ssize_t done = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (done > 0) got.set_value(std::string(bytes, static_cast<std::size_t>(done)));
        if (done == 0) loop->unwatch(fd);
        if (done == 0) closed.set_value();
    }
    int fd;
    Loop* loop = nullptr;
    std::promise<std::string> got;
    std::promise<void> closed;
};

TEST_F(LoopTest, WatchesDescriptorsUntilTheyHangUp) {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    Reader reader(pair[0]);
    reader.loop = loop_;
    on_loop([&] {
        loop_->watch(pair[0], true, false, reader);
        return 0;
    });
    ASSERT_EQ(::write(pair[1], "hi", 2), 2);
    EXPECT_EQ(reader.got.get_future().get(), "hi");
    ::close(pair[1]);
    reader.closed.get_future().get();
    ::close(pair[0]);
}

struct Counting : Loop::Watcher {
    void ready(bool, bool) override { ++calls; }
    int calls = 0;
};

TEST_F(LoopTest, IsNotConfusedByADescriptorThatWasClosedWithoutUnwatch) {
    Counting before;
    Counting after;
    const int fd = on_loop([&] {
        int pair[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        loop_->watch(pair[0], true, false, before);
        ::close(pair[0]);
        const int again = ::dup(pair[1]);
        EXPECT_EQ(again, pair[0]);
        ::close(pair[1]);
        loop_->watch(again, true, true, after);
        return again;
    });
    while (on_loop([&] { return after.calls; }) == 0) std::this_thread::yield();
    EXPECT_EQ(before.calls, 0);
    on_loop([&] {
        ::close(fd);
        loop_->unwatch(fd);
        loop_->unwatch(1 << 20);  // never watched
        return 0;
    });
}

TEST_F(LoopTest, SleepsUntilItsTimeOrUntilStopped) {
    run([this]() -> Task<void> {
        const auto begin = Clock::now();
        const auto slept = co_await loop::sleep_until(*loop_, begin + milliseconds{20});
        EXPECT_TRUE(*slept);
        EXPECT_GE(Clock::now() - begin, milliseconds{20});
        std::stop_source stop;
        loop_->call_at(Clock::now() + milliseconds{5}, [&stop] { stop.request_stop(); });
        EXPECT_FALSE(*co_await loop::sleep_until(*loop_, Clock::now() + kPatience, stop.get_token()));
        EXPECT_FALSE(*co_await loop::sleep_until(*loop_, Clock::now() + kPatience, stop.get_token()));
        co_return Result<void>{};
    });
}

TEST_F(LoopTest, ASleepCanBeStoppedFromAnotherThread) {
    for (int i = 0; i < 50; ++i) {
        std::stop_source stop;
        std::thread stopper([&stop] { stop.request_stop(); });
        run([this, token = stop.get_token()]() -> Task<void> {
            static_cast<void>(co_await loop::sleep_until(*loop_, Clock::now() + kPatience, token));
            co_return Result<void>{};
        });
        stopper.join();
    }
}

Task<bool> waits(loop::Event& event, Clock::time_point at, std::stop_token stop) {
    co_return co_await event.wait_until(at, stop);
}

TEST_F(LoopTest, AnEventWakesAllWhoWaitAndLaterOnesDoNotWait) {
    run([this]() -> Task<void> {
        loop::Event event(*loop_);
        std::vector<Task<bool>> waiters;
        for (int i = 0; i < 3; ++i) waiters.push_back(waits(event, Clock::now() + kPatience, {}));
        waiters.push_back(waits(event, Clock::now() + milliseconds{1}, {}));
        std::stop_source stop;
        waiters.push_back(waits(event, Clock::now() + kPatience, stop.get_token()));
        loop_->call_at(Clock::now() + milliseconds{10}, [&stop] { stop.request_stop(); });
        loop_->call_at(Clock::now() + milliseconds{30}, [&event] { event.set(); });
        const auto results = co_await when_all(std::move(waiters));
        std::vector<bool> outcomes;
        for (const auto& result : *results) outcomes.push_back(*result);
        EXPECT_EQ(outcomes, (std::vector<bool>{true, true, true, false, false}));
        EXPECT_TRUE(event.is_set());
        EXPECT_TRUE(*co_await event.wait_until(Clock::now(), {}));
        co_return Result<void>{};
    });
}

TEST_F(LoopTest, BlockingWorkRunsElsewhereAndComesBack) {
    loop::BlockingPool pool(2);
    run([this, &pool]() -> Task<void> {
        const auto here = std::this_thread::get_id();
        const auto there = co_await loop::blocking(
            *loop_, pool, [] { return Result<std::thread::id>(std::this_thread::get_id()); });
        EXPECT_NE(*there, here);
        EXPECT_EQ(std::this_thread::get_id(), here);
        bool thrown = false;
        try {
            static_cast<void>(co_await loop::blocking(
                *loop_, pool, []() -> Result<int> { throw std::runtime_error("x"); }));
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        EXPECT_TRUE(thrown);
        co_return Result<void>{};
    });
}

TEST_F(LoopTest, BlockingWorkIsRefusedWhenTooMuchWaits) {
    loop::BlockingPool pool(1);
    std::promise<void> go;
    auto gate = go.get_future().share();
    std::promise<void> begun;
    ASSERT_TRUE(pool.submit([gate, &begun] {
        begun.set_value();
        gate.wait();
    }));
    begun.get_future().get();
    for (std::size_t i = 0; i < loop::BlockingPool::kMaxQueued; ++i) ASSERT_TRUE(pool.submit([] {}));
    run([this, &pool]() -> Task<void> {
        const auto refused = co_await loop::blocking(*loop_, pool, [] { return Result<int>(1); });
        EXPECT_FALSE(refused);
        EXPECT_EQ(refused.failure().slug, Slug::unavailable);
        co_return Result<void>{};
    });
    go.set_value();
    run([this, &pool]() -> Task<void> {
        for (;;) {
            const auto result = co_await loop::blocking(*loop_, pool, [] { return Result<int>(1); });
            if (result) break;
            static_cast<void>(co_await loop::sleep_until(*loop_, Clock::now() + milliseconds{1}));
        }
        co_return Result<void>{};
    });
}

TEST_F(LoopTest, RefusesPostsAfterItsEnd) {
    server_.stop();
    EXPECT_FALSE(loop_->post([] {}));
}

TEST_F(LoopTest, TheDrainWaitsForSpawnedTasks) {
    std::promise<void> asleep;
    std::stop_source stop;
    auto body = [this, &asleep, token = stop.get_token()]() -> Task<void> {
        asleep.set_value();
        static_cast<void>(co_await loop::sleep_until(*loop_, Clock::now() + seconds{60}, token));
        co_return Result<void>{};
    };
    loop_->post([&] { loop_->spawn(body()); });
    asleep.get_future().get();
    EXPECT_EQ(on_loop([this] { return loop_->spawned(); }), 1U);
    EXPECT_FALSE(server_.wait_drained(milliseconds{50}));
    stop.request_stop();
    EXPECT_TRUE(server_.wait_drained(kPatience));
}

}  // namespace
}  // namespace bwgw::edge
