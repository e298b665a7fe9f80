#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "providers/sandbox/ucloud.h"

namespace bwgw::sandbox::ucloud {

namespace {

std::vector<const Package*> listed_packages(const Turn& turn, std::string_view ugn) {
    const auto& behaviour = turn.state.behaviour;
    std::vector<const Package*> listed;
    for (const auto& package : turn.state.packages) {
        if (package.ugn == ugn && package.life.listed(behaviour, turn.now.vendor_ms) &&
            (!package.free || behaviour.default_packages)) {
            listed.push_back(&package);
        }
    }
    return listed;
}

JsonValue ugn_json(const Network& network, const Turn& turn) {
    JsonValue object(rapidjson::kObjectType);
    Fields(object, turn.out.allocator())
        .set("UGNID", network.id)
        .set("Name", network.name)
        .set("Remark", "")
        .set("CreateTime", turn.state.born_s)
        .set("NetworkCount", network.regions.size())
        .set("BwPackageCount", listed_packages(turn, network.id).size());
    return object;
}

Verdict list_ugn(Turn& turn) {
    std::vector<const Network*> matching;
    for (const auto& network : turn.state.networks) matching.push_back(&network);
    turn.page("UGNs", std::move(matching), [&](const Network& network) { return ugn_json(network, turn); });
    turn.out.set("Offset", turn.integer("Offset")).set("Limit", turn.integer("Limit", 20));
    return {};
}

Verdict describe_simple_ugn(Turn& turn) {
    const auto* const network = turn.network("UGNID");
    if (network == nullptr) return not_found("UGNID");
    auto& allocator = turn.out.allocator();
    turn.out.set("UGN", ugn_json(*network, turn))
        .list("Networks", network->regions,
              [&](const std::string& region) {
                  JsonValue object(rapidjson::kObjectType);
                  Fields(object, allocator)
                      .set("NetworkID", fmt::format("uvnet-{}-{}", network->id, region))
                      .set("Type", "VPC")
                      .set("Region", region)
                      .set("OrgName", turn.state.settings.project);
                  return object;
              })
        .list("BwPackages", listed_packages(turn, network->id),
              [&](const Package* package) { return package_json(*package, turn.state, allocator); })
        .set("Routes", JsonValue(rapidjson::kArrayType))
        .set("Policies", JsonValue(rapidjson::kArrayType));
    return {};
}

Verdict list_regions(Turn& turn) {
    const auto wanted = turn.texts("SelectedRegions");
    std::vector<Region> regions;
    for (const auto& region : turn.state.settings.regions) {
        if (wanted.empty() || wanted.contains(region.id)) regions.push_back(region);
    }
    turn.out.list("RegionList", regions, [&](const Region& region) {
        JsonValue object(rapidjson::kObjectType);
        Fields(object, turn.out.allocator())
            .set("Region", region.id)
            .set("RegionId", region.id)
            .set("IsOverseas", !region.id.starts_with("cn-"))
            .set("IsOnline", true)
            .set("Needs", JsonValue(rapidjson::kArrayType));
        return object;
    });
    return {};
}

Verdict describe_regions(Turn& turn) {
    std::vector<std::string> ids;
    for (const auto& region : turn.state.settings.regions) ids.push_back(region.id);
    turn.out.texts("RegionList", ids);
    return {};
}

Verdict list_projects(Turn& turn) {
    turn.out.list("ProjectSet", std::array{turn.state.settings.project}, [&](const std::string& project) {
        JsonValue object(rapidjson::kObjectType);
        Fields(object, turn.out.allocator())
            .set("ProjectId", project)
            .set("ProjectName", "Default")
            .set("IsDefault", true);
        return object;
    });
    turn.out.set("ProjectCount", 1);
    return {};
}

Verdict balance(Turn& turn) {
    const auto left = turn.state.behaviour.balance - turn.state.spent;
    const auto text =
        fmt::format("{}{}.{:02}", left < 0 ? "-" : "", std::abs(left) / 100, std::abs(left) % 100);
    JsonValue account(rapidjson::kObjectType);
    Fields(account, turn.out.allocator())
        .set("Amount", text)
        .set("AmountAvailable", text)
        .set("AmountCredit", "0.00")
        .set("AmountFree", "0.00")
        .set("AmountFreeze", "0.00");
    turn.out.set("AccountInfo", std::move(account));
    return {};
}

constexpr Parameter kListUgn[] = {
    {"ProjectId", Kind::project, true},
    {"Offset", Kind::integer},
    {"Limit", Kind::integer},
};
constexpr Parameter kSimpleUgn[] = {
    {"ProjectId", Kind::project},
    {"UGNID", Kind::text, true},
};
constexpr Parameter kRegions[] = {
    {"ProjectId", Kind::project},
    {"SelectedRegions", Kind::texts},
};

constexpr Action kActions[] = {
    {"ListUGN", Product::any, "ok", kListUgn, list_ugn},
    {"DescribeSimpleUGN", Product::simple, "ok", kSimpleUgn, describe_simple_ugn},
    {"ListUGNRegions", Product::any, "ok", kRegions, list_regions},
    {"DescribeUGNRegionList", Product::any, "ok", kRegions, describe_regions},
    {"GetProjectList", Product::any, "", {}, list_projects},
    {"GetBalance", Product::any, "", {}, balance},
};

}  // namespace

std::span<const Action> account_actions() {
    return kActions;
}

std::int64_t price(std::int64_t bandwidth, std::string_view charge_type, double quantity) {
    constexpr std::int64_t kMonthPerMbps = 100;
    const auto month = bandwidth * kMonthPerMbps;
    auto period = month / 100;  // by the hour, by volume, after use: a first instalment
    if (charge_type == "Month") period = month;
    if (charge_type == "Year") period = month * 10;
    if (charge_type == "Day" || charge_type == "Trial") period = month / 25;
    constexpr double kMost = 1e17;  // more than any balance
    return static_cast<std::int64_t>(std::min(static_cast<double>(period) * quantity, kMost));
}

}  // namespace bwgw::sandbox::ucloud
