#include "providers/translation/paging.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include "tests/translation/run.h"

namespace bwgw::translation {
namespace {

using tests::run;

/// A vendor's list of `ids`; a test changes it between the calls through `before_page`.
struct Vendor {
    std::vector<std::string> ids;
    std::size_t page_size = 100;
    int calls = 0;
    std::function<void(int call)> before_page = [](int) {};
    std::function<std::optional<std::int64_t>()> total = [this] {
        return std::optional<std::int64_t>(static_cast<std::int64_t>(ids.size()));
    };
    std::function<bool(const std::string&)> shows = [](const std::string&) { return true; };
    std::optional<int> fails_at;

    explicit Vendor(int rows) {
        for (int i = 0; i < rows; ++i) ids.push_back(fmt::format("id-{:04}", i));
    }
    Vendor(const Vendor&) = delete;
    Vendor& operator=(const Vendor&) = delete;

    Result<Page> page(Cursor cursor) {
        before_page(++calls);
        if (fails_at == calls)
            return Failure{.slug = Slug::provider_timeout, .detail = "slow", .retryable = true};
        Page page;
        page.total = total();
        for (auto i = static_cast<std::size_t>(cursor.offset); i < ids.size() && page.ids.size() < page_size;
             ++i) {
            page.ids.push_back(ids[i]);
            if (!shows(ids[i])) continue;
            Bandwidth row;
            row.ref = {"p", "net", ids[i]};
            row.provider_state = fmt::format("call {}", calls);
            page.rows.push_back(row);
        }
        return page;
    }
    Result<Listing> read() {
        return run(read_whole([this](Cursor cursor) -> Task<Page> { co_return page(cursor); }, page_size));
    }
};

std::set<std::string> distinct(const Listing& listing) {
    std::set<std::string> ids;
    for (const auto& row : listing.items) ids.insert(row.ref.native_id);
    return ids;
}

TEST(Paging, ReadsAListInAsFewCallsAsItTakes) {
    for (const auto& [rows, calls] : {std::pair{0, 1}, {1, 1}, {99, 1}, {100, 2}, {101, 2}, {250, 3}}) {
        Vendor vendor(rows);
        const auto listing = vendor.read();
        ASSERT_TRUE(listing) << rows;
        EXPECT_TRUE(listing->complete()) << rows;
        EXPECT_EQ(listing->items.size(), rows);
        EXPECT_EQ(vendor.calls, calls) << rows;
    }
}

TEST(Paging, ReadsWithoutATotalUntilAShortPageAndThenOnceMoreForWhatShifted) {
    Vendor vendor(250);
    vendor.total = [] { return std::nullopt; };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(listing->items.size(), 250U);
    EXPECT_EQ(vendor.calls, 6);
}

TEST(Paging, FollowsAVendorThatCapsItsPages) {
    Vendor vendor(250);
    vendor.page_size = 40;
    const auto listing =
        run(read_whole([&](Cursor cursor) -> Task<Page> { co_return vendor.page(cursor); }, 100));
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(distinct(*listing).size(), 250U);
    EXPECT_EQ(vendor.calls, 7);
}

TEST(Paging, FindsEveryOneOfAThousandRowsThatAreShuffledBeforeEveryPage) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        Vendor vendor(1000);
        std::mt19937 random(seed);
        vendor.before_page = [&](int) { std::shuffle(vendor.ids.begin(), vendor.ids.end(), random); };
        const auto listing = vendor.read();
        ASSERT_TRUE(listing);
        EXPECT_TRUE(listing->complete()) << seed;
        EXPECT_EQ(listing->items.size(), 1000U) << "each row once";
        EXPECT_EQ(distinct(*listing).size(), 1000U) << seed;
    }
}

TEST(Paging, FindsEveryRowWhereRowsShiftOverThePagesEdges) {
    Vendor vendor(1000);
    vendor.before_page = [&](int) {
        std::rotate(vendor.ids.begin(), vendor.ids.begin() + 7, vendor.ids.end());
    };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(distinct(*listing).size(), 1000U);
}

TEST(Paging, KeepsTheFirstOfRowsThatAreShownTwice) {
    Vendor vendor(150);
    vendor.before_page = [&](int call) {
        if (call == 2) std::rotate(vendor.ids.begin(), vendor.ids.end() - 10, vendor.ids.end());
    };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(listing->items.size(), 150U);
    for (const auto& row : listing->items)
        if (row.ref.native_id == "id-0095") EXPECT_EQ(row.provider_state, "call 1");
}

TEST(Paging, ReadsAgainWhereTheListGrowsOrShrinksMeanwhile) {
    Vendor vendor(250);
    vendor.before_page = [&](int call) {
        if (call == 2) vendor.ids.insert(vendor.ids.begin(), "new");
        if (call == 3) std::erase(vendor.ids, "id-0000");
        if (call == 5) std::erase(vendor.ids, "id-0249");
    };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(distinct(*listing), (std::set<std::string>(vendor.ids.begin(), vendor.ids.end())));
}

