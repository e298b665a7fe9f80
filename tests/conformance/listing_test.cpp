#include <fmt/format.h>

#include <set>

#include "tests/conformance/harness.h"

namespace bwgw::conformance {
namespace {

std::string names(const ::testing::TestParamInfo<Product>& info) {
    return info.param.name;
}

class ListingConformance : public Conformance {
protected:
    static constexpr std::size_t kMany = 1000;

    void seed() const {
        const auto family =
            GetParam().name == "crb" ? "" : fmt::format(R"(,"product":"{}")", GetParam().name);
        sandbox_->post("/seed",
                       fmt::format(R"({{"brand":"{}","count":{}{}}})", GetParam().name, kMany, family));
    }
    static std::size_t distinct(const std::vector<Bandwidth>& rows) {
        std::set<std::string> ids;
        for (const auto& row : rows) ids.insert(row.ref.native_id);
        return ids.size();
    }
};

TEST_P(ListingConformance, ReadsAThousandRowsEachOnceInAnyOrder) {
    seed();
    for (const auto* order :
         {R"("shuffle_rows":false)", R"("shuffle_rows":true)", R"("reshuffle_rows":true)"}) {
        SCOPED_TRACE(order);
        behave(order);
        const auto all = rows();
        EXPECT_EQ(all.size(), kMany);
        EXPECT_EQ(distinct(all), kMany);
    }
}

// As many rows as the vendor counts, twice in the same order: it counts what it repeats.
TEST_P(ListingConformance, ShowsRepeatedRowsOnceAndCallsASteadyListWhole) {
    seed();
    behave(R"("duplicate_rows":7)");
    const auto listing = list();
    ASSERT_TRUE(listing) << listing.failure().detail;
    auto all = listing->items;
    std::erase_if(all, [&](const Bandwidth& row) { return row.kind != profile().kind; });
    EXPECT_EQ(all.size(), kMany);
    EXPECT_EQ(distinct(all), kMany);
    EXPECT_TRUE(listing->complete());
}

TEST_P(ListingConformance, DoesNotCallAListWholeThatContradictsItsCount) {
    seed();
    for (const auto* wrong : {R"("drop_rows":3)", R"("drop_rows":0,"lie_total_count":-5)"}) {
        SCOPED_TRACE(wrong);
        behave(wrong);
        const auto listing = list();
        ASSERT_TRUE(listing) << listing.failure().detail;
        EXPECT_FALSE(listing->complete());
    }
}

TEST_P(ListingConformance, ReadsWhatVendorsSpellInTheirOwnWay) {
    const auto row = bought();
    std::vector<std::string> ways = {R"("swap_regions":true)", R"("extra_fields":true)",
                                     R"("shuffle_rows":true)"};
    if (GetParam().name != "crb")
        for (const auto* way :
             {R"("retcode_as_text":true)", R"("key_case_variant":true)", R"("omit_total_count":true)"})
            ways.emplace_back(way);
    std::string together;
    for (const auto& way : ways) {
        together += (together.empty() ? "" : ",") + way;
        SCOPED_TRACE(together);
        behave(together);
        const auto listed = rows();
        ASSERT_EQ(listed.size(), 1u);
        EXPECT_EQ(listed.front().ref, row.ref);
        EXPECT_EQ(listed.front().bandwidth, row.bandwidth);
        EXPECT_EQ(listed.front().ends.has_value(), row.ends.has_value());
        if (row.ends) EXPECT_TRUE(same_pair(*listed.front().ends, *row.ends));
    }
    EXPECT_NE(rows().front().provider_details, row.provider_details);
    EXPECT_TRUE(create(GetParam().order(1)));
}

TEST_P(ListingConformance, ShowsTheFreePackageAsWhatItIsBesideWhatWasBought) {
    const auto free_rows = [&] {
        auto listing = list();
        EXPECT_TRUE(listing);
        std::erase_if(listing->items,
                      [](const Bandwidth& row) { return row.kind != Kind::inter_region_default; });
        return std::move(listing->items);
    };
    const auto before = free_rows();
    EXPECT_EQ(!before.empty(), GetParam().name == "simple");
    for (const auto& row : before) EXPECT_EQ(row.bandwidth, Mbps{5});
    const auto row = bought();
    EXPECT_EQ(word(row.kind), word(profile().kind));
    EXPECT_EQ(free_rows().size(), before.empty() ? 0u : before.size() - 1);
    ASSERT_TRUE(release(row.ref));
    EXPECT_TRUE(rows().empty());
    EXPECT_EQ(free_rows().size(), before.size());
}

TEST_P(ListingConformance, ShowsARowAsSoonAsTheVendorDoes) {
    behave(R"("visible_after_ms":60000)");
    ASSERT_TRUE(create(GetParam().order(0)));
    EXPECT_TRUE(rows().empty());
    EXPECT_EQ(purchases(), 1u);
    sandbox_->post("/clock", R"({"advance_ms":60000})");
    EXPECT_EQ(rows().size(), 1u);
}

TEST_P(ListingConformance, ShowsOnlyTheNetworksOfTheSettings) {
    if (profile().kind != Kind::inter_region) return;
    const auto order = GetParam().order(0);
    (void)bought();
    const auto network = order.network_id.substr(0, order.network_id.size() - 1) + "2";
    open(GetParam().credentials, fmt::format("networks: ['{}']", network));
    EXPECT_TRUE(rows().empty());
    const auto asked = requests(Action::create);
    const auto receipt = create(GetParam().order(1));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(word(receipt.failure().slug), word(Slug::invalid_request));
    EXPECT_EQ(requests(Action::create), asked);
}

INSTANTIATE_TEST_SUITE_P(Every, ListingConformance, ::testing::ValuesIn(products()), names);

}  // namespace
}  // namespace bwgw::conformance
