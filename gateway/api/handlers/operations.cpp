#include <algorithm>

#include "gateway/api/handlers/answers.h"
#include "gateway/api/handlers/handlers.h"
#include "gateway/api/object.h"
#include "gateway/api/views.h"

namespace bwgw::api {
namespace {

constexpr std::size_t kIdSize = 26;

bool is_operation_id(std::string_view id) {
    return id.size() == kIdSize &&
           std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
}

}  // namespace

Task<http::Response> list_operations(const Environment& environment, const RequestContext& context,
                                     Call call) {
    const auto page_size = static_cast<std::size_t>(call.integer("page_size"));
    ledger::OperationFilter filter{.provider = call.text("provider"),
                                   .idempotency_key = call.text("idempotency_key"),
                                   .limit = page_size + 1};  // one more tells whether there is a next page
    if (const auto state = call.text("state")) filter.state = ledger::operation_state_of(*state);
    if (filter.idempotency_key) filter.principal = context.principal.name;
    if (filter.provider && !environment.fleet.profile(*filter.provider))
        co_return wrong("?provider", "is not a configured provider");
    if (const auto token = call.text("page_token")) {
        filter.before = base64url_decode(*token);
        if (!filter.before || !is_operation_id(*filter.before))
            co_return wrong("?page_token", "is not a token of this list");
    }

    auto operations = co_await environment.orders.list(std::move(filter));
    if (!operations) co_return std::move(operations).failure();
    std::optional<std::string> next;
    if (operations->size() > page_size) {
        operations->resize(page_size);
        next = base64url_encode(operations->back().id);
    }
    std::vector<std::string> items;
    for (const auto& operation : *operations)
        items.push_back(operation_json(operation, context.principal.name));
    co_return json_answer(Object().json("items", array_of(items)).maybe("next_page_token", next).end());
}

Task<http::Response> get_operation(const Environment& environment, const RequestContext& context, Call call) {
    auto operation = co_await environment.orders.find(call.text("id").value_or(""));
    if (!operation) co_return std::move(operation).failure();
    co_return json_answer(operation_json(*operation, context.principal.name));
}

Task<http::Response> resolve_operation(const Environment& environment, const RequestContext& context,
                                       Call call) {
    const auto& body = *call.body;
    const bool applied = std::string_view(body["outcome"].GetString()) == word(Outcome::applied);
    const auto named = body.FindMember("provider_resource_id");
    std::optional<std::string> native_id;
    if (named != body.MemberEnd()) native_id = named->value.GetString();

    auto operation = co_await environment.orders.find(call.text("id").value_or(""));
    if (!operation) co_return std::move(operation).failure();
    if (native_id.has_value() != (applied && operation->type == ledger::OperationType::create))
        co_return wrong("/provider_resource_id", "stands exactly with a purchase that was applied");
    auto resolved =
        co_await environment.orders.resolve(context, std::move(*operation), applied, native_id.value_or(""));
    if (!resolved) co_return std::move(resolved).failure();
    co_return json_answer(operation_json(*resolved, context.principal.name));
}

}  // namespace bwgw::api
