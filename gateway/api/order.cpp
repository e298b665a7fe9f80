#include "gateway/api/order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <charconv>

#include "gateway/api/json.h"

namespace bwgw::api {
namespace {

using rapidjson::Value;
using Errors = std::vector<FieldError>;

// What goes with which kind; the schema has no word for it.
enum class Rule : std::uint8_t { required, allowed, forbidden };
struct MemberRule {
    const char* member;
    Rule inter_region;
    Rule eip_boost;
};
constexpr std::array kRules = std::to_array<MemberRule>({
    {"network_id", Rule::required, Rule::forbidden},
    {"region_a", Rule::required, Rule::forbidden},
    {"region_b", Rule::required, Rule::forbidden},
    {"region", Rule::forbidden, Rule::required},
    {"eip_id", Rule::forbidden, Rule::required},
    {"burst_mbps", Rule::allowed, Rule::forbidden},
    {"service_tier", Rule::allowed, Rule::forbidden},
    {"path_policy", Rule::allowed, Rule::forbidden},
    {"starts_at", Rule::forbidden, Rule::allowed},
});

const Value* find(const Value& object, const char* name) {
    const auto member = object.FindMember(name);
    return member == object.MemberEnd() ? nullptr : &member->value;
}
std::string text(const Value& object, const char* name) {
    const auto* found = find(object, name);
    return found && found->IsString() ? std::string(text_of(*found)) : "";
}
std::optional<std::int64_t> number(const Value& object, const char* name) {
    const auto* found = find(object, name);
    return found && found->IsInt64() ? std::optional(found->GetInt64()) : std::nullopt;
}
template <class Enum>
std::optional<Enum> word(const Value& object, const char* name,
                         std::optional<Enum> (*value_of)(std::string_view)) {
    const auto* found = find(object, name);
    return found && found->IsString() ? value_of(text_of(*found)) : std::nullopt;
}
Failure invalid(Errors errors) {
    return {.slug = Slug::invalid_request,
            .detail = "The request is not valid; see errors.",
            .errors = std::move(errors)};
}

void check_members(const Value& body, Kind kind, Errors& errors) {
    for (const auto& rule : kRules) {
        const auto which = kind == Kind::eip_boost ? rule.eip_boost : rule.inter_region;
        const bool there = find(body, rule.member) != nullptr;
        if (there && which == Rule::forbidden)
            errors.push_back(
                {pointer_to("", rule.member), fmt::format("does not go with {}", bwgw::word(kind))});
        if (!there && which == Rule::required)
            errors.push_back(
                {pointer_to("", rule.member), fmt::format("is required for {}", bwgw::word(kind))});
    }
}

void check_burst(const Order& order, Errors& errors) {
    const bool by_percentile = order.billing.model == BillingModel::percentile_95;
    if (by_percentile && !order.burst_mbps)
        errors.push_back({"/burst_mbps", "is required for percentile_95"});
    if (!by_percentile && order.burst_mbps && order.kind == Kind::inter_region)
        errors.push_back({"/burst_mbps", "goes with percentile_95 only"});
    if (by_percentile && order.burst_mbps && *order.burst_mbps < order.bandwidth_mbps)
        errors.push_back({"/burst_mbps", "must not be below bandwidth_mbps"});
}

void check_term(const Order& order, Errors& errors) {
    const auto& billing = order.billing;
    if (billing.payment == Payment::prepaid && !billing.term)
        errors.push_back({"/billing/term", "is required for prepaid"});
    else if (order.kind == Kind::eip_boost && !billing.term)
        errors.push_back({"/billing/term", "is required for eip_boost"});
    if (billing.payment == Payment::postpaid && billing.term)
        errors.push_back({"/billing/term", "does not go with postpaid"});
}

Billing read_billing(const Value& body) {
    Billing billing;
    const auto* given = find(body, "billing");
    if (!given) return billing;
    billing.model = word<BillingModel>(*given, "model", billing_model_of).value_or(BillingModel::unspecified);
    billing.payment = word<Payment>(*given, "payment", payment_of).value_or(Payment::unspecified);
    if (const auto* term = find(*given, "term"))
        billing.term = Term{word<TermUnit>(*term, "unit", term_unit_of).value_or(TermUnit::month),
                            static_cast<int>(number(*term, "count").value_or(1))};
    return billing;
}

std::optional<Promotion> read_promotion(const Value& body) {
    const auto* given = find(body, "promotion");
    if (!given) return std::nullopt;
    const auto* voucher = find(*given, "use_voucher");
    return Promotion{text(*given, "code"), voucher && voucher->IsTrue()};
}

std::optional<Money> read_max_price(const Value& body, Errors& errors) {
    const auto* given = find(body, "max_price");
    if (!given) return std::nullopt;
    const auto amount = Decimal::parse(text(*given, "amount"));
    if (!amount) errors.push_back({"/max_price/amount", "is not an amount"});
    return amount ? std::optional(Money{*amount, text(*given, "currency")}) : std::nullopt;
}

// What orders and wishes have in common; regions as the caller wrote them.
Order read_common(const Value& body) {
    Order order;
    order.kind = word<Kind>(body, "kind", kind_of).value_or(Kind::inter_region);
    order.ends = {text(body, "region_a"), text(body, "region_b")};
    order.bandwidth_mbps = number(body, "bandwidth_mbps").value_or(0);
    order.billing = read_billing(body);
    order.service_tier = word<ServiceTier>(body, "service_tier", service_tier_of);
    order.path_policy = word<PathPolicy>(body, "path_policy", path_policy_of);
    order.promotion = read_promotion(body);
    return order;
}

void resolve(std::string& region, const char* pointer, std::string_view provider,
             const fleet::Crosswalk& crosswalk, Errors& errors) {
    if (region.empty()) return;
    auto code = crosswalk.resolve(provider, region);
    if (code)
        region = std::move(*code);
    else
        errors.push_back({pointer, code.failure().detail});
}

void resolve_ends(Ends& ends, std::string_view provider, const fleet::Crosswalk& crosswalk, Errors& errors) {
    resolve(ends.a, "/region_a", provider, crosswalk, errors);
    resolve(ends.b, "/region_b", provider, crosswalk, errors);
    if (!ends.a.empty() && ends.a == ends.b)
        errors.push_back({"/region_b", "must be another region than region_a"});
}

}  // namespace

Result<Purchase> read_purchase(const Value& body, const fleet::Fleet& fleet) {
    Errors errors;
    Purchase purchase;
    purchase.provider = text(body, "provider");
    Order& order = purchase.order = read_common(body);
    order.name = text(body, "name");
    order.network_id = text(body, "network_id");
    order.region = text(body, "region");
    order.eip_id = text(body, "eip_id");
    order.burst_mbps = number(body, "burst_mbps");
    purchase.max_price = read_max_price(body, errors);
    if (const auto* starts_at = find(body, "starts_at")) {
        order.starts_at = instant_of(text_of(*starts_at));
        if (!order.starts_at) errors.push_back({"/starts_at", "is not a time that exists"});
    }
    check_members(body, order.kind, errors);
    check_burst(order, errors);
    check_term(order, errors);
    if (!fleet.profile(purchase.provider)) {
        errors.push_back({"/provider", "is not a configured provider"});
    } else {
        resolve_ends(order.ends, purchase.provider, fleet.crosswalk(), errors);
        resolve(order.region, "/region", purchase.provider, fleet.crosswalk(), errors);
    }
    if (!errors.empty()) return invalid(std::move(errors));
    return purchase;
}

Result<Patch> read_patch(const Value& body) {
    Errors errors;
    Patch patch{number(body, "bandwidth_mbps"), number(body, "burst_mbps"), std::nullopt,
                read_max_price(body, errors)};
    if (find(body, "name")) patch.name = text(body, "name");
    const bool resizes = patch.bandwidth_mbps || patch.burst_mbps;
    if (!resizes && !patch.name) errors.push_back({"", "needs bandwidth_mbps, burst_mbps or name"});
    if (resizes && patch.name) errors.push_back({"/name", "is changed on its own, without the bandwidth"});
    if (!resizes && find(body, "max_price"))
        errors.push_back({"/max_price", "goes with a change of the bandwidth"});
    if (patch.bandwidth_mbps && patch.burst_mbps && *patch.burst_mbps < *patch.bandwidth_mbps)
        errors.push_back({"/burst_mbps", "must not be below bandwidth_mbps"});
    if (!errors.empty()) return invalid(std::move(errors));
    return patch;
}

Result<Change> change_of(const Patch& patch, const Bandwidth& current) {
    if (patch.name) return Change(Rename{*patch.name, current.marker});
    const auto whole = [](const std::optional<Mbps>& value) {
        return value && value->kbps % 1000 == 0 ? std::optional(value->kbps / 1000) : std::nullopt;
    };
    const auto bandwidth = patch.bandwidth_mbps ? patch.bandwidth_mbps : whole(current.bandwidth);
    const auto burst = patch.burst_mbps ? patch.burst_mbps : whole(current.burst);
    if (!bandwidth)
        return invalid({{"/bandwidth_mbps", "is required: the provider does not say the present one"}});
    if (patch.burst_mbps && !current.burst && current.billing.model != BillingModel::percentile_95)
        return invalid({{"/burst_mbps", "this bandwidth has no burst limit"}});
    if (burst && *burst < *bandwidth)
        return invalid(
            {{patch.bandwidth_mbps ? "/bandwidth_mbps" : "/burst_mbps",
              fmt::format("the burst limit, {}, would be below the bandwidth, {}", *burst, *bandwidth)}});
    return Change(Resize{*bandwidth, burst});
}

Result<QuoteAsked> read_quote(const Value& body) {
    Errors errors;
    QuoteAsked asked;
    asked.order = read_common(body);
    if (const auto* providers = find(body, "providers"))
        for (const auto& provider : providers->GetArray()) asked.providers.emplace_back(text_of(provider));
    if (find(body, "bandwidth_id")) {
        asked.bandwidth_id = text(body, "bandwidth_id");
        for (const auto& member : body.GetObject())
            if (text_of(member.name) != "bandwidth_id" && text_of(member.name) != "bandwidth_mbps")
                errors.push_back({pointer_to("", text_of(member.name)), "does not go with bandwidth_id"});
    } else {
        for (const auto* name : {"kind", "region_a", "region_b", "billing"})
            if (!find(body, name))
                errors.push_back({pointer_to("", name), "is required for a new bandwidth"});
        if (asked.order.kind != Kind::inter_region)
            errors.push_back({"/kind", "only inter_region has quotes"});
        check_term(asked.order, errors);
    }
    if (!errors.empty()) return invalid(std::move(errors));
    return asked;
}

Result<Order> resolved(Order order, std::string_view provider, const fleet::Crosswalk& crosswalk) {
    Errors errors;
    resolve_ends(order.ends, provider, crosswalk, errors);
    if (!errors.empty()) return invalid(std::move(errors));
    return order;
}

std::optional<Instant> instant_of(std::string_view text) {
    using namespace std::chrono;
    constexpr std::size_t kOffset = 19;  // after 2030-01-01T00:00:00
    const auto digits = [&](std::size_t at, std::size_t size) {
        int value = -1;
        if (at + size <= text.size()) std::from_chars(text.data() + at, text.data() + at + size, value);
        return value;
    };
    if (text.size() <= kOffset) return std::nullopt;
    const year_month_day day{year{digits(0, 4)}, month{static_cast<unsigned>(digits(5, 2))},
                             std::chrono::day{static_cast<unsigned>(digits(8, 2))}};
    const int hour = digits(11, 2);
    const int minute = digits(14, 2);
    const int second = digits(17, 2);
    if (!day.ok() || hour > 23 || minute > 59 || second > 59 || hour < 0 || minute < 0 || second < 0)
        return std::nullopt;
    const Instant local = sys_days{day} + hours{hour} + minutes{minute} + seconds{second};
    if (text.substr(kOffset) == "Z") return local;
    const int offset_hours = digits(kOffset + 1, 2);
    const int offset_minutes = digits(kOffset + 4, 2);
    if (text.size() != kOffset + 6 || offset_hours < 0 || offset_hours > 23 || offset_minutes < 0 ||
        offset_minutes > 59)
        return std::nullopt;
    const auto offset = hours{offset_hours} + minutes{offset_minutes};
    return text[kOffset] == '-' ? local + offset : local - offset;
}

}  // namespace bwgw::api
