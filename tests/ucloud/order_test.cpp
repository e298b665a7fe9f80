#include "tests/ucloud/support.h"

namespace bwgw::ucloud::tests {
namespace {

Order inter_region() {
    Order order;
    order.network_id = "ugn-demo01";
    order.ends = {"hk", "sg"};
    order.bandwidth_mbps = 10;
    order.marker = "gw-0123456789ab";
    return order;
}
Order legacy_order() {
    auto order = inter_region();
    order.billing = {BillingModel::traffic, Payment::prepaid, Term{TermUnit::month, 1}};
    return order;
}
Order simple_order() {
    auto order = inter_region();
    order.name = "edge";
    order.billing = {BillingModel::fixed, Payment::prepaid, Term{TermUnit::month, 1}};
    return order;
}
Order boost() {
    Order order;
    order.kind = Kind::eip_boost;
    order.region = "sg";
    order.eip_id = "eip-demo01";
    order.bandwidth_mbps = 200;
    order.billing = {BillingModel::fixed, Payment::prepaid, Term{TermUnit::hour, 2}};
    return order;
}

constexpr auto kTaken = R"({"RetCode":0,"Message":"ok"})";

std::map<std::string, std::string> sent(const std::string& brand, const Order& order) {
    FakeVendor vendor(always(kTaken));
    const auto account = provider(brand, vendor);
    const auto receipt = result_of(account->create(context(), order));
    if (!receipt) {
        ADD_FAILURE() << receipt.failure().detail;
        return {};
    }
    return parameters(vendor.requests.at(0));
}

void expect_refused(const std::string& brand, const Order& order, std::string_view pointer) {
    FakeVendor vendor(always(kTaken));
    const auto account = provider(brand, vendor);
    const auto receipt = result_of(account->create(context(), order));
    ASSERT_FALSE(receipt) << pointer;
    EXPECT_EQ(receipt.failure().slug, Slug::invalid_request);
    EXPECT_EQ(receipt.failure().outcome, Outcome::none);
    ASSERT_EQ(receipt.failure().errors.size(), 1u);
    EXPECT_EQ(receipt.failure().errors[0].pointer, pointer);
    EXPECT_TRUE(vendor.requests.empty());
}

TEST(Create, LegacyIsTheDocumentedCallToTheByte) {
    FakeVendor vendor(always(
        R"({"Action":"CreateInterRegionBandwidthResponse","RetCode":0,"InterRegionBandwidthId":"irb-7k2m"})"));
    const auto account = provider(std::string(kLegacy) + "channel_key: ck-1\n", vendor);
    const auto receipt = result_of(account->create(context(), legacy_order()));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->native_id, "irb-7k2m");
    EXPECT_EQ(receipt->request_id, kRequestId);
    ASSERT_EQ(vendor.requests.size(), 1u);
    const auto& request = vendor.requests[0];
    EXPECT_EQ(request.action, "CreateInterRegionBandwidth");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://api.example.com/");
    EXPECT_TRUE(request.write);
    EXPECT_EQ(request.headers.at(0).name, "channel-key");
    EXPECT_EQ(request.headers.at(1).value, "application/x-www-form-urlencoded");
    EXPECT_EQ(request.body,
              "Action=CreateInterRegionBandwidth&Bandwidth=10&ChargeType=Month&PayMode=Traffic&ProjectId=org-"
              "demo01&"
              "PublicKey=pk-demo-0001&Quantity=1&Region0=hk&Region1=sg&"
              "Signature=ae7f461d9e0fce7f4b631ec38433133649058129&UGNId=ugn-demo01");
}

TEST(Create, LegacyTakesTermAndModelFromTheOrder) {
    auto order = legacy_order();
    order.billing = {BillingModel::fixed, Payment::unspecified, Term{TermUnit::year, 2}};
    order.promotion = Promotion{"half-off", false};
    auto parameters = sent(kLegacy, order);
    EXPECT_EQ(parameters["ChargeType"], "Year");
    EXPECT_EQ(parameters["Quantity"], "2");
    EXPECT_EQ(parameters["PayMode"], "Bandwidth");
    EXPECT_EQ(parameters["CouponId"], "half-off");
    order.billing = {BillingModel::traffic, Payment::postpaid, std::nullopt};
    parameters = sent(std::string(kLegacy) + "words: {charge_types: {postpaid: PostPay}}\n", order);
    EXPECT_EQ(parameters["ChargeType"], "PostPay");
    EXPECT_EQ(parameters["Quantity"], "1");
}

TEST(Create, SimpleNamesThePackageByItsMarkerAndKnowsNoId) {
    FakeVendor vendor(always(R"({"Action":"CreateSimpleUGNBwPackageResponse","RetCode":0,"Message":"ok"})"));
    const auto account = provider(kSimple, vendor);
    const auto receipt = result_of(account->create(context(), simple_order()));
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(receipt->native_id.empty());
    const auto parameters = tests::parameters(vendor.requests.at(0));
    EXPECT_EQ(vendor.requests[0].action, "CreateSimpleUGNBwPackage");
    const std::map<std::string, std::string> own = {
        {"UGNID", "ugn-demo01"}, {"RegionA", "hk"},
        {"RegionB", "sg"},       {"BandWidth", "10"},
        {"PayMode", "FixedBw"},  {"Qos", "Platinum"},
        {"Path", "IGP"},         {"ChargeType", "Month"},
        {"Quantity", "1"},       {"Name", "edge.gw-0123456789ab"}};
    for (const auto& [name, value] : own) EXPECT_EQ(parameters.at(name), value) << name;
    EXPECT_FALSE(parameters.contains("CouponId"));
}

TEST(Create, SimplePairsEachModelWithItsChargeType) {
    auto order = simple_order();
    order.billing = {BillingModel::fifth_peak, Payment::postpaid, std::nullopt};
    order.service_tier = ServiceTier::diamond;
    order.path_policy = PathPolicy::lowest_latency;
    auto parameters = sent(kSimple, order);
    EXPECT_EQ(parameters["PayMode"], "Max5");
    EXPECT_EQ(parameters["ChargeType"], "PostPay");
    EXPECT_EQ(parameters["Qos"], "Diamond");
    EXPECT_EQ(parameters["Path"], "Delay");
    order.billing = {BillingModel::traffic, Payment::unspecified, std::nullopt};
    EXPECT_EQ(sent(kSimple, order)["ChargeType"], "Count");
    EXPECT_EQ(sent(std::string(kSimple) + "words: {charge_types: {traffic: PostPay}}\n", order)["ChargeType"],
              "PostPay");
}

TEST(Create, ABoostCountsItsHoursInTheUnitOfTheSettings) {
    FakeVendor vendor(always(R"({"RetCode":0,"BandwidthPackageID":"bwpack-a1b2c3"})"));
    const auto account = provider(kEip, vendor);
    auto order = boost();
    order.starts_at = Instant(std::chrono::seconds(1893456000));
    const auto receipt = result_of(account->create(context(), order));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->native_id, "bwpack-a1b2c3");
    const auto parameters = tests::parameters(vendor.requests.at(0));
    EXPECT_EQ(parameters.at("TimeRange"), "2");
    EXPECT_EQ(parameters.at("Signature"), "ffd60ca49d9532d30a6655aa172f4bc997dbc75a");
    EXPECT_EQ(sent(std::string(kEip) + "time_range_unit: seconds\n", boost())["TimeRange"], "7200");
    EXPECT_FALSE(sent(kEip, boost()).contains("EnableTime"));
}

