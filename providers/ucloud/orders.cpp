#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "providers/translation/fields.h"
#include "providers/ucloud/mapping.h"

namespace bwgw::ucloud {
namespace {

Failure refused(std::string pointer, std::string detail) {
    Failure failure{Slug::invalid_request, detail};
    failure.errors = {{std::move(pointer), std::move(detail)}};
    return failure;
}

bool lists(const std::vector<std::string>& configured, const std::string& asked) {
    return configured.empty() || std::find(configured.begin(), configured.end(), asked) != configured.end();
}

struct Charged {
    Charge charge;
    int quantity;
};

// How an order is paid: its term if it has one, else afterwards.
Result<Charged> charged_by_term(const Billing& billing) {
    if (!billing.term) {
        if (billing.payment == Payment::postpaid) return Charged{Charge::postpaid, 1};
        return refused("/billing/term", "is required unless billing.payment is postpaid");
    }
    if (billing.payment == Payment::postpaid) return refused("/billing/term", "is for prepaid orders");
    switch (billing.term->unit) {
        case TermUnit::hour:
            return Charged{Charge::hour, billing.term->count};
        case TermUnit::month:
            return Charged{Charge::month, billing.term->count};
        case TermUnit::year:
            return Charged{Charge::year, billing.term->count};
    }
    return refused("/billing/term/unit", "is unknown");
}

// The simple product pairs each billing model with its own charge types.
Result<Charged> charged_by_model(const Billing& billing) {
    if (billing.model == BillingModel::fixed) {
        if (!billing.term) return refused("/billing/term", "is required with the fixed model");
        return charged_by_term(billing);
    }
    if (billing.term)
        return refused("/billing/term", fmt::format("{} is sold without a term", word(billing.model)));
    if (billing.model == BillingModel::traffic) return Charged{Charge::traffic, 1};
    if (billing.payment == Payment::prepaid)
        return refused("/billing/payment", fmt::format("{} is sold postpaid", word(billing.model)));
    return Charged{Charge::postpaid, 1};
}

std::optional<Failure> refusal_of(const Order& order) {
    if (order.burst_mbps) return refused("/burst_mbps", "this provider sells no burst");
    if (order.promotion && order.promotion->use_voucher)
        return refused("/promotion/use_voucher", "this provider takes a promotion code only");
    return std::nullopt;
}

// What both inter-region products say alike of how the order is paid.
Result<Parameters> payment(const Order& order, const Words& words, Charged charged) {
    const auto pay_mode = words.pay_modes.find(order.billing.model);
    if (pay_mode == words.pay_modes.end())
        return refused("/billing/model", fmt::format("{} is not sold", word(order.billing.model)));
    const auto charge_type = words.charge_types.find(charged.charge);
    if (charge_type == words.charge_types.end())
        return refused("/billing/term/unit", "this unit is not sold");
    return Parameters{{"PayMode", pay_mode->second},
                      {"ChargeType", charge_type->second},
                      {"Quantity", std::to_string(charged.quantity)}};
}

Result<Parameters> simple_terms(const Order& order, const Settings& settings) {
    if (auto refusal = refusal_of(order)) return *std::move(refusal);
    if (order.billing.model == BillingModel::percentile_95)
        return refused("/billing/model", "percentile_95 is seen in replies but not sold");
    auto charged = charged_by_model(order.billing);
    if (!charged) return std::move(charged).failure();
    auto parameters = payment(order, settings.words, *charged);
    if (!parameters) return parameters;
    (*parameters)["RegionA"] = order.ends.a;
    (*parameters)["RegionB"] = order.ends.b;
    (*parameters)["BandWidth"] = std::to_string(order.bandwidth_mbps);
    (*parameters)["Qos"] = *translation::theirs(kTiers, order.service_tier.value_or(settings.service_tier));
    (*parameters)["Path"] = *translation::theirs(kPaths, order.path_policy.value_or(settings.path_policy));
    return parameters;
}

std::string coupon(const Order& order) {
    return order.promotion ? order.promotion->code : "";
}

std::optional<Per> price_per(const Order& order, const PriceUnit& unit) {
    if (!order.billing.term) return unit.per;
    return order.billing.term->unit == TermUnit::year ? Per::year : Per::month;
}

}  // namespace

Result<Parameters> legacy_order(const Order& order, const Settings& settings) {
    if (auto refusal = refusal_of(order)) return *std::move(refusal);
    if (!lists(settings.networks, order.network_id))
        return refused("/network_id", "is not one of the networks that the settings show of this provider");
    auto charged = charged_by_term(order.billing);
    if (!charged) return std::move(charged).failure();
    auto parameters = payment(order, settings.words, *charged);
    if (!parameters) return parameters;
    (*parameters)["UGNId"] = order.network_id;
    (*parameters)["Bandwidth"] = std::to_string(order.bandwidth_mbps);
    (*parameters)["Region0"] = order.ends.a;
    (*parameters)["Region1"] = order.ends.b;
    (*parameters)["CouponId"] = coupon(order);
    return parameters;
}

Result<Parameters> simple_order(const Order& order, const Settings& settings) {
    if (!lists(settings.networks, order.network_id))
        return refused("/network_id", "is not one of the networks that the settings show of this provider");
    auto parameters = simple_terms(order, settings);
    if (!parameters) return parameters;
    (*parameters)["UGNID"] = order.network_id;
    (*parameters)["Name"] = TaggedName{order.name, order.marker}.text();
    (*parameters)["CouponId"] = coupon(order);
    return parameters;
}

Result<Parameters> simple_price_question(const Order& order, const Settings& settings) {
    auto parameters = simple_terms(order, settings);
    if (parameters) parameters->erase("Quantity");  // the price is that of one period
    return parameters;
}

Result<Parameters> eip_order(const Order& order, const Settings& settings) {
    if (auto refusal = refusal_of(order)) return *std::move(refusal);
    if (!lists(settings.eip_regions, order.region))
        return refused("/region", "is not one of the eip_regions of this provider's settings");
    if (order.billing.model != BillingModel::fixed)
        return refused("/billing/model", "a boost is sold as fixed");
    if (!order.billing.term || order.billing.term->unit != TermUnit::hour)
        return refused("/billing/term", "a boost is sold by the hour");
    Parameters parameters{{"Region", order.region},
                          {"EIPId", order.eip_id},
                          {"Bandwidth", std::to_string(order.bandwidth_mbps)},
                          {"CouponId", coupon(order)}};
    const std::int64_t seconds = std::int64_t{order.billing.term->count} * 3600;
    parameters["TimeRange"] = std::to_string(seconds / settings.seconds_per_time_range);
    if (order.starts_at)
        parameters["EnableTime"] = std::to_string(order.starts_at->time_since_epoch().count());
    return parameters;
}

Result<Price> simple_price(const rapidjson::Value& reply, const Order& order, const Settings& settings) {
    const auto& unit = settings.price;
    if (!unit)
        return Failure{Slug::price_unavailable,
                       "the vendor states neither currency nor unit: set price in the settings"};
    translation::Fields fields(reply, translation::Keys::any_case, "GetSimpleBuyBwPriceResponse");
    const auto total = fields.decimal_if("TotalPrice");
    const auto original = fields.decimal_if("OriginalPrice");
    if (auto wrong = fields.wrong()) return *std::move(wrong);
    const auto amount = total ? total->times(unit->unit) : std::nullopt;
    if (!amount)
        return Failure{Slug::provider_contract_violation, "TotalPrice is missing, or too large or too fine"};
    Price price{{*amount, unit->currency}, std::nullopt, price_per(order, *unit)};
    if (original) price.original_amount = original->times(unit->unit);
    return price;
}

}  // namespace bwgw::ucloud
