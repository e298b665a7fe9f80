#include "gateway/inventory/snapshot.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/inventory/fixture.h"

namespace bwgw::inventory {
namespace {

constexpr auto kSeeds = 300;

using Rng = std::mt19937;
using Contents = std::map<std::string, std::map<std::string, Bandwidth>>;  // by provider and native id

int below(Rng& random, int bound) {
    return std::uniform_int_distribution(0, bound - 1)(random);
}

Bandwidth any_row(Rng& random, int number) {
    auto row = bandwidth("n" + std::to_string(number), 1 + below(random, 3));
    row.network_id = row.ref.scope = below(random, 2) ? "net-1" : "net-2";
    row.kind = below(random, 5) ? Kind::inter_region : Kind::inter_region_default;
    row.state = below(random, 2) ? State::active : State::creating;
    if (below(random, 2)) row.name = below(random, 2) ? "edge" : "core";
    row.ends->a = below(random, 2) ? "hk" : "us";
    return row;
}

// Rows come, go and change, by a whole listing of each account.
void stir(Rng& random, Contents& contents, Inventory& inventory, int moment) {
    for (auto& [provider, rows] : contents) {
        for (int i = below(random, 12); i > 0; --i) {
            const int number = below(random, 40);
            auto row = any_row(random, number);
            if (below(random, 3))
                rows.insert_or_assign(row.ref.native_id, std::move(row));
            else
                rows.erase(row.ref.native_id);
        }
        Listing listing;
        for (const auto& [id, row] : rows) listing.items.push_back(row);
        inventory.saw(provider, {}, at(std::chrono::milliseconds(moment)), listing);
    }
}

// The filter's words, said once more on what the vendors have.
bool wanted(const fleet::Filter& filter, const std::string& provider, const Bandwidth& row) {
    return (!filter.provider || *filter.provider == provider) &&
           (filter.kind ? *filter.kind == row.kind : row.kind != Kind::inter_region_default) &&
           (!filter.network_id || *filter.network_id == row.network_id) &&
           (!filter.state || *filter.state == row.state) && (!filter.name || *filter.name == row.name) &&
           (!filter.provider_resource_id || *filter.provider_resource_id == row.ref.native_id) &&
           (!filter.region || *filter.region == "hkg" || *filter.region == "sin" ||
            *filter.region == row.ends->a || *filter.region == row.ends->b);
}

fleet::Filter any_filter(Rng& random) {
    fleet::Filter filter;
    if (!below(random, 3)) filter.provider = below(random, 2) ? "a" : "b";
    if (!below(random, 4)) filter.kind = Kind::inter_region_default;
    if (!below(random, 4)) filter.network_id = "net-2";
    if (!below(random, 4)) filter.state = State::creating;
    if (!below(random, 4)) filter.name = "edge";
    if (!below(random, 4)) filter.region = below(random, 2) ? "us" : "sin";
    if (!below(random, 10)) filter.provider_resource_id = "n7";
    return filter;
}

std::set<std::string> ids(const Contents& contents, const fleet::Filter& filter) {
    std::set<std::string> ids;
    for (const auto& [provider, rows] : contents)
        for (const auto& [native_id, row] : rows)
            if (wanted(filter, provider, row)) ids.insert(BandwidthId{provider, row.ref}.text());
    return ids;
}

class Pages : public testing::Test {
protected:
    void begin(int seed) {
        random.seed(static_cast<unsigned>(seed));
        contents = {{"a", {}}, {"b", {}}, {"c", {}}};
        inventory.emplace(Texts{"a", "b", "c"}, render);
        stir(random, contents, *inventory, moment = 1);
        filter = any_filter(random);
    }
    // Ids as they come, page by page.
    Texts walk(const std::function<std::shared_ptr<const Snapshot>()>& next_snapshot) {
        Texts seen;
        std::string after;
        for (bool more = true; more;) {
            const auto snapshot = next_snapshot();
            const auto size = static_cast<std::size_t>(1 + below(random, 7));
            const auto page = snapshot->page(filter, after, size);
            EXPECT_LE(page.rows.size(), size);
            for (const auto* row : page.rows) seen.emplace_back(row->id());
            more = page.next.has_value();
            if (more) after = *page.next;
        }
        return seen;
    }

