#include "providers/zenlayer/mapping.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <initializer_list>

#include "providers/translation/fields.h"
#include "providers/zenlayer/vocabulary.h"

namespace bwgw::zenlayer {
namespace {

using rapidjson::Value;
using translation::Fields;
using translation::Keys;

constexpr std::initializer_list<std::string_view> kKnown = {"crossRegionBandwidthId",
                                                            "crossRegionBandwidthName",
                                                            "vpcId",
                                                            "status",
                                                            "regionA",
                                                            "regionZ",
                                                            "bandwidth",
                                                            "bandwidthCap",
                                                            "createTime",
                                                            "expiredTime",
                                                            "internetChargeType"};
constexpr std::initializer_list<std::string_view> kKnownWithoutModel = {"crossRegionBandwidthId",
                                                                        "crossRegionBandwidthName",
                                                                        "vpcId",
                                                                        "status",
                                                                        "regionA",
                                                                        "regionZ",
                                                                        "bandwidth",
                                                                        "bandwidthCap",
                                                                        "createTime",
                                                                        "expiredTime"};

State state_of(const std::optional<std::string>& status, const Settings& settings) {
    if (!status) return State::unknown;
    for (const auto& [theirs, ours] : settings.states)
        if (theirs == *status) return ours;
    return translation::ours(kStates, *status).value_or(State::unknown);
}

Result<Bandwidth> bandwidth_of(const Value& object, std::string where, const Settings& settings) {
    Fields row(object, Keys::exact, std::move(where));
    Bandwidth bandwidth;
    bandwidth.ref = {std::string(kProduct), row.text("vpcId"), row.text("crossRegionBandwidthId")};
    bandwidth.network_id = bandwidth.ref.scope;
    bandwidth.ends = Ends{row.text("regionA"), row.text("regionZ")};
    auto named = TaggedName::parse(row.text_if("crossRegionBandwidthName").value_or(""));
    if (!named.name.empty()) bandwidth.name = std::move(named.name);
    bandwidth.marker = std::move(named.marker);
    bandwidth.bandwidth = row.mbps_if("bandwidth");
    bandwidth.burst = row.mbps_if("bandwidthCap");
    const auto model = translation::ours(kBillingModels, row.text_if("internetChargeType").value_or(""));
    bandwidth.billing.model = model.value_or(BillingModel::unspecified);
    bandwidth.provider_state = row.text_if("status");
    bandwidth.state = state_of(bandwidth.provider_state, settings);
    bandwidth.created_at = row.iso_if("createTime");
    bandwidth.expires_at = row.iso_if("expiredTime");
    bandwidth.provider_details =
        translation::details_besides(object, model ? kKnown : kKnownWithoutModel, Keys::exact);
    if (auto wrong = row.wrong()) return *std::move(wrong);
    return bandwidth;
}

bool admits(const Query& query, const Settings& settings, const ResourceRef& ref) {
    if (query.scope && *query.scope != ref.scope) return false;
    if (!query.native_ids.empty() &&
        std::find(query.native_ids.begin(), query.native_ids.end(), ref.native_id) == query.native_ids.end())
        return false;
    return settings.serves(ref.scope);
}

Failure broken(const Failure& wrong, const Answer& answer, Effect effect, const Settings& settings) {
    return broken_reply(settings, effect, wrong.detail, answer.request_id);
}

Failure unpriced(const Settings& settings, std::string why) {
    Failure failure{.slug = Slug::price_unavailable, .detail = std::move(why)};
    failure.provider = settings.name;
    return failure;
}

struct Amounts {
    std::optional<Decimal> price;
    std::optional<Decimal> original;
    bool tiered = false;
};

// The unit prices that hold for `mbps`: of the first tier, or of the item itself. Whether later tiers count
// from the first Mbit/s or only their own is not published, nor whether a tier's end is its own: they give
// none.
Amounts unit_prices(Fields& item, std::int64_t mbps) {
    const auto* tiers = item.array_if("stepPrices");
    if (!tiers || tiers->Empty()) return {item.decimal_if("discountUnitPrice"), item.decimal_if("unitPrice")};
    Fields first((*tiers)[0], Keys::exact, "stepPrices[0]");
    const auto end = first.mbps_if("stepEnd");
    const Amounts amounts{first.decimal_if("discountUnitPrice"), first.decimal_if("unitPrice"), true};
    if (first.wrong() || (end && *end <= Mbps::of(mbps))) return {.tiered = true};
    return amounts;
}

std::optional<Decimal> times(std::optional<Decimal> amount, Decimal factor) {
    return amount ? amount->times(factor) : std::nullopt;
}

// A unit price times what is priced; `per_mbps` as the vendor's amountUnit or else the settings say.
Result<Price> from_unit_price(Fields& item, Amounts unit, std::int64_t mbps, const Settings& settings) {
    const auto charge_unit = item.text_if("chargeUnit").value_or("");
    const auto per = translation::ours(kChargeUnits, charge_unit);
    if (!per) return unpriced(settings, fmt::format("priced per '{}', which is no unit here", charge_unit));
    const auto amount_unit = item.text_if("amountUnit");
    if (amount_unit && *amount_unit != "Mbps")
        return unpriced(settings, fmt::format("priced per '{}', which is no unit here", *amount_unit));
    if (!amount_unit && !settings.price->unit_price)
        return unpriced(settings, "a unit price without its amount: the setting price.unit_price is absent");
    const bool per_mbps = amount_unit || settings.price->unit_price == PriceTerms::UnitPrice::per_mbps;
    const auto factor = Decimal::from_units((per_mbps ? mbps : 1) * 1'000'000).times(settings.price->unit);
    const auto amount = factor ? times(unit.price, *factor) : std::nullopt;
    if (!amount) return unpriced(settings, "the unit price times the bandwidth is no exact amount");
    return Price{{*amount, settings.price->currency}, times(unit.original, *factor), per};
}

// One value of a text member over all zones of a region, or nothing where they differ.
class Agreed {
public:
    void add(const std::optional<std::string>& value) {
        if (!value) return;
        if (!value_) value_ = value;
        if (value_ != value) differ_ = true;
    }
    std::optional<std::string> value() const { return differ_ ? std::nullopt : value_; }

private:
    std::optional<std::string> value_;
    bool differ_ = false;
};

std::optional<std::string> metro_of(std::optional<std::string> city_code) {
    if (!city_code || city_code->size() != 3) return std::nullopt;
    for (char& c : *city_code) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c < 'a' || c > 'z') return std::nullopt;
    }
    return city_code;
}

