#include "providers/zenlayer/provider.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/zenlayer/fake_vendor.h"

namespace bwgw::zenlayer {
namespace {

using tests::run;

std::string rows(int first, int last, int total) {
    std::string json = fmt::format(R"({{"requestId":"T","response":{{"totalCount":{},"dataSet":[)", total);
    for (int i = first; i <= last; ++i)
        json +=
            fmt::format(R"({}{{"crossRegionBandwidthId":"{}","vpcId":"v","regionA":"a","regionZ":"z{}"}})",
                        i == first ? "" : ",", i, i);
    return json + "]}}";
}

TEST(Provider, DeclaresWhatItSells) {
    const Account account("max_mbps: 500");
    const auto& profile = account.provider->profile();
    EXPECT_EQ(profile.name, "zenlayer");
    EXPECT_EQ(profile.family, "zenlayer");
    ASSERT_EQ(profile.products.size(), 1U);
    const auto& product = profile.products.front();
    EXPECT_EQ(product.product, "crb");
    EXPECT_EQ(product.kind, Kind::inter_region);
    EXPECT_EQ(product.safety, PurchaseSafety::natural_key);
    EXPECT_EQ(product.max_mbps, 500);
    EXPECT_EQ(product.billing_models, (std::vector{BillingModel::fixed, BillingModel::percentile_95}));
    for (const auto action : {Action::create, Action::list, Action::resize, Action::rename, Action::release,
                              Action::quote, Action::quote_resize, Action::regions})
        EXPECT_TRUE(product.can(action));
}

TEST(Provider, BuysAndSaysTheVendorsIds) {
    Account account;
    account.vendor.says(fixture("create.reply.json"));
    const auto receipt = run(account.provider->create(account.context, order_95()));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->native_id, "1200000000000000007");
    EXPECT_EQ(receipt->order_number, "1300000000000000042");
    EXPECT_EQ(receipt->request_id, "T2…");
}

TEST(Provider, RefusesBeforeAnyCallWhatTheVendorHasNoWordFor) {
    struct Line {
        const char* pointer;
        Slug slug;
        std::function<void(Order&)> spoil;
    };
    const Line lines[] = {
        {"/kind", Slug::unsupported, [](Order& o) { o.kind = Kind::eip_boost; }},
        {"/billing/model", Slug::unsupported, [](Order& o) { o.billing.model = BillingModel::traffic; }},
        {"/billing/payment", Slug::unsupported, [](Order& o) { o.billing.payment = Payment::prepaid; }},
        {"/billing/payment", Slug::unsupported, [](Order& o) { o.billing.term = Term{}; }},
        {"/service_tier", Slug::unsupported, [](Order& o) { o.service_tier = ServiceTier::gold; }},
        {"/path_policy", Slug::unsupported, [](Order& o) { o.path_policy = PathPolicy::standard; }},
        {"/network_id", Slug::invalid_request, [](Order& o) { o.network_id = "another"; }},
        {"/burst_mbps", Slug::invalid_request, [](Order& o) { o.burst_mbps = o.bandwidth_mbps - 1; }},
        {"/burst_mbps", Slug::invalid_request, [](Order& o) { o.burst_mbps.reset(); }},
        {"/burst_mbps", Slug::invalid_request, [](Order& o) { o.billing.model = BillingModel::fixed; }},
    };
    for (const auto& line : lines) {
        Account account("networks: ['1100000000000000001']\nprice: {currency: USD, unit: 1}");
        auto spoiled = order_95();
        line.spoil(spoiled);
        const auto receipt = run(account.provider->create(account.context, spoiled));
        ASSERT_FALSE(receipt) << line.pointer;
        EXPECT_EQ(word(receipt.failure().slug), word(line.slug)) << line.pointer;
        EXPECT_EQ(receipt.failure().outcome, Outcome::none);
        ASSERT_EQ(receipt.failure().errors.size(), 1U);
        EXPECT_EQ(receipt.failure().errors.front().pointer, line.pointer);
        const auto price = run(account.provider->quote(account.context, spoiled));
        ASSERT_FALSE(price) << line.pointer;
        EXPECT_TRUE(account.vendor.requests.empty()) << line.pointer;
    }
}

TEST(Provider, RefusesABurstBelowTheCommitmentBeforeAnyCall) {
    Account account;
    const auto receipt = run(account.provider->change(account.context, kLink, Resize{80, 79}));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.failure().slug, Slug::invalid_request);
    EXPECT_TRUE(account.vendor.requests.empty());
}

