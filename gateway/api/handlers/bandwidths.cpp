#include <fmt/format.h>

#include <algorithm>

#include "gateway/api/fields.h"
#include "gateway/api/handlers/answers.h"
#include "gateway/api/handlers/handlers.h"
#include "gateway/api/object.h"
#include "gateway/api/order.h"
#include "gateway/api/views.h"

namespace bwgw::api {
namespace {

fleet::Filter filter_of(const Call& call) {
    fleet::Filter filter{.provider = call.text("provider"),
                         .network_id = call.text("network_id"),
                         .region = call.text("region"),
                         .name = call.text("name"),
                         .provider_resource_id = call.text("provider_resource_id")};
    if (const auto kind = call.text("kind")) filter.kind = kind_of(*kind);
    if (const auto state = call.text("state")) filter.state = state_of(*state);
    return filter;
}

// The id after which the page begins; empty for the first page.
Result<std::string> page_begin(const Call& call) {
    const auto token = call.text("page_token");
    if (!token) return std::string();
    auto last = base64url_decode(*token);
    if (!last || !BandwidthId::parse(*last)) return wrong("?page_token", "is not a token of this list");
    return std::move(*last);
}

Failure not_whole(const fleet::Merged& merged, Slug slug) {
    std::string missing;
    for (const auto& source : merged.sources)
        if (source.problem)
            missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", source.provider,
                                   word(source.problem->slug));
    return {.slug = slug, .detail = "Not read: " + missing + ".", .retryable = true};
}

// What is there is shown, and is not called whole.
void doubt(fleet::Merged& merged, const Failure& problem) {
    for (auto& source : merged.sources) {
        if (source.problem) continue;
        source.status = fleet::SourceStatus::stale;
        source.problem = problem;
    }
}

using Keyed = std::vector<std::pair<std::string, fleet::Entry>>;

// Listed rows and those that no listing shows yet, each id once, the listed one first.
Keyed keyed(const fleet::Fleet& fleet, const fleet::Filter& filter, fleet::Merged& merged,
            std::vector<fleet::Entry> unlisted) {
    Keyed rows;
    for (auto& entry : merged.entries) rows.emplace_back(entry.id(), std::move(entry));
    for (auto& entry : unlisted)
        if (fleet.matches(filter, entry)) rows.emplace_back(entry.id(), std::move(entry));
    std::ranges::stable_sort(rows, {}, &Keyed::value_type::first);
    const auto twice = std::ranges::unique(rows, {}, &Keyed::value_type::first);
    rows.erase(twice.begin(), twice.end());
    return rows;
}

std::string list_json(const fleet::Crosswalk& crosswalk, const Keyed& rows, const std::string& after,
                      std::size_t page_size, const fleet::Merged& merged) {
    const auto first = std::ranges::upper_bound(rows, after, {}, &Keyed::value_type::first);
    const auto count = std::min(page_size, static_cast<std::size_t>(rows.end() - first));
    const auto last = first + static_cast<std::ptrdiff_t>(count);
    std::vector<std::string> items;
    items.reserve(count);
    for (auto row = first; row != last; ++row) items.push_back(bandwidth_json(crosswalk, row->second));
    std::vector<std::string> sources;
    for (const auto& source : merged.sources) sources.push_back(source_json(source));
    return Object()
        .json("items", array_of(items))
        .maybe("next_page_token",
               last == rows.end() ? std::nullopt : std::optional(base64url_encode(std::prev(last)->first)))
        .flag("complete", merged.complete())
        .json("sources", array_of(sources))
        .end();
}

Task<http::Response> preview(const Environment& environment, const RequestContext& context,
                             Purchase purchase) {
    auto price = co_await environment.fleet.quote(context, purchase.provider, purchase.order);
    const fleet::Offer offer{purchase.provider, std::move(price),
                             std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
    co_return json_answer(Object()
                              .json("order", order_json(environment.fleet.crosswalk(), purchase))
                              .json("quote", quote_json(offer))
                              .end());
}

}  // namespace

Task<http::Response> list_bandwidths(const Environment& environment, const RequestContext& context,
                                     Call call) {
    const auto filter = filter_of(call);
    if (filter.provider && !environment.fleet.profile(*filter.provider))
        co_return wrong("?provider", "is not a configured provider");
    const auto after = page_begin(call);
    if (!after) co_return after.failure();

    // Asked before the listing: what settles in between is in one of the two.
    auto unlisted = co_await environment.orders.unlisted();
    if (!unlisted) co_return std::move(unlisted).failure();
    auto merged = co_await environment.fleet.list(context, filter);
    if (!merged) co_return std::move(merged).failure();
    if (unlisted->problem) doubt(*merged, *unlisted->problem);
    if (!merged->readable()) co_return not_whole(*merged, Slug::provider_unavailable);
    if (!merged->complete() && call.text("partial") == "deny")
        co_return not_whole(*merged, Slug::partial_result_denied);

    const auto rows = keyed(environment.fleet, filter, *merged, std::move(unlisted->entries));
    co_return json_answer(list_json(environment.fleet.crosswalk(), rows, *after,
                                    static_cast<std::size_t>(call.integer("page_size")), *merged));
}

Task<http::Response> get_bandwidth(const Environment& environment, const RequestContext& context, Call call) {
    auto entry = co_await read_one(environment, context, call.text("id").value_or(""));
    if (!entry) co_return std::move(entry).failure();
    auto response = bandwidth_answer(environment, *entry);
    const auto held = call.text("If-None-Match");
    if (held && names_etag(*held, etag_of(response.body), true)) {
        response.status = 304;
        response.body.clear();
    }
    co_return std::move(response);
}

Task<http::Response> create_bandwidth(const Environment& environment, const RequestContext& context,
                                      Call call) {
    auto purchase = read_purchase(call.body, environment.fleet);
    if (!purchase) co_return std::move(purchase).failure();
    if (auto sold = environment.fleet.check(purchase->provider, purchase->order); !sold)
        co_return std::move(sold).failure();
    if (call.flag("validate_only")) co_return co_await preview(environment, context, std::move(*purchase));

    auto intake = intake_of(call, "createBandwidth", purchase->max_price);
    if (!intake.idempotency_key)
        co_return Failure{.slug = Slug::idempotency_key_missing,
                          .detail = "A purchase needs the header Idempotency-Key.",
                          .errors = {{"#Idempotency-Key", "is required: 1 to 255 visible ASCII characters"}}};
    const auto write = writing(environment, context, intake.wait);
    auto placed =
        co_await environment.orders.buy(write, purchase->provider, purchase->order, std::move(intake));
    if (!placed) co_return std::move(placed).failure();

    std::optional<http::Response> bought;
    if (const auto id = placed->operation.bandwidth_id(); id && placed->observed) {
        bought = bandwidth_answer(environment, *placed->observed);
        bought->status = 201;
        bought->set("Location", environment.contract.path_of("getBandwidth", {*id}));
    }
    co_return write_answer(environment, context, *placed, std::move(bought));
}

}  // namespace bwgw::api
