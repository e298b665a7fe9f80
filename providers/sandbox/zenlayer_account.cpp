#include <fmt/format.h>

#include <algorithm>

#include "providers/sandbox/zenlayer.h"

namespace bwgw::sandbox::zenlayer {

namespace {

struct City {
    std::string_view code, name, country_code, country_name, time_zone;
};
constexpr City kCities[] = {
    {"hkg", "Hong Kong", "HK", "Hong Kong", "UTC+8"},
    {"sin", "Singapore", "SG", "Singapore", "UTC+8"},
    {"fra", "Frankfurt", "DE", "Germany", "UTC+1"},
    {"lax", "Los Angeles", "US", "United States", "UTC-8"},
};

template <class Text>
bool wanted(const std::vector<std::string>& list, const Text& value) {
    return list.empty() || std::ranges::count(list, value) > 0;
}

JsonValue group_json(Json::AllocatorType& allocator) {
    JsonValue object(rapidjson::kObjectType);
    Fields(object, allocator)
        .set("resourceGroupId", "1400000000000000001")
        .set("resourceGroupName", "Default Resource Group");
    return object;
}

JsonValue vpc_json(const Network& vpc, const Turn& turn) {
    auto& allocator = turn.out.allocator();
    JsonValue tags(rapidjson::kObjectType);
    Fields(tags, allocator).set("tags", JsonValue(rapidjson::kArrayType));
    JsonValue object(rapidjson::kObjectType);
    Fields(object, allocator)
        .set("vpcId", vpc.id)
        .set("name", vpc.name)
        .set("cidrBlock", "10.0.0.0/8")
        .null("ipv6CidrBlock")
        .set("mtu", 1300)
        .set("isDefault", false)
        .set("createTime", iso_time(turn.state.born_s))
        .set("usageIpv4Count", 0)
        .set("usageIpv6Count", 0)
        .set("securityGroupId", "1500000000000000001")
        .set("dnsZoneIds", JsonValue(rapidjson::kArrayType))
        .set("resourceGroup", group_json(allocator))
        .set("tags", std::move(tags));
    return object;
}

bool holds(const std::string& text, const std::string& part) {
    return lower_case(text).find(lower_case(part)) != std::string::npos;
}

Verdict vpcs(Turn& turn) {
    const auto ids = turn.texts("vpcIds");
    std::vector<const Network*> matching;
    for (const auto& vpc : turn.state.vpcs) {
        if (wanted(ids, vpc.id) && holds(vpc.name, turn.text("name"))) matching.push_back(&vpc);
    }
    turn.page(std::move(matching), [&](const Network& vpc) { return vpc_json(vpc, turn); });
    return {};
}

struct Subnet {
    std::string id;
    const Network* vpc;
    std::string region;
};

/// One subnet in each region of a VPC.
Verdict subnets(Turn& turn) {
    const auto ids = turn.texts("subnetIds");
    const auto vpc_ids = turn.texts("vpcIds");
    std::vector<Subnet> all;
    for (const auto& vpc : turn.state.vpcs) {
        for (const auto& region : vpc.regions) {
            Subnet subnet{.id = fmt::format("16{}{:02}", vpc.id, all.size()), .vpc = &vpc, .region = region};
            const auto in = turn.text("regionId");
            if (wanted(vpc_ids, vpc.id) && wanted(ids, subnet.id) && (in.empty() || in == region)) {
                all.push_back(std::move(subnet));
            }
        }
    }
    std::vector<const Subnet*> matching;
    for (const auto& subnet : all) matching.push_back(&subnet);
    turn.page(std::move(matching), [&](const Subnet& subnet) {
        JsonValue object(rapidjson::kObjectType);
        Fields(object, turn.out.allocator())
            .set("subnetId", subnet.id)
            .set("regionId", subnet.region)
            .set("name", fmt::format("{}-{}", subnet.vpc->name, subnet.region))
            .set("cidrBlock", "10.1.0.0/16")
            .set("vpcId", subnet.vpc->id)
            .set("vpcName", subnet.vpc->name)
            .set("createTime", iso_time(turn.state.born_s));
        return object;
    });
    return {};
}

std::vector<Region> wanted_regions(const Turn& turn, const char* parameter, std::string_view suffix) {
    const auto ids = turn.texts(parameter);
    std::vector<Region> regions;
    for (const auto& region : turn.state.settings.regions) {
        if (wanted(ids, fmt::format("{}{}", region.id, suffix))) regions.push_back(region);
    }
    return regions;
}

City city_of(const Region& region) {
    const auto* const known = std::ranges::find(kCities, region.city, &City::code);
    return known == std::end(kCities) ? City{region.city, region.city, "ZZ", "unknown", "UTC"} : *known;
}

Verdict subnet_regions(Turn& turn) {
    turn.out.list("regionSet", wanted_regions(turn, "regionIds", ""), [&](const Region& region) {
        JsonValue object(rapidjson::kObjectType);
        Fields(object, turn.out.allocator())
            .set("regionId", region.id)
            .set("regionName", city_of(region).name)
            .set("regionTitle", city_of(region).name)
            .set("enablePubIpv6", true);
        return object;
    });
    return {};
}

/// One zone, `<region>a`, in each region.
Verdict zones(Turn& turn) {
    turn.out.list("zoneSet", wanted_regions(turn, "zoneIds", "a"), [&](const Region& region) {
        const auto city = city_of(region);
        JsonValue object(rapidjson::kObjectType);
        Fields(object, turn.out.allocator())
            .set("zoneId", fmt::format("{}a", region.id))
            .set("regionId", region.id)
            .set("zoneName", fmt::format("{} A", city.name))
            .set("timeZone", city.time_zone)
            .set("cityName", city.name)
            .set("cityCode", region.city)
            .set("countryCode", city.country_code)
            .set("countryName", city.country_name)
            .set("supportSecurityGroup", true)
            .set("supportHaVip", false);
        return object;
    });
    return {};
}

Verdict balance(Turn& turn) {
    const auto left = static_cast<double>(turn.state.behaviour.balance - turn.state.spent) / 100;
    turn.out.set("accountUid", "1700000000000000001")
        .set("cashBalance", left)
        .set("creditValue", 0.0)
        .set("purchasingPower", left)
        .set("orderFrozenAmount", static_cast<double>(turn.state.spent) / 100);
    return {};
}

constexpr Parameter kVpcs[] = {
    {"vpcIds", Type::texts, false, 0, 100},
    {"name"},
    {"pageSize", Type::integer, false, 1, kPageMaximum},
    {"pageNum", Type::integer, false, 1, 1'000'000'000},
};
constexpr Parameter kSubnets[] = {
    {"subnetIds", Type::texts, false, 0, 100},
    {"vpcIds", Type::texts, false, 0, 100},
    {"regionId"},
    {"pageSize", Type::integer, false, 1, kPageMaximum},
    {"pageNum", Type::integer, false, 1, 1'000'000'000},
};
constexpr Parameter kRegions[] = {{"regionIds", Type::texts}};
constexpr Parameter kZones[] = {{"zoneIds", Type::texts}};

constexpr Action kActions[] = {
    {"DescribeVpcs", kZecPath, kZecVersion, kVpcs, vpcs},
    {"DescribeSubnets", kZecPath, kZecVersion, kSubnets, subnets},
    {"DescribeSubnetRegions", kZecPath, kZecVersion, kRegions, subnet_regions},
    {"DescribeZones", kZecPath, kZecVersion, kZones, zones},
    {"DescribeCustomerBalance", "/api/v2/zbc", "2024-08-08", {}, balance},
};

}  // namespace

std::span<const Action> account_actions() {
    return kActions;
}

}  // namespace bwgw::sandbox::zenlayer