TEST(Provider, ChangesRenamesAndReleases) {
    Account account;
    for (int i = 0; i < 3; ++i) account.vendor.says(fixture("acknowledged.reply.json"));
    const auto resized = run(account.provider->change(account.context, kLink, Resize{20, 400}));
    ASSERT_TRUE(resized);
    EXPECT_EQ(resized->request_id, "T4…");
    EXPECT_EQ(resized->native_id, "");
    ASSERT_TRUE(run(account.provider->change(account.context, kLink, Rename{"new", "gw-0123456789ab"})));
    ASSERT_TRUE(run(account.provider->release(account.context, kLink)));
    const auto& sent = account.vendor.requests;
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[0].action, "ModifyCrossRegionBandwidth");
    EXPECT_EQ(sent[0].body,
              R"({"crossRegionBandwidthId":"1200000000000000007","bandwidth":20,"bandwidthCap":400})");
    EXPECT_EQ(sent[1].action, "ModifyCrossRegionBandwidthAttribute");
    EXPECT_EQ(sent[1].body, R"({"crossRegionBandwidthIds":["1200000000000000007"],)"
                            R"("crossRegionBandwidthName":"new.gw-0123456789ab"})");
    EXPECT_EQ(sent[2].action, "DeleteCrossRegionBandwidth");
    EXPECT_EQ(sent[2].body, R"({"crossRegionBandwidthId":"1200000000000000007"})");
}

TEST(Provider, SaysThatWhatIsToBeReleasedIsGone) {
    Account account;
    account.vendor.says(R"({"requestId":"T","code":"INVALID_VPC_BANDWIDTH_NOT_FOUND","message":""})", 404);
    const auto receipt = run(account.provider->release(account.context, kLink));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.failure().slug, Slug::not_found);
    EXPECT_EQ(receipt.failure().outcome, Outcome::none);
}

TEST(Provider, ListsPageByPage) {
    Account account("page_size: 2");
    account.vendor.says(rows(1, 2, 5)).says(rows(3, 4, 5)).says(rows(5, 5, 5));
    const auto listing = run(account.provider->list(account.context, {}));
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(listing->items.size(), 5U);
    ASSERT_EQ(account.vendor.requests.size(), 3U);
    EXPECT_EQ(account.vendor.requests[2].body, R"({"pageSize":2,"pageNum":3})");
}

TEST(Provider, ShowsThePagesBeforeOneThatFailed) {
    Account account("page_size: 2");
    account.vendor.says(rows(1, 2, 5)).says("<html>", 502);
    const auto listing = run(account.provider->list(account.context, {}));
    ASSERT_TRUE(listing);
    ASSERT_FALSE(listing->complete());
    EXPECT_EQ(listing->problem->slug, Slug::provider_unavailable);
    EXPECT_EQ(listing->problem->provider, "zenlayer");
    EXPECT_EQ(listing->items.size(), 2U);
}

