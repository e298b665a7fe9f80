#include "gateway/upstream/call_recorder.h"

#include <array>

#include "gateway/telemetry/trace.h"

namespace bwgw::upstream {

namespace {

constexpr std::array<std::string_view, 6> kClasses{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};

std::string_view outcome_of(const CallRecord& record) {
    if (record.cancelled) return "cancelled";
    if (record.failure) return word(*record.failure);
    const auto hundreds = static_cast<std::size_t>(record.status / 100);
    return hundreds < kClasses.size() ? kClasses[hundreds] : "other";
}

// That a read names what is not there is its caller's affair, and may be asked often.
std::string_view refusal_of(const CallRecord& record) {
    const auto refusal = record.refusal ? word(*record.refusal) : std::string_view();
    return record.write || refusal.starts_with("provider-") ? refusal : std::string_view();
}

}  // namespace

telemetry::Timing& CallRecorder::timing(std::string_view provider, std::string_view action) {
    auto account = timings_.find(provider);
    if (account == timings_.end()) account = timings_.emplace(provider, Timings{}).first;
    auto& known = account->second;
    if (const auto found = known.find(action); found != known.end()) return *found->second;
    auto& added = metrics_.upstream_action(provider, action);
    if (known.size() < telemetry::Metrics::kMaxNames) known.emplace(action, &added);
    return added;
}

void CallRecorder::finished(const RequestContext& context, const CallRecord& record) {
    const auto outcome = outcome_of(record);
    timing(record.provider, record.action).ended(outcome, record.duration);
    log_.call({.request_id = context.trace.request_id,
               .trace_id = telemetry::trace_id(context.trace.traceparent),
               .provider = record.provider,
               .action = record.action,
               .host = record.host,
               .write = record.write,
               .status = record.status,
               .failure = record.failure ? outcome : refusal_of(record),
               .detail = record.detail,
               .duration = record.duration,
               .reply_bytes = record.reply_bytes,
               .provider_request_id = record.provider_request_id,
               .in_sample = context.trace.in_sample});
}

}  // namespace bwgw::upstream
