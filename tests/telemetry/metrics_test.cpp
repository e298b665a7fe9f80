#include "gateway/telemetry/metrics.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/telemetry/owned.h"

namespace bwgw::telemetry {
namespace {

using namespace std::chrono_literals;

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// Each series' name and labels, without its value; of a histogram the buckets, sum and count.
std::set<std::string> published(const std::string& text) {
    std::set<std::string> names;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("# TYPE ")) names.insert(line.substr(7));
    return names;
}

const std::vector<std::pair<Reading, std::vector<std::string>>> kLabels{
    {Reading::http_connections, {}},
    {Reading::http_connections_accepted, {}},
    {Reading::http_refused, {}},
    {Reading::http_timed_out, {}},
    {Reading::http_abandoned, {}},
    {Reading::operations, {"state"}},
    {Reading::operation_oldest_unknown_age, {}},
    {Reading::operations_taken_over, {}},
    {Reading::purchases_sent_again, {}},
    {Reading::ledger_up, {}},
    {Reading::inventory_age, {"provider"}},
    {Reading::inventory_complete, {"provider"}},
    {Reading::inventory_bandwidths, {"provider"}},
    {Reading::inventory_refreshes, {"provider", "outcome"}},
    {Reading::breaker_state, {"provider", "verb", "state"}},
    {Reading::upstream_in_flight, {"provider", "verb"}},
    {Reading::upstream_queued, {"provider", "verb"}},
    {Reading::upstream_refused, {"provider", "verb", "reason"}},
    {Reading::upstream_retries, {"provider"}},
    {Reading::upstream_retry_budget, {"provider"}},
    {Reading::owned_purchased, {"provider", "kind", "billing_model"}},
    {Reading::owned_bandwidths, {"provider", "kind", "state"}},
    {Reading::log_lines_dropped, {}},
    {Reading::log_lines_sampled_out, {}},
};

// The golden list: renaming one breaks dashboards and alerts that are not ours.
TEST(Metrics, HaveExactlyThePublishedNames) {
    Metrics metrics("1.2.3");
    auto& http = metrics.http_operation("listBandwidths");
    http.answers.ended("200", 5ms);
    http.overhead.took(1ms);
    http.problems.count("unavailable");
    metrics.upstream_action("acme", "Describe").ended("2xx", 5ms);
    metrics.ledger_call("accept").ended("ok", 1ms);
    ASSERT_EQ(kLabels.size(), static_cast<std::size_t>(kLastReading) + 1);
    for (const auto& [reading, labels] : kLabels)
        metrics.feed(reading, [labels] { return std::vector<Sample>{{1, labels}}; });
    EXPECT_EQ(published(metrics.text()), (std::set<std::string>{
                                             "bwgw_build_info gauge",
                                             "bwgw_http_abandoned_total counter",
                                             "bwgw_http_connections gauge",
                                             "bwgw_http_connections_accepted_total counter",
                                             "bwgw_http_overhead_seconds histogram",
                                             "bwgw_http_problems_total counter",
                                             "bwgw_http_refused_total counter",
                                             "bwgw_http_request_duration_seconds histogram",
                                             "bwgw_http_requests_total counter",
                                             "bwgw_http_timeouts_total counter",
                                             "bwgw_inventory_age_seconds gauge",
                                             "bwgw_inventory_bandwidths gauge",
                                             "bwgw_inventory_complete gauge",
                                             "bwgw_inventory_refreshes_total counter",
                                             "bwgw_ledger_calls_total counter",
                                             "bwgw_ledger_duration_seconds histogram",
                                             "bwgw_ledger_up gauge",
                                             "bwgw_log_lines_dropped_total counter",
                                             "bwgw_log_lines_sampled_out_total counter",
                                             "bwgw_operation_oldest_unknown_age_seconds gauge",
                                             "bwgw_operations gauge",
                                             "bwgw_operations_taken_over_total counter",
                                             "bwgw_owned_bandwidths gauge",
                                             "bwgw_owned_purchased_mbps gauge",
                                             "bwgw_purchases_sent_again_total counter",
                                             "bwgw_upstream_breaker_state gauge",
                                             "bwgw_upstream_in_flight gauge",
                                             "bwgw_upstream_queued gauge",
                                             "bwgw_upstream_refused_total counter",
                                             "bwgw_upstream_request_duration_seconds histogram",
                                             "bwgw_upstream_requests_total counter",
                                             "bwgw_upstream_retries_total counter",
                                             "bwgw_upstream_retry_budget gauge",
                                         }));
    // A label's value was its name, so each series says what it is labelled with.
    EXPECT_TRUE(contains(metrics.text(),
                         R"(bwgw_upstream_breaker_state{provider="provider",verb="verb",state="state"} 1)"));
    EXPECT_TRUE(contains(
        metrics.text(), R"(bwgw_upstream_refused_total{provider="provider",verb="verb",reason="reason"} 1)"));
    EXPECT_TRUE(contains(
        metrics.text(),
        R"(bwgw_owned_purchased_mbps{provider="provider",kind="kind",billing_model="billing_model"} 1)"));
}

TEST(Metrics, RefuseASampleWithOtherLabelsThanTheDeclared) {
    Metrics metrics("1");
    metrics.feed(Reading::upstream_queued, [] { return std::vector<Sample>{{1, {"acme"}}}; });
    EXPECT_THROW((void)metrics.text(), std::logic_error);
    metrics.feed(Reading::upstream_queued, [] { return std::vector<Sample>{{1, {"acme", "list", "x"}}}; });
    EXPECT_THROW((void)metrics.text(), std::logic_error);
    metrics.feed(Reading::upstream_queued, [] { return std::vector<Sample>{{1, {"acme", "list"}}}; });
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_upstream_queued{provider="acme",verb="list"} 1)"));
}

