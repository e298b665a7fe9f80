#include "providers/sandbox/ledger.h"

#include <algorithm>

namespace bwgw::sandbox {

namespace {

JsonValue parameters_json(const Parameters& parameters, Json::AllocatorType& allocator) {
    JsonValue object(rapidjson::kObjectType);
    Fields fields(object, allocator);
    for (const auto& [name, value] : parameters) fields.set(name, value);
    return object;
}

JsonValue purchase_json(const Purchase& purchase, Json::AllocatorType& allocator) {
    JsonValue object(rapidjson::kObjectType);
    Fields fields(object, allocator);
    fields.set("sequence", purchase.sequence)
        .set("brand", purchase.brand)
        .set("product", purchase.product)
        .set("action", purchase.action)
        .set("native_id", purchase.native_id)
        .set("order_number", purchase.order_number)
        .set("network", purchase.network)
        .texts("regions", purchase.regions)
        .set("name", purchase.name)
        .set("bandwidth", purchase.bandwidth)
        .set("bandwidth_now", purchase.bandwidth_now)
        .set("parameters", parameters_json(purchase.parameters, allocator))
        .set("at", purchase.at)
        .set("reply_delivered", purchase.reply_delivered)
        .set("released", purchase.released);
    if (purchase.released_at) {
        fields.set("released_at", *purchase.released_at);
    } else {
        fields.null("released_at");
    }
    return object;
}

JsonValue seen_json(const Seen& seen, Json::AllocatorType& allocator) {
    JsonValue object(rapidjson::kObjectType);
    Fields(object, allocator)
        .set("sequence", seen.sequence)
        .set("brand", seen.brand)
        .set("action", seen.action)
        .set("connection", seen.connection)
        .set("parameters", parameters_json(seen.parameters, allocator))
        .set("code", seen.code)
        .set("status", seen.status)
        .set("executed", seen.executed)
        .set("delivered", seen.delivered)
        .set("fault", seen.fault)
        .set("at", seen.at);
    return object;
}

/// Both books number their entries upwards without repeating.
template <class Entries>
auto* by_sequence(Entries& entries, std::uint64_t sequence) {
    const auto found =
        std::ranges::lower_bound(entries, sequence, {}, [](const auto& e) { return e.sequence; });
    return found == entries.end() || found->sequence != sequence ? nullptr : &*found;
}

template <class Entries>
void forget(Entries& entries, std::string_view brand) {
    std::erase_if(entries, [&](const auto& entry) { return brand.empty() || entry.brand == brand; });
}

}  // namespace

std::uint64_t Ledger::record(Purchase purchase) {
    purchase.sequence = next_++;
    purchase.bandwidth_now = purchase.bandwidth;
    return purchases_.emplace_back(std::move(purchase)).sequence;
}

void Ledger::delivered(std::uint64_t sequence) {
    if (auto* const purchase = by_sequence(purchases_, sequence)) purchase->reply_delivered = true;
}

void Ledger::resized(std::string_view brand, std::string_view native_id, std::int64_t bandwidth) {
    if (auto* const purchase = find(brand, native_id)) purchase->bandwidth_now = bandwidth;
}

void Ledger::released(std::string_view brand, std::string_view native_id, std::int64_t at) {
    if (auto* const purchase = find(brand, native_id)) {
        purchase->released = true;
        purchase->released_at = at;
    }
}

void Ledger::reset(std::string_view brand) {
    forget(purchases_, brand);
}

void Ledger::write(Fields& out, std::string_view brand) const {
    JsonValue list(rapidjson::kArrayType);
    for (const auto& purchase : purchases_) {
        if (!brand.empty() && purchase.brand != brand) continue;
        list.PushBack(purchase_json(purchase, out.allocator()), out.allocator());
    }
    out.set("purchases", std::move(list));
}

Purchase* Ledger::find(std::string_view brand, std::string_view native_id) {
    const auto found = std::ranges::find_if(purchases_, [&](const Purchase& purchase) {
        return purchase.brand == brand && purchase.native_id == native_id;
    });
    return found == purchases_.end() ? nullptr : &*found;
}

Seen& RequestLog::add(Seen seen) {
    if (seen_.size() == kCapacity) seen_.pop_front();
    seen.sequence = next_++;
    return seen_.emplace_back(std::move(seen));
}

void RequestLog::delivered(std::uint64_t sequence) {
    if (auto* const seen = by_sequence(seen_, sequence)) seen->delivered = true;
}

void RequestLog::reset(std::string_view brand) {
    forget(seen_, brand);
}

void RequestLog::write(Fields& out, std::string_view brand, std::string_view action) const {
    JsonValue list(rapidjson::kArrayType);
    for (const auto& seen : seen_) {
        if ((!brand.empty() && seen.brand != brand) || (!action.empty() && seen.action != action)) continue;
        list.PushBack(seen_json(seen, out.allocator()), out.allocator());
    }
    out.set("requests", std::move(list));
}

}  // namespace bwgw::sandbox