TEST(Paging, DoesNotCountARowThatLeftForOneThatWasNeverSeen) {
    Vendor vendor(150);
    vendor.before_page = [&](int call) {
        if (call == 2)
            std::rotate(vendor.ids.begin(), vendor.ids.end() - 1, vendor.ids.end());  // hides id-0149
        if (call == 3)
            std::replace(vendor.ids.begin(), vendor.ids.end(), std::string("id-0050"), std::string("new"));
    };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(distinct(*listing), (std::set<std::string>(vendor.ids.begin(), vendor.ids.end())));
}

TEST(Paging, CountsRowsThatTheMappingLeavesOut) {
    Vendor vendor(250);
    vendor.shows = [](const std::string& id) { return id.ends_with('7'); };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(listing->items.size(), 25U);
    EXPECT_EQ(vendor.calls, 3);
}

TEST(Paging, SaysSoWhereTheTotalIsMoreThanThereIs) {
    Vendor small(9);
    small.total = [] { return 10; };
    const auto listing = small.read();
    ASSERT_TRUE(listing);
    ASSERT_FALSE(listing->complete());
    EXPECT_EQ(listing->problem->slug, Slug::provider_contract_violation);
    EXPECT_EQ(listing->items.size(), 9U);
    EXPECT_EQ(small.calls, 2 * kMaxPassesOfOnePage);

    Vendor large(250);
    large.total = [] { return 251; };
    const auto many = large.read();
    ASSERT_TRUE(many);
    EXPECT_FALSE(many->complete());
    EXPECT_EQ(many->items.size(), 250U);
    EXPECT_EQ(large.calls, 4 * kMaxPasses);
}

TEST(Paging, ReadsOnAndSaysSoWhereTheTotalIsLessThanThereIs) {
    for (const std::int64_t said : {0, 20, 100, 249}) {  // 100: the vendor counts the rows of the page
        Vendor vendor(250);
        vendor.total = [&] { return said; };
        const auto listing = vendor.read();
        ASSERT_TRUE(listing);
        ASSERT_FALSE(listing->complete()) << said;
        EXPECT_EQ(listing->problem->slug, Slug::provider_contract_violation);
        EXPECT_EQ(listing->items.size(), 250U) << said;
        EXPECT_EQ(vendor.calls, 3);
    }
}

TEST(Paging, IgnoresWhatIsCountedBehindTheEnd) {
    Vendor vendor(200);
    vendor.total = [&] { return vendor.calls == 3 ? 0 : 200; };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(vendor.calls, 3);
}

TEST(Paging, IsAFailureWhereNothingCouldBeRead) {
    Vendor vendor(10);
    vendor.fails_at = 1;
    const auto listing = vendor.read();
    ASSERT_FALSE(listing);
    EXPECT_EQ(listing.failure().slug, Slug::provider_timeout);
}

TEST(Paging, ShowsWhatWasReadBeforeAPageFailedAndRecoversNextTime) {
    Vendor vendor(250);
    vendor.fails_at = 3;
    const auto part = vendor.read();
    ASSERT_TRUE(part);
    ASSERT_FALSE(part->complete());
    EXPECT_EQ(part->problem->slug, Slug::provider_timeout);
    EXPECT_EQ(part->items.size(), 200U);

    const auto whole = vendor.read();
    ASSERT_TRUE(whole);
    EXPECT_TRUE(whole->complete());
    EXPECT_EQ(whole->items.size(), 250U);
}

TEST(Paging, CarriesTheProblemOfARowThatCannotBeRead) {
    Vendor vendor(250);
    const auto listing = run(read_whole(
        [&](Cursor cursor) -> Task<Page> {
            auto page = vendor.page(cursor);
            if (cursor.number == 2) {
                page->rows.pop_back();
                page->ids.back().clear();
                page->problem = Failure{.slug = Slug::provider_contract_violation, .detail = "row 199"};
            }
            co_return std::move(page);
        },
        100));
    ASSERT_TRUE(listing);
    ASSERT_FALSE(listing->complete());
    EXPECT_EQ(listing->problem->detail, "row 199");
    EXPECT_EQ(listing->items.size(), 249U) << "the pages behind it were read, too";
    EXPECT_EQ(vendor.calls, 3);
}

TEST(Paging, EndsAtItsBoundWhereTheListDoesNot) {
    Vendor vendor(0);
    vendor.page_size = 2;
    vendor.before_page = [&](int call) {
        for (const char half : {'a', 'b'}) vendor.ids.push_back(fmt::format("{}{}", call, half));
    };
    const auto listing = vendor.read();
    ASSERT_TRUE(listing);
    ASSERT_FALSE(listing->complete());
    EXPECT_EQ(vendor.calls, kMaxPages);
    EXPECT_EQ(listing->items.size(), 2U * kMaxPages);
}

}  // namespace
}  // namespace bwgw::translation
