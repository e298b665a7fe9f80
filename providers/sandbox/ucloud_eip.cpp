#include "providers/sandbox/ucloud.h"

namespace bwgw::sandbox::ucloud {

namespace {

constexpr std::int64_t kMinimumMbps = 2;
constexpr std::int64_t kPricePerMbps = 20;
constexpr std::int64_t kLongestWindow = 31'536'000;

const Eip* find_eip(const State& state, std::string_view id, std::string_view region) {
    const auto found = std::ranges::find(state.settings.eips, id, &Eip::id);
    return found == state.settings.eips.end() || found->region != region ? nullptr : &*found;
}

Verdict create(Turn& turn) {
    const auto& behaviour = turn.state.behaviour;
    const auto* const eip = find_eip(turn.state, turn.call.value("EIPId"), turn.call.value("Region"));
    if (eip == nullptr) return {4210, "EIP not found"};
    if (!eip->bound) return {4211, "EIP not bound"};
    Boost boost{.region = eip->region,
                .eip = eip->id,
                .bandwidth = turn.integer("Bandwidth"),
                .enable_s = turn.integer("EnableTime", turn.now.seconds()),
                .life = {.created_ms = turn.now.vendor_ms}};
    if (boost.bandwidth > behaviour.eip_max_bandwidth) return {4217, "bandwidth above limit"};
    if (boost.bandwidth < kMinimumMbps) return {4227, "bandwidth below limit"};
    if (boost.enable_s < turn.now.seconds()) return {4463, "EnableTime has passed"};
    const auto range = turn.integer("TimeRange");
    if (range > kLongestWindow) return unavailable("TimeRange");
    if (boost.enable_s > turn.now.seconds() + kLongestWindow) return unavailable("EnableTime");
    if (const auto paid = turn.charge(boost.bandwidth * kPricePerMbps); paid.code != 0) return paid;
    boost.disable_s = boost.enable_s + range * (behaviour.time_range_unit == "hours" ? 3600 : 1);
    boost.id = new_id(turn.state, "bwpack-", 8);
    turn.bought({.product = "eip",
                 .native_id = boost.id,
                 .network = boost.eip,
                 .regions = {boost.region},
                 .bandwidth = boost.bandwidth});
    turn.out.set("BandwidthPackageId", boost.id);
    turn.state.boosts.push_back(std::move(boost));
    return {};
}

JsonValue boost_json(const Boost& boost, const Turn& turn) {
    auto& allocator = turn.out.allocator();
    JsonValue object(rapidjson::kObjectType);
    Fields fields(object, allocator);
    fields.set("BandwidthPackageId", boost.id)
        .set("EIPId", boost.eip)
        .set("Bandwidth", boost.bandwidth)
        .set("CreateTime", boost.life.created_ms / 1000)
        .set("EnableTime", boost.enable_s)
        .set("DisableTime", boost.disable_s);
    std::vector<Eip> addresses;
    if (const auto* const eip = find_eip(turn.state, boost.eip, boost.region)) addresses.push_back(*eip);
    fields.list("EIPAddr", addresses, [&](const Eip& eip) {
        JsonValue address(rapidjson::kObjectType);
        Fields(address, allocator).set("IP", eip.ip).set("OperatorName", "BGP");
        return address;
    });
    return object;
}

Verdict describe(Turn& turn) {
    std::vector<const Boost*> matching;
    for (const auto& boost : turn.state.boosts) {
        if (boost.region == turn.call.value("Region") &&
            boost.life.listed(turn.state.behaviour, turn.now.vendor_ms)) {
            matching.push_back(&boost);
        }
    }
    turn.page("DataSets", std::move(matching), [&](const Boost& boost) { return boost_json(boost, turn); });
    return {};
}

Verdict remove(Turn& turn) {
    auto* const boost = find_alive(turn.state.boosts, turn.call.value("BandwidthPackageId"));
    if (boost == nullptr || boost->region != turn.call.value("Region"))
        return not_found("BandwidthPackageId");
    boost->life.deleted_ms = turn.now.vendor_ms;
    turn.state.ledger.released(turn.state.settings.name, boost->id, turn.now.vendor_ms);
    turn.executed = true;
    return {};
}

constexpr Parameter kCreate[] = {
    {"Region", Kind::region, true},        {"Bandwidth", Kind::integer, true, 0}, {"EIPId", Kind::text, true},
    {"TimeRange", Kind::integer, true, 1}, {"EnableTime", Kind::integer},         {"CouponId"},
    {"ProjectId", Kind::project},
};
constexpr Parameter kDescribe[] = {
    {"Region", Kind::region, true},
    {"ProjectId", Kind::project},
    {"Limit", Kind::integer},
    {"Offset", Kind::integer},
};
constexpr Parameter kDelete[] = {
    {"Region", Kind::region, true},
    {"ProjectId", Kind::project},
    {"BandwidthPackageId", Kind::text, true},
};

constexpr Action kActions[] = {
    {"CreateBandwidthPackage", Product::eip, "", kCreate, create},
    {"DescribeBandwidthPackage", Product::eip, "", kDescribe, describe},
    {"DeleteBandwidthPackage", Product::eip, "", kDelete, remove},
};

}  // namespace

std::span<const Action> eip_actions() {
    return kActions;
}

}  // namespace bwgw::sandbox::ucloud