TEST(Metrics, CountByOperationAndStatusAndByProviderActionAndOutcome) {
    Metrics metrics("1.2.3");
    auto& list = metrics.http_operation("listBandwidths");
    list.answers.ended("200", 4ms);
    list.answers.ended("200", 4ms);
    list.answers.ended("503", 3s);
    list.overhead.took(20us);
    list.problems.count("provider-unavailable");
    metrics.upstream_action("acme", "Describe").ended("provider-timeout", 2s);
    metrics.ledger_call("accept").ended("ok", 300us);
    const auto text = metrics.text();
    for (const auto* line :
         {R"(bwgw_http_requests_total{operation="listBandwidths",status="200"} 2)",
          R"(bwgw_http_requests_total{operation="listBandwidths",status="503"} 1)",
          R"(bwgw_http_request_duration_seconds_bucket{operation="listBandwidths",le="0.0025"} 0)",
          R"(bwgw_http_request_duration_seconds_bucket{operation="listBandwidths",le="0.005"} 2)",
          R"(bwgw_http_request_duration_seconds_bucket{operation="listBandwidths",le="+Inf"} 3)",
          R"(bwgw_http_request_duration_seconds_count{operation="listBandwidths"} 3)",
          R"(bwgw_http_request_duration_seconds_sum{operation="listBandwidths"} 3.008)",
          R"(bwgw_http_overhead_seconds_bucket{operation="listBandwidths",le="2.5e-05"} 1)",
          R"(bwgw_http_problems_total{operation="listBandwidths",problem="provider-unavailable"} 1)",
          R"(bwgw_upstream_requests_total{provider="acme",action="Describe",outcome="provider-timeout"} 1)",
          R"(bwgw_ledger_calls_total{call="accept",outcome="ok"} 1)",
          R"(bwgw_ledger_duration_seconds_bucket{call="accept",le="0.0005"} 1)",
          R"(bwgw_build_info{version="1.2.3"} 1)"})
        EXPECT_TRUE(contains(text, line)) << line << "\n" << text;
}

TEST(Metrics, AreReadFromTheirOwnersAtTheScrape) {
    Metrics metrics("1");
    EXPECT_FALSE(contains(metrics.text(), "bwgw_operations"));
    int unknown = 1;
    metrics.feed(Reading::operations, [&] {
        return std::vector<Sample>{{static_cast<double>(unknown), {"outcome_unknown"}}, {7, {"settled"}}};
    });
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_operations{state="outcome_unknown"} 1)"));
    unknown = 2;
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_operations{state="outcome_unknown"} 2)"));
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_operations{state="settled"} 7)"));
}

