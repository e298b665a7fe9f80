#include "providers/zenlayer/mapping.h"

#include <gtest/gtest.h>

#include "providers/translation/fields.h"
#include "tests/support/bandwidth_dump.h"
#include "tests/zenlayer/fake_vendor.h"

namespace bwgw::zenlayer {
namespace {

using tests::BandwidthDump;
using tests::run;

Answer answer(const std::string& name) {
    return {*translation::parse(fixture(name)), "T"};
}

Answer answer_with(const std::string& response) {
    return {*translation::parse(R"({"response":)" + response + "}"), "T"};
}

TEST(Mapping, TranslatesEveryGoldenListing) {
    for (const std::string name : {"published", "states", "oddities", "empty"}) {
        Account account;
        account.vendor.says(fixture(name + ".reply.json"));
        const auto listing = run(account.provider->list(account.context, {}));
        ASSERT_TRUE(listing) << name;
        EXPECT_TRUE(listing->complete()) << name;
        EXPECT_EQ(BandwidthDump::of(listing->items),
                  BandwidthDump::canonical(fixture(name + ".bandwidths.json")))
            << name;
    }
}

TEST(Mapping, LeavesOutRowsThatCannotBeReadAndSaysSo) {
    const auto page = page_of(answer("unreadable.reply.json"), {}, *settings());
    ASSERT_TRUE(page);
    ASSERT_EQ(page->rows.size(), 1U);
    EXPECT_EQ(page->rows.front().name, "good");
    EXPECT_EQ(page->ids, (std::vector<std::string>{"1200000000000000301", "1200000000000000302", "",
                                                   "1200000000000000303", "1200000000000000304", ""}));
    ASSERT_TRUE(page->problem);
    EXPECT_EQ(page->problem->slug, Slug::provider_contract_violation);
    EXPECT_EQ(page->problem->detail, "dataSet[1].vpcId is missing or empty");
}

TEST(Mapping, NeverTakesAReplyWithoutItsCountForAnEmptyList) {
    for (const auto* response :
         {"{}", R"({"dataSet":[]})", R"({"totalCount":null,"dataSet":[]})",
          R"({"totalCount":"many","dataSet":[]})", R"({"totalCount":0,"dataSet":{}})"}) {
        const auto page = page_of(answer_with(response), {}, *settings());
        ASSERT_FALSE(page) << response;
        EXPECT_EQ(page.failure().slug, Slug::provider_contract_violation);
    }
    EXPECT_TRUE(page_of(answer_with(R"({"totalCount":0,"dataSet":null})"), {}, *settings()));
}

TEST(Mapping, ReadsStatesOfTheSettingsFirst) {
    const auto page =
        page_of(answer("states.reply.json"), {}, *settings("words: {states: {OVERDUE: suspended}}"));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->rows.at(7).state, State::suspended);
    EXPECT_EQ(page->rows.at(7).provider_state, "OVERDUE");
    EXPECT_EQ(page->rows.at(8).state, State::unknown) << "words are compared by exact spelling";
}

TEST(Mapping, WritesTheBodiesOfThePublishedExamples) {
    auto plain = order();
    plain.marker.clear();
    EXPECT_EQ(
        create_body(plain),
        R"({"vpcId":"1100000000000000001","internetChargeType":"ByBandwidth",)"
        R"("crossRegionBandwidthName":"link-hkg-sin-01","regionA":"asia-east-1","regionZ":"asia-southeast-1",)"
        R"("bandwidth":50})");
    auto burstable = order_95();
    burstable.marker.clear();
    EXPECT_EQ(create_body(burstable),
              R"({"vpcId":"1100000000000000001","internetChargeType":"ByInstanceBandwidth95",)"
              R"("crossRegionBandwidthName":"link-95-01","regionA":"asia-east-1","regionZ":"europe-west-1",)"
              R"("bandwidth":20,"bandwidthCap":200})");
    EXPECT_EQ(price_body(plain), R"({"internetChargeType":"ByBandwidth","regionA":"asia-east-1",)"
                                 R"("regionZ":"asia-southeast-1","bandwidth":50})");
    EXPECT_EQ(resize_price_body(kLink.native_id, {80, {}}),
              R"({"crossRegionBandwidthId":"1200000000000000007","bandwidth":80})");
    EXPECT_EQ(resize_body(kLink.native_id, {20, 400}),
              R"({"crossRegionBandwidthId":"1200000000000000007","bandwidth":20,"bandwidthCap":400})");
    EXPECT_EQ(
        rename_body(kLink.native_id, {"link-95-renamed", ""}),
        R"({"crossRegionBandwidthIds":["1200000000000000007"],"crossRegionBandwidthName":"link-95-renamed"})");
    EXPECT_EQ(id_body(kLink.native_id), R"({"crossRegionBandwidthId":"1200000000000000007"})");
    EXPECT_EQ(list_body({.scope = "1100000000000000001"}, *settings("page_size: 100"), 1),
              R"({"vpcId":"1100000000000000001","pageSize":100,"pageNum":1})");
}

TEST(Mapping, PutsTheMarkerBehindTheName) {
    EXPECT_NE(create_body(order()).find(R"("crossRegionBandwidthName":"link-hkg-sin-01.gw-0123456789ab")"),
              std::string::npos);
    auto nameless = order();
    nameless.name.clear();
    EXPECT_NE(create_body(nameless).find(R"("crossRegionBandwidthName":"gw-0123456789ab")"),
              std::string::npos);
    EXPECT_EQ(rename_body("1", {"new", "gw-0123456789ab"}),
              R"({"crossRegionBandwidthIds":["1"],"crossRegionBandwidthName":"new.gw-0123456789ab"})");
}

TEST(Mapping, SendsAPromotionOnlyWhereThereIsOne) {
    EXPECT_EQ(create_body(order()).find("marketingInfo"), std::string::npos);
    auto promoted = order();
    promoted.promotion = {"SPRING", true};
    EXPECT_TRUE(create_body(promoted).ends_with(
        R"("marketingInfo":{"discountCode":"SPRING","usePocVoucher":true}})"));
    promoted.promotion = {"SPRING", false};
    EXPECT_TRUE(price_body(promoted).ends_with(R"("marketingInfo":{"discountCode":"SPRING"}})"));
}

TEST(Mapping, AsksForIdsWhereTheyFitInOneFilter) {
    Query query{.native_ids = {"1", "2"}};
    EXPECT_EQ(list_body(query, *settings(), 3),
              R"({"crossRegionBandwidthIds":["1","2"],"pageSize":1000,"pageNum":3})");
    query.native_ids.assign(101, "1");
    EXPECT_EQ(list_body(query, *settings(), 1), R"({"pageSize":1000,"pageNum":1})");
    EXPECT_EQ(list_body({}, *settings("networks: [n1]"), 1), R"({"vpcId":"n1","pageSize":1000,"pageNum":1})");
    EXPECT_EQ(list_body({}, *settings("networks: [n1, n2]"), 1), R"({"pageSize":1000,"pageNum":1})");
}

TEST(Mapping, ReadsAReceipt) {
    const auto receipt = receipt_of(answer("create.reply.json"), *settings());
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->native_id, "1200000000000000007");
    EXPECT_EQ(receipt->order_number, "1300000000000000042");
    const auto bare =
        receipt_of(answer_with(R"({"crossRegionBandwidthId":1200000000000000007})"), *settings());
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->native_id, "1200000000000000007");
    EXPECT_EQ(bare->order_number, "");
}

