#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/telemetry/timing.h"

namespace bwgw::telemetry {

/// What is read from its owner when somebody scrapes, and counted nowhere else; declared.h has their names.
enum class Reading {
    http_connections,
    http_connections_accepted,
    http_refused,  ///< by the edge's framing rules
    http_timed_out,
    http_abandoned,                ///< the caller left before its answer
    operations,                    ///< by state
    operation_oldest_unknown_age,  ///< seconds
    operations_taken_over,         ///< what a dead process had left
    purchases_sent_again,          ///< by their natural key
    ledger_up,                     ///< 1 if it could be written when last tried
    inventory_age,                 ///< seconds, by provider
    inventory_complete,            ///< 0 or 1, by provider
    inventory_bandwidths,          ///< by provider
    inventory_refreshes,           ///< by provider and outcome (`ok` or a failure's slug)
    breaker_state,                 ///< 0 or 1, by provider, verb and state (closed, open, half_open)
    upstream_in_flight,            ///< by provider and verb
    upstream_queued,               ///< by provider and verb
    upstream_refused,              ///< by provider, verb and reason (rate, queue, breaker)
    upstream_retries,              ///< by provider
    upstream_retry_budget,         ///< tokens left, by provider
    owned_purchased,               ///< Mbit/s, by provider, kind and billing model: OwnedSums
    owned_bandwidths,              ///< by provider, kind and state: OwnedSums
    log_lines_dropped,
    log_lines_sampled_out,
};
constexpr auto kLastReading = Reading::log_lines_sampled_out;

/// One value of a reading; as many label values as the metric declares, in that order.
struct Sample {
    double value = 0;
    std::vector<std::string> labels = {};
};

/// What one operation of the API is measured by.
struct HttpOperation {
    HttpOperation(Durations::Bounds whole, Durations::Bounds own) : answers(whole), overhead(own) {}

    Timing answers;      ///< by status
    Durations overhead;  ///< without the waiting for providers
    Outcomes problems;   ///< by slug
};

/// Everything that is measured. Safe from any thread.
class Metrics {
public:
    /// Distinct operations, or actions of one provider; the rest are counted together as `other`.
    static constexpr std::size_t kMaxNames = 64;

    explicit Metrics(std::string_view version);
    ~Metrics();

    /// These take a lock: ask once, and keep what they give, which lives as long as this.
    HttpOperation& http_operation(std::string_view operation);  ///< the OpenAPI operationId, or empty
    Timing& upstream_action(std::string_view provider, std::string_view action);
    Timing& ledger_call(std::string_view call);

    /// Must be safe from any thread and must not wait; replaces an earlier one. Absent until it is fed.
    void feed(Reading reading, std::function<std::vector<Sample>()> read);

    /// The Prometheus text format 0.0.4, for GET /metrics. Throws if a sample has not the declared labels.
    std::string text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bwgw::telemetry