TEST(Create, AReplyWithoutAnIdIsStillAPurchase) {
    for (const auto* body : {kTaken, R"({"RetCode":0,"InterRegionBandwidthId":{}})"}) {
        FakeVendor vendor(always(body));
        const auto account = provider(kLegacy, vendor);
        const auto receipt = result_of(account->create(context(), legacy_order()));
        ASSERT_TRUE(receipt);
        EXPECT_TRUE(receipt->native_id.empty());
    }
}

TEST(Create, WhatTheVendorHasNoWordForIsRefusedBeforeAnythingIsSent) {
    auto order = legacy_order();
    order.billing.term.reset();
    expect_refused(kLegacy, order, "/billing/term");
    order = legacy_order();
    order.billing.payment = Payment::postpaid;
    expect_refused(kLegacy, order, "/billing/term");
    order = legacy_order();
    order.billing.model = BillingModel::fifth_peak;
    expect_refused(kLegacy, order, "/billing/model");
    order = legacy_order();
    order.network_id = "ugn-other";
    expect_refused(kLegacy, order, "/network_id");
    order = legacy_order();
    order.promotion = Promotion{"x", true};
    expect_refused(kLegacy, order, "/promotion/use_voucher");

    order = simple_order();
    order.billing.term.reset();
    expect_refused(kSimple, order, "/billing/term");
    order = simple_order();
    order.billing.term->unit = TermUnit::hour;
    expect_refused(kSimple, order, "/billing/term/unit");
    order = simple_order();
    order.billing.model = BillingModel::traffic;
    expect_refused(kSimple, order, "/billing/term");
    order.billing = {BillingModel::fifth_peak, Payment::prepaid, std::nullopt};
    expect_refused(kSimple, order, "/billing/payment");
    order.billing = {BillingModel::percentile_95, Payment::postpaid, std::nullopt};
    expect_refused(kSimple, order, "/billing/model");
    order.burst_mbps = 20;
    expect_refused(kSimple, order, "/burst_mbps");
    order = simple_order();
    order.network_id = "ugn-other";
    expect_refused(kSimple, order, "/network_id");

    order = boost();
    order.billing.term->unit = TermUnit::month;
    expect_refused(kEip, order, "/billing/term");
    order = boost();
    order.region = "hk";
    expect_refused(kEip, order, "/region");
    order = boost();
    order.billing.model = BillingModel::traffic;
    expect_refused(kEip, order, "/billing/model");
}

