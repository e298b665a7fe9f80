#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "providers/sandbox/zenlayer.h"

namespace bwgw::sandbox::zenlayer {

namespace {

constexpr std::string_view kStatuses =
    "CREATING|AVAILABLE|CHANGING|RECYCLING|RECYCLED|DELETING|CREATE_FAILED";
constexpr std::string_view kGroupId = "1400000000000000001";
constexpr std::int64_t kStepSeconds = 300;
constexpr std::int64_t kMostPoints = 2000;

/// A link that is listed though it is gone (gone_after_ms) shows as DELETING.
JsonValue link_json(const Link& link, const Turn& turn) {
    const bool swapped = turn.state.behaviour.swap_regions;
    JsonValue object(rapidjson::kObjectType);
    Fields fields(object, turn.out.allocator());
    fields.set("crossRegionBandwidthId", link.id)
        .set("crossRegionBandwidthName", link.name)
        .set("status", status_word(link.status))
        .set("vpcId", link.vpc)
        .set("regionA", swapped ? link.region_z : link.region_a)
        .set("regionZ", swapped ? link.region_a : link.region_z)
        .set("bandwidth", link.bandwidth);
    if (link.cap) {
        fields.set("bandwidthCap", *link.cap);
    } else {
        fields.null("bandwidthCap");
    }
    fields.set("internetChargeType", link.charge_type)
        .set("createTime", iso_time(link.life.created_ms / 1000))
        .null("expiredTime")
        .set("resourceGroupId", kGroupId)
        .set("resourceGroupName", "Default Resource Group");
    return object;
}

bool touches(const Link& link, const std::string& region) {
    return region.empty() || link.region_a == region || link.region_z == region;
}

bool matches(const Link& link, const Turn& turn) {
    const auto ids = turn.texts("crossRegionBandwidthIds");
    const auto equals = [&](const char* name, std::string_view value) {
        const auto wanted = turn.text(name);
        return wanted.empty() || wanted == value;
    };
    const auto a = turn.text("regionA");
    const auto z = turn.text("regionZ");
    return (ids.empty() || turn.state.behaviour.ignore_id_filter || std::ranges::count(ids, link.id) > 0) &&
           lower_case(link.name).find(lower_case(turn.text("crossRegionBandwidthName"))) !=
               std::string::npos &&
           equals("vpcId", link.vpc) && equals("resourceGroupId", kGroupId) &&
           equals("status", status_word(link.status)) && touches(link, a) && touches(link, z) &&
           (a.empty() || a != z);
}

Verdict describe(Turn& turn) {
    std::vector<const Link*> matching;
    for (const auto& link : turn.state.links) {
        if (link.life.listed(turn.state.behaviour, turn.now.vendor_ms) && matches(link, turn))
            matching.push_back(&link);
    }
    turn.page(std::move(matching), [&](const Link& link) { return link_json(link, turn); });
    return {};
}

Verdict regions(Turn& turn) {
    std::vector<std::string> ids;
    for (const auto& region : turn.state.settings.regions) ids.push_back(region.id);
    turn.out.texts("regionIds", ids);
    return {};
}

void set_price(Turn& turn, std::int64_t bandwidth, double discount) {
    const auto original = static_cast<double>(bandwidth * kPricePerMbps) / 100;
    JsonValue item(rapidjson::kObjectType);
    Fields fields(item, turn.out.allocator());
    fields.set("discount", discount)
        .set("discountPrice", original * discount / 100)
        .set("originalPrice", original);
    for (const auto* const absent : {"unitPrice", "discountUnitPrice", "chargeUnit", "stepPrices"})
        fields.null(absent);
    turn.out.set("crossRegionBandwidthPrice", std::move(item));
}

Verdict price_of_create(Turn& turn) {
    for (const auto* const end : {"regionA", "regionZ"}) {
        const auto region = turn.text(end);
        if (std::ranges::find(turn.state.settings.regions, region, &Region::id) ==
            turn.state.settings.regions.end()) {
            return {"INVALID_REGION_NOT_FOUND", region};
        }
    }
    set_price(turn, turn.integer("bandwidth"), 90.0);
    return {};
}

Verdict price_of_modify(Turn& turn) {
    const auto id = turn.text("crossRegionBandwidthId");
    if (find_alive(turn.state.links, id) == nullptr) return {"INVALID_VPC_BANDWIDTH_NOT_FOUND", id};
    set_price(turn, turn.integer("bandwidth"), 100.0);
    return {};
}

/// Unix seconds of `yyyy-MM-ddTHH:mm:ssZ`.
std::optional<std::int64_t> parse_time(const std::string& text) {
    int year = 0;
    unsigned month = 0, day = 0;
    int hour = 0, minute = 0, second = 0, read = 0;
    const int parts = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ%n", &year, &month, &day, &hour,
                                  &minute, &second, &read);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (parts != 6 || read != 20 || text.size() != 20 || !date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    return std::int64_t{days} * 86'400 + std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second;
}

Verdict monitor(Turn& turn) {
    const auto id = turn.text("crossRegionBandwidthId");
    const auto* const link = find_alive(turn.state.links, id);
    if (link == nullptr) return {"INVALID_VPC_BANDWIDTH_NOT_FOUND", id};
    const auto start = parse_time(turn.text("startTime"));
    const auto end = parse_time(turn.text("endTime"));
    if (!start || !end) return {"INVALID_PARAMETER_DATE_FORMAT_ERROR", start ? "endTime" : "startTime"};
    if (*end < *start || (*end - *start) / kStepSeconds >= kMostPoints)
        return {"INVALID_PARAMETER_VALUE", "endTime"};
    const double in =
        static_cast<double>(link->bandwidth) * (turn.text("metricType") == "BANDWIDTH" ? 400'000.0 : 50.0);
    const double out = in / 2;
    std::vector<std::int64_t> points;
    for (auto at = *start; at <= *end; at += kStepSeconds) points.push_back(at);
    const auto count = static_cast<double>(points.size());
    turn.out.set("inMaxValue", in)
        .set("inAvgValue", in)
        .set("inMinValue", in)
        .set("inTotalValue", in * count);
    turn.out.set("outMaxValue", out)
        .set("outAvgValue", out)
        .set("outMinValue", out)
        .set("outTotalValue", out * count);
    turn.out.list("dataList", points, [&](std::int64_t at) {
        JsonValue point(rapidjson::kObjectType);
        Fields(point, turn.out.allocator()).set("time", iso_time(at)).set("inValue", in).set("outValue", out);
        return point;
    });
    return {};
}

constexpr Parameter kDescribe[] = {
    {"crossRegionBandwidthIds", Type::texts, false, 0, 100},
    {"crossRegionBandwidthName"},
    {"vpcId"},
    {"resourceGroupId"},
    {"regionA"},
    {"regionZ"},
    {"status", Type::text, false, 0, 0, kStatuses},
    {"pageSize", Type::integer, false, 1, kPageMaximum},
    {"pageNum", Type::integer, false, 1, 1'000'000'000},
};
constexpr Parameter kPriceOfCreate[] = {
    {"internetChargeType", Type::text, true, 0, 0, kChargeTypes},
    {"regionA", Type::text, true},
    {"regionZ", Type::text, true},
    {"bandwidth", Type::integer, true, 1, 1'000'000'000},
    {"marketingInfo", Type::object},
};
constexpr Parameter kPriceOfModify[] = {
    {"crossRegionBandwidthId", Type::text, true},
    {"bandwidth", Type::integer, true, 1, 1'000'000'000},
};
constexpr Parameter kMonitor[] = {
    {"crossRegionBandwidthId", Type::text, true},
    {"metricType", Type::text, true, 0, 0, "BANDWIDTH|PACKETS"},
    {"startTime", Type::text, true},
    {"endTime", Type::text, true},
};

constexpr Action kActions[] = {
    {"DescribeCrossRegionBandwidth", kZecPath, kZecVersion, kDescribe, describe},
    {"DescribeCrossRegionBandwidthRegions", kZecPath, kZecVersion, {}, regions},
    {"InquiryPriceCreateCrossRegionBandwidth", kZecPath, kZecVersion, kPriceOfCreate, price_of_create},
    {"InquiryPriceModifyCrossRegionBandwidth", kZecPath, kZecVersion, kPriceOfModify, price_of_modify},
    {"DescribeCrossRegionBandwidthMonitorData", kZecPath, kZecVersion, kMonitor, monitor},
};

}  // namespace

std::span<const Action> link_reading_actions() {
    return kActions;
}

std::string_view status_word(Status status) {
    constexpr std::string_view kWords[] = {"CREATING", "AVAILABLE", "CHANGING",     "RECYCLING",
                                           "RECYCLED", "DELETING",  "CREATE_FAILED"};
    return kWords[static_cast<std::size_t>(status)];
}

}  // namespace bwgw::sandbox::zenlayer
