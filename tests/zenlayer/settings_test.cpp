#include "providers/zenlayer/settings.h"

#include <gtest/gtest.h>

#include "tests/zenlayer/fake_vendor.h"

namespace bwgw::zenlayer {
namespace {

std::vector<std::string> mistakes(const std::string& yaml) {
    SettingsErrors errors;
    SettingsReader reader(YAML::Load(yaml), "providers[0]", errors);
    const auto make = read("zenlayer", reader);
    reader.finish();
    return errors.items;
}

std::string account(const std::string& more) {
    settings();  // sets the environment
    return "endpoint: https://console.zenlayer.com\n"
           "credentials: {access_key_id: {env: ZENLAYER_TEST_ID}, access_key_password: {env: "
           "ZENLAYER_TEST_PASSWORD}}\n" +
           more;
}

TEST(Settings, NeedAnEndpointAndCredentialsOnly) {
    EXPECT_TRUE(mistakes(account("")).empty());
    EXPECT_EQ(mistakes("{}").size(), 3U);
}

TEST(Settings, HaveSafeDefaults) {
    const auto read = settings();
    EXPECT_FALSE(read->price);
    EXPECT_EQ(read->page_size, 1000);
    EXPECT_TRUE(read->serves("any network"));
    EXPECT_FALSE(settings("networks: [n1]")->serves("n2"));
}

TEST(Settings, AreReadWhole) {
    const auto read = settings(
        "networks: [n1, n2]\n"
        "price: {currency: USD, unit: 0.01, per: month, unit_price: per_mbps}\n"
        "page_size: 100\nmax_mbps: 10000\nwords: {states: {OVERDUE: suspended}, errors: {NO_MONEY: "
        "insufficient-funds}}\n"
        "metros: {asia-east-1: hkg}");
    EXPECT_EQ(read->networks.size(), 2U);
    ASSERT_TRUE(read->price);
    EXPECT_EQ(read->price->unit.text(), "0.01");
    EXPECT_EQ(read->price->per, Per::month);
    EXPECT_EQ(read->price->unit_price, PriceTerms::UnitPrice::per_mbps);
    EXPECT_EQ(read->page_size, 100);
    EXPECT_EQ(read->max_mbps, 10'000);
    EXPECT_EQ(read->states.front().second, State::suspended);
    EXPECT_EQ(read->errors.front().second, Slug::insufficient_funds);
    EXPECT_EQ(read->metros.front().second, "hkg");
}

TEST(Settings, ReportEveryMistakeByItsPath) {
    for (const auto& [line, mistake] : {
             std::pair{"price: {currency: dollars, unit: 1}", "providers[0].price.currency"},
             {"price: {unit: 1}", "providers[0].price.currency"},
             {"price: {currency: USD, unit: -1}", "providers[0].price.unit"},
             {"price: {currency: USD, unit: 0}", "providers[0].price.unit"},
             {"price: {currency: USD, unit: 1, per: day}", "providers[0].price.per"},
             {"price: {currency: USD, unit: 1, unit_price: each}", "providers[0].price.unit_price"},
             {"price: {currency: USD, unit: 1, vat: 1}", "providers[0].price.vat"},
             {"page_size: 1001", "providers[0].page_size"},
             {"max_mbps: 0", "providers[0].max_mbps"},
             {"words: {states: {OVERDUE: overdue}}", "providers[0].words.states"},
             {"words: {errors: {NO_MONEY: broke}}", "providers[0].words.errors"},
             {"words: {status: {}}", "providers[0].words.status"},
             {"price: {currency: USD}", "providers[0].price.unit"},
             {"metros: {asia-east-1: HongKong}", "providers[0].metros"},
             {"colour: red", "providers[0].colour"},
         }) {
        const auto found = mistakes(account(line));
        ASSERT_FALSE(found.empty()) << line;
        EXPECT_TRUE(found.front().starts_with(mistake)) << found.front();
    }
}

TEST(Settings, RefuseTwoKindsOfCredentials) {
    setenv("ZENLAYER_TEST_TOKEN", "tok", 1);
    EXPECT_FALSE(
        mistakes(
            "endpoint: https://console.zenlayer.com\n"
            "credentials: {token: {env: ZENLAYER_TEST_TOKEN}, access_key_id: {env: ZENLAYER_TEST_TOKEN}}")
            .empty());
}

}  // namespace
}  // namespace bwgw::zenlayer
