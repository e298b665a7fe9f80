#include <fmt/format.h>

#include <set>

#include "tests/ucloud/support.h"

namespace bwgw::ucloud::tests {
namespace {

std::string legacy_row(const std::string& id, const std::string& network) {
    return fmt::format(
        R"({{"InterRegionBandwidthId":"{}","UGNId":"{}","Bandwidth":10,"Region0":"hk","Region1":"sg","State":1}})",
        id, network);
}
std::string simple_row(const std::string& id, const std::string& network) {
    return fmt::format(
        R"({{"PackageID":"{}","UGNID":"{}","PayMode":"FixedBw","BandWidth":10,"RegionA":"hk","RegionB":"sg"}})",
        id, network);
}
std::string legacy_reply(const std::vector<std::string>& rows, std::size_t total) {
    return fmt::format(R"({{"RetCode":0,"TotalCount":{},"InterRegionBandwidths":[{}]}})", total,
                       fmt::join(rows, ","));
}
std::string simple_reply(const std::vector<std::string>& rows) {
    return fmt::format(R"({{"RetCode":0,"TotalCount":{},"BwPackages":[{}]}})", rows.size(),
                       fmt::join(rows, ","));
}
constexpr auto kEipReply =
    R"({"RetCode":0,"TotalCount":1,"DataSets":[{"BandwidthPackageId":"bwpack-1","EIPId":"eip-1","Bandwidth":5}]})";

std::set<std::string> ids(const Listing& listing) {
    std::set<std::string> found;
    for (const auto& row : listing.items) found.insert(row.ref.native_id);
    EXPECT_EQ(found.size(), listing.items.size()) << "a row is shown twice";
    return found;
}
std::vector<std::string> actions(const FakeVendor& vendor) {
    std::vector<std::string> found;
    for (const auto& request : vendor.requests) found.push_back(request.action);
    return found;
}
using Texts = std::vector<std::string>;
using Ids = std::set<std::string>;

TEST(List, OneConfiguredNetworkIsOneRoundTrip) {
    FakeVendor vendor(always(legacy_reply({legacy_row("irb-1", "ugn-demo01")}, 1)));
    const auto account = provider(kLegacy, vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_EQ(ids(*listing), Ids{"irb-1"});
    ASSERT_EQ(actions(vendor), Texts{"DescribeInterRegionBandwidth"});
    const auto sent = parameters(vendor.requests[0]);
    EXPECT_EQ(sent.at("UGNId"), "ugn-demo01");
    EXPECT_EQ(sent.at("Limit"), "50");
    EXPECT_EQ(sent.at("Offset"), "0");
    EXPECT_FALSE(vendor.requests[0].write);
}

TEST(List, SimplePackagesAreOneProjectWideCallNarrowedToTheConfiguredNetworks) {
    FakeVendor vendor(
        always(simple_reply({simple_row("bw-1", "ugn-demo01"), simple_row("bw-2", "ugn-other")})));
    const auto account = provider(kSimple, vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(ids(*listing), Ids{"bw-1"});
    EXPECT_EQ(actions(vendor), Texts{"ListSimpleBwPackage"});

    const auto open = provider("inter_region: simple\n", vendor);
    EXPECT_EQ(ids(*result_of(open->list(context(), {}))), (Ids{"bw-1", "bw-2"}));
}

TEST(List, PagesToTheEndWithTheDocumentedOffset) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        const auto offset = std::stoul(parameters(request).at("Offset"));
        Texts rows;
        for (auto i = offset; i < 5 && i < offset + 2; ++i)
            rows.push_back(legacy_row(fmt::format("irb-{}", i), "ugn-demo01"));
        return reply(legacy_reply(rows, 5));
    });
    const auto account = provider(std::string(kLegacy) + "page_size: 2\n", vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(ids(*listing), (Ids{"irb-0", "irb-1", "irb-2", "irb-3", "irb-4"}));
    EXPECT_EQ(vendor.requests.size(), 3u);
    for (const auto& request : vendor.requests) EXPECT_FALSE(parameters(request).contains("OffSet"));
}

TEST(List, SignsTheSecondPageOfAQueryByIdsAsTheVendorsVectorDoes) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        Texts rows;
        for (int i = 0; i < 20; ++i) rows.push_back(legacy_row(fmt::format("irb-{}", i), "ugn-demo01"));
        rows[0] = legacy_row("irb-a", "ugn-demo01");
        if (parameters(request).at("Offset") == "20") rows = {legacy_row("irb-b", "ugn-demo01")};
        return reply(legacy_reply(rows, 21));
    });
    const auto account = provider(std::string(kLegacy) + "page_size: 20\n", vendor);
    const auto listing = result_of(account->list(context(), {"legacy", "ugn-demo01", {"irb-a", "irb-b"}}));
    ASSERT_TRUE(listing);
    EXPECT_EQ(ids(*listing), (Ids{"irb-a", "irb-b"})) << "a brand that ignores the filter shows all";
    ASSERT_EQ(vendor.requests.size(), 2u);
    EXPECT_EQ(parameters(vendor.requests[1]).at("Signature"), "df26939900b6a39261dea4e21d10aadbf9f1fde3");
}

