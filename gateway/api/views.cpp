#include "gateway/api/views.h"

#include <algorithm>
#include <map>

#include "gateway/api/object.h"
#include "gateway/http/problem.h"

namespace bwgw::api {
namespace {

// A code shown to callers: its metro, or itself.
std::string shown(const fleet::Crosswalk& crosswalk, std::string_view provider, const std::string& code) {
    return crosswalk.metro(provider, code).value_or(code);
}

struct ShownRegions {
    std::optional<std::string> a, b, one;
    std::vector<std::string> codes;
};

ShownRegions shown_regions(const fleet::Crosswalk& crosswalk, std::string_view provider,
                           const std::optional<Ends>& ends, const std::optional<std::string>& region) {
    ShownRegions regions;
    if (ends) {
        regions.a = shown(crosswalk, provider, ends->a);
        regions.b = shown(crosswalk, provider, ends->b);
        if (*regions.b < *regions.a) std::swap(regions.a, regions.b);
        regions.codes = {ends->a, ends->b};
    } else if (region) {
        regions.one = shown(crosswalk, provider, *region);
        regions.codes = {*region};
    }
    return regions;
}

void write_regions(Object& object, const ShownRegions& regions) {
    object.maybe("region_a", regions.a).maybe("region_b", regions.b);
    if (regions.codes.empty())
        object.null("provider_regions");
    else
        object.texts("provider_regions", regions.codes);
    object.maybe("region", regions.one);
}

std::string billing_json(const Billing& billing) {
    Object object;
    object.text("model", word(billing.model)).text("payment", word(billing.payment));
    if (!billing.term) return object.null("term").end();
    Object term;
    term.text("unit", word(billing.term->unit)).number("count", billing.term->count);
    return object.json("term", term.end()).end();
}

std::string time_text(ledger::Timestamp time) {
    return bwgw::time_text(std::chrono::floor<std::chrono::seconds>(time));
}

void write_problem(Object& object, std::string_view name, const std::optional<Failure>& problem) {
    if (problem)
        object.json(name, http::problem_json(*problem, ""));
    else
        object.null(name);
}

std::string product_json(const ProductProfile& product) {
    std::vector<std::string> actions;
    std::vector<std::string> models;
    for (const auto action : product.actions) actions.emplace_back(word(action));
    for (const auto model : product.billing_models) models.emplace_back(word(model));
    return Object()
        .text("kind", word(product.kind))
        .text("product", product.product)
        .texts("actions", actions)
        .texts("billing_models", models)
        .number("min_bandwidth_mbps", product.min_mbps)
        .number("max_bandwidth_mbps", product.max_mbps)
        .text("purchase_safety", word(product.safety))
        .end();
}

std::string region_json(const std::vector<const fleet::Crosswalk::Row*>& rows) {
    std::optional<std::string> name;
    std::vector<std::string> providers;
    for (const auto* row : rows) {
        if (!name) name = row->region.name;
        providers.push_back(Object().text("provider", row->provider).text("code", row->region.code).end());
    }
    return Object()
        .maybe("metro", rows.front()->region.metro)
        .maybe("name", name)
        .json("providers", array_of(providers))
        .end();
}

}  // namespace

std::string bandwidth_json(const fleet::Crosswalk& crosswalk, const fleet::Entry& entry) {
    const auto& row = entry.bandwidth;
    Object object;
    object.text("id", entry.id())
        .text("provider", entry.provider)
        .text("kind", word(row.kind))
        .maybe("name", row.name)
        .maybe("network_id", row.network_id);
    write_regions(object, shown_regions(crosswalk, entry.provider, row.ends, row.region));
    return object.maybe("eip_id", row.eip_id)
        .mbps("bandwidth_mbps", row.bandwidth)
        .mbps("burst_mbps", row.burst)
        .json("billing", billing_json(row.billing))
        .word("service_tier", row.service_tier)
        .word("path_policy", row.path_policy)
        .text("state", word(row.state))
        .time("created_at", row.created_at)
        .time("starts_at", row.starts_at)
        .time("expires_at", row.expires_at)
        .text("provider_resource_id", row.ref.native_id)
        .maybe("provider_state", row.provider_state)
        .json("provider_details", row.provider_details)
        .end();
}

std::string order_json(const fleet::Crosswalk& crosswalk, const Purchase& purchase) {
    const auto& order = purchase.order;
    const bool boost = order.kind == Kind::eip_boost;
    Object object;
    object.text("provider", purchase.provider)
        .text("kind", word(order.kind))
        .text_or_null("name", order.name)
        .text_or_null("network_id", order.network_id);
    write_regions(object, shown_regions(crosswalk, purchase.provider,
                                        boost ? std::nullopt : std::optional(order.ends), order.region));
    object.text_or_null("eip_id", order.eip_id).number("bandwidth_mbps", order.bandwidth_mbps);
    if (order.burst_mbps)
        object.number("burst_mbps", *order.burst_mbps);
    else
        object.null("burst_mbps");
    object.json("billing", billing_json(order.billing))
        .word("service_tier", order.service_tier)
        .word("path_policy", order.path_policy);
    if (order.promotion) {
        Object promotion;
        if (!order.promotion->code.empty()) promotion.text("code", order.promotion->code);
        object.json("promotion", promotion.flag("use_voucher", order.promotion->use_voucher).end());
    } else {
        object.null("promotion");
    }
    if (purchase.max_price) {
        Object price;
        price.text("amount", purchase.max_price->amount.text())
            .text("currency", purchase.max_price->currency);
        object.json("max_price", price.end());
    } else {
        object.null("max_price");
    }
    return object.time("starts_at", order.starts_at).end();
}

std::string operation_json(const ledger::Operation& operation, std::string_view principal) {
    Object object;
    object.text("id", operation.id)
        .text("type", word(operation.type))
        .text("provider", operation.provider)
        .text("state", word(operation.state))
        .text("outcome", word(operation.outcome));
    if (operation.request.empty())
        object.null("request");
    else
        object.json("request", operation.request);
    object.maybe("bandwidth_id", operation.bandwidth_id())
        .text_or_null("order_number", operation.order_number)
        .text_or_null("provider_request_id", operation.provider_request_id);
    write_problem(object, "problem", operation.problem);
    return object
        .maybe("idempotency_key",
               operation.principal == principal ? operation.idempotency_key : std::optional<std::string>())
        .number("attempts", operation.attempts)
        .text("created_at", time_text(operation.created_at))
        .text("updated_at", time_text(operation.updated_at))
        .end();
}

std::string quote_json(const fleet::Offer& offer) {
    Object object;
    object.text("provider", offer.provider);
    if (offer.price) {
        const auto& price = *offer.price;
        object.text("amount", price.amount.amount.text())
            .text("currency", price.amount.currency)
            .word("per", price.per);
        if (price.original_amount)
            object.text("original_amount", price.original_amount->text());
        else
            object.null("original_amount");
    }
    object.time("as_of", offer.as_of);
    if (!offer.price) object.json("problem", http::problem_json(offer.price.failure(), ""));
    return object.end();
}

std::string provider_json(const Profile& profile, const fleet::Health& health,
                          const std::vector<fleet::GuardReading>& guards) {
    std::vector<std::string> names;
    std::vector<std::string> products;
    for (const auto& product : profile.products) {
        names.push_back(product.product);
        products.push_back(product_json(product));
    }
    return Object()
        .text("name", profile.name)
        .text("family", profile.family)
        .texts("products", names)
        .json("capabilities", Object().json("products", array_of(products)).end())
        .json("health", health_json(health, guards))
        .end();
}

std::string source_json(const fleet::Source& source) {
    Object object;
    object.text("provider", source.provider)
        .text("status", fleet::word(source.status))
        .time("as_of", source.as_of);
    write_problem(object, "problem", source.problem);
    return object.end();
}

std::string regions_json(const std::vector<fleet::Crosswalk::Row>& rows) {
    std::map<std::string, std::vector<const fleet::Crosswalk::Row*>> by_metro;
    std::vector<std::string> items;
    for (const auto& row : rows)
        if (row.region.metro) by_metro[*row.region.metro].push_back(&row);
    for (const auto& [metro, group] : by_metro) items.push_back(region_json(group));
    for (const auto& row : rows)
        if (!row.region.metro) items.push_back(region_json({&row}));
    return Object().json("items", array_of(items)).end();
}

}  // namespace bwgw::api
