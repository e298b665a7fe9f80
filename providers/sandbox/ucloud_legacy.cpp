#include "providers/sandbox/ucloud.h"

namespace bwgw::sandbox::ucloud {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kLongestTerm = 1000;
constexpr std::string_view kChargeTypes = "Year|Month|Day|Dynamic|Trial|Postpay|PostPay";
constexpr std::string_view kPayModes = "Traffic|Bandwidth";

/// 0 where nothing ends: the documents show a month of 30 days.
std::int64_t expiry(std::int64_t from_s, std::string_view charge_type, std::int64_t quantity) {
    if (charge_type == "Year") return from_s + quantity * 365 * kDaySeconds;
    if (charge_type == "Month") return from_s + quantity * 30 * kDaySeconds;
    if (charge_type == "Day" || charge_type == "Trial") return from_s + quantity * kDaySeconds;
    if (charge_type == "Dynamic") return from_s + quantity * 3600;
    return 0;
}

Verdict create(Turn& turn) {
    const auto* const ugn = turn.network("UGNId");
    if (ugn == nullptr) return not_found("UGNId");
    Pair pair{.ugn = ugn->id,
              .charge_type = turn.text("ChargeType"),
              .pay_mode = turn.text("PayMode"),
              .region0 = turn.text("Region0"),
              .region1 = turn.text("Region1"),
              .bandwidth = turn.integer("Bandwidth"),
              .life = {.created_ms = turn.now.vendor_ms}};
    if (pair.bandwidth > turn.state.behaviour.max_bandwidth) return unavailable("Bandwidth");
    if (std::ranges::count(ugn->regions, pair.region0) == 0) return unavailable("Region0");
    if (std::ranges::count(ugn->regions, pair.region1) == 0 || pair.region0 == pair.region1) {
        return unavailable("Region1");
    }
    const auto quantity = turn.integer("Quantity");
    if (quantity > kLongestTerm) return unavailable("Quantity");
    const auto paid = turn.charge(price(pair.bandwidth, pair.charge_type, static_cast<double>(quantity)));
    if (paid.code != 0) return paid;
    pair.id = new_id(turn.state, "irb-", 10);
    pair.expires_s = expiry(turn.now.seconds(), pair.charge_type, quantity);
    turn.bought({.product = "legacy",
                 .native_id = pair.id,
                 .network = pair.ugn,
                 .regions = {pair.region0, pair.region1},
                 .bandwidth = pair.bandwidth});
    turn.out.set("InterRegionBandwidthId", pair.id);
    turn.state.pairs.push_back(std::move(pair));
    return {};
}

JsonValue pair_json(const Pair& pair, const Turn& turn) {
    const auto& behaviour = turn.state.behaviour;
    const bool provisioning = behaviour.legacy_state_provisioning && pair.life.bought &&
                              turn.now.vendor_ms < pair.life.created_ms + behaviour.create_ms;
    JsonValue object(rapidjson::kObjectType);
    Fields(object, turn.out.allocator())
        .set("InterRegionBandwidthId", pair.id)
        .set("UGNId", pair.ugn)
        .set("Bandwidth", pair.bandwidth)
        .set("ChargeType", pair.charge_type)
        .set("PayMode", pair.pay_mode)
        .set("Region0", behaviour.swap_regions ? pair.region1 : pair.region0)
        .set("Region1", behaviour.swap_regions ? pair.region0 : pair.region1)
        .set("State", provisioning ? 0 : 1)
        .set("CreateTime", pair.life.created_ms / 1000)
        .set("ExpireTime", pair.expires_s);
    return object;
}

Verdict describe(Turn& turn) {
    const auto* const ugn = turn.network("UGNId");
    if (ugn == nullptr) return not_found("UGNId");
    const auto& behaviour = turn.state.behaviour;
    const auto ids = turn.texts("InterRegionBandwidthIds");
    std::vector<const Pair*> matching;
    for (const auto& pair : turn.state.pairs) {
        if (pair.ugn == ugn->id && pair.life.listed(behaviour, turn.now.vendor_ms) &&
            (ids.empty() || behaviour.ignore_id_filter || ids.contains(pair.id))) {
            matching.push_back(&pair);
        }
    }
    turn.page("InterRegionBandwidths", std::move(matching),
              [&](const Pair& pair) { return pair_json(pair, turn); });
    return {};
}

Pair* named_pair(Turn& turn) {
    auto* const pair = find_alive(turn.state.pairs, turn.call.value("InterRegionBandwidthId"));
    return pair != nullptr && pair->ugn == turn.call.value("UGNId") ? pair : nullptr;
}

Verdict modify(Turn& turn) {
    auto* const pair = named_pair(turn);
    if (pair == nullptr) return not_found("InterRegionBandwidthId");
    // The table types this size as a string; its text is a whole number.
    const auto bandwidth = turn.integer("Bandwidth");
    if (bandwidth < 1 || bandwidth > turn.state.behaviour.max_bandwidth) return unavailable("Bandwidth");
    const auto more = price(bandwidth, pair->charge_type, 1) - price(pair->bandwidth, pair->charge_type, 1);
    if (const auto paid = turn.charge(more); paid.code != 0) return paid;
    pair->bandwidth = bandwidth;
    if (!turn.call.value("PayMode").empty()) pair->pay_mode = turn.text("PayMode");
    turn.state.ledger.resized(turn.state.settings.name, pair->id, bandwidth);
    turn.executed = true;
    return {};
}

Verdict remove(Turn& turn) {
    auto* const pair = named_pair(turn);
    if (pair == nullptr) return not_found("InterRegionBandwidthId");
    pair->life.deleted_ms = turn.now.vendor_ms;
    turn.state.ledger.released(turn.state.settings.name, pair->id, turn.now.vendor_ms);
    turn.executed = true;
    return {};
}

/// The legacy-family enumerator of UGNs.
Verdict describe_ugn(Turn& turn) {
    const auto ids = turn.texts("UGNIds");
    std::vector<const Network*> matching;
    for (const auto& network : turn.state.networks) {
        if (ids.empty() || ids.contains(network.id)) matching.push_back(&network);
    }
    turn.page("UGNs", std::move(matching), [&](const Network& network) {
        std::vector<std::string> pairs;
        for (const auto& pair : turn.state.pairs) {
            if (pair.ugn == network.id && pair.life.listed(turn.state.behaviour, turn.now.vendor_ms)) {
                pairs.push_back(pair.id);
            }
        }
        JsonValue object(rapidjson::kObjectType);
        Fields(object, turn.out.allocator())
            .set("UGNId", network.id)
            .set("Name", network.name)
            .set("Remark", "")
            .set("Tag", "Default")
            .set("CreateTime", std::to_string(turn.state.born_s))
            .set("Instances", JsonValue(rapidjson::kArrayType))
            .set("RouteRules", JsonValue(rapidjson::kArrayType))
            .texts("InterRegionBandwidths", pairs);
        return object;
    });
    return {};
}

constexpr Parameter kCreate[] = {
    {"ProjectId", Kind::project, true},
    {"UGNId", Kind::text, true},
    {"Bandwidth", Kind::integer, true, 1},
    {"ChargeType", Kind::text, true, 0, kChargeTypes},
    {"Quantity", Kind::integer, true, 1},
    {"PayMode", Kind::text, true, 0, kPayModes},
    {"Region0", Kind::region, true},
    {"Region1", Kind::region, true},
    {"CouponId"},
};
constexpr Parameter kDescribe[] = {
    {"ProjectId", Kind::project, true},
    {"UGNId", Kind::text, true},
    {"Offset", Kind::integer},
    {"Limit", Kind::integer},
    {"InterRegionBandwidthIds", Kind::texts},
};
constexpr Parameter kModify[] = {
    {"ProjectId", Kind::project, true},           {"UGNId", Kind::text, true},
    {"InterRegionBandwidthId", Kind::text, true}, {"Bandwidth", Kind::text, true},
    {"PayMode", Kind::text, false, 0, kPayModes},
};
constexpr Parameter kDelete[] = {
    {"ProjectId", Kind::project, true},
    {"UGNId", Kind::text, true},
    {"InterRegionBandwidthId", Kind::text, true},
};
constexpr Parameter kDescribeUgn[] = {
    {"ProjectId", Kind::project, true},
    {"Offset", Kind::integer},
    {"Limit", Kind::integer},
    {"UGNIds", Kind::texts},
};

constexpr Action kActions[] = {
    {"CreateInterRegionBandwidth", Product::legacy, "success", kCreate, create},
    {"DescribeInterRegionBandwidth", Product::legacy, "success", kDescribe, describe},
    {"ModifyInterRegionBandwidth", Product::legacy, "success", kModify, modify},
    {"DeleteInterRegionBandwidth", Product::legacy, "success", kDelete, remove},
    {"DescribeUGN", Product::legacy, "success", kDescribeUgn, describe_ugn},
};

}  // namespace

std::span<const Action> legacy_actions() {
    return kActions;
}

}  // namespace bwgw::sandbox::ucloud
