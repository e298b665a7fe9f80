#include "gateway/upstream/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include "gateway/loop/wait.h"
#include "tests/support/still_loop.h"

namespace bwgw::upstream {
namespace {

using namespace std::chrono_literals;
using Clock = loop::Clock;

// -- the bucket

const Clock::time_point kNow = Clock::now();

TEST(ABucket, LetsABurstLeaveAtOnceAndThenOneEachInterval) {
    TokenBucket bucket(5, 3);
    for (const auto wait : {0ms, 0ms, 0ms, 200ms, 400ms})
        EXPECT_EQ(bucket.reserve(kNow, kNow + 1s).at, kNow + wait);
}

TEST(ABucket, FillsUpAgainInAQuietTimeAndNoFurther) {
    TokenBucket bucket(10, 2);
    for (int i = 0; i < 2; ++i) (void)bucket.reserve(kNow, kNow);
    const auto later = kNow + 1h;
    for (const auto wait : {0ms, 0ms, 100ms}) EXPECT_EQ(bucket.reserve(later, later + 1s).at, later + wait);
}

TEST(ABucket, TakesNothingForWhatItRefuses) {
    TokenBucket bucket(1, 1);
    EXPECT_TRUE(bucket.reserve(kNow, kNow).granted);
    for (int i = 0; i < 10; ++i) {
        const auto turn = bucket.reserve(kNow, kNow + 999ms);
        EXPECT_FALSE(turn.granted);
        EXPECT_EQ(turn.at, kNow + 1s);
    }
    EXPECT_TRUE(bucket.reserve(kNow + 1s, kNow + 1s).granted);
}

TEST(ABucket, ThatIsHeldLetsNobodyLeaveBeforeAndNoBurstThen) {
    TokenBucket bucket(10, 5);
    bucket.hold_until(kNow + 3s);
    bucket.hold_until(kNow + 1s);  // does not shorten it
    EXPECT_FALSE(bucket.reserve(kNow, kNow + 2s).granted);
    EXPECT_EQ(bucket.next(kNow), kNow + 3s);
    for (const auto wait : {3000ms, 3100ms}) EXPECT_EQ(bucket.reserve(kNow, kNow + 9s).at, kNow + wait);
}

TEST(ABucket, GivesManyThreadsNoMoreThanItsRate) {
    constexpr int kThreads = 4;
    constexpr int kTurns = 5'000;
    TokenBucket bucket(1'000, 10);
    std::vector<std::vector<Clock::time_point>> turns(kThreads);
    std::vector<std::thread> threads;
    for (auto& mine : turns)
        threads.emplace_back([&bucket, &mine] {
            for (int i = 0; i < kTurns; ++i) mine.push_back(bucket.reserve(kNow, kNow + 1h).at);
        });
    for (auto& thread : threads) thread.join();
    std::vector<Clock::time_point> all;
    for (const auto& mine : turns) all.insert(all.end(), mine.begin(), mine.end());
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i)
        ASSERT_EQ(all[i], kNow + std::max(0ms, std::chrono::milliseconds(i) - 9ms)) << i;
}

// -- the places

class Places : public testing::Test {
protected:
    using Place = ConcurrencyLimit::Place;
    test::Running<Place> ask(std::stop_token left = {}, bool preferred = false) {
        return test::start(limit_.take(loop_, loop_.now() + 10s, std::move(left), preferred));
    }
    Place take() {
        auto asked = ask();
        return *asked.take();
    }
    void expect(std::size_t in_flight, std::size_t queued) const {
        EXPECT_EQ(limit_.load().in_flight, in_flight);
        EXPECT_EQ(limit_.load().queued, queued);
    }