    Rng random;
    Contents contents;
    std::optional<Inventory> inventory;
    fleet::Filter filter;
    int moment = 0;
};

TEST_F(Pages, OfOneSnapshotAreWhatTheFilterLeavesInOrderOnceEach) {
    for (int seed = 0; seed < kSeeds; ++seed) {
        begin(seed);
        const auto expected = ids(contents, filter);
        const auto first = inventory->snapshot();
        const auto seen = walk([&] {
            stir(random, contents, *inventory, ++moment);  // beside the walk, which it must not touch
            return first;
        });
        ASSERT_EQ(seen, Texts(expected.begin(), expected.end())) << "seed " << seed;
    }
}

TEST_F(Pages, OfTheNewestSnapshotsRepeatNoneAndLoseNoneThatStayed) {
    for (int seed = 0; seed < kSeeds; ++seed) {
        begin(seed);
        auto stayed = ids(contents, filter);
        auto ever = stayed;
        const auto seen = walk([&] {
            stir(random, contents, *inventory, ++moment);
            const auto now = ids(contents, filter);
            std::erase_if(stayed, [&](const auto& id) { return !now.contains(id); });
            ever.insert(now.begin(), now.end());
            return inventory->snapshot();
        });
        const std::set<std::string> once(seen.begin(), seen.end());
        ASSERT_EQ(once.size(), seen.size()) << "seed " << seed;
        ASSERT_TRUE(std::ranges::is_sorted(seen)) << "seed " << seed;
        ASSERT_TRUE(std::ranges::includes(once, stayed)) << "seed " << seed;
        ASSERT_TRUE(std::ranges::includes(ever, once)) << "seed " << seed;
    }
}

TEST(Page, CostsTheSameHoweverManyRowsThereAre) {
    Inventory inventory({"east"}, render);
    Listing listing;
    for (int i = 0; i < 50'000; ++i) listing.items.push_back(bandwidth(fmt::format("n{:06}", i)));
    listing.items.back().name = "last";
    inventory.saw("east", {}, at(1ms), listing);
    const auto snapshot = inventory.snapshot();
    std::string after;
    std::size_t found = 0;
    int pages = 0;
    for (bool more = true; more; ++pages) {
        const auto page = snapshot->page({.name = "last"}, after, 50);
        found += page.rows.size();
        if ((more = page.next.has_value())) {
            const auto skipped = std::ranges::count_if(
                *snapshot->accounts()[0]->rows,
                [&](const RowPtr& row) { return row->id() > after && row->id() <= *page.next; });
            EXPECT_LE(static_cast<std::size_t>(skipped), Snapshot::kMostLooked);
            after = *page.next;
        }
    }
    EXPECT_EQ(found, 1U);
    EXPECT_EQ(pages, 3);
}

TEST(Page, GoesOnBehindARowThatIsGone) {
    Inventory inventory({"east"}, render);
    inventory.saw("east", {}, at(1ms), {{bandwidth("a"), bandwidth("b"), bandwidth("c")}, {}});
    const std::string after(inventory.snapshot()->page({}, "", 2).rows.back()->id());
    inventory.saw("east", {}, at(2ms), {{bandwidth("a"), bandwidth("c")}, {}});
    const auto page = inventory.snapshot()->page({}, after, 2);
    ASSERT_EQ(page.rows.size(), 1U);
    EXPECT_EQ(page.rows[0]->native_id(), "c");
}

TEST(Page, MergesWhatNoListingShowsYet) {
    Inventory inventory({"east"}, render);
    inventory.saw("east", {}, at(1ms), {{bandwidth("a"), bandwidth("c")}, {}});
    inventory.hold({{"east", bandwidth("b")}, {"east", bandwidth("d")}}, std::nullopt);
    const auto snapshot = inventory.snapshot();
    EXPECT_EQ(shown(*snapshot), (Texts{"a:10", "b:10", "c:10", "d:10"}));
    for (const auto* row : snapshot->page({}, "", 10).rows) {
        const auto found = snapshot->find(row->id());
        EXPECT_EQ(found.row, row);
        EXPECT_EQ(found.account, snapshot->account("east"));
        const auto next = snapshot->page({}, row->id(), 1);
        EXPECT_EQ(next.rows.empty(), row->native_id() == "d");
    }
    EXPECT_EQ(snapshot->find("b").row, nullptr);
}

TEST(Page, ThatIsFullToTheLastRowIsTheLastOne) {
    Inventory inventory({"east"}, render);
    inventory.saw("east", {}, at(1ms), {{bandwidth("a"), bandwidth("b")}, {}});
    EXPECT_FALSE(inventory.snapshot()->page({}, "", 2).next);
    EXPECT_TRUE(inventory.snapshot()->page({}, "", 1).next);
    EXPECT_TRUE(inventory.snapshot()->page({.provider = "west"}, "", 1).rows.empty());
}

}  // namespace
}  // namespace bwgw::inventory
