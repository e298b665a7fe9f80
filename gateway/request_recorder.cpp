#include "gateway/request_recorder.h"

#include "gateway/telemetry/trace.h"

namespace bwgw {

telemetry::HttpOperation& RequestRecorder::measured(std::string_view operation) {
    const auto known = operations_.find(operation);
    if (known != operations_.end()) return *known->second;
    return *operations_.emplace(operation, &metrics_.http_operation(operation)).first->second;
}

void RequestRecorder::answered(const api::RequestSummary& summary) {
    auto& operation = measured(summary.operation);
    operation.answers.ended(std::to_string(summary.status), summary.duration - summary.asked);
    operation.overhead.took(summary.duration - summary.vendors);
    if (!summary.problem.empty()) operation.problems.count(summary.problem);
    log_.request({.request_id = summary.request_id,
                  .trace_id = telemetry::trace_id(summary.traceparent),
                  .method = summary.method,
                  .operation = summary.operation,
                  .path = summary.path,
                  .status = summary.status,
                  .problem = summary.problem.empty() ? summary.missing : summary.problem,
                  .duration = summary.duration,
                  .asked = summary.asked,
                  .peer = summary.peer,
                  .principal = summary.principal,
                  .in_sample = summary.in_sample});
    if (!summary.fault.empty())
        log_.event(telemetry::Level::error, "a handler threw",
                   {{"request_id", summary.request_id}, {"what", summary.fault}});
}

}  // namespace bwgw
