// One suite judges what keeps the inventory, on both engines.
#include <gtest/gtest.h>

#include <map>

#include "tests/ledger/store.h"

namespace bwgw::ledger {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kBegin{1'781'691'740'123ms};

class InventoryStoreConformance : public testing::TestWithParam<StoreKind> {
protected:
    std::unique_ptr<InventoryStore> open_inventory() const {
        return open_store(database_->url(), [](const std::string& reason) { ADD_FAILURE() << reason; })
            .inventory;
    }
    StoredAccount load(std::int64_t since = 0, const std::string& provider = "east") {
        auto stored = inventory_->load(provider, since);
        EXPECT_TRUE(stored);
        return stored ? std::move(*stored) : StoredAccount{};
    }
    Result<bool> save(std::optional<Timestamp> as_of, const std::vector<StoredRow>& changes,
                      Timestamp now = kBegin + 24h) {
        return inventory_->save("east", as_of, changes, now);
    }
    std::map<std::string, std::string> rows(std::int64_t since = 0) {
        std::map<std::string, std::string> rows;
        for (auto& row : load(since).changes) EXPECT_TRUE(rows.emplace(row.id, row.json).second);
        return rows;
    }

    std::unique_ptr<Database> database_ = fresh_store(GetParam());
    std::unique_ptr<InventoryStore> inventory_ = open_inventory();
};
ON_EACH_ENGINE(InventoryStoreConformance);

TEST_P(InventoryStoreConformance, KnowsNothingOfAnAccountThatWasNeverStored) {
    const auto stored = load();
    EXPECT_FALSE(stored.as_of);
    EXPECT_EQ(stored.version, 0);
    EXPECT_TRUE(stored.changes.empty());
}

TEST_P(InventoryStoreConformance, KeepsRowsAndTheirTimesAcrossARestart) {
    const std::string text =
        R"({"name":"'quoted' — ünïcode :provider","size":")" + std::string(300'000, 'x') + "\"}";
    ASSERT_TRUE(save(kBegin, {{"a", text, kBegin}, {"b", "", kBegin + 1ms}}));
    inventory_.reset();
    inventory_ = open_inventory();
    const auto stored = load();
    EXPECT_EQ(stored.as_of, kBegin);
    ASSERT_EQ(stored.changes.size(), 2U);
    const auto& a = stored.changes[stored.changes[0].id == "a" ? 0 : 1];
    const auto& b = stored.changes[stored.changes[0].id == "a" ? 1 : 0];
    EXPECT_EQ(a.json, text);
    EXPECT_EQ(a.seen, kBegin);
    EXPECT_EQ(b.json, "");
    EXPECT_EQ(b.seen, kBegin + 1ms);
    EXPECT_TRUE(load(0, "west").changes.empty()) << "accounts do not mix";
}

TEST_P(InventoryStoreConformance, TellsWhatHasChangedSinceAVersion) {
    ASSERT_TRUE(save({}, {{"a", "1", kBegin}, {"b", "1", kBegin}}));
    const auto first = load();
    EXPECT_FALSE(first.as_of);
    EXPECT_TRUE(rows(first.version).empty());
    ASSERT_TRUE(save({}, {{"b", "2", kBegin}, {"c", "2", kBegin}}));
    EXPECT_EQ(rows(first.version), (std::map<std::string, std::string>{{"b", "2"}, {"c", "2"}}));
    ASSERT_TRUE(save({}, {{"b", "", kBegin}}));
    EXPECT_EQ(rows(first.version), (std::map<std::string, std::string>{{"b", ""}, {"c", "2"}}));
    EXPECT_EQ(rows().size(), 3U);
}

TEST_P(InventoryStoreConformance, NeverSetsTheTimeBack) {
    ASSERT_TRUE(save(kBegin, {}));
    ASSERT_TRUE(save(kBegin - 1s, {}));
    EXPECT_EQ(load().as_of, kBegin);
    ASSERT_TRUE(save({}, {{"a", "1", kBegin}}));
    EXPECT_EQ(load().as_of, kBegin);
    ASSERT_TRUE(save(kBegin + 1s, {}));
    EXPECT_EQ(load().as_of, kBegin + 1s);
}

TEST_P(InventoryStoreConformance, DoesNotBelieveATimeThatIsStillToCome) {
    ASSERT_TRUE(save(kBegin + 1h, {}, kBegin + 1h));
    ASSERT_TRUE(save(kBegin, {}, kBegin + 1s));
    EXPECT_EQ(load().as_of, kBegin);
}

