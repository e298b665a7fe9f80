#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bwgw::telemetry {

/// What is read from its owner when somebody scrapes, and counted nowhere else.
enum class Reading {
    http_connections,              ///< bwgw_http_connections
    http_connections_accepted,     ///< bwgw_http_connections_accepted_total
    http_refused,                  ///< bwgw_http_refused_total: by the edge's framing rules
    http_timed_out,                ///< bwgw_http_timeouts_total
    http_abandoned,                ///< bwgw_http_abandoned_total: the caller left before its answer
    operations,                    ///< bwgw_operations, by `state`
    operation_oldest_unknown_age,  ///< bwgw_operation_oldest_unknown_age_seconds
    operations_taken_over,         ///< bwgw_operations_taken_over_total: what a dead process had left
    purchases_sent_again,          ///< bwgw_purchases_sent_again_total: by their natural key
    ledger_up,                     ///< bwgw_ledger_up: 1 if it could be written when last tried
    log_lines_dropped,             ///< bwgw_log_lines_dropped_total
};

/// One value of a reading; `label` is the value of its one label, if the metric has one.
struct Sample {
    double value = 0;
    std::string label = {};
};

/// One operation of the API, or one action of one provider: counts what ended and how long it took.
class Timing {
public:
    virtual ~Timing() = default;
    /// `outcome` comes from a small fixed set: a status code, a class of them, or a failure's word.
    virtual void ended(std::string_view outcome, std::chrono::nanoseconds duration) = 0;
};

/// Every metric of the gateway is declared in metrics.cpp, and nowhere else. Safe from any thread.
class Metrics {
public:
    /// Distinct operations, or actions of one provider; the rest are counted together as `other`.
    static constexpr std::size_t kMaxNames = 64;

    explicit Metrics(std::string_view version);
    ~Metrics();

    /// `operation` is the OpenAPI operationId. Takes a lock: ask once, at the start; lives as long as this.
    Timing& http_operation(std::string_view operation);
    /// Takes a lock: ask once, and keep it.
    Timing& upstream_action(std::string_view provider, std::string_view action);

    /// Must be safe from any thread and must not wait; replaces an earlier one. Absent until it is fed.
    void feed(Reading reading, std::function<std::vector<Sample>()> read);

    /// The Prometheus text format 0.0.4, for GET /metrics.
    std::string text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bwgw::telemetry
