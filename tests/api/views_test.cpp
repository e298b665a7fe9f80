#include "gateway/api/views.h"

#include <gtest/gtest.h>

#include "gateway/api/object.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

const fleet::Crosswalk kCrosswalk({{"east", {"hk", "hkg", "Hong Kong"}},
                                   {"east", {"aa", "sin", "Singapore"}},
                                   {"west", {"asia-1", "hkg", std::nullopt}},
                                   {"west", {"lab", std::nullopt, std::nullopt}}});

TEST(Views, ShowAPairInOurWordsAndTheVendorsOwn) {
    auto row = pair_row("irb-1", "net-1", "hk", "aa");
    row.name = "edge \"1\"";
    row.bandwidth = Mbps{5};
    row.burst = Mbps::of(200);
    row.billing = {BillingModel::percentile_95, Payment::prepaid, Term{TermUnit::month, 3}};
    row.service_tier = ServiceTier::gold;
    row.path_policy = PathPolicy::lowest_cost;
    row.created_at = Instant{std::chrono::seconds(1893456000)};
    row.provider_state = "1";
    row.provider_details = R"({"ChargeType":"Month"})";
    const fleet::Entry entry{"east", row};
    EXPECT_EQ(
        bandwidth_json(kCrosswalk, entry),
        R"({"id":")" + entry.id() +
            R"(","provider":"east","kind":"inter_region","name":"edge \"1\"","network_id":"net-1",)"
            R"("region_a":"hkg","region_b":"sin","provider_regions":["hk","aa"],"region":null,"eip_id":null,)"
            R"("bandwidth_mbps":0.005,"burst_mbps":200,)"
            R"("billing":{"model":"percentile_95","payment":"prepaid","term":{"unit":"month","count":3}},)"
            R"("service_tier":"gold","path_policy":"lowest_cost","state":"active",)"
            R"("created_at":"2030-01-01T00:00:00Z","starts_at":null,"expires_at":null,)"
            R"("provider_resource_id":"irb-1","provider_state":"1","provider_details":{"ChargeType":"Month"}})");
}

