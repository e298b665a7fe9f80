#include <gtest/gtest.h>

#include "gateway/api/json.h"
#include "gateway/api/order.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

class Orders : public testing::Test {
protected:
    std::string mistakes(const std::string& body) {
        const auto read = read_purchase(json(body), world_.fleet());
        return read ? "" : errors_of(read.failure());
    }
    World world_;
};

const std::string kBoost =
    R"({"provider":"east","kind":"eip_boost","region":"hkg","eip_id":"eip-1","bandwidth_mbps":5,)"
    R"("billing":{"model":"fixed","term":{"unit":"hour","count":2}})";

TEST_F(Orders, ResolveRegionsToTheProvidersCodes) {
    const auto read =
        read_purchase(json(R"({"provider":"west","kind":"inter_region","network_id":"n","region_a":"hkg",)"
                           R"("region_b":"unheard-of","bandwidth_mbps":10,"name":"edge","burst_mbps":20,)"
                           R"("billing":{"model":"percentile_95"},"service_tier":"gold",)"
                           R"("path_policy":"standard","promotion":{"code":"C","use_voucher":true},)"
                           R"("max_price":{"amount":"450.00","currency":"USD"}})"),
                      world_.fleet());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->order.ends.a, "asia-1");
    EXPECT_EQ(read->order.ends.b, "unheard-of") << "the provider judges a word that nobody knows";
    EXPECT_EQ(read->order.burst_mbps, 20);
    EXPECT_EQ(read->order.service_tier, ServiceTier::gold);
    EXPECT_EQ(read->order.path_policy, PathPolicy::standard);
    EXPECT_TRUE(read->order.promotion->use_voucher);
    EXPECT_EQ(read->max_price->amount.text(), "450");
}

TEST_F(Orders, NameTheRegionsOfAMetroThatHasSeveral) {
    EXPECT_EQ(
        mistakes(
            R"({"provider":"east","kind":"inter_region","network_id":"n","region_a":"hk","region_b":"sin",)"
            R"("bandwidth_mbps":1,"billing":{"model":"fixed"}})"),
        "/region_b: east has several regions in the metro sin: sg, sg-2\n");
}

TEST_F(Orders, JoinTwoDifferentRegionsWhateverTheyAreCalled) {
    EXPECT_EQ(
        mistakes(
            R"({"provider":"east","kind":"inter_region","network_id":"n","region_a":"hk","region_b":"hkg",)"
            R"("bandwidth_mbps":1,"billing":{"model":"fixed"}})"),
        "/region_b: must be another region than region_a\n");
}

TEST_F(Orders, OfAPairNeedItsMembersAndRefuseThoseOfABoost) {
    EXPECT_EQ(
        mistakes(R"({"provider":"east","kind":"inter_region","region":"hk","eip_id":"e","bandwidth_mbps":1,)"
                 R"("starts_at":"2030-01-01T00:00:00Z","billing":{"model":"fixed"}})"),
        "/network_id: is required for inter_region\n/region_a: is required for inter_region\n"
        "/region_b: is required for inter_region\n/region: does not go with inter_region\n"
        "/eip_id: does not go with inter_region\n/starts_at: does not go with inter_region\n");
}

TEST_F(Orders, OfABoostNeedItsMembersAndRefuseThoseOfAPair) {
    EXPECT_EQ(mistakes(kBoost + "}"), "");
    EXPECT_EQ(
        mistakes(R"({"provider":"east","kind":"eip_boost","network_id":"n","region_a":"hk","region_b":"sg",)"
                 R"("burst_mbps":9,"service_tier":"gold","path_policy":"standard","bandwidth_mbps":1,)"
                 R"("billing":{"model":"fixed"}})"),
        "/network_id: does not go with eip_boost\n/region_a: does not go with eip_boost\n"
        "/region_b: does not go with eip_boost\n/region: is required for eip_boost\n"
        "/eip_id: is required for eip_boost\n/burst_mbps: does not go with eip_boost\n"
        "/service_tier: does not go with eip_boost\n/path_policy: does not go with eip_boost\n"
        "/billing/term: is required for eip_boost\n");
}

TEST_F(Orders, HaveABurstExactlyWithPercentile95) {
    const auto with = [&](const std::string& model, const std::string& more) {
        return mistakes(
            R"({"provider":"east","kind":"inter_region","network_id":"n","region_a":"hk","region_b":"sg",)"
            R"("bandwidth_mbps":10,"billing":{"model":")" +
            model + "\"}" + more + "}");
    };
    EXPECT_EQ(with("percentile_95", R"(,"burst_mbps":10)"), "");
    EXPECT_EQ(with("percentile_95", R"(,"burst_mbps":9)"), "/burst_mbps: must not be below bandwidth_mbps\n");
    EXPECT_EQ(with("percentile_95", ""), "/burst_mbps: is required for percentile_95\n");
    EXPECT_EQ(with("fixed", R"(,"burst_mbps":10)"), "/burst_mbps: goes with percentile_95 only\n");
}

