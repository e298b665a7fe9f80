#include <fmt/format.h>

#include <algorithm>

#include "providers/sandbox/zenlayer.h"

namespace bwgw::sandbox::zenlayer {

namespace {

bool same_pair(const Link& link, std::string_view a, std::string_view z) {
    return (link.region_a == a && link.region_z == z) || (link.region_a == z && link.region_z == a);
}

bool sold_in(const State& state, std::string_view region) {
    return std::ranges::find(state.settings.regions, region, &Region::id) != state.settings.regions.end();
}

/// Where marketingInfo asks for a voucher nobody has, the order fails; an unknown discount code is merely no
/// discount.
Verdict check_marketing(const Turn& turn) {
    const auto* const marketing = turn.member("marketingInfo");
    if (marketing == nullptr || !marketing->HasMember("usePocVoucher")) return {};
    const auto& voucher = (*marketing)["usePocVoucher"];
    if (!voucher.IsBool()) return {"INVALID_PARAMETER_TYPE", "usePocVoucher"};
    return voucher.GetBool() ? Verdict{"SANDBOX_VOUCHER_NOT_FOUND", "no voucher"} : Verdict{};
}

Verdict check_order(const Turn& turn, const Link& link) {
    const auto& state = turn.state;
    const bool burst = link.charge_type == "ByInstanceBandwidth95";
    if (burst && !link.cap) return {"MISSING_PARAMETER", "bandwidthCap"};
    if (burst && *link.cap < link.bandwidth) return {"INVALID_PARAMETER_BANDWIDTH", "bandwidthCap"};
    if (std::max(link.bandwidth, link.cap.value_or(0)) > state.behaviour.max_bandwidth) {
        return {"INVALID_PARAMETER_BANDWIDTH_EXCEED", "bandwidth"};
    }
    const auto vpc = std::ranges::find(state.vpcs, link.vpc, &Network::id);
    if (vpc == state.vpcs.end()) return {"INVALID_VPC_NOT_FOUND", link.vpc};
    for (const auto& region : {link.region_a, link.region_z}) {
        if (!sold_in(state, region) || std::ranges::count(vpc->regions, region) == 0) {
            return {"INVALID_REGION_NOT_FOUND", region};
        }
    }
    if (link.region_a == link.region_z) return {"INVALID_VPC_BANDWIDTH_REGION_AZ_IS_SAME", link.region_a};
    const bool taken = std::ranges::any_of(state.links, [&](const Link& other) {
        return other.life.alive() && other.vpc == link.vpc &&
               same_pair(other, link.region_a, link.region_z) &&
               (other.status != Status::create_failed || state.behaviour.create_failed_holds_pair);
    });
    if (taken) return {"INVALID_VPC_BANDWIDTH_REGION_AZ_IS_EXIST", "the pair has a bandwidth"};
    return check_marketing(turn);
}

/// What a purchase freezes, while the balance allows it.
Verdict charge(State& state, std::int64_t amount) {
    if (state.spent + amount > state.behaviour.balance)
        return {"SANDBOX_BALANCE_TOO_LOW", "purchasing power too low"};
    state.spent += amount;
    return {};
}

std::int64_t later(const Turn& turn, std::int64_t delay_ms) {
    return turn.now.vendor_ms + delay_ms;
}

Verdict create(Turn& turn) {
    auto& state = turn.state;
    Link link{.name = turn.text("crossRegionBandwidthName"),
              .vpc = turn.text("vpcId"),
              .region_a = turn.text("regionA"),
              .region_z = turn.text("regionZ"),
              .charge_type = turn.text("internetChargeType"),
              .bandwidth = turn.integer("bandwidth"),
              .due_ms = later(turn, state.behaviour.create_ms),
              .will_fail = state.behaviour.create_fails,
              .life = {.created_ms = turn.now.vendor_ms}};
    if (link.charge_type == "ByInstanceBandwidth95" && turn.member("bandwidthCap") != nullptr) {
        link.cap = turn.integer("bandwidthCap");
    }
    if (auto verdict = check_order(turn, link); verdict.failed()) return verdict;
    if (auto verdict = charge(state, link.bandwidth * kPricePerMbps); verdict.failed()) return verdict;
    link.id = decimal_id(state, "12");
    Purchase purchase{.brand = state.settings.name,
                      .product = "zenlayer",
                      .action = std::string(turn.action),
                      .native_id = link.id,
                      .order_number = decimal_id(state, "13"),
                      .network = link.vpc,
                      .regions = {link.region_a, link.region_z},
                      .name = link.name,
                      .bandwidth = link.bandwidth,
                      .at = turn.now.vendor_ms};
    for (const auto& member : turn.body.GetObject()) {
        purchase.parameters[std::string(text_of(member.name))] =
            member.value.IsString() ? std::string(text_of(member.value)) : to_text(member.value);
    }
    turn.out.set("orderNumber", purchase.order_number).set("crossRegionBandwidthId", link.id);
    turn.purchase = state.ledger.record(std::move(purchase));
    turn.executed = true;
    state.links.push_back(std::move(link));
    advance(state, turn.now.vendor_ms);
    return {};
}

Verdict wrong_state(const Turn& turn, const Link& link) {
    if (link.status == Status::recycled || link.status == Status::recycling) {
        return {"OPERATION_FAILED_FOR_RECYCLE_RESOURCE", std::string(status_word(link.status))};
    }
    return {"OPERATION_DENIED_VPC_BANDWIDTH_STATUS_NOT_SUPPORT", std::string(status_word(link.status)),
            static_cast<int>(turn.state.behaviour.state_conflict_status)};
}

Verdict unknown_link(const std::string& id) {
    return {"INVALID_VPC_BANDWIDTH_NOT_FOUND", id};
}

Verdict modify(Turn& turn) {
    auto& state = turn.state;
    const auto id = turn.text("crossRegionBandwidthId");
    auto* const link = find_alive(state.links, id);
    if (link == nullptr) return unknown_link(id);
    if (link->status != Status::available) return wrong_state(turn, *link);
    const auto bandwidth = turn.integer("bandwidth");
    const auto cap = link->cap ? std::optional(turn.integer("bandwidthCap", *link->cap)) : std::nullopt;
    if (cap && *cap < bandwidth) return {"INVALID_PARAMETER_BANDWIDTH", "bandwidthCap"};
    if (std::max(bandwidth, cap.value_or(0)) > state.behaviour.max_bandwidth) {
        return {"INVALID_PARAMETER_BANDWIDTH_EXCEED", "bandwidth"};
    }
    if (bandwidth == link->bandwidth && cap == link->cap) {
        return {"OPERATION_DENIED_VPC_BANDWIDTH_NOT_CHANGED", "nothing to change"};
    }
    if (auto verdict = charge(state, (bandwidth - link->bandwidth) * kPricePerMbps); verdict.failed())
        return verdict;
    link->status = Status::changing;
    link->due_ms = later(turn, state.behaviour.modify_ms);
    link->next_bandwidth = bandwidth;
    link->next_cap = cap;
    state.ledger.resized(state.settings.name, id, bandwidth);
    turn.executed = true;
    advance(state, turn.now.vendor_ms);
    return {};
}

Verdict rename(Turn& turn) {
    const auto ids = turn.texts("crossRegionBandwidthIds");
    for (const auto& id : ids) {
        if (find_alive(turn.state.links, id) == nullptr) return unknown_link(id);
    }
    for (const auto& id : ids) find_alive(turn.state.links, id)->name = turn.text("crossRegionBandwidthName");
    turn.executed = true;
    return {};
}

Verdict remove(Turn& turn) {
    auto& state = turn.state;
    const auto id = turn.text("crossRegionBandwidthId");
    auto* const link = find_alive(state.links, id);
    if (link == nullptr) return unknown_link(id);
    const bool available = link->status == Status::available;
    if (!available && link->status != Status::recycled && link->status != Status::create_failed) {
        return wrong_state(turn, *link);
    }
    const bool recycle = available && state.behaviour.recycle_bin;
    link->status = recycle ? Status::recycling : Status::deleting;
    link->due_ms = later(turn, recycle ? state.behaviour.recycle_ms : state.behaviour.delete_ms);
    turn.executed = true;
    advance(state, turn.now.vendor_ms);
    return {};
}

Verdict renew(Turn& turn) {
    const auto id = turn.text("crossRegionBandwidthId");
    auto* const link = find_alive(turn.state.links, id);
    if (link == nullptr) return unknown_link(id);
    if (link->status != Status::recycled) return wrong_state(turn, *link);
    link->status = Status::available;
    link->due_ms = Life::kNever;
    turn.executed = true;
    return {};
}

/// One step of the state machine; false where the link rests.
bool step(State& state, Link& link, std::int64_t now_ms) {
    if (!link.life.alive() || now_ms < link.due_ms) return false;
    const auto since = link.due_ms;
    link.due_ms = Life::kNever;
    switch (link.status) {
        case Status::creating:
            link.status = link.will_fail ? Status::create_failed : Status::available;
            break;
        case Status::changing:
            link.status = Status::available;
            link.bandwidth = link.next_bandwidth;
            link.cap = link.next_cap;
            break;
        case Status::recycling:
            link.status = Status::recycled;
            link.due_ms = since + state.behaviour.recycle_retention_s * 1000;
            break;
        case Status::recycled:
            link.status = Status::deleting;
            link.due_ms = since + state.behaviour.delete_ms;
            break;
        case Status::deleting:
            link.life.deleted_ms = since;
            state.ledger.released(state.settings.name, link.id, since);
            break;
        case Status::available:
        case Status::create_failed:
            break;
    }
    return true;
}

constexpr Parameter kCreate[] = {
    {"vpcId", Type::text, true},
    {"internetChargeType", Type::text, true, 0, 0, kChargeTypes},
    {"crossRegionBandwidthName", Type::text, true, 0, 0, "", true},
    {"regionA", Type::text, true},
    {"regionZ", Type::text, true},
    {"bandwidth", Type::integer, true, 1},
    {"bandwidthCap", Type::integer, false, 1},
    {"marketingInfo", Type::object},
};
constexpr Parameter kModify[] = {
    {"crossRegionBandwidthId", Type::text, true},
    {"bandwidth", Type::integer, true, 1},
    {"bandwidthCap", Type::integer, false, 1},
};
constexpr Parameter kRename[] = {
    {"crossRegionBandwidthIds", Type::texts, true, 0, 100},
    {"crossRegionBandwidthName", Type::text, true, 0, 0, "", true},
};
constexpr Parameter kOne[] = {{"crossRegionBandwidthId", Type::text, true}};

constexpr Action kActions[] = {
    {"CreateCrossRegionBandwidth", kZecPath, kZecVersion, kCreate, create},
    {"ModifyCrossRegionBandwidth", kZecPath, kZecVersion, kModify, modify},
    {"ModifyCrossRegionBandwidthAttribute", kZecPath, kZecVersion, kRename, rename},
    {"DeleteCrossRegionBandwidth", kZecPath, kZecVersion, kOne, remove},
    {"RenewCrossRegionBandwidth", kZecPath, kZecVersion, kOne, renew},
};

}  // namespace

std::span<const Action> link_actions() {
    return kActions;
}

void advance(State& state, std::int64_t now_ms) {
    for (auto& link : state.links) {
        while (step(state, link, now_ms)) {
        }
    }
    std::erase_if(state.links, [&](const Link& link) { return link.life.gone(state.behaviour, now_ms); });
}

}  // namespace bwgw::sandbox::zenlayer
