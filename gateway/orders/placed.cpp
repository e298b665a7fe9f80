#include "gateway/orders/placed.h"

#include <rapidjson/document.h>

#include <algorithm>

namespace bwgw::orders {
namespace {

std::string text(const rapidjson::Value& object, const char* member) {
    const auto found = object.FindMember(member);
    return found != object.MemberEnd() && found->value.IsString() ? found->value.GetString() : "";
}

std::optional<std::int64_t> number(const rapidjson::Value& object, const char* member) {
    const auto found = object.FindMember(member);
    if (found == object.MemberEnd() || !found->value.IsInt64()) return std::nullopt;
    return found->value.GetInt64();
}

std::optional<Mbps> mbps(std::optional<std::int64_t> number) {
    return number ? std::optional(Mbps::of(*number)) : std::nullopt;
}

}  // namespace

Asked asked_of(const ledger::Operation& operation, const fleet::Crosswalk& crosswalk) {
    Asked asked;
    rapidjson::Document request;
    request.Parse(operation.request.c_str(), operation.request.size());
    if (!request.IsObject()) return asked;

    const auto region = [&](const char* member) {
        const auto word = text(request, member);
        auto code = crosswalk.resolve(operation.provider, word);
        return code ? std::move(*code) : word;
    };
    Order& order = asked.order;
    order.kind = kind_of(text(request, "kind")).value_or(Kind::inter_region);
    order.name = text(request, "name");
    order.marker = operation.marker;
    order.network_id = text(request, "network_id");
    order.ends = {region("region_a"), region("region_b")};
    order.region = region("region");
    order.eip_id = text(request, "eip_id");
    order.bandwidth_mbps = number(request, "bandwidth_mbps").value_or(0);
    order.burst_mbps = number(request, "burst_mbps");
    const auto billing = request.FindMember("billing");
    if (billing != request.MemberEnd() && billing->value.IsObject())
        order.billing.model =
            billing_model_of(text(billing->value, "model")).value_or(BillingModel::unspecified);

    asked.bandwidth = mbps(number(request, "bandwidth_mbps"));
    asked.burst = mbps(order.burst_mbps);
    if (!order.name.empty()) asked.name = order.name;
    return asked;
}

fleet::Entry as_ordered(const ledger::Operation& operation, const fleet::Fleet& fleet) {
    const auto asked = asked_of(operation, fleet.crosswalk());
    const Order& order = asked.order;
    const auto* profile = fleet.profile(operation.provider);
    const auto* product = profile ? profile->product(operation.target.product) : nullptr;

    Bandwidth bandwidth;
    bandwidth.ref = operation.target;
    bandwidth.kind = order.kind;
    bandwidth.bandwidth = asked.bandwidth;
    bandwidth.burst = asked.burst;
    bandwidth.state = State::creating;
    if (order.kind == Kind::eip_boost) {
        bandwidth.region = order.region;
        bandwidth.eip_id = order.eip_id;
    } else {
        bandwidth.network_id = order.network_id;
        bandwidth.ends = order.ends;
        bandwidth.billing.model = order.billing.model;
    }
    if (product && product->safety != PurchaseSafety::none) {
        bandwidth.marker = operation.marker;
        bandwidth.name = asked.name;
    }
    return {operation.provider, std::move(bandwidth)};
}

Match bought_row(const ledger::Operation& operation, const Order& order, PurchaseSafety safety,
                 const std::vector<Bandwidth>& rows, std::chrono::seconds clock_slack) {
    const auto oldest =
        std::chrono::floor<std::chrono::seconds>(operation.sent_at.value_or(operation.created_at)) -
        clock_slack;
    const auto& baseline = operation.baseline;
    const auto ours = [&](const Bandwidth& row) {
        if (row.kind != order.kind || row.bandwidth != Mbps::of(order.bandwidth_mbps)) return false;
        if (std::find(baseline.begin(), baseline.end(), row.ref.native_id) != baseline.end()) return false;
        if (row.created_at && *row.created_at < oldest) return false;
        if (order.kind == Kind::eip_boost) return row.eip_id == order.eip_id;
        if (row.network_id != order.network_id || !row.ends || !same_pair(*row.ends, order.ends))
            return false;
        return safety == PurchaseSafety::none || row.marker == operation.marker;
    };
    Match match;
    for (const auto& row : rows) {
        if (!ours(row)) continue;
        match.ambiguous = match.row != nullptr;
        match.row = &row;
    }
    return match;
}

bool in_force(const Asked& asked, const Bandwidth& row) {
    if (row.state == State::updating || row.state == State::creating) return false;
    return (!asked.bandwidth || row.bandwidth == asked.bandwidth) &&
           (!asked.burst || row.burst == asked.burst) && (!asked.name || row.name == asked.name);
}

}  // namespace bwgw::orders
