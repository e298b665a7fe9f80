#include "gateway/api/handlers/answers.h"

#include <fmt/format.h>

#include "gateway/api/fields.h"
#include "gateway/api/json.h"
#include "gateway/api/views.h"
#include "gateway/http/problem.h"

namespace bwgw::api {
namespace {

// When to look at an operation again: soon while the gateway works on it, seldom once it waits for a person.
std::string retry_after(const ledger::Operation& operation) {
    return operation.state == ledger::OperationState::needs_attention ? "60" : "2";
}

http::Response under_way(const Environment& environment, const RequestContext& context,
                         const ledger::Operation& operation) {
    auto response = json_answer(operation_json(operation, context.principal.name));
    response.status = 202;
    response.set("Location", environment.contract.path_of("getOperation", {operation.id}));
    response.set("Retry-After", retry_after(operation));
    return response;
}

}  // namespace

Failure no_such_bandwidth() {
    return {.slug = Slug::not_found, .detail = "No bandwidth has this id."};
}

http::Response json_answer(std::string body) {
    http::Response response;
    response.headers.reserve(4);  // with its ETag, Cache-Control and Age
    response.set("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

http::Response bandwidth_answer(const Environment& environment, const fleet::Entry& entry) {
    auto response = json_answer(bandwidth_json(environment.fleet.crosswalk(), entry));
    response.set("ETag", etag_of(response.body));
    return response;
}

std::string etag(const Environment& environment, const fleet::Entry& entry) {
    return etag_of(bandwidth_json(environment.fleet.crosswalk(), entry));
}

http::Response write_answer(const Environment& environment, const RequestContext& context,
                            const orders::Placement& placement, std::optional<http::Response> done) {
    const auto& operation = placement.operation;
    http::Response response;
    if (operation.state == ledger::OperationState::failed) {
        auto problem = operation.problem.value_or(
            Failure{.slug = Slug::internal, .detail = "The write failed without a recorded reason."});
        problem.operation_id = operation.id;
        response = http::problem(problem, context.trace.request_id);
    } else {
        response = done ? std::move(*done) : under_way(environment, context, operation);
    }
    if (placement.replayed) response.set("Idempotency-Replayed", "true");
    return response;
}

Task<fleet::Entry> read_one(const Environment& environment, const RequestContext& context, std::string id,
                            fleet::Look look) {
    const auto parsed = BandwidthId::parse(id);
    if (!parsed) co_return no_such_bandwidth();
    auto unlisted = co_await environment.orders.unlisted();  // before the listing, as for a list
    auto entry = co_await environment.fleet.get(context, *parsed, look);
    if (entry || entry.failure().slug != Slug::not_found) co_return std::move(entry);
    if (!unlisted) co_return std::move(unlisted).failure();
    for (auto& bought : unlisted->entries)
        if (bought.id() == id) co_return std::move(bought);
    if (unlisted->problem)
        co_return std::move(*unlisted->problem);  // it may be one of those that are missing
    co_return no_such_bandwidth();
}

RequestContext writing(const Environment& environment, const RequestContext& context,
                       std::chrono::milliseconds wait) {
    RequestContext write = context;
    write.deadline = Deadline::in(wait + environment.read_deadline);
    write.cancelled = {};
    write.preferred = true;
    return write;
}

orders::Intake intake_of(const Call& call, std::string_view operation_id, std::optional<Money> max_price) {
    const auto request = call.body ? canonical_json(*call.body) : std::string("{}");
    return {.idempotency_key = idempotency_key(call.text("Idempotency-Key").value_or("")),
            .fingerprint =
                sha256_hex(fmt::format("{}\n{}\n{}", operation_id, call.text("id").value_or(""), request)),
            .request = request,
            .max_price = std::move(max_price),
            .wait = wait_of(call.text("Prefer"), kDefaultWait)};
}

Result<void> check_match(const Environment& environment, const Call& call, const fleet::Entry& current) {
    const auto wanted = call.text("If-Match");
    if (!wanted || names_etag(*wanted, etag(environment, current), false)) return {};
    return Failure{.slug = Slug::precondition_failed, .detail = "If-Match does not name its present ETag."};
}

Failure wrong(std::string pointer, std::string detail) {
    return {.slug = Slug::invalid_request,
            .detail = "The request is not valid; see errors.",
            .errors = {{std::move(pointer), std::move(detail)}}};
}

}  // namespace bwgw::api