// The vendor ignores members it does not know, so a filter may come back unheeded.
TEST(Provider, ChecksTheVendorsFiltersItself) {
    const auto listed = [](const std::string& more, Query query) {
        Account account(more);
        account.vendor.says(fixture("oddities.reply.json"));
        const auto listing = run(account.provider->list(account.context, std::move(query)));
        std::string ids;
        EXPECT_TRUE(listing && listing->complete());
        if (listing)
            for (const auto& row : listing->items) ids += row.ref.native_id.substr(18);
        return ids;
    };
    EXPECT_EQ(listed("", {}), "12345");
    EXPECT_EQ(listed("", {.product = "crb"}), "12345");
    EXPECT_EQ(listed("", {.scope = "1100000000000000003"}), "45");
    EXPECT_EQ(listed("", {.native_ids = {"1200000000000000202", "1200000000000000203", "gone"}}), "23");
    EXPECT_EQ(listed("", {.scope = "1100000000000000001", .native_ids = {"1200000000000000203"}}), "");
    EXPECT_EQ(listed("networks: ['1100000000000000001', '1100000000000000002']", {}), "123");
}

TEST(Provider, AsksNothingOfTheVendorAboutWhatIsNotItsOwn) {
    Account account("networks: [mine]");
    for (const auto& query : {Query{.product = "legacy"}, Query{.scope = "theirs"}}) {
        const auto listing = run(account.provider->list(account.context, query));
        ASSERT_TRUE(listing);
        EXPECT_TRUE(listing->complete());
        EXPECT_TRUE(listing->items.empty());
    }
    EXPECT_TRUE(account.vendor.requests.empty());
}

TEST(Provider, QuotesAnOrderAndAResize) {
    Account account("price: {currency: USD, unit: 1, per: month}");
    account.vendor.says(fixture("price.reply.json")).says(fixture("resize-price.reply.json"));
    const auto price = run(account.provider->quote(account.context, order()));
    ASSERT_TRUE(price);
    EXPECT_EQ(price->amount.amount.text(), "450");
    EXPECT_EQ(price->original_amount->text(), "500");
    const auto resize = run(account.provider->quote(account.context, PriceOfResize{kLink, {80, {}}}));
    ASSERT_TRUE(resize);
    EXPECT_EQ(resize->amount.amount.text(), "800");
    EXPECT_EQ(account.vendor.requests[0].action, "InquiryPriceCreateCrossRegionBandwidth");
    EXPECT_EQ(account.vendor.requests[1].action, "InquiryPriceModifyCrossRegionBandwidth");
    EXPECT_FALSE(account.vendor.requests[0].write);
}

TEST(Provider, NamesNoPriceWithoutACurrency) {
    Account account;
    const auto price = run(account.provider->quote(account.context, order()));
    ASSERT_FALSE(price);
    EXPECT_EQ(price.failure().slug, Slug::price_unavailable);
    EXPECT_TRUE(account.vendor.requests.empty());
}

TEST(Provider, ListsRegionsWithTheirCities) {
    Account account;
    account.vendor.says(fixture("regions.reply.json")).says(fixture("zones.reply.json"));
    const auto regions = run(account.provider->regions(account.context));
    ASSERT_TRUE(regions);
    EXPECT_EQ(regions->at(0).metro, "hkg");
    EXPECT_EQ(account.vendor.requests[0].action, "DescribeCrossRegionBandwidthRegions");
    EXPECT_EQ(account.vendor.requests[0].body, "{}");
    EXPECT_EQ(account.vendor.requests[1].action, "DescribeZones");
}

TEST(Provider, ListsRegionsWithoutCitiesOnlyWhereTheAccountMayNotAskForThem) {
    Account account;
    account.vendor.says(fixture("regions.reply.json"))
        .says(R"({"requestId":"T","code":"AUTHFAILURE_UNAUTHORIZED_OPERATION","message":""})", 401);
    const auto regions = run(account.provider->regions(account.context));
    ASSERT_TRUE(regions);
    EXPECT_EQ(regions->size(), 3U);
    EXPECT_EQ(regions->at(0).metro, std::nullopt);

    account.vendor.says(fixture("regions.reply.json")).says("<html>", 502);
    const auto failed = run(account.provider->regions(account.context));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.failure().slug, Slug::provider_unavailable);
}

}  // namespace
}  // namespace bwgw::zenlayer
