#include <chrono>
#include <cmath>

#include "providers/sandbox/ucloud.h"

namespace bwgw::sandbox::ucloud {

namespace {

constexpr std::string_view kPayModes = "FixedBw|Max5|Traffic";
constexpr std::string_view kChargeTypes = "Month|Year|PostPay|Postpay|Count";
constexpr std::string_view kQos = "Diamond|Platinum|Gold";
constexpr std::string_view kPaths = "Delay|IGP|TCO";
constexpr double kFreeMbps = 0.005;

bool same_pair(const Package& package, std::string_view ugn, std::string_view a, std::string_view b) {
    return package.life.alive() && package.ugn == ugn &&
           ((package.region_a == a && package.region_b == b) ||
            (package.region_a == b && package.region_b == a));
}

/// Which charge types go with which pay mode; for Traffic the documents disagree.
bool sold_together(std::string_view pay_mode, std::string_view charge_type, const Behaviour& behaviour) {
    const bool post = charge_type == "PostPay" || charge_type == "Postpay";
    if (pay_mode == "FixedBw") return charge_type == "Month" || charge_type == "Year";
    if (pay_mode == "Max5") return post;
    return (charge_type == "Count" && behaviour.traffic_charge_type != "PostPay") ||
           (post && behaviour.traffic_charge_type != "Count");
}

/// Prepaid months end with the calendar month in Beijing, as the documented samples do; 0 where nothing ends.
std::int64_t expiry(std::int64_t from_s, std::string_view charge_type, double quantity) {
    if (charge_type != "Month" && charge_type != "Year") return 0;
    using namespace std::chrono;
    constexpr seconds kBeijing = hours{8};
    const auto months_bought =
        static_cast<int>(std::min(std::ceil(quantity), 1200.0)) * (charge_type == "Year" ? 12 : 1);
    const year_month_day today{floor<days>(sys_seconds{seconds{from_s}} + kBeijing)};
    const auto end = sys_days{(today.year() / today.month() + months{months_bought}) / 1};
    return (sys_seconds{end} - kBeijing).time_since_epoch().count();
}

Verdict create(Turn& turn) {
    auto& state = turn.state;
    const auto* const ugn = turn.network("UGNID");
    if (ugn == nullptr) return not_found("UGNID");
    const auto bandwidth = turn.integer("BandWidth");
    Package package{.ugn = ugn->id,
                    .name = turn.text("Name"),
                    .remark = turn.text("Remark"),
                    .pay_mode = turn.text("PayMode"),
                    .charge_type = turn.text("ChargeType"),
                    .region_a = turn.text("RegionA"),
                    .region_b = turn.text("RegionB"),
                    .qos = turn.text("Qos"),
                    .path = turn.text("Path"),
                    .bandwidth = static_cast<double>(bandwidth),
                    .life = {.created_ms = turn.now.vendor_ms}};
    if (bandwidth > state.behaviour.max_bandwidth) return unavailable("BandWidth");
    if (!sold_together(package.pay_mode, package.charge_type, state.behaviour))
        return unavailable("ChargeType");
    if (std::ranges::count(ugn->regions, package.region_a) == 0) return unavailable("RegionA");
    if (std::ranges::count(ugn->regions, package.region_b) == 0 || package.region_a == package.region_b) {
        return unavailable("RegionB");
    }
    const auto holds = [&](const Package& other) {
        return same_pair(other, package.ugn, package.region_a, package.region_b);
    };
    if (std::ranges::any_of(state.packages,
                            [&](const Package& other) { return holds(other) && !other.free; })) {
        return {static_cast<int>(state.behaviour.pair_taken_code), "bandwidth package already exists"};
    }
    const auto paid = turn.charge(price(bandwidth, package.charge_type, turn.number("Quantity")));
    if (paid.code != 0) return paid;
    std::erase_if(state.packages, holds);
    if (package.qos.empty()) package.qos = "Platinum";
    if (package.path.empty()) package.path = "IGP";
    package.id = new_id(state, "bw-", 12);
    package.expires_s = expiry(turn.now.seconds(), package.charge_type, turn.number("Quantity"));
    turn.bought({.product = "simple",
                 .native_id = package.id,
                 .network = package.ugn,
                 .regions = {package.region_a, package.region_b},
                 .name = package.name,
                 .bandwidth = bandwidth});
    state.packages.push_back(std::move(package));
    return {};
}

Verdict list(Turn& turn, std::string_view ugn) {
    const auto& behaviour = turn.state.behaviour;
    const auto ids = behaviour.ignore_id_filter ? std::set<std::string>{} : turn.texts("PackageIds");
    std::vector<const Package*> matching;
    for (const auto& package : turn.state.packages) {
        if ((ugn.empty() || package.ugn == ugn) && package.life.listed(behaviour, turn.now.vendor_ms) &&
            (!package.free || behaviour.default_packages) && (ids.empty() || ids.contains(package.id))) {
            matching.push_back(&package);
        }
    }
    turn.page("BwPackages", std::move(matching), [&](const Package& package) {
        return package_json(package, turn.state, turn.out.allocator());
    });
    turn.out.set("Offset", turn.integer("Offset")).set("Limit", turn.integer("Limit", 20));
    return {};
}

Verdict list_project(Turn& turn) {
    return list(turn, {});
}

Verdict list_ugn(Turn& turn) {
    if (turn.network("UGNID") == nullptr) return not_found("UGNID");
    return list(turn, turn.call.value("UGNID"));
}

/// The bought package that a parameter names within its UGN; the free one is nobody's to change.
Package* named_package(Turn& turn, std::string_view parameter) {
    auto* const package = find_alive(turn.state.packages, turn.call.value(parameter));
    return package != nullptr && !package->free && package->ugn == turn.call.value("UGNID") ? package
                                                                                            : nullptr;
}

Verdict modify(Turn& turn) {
    auto* const package = named_package(turn, "PackageID");
    if (package == nullptr) return not_found("PackageID");
    const auto bandwidth = turn.integer("BandWidth");
    if (bandwidth > turn.state.behaviour.max_bandwidth) return unavailable("BandWidth");
    const auto before = static_cast<std::int64_t>(package->bandwidth);
    const auto more = price(bandwidth, package->charge_type, 1) - price(before, package->charge_type, 1);
    if (const auto paid = turn.charge(more); paid.code != 0) return paid;
    package->bandwidth = static_cast<double>(bandwidth);
    turn.state.ledger.resized(turn.state.settings.name, package->id, bandwidth);
    turn.executed = true;
    return {};
}

Verdict remove(Turn& turn) {
    auto* const package = named_package(turn, "BwPackageID");
    if (package == nullptr) return not_found("BwPackageID");
    package->life.deleted_ms = turn.now.vendor_ms;
    turn.state.ledger.released(turn.state.settings.name, package->id, turn.now.vendor_ms);
    turn.executed = true;
    add_free_packages(turn.state, *turn.network("UGNID"), turn.now.vendor_ms);
    return {};
}

Verdict quote(Turn& turn) {
    const auto charge_type = turn.text("ChargeType");
    if (!sold_together(turn.call.value("PayMode"), charge_type, turn.state.behaviour))
        return unavailable("ChargeType");
    if (turn.call.value("RegionA") == turn.call.value("RegionB")) return unavailable("RegionB");
    const auto bandwidth = turn.integer("BandWidth", 1);
    if (bandwidth > turn.state.behaviour.max_bandwidth) return unavailable("BandWidth");
    const auto original = price(bandwidth, charge_type, 1);
    const auto custom = original * 9 / 10;
    turn.out.set("OriginalPrice", original).set("CustomPrice", custom).set("TotalPrice", custom);
    return {};
}

constexpr Parameter kCreate[] = {
    {"ProjectId", Kind::project, true},
    {"UGNID", Kind::text, true},
    {"RegionA", Kind::region, true},
    {"RegionB", Kind::region, true},
    {"BandWidth", Kind::integer, true, 1},
    {"PayMode", Kind::text, true, 0, kPayModes},
    {"ChargeType", Kind::text, true, 0, kChargeTypes},
    {"Quantity", Kind::number, true, 0},
    {"Name"},
    {"Remark"},
    {"Qos", Kind::text, false, 0, kQos},
    {"Path", Kind::text, false, 0, kPaths},
    {"CouponId"},
};
constexpr Parameter kListProject[] = {
    {"ProjectId", Kind::project, true},
    {"Offset", Kind::integer},
    {"Limit", Kind::integer},
};
constexpr Parameter kListUgn[] = {
    {"ProjectId", Kind::project, true}, {"UGNID", Kind::text, true}, {"Offset", Kind::integer},
    {"Limit", Kind::integer},           {"PackageIds", Kind::texts},
};
constexpr Parameter kModify[] = {
    {"ProjectId", Kind::project},
    {"PackageID", Kind::text, true},
    {"UGNID", Kind::text, true},
    {"BandWidth", Kind::integer, true, 1},
};
constexpr Parameter kDelete[] = {
    {"ProjectId", Kind::project},
    {"BwPackageID", Kind::text, true},
    {"UGNID", Kind::text, true},
};
constexpr Parameter kQuote[] = {
    {"ProjectId", Kind::project, true},
    {"RegionA", Kind::region, true},
    {"RegionB", Kind::region, true},
    {"PayMode", Kind::text, true, 0, kPayModes},
    {"ChargeType", Kind::text, true, 0, kChargeTypes},
    {"Qos", Kind::text, true, 0, kQos},
    {"Path", Kind::text, true, 0, kPaths},
    {"BandWidth", Kind::integer, false, 1},
};

constexpr Action kActions[] = {
    {"CreateSimpleUGNBwPackage", Product::simple, "ok", kCreate, create},
    {"ListSimpleBwPackage", Product::simple, "ok", kListProject, list_project},
    {"GetSimpleUGNBwPackages", Product::simple, "ok", kListUgn, list_ugn},
    {"ModifyUGNBandwidth", Product::simple, "ok", kModify, modify},
    {"DeleteUGNBwPackage", Product::simple, "ok", kDelete, remove},
    {"GetSimpleBuyBwPrice", Product::simple, "", kQuote, quote},
};

}  // namespace

std::span<const Action> simple_actions() {
    return kActions;
}

void add_free_packages(State& state, const Network& network, std::int64_t now_ms) {
    if (std::ranges::count(state.settings.products, "simple") == 0) return;
    for (std::size_t a = 0; a < network.regions.size(); ++a) {
        for (std::size_t b = a + 1; b < network.regions.size(); ++b) {
            const auto holds = [&](const Package& package) {
                return same_pair(package, network.id, network.regions[a], network.regions[b]);
            };
            if (std::ranges::any_of(state.packages, holds)) continue;
            state.packages.push_back({.id = new_id(state, "bw-", 12),
                                      .ugn = network.id,
                                      .pay_mode = "Free",
                                      .region_a = network.regions[a],
                                      .region_b = network.regions[b],
                                      .qos = "Platinum",
                                      .path = "IGP",
                                      .bandwidth = kFreeMbps,
                                      .free = true,
                                      .life = {.created_ms = now_ms, .bought = false}});
        }
    }
}

JsonValue package_json(const Package& package, const State& state, Json::AllocatorType& allocator) {
    const bool swapped = state.behaviour.swap_regions;
    JsonValue object(rapidjson::kObjectType);
    Fields fields(object, allocator);
    fields.set("PackageID", package.id)
        .set("UGNID", package.ugn)
        .set("PayMode", package.pay_mode)
        .set("RegionA", swapped ? package.region_b : package.region_a)
        .set("RegionB", swapped ? package.region_a : package.region_b);
    if (package.free) {
        fields.set("BandWidth", package.bandwidth);
    } else {
        fields.set("BandWidth", static_cast<std::int64_t>(package.bandwidth));
    }
    fields.set("Qos", package.qos)
        .set("Path", package.path)
        .set("CreateTime", package.life.created_ms / 1000)
        .set("ExpireTime", package.expires_s)
        .set("Name", package.name)
        .set("Remark", package.remark);
    return object;
}

}  // namespace bwgw::sandbox::ucloud