void add_cities(Region& region, const Value& zones) {
    Agreed metro;
    Agreed name;
    for (const auto& value : zones.GetArray()) {
        Fields zone(value, Keys::exact, "zoneSet[]");
        if (zone.text_if("regionId") != region.code) continue;
        metro.add(metro_of(zone.text_if("cityCode")));
        name.add(zone.text_if("cityName"));
    }
    region.metro = metro.value();
    region.name = name.value();
}

}  // namespace

Result<translation::Page> page_of(const Answer& answer, const Query& query, const Settings& settings) {
    Fields response(answer.response(), Keys::exact, "response");
    translation::Page page;
    page.total = response.integer("totalCount");
    const auto* rows = response.array_if("dataSet");
    if (auto wrong = response.wrong()) return broken(*wrong, answer, Effect::read, settings);
    if (!rows) return page;
    page.rows.reserve(rows->Size());
    page.ids.reserve(rows->Size());
    for (rapidjson::SizeType i = 0; i < rows->Size(); ++i) {
        const auto where = "dataSet[" + std::to_string(i) + "]";
        page.ids.push_back(
            Fields((*rows)[i], Keys::exact, where).text_if("crossRegionBandwidthId").value_or(""));
        auto row = bandwidth_of((*rows)[i], where, settings);
        if (!row) {
            if (!page.problem) page.problem = broken(row.failure(), answer, Effect::read, settings);
        } else if (admits(query, settings, row->ref)) {
            page.rows.push_back(std::move(*row));
        }
    }
    return page;
}

Result<Receipt> receipt_of(const Answer& answer, const Settings& settings) {
    Fields response(answer.response(), Keys::exact, "response");
    Receipt receipt;
    receipt.native_id = response.text("crossRegionBandwidthId");
    if (auto wrong = response.wrong()) return broken(*wrong, answer, Effect::purchase, settings);
    receipt.order_number = response.text_if("orderNumber").value_or("");
    receipt.request_id = answer.request_id;
    return receipt;
}

Result<Price> price_of(const Answer& answer, std::int64_t mbps, const Settings& settings) {
    Fields response(answer.response(), Keys::exact, "response");
    const auto* object = response.object_if("crossRegionBandwidthPrice");
    if (auto wrong = response.wrong()) return broken(*wrong, answer, Effect::read, settings);
    if (!object) return unpriced(settings, "the vendor gives no price");
    Fields item(*object, Keys::exact, "crossRegionBandwidthPrice");
    const auto unit = unit_prices(item, mbps);
    const Amounts total{item.decimal_if("discountPrice"), item.decimal_if("originalPrice")};
    if (auto wrong = item.wrong()) return broken(*wrong, answer, Effect::read, settings);
    if (unit.price) return from_unit_price(item, unit, mbps, settings);
    if (unit.tiered) return unpriced(settings, "priced in tiers whose sum is not published");
    if (!total.price) return unpriced(settings, "the vendor gives no amount");
    const auto amount = total.price->times(settings.price->unit);
    if (!amount) return unpriced(settings, "the amount in the settings' unit is not exact");
    return Price{{*amount, settings.price->currency},
                 times(total.original, settings.price->unit),
                 settings.price->per};
}

Result<std::vector<Region>> regions_of(const Answer& regions, const Answer* zones, const Settings& settings) {
    Fields response(regions.response(), Keys::exact, "response");
    const auto* codes = response.array_if("regionIds");
    if (auto wrong = response.wrong()) return broken(*wrong, regions, Effect::read, settings);
    if (!codes)
        return broken_reply(settings, Effect::read, "response.regionIds is missing", regions.request_id);
    const Value* zone_set = nullptr;
    if (zones) {
        Fields zone_response(zones->response(), Keys::exact, "response");
        zone_set = zone_response.array_if("zoneSet");
        if (auto wrong = zone_response.wrong()) return broken(*wrong, *zones, Effect::read, settings);
    }
    std::vector<Region> result;
    for (const auto& code : codes->GetArray()) {
        const auto text = translation::text_of(code);
        if (!text || text->empty())
            return broken_reply(settings, Effect::read, "response.regionIds holds no text",
                                regions.request_id);
        Region region{.code = std::string(*text)};
        if (zone_set) add_cities(region, *zone_set);
        for (const auto& [configured, metro] : settings.metros)
            if (configured == region.code) region.metro = metro;
        result.push_back(std::move(region));
    }
    return result;
}

}  // namespace bwgw::zenlayer
