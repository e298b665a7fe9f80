#include "gateway/inventory/row.h"

#include <gtest/gtest.h>

#include "tests/inventory/fixture.h"

namespace bwgw::inventory {
namespace {

std::string text_of(const std::string& members) {
    const BandwidthId id{"east", {"pair", "net/1", "n \"1\""}};
    return R"({"id":")" + id.text() + R"(","kind":"inter_region","state":"active")" + members + "}";
}

TEST(Row, ReadsWhatRowsAreFoundAndCountedBy) {
    const auto json = text_of(
        R"(,"name":"edge","network_id":"net/1","region_a":"hkg","region_b":"sin","provider_regions":["hk","sg"],)"
        R"("bandwidth_mbps":0.005,"burst_mbps":200,"billing":{"model":"percentile_95"},)"
        R"("expires_at":"2026-07-17T10:22:20Z")");
    const auto row = Row::of(json);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->json(), json);
    EXPECT_EQ(row->product(), "pair");
    EXPECT_EQ(row->scope(), "net/1");
    EXPECT_EQ(row->native_id(), "n \"1\"");
    EXPECT_EQ(row->kind(), Kind::inter_region);
    EXPECT_EQ(row->state(), State::active);
    EXPECT_EQ(row->name(), "edge");
    EXPECT_EQ(row->network_id(), "net/1");
    EXPECT_EQ(row->bandwidth()->kbps, 5);
    EXPECT_EQ(row->burst()->kbps, 200'000);
    EXPECT_EQ(row->billing_model(), BillingModel::percentile_95);
    EXPECT_EQ(row->expires_at()->time_since_epoch().count(), 1'784'283'740);
    for (const char* region : {"hkg", "sin", "hk", "sg"}) EXPECT_TRUE(row->is_in(region)) << region;
    for (const char* region : {"", "h", "hkgsin"}) EXPECT_FALSE(row->is_in(region)) << region;
}

TEST(Row, TakesWhatTheVendorDidNotSayAsUnsaid) {
    const auto row = Row::of(text_of(R"(,"name":null,"bandwidth_mbps":null,"expires_at":"soon")"));
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->name().empty());
    EXPECT_FALSE(row->bandwidth());
    EXPECT_FALSE(row->burst());
    EXPECT_FALSE(row->expires_at());
    EXPECT_EQ(row->billing_model(), BillingModel::unspecified);
    EXPECT_FALSE(row->is_in(""));
}

TEST(Row, FindsByWhatAnEscapeMeans) {
    const auto row = Row::of(text_of(
        R"(,"name":"a\"\u00fc\n","network_id":"\u006eet","region_a":"h\/k","provider_regions":["\ud83d\ude00"])"));
    ASSERT_TRUE(row);
    EXPECT_EQ(row->name(), "a\"ü\n");
    EXPECT_EQ(row->network_id(), "net");
    EXPECT_TRUE(row->is_in("h/k"));
    EXPECT_TRUE(row->is_in("😀"));
    EXPECT_EQ(row->json().find("😀"), std::string_view::npos) << "what is shown is the text as it was";
    EXPECT_TRUE(row->json().ends_with('}'));
}

TEST(Row, KeepsDetailsOfAnySizeAsTheyAre) {
    const auto json = text_of(R"(,"name":"last","provider_details":{"x":")" + std::string(3'000'000, 'y') +
                              R"("},"region_a":"fra")");
    const auto row = Row::of(json);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->json(), json);
    EXPECT_EQ(row->name(), "last");
    EXPECT_EQ(row->region_a(), "fra");
}

TEST(Row, IsNothingOfWhatIsNoBandwidth) {
    const auto good = text_of("");
    EXPECT_TRUE(Row::of(good));
    for (const auto& text : {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
                             good + good, good + "x", good.substr(0, good.size() - 1),
                             std::string(R"({"id":"nonsense","kind":"inter_region","state":"active"})"),
                             text_of(R"(,"kind":1)") + "]"})
        EXPECT_FALSE(Row::of(text)) << text;
    auto wrong = good;
    wrong.replace(wrong.find("inter_region"), 12, "outer_region");
    EXPECT_FALSE(Row::of(wrong));
}

TEST(Row, HasATagOfItsTextAlone) {
    EXPECT_EQ(Row::of(text_of(""))->digest(), Row::of(text_of(""))->digest());
    EXPECT_NE(Row::of(text_of(""))->digest(), Row::of(text_of(" "))->digest());
    EXPECT_EQ(etag_of(digest_of("")), "\"e3b0c44298fc1c149afbf4c8996fb924\"") << "SHA-256, cut";
}

}  // namespace
}  // namespace bwgw::inventory
