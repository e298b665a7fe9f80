#include "gateway/fleet/guards.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>

#include "tests/support/still_loop.h"

namespace bwgw::fleet {
namespace {

using namespace std::chrono_literals;
using Clock = loop::Clock;

const Clock::time_point kNow = Clock::now();

// -- the breaker

class Breaker : public testing::Test {
protected:
    void fail(Clock::time_point at, int times = 5) {
        for (int i = 0; i < times; ++i) breaker_.admit(at)->failed(at);
    }
    BreakerState state(Clock::time_point at) const { return breaker_.read(at).state; }
    /// When it lets the next probe by.
    Clock::time_point retry_at() const { return breaker_.read(kNow).retry_at; }

    CircuitBreaker breaker_{{}, 7};
};

TEST_F(Breaker, OpensAfterFiveFaultsInARow) {
    fail(kNow, 4);
    breaker_.admit(kNow)->answered();
    fail(kNow, 4);
    EXPECT_EQ(state(kNow), BreakerState::closed);
    fail(kNow, 1);
    EXPECT_EQ(state(kNow), BreakerState::open);
    EXPECT_FALSE(breaker_.admit(kNow));
    EXPECT_EQ(breaker_.read(kNow).since, kNow);
}

TEST_F(Breaker, LetsExactlyOneProbeByAndClosesOnItsAnswer) {
    fail(kNow);
    const auto then = retry_at();
    EXPECT_FALSE(breaker_.admit(then - 1ns));
    auto probe = breaker_.admit(then);
    ASSERT_TRUE(probe);
    EXPECT_EQ(state(then), BreakerState::half_open);
    EXPECT_FALSE(breaker_.admit(then + 1h));
    probe->answered();
    EXPECT_EQ(state(then), BreakerState::closed);
    fail(then, 4);
    EXPECT_EQ(state(then), BreakerState::closed) << "it counts from the beginning";
}

TEST_F(Breaker, StaysOpenTwiceAsLongAfterEachProbeThatFailsUpToABound) {
    fail(kNow);
    auto at = kNow;
    for (const auto span : {1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 30000ms, 30000ms}) {
        EXPECT_GE(retry_at() - at, span * 8 / 10);
        EXPECT_LE(retry_at() - at, span * 12 / 10);
        at = retry_at();
        fail(at, 1);
    }
    EXPECT_EQ(breaker_.read(at).since, kNow);
    at = retry_at();
    breaker_.admit(at)->answered();
    fail(at);
    EXPECT_LE(retry_at() - at, 1200ms) << "and begins anew";
}

TEST_F(Breaker, MakesRoomForAnotherProbeWhenOneIsDropped) {
    fail(kNow);
    const auto then = retry_at();
    { const auto dropped = breaker_.admit(then); }
    EXPECT_EQ(state(then), BreakerState::half_open);
    ASSERT_TRUE(breaker_.admit(then));
}

TEST_F(Breaker, IsNotMovedByACallFromBeforeItOpened) {
    auto early = breaker_.admit(kNow);
    auto other = breaker_.admit(kNow);
    fail(kNow);
    early->answered();
    EXPECT_EQ(state(kNow), BreakerState::open);
    const auto retry = retry_at();
    other->failed(kNow);
    EXPECT_EQ(retry_at(), retry);
}

TEST(ABreakerOfManyThreads, LetsOneProbeByAtATime) {
    CircuitBreaker breaker({.faults = 1, .open_first = 1ms, .open_most = 1ms});
    breaker.admit(kNow)->failed(kNow);
    std::atomic<int> probing = 0;
    std::atomic<int> probes = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 5'000; ++i) {
                const auto now = kNow + i * 1ms;
                auto pass = breaker.admit(now);
                if (!pass) continue;
                EXPECT_EQ(++probing, 1);
                ++probes;
                --probing;
                if ((i + t) % 2 == 0) pass->failed(now);
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_GT(probes, 0);
}

// -- the budget

TEST(ABudget, IsSpentByRetriesAndEarnedBySuccesses) {
    RetryBudget budget;
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take());
    EXPECT_FALSE(budget.take());
    for (int i = 0; i < 9; ++i) budget.succeeded();
    EXPECT_FALSE(budget.take());
    budget.succeeded();
    EXPECT_TRUE(budget.take());
    for (int i = 0; i < 1'000; ++i) budget.succeeded();
    EXPECT_EQ(budget.left(), 10);
}

TEST(ABudget, OfManyThreadsIsSpentOnce) {
    RetryBudget budget;
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) taken += budget.take() ? 1 : 0;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(taken, 10);
}

// -- one account's calls

Failure down() {
    return {.slug = Slug::provider_unavailable, .detail = "down", .retryable = true};
}
Failure with(Slug slug, bool retryable = true) {
    return {.slug = slug, .detail = "as told", .retryable = retryable};
}
Failure throttled(std::chrono::seconds wait) {
    auto failure = with(Slug::provider_throttled);
    failure.retry_after = wait;
    return failure;
}

class Account : public testing::Test {
protected:
    /// The vendor's next answers; after them, success.
    Result<int> call(Verb verb = Verb::read, std::chrono::milliseconds time = 10s) {
        return loop_.run(ask(verb, {{loop_.now() + time}, {}, {}, {}}));
    }
    Task<int> ask(Verb verb, RequestContext context) {
        return guards_.call<int>(loop_, verb, std::move(context),
                                 [this](const RequestContext& within) { return answer(within); });
    }
    Task<int> answer(const RequestContext& within) {
        ++calls_;
        deadline_ = within.deadline.at;
        (void)co_await loop::sleep_until(loop_, loop_.now() + takes_, within.cancelled);
        if (always_) co_return *always_;
        if (answers_.empty()) co_return 1;
        auto failure = answers_.front();
        answers_.pop_front();
        co_return failure;
    }
    GuardReading reading(Verb verb) const { return guards_.read()[verb == Verb::read ? 0 : 1]; }
    int calls_of(Verb verb, std::chrono::milliseconds time = 10s) {
        const int before = calls_;
        (void)call(verb, time);
        return calls_ - before;
    }