TEST(Mapping, ReadsAnUndatedTotal) {
    const auto price =
        price_of(answer("price.reply.json"), 50, *settings("price: {currency: USD, unit: 0.01, per: month}"));
    ASSERT_TRUE(price);
    EXPECT_EQ(price->amount.amount.text(), "4.5");
    EXPECT_EQ(price->amount.currency, "USD");
    EXPECT_EQ(price->original_amount->text(), "5");
    EXPECT_EQ(price->per, Per::month);
    const auto undated =
        price_of(answer("resize-price.reply.json"), 80, *settings("price: {currency: EUR, unit: 1}"));
    ASSERT_TRUE(undated);
    EXPECT_EQ(undated->amount.amount.text(), "800");
    EXPECT_EQ(undated->per, std::nullopt);
}

struct PriceLine {
    const char* item;
    const char* more;
    const char* amount;  ///< null: price-unavailable
    std::optional<Per> per = Per::month;
};

TEST(Mapping, ReadsUnitPricesAndTiersOnlyWhereTheyLeaveNothingOpen) {
    constexpr auto kTotal = "price: {currency: USD, unit: 1, per: month, unit_price: total}";
    constexpr auto kEach = "price: {currency: USD, unit: 1, per: month, unit_price: per_mbps}";
    constexpr auto kOpen = "price: {currency: USD, unit: 1, per: month}";
    const PriceLine lines[] = {
        {R"({"discountUnitPrice":9.5,"chargeUnit":"MONTH","amountUnit":"Mbps","discountPrice":1.0})", kOpen,
         "475"},
        {R"({"discountUnitPrice":"0.125","chargeUnit":"HOUR","amountUnit":"Mbps"})", kOpen, "6.25",
         Per::hour},
        {R"({"discountUnitPrice":9.5,"chargeUnit":"MONTH"})", kOpen, nullptr},
        {R"({"discountUnitPrice":9.5,"chargeUnit":"MONTH"})", kEach, "475"},
        {R"({"discountUnitPrice":9.5,"chargeUnit":"MONTH"})", kTotal, "9.5"},
        {R"({"discountUnitPrice":9.5,"chargeUnit":"DAY"})", kTotal, nullptr},
        {R"({"discountUnitPrice":9.5})", kTotal, nullptr},
        {R"({"discountUnitPrice":9.5,"chargeUnit":"MONTH","amountUnit":"GB"})", kEach, nullptr},
        {R"({"stepPrices":[{"stepStart":0,"stepEnd":100,"discountUnitPrice":8.0},{"stepStart":100,"stepEnd":null}],)"
         R"("chargeUnit":"MONTH","discountUnitPrice":1.0,"discountPrice":1.0})",
         kEach, "400"},
        {R"({"stepPrices":[{"stepStart":0,"stepEnd":null,"discountUnitPrice":8.0}],"chargeUnit":"MONTH"})",
         kEach, "400"},
        {R"({"stepPrices":[{"stepStart":0,"stepEnd":50,"discountUnitPrice":8.0},{"stepStart":50}],)"
         R"("chargeUnit":"MONTH","discountPrice":1.0})",
         kEach, nullptr},
        {R"({"stepPrices":[{"stepStart":0}],"discountPrice":1.0})", kEach, nullptr},
        {R"({"stepPrices":["?"],"discountPrice":1.0})", kEach, nullptr},
        {R"({"stepPrices":[],"discountPrice":7})", kEach, "7"},
        {R"({"originalPrice":7})", kEach, nullptr},
        {R"({"discountPrice":0})", kEach, "0"},
        {"{}", kEach, nullptr},
        {"null", kEach, nullptr},
    };
    for (const auto& line : lines) {
        const auto price =
            price_of(answer_with(std::string(R"({"crossRegionBandwidthPrice":)") + line.item + "}"), 50,
                     *settings(line.more));
        ASSERT_EQ(static_cast<bool>(price), line.amount != nullptr) << line.item;
        if (price) {
            EXPECT_EQ(price->amount.amount.text(), line.amount) << line.item;
            EXPECT_EQ(price->per, line.per) << line.item;
        } else {
            EXPECT_EQ(price.failure().slug, Slug::price_unavailable) << line.item;
        }
    }
}