TEST(Change, SendsTheSizeUnderEachProductsOwnNames) {
    FakeVendor vendor(always(kTaken));
    const auto legacy = provider(kLegacy, vendor);
    const auto simple = provider(kSimple, vendor);
    ASSERT_TRUE(result_of(legacy->change(context(), {"legacy", "ugn-demo01", "irb-7k2m"}, Resize{20})));
    ASSERT_TRUE(result_of(simple->change(context(), {"simple", "ugn-demo01", "bw-1abc"}, Resize{20})));
    ASSERT_EQ(vendor.requests.size(), 2u);
    EXPECT_EQ(vendor.requests[0].action, "ModifyInterRegionBandwidth");
    auto parameters = tests::parameters(vendor.requests[0]);
    EXPECT_EQ(parameters["UGNId"], "ugn-demo01");
    EXPECT_EQ(parameters["InterRegionBandwidthId"], "irb-7k2m");
    EXPECT_EQ(parameters["Bandwidth"], "20");
    EXPECT_EQ(vendor.requests[1].action, "ModifyUGNBandwidth");
    parameters = tests::parameters(vendor.requests[1]);
    EXPECT_EQ(parameters["UGNID"], "ugn-demo01");
    EXPECT_EQ(parameters["PackageID"], "bw-1abc");
    EXPECT_EQ(parameters["BandWidth"], "20");
    EXPECT_TRUE(vendor.requests[0].write && vendor.requests[1].write);
}

TEST(Release, NamesTheResourceUnderEachProductsOwnNames) {
    FakeVendor vendor(always(kTaken));
    const auto legacy = provider(kLegacy, vendor);
    const auto both = provider(std::string(kSimple) + kEip, vendor);
    ASSERT_TRUE(result_of(legacy->release(context(), {"legacy", "ugn-demo01", "irb-7k2m"})));
    ASSERT_TRUE(result_of(both->release(context(), {"simple", "ugn-demo01", "bw-1abc"})));
    ASSERT_TRUE(result_of(both->release(context(), {"eip", "sg", "bwpack-a1b2c3"})));
    EXPECT_EQ(vendor.requests.at(0).action, "DeleteInterRegionBandwidth");
    EXPECT_EQ(parameters(vendor.requests[0])["InterRegionBandwidthId"], "irb-7k2m");
    EXPECT_EQ(vendor.requests.at(1).action, "DeleteUGNBwPackage");
    EXPECT_EQ(parameters(vendor.requests[1])["BwPackageID"], "bw-1abc");
    EXPECT_EQ(vendor.requests.at(2).action, "DeleteBandwidthPackage");
    EXPECT_EQ(parameters(vendor.requests[2])["Region"], "sg");
    for (const auto& request : vendor.requests) EXPECT_TRUE(request.write);
}

