#include "gateway/ledger/lease.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <utility>

#include "tests/ledger/store.h"

namespace bwgw::ledger {
namespace {

using namespace std::chrono_literals;

// Remembers what was renewed, or fails.
class Renewals final : public Ledger {
public:
    Result<void> renew(const std::string& owner, Timestamp until) override {
        const std::lock_guard lock(mutex_);
        calls_.emplace_back(owner, until);
        changed_.notify_all();
        if (fails) return Failure{.slug = Slug::unavailable};
        return {};
    }
    /// Waits until there are as many.
    bool reached(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [&] { return calls_.size() >= count; });
    }
    std::vector<std::pair<std::string, Timestamp>> calls() {
        const std::lock_guard lock(mutex_);
        return calls_;
    }
    std::atomic<bool> fails = false;

    Result<Acceptance> accept(Operation) override { return Failure{}; }
    Result<void> record(Operation) override { return Failure{}; }
    Result<Operation> claim(const Operation&, const std::string&) override { return Failure{}; }
    Result<std::vector<Operation>> orphans(Timestamp) override { return Failure{}; }
    Result<Operation> find(const std::string&) override { return Failure{}; }
    Result<std::vector<Operation>> list(const OperationFilter&) override { return Failure{}; }
    Result<std::size_t> forget_keys(Timestamp) override { return Failure{}; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<std::string, Timestamp>> calls_;
};

constexpr Lease::Clock::time_point kNow(1000s);
constexpr Timestamp kWall(1'000'000s);

TEST(Lease, HoldsForItsSpanFromBeforeItWasRenewedAndNotBeforeThat) {
    Renewals ledger;
    Lease lease(ledger, 15s);
    EXPECT_FALSE(lease.held(kNow, kNow));
    EXPECT_FALSE(lease.ledger_works());
    ASSERT_TRUE(lease.renew(kNow, kWall));
    EXPECT_TRUE(lease.ledger_works());
    EXPECT_TRUE(lease.held(kNow + 14'999ms, kNow + 14'999ms));
    EXPECT_FALSE(lease.held(kNow + 15s, kNow + 15s));
    EXPECT_EQ(ledger.calls().back(), (std::pair{lease.owner(), kWall + 15s}));
}

TEST(Lease, IsNotLongerForARenewalThatFailed) {
    Renewals ledger;
    Lease lease(ledger, 15s);
    ASSERT_TRUE(lease.renew(kNow, kWall));
    ledger.fails = true;
    EXPECT_FALSE(lease.renew(kNow + 5s, kWall + 5s));
    EXPECT_FALSE(lease.ledger_works());
    EXPECT_TRUE(lease.held(kNow + 14s, kNow + 14s));
    EXPECT_FALSE(lease.held(kNow + 16s, kNow + 16s));
    ledger.fails = false;
    ASSERT_TRUE(lease.renew(kNow + 20s, kWall + 20s));
    EXPECT_TRUE(lease.ledger_works());
    EXPECT_TRUE(lease.held(kNow + 21s, kNow + 21s));
    EXPECT_FALSE(lease.held(kNow + 14s, kNow + 21s))
        << "there was a gap, and others may have taken over in it";
}

TEST(Lease, LetsItsProcessTakeOverOnceItWasHeldForAWholeSpan) {
    Renewals ledger;
    Lease lease(ledger, 15s);
    ASSERT_TRUE(lease.renew(kNow, kWall));
    EXPECT_FALSE(lease.may_take_over(kNow + 14s));
    ASSERT_TRUE(lease.renew(kNow + 14s, kWall + 14s));
    EXPECT_TRUE(lease.may_take_over(kNow + 16s));
    ASSERT_TRUE(lease.renew(kNow + 40s, kWall + 40s));
    EXPECT_FALSE(lease.may_take_over(kNow + 41s));
}

TEST(Lease, NamesEveryStartAnew) {
    Renewals ledger;
    EXPECT_NE(Lease(ledger, 1s).owner(), Lease(ledger, 1s).owner());
}

TEST(Lease, LeavesItsOperationsToOthersAtOnceWhenItEnds) {
    const auto store = fresh_store(StoreKind::sqlite);
    const auto ledger = open(store->url());
    Lease lease(*ledger, 15s);
    ASSERT_TRUE(lease.renew(kNow, kWall));
    auto operation = purchase("", "");
    operation.owner = lease.owner();
    ASSERT_TRUE(ledger->accept(operation));
    EXPECT_TRUE(ledger->orphans(kWall)->empty());
    ASSERT_TRUE(lease.end());
    EXPECT_FALSE(lease.held(kNow, kNow));
    EXPECT_EQ(ledger->orphans(kWall)->size(), 1U);
}

TEST(LeaseKeeper, RenewsAtOnceAndAgainEvenAfterFailuresAndEndsWithItself) {
    Renewals ledger;
    ledger.fails = true;
    Lease lease(ledger, 60ms);
    {
        const LeaseKeeper keeper(lease);
        ASSERT_TRUE(ledger.reached(2));
        ledger.fails = false;
        ASSERT_TRUE(ledger.reached(5));
        EXPECT_TRUE(lease.ledger_works());
    }
    EXPECT_EQ(ledger.calls().back(), (std::pair{lease.owner(), Timestamp{}}));
    EXPECT_FALSE(lease.held(Lease::Clock::now(), Lease::Clock::now()));
}

TEST(LeaseKeeper, EndsWithoutWaitingForItsNextTurn) {
    Renewals ledger;
    Lease lease(ledger, 1h);
    const auto begin = Lease::Clock::now();
    {
        const LeaseKeeper keeper(lease);
        ASSERT_TRUE(ledger.reached(1));
    }
    EXPECT_LT(Lease::Clock::now() - begin, 1min);
}

}  // namespace
}  // namespace bwgw::ledger
