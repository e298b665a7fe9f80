#include <chrono>

#include "gateway/api/object.h"
#include "gateway/api/views.h"
#include "gateway/http/problem.h"

namespace bwgw::api {
namespace {

using Time = fleet::CircuitBreaker::Time;

Instant instant_of(Time at) {
    using std::chrono::system_clock;
    const auto ahead = std::chrono::duration_cast<system_clock::duration>(at - Time::clock::now());
    return std::chrono::floor<std::chrono::seconds>(system_clock::now() + ahead);
}

std::string breaker_json(const fleet::CircuitBreaker::Reading& breaker) {
    Object object;
    object.text("state", fleet::word(breaker.state));
    if (breaker.state == fleet::BreakerState::closed) return object.null("since").null("retry_at").end();
    return object.time("since", instant_of(breaker.since))
        .time("retry_at", instant_of(breaker.retry_at))
        .end();
}

std::string limiter_json(const upstream::GateOptions& limits, const upstream::GateReading& gate) {
    Object object;
    object.number("per_second", limits.per_second)
        .number("burst", limits.burst)
        .number("concurrent", limits.concurrent)
        .number("queue", limits.queue)
        .number("in_flight", static_cast<std::int64_t>(gate.in_flight))
        .number("queued", static_cast<std::int64_t>(gate.queued));
    const bool full = gate.next > Time::clock::now();
    return object.time("retry_at", full ? std::optional(instant_of(gate.next)) : std::nullopt).end();
}

}  // namespace

std::string health_json(const fleet::Health& health, const std::vector<fleet::GuardReading>& guards) {
    const bool known = health.last_success_at || health.last_problem;
    Object object;
    object.text("status", !known           ? "unknown"
                          : health.failing ? "failing"
                                           : "healthy")
        .time("last_success_at", health.last_success_at);
    if (health.last_problem)
        object.json("last_problem", http::problem_json(*health.last_problem, ""));
    else
        object.null("last_problem");
    if (guards.empty()) return object.null("breaker").null("limiter").null("deadline_ms").end();

    Object breaker;
    Object limiter;
    Object deadline;
    std::int64_t retry_budget = 0;
    for (const auto& reading : guards) {
        breaker.json(reading.verb, breaker_json(reading.breaker));
        limiter.json(reading.verb, limiter_json(reading.limits, reading.gate));
        if (reading.deadline)
            deadline.number(reading.verb, reading.deadline->count());
        else
            deadline.null(reading.verb);
        retry_budget += static_cast<std::int64_t>(reading.retry_budget);
    }
    return object.json("breaker", breaker.end())
        .json("limiter", limiter.number("retry_budget", retry_budget).end())
        .json("deadline_ms", deadline.end())
        .end();
}

}  // namespace bwgw::api