    test::StillLoop loop_;
    ConcurrencyLimit limit_{2, 2};
};

TEST_F(Places, AreGivenBackAtTheEndOfACall) {
    {
        const auto one = take();
        const auto two = take();
        expect(2, 0);
    }
    expect(0, 0);
}

TEST_F(Places, GoToThoseWhoWaitInTheOrderOfTheirComing) {
    std::optional<Place> one = take();
    std::optional<Place> two = take();
    auto third = ask();
    auto fourth = ask();
    expect(2, 2);
    one.reset();
    loop_.settle();
    ASSERT_TRUE(third.done());
    EXPECT_FALSE(fourth.done());
    two.reset();
    loop_.settle();
    EXPECT_TRUE(fourth.done());
    expect(2, 0);
}

TEST_F(Places, AreRefusedAtOnceWhenTheQueueIsFull) {
    const auto one = take();
    const auto two = take();
    const auto third = ask();
    const auto fourth = ask();
    auto fifth = ask();
    ASSERT_TRUE(fifth.done());
    const auto refused = fifth.take();
    EXPECT_EQ(refused.failure().slug, Slug::rate_limited);
    EXPECT_EQ(refused.failure().outcome, Outcome::none);
    EXPECT_TRUE(refused.failure().retryable && refused.failure().ours);
    expect(2, 2);
}

TEST_F(Places, GoToThePreferredFirstWhoseRoomInTheQueueNobodyElseTakes) {
    std::optional<Place> one = take();
    std::optional<Place> two = take();
    auto third = ask();
    auto fourth = ask();
    auto preferred = ask({}, true);
    auto next = ask({}, true);
    EXPECT_TRUE(ask({}, true).done()) << "theirs is full, too";
    expect(2, 4);
    one.reset();
    two.reset();
    loop_.settle();
    EXPECT_TRUE(preferred.done());
    EXPECT_TRUE(next.done());
    EXPECT_FALSE(third.done());
    expect(2, 2);
}

TEST_F(Places, AreNotWaitedForBeyondTheTimeOrByWhoHasLeft) {
    const auto one = take();
    const auto two = take();
    std::stop_source leaving;
    auto late = ask();
    auto gone = ask(leaving.get_token());
    leaving.request_stop();
    loop_.settle();
    ASSERT_TRUE(gone.done());
    EXPECT_FALSE(gone.take());
    expect(2, 1);
    loop_.pass(10s);
    ASSERT_TRUE(late.done());
    EXPECT_EQ(late.take().failure().slug, Slug::rate_limited);
    expect(2, 0);
}

TEST_F(Places, AreNotLostWithAFrameThatIsDestroyed) {
    std::optional<Place> one = take();
    const auto two = take();
    {
        const auto dropped = ask();  // while it waits
        expect(2, 1);
    }
    expect(2, 0);
    {
        const auto dropped = ask();
        one.reset();  // given to it, and it does not know yet
        expect(2, 0);
    }
    expect(1, 0);
    loop_.settle();
    expect(1, 0);
}

TEST(PlacesOfManyThreads, AreNeverMoreThanTheLimitAndNeverLost) {
    constexpr std::size_t kMost = 3;
    constexpr int kCalls = 300;
    ConcurrencyLimit limit(kMost, 1'000);
    std::atomic<int> now = 0;
    std::atomic<int> peak = 0;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)
        workers.emplace_back([&] {
            test::PollLoop loop;
            int open = kCalls;
            const auto call = [&](int turn) -> Task<void> {
                std::stop_source leaving;
                if (turn % 7 == 0) leaving.request_stop();
                auto place = co_await limit.take(loop, loop.now() + 20s, leaving.get_token());
                if (place) {
                    const int mine = ++now;
                    for (int most = peak; most < mine && !peak.compare_exchange_weak(most, mine);) {
                    }
                    (void)co_await loop::sleep_until(loop, loop.now());
                    --now;
                }
                --open;
                co_return Result<void>{};
            };
            for (int turn = 0; turn < kCalls; ++turn) loop.spawn(call(turn));
            EXPECT_TRUE(loop.run_until([&] { return open == 0; }));
        });
    for (auto& worker : workers) worker.join();
    EXPECT_GT(peak, 0);
    EXPECT_LE(peak, static_cast<int>(kMost));
    EXPECT_EQ(limit.load().in_flight, 0U);
    EXPECT_EQ(limit.load().queued, 0U);
}

// -- the way out

// Answers after a while.
struct SlowVendor final : HttpTransport {
    explicit SlowVendor(loop::Loop& on) : loop(on) {}
    Task<HttpReply> send(const RequestContext& context, HttpRequest request) override {
        sent.push_back({request.action, loop.now(), context.deadline.at});
        ++in_flight;
        (void)co_await loop::sleep_until(loop, std::min(loop.now() + takes, context.deadline.at));
        --in_flight;
        co_return HttpReply{.status = 200, .headers = {}, .body = {}};
    }
    struct Sent {
        std::string action;
        Clock::time_point at;
        Clock::time_point deadline;
    };
    loop::Loop& loop;
    std::chrono::milliseconds takes{0};
    std::vector<Sent> sent;
    int in_flight = 0;
};

class TheWayOut : public testing::Test {
protected:
    test::Running<HttpReply> ask(bool write = false, std::chrono::milliseconds time = 10s,
                                 std::stop_token left = {}, bool preferred = false) {
        contexts_.push_back({{loop_.now() + time}, {}, {}, std::move(left), preferred});
        HttpRequest request{
            .action = write ? "Create" : "List", .url = {}, .headers = {}, .body = {}, .write = write};
        return test::start(way_.send(contexts_.back(), std::move(request)));
    }

