#include "gateway/api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "gateway/api/handlers/handlers.h"
#include "gateway/http/problem.h"
#include "gateway/telemetry/log.h"
#include "gateway/telemetry/trace.h"

namespace bwgw::api {
namespace {

http::Response allowing(http::Response response, std::string_view methods) {
    response.set("Allow", std::string(methods));
    return response;
}

Failure internal_error() {
    return {.slug = Slug::internal, .detail = "The gateway failed; the log names it by X-Request-Id."};
}

Task<http::Response> at_once(Result<http::Response> answer) {
    co_return answer;
}

// What writes is always logged, with its vendor calls.
Trace trace_of(const http::Request& request, double log_sample) {
    const auto* parent = request.header("traceparent");
    auto trace = telemetry::begin_trace(request.id, parent ? *parent : "", log_sample);
    trace.in_sample = trace.in_sample || !telemetry::only_reads(request.method);
    return trace;
}

}  // namespace

Api::Api(Environment environment)
    : environment_(std::move(environment)),
      handlers_({
          {"listBandwidths", list_bandwidths},
          {"createBandwidth", create_bandwidth},
          {"getBandwidth", get_bandwidth},
          {"changeBandwidth", change_bandwidth},
          {"releaseBandwidth", release_bandwidth},
          {"createQuotes", create_quotes},
          {"listOperations", list_operations},
          {"getOperation", get_operation},
          {"resolveOperation", resolve_operation},
          {"listProviders", list_providers},
          {"getProvider", get_provider},
          {"listRegions", list_regions},
          {"getHealth", get_health},
          {"getReadiness", get_readiness},
          {"getMetrics", get_metrics},
          {"getBandwidthMetrics", get_bandwidth_metrics},
          {"getOpenapiJson", get_openapi_json},
          {"getOpenapiYaml", get_openapi_yaml},
      }) {
    std::string missing;
    const auto described = environment_.contract.operation_ids();
    for (const auto& id : described)
        if (!handlers_.contains(id)) missing += fmt::format(" {} has no handler;", id);
    for (const auto& [id, handler] : handlers_)
        if (std::find(described.begin(), described.end(), id) == described.end())
            missing += fmt::format(" {} is not in the OpenAPI document;", id);
    if (!missing.empty()) throw std::runtime_error("the API and its OpenAPI document differ:" + missing);
}

Task<http::Response> Api::operator()(http::Request request) {
    const auto began = std::chrono::steady_clock::now();
    const RequestContext context{{began + environment_.read_deadline},
                                 trace_of(request, environment_.log_sample),
                                 {},
                                 request.disconnected};
    RequestSummary summary{.request_id = request.id,
                           .traceparent = context.trace.traceparent,
                           .method = request.method,
                           .path = request.path(),
                           .operation = "",
                           .peer = request.peer,
                           .principal = context.principal.name,
                           .fault = ""};
    http::Response response;
    try {
        auto answered = co_await answer(context, request, summary.operation);
        response = answered ? std::move(*answered) : http::problem(answered.failure(), request.id);
    } catch (const std::exception& error) {
        summary.fault = error.what();
        response = http::problem(internal_error(), request.id);
    } catch (...) {
        summary.fault = "not a std::exception";
        response = http::problem(internal_error(), request.id);
    }
    const auto ended = std::chrono::steady_clock::now();
    summary.status = response.status;
    summary.problem = response.problem;
    summary.missing = response.missing;
    summary.duration = ended - began;
    summary.vendors = context.trace.vendor_time->until(ended);
    summary.asked = context.trace.vendor_time->asked();
    summary.in_sample = context.trace.in_sample;
    environment_.observe(summary);
    co_return std::move(response);
}

// No coroutine itself, so that a request costs a frame less.
Task<http::Response> Api::answer(const RequestContext& context, const http::Request& request,
                                 std::string_view& operation) {
    auto match = environment_.contract.match(request.method, request.path());
    if (match.allow.empty())
        return at_once(Failure{.slug = Slug::not_found, .detail = "There is no such path."});
    if (request.method == "OPTIONS")
        return at_once(allowing({.status = 204, .headers = {}, .body = ""}, match.allow));
    if (!match.endpoint)
        return at_once(allowing(http::problem({.slug = Slug::method_not_allowed,
                                               .detail = fmt::format("This path has {}.", match.allow)},
                                              request.id),
                                match.allow));
    const auto& endpoint = *match.endpoint;
    operation = endpoint.operation_id;

    auto call = environment_.contract.read(std::move(match), request);
    if (!call) return at_once(std::move(call).failure());
    if (endpoint.method != "GET" && environment_.draining())
        return at_once(Failure{.slug = Slug::unavailable,
                               .detail = "The gateway is draining; nothing was sent.",
                               .retryable = true});
    const auto handler = handlers_.find(operation)->second;
    return handler(environment_, context, std::move(*call));
}

}  // namespace bwgw::api
