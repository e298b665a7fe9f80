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

const rapidjson::Value* member(const rapidjson::Value& object, const char* name) {
    const auto found = object.FindMember(name);
    return found != object.MemberEnd() && found->value.IsObject() ? &found->value : nullptr;
}

std::optional<Term> term_of(const rapidjson::Value& billing) {
    const auto* term = member(billing, "term");
    if (!term) return std::nullopt;
    const auto unit = term_unit_of(text(*term, "unit"));
    const auto count = number(*term, "count");
    if (!unit || !count) return std::nullopt;
    return Term{*unit, static_cast<int>(*count)};
}

}  // namespace

Asked asked_of(const ledger::Operation& operation) {
    Asked asked;
    rapidjson::Document request;
    request.Parse(operation.request.c_str(), operation.request.size());
    if (!request.IsObject()) return asked;

    Order& order = asked.order;
    order.kind = kind_of(text(request, "kind")).value_or(Kind::inter_region);
    order.name = text(request, "name");
    order.marker = operation.marker;
    order.ends = operation.ends;
    order.eip_id = text(request, "eip_id");
    (order.kind == Kind::eip_boost ? order.region : order.network_id) = operation.target.scope;
    order.bandwidth_mbps = number(request, "bandwidth_mbps").value_or(0);
    order.burst_mbps = number(request, "burst_mbps");
    if (const auto* billing = member(request, "billing")) {
        order.billing.model = billing_model_of(text(*billing, "model")).value_or(BillingModel::unspecified);
        order.billing.payment = payment_of(text(*billing, "payment")).value_or(Payment::unspecified);
        order.billing.term = term_of(*billing);
    }
    order.service_tier = service_tier_of(text(request, "service_tier"));
    order.path_policy = path_policy_of(text(request, "path_policy"));
    if (const auto* promotion = member(request, "promotion")) {
        const auto voucher = promotion->FindMember("use_voucher");
        order.promotion =
            Promotion{text(*promotion, "code"), voucher != promotion->MemberEnd() && voucher->value.IsTrue()};
    }
    if (const auto* price = member(request, "max_price"))
        if (const auto amount = Decimal::parse(text(*price, "amount")))
            asked.max_price = Money{*amount, text(*price, "currency")};

    asked.bandwidth = mbps(number(request, "bandwidth_mbps"));
    asked.burst = mbps(order.burst_mbps);
    if (!order.name.empty()) asked.name = order.name;
    return asked;
}

fleet::Entry as_ordered(const ledger::Operation& operation, const fleet::Fleet& fleet) {
    const auto asked = asked_of(operation);
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

bool same_place(const Order& order, const Bandwidth& row) {
    if (row.kind != order.kind) return false;
    if (order.kind == Kind::eip_boost) return row.region == order.region && row.eip_id == order.eip_id;
    return row.network_id == order.network_id && row.ends && same_pair(*row.ends, order.ends);
}

bool wrong_term(const Order& order, const Bandwidth& row) {
    const auto& term = order.billing.term;
    if (order.kind != Kind::eip_boost || !term || term->unit != TermUnit::hour || !row.starts_at ||
        !row.expires_at)
        return false;
    return *row.expires_at - *row.starts_at != std::chrono::hours(term->count);
}

Match bought_row(const ledger::Operation& operation, const Order& order, PurchaseSafety safety,
                 const std::vector<Bandwidth>& rows, std::chrono::seconds clock_slack) {
    const auto oldest =
        std::chrono::floor<std::chrono::seconds>(operation.sent_at.value_or(operation.created_at)) -
        clock_slack;
    const auto& baseline = operation.baseline;
    const auto ours = [&](const Bandwidth& row) {
        if (!same_place(order, row) || row.bandwidth != Mbps::of(order.bandwidth_mbps)) return false;
        if (std::find(baseline.begin(), baseline.end(), row.ref.native_id) != baseline.end()) return false;
        // Our marker is younger than the intent, whatever the vendor's clock says.
        if (safety != PurchaseSafety::none) return row.marker == operation.marker;
        return !row.created_at || *row.created_at >= oldest;
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
