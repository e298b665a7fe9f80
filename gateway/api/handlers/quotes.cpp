#include <fmt/format.h>

#include <algorithm>

#include "gateway/api/handlers/answers.h"
#include "gateway/api/handlers/handlers.h"
#include "gateway/api/object.h"
#include "gateway/api/order.h"
#include "gateway/api/views.h"
#include "providers/contract/when_all.h"

namespace bwgw::api {
namespace {

Instant now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

Task<fleet::Offer> offer(const Environment& environment, const RequestContext& context, std::string provider,
                         Order wish) {
    auto order = resolved(std::move(wish), provider, environment.fleet.crosswalk());
    if (!order) {
        auto problem = std::move(order).failure();
        problem.provider = provider;
        co_return fleet::Offer{std::move(provider), std::move(problem), now()};
    }
    auto price = co_await environment.fleet.quote(context, provider, std::move(*order));
    co_return fleet::Offer{std::move(provider), std::move(price), now()};
}

// The burst limit of the link stays, so it is read first.
Task<fleet::Offer> offer_of_resize(const Environment& environment, const RequestContext& context,
                                   std::string id, std::int64_t bandwidth_mbps) {
    auto current = co_await read_one(environment, context, std::move(id));
    if (!current) co_return std::move(current).failure();
    auto change = change_of(Patch{.bandwidth_mbps = bandwidth_mbps}, current->bandwidth);
    if (!change) co_return std::move(change).failure();
    auto price = co_await environment.fleet.quote(
        context, current->provider, PriceOfResize{current->bandwidth.ref, std::get<Resize>(*change)});
    co_return fleet::Offer{current->provider, std::move(price), now()};
}

// Those that were named, else all that sell it.
Result<std::vector<std::string>> providers_asked(const fleet::Fleet& fleet, const QuoteAsked& asked) {
    std::vector<std::string> providers;
    std::vector<FieldError> errors;
    for (std::size_t i = 0; i < asked.providers.size(); ++i) {
        const auto& name = asked.providers[i];
        if (!fleet.profile(name))
            errors.push_back({fmt::format("/providers/{}", i), "is not a configured provider"});
        else if (std::find(providers.begin(), providers.end(), name) == providers.end())
            providers.push_back(name);
    }
    if (!errors.empty())
        return Failure{.slug = Slug::invalid_request,
                       .detail = "The request is not valid; see errors.",
                       .errors = std::move(errors)};
    if (!providers.empty()) return providers;
    for (const auto* profile : fleet.profiles()) {
        const auto* product = profile->product_for(asked.order.kind);
        if (product && product->can(Action::create)) providers.push_back(profile->name);
    }
    return providers;
}

}  // namespace

Task<http::Response> create_quotes(const Environment& environment, const RequestContext& context, Call call) {
    auto asked = read_quote(*call.body);
    if (!asked) co_return std::move(asked).failure();
    std::vector<std::string> items;
    if (asked->bandwidth_id) {
        auto one =
            co_await offer_of_resize(environment, context, *asked->bandwidth_id, asked->order.bandwidth_mbps);
        if (!one) co_return std::move(one).failure();
        items.push_back(quote_json(*one));
    } else {
        auto providers = providers_asked(environment.fleet, *asked);
        if (!providers) co_return std::move(providers).failure();
        std::vector<Task<fleet::Offer>> calls;
        for (auto& provider : *providers)
            calls.push_back(offer(environment, context, std::move(provider), asked->order));
        auto offers = co_await when_all(std::move(calls));
        if (!offers) co_return std::move(offers).failure();
        for (const auto& given : *offers) items.push_back(quote_json(*given));
    }
    co_return json_answer(Object().json("items", array_of(items)).end());
}

}  // namespace bwgw::api
