#include <array>
#include <utility>

#include "providers/contract/bandwidth.h"
#include "providers/contract/billing.h"
#include "providers/contract/failure.h"
#include "providers/contract/provider.h"

namespace bwgw {
namespace {

template <class Enum>
using Line = std::pair<Enum, std::string_view>;

// The tables stand in the enum's order, so that a word is an index away.
template <class Enum, std::size_t N>
constexpr std::string_view word_in(const std::array<Line<Enum>, N>& table, Enum value) {
    return table.at(static_cast<std::size_t>(value)).second;
}

template <class Enum, std::size_t N>
constexpr std::optional<Enum> value_in(const std::array<Line<Enum>, N>& table, std::string_view word) {
    for (const auto& [value, text] : table)
        if (text == word) return value;
    return std::nullopt;
}

template <class Enum, std::size_t N>
constexpr bool in_order(const std::array<Line<Enum>, N>& table) {
    for (std::size_t i = 0; i < N; ++i)
        if (static_cast<std::size_t>(table[i].first) != i) return false;
    return true;
}

constexpr std::array kSlugs = std::to_array<Line<Slug>>({
    {Slug::invalid_request, "invalid-request"},
    {Slug::unsupported, "unsupported"},
    {Slug::idempotency_key_missing, "idempotency-key-missing"},
    {Slug::idempotency_key_reused, "idempotency-key-reused"},
    {Slug::unauthenticated, "unauthenticated"},
    {Slug::forbidden, "forbidden"},
    {Slug::not_found, "not-found"},
    {Slug::method_not_allowed, "method-not-allowed"},
    {Slug::not_acceptable, "not-acceptable"},
    {Slug::request_timeout, "request-timeout"},
    {Slug::payload_too_large, "payload-too-large"},
    {Slug::uri_too_long, "uri-too-long"},
    {Slug::unsupported_media_type, "unsupported-media-type"},
    {Slug::expectation_failed, "expectation-failed"},
    {Slug::headers_too_large, "headers-too-large"},
    {Slug::not_implemented, "not-implemented"},
    {Slug::version_not_supported, "version-not-supported"},
    {Slug::insufficient_funds, "insufficient-funds"},
    {Slug::already_exists, "already-exists"},
    {Slug::conflict, "conflict"},
    {Slug::idempotency_key_in_flight, "idempotency-key-in-flight"},
    {Slug::price_exceeded, "price-exceeded"},
    {Slug::price_unavailable, "price-unavailable"},
    {Slug::quota_exceeded, "quota-exceeded"},
    {Slug::precondition_failed, "precondition-failed"},
    {Slug::rate_limited, "rate-limited"},
    {Slug::provider_auth_failed, "provider-auth-failed"},
    {Slug::provider_permission_denied, "provider-permission-denied"},
    {Slug::provider_contract_violation, "provider-contract-violation"},
    {Slug::partial_result_denied, "partial-result-denied"},
    {Slug::provider_throttled, "provider-throttled"},
    {Slug::provider_unavailable, "provider-unavailable"},
    {Slug::provider_timeout, "provider-timeout"},
    {Slug::unavailable, "unavailable"},
    {Slug::internal, "internal"},
});
constexpr std::array kOutcomes = std::to_array<Line<Outcome>>({
    {Outcome::none, "none"},
    {Outcome::applied, "applied"},
    {Outcome::unknown, "unknown"},
});
constexpr std::array kKinds = std::to_array<Line<Kind>>({
    {Kind::inter_region, "inter_region"},
    {Kind::eip_boost, "eip_boost"},
    {Kind::inter_region_default, "inter_region_default"},
});
constexpr std::array kStates = std::to_array<Line<State>>({
    {State::creating, "creating"},
    {State::active, "active"},
    {State::updating, "updating"},
    {State::suspended, "suspended"},
    {State::recycled, "recycled"},
    {State::deleting, "deleting"},
    {State::failed, "failed"},
    {State::unknown, "unknown"},
});
constexpr std::array kTiers = std::to_array<Line<ServiceTier>>({
    {ServiceTier::diamond, "diamond"},
    {ServiceTier::platinum, "platinum"},
    {ServiceTier::gold, "gold"},
});
constexpr std::array kPaths = std::to_array<Line<PathPolicy>>({
    {PathPolicy::lowest_latency, "lowest_latency"},
    {PathPolicy::standard, "standard"},
    {PathPolicy::lowest_cost, "lowest_cost"},
});
constexpr std::array kModels = std::to_array<Line<BillingModel>>({
    {BillingModel::fixed, "fixed"},
    {BillingModel::percentile_95, "percentile_95"},
    {BillingModel::fifth_peak, "fifth_peak"},
    {BillingModel::traffic, "traffic"},
    {BillingModel::unspecified, "unspecified"},
});
constexpr std::array kPayments = std::to_array<Line<Payment>>({
    {Payment::prepaid, "prepaid"},
    {Payment::postpaid, "postpaid"},
    {Payment::unspecified, "unspecified"},
});
constexpr std::array kTermUnits = std::to_array<Line<TermUnit>>({
    {TermUnit::hour, "hour"},
    {TermUnit::month, "month"},
    {TermUnit::year, "year"},
});
constexpr std::array kActions = std::to_array<Line<Action>>({
    {Action::create, "create"},
    {Action::list, "list"},
    {Action::resize, "resize"},
    {Action::rename, "rename"},
    {Action::release, "release"},
    {Action::quote, "quote"},
    {Action::quote_resize, "quote_resize"},
    {Action::regions, "regions"},
});
constexpr std::array kSafeties = std::to_array<Line<PurchaseSafety>>({
    {PurchaseSafety::natural_key, "natural_key"},
    {PurchaseSafety::marker, "marker"},
    {PurchaseSafety::none, "none"},
});
constexpr std::array kPers = std::to_array<Line<Per>>({
    {Per::once, "once"},
    {Per::hour, "hour"},
    {Per::month, "month"},
    {Per::year, "year"},
});
static_assert(in_order(kSlugs) && in_order(kOutcomes) && in_order(kKinds) && in_order(kStates) &&
              in_order(kTiers) && in_order(kPaths) && in_order(kModels) && in_order(kPayments) &&
              in_order(kTermUnits) && in_order(kActions) && in_order(kSafeties) && in_order(kPers));

}  // namespace

std::string_view word(Slug value) noexcept {
    return word_in(kSlugs, value);
}
std::string_view word(Outcome value) noexcept {
    return word_in(kOutcomes, value);
}
std::string_view word(Kind value) noexcept {
    return word_in(kKinds, value);
}
std::string_view word(State value) noexcept {
    return word_in(kStates, value);
}
std::string_view word(ServiceTier value) noexcept {
    return word_in(kTiers, value);
}
std::string_view word(PathPolicy value) noexcept {
    return word_in(kPaths, value);
}
std::string_view word(BillingModel value) noexcept {
    return word_in(kModels, value);
}
std::string_view word(Payment value) noexcept {
    return word_in(kPayments, value);
}
std::string_view word(TermUnit value) noexcept {
    return word_in(kTermUnits, value);
}
std::string_view word(Action value) noexcept {
    return word_in(kActions, value);
}
std::string_view word(PurchaseSafety value) noexcept {
    return word_in(kSafeties, value);
}
std::string_view word(Per value) noexcept {
    return word_in(kPers, value);
}

std::optional<Slug> slug_of(std::string_view word) noexcept {
    return value_in(kSlugs, word);
}
std::optional<Outcome> outcome_of(std::string_view word) noexcept {
    return value_in(kOutcomes, word);
}
std::optional<Kind> kind_of(std::string_view word) noexcept {
    return value_in(kKinds, word);
}
std::optional<State> state_of(std::string_view word) noexcept {
    return value_in(kStates, word);
}
std::optional<ServiceTier> service_tier_of(std::string_view word) noexcept {
    return value_in(kTiers, word);
}
std::optional<PathPolicy> path_policy_of(std::string_view word) noexcept {
    return value_in(kPaths, word);
}
std::optional<BillingModel> billing_model_of(std::string_view word) noexcept {
    return value_in(kModels, word);
}
std::optional<Payment> payment_of(std::string_view word) noexcept {
    return value_in(kPayments, word);
}
std::optional<TermUnit> term_unit_of(std::string_view word) noexcept {
    return value_in(kTermUnits, word);
}

}  // namespace bwgw