TEST(Views, WriteATimeToTheSecondInUtc) {
    const auto at = [](std::int64_t seconds) { return time_text(Instant(std::chrono::seconds(seconds))); };
    EXPECT_EQ(at(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(at(1'709'210'049), "2024-02-29T12:34:09Z");
    EXPECT_EQ(at(253'402'300'799), "9999-12-31T23:59:59Z");
}

TEST(Views, SortTheEndsAsShownAndKeepTheVendorsOrderBeside) {
    const auto row = json(bandwidth_json(kCrosswalk, {"east", pair_row("a", "n", "aa", "hk")}));
    EXPECT_STREQ(row["region_a"].GetString(), "hkg");
    EXPECT_STREQ(row["region_b"].GetString(), "sin");
    EXPECT_STREQ(row["provider_regions"][0].GetString(), "aa");
}

TEST(Views, ShowABoostByItsRegion) {
    Bandwidth row;
    row.ref = {"boost", "hk", "bwpack-1"};
    row.kind = Kind::eip_boost;
    row.region = "hk";
    row.eip_id = "eip-1";
    const auto shown = json(bandwidth_json(kCrosswalk, {"east", row}));
    EXPECT_STREQ(shown["region"].GetString(), "hkg");
    EXPECT_TRUE(shown["region_a"].IsNull());
    EXPECT_EQ(shown["provider_regions"].Size(), 1u);
    EXPECT_TRUE(shown["bandwidth_mbps"].IsNull());
}

ledger::Operation operation() {
    ledger::Operation operation;
    operation.id = "00000000000000000000000001";
    operation.provider = "east";
    operation.principal = "alice";
    operation.idempotency_key = "key-1";
    operation.request = R"({"kind":"inter_region"})";
    operation.attempts = 1;
    return operation;
}

TEST(Views, ShowAnIdempotencyKeyToItsOwnPrincipalOnly) {
    EXPECT_STREQ(json(operation_json(operation(), "alice"))["idempotency_key"].GetString(), "key-1");
    EXPECT_TRUE(json(operation_json(operation(), "bob"))["idempotency_key"].IsNull());
    EXPECT_EQ(operation_json(operation(), "bob").find("key-1"), std::string::npos);
}

TEST(Views, ShowAnOperationWithWhatIsKnownOfIt) {
    auto one = operation();
    one.state = ledger::OperationState::needs_attention;
    one.outcome = Outcome::unknown;
    one.target = {"pair", "net-1", "irb-1"};
    one.problem = Failure{.slug = Slug::provider_timeout, .detail = "late", .outcome = Outcome::unknown};
    const auto shown = json(operation_json(one, "alice"));
    EXPECT_STREQ(shown["state"].GetString(), "needs_attention");
    EXPECT_STREQ(shown["bandwidth_id"].GetString(), one.bandwidth_id()->c_str());
    EXPECT_STREQ(shown["problem"]["type"].GetString(), "/problems/provider-timeout");
    EXPECT_STREQ(shown["request"]["kind"].GetString(), "inter_region");
    EXPECT_TRUE(shown["order_number"].IsNull());
    EXPECT_STREQ(shown["created_at"].GetString(), "1970-01-01T00:00:00Z");
}

TEST(Views, ShowAPriceOrWhyThereIsNone) {
    const Price price{{*Decimal::parse("12.5"), "USD"}, Decimal::parse("20"), Per::month};
    EXPECT_EQ(quote_json({"east", price, Instant{}}),
              R"({"provider":"east","amount":"12.5","currency":"USD","per":"month","original_amount":"20",)"
              R"("as_of":"1970-01-01T00:00:00Z"})");
    const auto none = json(quote_json({"east", Failure{.slug = Slug::price_unavailable}, Instant{}}));
    EXPECT_FALSE(none.HasMember("amount"));
    EXPECT_STREQ(none["problem"]["type"].GetString(), "/problems/price-unavailable");
}

TEST(Views, ShowAProvidersCapabilitiesAndHealth) {
    EXPECT_EQ(
        provider_json(
            {"east",
             "fake",
             {{.product = "pair", .actions = {Action::create}, .billing_models = {BillingModel::fixed}}}},
            {}),
        R"({"name":"east","family":"fake","products":["pair"],"capabilities":{"products":[{"kind":"inter_region",)"
        R"("product":"pair","actions":["create"],"billing_models":["fixed"],"min_bandwidth_mbps":1,)"
        R"("max_bandwidth_mbps":1,"purchase_safety":"none"}]},"health":{"status":"unknown","last_success_at":null,)"
        R"("last_problem":null,"breaker":null,"limiter":null,"deadline_ms":null}})");
}

TEST(Views, ShowWhatGuardsAnAccount) {
    fleet::GuardReading reads{.provider = "east", .verb = "read", .retry_budget = 9.9};
    reads.breaker.state = fleet::BreakerState::open;
    reads.limits = {.name = "reads of east", .per_second = 4, .burst = 5, .concurrent = 8, .queue = 64};
    reads.gate.in_flight = 2;
    reads.deadline = std::chrono::seconds(8);
    reads.gate.next = loop::Clock::now() + std::chrono::minutes(1);
    const auto health = json(health_json({}, {reads, {.provider = "east", .verb = "write"}}));
    EXPECT_STREQ(health["breaker"]["read"]["state"].GetString(), "open");
    EXPECT_TRUE(health["breaker"]["read"]["retry_at"].IsString());
    EXPECT_STREQ(health["breaker"]["write"]["state"].GetString(), "closed");
    EXPECT_TRUE(health["breaker"]["write"]["since"].IsNull());
    EXPECT_EQ(health["limiter"]["read"]["per_second"].GetInt(), 4);
    EXPECT_EQ(health["limiter"]["read"]["in_flight"].GetInt(), 2);
    EXPECT_TRUE(health["limiter"]["read"]["retry_at"].IsString());
    EXPECT_TRUE(health["limiter"]["write"]["retry_at"].IsNull());
    EXPECT_EQ(health["limiter"]["retry_budget"].GetInt(), 9);
    EXPECT_EQ(health["deadline_ms"]["read"].GetInt(), 8000);
    EXPECT_TRUE(health["deadline_ms"]["write"].IsNull());
}

TEST(Views, GroupRegionsByMetroAndLeaveTheOthersAlone) {
    EXPECT_EQ(regions_json(kCrosswalk.rows()),
              R"({"items":[{"metro":"hkg","name":"Hong Kong","providers":[{"provider":"east","code":"hk"},)"
              R"({"provider":"west","code":"asia-1"}]},{"metro":"sin","name":"Singapore","providers":)"
              R"([{"provider":"east","code":"aa"}]},{"metro":null,"name":null,"providers":)"
              R"([{"provider":"west","code":"lab"}]}]})");
}

}  // namespace
}  // namespace bwgw::api::tests