TEST(List, ANetworkOfTheSimpleProductIsAskedByItsIds) {
    FakeVendor vendor(always(simple_reply({simple_row("bw-1", "ugn-demo01"), simple_row("bw-2", "ugn-demo01"),
                                           simple_row("bw-3", "ugn-other")})));
    const auto account = provider(kSimple, vendor);
    const auto listing = result_of(account->list(context(), {"simple", "ugn-demo01", {"bw-2", "bw-3"}}));
    ASSERT_TRUE(listing);
    EXPECT_EQ(ids(*listing), Ids{"bw-2"});
    ASSERT_EQ(actions(vendor), Texts{"GetSimpleUGNBwPackages"});
    EXPECT_EQ(parameters(vendor.requests[0]).at("PackageIds.0"), "bw-2");
    EXPECT_EQ(parameters(vendor.requests[0]).at("PackageIds.1"), "bw-3");
}

TEST(List, DiscoversTheNetworksAndReadsThemSideBySide) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        if (request.action == "ListUGN")
            return reply(R"({"RetCode":0,"TotalCount":2,"UGNs":[{"UGNId":"ugn-1"},{"UGNId":"ugn-2"}]})");
        const auto network = parameters(request).at("UGNId");
        return reply(legacy_reply({legacy_row("irb-of-" + network, network)}, 1));
    });
    const auto account = provider("inter_region: legacy\n", vendor);
    vendor.hold = true;
    const auto request_context = context();
    Running<Listing> running(account->list(request_context, {}));
    ASSERT_EQ(actions(vendor), Texts{"ListUGN"});
    vendor.answer_waiting();
    EXPECT_EQ(vendor.in_flight(), 2u);
    EXPECT_FALSE(running.result);
    vendor.answer_waiting();
    ASSERT_TRUE(running.result);
    ASSERT_TRUE(*running.result);
    EXPECT_EQ(ids(**running.result), (Ids{"irb-of-ugn-1", "irb-of-ugn-2"}));
}

TEST(List, DiscoveryFallsBackToTheOtherActionWhereTheBrandLacksIt) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        if (request.action == "ListUGN")
            return reply(R"({"RetCode":161,"Message":"Action [ListUGN] not found"})");
        if (request.action == "DescribeUGN")
            return reply(R"({"RetCode":0,"TotalCount":1,"Instances":[{"UGNID":"ugn-7","Name":"x"}]})");
        return reply(legacy_reply({legacy_row("irb-7", "ugn-7")}, 1));
    });
    const auto account = provider("inter_region: legacy\n", vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(ids(*listing), Ids{"irb-7"});
    EXPECT_EQ(actions(vendor), (Texts{"ListUGN", "DescribeUGN", "DescribeInterRegionBandwidth"}));
}

