#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/billing.h"
#include "providers/contract/identifiers.h"

namespace bwgw {

enum class Kind : std::uint8_t { inter_region, eip_boost, inter_region_default };
enum class State : std::uint8_t {
    creating,
    active,
    updating,
    suspended,
    recycled,
    deleting,
    failed,
    unknown
};
enum class ServiceTier : std::uint8_t { diamond, platinum, gold };
enum class PathPolicy : std::uint8_t { lowest_latency, standard, lowest_cost };

std::string_view word(Kind kind) noexcept;
std::string_view word(State state) noexcept;
std::string_view word(ServiceTier tier) noexcept;
std::string_view word(PathPolicy policy) noexcept;
std::optional<Kind> kind_of(std::string_view word) noexcept;
std::optional<State> state_of(std::string_view word) noexcept;
std::optional<ServiceTier> service_tier_of(std::string_view word) noexcept;
std::optional<PathPolicy> path_policy_of(std::string_view word) noexcept;

/// UTC, whole seconds: the precision that every vendor gives.
using Instant = std::chrono::sys_seconds;
/// RFC 3339.
std::string time_text(Instant instant);

/// Bandwidth in Mbit/s, exact to 1 kbit/s: the free default package of one vendor is 0.005 Mbit/s.
struct Mbps {
    std::int64_t kbps = 0;
    static constexpr Mbps of(std::int64_t mbps) { return {mbps * 1000}; }
    friend auto operator<=>(Mbps, Mbps) = default;
};

/// The two ends of an inter-region link, as the vendor spells and orders them; the pair is unordered for
/// every rule.
struct Ends {
    std::string a;
    std::string b;
};
bool same_pair(const Ends& left, const Ends& right) noexcept;

/// One bandwidth as its vendor reports it, in our words. Absent means that the vendor did not say.
struct Bandwidth {
    ResourceRef ref;
    Kind kind = Kind::inter_region;
    std::optional<std::string> name;  ///< the caller's, marker taken off
    std::string marker;  ///< `gw-…`, or empty where the vendor has no name field or the row is not ours
    std::optional<std::string> network_id;
    std::optional<Ends> ends;
    std::optional<std::string> region;  ///< eip_boost only
    std::optional<std::string> eip_id;  ///< eip_boost only
    std::optional<Mbps> bandwidth;      ///< committed or fixed
    std::optional<Mbps> burst;
    Billing billing;
    std::optional<ServiceTier> service_tier;
    std::optional<PathPolicy> path_policy;
    State state = State::unknown;
    std::optional<Instant> created_at;
    std::optional<Instant> starts_at;
    std::optional<Instant> expires_at;
    std::optional<std::string> provider_state;  ///< the vendor's word, verbatim
    std::string provider_details = "{}";        ///< JSON object: what the model has no word for, verbatim
};

struct Promotion {
    std::string code;
    bool use_voucher = false;
};

/// What a caller wants to buy, checked and complete; regions in the provider's own codes.
struct Order {
    Kind kind = Kind::inter_region;
    std::string name;        ///< the caller's, may be empty
    std::string marker;      ///< `gw-…`: goes into the vendor's name where there is one
    std::string network_id;  ///< inter_region
    Ends ends;               ///< inter_region
    std::string region;      ///< eip_boost
    std::string eip_id;      ///< eip_boost
    std::int64_t bandwidth_mbps = 0;
    std::optional<std::int64_t> burst_mbps;
    Billing billing;
    std::optional<ServiceTier> service_tier;
    std::optional<PathPolicy> path_policy;
    std::optional<Promotion> promotion;
    std::optional<Instant> starts_at;  ///< eip_boost; absent means at once
};

}  // namespace bwgw
