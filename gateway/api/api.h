#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "gateway/api/contract.h"
#include "gateway/fleet/fleet.h"
#include "gateway/http/message.h"
#include "gateway/inventory/reader.h"
#include "gateway/orders/orders.h"
#include "providers/contract/task.h"

namespace bwgw::api {

/// One answered request, for metrics and the access log. No header, query or body is in it. Its texts are the
/// request's: they live no longer than the call that is given it.
struct RequestSummary {
    std::string_view request_id;
    std::string_view traceparent;
    std::string_view method;
    std::string_view path;       ///< raw, without the query
    std::string_view operation;  ///< the operationId; empty if none matched
    std::string_view peer;
    std::string_view principal;
    int status = 0;
    std::string_view problem;  ///< the slug of a problem, else empty
    std::string_view missing;  ///< the slug of why a vendor it asked is missing in its answer, else empty
    std::chrono::nanoseconds duration{};
    std::chrono::nanoseconds vendors{};  ///< of it: waiting for a vendor, or for news as it was asked to
    std::chrono::nanoseconds asked{};    ///< of it: waiting for news alone
    bool in_sample = true;               ///< of the log
    std::string fault;                   ///< what an exception said: a bug, for the log only
};

/// What the handlers work with. One per worker, for the fleet and the orders are.
struct Environment {
    const Contract& contract;
    fleet::Fleet& fleet;
    inventory::Reader& inventory;
    orders::Orders& orders;
    /// Soon reads an account into the inventory, unless that has begun since then.
    std::function<void(const std::string& provider, inventory::Moment since)> refresh;
    std::chrono::milliseconds stale_after;    ///< a source that was read longer ago is called stale
    std::chrono::milliseconds read_deadline;  ///< one read; a write has it beside the caller's wait
    double log_sample = 1;                    ///< the share of ordinary requests to log
    /// Prometheus texts, made elsewhere: they take milliseconds.
    std::function<Task<std::string>()> metrics;
    std::function<Task<std::string>()> owned_metrics;    ///< of every bandwidth
    std::function<bool()> draining;                      ///< no new writes, not ready
    std::function<void(const RequestSummary&)> observe;  ///< called once per answer; must not throw
};

/// The pipeline: match, trace, check against the contract, handle, answer. Every failure and every exception
/// becomes a problem. It must outlive its answers.
class Api {
public:
    /// Throws std::runtime_error naming the operations of the contract without a handler, and the other way
    /// round.
    explicit Api(Environment environment);

    Task<http::Response> operator()(http::Request request);

private:
    using Handler = Task<http::Response> (*)(const Environment&, const RequestContext&, Call);

    Task<http::Response> answer(const RequestContext& context, const http::Request& request,
                                std::string_view& operation);

    Environment environment_;
    std::map<std::string, Handler, std::less<>> handlers_;
};

}  // namespace bwgw::api