TEST(List, DiscoveryThatFailsOtherwiseFailsTheListing) {
    FakeVendor vendor(always(R"({"RetCode":171,"Message":"Signature VerifyAC Error"})"));
    const auto account = provider("inter_region: legacy\n", vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_FALSE(listing);
    EXPECT_EQ(listing.failure().slug, Slug::provider_auth_failed);
    EXPECT_EQ(vendor.requests.size(), 1u);
}

TEST(List, BothProductsAndAllRegionsAreReadSideBySide) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        if (request.action == "ListSimpleBwPackage")
            return reply(simple_reply({simple_row("bw-1", "ugn-demo01")}));
        return reply(kEipReply);
    });
    vendor.hold = true;
    const auto account = provider(std::string(kSimple) + "eip_boost: true\neip_regions: [hk, sg]\n", vendor);
    const auto request_context = context();
    Running<Listing> running(account->list(request_context, {}));
    EXPECT_EQ(vendor.in_flight(), 3u);
    EXPECT_FALSE(running.result);
    vendor.answer_waiting();
    ASSERT_TRUE(running.result);
    ASSERT_TRUE(*running.result);
    EXPECT_EQ((*running.result)->items.size(), 3u) << "the same id in two regions is two boosts";
}

TEST(List, KnownNetworksAreReadWhileTheVendorSaysWhichThereAre) {
    std::string networks = R"({"UGNId":"ugn-1"})";
    FakeVendor vendor([&](const HttpRequest& request) -> Result<HttpReply> {
        if (request.action == "ListUGN") return reply(R"({"RetCode":0,"UGNs":[)" + networks + "]}");
        const auto network = parameters(request)["UGNId"];
        if (networks.find(network) == std::string::npos) return reply(R"({"RetCode":8039,"Message":"gone"})");
        return reply(legacy_reply({legacy_row("irb-of-" + network, network)}, 1));
    });
    const auto account = provider("inter_region: legacy\n", vendor);
    const auto ids = [&](const Listing& listing) {
        EXPECT_TRUE(listing.complete());
        std::string all;
        for (const auto& row : listing.items) all += row.ref.native_id + " ";
        return all;
    };
    EXPECT_EQ(ids(*result_of(account->list(context(), {}))), "irb-of-ugn-1 ");

    vendor.hold = true;
    const auto request_context = context();
    Running<Listing> second(account->list(request_context, {}));
    EXPECT_EQ(vendor.in_flight(), 2u) << "one round trip";
    vendor.answer_waiting();
    ASSERT_TRUE(second.result);
    EXPECT_EQ(ids(**second.result), "irb-of-ugn-1 ");

    vendor.hold = false;
    networks += R"(,{"UGNId":"ugn-2"})";
    EXPECT_EQ(ids(*result_of(account->list(context(), {}))), "irb-of-ugn-1 irb-of-ugn-2 ");
    networks = R"({"UGNId":"ugn-2"})";
    EXPECT_EQ(ids(*result_of(account->list(context(), {}))), "irb-of-ugn-2 ");
}

TEST(List, RegionsThatTheSettingsDoNotNameAreAskedOfTheVendor) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        if (request.action == "ListUGNRegions")
            return reply(R"({"RetCode":0,"RegionList":[{"Region":"sg","RegionId":"1"},{"Region":"hk"}]})");
        return reply(kEipReply);
    });
    const auto account = provider("eip_boost: true\n", vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete());
    EXPECT_EQ(listing->items.size(), 2u);
    EXPECT_EQ(vendor.requests.size(), 3u);
}