TEST_P(InventoryStoreConformance, SavesMoreThanFitsIntoOneTransaction) {
    std::vector<StoredRow> changes;
    for (int i = 0; i < 1'001; ++i) changes.push_back({std::to_string(i), "x" + std::to_string(i), kBegin});
    ASSERT_TRUE(save(kBegin, changes));
    const auto stored = rows();
    ASSERT_EQ(stored.size(), changes.size());
    for (const auto& change : changes) EXPECT_EQ(stored.at(change.id), change.json);
    EXPECT_TRUE(rows(load().version).empty());
}

TEST_P(InventoryStoreConformance, TellsThatItHasLostRowsUntilAllAreSavedAnew) {
    const auto saves = [&](std::optional<Timestamp> as_of, const std::vector<StoredRow>& changes) {
        const auto saved = save(as_of, changes);
        EXPECT_TRUE(saved);
        return saved && *saved;
    };
    EXPECT_TRUE(saves(kBegin, {{"a", "1", kBegin}, {"b", "1", kBegin}, {"c", "1", kBegin}}));
    EXPECT_TRUE(saves(kBegin + 1s, {{"a", "2", kBegin + 1s}, {"b", "", kBegin + 1s}}));
    EXPECT_TRUE(load().whole);
    database_->run("DELETE FROM inventory_rows WHERE id = 'c'");
    EXPECT_FALSE(load().whole);
    EXPECT_FALSE(saves(kBegin + 2s, {{"d", "3", kBegin + 2s}}));
    EXPECT_FALSE(load().as_of);
    EXPECT_TRUE(saves(kBegin + 2s, {{"a", "2", kBegin}, {"c", "1", kBegin}, {"d", "3", kBegin}}));
    EXPECT_TRUE(load().whole);
    EXPECT_EQ(load().as_of, kBegin + 2s);
}

TEST_P(InventoryStoreConformance, GivesAllItHasToWhoKnowsMore) {
    ASSERT_TRUE(save(kBegin, {{"a", "1", kBegin}}));
    ASSERT_TRUE(save({}, {{"b", "1", kBegin}}));
    const auto version = load().version;
    database_->run("DELETE FROM inventory_rows WHERE id = 'b'");
    database_->run("UPDATE inventory_accounts SET version = version - 1");
    EXPECT_LT(load(version).version, version);
    EXPECT_EQ(rows(version), (std::map<std::string, std::string>{{"a", "1"}}));
}

TEST_P(InventoryStoreConformance, ForgetsWhatIsLongGone) {
    ASSERT_TRUE(save({}, {{"a", "", kBegin}, {"b", "1", kBegin}}));
    ASSERT_TRUE(save(kBegin + InventoryStore::kTellOfGone, {}));
    EXPECT_EQ(rows().size(), 2U);
    ASSERT_TRUE(save(kBegin + InventoryStore::kTellOfGone + 1ms, {}));
    EXPECT_EQ(rows(), (std::map<std::string, std::string>{{"b", "1"}})) << "and nothing else, however old";
}

TEST_P(InventoryStoreConformance, HasOneLeaderForEachAccount) {
    const auto lead = [&](const std::string& owner, Timestamp now, Timestamp until,
                          const char* account = "east") {
        const auto led = inventory_->lead(account, owner, now, until, {});
        EXPECT_TRUE(led);
        return led && led->owner == owner;
    };
    EXPECT_TRUE(lead("one", kBegin, kBegin + 10s));
    EXPECT_FALSE(lead("two", kBegin + 10s, kBegin + 20s));
    EXPECT_TRUE(lead("two", kBegin, kBegin + 20s, "west"));
    EXPECT_TRUE(lead("one", kBegin + 9s, kBegin + 19s)) << "renewed";
    EXPECT_FALSE(lead("two", kBegin + 11s, kBegin + 20s));
    EXPECT_TRUE(lead("two", kBegin + 20s, kBegin + 30s)) << "it has said nothing for too long";
    EXPECT_FALSE(lead("one", kBegin + 21s, kBegin + 31s));
    EXPECT_TRUE(lead("two", kBegin + 21s, kBegin + 21s)) << "given up";
    EXPECT_TRUE(lead("one", kBegin + 22s, kBegin + 32s));
    ASSERT_TRUE(save(kBegin, {{"a", "1", kBegin}}));
    EXPECT_FALSE(lead("two", kBegin + 23s, kBegin + 33s)) << "storing does not touch it";
}

TEST_P(InventoryStoreConformance, LetsOneGatewayTakeOverJustTheLeadThatItSaw) {
    const auto lead = [&](const std::string& owner, Timestamp until, const Lead& silent) {
        const auto led = inventory_->lead("east", owner, kBegin, until, silent);
        EXPECT_TRUE(led);
        return led ? *led : Lead{};
    };
    const Lead fast{"one", kBegin + 1h}, renewed{"one", kBegin + 2h};
    EXPECT_EQ(lead("one", fast.until, {}), fast);
    EXPECT_EQ(lead("two", kBegin + 10s, {}), fast);
    EXPECT_EQ(lead("one", renewed.until, {}), renewed);
    EXPECT_EQ(lead("two", kBegin + 10s, fast), renewed) << "it is not silent";
    EXPECT_EQ(lead("two", kBegin + 10s, {"three", renewed.until}), renewed);
    constexpr int kGateways = 4;
    std::atomic<int> led = 0;
    at_once(kGateways, [&](int which) {
        const auto owner = std::to_string(which);
        if (lead(owner, kBegin + 10s, renewed).owner == owner) ++led;
    });
    EXPECT_EQ(led, 1);
    EXPECT_NE(lead("one", renewed.until, renewed).owner, "one") << "it follows now";
}

TEST_P(InventoryStoreConformance, GivesEveryGatewayEveryChangeOfAllWhoSaveAtOnce) {
    constexpr int kSavers = 4;
    constexpr int kSaves = 20;
    std::map<std::string, std::string> heard;
    std::atomic<int> saving = kSavers;
    at_once(kSavers + 1, [&](int which) {
        const auto mine = open_inventory();
        if (which < kSavers) {
            for (int i = 0; i < kSaves; ++i)
                EXPECT_TRUE(mine->save("east", {},
                                       {{std::to_string(which), std::to_string(i), kBegin},
                                        {"shared", std::to_string(which), kBegin}},
                                       kBegin));
            --saving;
            return;
        }
        std::int64_t version = 0;
        for (bool last = false; !last;) {
            last = saving.load() == 0;
            const auto stored = mine->load("east", version);
            ASSERT_TRUE(stored);
            for (const auto& row : stored->changes) heard.insert_or_assign(row.id, row.json);
            version = stored->version;
        }
    });
    EXPECT_EQ(heard, rows());
    EXPECT_EQ(heard.size(), kSavers + 1U);
}

}  // namespace
}  // namespace bwgw::ledger
