#include "gateway/inventory/refresher.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "gateway/ledger/ledger.h"
#include "tests/inventory/fixture.h"
#include "tests/support/inline_pool.h"
#include "tests/support/poll_loop.h"

namespace bwgw::inventory {
namespace {

constexpr RefreshPace kPace{.least = 10s, .most = 60s, .deadline = 30s, .lease = 15s};

struct Vendor {
    std::vector<Bandwidth> rows = {bandwidth("a")};
    std::optional<Failure> fails;
    bool hangs = false;
};

class Account final : public Provider {
public:
    Account(Vendor& vendor, test::PollLoop& loop) : vendor_(vendor), loop_(loop) {
        profile_ = {"east", "fake", {{.product = "pair", .actions = {Action::list}}}};
    }
    const Profile& profile() const noexcept override { return profile_; }
    Task<Listing> list(const RequestContext& context, Query) override {
        began.push_back(loop_.now());
        most = std::max(most, ++under_way);
        while (vendor_.hangs) {
            auto slept = co_await loop::sleep_until(loop_, loop_.now() + 1s, context.cancelled);
            if (!slept || !*slept) co_return kDown;
        }
        --under_way;
        if (vendor_.fails) co_return *vendor_.fails;
        Listing listing{vendor_.rows, {}};
        co_return std::move(listing);
    }
    Task<Receipt> create(const RequestContext&, Order) override { co_return kDown; }
    Task<Receipt> change(const RequestContext&, ResourceRef, Change) override { co_return kDown; }
    Task<Receipt> release(const RequestContext&, ResourceRef) override { co_return kDown; }
    Task<Price> quote(const RequestContext&, Wish) override { co_return kDown; }
    Task<std::vector<Region>> regions(const RequestContext&) override { co_return kDown; }

    std::vector<Clock::time_point> began;
    int under_way = 0, most = 0;

private:
    Vendor& vendor_;
    test::PollLoop& loop_;
    Profile profile_;
};

class FailingStore final : public ledger::InventoryStore {
public:
    explicit FailingStore(InventoryStore& in) : store(&in) {}
    Result<ledger::StoredAccount> load(const std::string& provider, std::int64_t since) override {
        if (broken) return kDown;
        return store->load(provider, since);
    }
    Result<bool> save(const std::string& provider, std::optional<Moment> as_of,
                      const std::vector<StoredRow>& changes, Moment now) override {
        ++saves;
        if (broken) return kDown;
        return store->save(provider, as_of, changes, now);
    }
    Result<ledger::Lead> lead(const std::string& provider, const std::string& owner, Moment now, Moment until,
                              const ledger::Lead& silent) override {
        if (broken) return kDown;
        return store->lead(provider, owner, now + fast, until + fast, silent);
    }
    bool broken = false;
    std::chrono::minutes fast{0};  ///< this gateway's clock
    int saves = 0;
    InventoryStore* store;
};

// One gateway's share of this.
struct Gateway {
    Gateway(std::string owner, Vendor& vendor, test::PollLoop& on, ledger::InventoryStore& in)
        : store(in), refresher(on, pool, fleet_of(vendor, on), inventory, store, std::move(owner), kPace) {}

    fleet::Fleet& fleet_of(Vendor& vendor, test::PollLoop& loop) {
        std::vector<std::unique_ptr<Provider>> providers;
        providers.push_back(std::make_unique<Account>(vendor, loop));
        account = static_cast<Account*>(providers.back().get());
        return fleet.emplace(std::move(providers),
                             std::make_shared<const fleet::Crosswalk>(std::vector<fleet::Crosswalk::Row>{}),
                             std::make_shared<fleet::HealthBoard>(), std::nullopt,
                             feeding(inventory, loop, pool));
    }
    const inventory::Account& east() {
        snapshot = inventory.snapshot();
        return *snapshot->account("east");
    }

    test::InlinePool pool;
    Inventory inventory{{"east"}, render};
    std::optional<fleet::Fleet> fleet;
    Account* account = nullptr;
    FailingStore store;
    Refresher refresher;
    std::shared_ptr<const Snapshot> snapshot;
};

class RefresherTest : public testing::Test {
protected:
    RefresherTest() : folder_(std::filesystem::temp_directory_path() / ledger::new_operation_id()) {
        std::filesystem::create_directory(folder_);
        store_ = store_in("ledger.db");
    }
    std::unique_ptr<ledger::InventoryStore> store_in(const std::string& file) const {
        return ledger::open_store("sqlite:" + (folder_ / file).string(),
                                  [](const std::string& reason) { ADD_FAILURE() << reason; })
            .inventory;
    }
    ~RefresherTest() override {
        vendor.hangs = false;
        for (auto& gateway : gateways_) gateway->refresher.stop();
        EXPECT_TRUE(loop.run_until([&] { return loop.spawned() == 0; }));
        std::filesystem::remove_all(folder_);
    }
    Gateway& gateway(std::string owner = "one") { return gateway(std::move(owner), vendor); }
    Gateway& gateway(std::string owner, Vendor& way) {
        return *gateways_.emplace_back(std::make_unique<Gateway>(std::move(owner), way, loop, *store_));
    }
    bool reads(Gateway& gateway, std::size_t times) {
        return loop.run_until(
            [&] { return gateway.account->began.size() >= times && gateway.account->under_way == 0; });
    }
    /// Lets so much time pass, and in each second all happen that can.
    void pass(std::chrono::seconds span) {
        for (; span > 0s; span -= 1s) {
            loop.skip(1s);
            int turns = 0;
            (void)loop.run_until([&] { return loop.post([] {}) && ++turns > 30; });
        }
    }