TEST(Quote, IsInTheUnitOfTheSettingsForOnePeriod) {
    FakeVendor vendor(always(
        R"({"Action":"GetSimpleBuyBwPriceResponse","RetCode":0,"OriginalPrice":1000,"CustomPrice":900,"TotalPrice":905})"));
    const auto account = provider(std::string(kSimple) + "price: {currency: USD, unit: 0.01}\n", vendor);
    auto order = simple_order();
    order.billing.term->count = 3;
    const auto price = result_of(account->quote(context(), order));
    ASSERT_TRUE(price);
    EXPECT_EQ(price->amount.amount.text(), "9.05");
    EXPECT_EQ(price->amount.currency, "USD");
    EXPECT_EQ(price->original_amount->text(), "10");
    EXPECT_EQ(price->per, Per::month);
    EXPECT_FALSE(vendor.requests.at(0).write);
    const auto parameters = tests::parameters(vendor.requests[0]);
    EXPECT_EQ(parameters.at("BandWidth"), "10");
    EXPECT_EQ(parameters.at("Qos"), "Platinum");
    for (const auto* name : {"Quantity", "Name", "UGNID"}) EXPECT_FALSE(parameters.contains(name)) << name;
}

TEST(Quote, WithoutAUnitIsUnavailableAndNothingIsAsked) {
    FakeVendor vendor(always(kTaken));
    const auto account = provider(kSimple, vendor);
    const auto price = result_of(account->quote(context(), simple_order()));
    ASSERT_FALSE(price);
    EXPECT_EQ(price.failure().slug, Slug::price_unavailable);
    EXPECT_TRUE(vendor.requests.empty());
}

TEST(Quote, OfAReplyWithoutATotalBreaksTheContract) {
    FakeVendor vendor(always(kTaken));
    const auto account = provider(std::string(kSimple) + "price: {currency: USD, unit: 0.01}\n", vendor);
    const auto price = result_of(account->quote(context(), simple_order()));
    ASSERT_FALSE(price);
    EXPECT_EQ(price.failure().slug, Slug::provider_contract_violation);
}

TEST(Undeclared, IsUnsupportedBeforeAnyCall) {
    FakeVendor vendor(always(kTaken));
    const auto legacy = provider(std::string(kLegacy) + kEip, vendor);
    const auto unsupported = [](const auto& result) {
        return !result && result.failure().slug == Slug::unsupported && result.failure().provider == "demo";
    };
    EXPECT_TRUE(unsupported(result_of(legacy->quote(context(), legacy_order()))));
    EXPECT_TRUE(
        unsupported(result_of(legacy->quote(context(), PriceOfResize{{"legacy", "n", "i"}, {20, {}}}))));
    EXPECT_TRUE(unsupported(result_of(legacy->change(context(), {"eip", "sg", "b"}, Resize{20, {}}))));
    EXPECT_TRUE(unsupported(result_of(legacy->change(context(), {"legacy", "n", "i"}, Rename{"x", ""}))));
    EXPECT_TRUE(unsupported(result_of(legacy->change(context(), {"legacy", "n", "i"}, Resize{20, 30}))));
    EXPECT_TRUE(unsupported(result_of(legacy->release(context(), {"simple", "n", "i"}))));
    EXPECT_TRUE(unsupported(result_of(legacy->regions(context()))));
    const auto simple = provider(kSimple, vendor);
    EXPECT_TRUE(unsupported(result_of(simple->create(context(), boost()))));
    EXPECT_TRUE(vendor.requests.empty());
}

TEST(Profile, DeclaresWhatEachProductCanDo) {
    FakeVendor vendor(always(kTaken));
    const auto legacy = provider(std::string(kLegacy) + kEip, vendor);
    const auto simple = provider(std::string(kSimple) + "max_mbps: 300\n", vendor);
    EXPECT_EQ(legacy->profile().family, "ucloud");
    EXPECT_EQ(legacy->profile().name, "demo");
    const auto* pair = legacy->profile().product_for(Kind::inter_region);
    const auto* boosts = legacy->profile().product_for(Kind::eip_boost);
    const auto* package = simple->profile().product_for(Kind::inter_region);
    ASSERT_TRUE(pair && boosts && package);
    EXPECT_EQ(pair->product, "legacy");
    EXPECT_EQ(pair->safety, PurchaseSafety::none);
    EXPECT_FALSE(pair->can(Action::quote));
    EXPECT_EQ(boosts->safety, PurchaseSafety::none);
    EXPECT_FALSE(boosts->can(Action::resize));
    EXPECT_EQ(package->safety, PurchaseSafety::marker);
    EXPECT_TRUE(package->can(Action::quote));
    EXPECT_FALSE(package->can(Action::rename));
    EXPECT_EQ(package->max_mbps, 300);
    EXPECT_EQ(simple->profile().product_for(Kind::eip_boost), nullptr);
}

}  // namespace
}  // namespace bwgw::ucloud::tests