TEST(Metrics, HaveABoundOnTheirLabels) {
    Metrics metrics("1");
    for (int i = 0; i < 1000; ++i) {
        metrics.upstream_action("acme", "Action" + std::to_string(i)).ended("2xx", 1ms);
        metrics.http_operation("operation").answers.ended("outcome" + std::to_string(i), 1ms);
    }
    metrics.upstream_action("other", "Action1").ended("2xx", 1ms);  // another provider's names are its own
    std::size_t actions = 0;
    std::size_t outcomes = 0;
    std::istringstream in(metrics.text());
    for (std::string line; std::getline(in, line);) {
        actions += line.starts_with("bwgw_upstream_requests_total{provider=\"acme\"");
        outcomes += line.starts_with("bwgw_http_requests_total{operation=\"");
    }
    EXPECT_EQ(actions, Metrics::kMaxNames);
    EXPECT_EQ(outcomes, Outcomes::kMaxOutcomes + 1);
    for (const auto* line :
         {R"(bwgw_upstream_requests_total{provider="acme",action="other",outcome="2xx"} 937)",
          R"(bwgw_upstream_requests_total{provider="other",action="Action1",outcome="2xx"} 1)",
          R"(bwgw_http_requests_total{operation="operation",status="other"} 968)"})
        EXPECT_TRUE(contains(metrics.text(), line)) << line;
}

TEST(Metrics, LoseNoCountToThreadsThatCountWhileTheyAreScraped) {
    Metrics metrics("1");
    auto& list = metrics.http_operation("list");
    std::atomic<bool> counting = true;
    std::vector<std::thread> threads;
    for (std::size_t thread = 0; thread < PerThread<int>::kMaxThreads + 8; ++thread)  // some share a cell
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) list.answers.ended(std::to_string(200 + i % 5), 1us);
        });
    std::thread scraper([&] {
        while (counting) EXPECT_TRUE(contains(metrics.text(), "bwgw_build_info"));
    });
    for (auto& thread : threads) thread.join();
    counting = false;
    scraper.join();
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_http_requests_total{operation="list",status="204"} 7200)"));
    EXPECT_TRUE(
        contains(metrics.text(), R"(bwgw_http_request_duration_seconds_count{operation="list"} 36000)"));
}

// ---- What we own

Owned link(std::string_view id) {
    return {.id = id,
            .provider = "acme",
            .kind = "inter_region",
            .name = "edge",
            .network_id = "net-1",
            .region_a = "hkg",
            .region_b = "sin",
            .state = "active",
            .billing_model = "fixed",
            .payment = "prepaid",
            .purchased_mbps = 100,
            .burst_mbps = {},
            .created_at = {},
            .expires_at = {}};
}