    Moment now() const { return std::chrono::floor<std::chrono::milliseconds>(loop.wall()); }

    Vendor vendor;
    Vendor reachable;  ///< the same one, by another way
    test::PollLoop loop;

private:
    std::filesystem::path folder_;
    std::unique_ptr<ledger::InventoryStore> store_;
    std::vector<std::unique_ptr<Gateway>> gateways_;
};

TEST_F(RefresherTest, ReadsAtOnceAndThenAgainAndAgainEverSlowerWhileNothingChanges) {
    auto& one = gateway();
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    EXPECT_EQ(shown(one.inventory), Texts{"a:10"});
    std::vector<double> gaps;
    for (std::size_t i = 1; i < 9; ++i) {
        while (one.account->began.size() <= i) pass(1s);
        gaps.push_back(
            std::chrono::duration<double>(one.account->began[i] - one.account->began[i - 1]).count());
    }
    double interval = 10;
    for (const double gap : gaps) {  // a second is how exactly this test's time passes
        EXPECT_GE(gap, interval * 0.9 - 0.1);
        EXPECT_LE(gap, interval * 1.1 + 1.1);
        interval = std::min(interval * 1.5, 60.0);
    }
    vendor.rows.push_back(bandwidth("b"));
    while (one.account->began.size() < 10) pass(1s);
    const auto changed = loop.now();
    while (one.account->began.size() < 11) pass(1s);
    EXPECT_LE(loop.now() - changed, 35s) << "sooner after a change";
    EXPECT_EQ(shown(one.inventory), (Texts{"a:10", "b:10"}));
    EXPECT_EQ(one.refresher.counts()[0].whole, 11U);
}

TEST_F(RefresherTest, ReadsAsOftenAsItMayWhileSomethingIsOnItsWay) {
    auto& one = gateway();
    vendor.rows.front().state = State::creating;
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    for (std::size_t i = 1; i < 6; ++i) {
        while (one.account->began.size() <= i) pass(1s);
        const std::chrono::duration<double> gap = one.account->began[i] - one.account->began[i - 1];
        EXPECT_GE(gap.count(), 10 * 0.9 - 0.1);
        EXPECT_LE(gap.count(), 10 * 1.1 + 2.1);
    }
}

TEST_F(RefresherTest, ReadsAnAccountOnceAtATimeAndOnceMoreIfThatIsWanted) {
    vendor.hangs = true;
    auto& one = gateway();
    one.refresher.start();
    ASSERT_TRUE(loop.run_until([&] { return one.account->under_way == 1; }));
    pass(1s);
    for (int i = 0; i < 10; ++i) one.refresher.want("east", now());
    one.refresher.want("nobody", now());
    pass(3s);
    EXPECT_EQ(one.account->began.size(), 1U);
    vendor.hangs = false;
    loop.skip(1s);
    ASSERT_TRUE(reads(one, 2));
    pass(3s);
    EXPECT_EQ(one.account->began.size(), 2U);
    EXPECT_EQ(one.account->most, 1);
    one.refresher.want("east", now());
    ASSERT_TRUE(reads(one, 3)) << "at once";
    one.refresher.want("east", now() - 60s);
    pass(3s);
    EXPECT_EQ(one.account->began.size(), 3U) << "what was read is new enough";
}

TEST_F(RefresherTest, TriesAgainWhenWantedThoughATryFailed) {
    auto& one = gateway();
    vendor.fails = kDown;
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    one.refresher.want("east", now() - 30s);
    (void)loop.run_until([] { return false; }, 20ms);
    EXPECT_EQ(one.account->began.size(), 1U) << "it has just failed";
    pass(2s);
    one.refresher.want("east", now() - 30s);
    EXPECT_TRUE(reads(one, 2));
}

TEST_F(RefresherTest, ReadsInOneGatewayAndShowsInBoth) {
    auto& one = gateway("one");
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    auto& two = gateway("two");
    two.refresher.start();
    pass(3s);
    EXPECT_EQ(shown(two.inventory), Texts{"a:10"});
    vendor.rows = {bandwidth("b", 20)};
    while (shown(two.inventory) != Texts{"b:20"}) pass(1s);
    EXPECT_EQ(two.east().content, one.east().content);
    EXPECT_EQ(two.east().as_of, one.east().as_of);
    EXPECT_TRUE(two.account->began.empty());
    pass(60s);
    EXPECT_TRUE(two.account->began.empty());
}

TEST_F(RefresherTest, TakesOverWhenTheLeaderEndsAndWhenItFallsSilent) {
    auto& one = gateway("one");
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    auto& two = gateway("two");
    two.refresher.start();
    pass(2s);
    one.refresher.stop();
    pass(7s);
    EXPECT_EQ(two.account->began.size(), 1U) << "it said so";
    auto& three = gateway("three");
    three.refresher.start();
    pass(2s);
    EXPECT_TRUE(three.account->began.empty());
    two.store.broken = true;  // as if it were dead: it can renew nothing
    pass(25s);
    EXPECT_FALSE(three.account->began.empty());
}

TEST_F(RefresherTest, FollowsALeaderWhoseClockIsFastForAsLongAsItRenewsItsLead) {
    auto& one = gateway("one");
    one.store.fast = 10min;
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    auto& two = gateway("two");
    two.refresher.start();
    pass(60s);
    EXPECT_TRUE(two.account->began.empty());
    one.store.broken = true;  // as if it were dead: it can renew nothing
    pass(9s);
    EXPECT_TRUE(two.account->began.empty()) << "its lead may last";
    pass(16s);
    EXPECT_FALSE(two.account->began.empty());
}

TEST_F(RefresherTest, LetsAnotherReadWhatItCannot) {
    auto& one = gateway("one");
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    auto& two = gateway("two", reachable);
    two.refresher.start();
    pass(2s);
    vendor.fails = kDown;
    reachable.rows = {bandwidth("b")};
    pass(40s);
    EXPECT_FALSE(two.account->began.empty());
    EXPECT_EQ(shown(one.inventory), Texts{"b:10"});
    EXPECT_FALSE(one.east().problem) << "another has read it";
    const auto tried = one.account->began.size();
    pass(120s);
    EXPECT_EQ(one.account->began.size(), tried) << "and goes on to";
}

TEST_F(RefresherTest, GoesOnTryingWhereNobodyElseDoes) {
    auto& one = gateway("one");
    vendor.fails = kDown;
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    for (std::size_t i = 1; i < 6; ++i) {
        const auto last = loop.now();
        while (one.account->began.size() <= i) pass(1s);
        EXPECT_LE(loop.now() - last, 60s * 1.1 + 3s);
    }
}

TEST_F(RefresherTest, TellsTheOtherGatewayOfOwnWritesWithinASecond) {
    auto& one = gateway("one");
    auto& two = gateway("two");
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    two.refresher.start();
    pass(2s);
    two.inventory.saw("east", {.product = "pair", .scope = "net-1", .native_ids = {"b"}},
                      {loop.now(), std::chrono::floor<std::chrono::milliseconds>(loop.wall())},
                      {{bandwidth("b")}, {}});
    pass(3s);
    EXPECT_EQ(shown(one.inventory), (Texts{"a:10", "b:10"}));
}

TEST_F(RefresherTest, ServesWhatWasKnownWhenItStartsWithTheVendorDown) {
    auto& one = gateway("one");
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    pass(2s);
    one.refresher.stop();
    ASSERT_TRUE(loop.run_until([&] { return loop.spawned() == 0; }));
    vendor.fails = kDown;
    auto& two = gateway("two");
    ASSERT_TRUE(two.refresher.restore());
    EXPECT_EQ(shown(two.inventory), Texts{"a:10"});
    EXPECT_EQ(two.east().as_of, one.east().as_of);
    two.refresher.start();
    ASSERT_TRUE(reads(two, 1));
    EXPECT_EQ(shown(two.inventory), Texts{"a:10"});
    EXPECT_EQ(two.east().problem->slug, Slug::provider_unavailable);
    EXPECT_EQ(two.refresher.counts()[0].failed, 1U);
    vendor.fails.reset();
    vendor.rows = {bandwidth("b")};
    while (shown(two.inventory) != Texts{"b:10"}) pass(1s);
    EXPECT_FALSE(two.east().problem) << "and it recovers";
}

TEST_F(RefresherTest, ReadsOnAndLosesNothingWhileTheStoreFails) {
    auto& one = gateway("one");
    one.store.broken = true;
    EXPECT_FALSE(one.refresher.restore());
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    vendor.rows = {bandwidth("b")};
    while (shown(one.inventory) != Texts{"b:10"}) pass(1s);
    EXPECT_GT(one.store.saves, 1);
    one.store.broken = false;
    pass(2s);
    auto& two = gateway("two");
    ASSERT_TRUE(two.refresher.restore());
    EXPECT_EQ(shown(two.inventory), Texts{"b:10"});
    EXPECT_EQ(two.east().as_of, one.east().as_of);
}

TEST_F(RefresherTest, StoresAllAnewInAStoreThatKnowsLessThanItDid) {
    auto& one = gateway("one");
    one.refresher.start();
    ASSERT_TRUE(reads(one, 1));
    pass(2s);
    const auto emptied = store_in("restored.db");
    one.store.store = emptied.get();
    pass(3s);
    auto stored = emptied->load("east", 0);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->changes.size(), 1U);
    one.refresher.stop();
    EXPECT_TRUE(loop.run_until([&] { return loop.spawned() == 0; }));
}

}  // namespace
}  // namespace bwgw::inventory