    test::StillLoop loop_;
    SlowVendor vendor_{loop_};
    Gate reads_{{.name = "reads of acme", .per_second = 10, .burst = 2, .concurrent = 3, .queue = 1}};
    Gate writes_{{.name = "writes of acme", .per_second = 1, .burst = 1, .concurrent = 1, .queue = 1}};
    GatedTransport way_{loop_, vendor_, reads_, writes_};
    std::deque<RequestContext> contexts_;
};

TEST_F(TheWayOut, IsKeptToItsRate) {
    const auto began = loop_.now();
    std::vector<test::Running<HttpReply>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(ask());
    loop_.pass(1s);
    ASSERT_EQ(vendor_.sent.size(), 4U);
    EXPECT_EQ(vendor_.sent[1].at, began);
    EXPECT_EQ(vendor_.sent[2].at, began + 100ms);
    EXPECT_EQ(vendor_.sent[3].at, began + 200ms);
}

TEST_F(TheWayOut, RefusesWhatWouldLeaveTooLateAndSaysWhatWasFull) {
    vendor_.takes = 10s;
    std::vector<test::Running<HttpReply>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(ask());
    auto fifth = ask();
    ASSERT_TRUE(fifth.done()) << "the queue is full";
    const auto full = fifth.take();
    EXPECT_EQ(full.failure().slug, Slug::rate_limited);
    EXPECT_NE(full.failure().detail.find("reads of acme"), std::string::npos) << full.failure().detail;
    EXPECT_EQ(reads_.read(loop_.now()).refused_queue, 1U);
    loop_.pass(5s);
    ASSERT_TRUE(calls[3].done()) << "half of its time is the vendor's";
    EXPECT_EQ(calls[3].take().failure().slug, Slug::rate_limited);
    EXPECT_EQ(vendor_.sent.size(), 3U);

    reads_.hold_until(loop_.now() + 30s);
    loop_.pass(6s);
    auto held = ask();
    ASSERT_TRUE(held.done());
    const auto throttled = held.take();
    EXPECT_TRUE(throttled.failure().ours && throttled.failure().retryable);
    EXPECT_EQ(throttled.failure().retry_after, 24s);
    EXPECT_EQ(reads_.read(loop_.now()).refused_rate, 1U);
    loop_.pass(24s);
    (void)ask();
    EXPECT_EQ(vendor_.sent.size(), 4U) << "and it recovers";
}

TEST_F(TheWayOut, OfWritesIsNotTheWayOutOfReads) {
    vendor_.takes = 3s;
    const auto first = ask(true);
    const auto second = ask(true);
    const auto read = ask();
    ASSERT_EQ(vendor_.sent.size(), 2U);
    EXPECT_EQ(vendor_.sent[1].action, "List");
    loop_.pass(3s);
    EXPECT_EQ(vendor_.sent.size(), 3U) << "one write at a time";
}

TEST_F(TheWayOut, IsFreeAgainWhenACallIsDropped) {
    vendor_.takes = 10s;
    {
        const auto one = ask();
        const auto two = ask();
        const auto waits_for_its_turn = ask();
        EXPECT_EQ(reads_.read(loop_.now()).in_flight, 3U);
    }
    EXPECT_EQ(reads_.read(loop_.now()).in_flight, 0U);
}

TEST_F(TheWayOut, CostsNoTurnToThoseWhoLeaveBeforeTheirs) {
    const auto began = loop_.now();
    const auto one = ask(true);
    for (int i = 0; i < 30; ++i) {
        std::stop_source leaving;
        auto gone = ask(true, 10s, leaving.get_token());
        leaving.request_stop();
        loop_.settle();
        ASSERT_TRUE(gone.done());
        EXPECT_FALSE(gone.take());
    }
    auto next = ask(true);
    loop_.pass(1s);
    EXPECT_TRUE(next.done());
    ASSERT_EQ(vendor_.sent.size(), 2U);
    EXPECT_EQ(vendor_.sent[1].at, began + 1s);
}

TEST_F(TheWayOut, LetsWhatIsForAWriteGoBeforeWhatCallersOnlyRead) {
    Gate slow({.name = "reads of acme", .per_second = 1, .burst = 1, .concurrent = 2, .queue = 24});
    GatedTransport way(loop_, vendor_, slow, writes_);
    RequestContext context{{loop_.now() + 60s}, {}, {}, {}};
    const RequestContext write{{loop_.now() + 10s}, {}, {}, {}, true};
    std::vector<test::Running<HttpReply>> reads;
    for (int i = 0; i < 30; ++i) reads.push_back(test::start(way.send(context, {})));
    EXPECT_EQ(slow.read(loop_.now()).refused_queue, 4U);
    auto baseline = test::start(way.send(write, {}));
    loop_.pass(3s);
    ASSERT_TRUE(baseline.done()) << "after the one that is in the line already, and the first in it";
    EXPECT_TRUE(baseline.take());
}

TEST_F(TheWayOut, RefusesAtOnceWhomThoseBeforeItLeaveNoTurn) {
    Gate slow({.name = "reads of acme", .per_second = 1, .burst = 1, .concurrent = 9, .queue = 1});
    GatedTransport way(loop_, vendor_, slow, writes_);
    const RequestContext context{{loop_.now() + 4s}, {}, {}, {}};
    std::vector<test::Running<HttpReply>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(test::start(way.send(context, {})));
    ASSERT_TRUE(calls[3].done()) << "its turn would be in the third second, and it waits for two";
    EXPECT_EQ(calls[3].take().failure().retry_after, 3s);
    EXPECT_EQ(slow.read(loop_.now()).refused_rate, 1U);
    loop_.pass(2s);
    EXPECT_EQ(vendor_.sent.size(), 3U);
}

TEST_F(TheWayOut, GivesEachCallOfALongReadingItsOwnDeadline) {
    Gate bounded({.name = "reads of acme", .concurrent = 1, .call_deadline = 8s});
    GatedTransport way(loop_, vendor_, bounded, writes_);
    const RequestContext listing{{loop_.now() + 900s}, {}, {}, {}};
    vendor_.takes = 60s;
    for (int page = 0; page < 2; ++page) {
        const auto began = loop_.now();
        auto call = test::start(way.send(listing, {}));
        loop_.pass(8s);
        ASSERT_TRUE(call.done());
        EXPECT_EQ(vendor_.sent.back().deadline, began + 8s);
    }
    const RequestContext hurried{{loop_.now() + 2s}, {}, {}, {}};
    auto call = test::start(way.send(hurried, {}));
    EXPECT_EQ(vendor_.sent.back().deadline, loop_.now() + 2s);
}

}  // namespace
}  // namespace bwgw::upstream