TEST_F(Orders, HaveATermWherePrepaidAndNoneWherePostpaid) {
    const auto with = [&](const std::string& billing) {
        return mistakes(
            R"({"provider":"east","kind":"inter_region","network_id":"n","region_a":"hk","region_b":"sg",)"
            R"("bandwidth_mbps":10,"billing":{"model":"fixed",)" +
            billing + "}}");
    };
    EXPECT_EQ(with(R"("payment":"prepaid")"), "/billing/term: is required for prepaid\n");
    EXPECT_EQ(with(R"("payment":"prepaid","term":{"unit":"year","count":1})"), "");
    EXPECT_EQ(with(R"("payment":"postpaid","term":{"unit":"year","count":1})"),
              "/billing/term: does not go with postpaid\n");
    EXPECT_EQ(with(R"("payment":"postpaid")"), "");
}

TEST_F(Orders, NameAProviderThatNobodyConfigured) {
    EXPECT_EQ(
        mistakes(
            R"({"provider":"north","kind":"inter_region","network_id":"n","region_a":"a","region_b":"b",)"
            R"("bandwidth_mbps":1,"billing":{"model":"fixed"}})"),
        "/provider: is not a configured provider\n");
}

TEST_F(Orders, BeginAtATimeThatExists) {
    EXPECT_EQ(mistakes(kBoost + R"(,"starts_at":"2030-02-30T00:00:00Z"})"),
              "/starts_at: is not a time that exists\n");
    const auto read =
        read_purchase(json(kBoost + R"(,"starts_at":"2030-01-01T08:00:00+08:00"})"), world_.fleet());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->order.starts_at->time_since_epoch().count(), 1893456000);
}

TEST(Instants, AreRfc3339InWholeSeconds) {
    EXPECT_EQ(instant_of("2030-01-01T00:00:00Z")->time_since_epoch().count(), 1893456000);
    EXPECT_EQ(instant_of("2029-12-31T19:30:00-04:30"), instant_of("2030-01-01T00:00:00Z"));
    EXPECT_EQ(instant_of("2028-02-29T00:00:00Z").has_value(), true);
    for (const char* text : {"", "2030-01-01", "2030-01-01T00:00:00", "2030-13-01T00:00:00Z",
                             "2030-01-01T24:00:00Z", "2030-01-01T00:60:00Z", "2030-01-01T00:00:61Z",
                             "2030-01-01T00:00:00+25:00", "2027-02-29T00:00:00Z", "2030-01-01T00:00:00+08"})
        EXPECT_EQ(instant_of(text), std::nullopt) << text;
}

std::string patch_mistakes(const std::string& body) {
    const auto read = read_patch(json(body));
    return read ? "" : errors_of(read.failure());
}

TEST(Patches, AreOneOfTheTwoKindsOfChange) {
    EXPECT_EQ(patch_mistakes("{}"), ": needs bandwidth_mbps, burst_mbps or name\n");
    EXPECT_EQ(patch_mistakes(R"({"name":"a","burst_mbps":5})"),
              "/name: is changed on its own, without the bandwidth\n");
    EXPECT_EQ(patch_mistakes(R"({"name":"a","max_price":{"amount":"1","currency":"USD"}})"),
              "/max_price: goes with a change of the bandwidth\n");
    EXPECT_EQ(patch_mistakes(R"({"bandwidth_mbps":5,"burst_mbps":4})"),
              "/burst_mbps: must not be below bandwidth_mbps\n");
    EXPECT_EQ(patch_mistakes(R"({"burst_mbps":4})"), "");
}

TEST(Patches, KeepWhatTheyLeaveOut) {
    auto row = pair_row("a");
    row.burst = Mbps::of(40);
    row.marker = "gw-marker";
    EXPECT_EQ(std::get<Resize>(*change_of({.bandwidth_mbps = 20}, row)), (Resize{20, 40}));
    EXPECT_EQ(std::get<Resize>(*change_of({.burst_mbps = 50}, row)), (Resize{10, 50}));
    EXPECT_EQ(std::get<Rename>(*change_of({.name = "n"}, row)).marker, "gw-marker");
    EXPECT_FALSE(change_of({.bandwidth_mbps = 41}, row)) << "above the burst limit that stays";
}

TEST(Patches, NeedABurstLimitToChangeOneAndThePresentBandwidthToKeepIt) {
    auto row = pair_row("a");
    EXPECT_EQ(errors_of(change_of({.burst_mbps = 50}, row).failure()),
              "/burst_mbps: this bandwidth has no burst limit\n");
    row.bandwidth.reset();
    row.burst = Mbps::of(40);
    EXPECT_EQ(errors_of(change_of({.burst_mbps = 50}, row).failure()),
              "/bandwidth_mbps: is required: the provider does not say the present one\n");
}

TEST(Wishes, AreForANewPairOrForAResize) {
    const auto wish = [](const std::string& body) {
        const auto read = read_quote(json(body));
        return read ? "" : errors_of(read.failure());
    };
    EXPECT_EQ(wish(R"({"bandwidth_mbps":5})"),
              "/kind: is required for a new bandwidth\n/region_a: is required for a new bandwidth\n"
              "/region_b: is required for a new bandwidth\n/billing: is required for a new bandwidth\n");
    EXPECT_EQ(wish(R"({"bandwidth_mbps":5,"bandwidth_id":"x","kind":"inter_region"})"),
              "/kind: does not go with bandwidth_id\n");
    EXPECT_EQ(wish(R"({"bandwidth_mbps":5,"bandwidth_id":"x"})"), "");
    EXPECT_EQ(
        wish(
            R"({"bandwidth_mbps":5,"kind":"inter_region","region_a":"a","region_b":"b","billing":{"model":"fixed"}})"),
        "");
}

}  // namespace
}  // namespace bwgw::api::tests
