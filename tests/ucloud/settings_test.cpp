#include "providers/ucloud/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ucloud/support.h"

namespace bwgw::ucloud::tests {
namespace {

bool mentions(const std::vector<std::string>& mistakes, std::string_view text) {
    return std::any_of(mistakes.begin(), mistakes.end(),
                       [&](const auto& mistake) { return mistake.find(text) != std::string::npos; });
}

std::vector<std::string> mistakes_of(const std::string& brand) {
    std::vector<std::string> mistakes;
    settings_of(brand, &mistakes);
    return mistakes;
}

TEST(Settings, ABrandIsAnEndpointAndAProduct) {
    const auto settings = settings_of("inter_region: legacy\n");
    EXPECT_EQ(settings.url, "https://api.example.com/");
    EXPECT_EQ(settings.project, "org-demo01");
    EXPECT_EQ(settings.page_size, 50u);
    EXPECT_EQ(settings.seconds_per_time_range, 3600);
    EXPECT_EQ(settings.words.pay_modes.at(BillingModel::traffic), "Traffic");
    EXPECT_EQ(settings.words.state("1"), State::active);
    EXPECT_EQ(settings.words.state("2"), State::unknown);
    EXPECT_FALSE(settings.price);
}

TEST(Settings, EveryUnknownOfTheVendorIsASetting) {
    const auto settings = settings_of(
        "inter_region: simple\neip_boost: true\neip_regions: [hk, sg]\n"
        "time_range_unit: seconds\npage_size: 20\nservice_tier: diamond\npath_policy: lowest_cost\n"
        "min_mbps: 2\nmax_mbps: 500\neip_min_mbps: 5\neip_max_mbps: 300\n"
        "price: {currency: USD, unit: 0.01, per: hour}\nchannel_key: ck-1\nheaders: {X-Shop: demo}\n"
        "words: {pay_modes: {fixed: SolidBw}, charge_types: {traffic: PostPay, postpaid: Postpay}, "
        "states: {\"2\": creating}, free: Gratis}\n");
    EXPECT_EQ(settings.words.pay_modes.at(BillingModel::fixed), "SolidBw");
    EXPECT_EQ(settings.words.pay_modes.at(BillingModel::traffic), "Traffic");
    EXPECT_EQ(settings.words.charge_types.at(Charge::traffic), "PostPay");
    EXPECT_EQ(settings.words.charge_types.at(Charge::postpaid), "Postpay");
    EXPECT_EQ(settings.words.state("2"), State::creating);
    EXPECT_EQ(settings.words.state("1"), State::active);
    EXPECT_EQ(settings.words.free, "Gratis");
    EXPECT_EQ(settings.seconds_per_time_range, 1);
    EXPECT_EQ(settings.page_size, 20u);
    EXPECT_EQ(settings.service_tier, ServiceTier::diamond);
    EXPECT_EQ(settings.path_policy, PathPolicy::lowest_cost);
    EXPECT_EQ(settings.limits.max_mbps, 500);
    EXPECT_EQ(settings.eip_limits.min_mbps, 5);
    ASSERT_TRUE(settings.price);
    EXPECT_EQ(settings.price->unit.text(), "0.01");
    EXPECT_EQ(settings.price->per, Per::hour);
    ASSERT_EQ(settings.headers.size(), 2u);
    EXPECT_EQ(settings.headers[1].name, "channel-key");
    EXPECT_EQ(settings.headers[1].value, "ck-1");
}

TEST(Settings, EveryMistakeIsNamedByItsPath) {
    EXPECT_TRUE(mentions(mistakes_of(""), "sells nothing"));
    EXPECT_TRUE(mentions(mistakes_of("inter_region: both\n"), "providers[0].inter_region"));
    EXPECT_TRUE(mentions(mistakes_of("inter_region: simple\nspeed: 3\n"), "providers[0].speed"));
    const std::string simple = "inter_region: simple\n";
    EXPECT_TRUE(mentions(mistakes_of(simple + "words: {pay_modes: {free_lunch: X}}\n"), "words.pay_modes"));
    EXPECT_TRUE(
        mentions(mistakes_of(simple + "words: {charge_types: {hour: Dynamic}}\n"), "words.charge_types"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "words: {states: {\"2\": sleeping}}\n"), "words.states"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "words: {verbs: {a: b}}\n"), "words.verbs"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "price: {currency: dollars, unit: 0.01}\n"), "price.currency"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "price: {currency: USD, unit: 0}\n"), "price.unit"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "min_mbps: 10\nmax_mbps: 5\n"), "max_mbps"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "page_size: 1000\n"), "page_size"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "time_range_unit: days\n"), "time_range_unit"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "headers: {Content-Length: 5}\n"), "headers"));
    EXPECT_TRUE(mentions(mistakes_of(simple + "headers: {X-A: \"a\\r\\nB: c\"}\n"), "headers"));
}

}  // namespace
}  // namespace bwgw::ucloud::tests
