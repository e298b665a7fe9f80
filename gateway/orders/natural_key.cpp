#include "gateway/orders/natural_key.h"

#include <algorithm>
#include <initializer_list>

namespace bwgw::orders {
namespace {

// A separator that no vendor's identifier holds; base64url keeps the key printable.
std::string key(std::initializer_list<std::string> parts) {
    std::string bytes;
    for (const auto& part : parts) bytes += part + '\0';
    return base64url_encode(bytes);
}

Instant after(Instant from, const Term& term) {
    using namespace std::chrono;
    switch (term.unit) {
        case TermUnit::hour:
            return from + hours{term.count};
        case TermUnit::month:
            return from + days{31} * term.count;  // the longest it can be: an overlap is never missed
        case TermUnit::year:
            return from + days{366} * term.count;
    }
    return from;
}

bool overlaps(const Order& order, const Bandwidth& row, Instant now) {
    const Instant from = order.starts_at.value_or(now);
    const Instant to = order.billing.term ? after(from, *order.billing.term) : Instant::max();
    return row.starts_at.value_or(Instant::min()) < to && from < row.expires_at.value_or(Instant::max());
}

}  // namespace

std::string natural_key(const std::string& provider, const Order& order) {
    if (order.kind == Kind::eip_boost) return key({"boost", provider, order.region, order.eip_id});
    const auto [low, high] = std::minmax(order.ends.a, order.ends.b);
    return key({"pair", provider, order.network_id, low, high});
}

const Bandwidth* holder(const Order& order, const std::vector<Bandwidth>& rows, Instant now) {
    const auto holds = [&](const Bandwidth& row) {
        if (row.kind != order.kind || row.state == State::deleting) return false;
        if (order.kind == Kind::eip_boost) return row.eip_id == order.eip_id && overlaps(order, row, now);
        return row.network_id == order.network_id && row.ends && same_pair(*row.ends, order.ends);
    };
    const auto found = std::find_if(rows.begin(), rows.end(), holds);
    return found == rows.end() ? nullptr : &*found;
}

std::string resource_key(const std::string& bandwidth_id) {
    return "bandwidth:" + bandwidth_id;
}

}  // namespace bwgw::orders