    test::StillLoop loop_;
    AccountGuards guards_{{.provider = "acme", .read_deadline = 8s, .write_deadline = 90s}};
    std::deque<Failure> answers_;
    std::optional<Failure> always_;
    std::chrono::milliseconds takes_{0};
    Clock::time_point deadline_;
    int calls_ = 0;
};

TEST_F(Account, ReadsAgainWhatFailedForAMoment) {
    answers_ = {down(), with(Slug::provider_throttled)};
    EXPECT_TRUE(call());
    EXPECT_EQ(calls_, 3);
    EXPECT_EQ(reading(Verb::read).retries, 2U);
    EXPECT_LT(reading(Verb::read).retry_budget, 9);
}

TEST_F(Account, TriesThreeTimesAtMost) {
    answers_ = {down(), down(), down()};
    EXPECT_EQ(call().failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(calls_, 3);
    EXPECT_EQ(reading(Verb::read).breaker.state, BreakerState::closed);
}

TEST_F(Account, NeverWritesAgain) {
    answers_ = {down()};
    EXPECT_FALSE(call(Verb::write));
    EXPECT_EQ(calls_, 1);
}

TEST_F(Account, ReadsOnlyOnceWhatWillNotChange) {
    for (const auto slug : {Slug::provider_auth_failed, Slug::provider_contract_violation, Slug::not_found,
                            Slug::rate_limited, Slug::invalid_request}) {
        answers_ = {with(slug)};
        EXPECT_EQ(calls_of(Verb::read), 1) << word(slug);
    }
    answers_ = {with(Slug::provider_unavailable, false)};
    EXPECT_EQ(calls_of(Verb::read), 1);
}

TEST_F(Account, ReadsAgainOnlyWhileTheDeadlineLeavesATryAsMuchAsTheLastOneTook) {
    takes_ = 5s;
    answers_ = {with(Slug::provider_timeout)};
    EXPECT_EQ(calls_of(Verb::read), 1) << "3 of 8 seconds are left";
    takes_ = 2s;
    answers_ = {with(Slug::provider_timeout), with(Slug::provider_timeout)};
    EXPECT_EQ(calls_of(Verb::read), 3);
}

TEST_F(Account, WaitsAsLongAsAThrottlingVendorSaysOrFailsAtOnce) {
    const auto began = loop_.now();
    answers_ = {throttled(3s)};
    EXPECT_TRUE(call());
    EXPECT_GE(loop_.now() - began, 3s);
    answers_ = {throttled(9s)};
    const auto again = loop_.now();
    const auto failed = call();
    EXPECT_EQ(failed.failure().slug, Slug::provider_throttled);
    EXPECT_EQ(loop_.now(), again);
    EXPECT_EQ(guards_.gate(Verb::read).read(loop_.now()).next, again + 9s) << "nobody asks before that";
    EXPECT_EQ(guards_.gate(Verb::write).read(loop_.now()).next, loop_.now());
}

TEST_F(Account, IsLeftAloneAsLongAsAVendorThatIsDownSays) {
    auto resting = down();
    resting.retry_after = 20s;
    answers_ = {resting};
    EXPECT_FALSE(call());
    EXPECT_EQ(guards_.gate(Verb::read).read(loop_.now()).next, loop_.now() + 20s);
}

TEST_F(Account, HoldsItselfBackNoLongerThanAMinuteOnAVendorsWord) {
    answers_ = {throttled(1h)};
    EXPECT_FALSE(call());
    EXPECT_EQ(guards_.gate(Verb::read).read(loop_.now()).next, loop_.now() + 60s);
}

TEST_F(Account, StopsTryingAgainWhenTheBudgetIsSpent) {
    int tried_again = 0;
    for (int i = 0; i < 20; ++i) {
        answers_ = {down()};
        tried_again += calls_of(Verb::read) - 1;
        answers_.clear();
        EXPECT_TRUE(call());  // keeps the breaker closed, and earns a tenth
    }
    EXPECT_GE(tried_again, 10);
    EXPECT_LE(tried_again, 14);
}

TEST_F(Account, FailsAtOnceWhileItsBreakerIsOpenAndSaysSo) {
    always_ = down();
    for (int i = 0; i < 2; ++i) (void)call();
    EXPECT_EQ(calls_, 5) << "the sixth would have been a retry";
    const auto refused = call();
    EXPECT_EQ(calls_, 5);
    EXPECT_EQ(refused.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(refused.failure().outcome, Outcome::none);
    EXPECT_TRUE(refused.failure().retryable && refused.failure().ours && refused.failure().retry_after);
    EXPECT_NE(refused.failure().detail.find("circuit breaker for reads of acme has been open since 20"),
              std::string::npos)
        << refused.failure().detail;
    EXPECT_EQ(reading(Verb::read).refused_breaker, 1U);
    EXPECT_EQ(calls_of(Verb::write), 1) << "writes have their own";
    always_.reset();
    loop_.pass(1200ms);
    EXPECT_TRUE(call()) << "and it recovers by itself";
    EXPECT_EQ(reading(Verb::read).breaker.state, BreakerState::closed);
}

TEST_F(Account, OpensTheBreakerOfWritesByWritesAlone) {
    always_ = with(Slug::provider_timeout, false);
    for (int i = 0; i < 5; ++i) (void)call(Verb::write);
    EXPECT_EQ(calls_of(Verb::write), 0);
    EXPECT_EQ(calls_of(Verb::read), 1);
    always_.reset();
    loop_.pass(1200ms);
    EXPECT_TRUE(call(Verb::write));
}

TEST_F(Account, DoesNotBlameTheVendorForRefusalsAuthOurLimitsOrWhoLeft) {
    auto limited = with(Slug::rate_limited);
    limited.ours = true;
    for (const auto& failure : {with(Slug::provider_auth_failed), with(Slug::insufficient_funds), limited}) {
        always_ = failure;
        for (int i = 0; i < 6; ++i) (void)call(Verb::write);
    }
    always_ = down();
    takes_ = 1s;
    for (int i = 0; i < 6; ++i) {
        std::stop_source leaving;
        auto left = test::start(ask(Verb::read, {{loop_.now() + 10s}, {}, {}, leaving.get_token()}));
        leaving.request_stop();
        loop_.settle();
        ASSERT_TRUE(left.done());
        EXPECT_FALSE(left.take());
    }
    EXPECT_EQ(reading(Verb::read).breaker.state, BreakerState::closed);
    EXPECT_EQ(reading(Verb::write).breaker.state, BreakerState::closed);
}

TEST_F(Account, SaysWhatItRefusesBeforeItIsAsked) {
    const auto refuses = [this] { return guards_.refuses(loop_, Verb::read); };
    always_ = down();
    EXPECT_FALSE(refuses());
    for (int i = 0; i < 2; ++i) (void)call();
    EXPECT_TRUE(refuses()) << "open";
    loop_.pass(1200ms);
    EXPECT_FALSE(refuses()) << "a probe is due";
    takes_ = 1s;
    const auto probe = test::start(ask(Verb::read, {{loop_.now() + 10s}, {}, {}, {}}));
    const auto refused = refuses();
    ASSERT_TRUE(refused) << "the probe is under way";
    EXPECT_NE(refused->detail.find("circuit breaker for reads of acme"), std::string::npos);
    EXPECT_EQ(refused->retry_after, 1s);
    EXPECT_FALSE(guards_.refuses(loop_, Verb::write));
}

TEST_F(Account, FreesTheProbesPlaceWhenItsCallerLeavesOrItsFrameGoes) {
    always_ = down();
    for (int i = 0; i < 2; ++i) (void)call();
    loop_.pass(1200ms);
    always_.reset();
    takes_ = 1s;
    {
        const auto dropped = test::start(ask(Verb::read, {{loop_.now() + 10s}, {}, {}, {}}));
        EXPECT_FALSE(call()) << "one probe at a time";
    }
    std::stop_source leaving;
    const auto left = test::start(ask(Verb::read, {{loop_.now() + 10s}, {}, {}, leaving.get_token()}));
    leaving.request_stop();
    loop_.settle();
    EXPECT_TRUE(call());
}

TEST_F(Account, GivesAProbeAShortDeadlineOfItsOwn) {
    always_ = down();
    for (int i = 0; i < 2; ++i) (void)call();
    loop_.pass(1200ms);
    const auto own = [this] { return loop_.run(ask(Verb::read, {{loop_.now() + 60s}, {}, {}, {}, true})); };
    (void)own();
    EXPECT_EQ(deadline_, loop_.now() + 10s) << "nobody else is let by meanwhile";
    loop_.pass(2400ms);
    always_.reset();
    EXPECT_TRUE(own());
    EXPECT_TRUE(own());
    EXPECT_EQ(deadline_, loop_.now() + 60s);
}

TEST_F(Account, SleepsBetweenTriesNoLongerThanItsCallerStays) {
    answers_ = {throttled(5s)};
    std::stop_source leaving;
    auto left = test::start(ask(Verb::read, {{loop_.now() + 10s}, {}, {}, leaving.get_token()}));
    EXPECT_FALSE(left.done());
    leaving.request_stop();
    loop_.settle();
    ASSERT_TRUE(left.done());
    EXPECT_EQ(left.take().failure().slug, Slug::provider_throttled);
    EXPECT_EQ(calls_, 1);
}

TEST_F(Account, LeavesTheGatewaysOwnReadingsTheirTimeAndBoundsEachCall) {
    (void)loop_.run(ask(Verb::read, {{loop_.now() + 900s}, {}, {}, {}, true}));
    EXPECT_EQ(deadline_, loop_.now() + 900s);
    EXPECT_EQ(guards_.gate(Verb::read).options().call_deadline, 8s);
    EXPECT_EQ(guards_.gate(Verb::write).options().call_deadline, std::nullopt);
}

TEST_F(Account, HasItsOwnDeadlinesTheReadsWithinTheirCallers) {
    (void)call(Verb::read, 60s);
    EXPECT_EQ(deadline_, loop_.now() + 8s);
    (void)call(Verb::read, 2s);
    EXPECT_EQ(deadline_, loop_.now() + 2s);
    (void)call(Verb::write, 2s);
    EXPECT_EQ(deadline_, loop_.now() + 90s);
}

TEST(Guards, AreReadForAllAccountsFromAnyThread) {
    const Guards guards({{.provider = "a"}, {.provider = "b"}});
    std::thread other([&] { EXPECT_EQ(guards.read().size(), 4U); });
    const auto readings = guards.read();
    other.join();
    EXPECT_EQ(readings[3].provider, "b");
    EXPECT_EQ(readings[3].verb, "write");
    EXPECT_EQ(readings[2].retry_budget, 10);
    EXPECT_EQ(guards.of("c"), nullptr);
}

}  // namespace
}  // namespace bwgw::fleet
