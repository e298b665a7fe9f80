#include "gateway/inventory/fingerprint.h"

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

namespace bwgw::inventory {
namespace {

class Fingerprint {
public:
    explicit Fingerprint(std::uint64_t seed) : value_(seed) {}
    template <class... Parts>
    void add(const Parts&... parts) {
        (one(parts), ...);
    }
    std::uint64_t value() const noexcept { return value_; }

private:
    void mix(std::uint64_t part) noexcept {
        value_ = (value_ ^ part) * 0x9e37'79b9'7f4a'7c15U;  // odd: no two parts give the same
        value_ ^= value_ >> 32U;
    }
    void one(const std::string& text) { mix(std::hash<std::string>()(text)); }
    void one(Mbps rate) { mix(static_cast<std::uint64_t>(rate.kbps)); }
    void one(Instant at) { mix(static_cast<std::uint64_t>(at.time_since_epoch().count())); }
    template <class Word>
        requires std::integral<Word> || std::is_enum_v<Word>
    void one(Word word) {
        mix(static_cast<std::uint64_t>(word));
    }
    template <class T>
    void one(const std::optional<T>& part) {
        mix(part.has_value());
        if (part) one(*part);
    }
    // By their members' names, so that a new member does not go unseen.
    void one(const ResourceRef& ref) {
        const auto& [product, scope, native_id] = ref;
        add(product, scope, native_id);
    }
    void one(const Ends& ends) {
        const auto& [a, b] = ends;
        add(a, b);
    }
    void one(const Term& term) {
        const auto& [unit, count] = term;
        add(unit, count);
    }
    void one(const Billing& billing) {
        const auto& [model, payment, term] = billing;
        add(model, payment, term);
    }
    void one(const Bandwidth& row) {
        const auto& [ref, kind, name, marker, network_id, ends, region, eip_id, bandwidth, burst, billing,
                     service_tier, path_policy, state, created_at, starts_at, expires_at, provider_state,
                     provider_details] = row;
        add(ref, kind, name, marker, network_id, ends, region, eip_id, bandwidth, burst, billing,
            service_tier, path_policy, state, created_at, starts_at, expires_at, provider_state,
            provider_details);
    }

    std::uint64_t value_;
};

}  // namespace

std::uint64_t fingerprint_of(const std::vector<Bandwidth>& rows, std::uint64_t seed) {
    Fingerprint fingerprint(seed);
    fingerprint.add(rows.size());
    for (const auto& row : rows) fingerprint.add(row);
    return fingerprint.value();
}

}  // namespace bwgw::inventory