TEST(Mapping, RefusesPricesThatAreNoNumbers) {
    for (const auto* item : {R"({"discountPrice":"free"})", R"({"discountPrice":-1})",
                             R"({"discountPrice":{}})", R"({"discountPrice":1e3})"}) {
        const auto price = price_of(answer_with(std::string(R"({"crossRegionBandwidthPrice":)") + item + "}"),
                                    50, *settings("price: {currency: USD, unit: 1}"));
        ASSERT_FALSE(price) << item;
        EXPECT_EQ(price.failure().slug, Slug::provider_contract_violation);
    }
}

TEST(Mapping, NamesTheCityOfARegionOnlyWhereItsZonesAgree) {
    const auto zones = answer("zones.reply.json");
    const auto regions = regions_of(answer("regions.reply.json"), &zones, *settings());
    ASSERT_TRUE(regions);
    ASSERT_EQ(regions->size(), 3U);
    EXPECT_EQ(regions->at(0).code, "asia-east-1");
    EXPECT_EQ(regions->at(0).metro, "hkg");
    EXPECT_EQ(regions->at(0).name, "Hong Kong");
    EXPECT_EQ(regions->at(1).metro, std::nullopt);
    EXPECT_EQ(regions->at(2).metro, std::nullopt) << "no zone is known";
    const auto configured =
        regions_of(answer("regions.reply.json"), nullptr, *settings("metros: {europe-west-1: fra}"));
    ASSERT_TRUE(configured);
    EXPECT_EQ(configured->at(0).metro, std::nullopt);
    EXPECT_EQ(configured->at(2).metro, "fra");
}

TEST(Mapping, RefusesRegionsThatAreNone) {
    for (const auto* response :
         {"{}", R"({"regionIds":null})", R"({"regionIds":[{}]})", R"({"regionIds":[""]})"})
        EXPECT_FALSE(regions_of(answer_with(response), nullptr, *settings())) << response;
}

}  // namespace
}  // namespace bwgw::zenlayer