TEST(OwnedMetrics, SayForEachBandwidthWhatWasBoughtUntilWhenAndWhatItIs) {
    auto burst = link("b1");
    burst.burst_mbps = 500;
    burst.created_at = std::chrono::sys_seconds(1'700'000'000s);
    burst.expires_at = std::chrono::sys_seconds(1'800'000'000s);
    burst.name = "a \"quoted\"\nname \\";
    const auto text = owned_text(std::vector{link("a1"), burst});
    for (const auto* line :
         {R"(bwgw_bandwidth_purchased_mbps{id="a1",provider="acme"} 100)",
          R"(bwgw_bandwidth_purchased_mbps{id="b1",provider="acme"} 100)",
          R"(bwgw_bandwidth_burst_mbps{id="b1",provider="acme"} 500)",
          R"(bwgw_bandwidth_effective_mbps{id="a1",provider="acme"} 100)",
          R"(bwgw_bandwidth_effective_mbps{id="b1",provider="acme"} 500)",
          R"(bwgw_bandwidth_created_timestamp_seconds{id="b1",provider="acme"} 1700000000)",
          R"(bwgw_bandwidth_expires_timestamp_seconds{id="b1",provider="acme"} 1800000000)",
          R"(bwgw_bandwidth_info{id="a1",provider="acme",kind="inter_region",name="edge",network_id="net-1",)"
          R"(region_a="hkg",region_b="sin",state="active",billing_model="fixed",payment="prepaid"} 1)",
          R"(name="a \"quoted\"\nname \\")", "\nbwgw_bandwidths_not_shown 0\n"})
        EXPECT_TRUE(contains(text, line)) << line << "\n" << text;
    EXPECT_FALSE(contains(text, R"(bwgw_bandwidth_burst_mbps{id="a1")"));
    EXPECT_FALSE(contains(text, R"(bwgw_bandwidth_expires_timestamp_seconds{id="a1")"));
    EXPECT_EQ(published(text), (std::set<std::string>{
                                   "bwgw_bandwidth_burst_mbps gauge",
                                   "bwgw_bandwidth_created_timestamp_seconds gauge",
                                   "bwgw_bandwidth_effective_mbps gauge",
                                   "bwgw_bandwidth_expires_timestamp_seconds gauge",
                                   "bwgw_bandwidth_info gauge",
                                   "bwgw_bandwidth_purchased_mbps gauge",
                                   "bwgw_bandwidths_not_shown gauge",
                               }));
}

TEST(OwnedMetrics, LetTrafficUseNothingOfWhatIsNotActive) {
    for (const auto state :
         {"creating", "updating", "suspended", "recycled", "deleting", "failed", "unknown"}) {
        auto idle = link("a1");
        idle.state = state;
        EXPECT_EQ(effective_mbps(idle), 0) << state;
    }
    EXPECT_EQ(effective_mbps(link("a1")), 100);
    auto silent = link("a1");
    silent.purchased_mbps.reset();
    EXPECT_EQ(effective_mbps(silent), std::nullopt);  // the vendor did not say, so neither do we
}

TEST(OwnedMetrics, HaveABoundAndSayHowManyItLeavesOut) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < kMaxOwnedShown + 25; ++i) ids.push_back(std::to_string(i));
    std::vector<Owned> many;
    for (const auto& id : ids) many.push_back(link(id));
    for (auto& last : std::span(many).last(30)) last.expires_at = std::chrono::sys_seconds(1'800'000'000s);
    many.back().expires_at = std::chrono::sys_seconds(1'700'000'000s);
    const auto text = owned_text(many);
    EXPECT_TRUE(contains(text, "\nbwgw_bandwidths_not_shown 25\n"));
    for (const auto& ends : std::span(ids).last(30))
        EXPECT_TRUE(contains(text, "bwgw_bandwidth_expires_timestamp_seconds{id=\"" + ends + '"'));
    EXPECT_TRUE(contains(text, R"(bwgw_bandwidth_info{id="0",)"));
    EXPECT_FALSE(contains(text, R"(bwgw_bandwidth_info{id="9994",)")) << "the last by id that does not end";
    EXPECT_EQ(owned_text({many.rbegin(), many.rend()}), text) << "the same each time";
    const auto sums = owned_sums(many);
    ASSERT_EQ(sums.bandwidths.size(), 1U);
    EXPECT_EQ(sums.bandwidths[0].value, static_cast<double>(many.size()));
}

TEST(OwnedMetrics, AreSummedByProviderKindAndBillingModelOrState) {
    auto failed = link("a2");
    failed.state = "failed";
    auto metered = link("a3");
    metered.billing_model = "percentile_95";
    auto elsewhere = link("c1");
    elsewhere.provider = "west";
    const auto sums = owned_sums(std::vector{link("a1"), failed, metered, elsewhere});
    Metrics metrics("1");
    metrics.feed(Reading::owned_purchased, [&] { return sums.purchased; });
    metrics.feed(Reading::owned_bandwidths, [&] { return sums.bandwidths; });
    const auto text = metrics.text();
    for (
        const auto* line :
        {R"(bwgw_owned_purchased_mbps{provider="acme",kind="inter_region",billing_model="fixed"} 200)",
         R"(bwgw_owned_purchased_mbps{provider="acme",kind="inter_region",billing_model="percentile_95"} 100)",
         R"(bwgw_owned_purchased_mbps{provider="west",kind="inter_region",billing_model="fixed"} 100)",
         R"(bwgw_owned_bandwidths{provider="acme",kind="inter_region",state="active"} 2)",
         R"(bwgw_owned_bandwidths{provider="acme",kind="inter_region",state="failed"} 1)",
         R"(bwgw_owned_bandwidths{provider="west",kind="inter_region",state="active"} 1)"})
        EXPECT_TRUE(contains(text, line)) << line << "\n" << text;
    EXPECT_EQ(owned_sums({}).purchased.size(), 0U);
}

}  // namespace
}  // namespace bwgw::telemetry