TEST(List, ABrandThatNamesNoRegionsIsAskedForEveryDocumentedOne) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        if (request.action != "DescribeBandwidthPackage")
            return reply(R"({"RetCode":161,"Message":"Action not found"})");
        if (request.body.find("Region=sg&") != std::string::npos) return reply(kEipReply);
        return reply(R"({"RetCode":230,"Message":"Params [Region] not available"})");
    });
    const auto account = provider("eip_boost: true\n", vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_TRUE(listing->complete()) << "a region that is not sold is empty";
    EXPECT_EQ(listing->items.size(), 1u);
    EXPECT_EQ(vendor.requests.size(), 2 + kRegionCodes.size());
    vendor.requests.clear();
    EXPECT_EQ(result_of(account->list(context(), {}))->items.size(), 1u);
    EXPECT_EQ(vendor.requests.size(), 1u) << "what is not sold is not asked for again";
}

TEST(List, APartThatFailsLeavesTheOthersAndSaysSo) {
    FakeVendor vendor([](const HttpRequest& request) -> Result<HttpReply> {
        if (request.action == "ListSimpleBwPackage")
            return reply(simple_reply({simple_row("bw-1", "ugn-demo01")}));
        return reply(R"({"RetCode":230,"Message":"Params [Region] not available"})");
    });
    const auto account = provider(std::string(kSimple) + kEip, vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_FALSE(listing->complete());
    EXPECT_EQ(ids(*listing), Ids{"bw-1"});
    EXPECT_EQ(listing->problem->provider, "demo");
    EXPECT_EQ(listing->problem->provider_error->code, "230");
    EXPECT_EQ(listing->problem->outcome, Outcome::none);
}

TEST(List, NothingReadableIsAFailure) {
    FakeVendor vendor(always("<html>", 502));
    const auto account = provider(std::string(kSimple) + kEip, vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_FALSE(listing);
    EXPECT_EQ(listing.failure().slug, Slug::provider_unavailable);
    EXPECT_TRUE(listing.failure().retryable);
}

TEST(List, AProductOrAScopeNarrowsWhatIsAsked) {
    FakeVendor vendor(always(R"({"RetCode":0,"TotalCount":0})"));
    const auto account = provider(std::string(kSimple) + kEip, vendor);
    ASSERT_TRUE(result_of(account->list(context(), {.product = "eip"})));
    ASSERT_TRUE(result_of(account->list(context(), {.scope = "sg"})));
    ASSERT_TRUE(result_of(account->list(context(), {.scope = "ugn-demo09"})));
    EXPECT_EQ(actions(vendor),
              (Texts{"DescribeBandwidthPackage", "DescribeBandwidthPackage", "GetSimpleUGNBwPackages"}));
    const auto absent = result_of(account->list(context(), {.product = "legacy"}));
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.failure().slug, Slug::unsupported);
    EXPECT_EQ(vendor.requests.size(), 3u);
}

TEST(List, ARowThatCannotBeReadMakesTheListingIncompleteAndKeepsTheOthers) {
    FakeVendor vendor(
        always(simple_reply({simple_row("bw-1", "ugn-demo01"),
                             R"({"PackageID":"bw-2","UGNID":"ugn-demo01","BandWidth":"fast"})"})));
    const auto account = provider(kSimple, vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing);
    EXPECT_FALSE(listing->complete());
    EXPECT_EQ(listing->problem->slug, Slug::provider_contract_violation);
    EXPECT_NE(listing->problem->detail.find("BandWidth"), std::string::npos);
    EXPECT_EQ(ids(*listing), Ids{"bw-1"});
}

TEST(List, AListThatIsNotThereIsNotAnEmptyList) {
    FakeVendor vendor(always(R"({"RetCode":0})"));
    for (const auto* brand : {kLegacy, kSimple}) {
        const auto account = provider(brand, vendor);
        const auto listing = result_of(account->list(context(), {}));
        ASSERT_FALSE(listing);
        EXPECT_EQ(listing.failure().slug, Slug::provider_contract_violation);
    }
}

}  // namespace
}  // namespace bwgw::ucloud::tests
