#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <string>
#include <vector>

#include "gateway/telemetry/metrics.h"

// Every metric of the gateway is declared here, and nowhere else. Names obey Prometheus' conventions, except
// that bandwidth is in Mbit/s, the field's own unit (docs/decisions/0016-metrics.md).

namespace bwgw::telemetry {

struct Declared {
    prometheus::MetricType type;
    const char* name;
    const char* help;
    std::array<const char*, 10> labels;  ///< null: no more
};

template <class... Labels>
constexpr Declared counter(const char* name, const char* help, Labels... labels) {
    return {prometheus::MetricType::Counter, name, help, {labels...}};
}
template <class... Labels>
constexpr Declared gauge(const char* name, const char* help, Labels... labels) {
    return {prometheus::MetricType::Gauge, name, help, {labels...}};
}
template <class... Labels>
constexpr Declared histogram(const char* name, const char* help, Labels... labels) {
    return {prometheus::MetricType::Histogram, name, help, {labels...}};
}

struct DeclaredReading {
    Reading reading;
    Declared declared;
};
constexpr std::array<DeclaredReading, 24> kReadings{{
    {Reading::http_connections, gauge("bwgw_http_connections", "Open connections of callers.")},
    {Reading::http_connections_accepted,
     counter("bwgw_http_connections_accepted_total", "Accepted connections.")},
    {Reading::http_refused, counter("bwgw_http_refused_total", "Requests refused by the framing rules.")},
    {Reading::http_timed_out,
     counter("bwgw_http_timeouts_total", "Head, body, handler or write deadlines that passed.")},
    {Reading::http_abandoned, counter("bwgw_http_abandoned_total", "Callers that left before their answer.")},
    {Reading::operations, gauge("bwgw_operations", "Open operations in the ledger.", "state")},
    {Reading::operation_oldest_unknown_age,
     gauge("bwgw_operation_oldest_unknown_age_seconds",
           "Age of the oldest operation whose outcome is unknown; 0 without one.")},
    {Reading::operations_taken_over,
     counter("bwgw_operations_taken_over_total",
             "Operations that another process had left and this one took over.")},
    {Reading::purchases_sent_again,
     counter("bwgw_purchases_sent_again_total",
             "Purchases sent a second time, which only the class natural_key allows.")},
    {Reading::ledger_up, gauge("bwgw_ledger_up", "Whether the ledger could be written when last tried.")},
    {Reading::inventory_age,
     gauge("bwgw_inventory_age_seconds", "Time since the provider was last listed whole.", "provider")},
    {Reading::inventory_complete,
     gauge("bwgw_inventory_complete", "Whether the provider's last listing was whole.", "provider")},
    {Reading::inventory_bandwidths,
     gauge("bwgw_inventory_bandwidths", "Bandwidths in the inventory.", "provider")},
    {Reading::inventory_refreshes,
     counter("bwgw_inventory_refreshes_total", "Listings for the inventory, by how they ended.", "provider",
             "outcome")},
    {Reading::breaker_state,
     gauge("bwgw_upstream_breaker_state", "1 for the state that the circuit breaker is in, else 0.",
           "provider", "verb", "state")},
    {Reading::upstream_in_flight,
     gauge("bwgw_upstream_in_flight", "Calls to the provider under way.", "provider", "verb")},
    {Reading::upstream_queued,
     gauge("bwgw_upstream_queued", "Calls that wait for the limiter.", "provider", "verb")},
    {Reading::upstream_refused, counter("bwgw_upstream_refused_total",
                                        "Calls that were not sent: rate limit, full queue or open breaker.",
                                        "provider", "verb", "reason")},
    {Reading::upstream_retries, counter("bwgw_upstream_retries_total", "Reads sent again.", "provider")},
    {Reading::upstream_retry_budget,
     gauge("bwgw_upstream_retry_budget", "Retries that may still be sent at once.", "provider")},
    {Reading::owned_purchased,
     gauge("bwgw_owned_purchased_mbps", "Committed Mbit/s of all bandwidths, whatever their state.",
           "provider", "kind", "billing_model")},
    {Reading::owned_bandwidths, gauge("bwgw_owned_bandwidths", "Bandwidths.", "provider", "kind", "state")},
    {Reading::log_lines_dropped, counter("bwgw_log_lines_dropped_total", "Log lines lost to a full queue.")},
    {Reading::log_lines_sampled_out,
     counter("bwgw_log_lines_sampled_out_total", "Log lines of ordinary requests that log_sample left out.")},
}};
static_assert(
    [] {
        for (std::size_t i = 0; i < kReadings.size(); ++i)
            if (kReadings[i].reading != static_cast<Reading>(i)) return false;
        return kReadings.size() == static_cast<std::size_t>(kLastReading) + 1;
    }(),
    "in the order of Reading");

constexpr auto kBuildInfo = gauge("bwgw_build_info", "Always 1; the labels tell what runs.", "version");
constexpr auto kHttpRequests =
    counter("bwgw_http_requests_total", "Answered requests.", "operation", "status");
constexpr auto kHttpSeconds = histogram(
    "bwgw_http_request_duration_seconds",
    "From the complete request to its answer, without the wait for a change that it asked for.", "operation");
constexpr auto kHttpOverhead =
    histogram("bwgw_http_overhead_seconds",
              "The part of a request's duration in which it waited for no provider, nor as it was asked to.",
              "operation");
constexpr auto kHttpProblems =
    counter("bwgw_http_problems_total", "Requests answered with a problem, by its slug: whose fault it was.",
            "operation", "problem");
constexpr auto kUpstreamRequests =
    counter("bwgw_upstream_requests_total",
            "Calls to providers, by the class of the HTTP status or the reason there is none.", "provider",
            "action", "outcome");
constexpr auto kUpstreamSeconds =
    histogram("bwgw_upstream_request_duration_seconds", "From the call to the provider's complete answer.",
              "provider", "action");
constexpr auto kLedgerCalls =
    counter("bwgw_ledger_calls_total", "Calls to the ledger, by `ok` or the failure.", "call", "outcome");
constexpr auto kLedgerSeconds =
    histogram("bwgw_ledger_duration_seconds", "How long the ledger took.", "call");

// Of GET /metrics/bandwidths.
constexpr auto kPurchased =
    gauge("bwgw_bandwidth_purchased_mbps", "Committed or fixed Mbit/s.", "id", "provider");
constexpr auto kBurst =
    gauge("bwgw_bandwidth_burst_mbps", "Mbit/s up to which it may burst.", "id", "provider");
constexpr auto kEffective = gauge("bwgw_bandwidth_effective_mbps",
                                  "Mbit/s that traffic may use now: 0 unless active.", "id", "provider");
constexpr auto kExpires =
    gauge("bwgw_bandwidth_expires_timestamp_seconds", "When it ends, in Unix time.", "id", "provider");
constexpr auto kCreated =
    gauge("bwgw_bandwidth_created_timestamp_seconds", "When it was bought, in Unix time.", "id", "provider");
constexpr auto kInfo =
    gauge("bwgw_bandwidth_info", "Always 1; the labels tell what it is.", "id", "provider", "kind", "name",
          "network_id", "region_a", "region_b", "state", "billing_model", "payment");
constexpr auto kNotShown =
    gauge("bwgw_bandwidths_not_shown", "Bandwidths beyond the bound of this page, which only sums count.");

/// One more sample of the family; the labels are the declared ones' values, in their order.
prometheus::ClientMetric& add_sample(prometheus::MetricFamily& family, const Declared& declared,
                                     std::vector<std::string> labels);
prometheus::MetricFamily family_of(const Declared& declared);

}  // namespace bwgw::telemetry
