#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bwgw {

/// Did money move? `none`: surely not run. `applied`: surely run. `unknown`: only a listing can tell.
enum class Outcome : std::uint8_t { none, applied, unknown };

/// What the caller can do next; the last segment of a problem's `type` (openapi/gateway.yaml).
enum class Slug : std::uint8_t {
    invalid_request,
    unsupported,
    idempotency_key_missing,
    idempotency_key_reused,
    unauthenticated,
    forbidden,
    not_found,
    method_not_allowed,
    not_acceptable,
    request_timeout,
    payload_too_large,
    uri_too_long,
    unsupported_media_type,
    expectation_failed,
    headers_too_large,
    not_implemented,
    version_not_supported,
    insufficient_funds,
    already_exists,
    conflict,
    idempotency_key_in_flight,
    price_exceeded,
    price_unavailable,
    quota_exceeded,
    precondition_failed,
    rate_limited,
    provider_auth_failed,
    provider_permission_denied,
    provider_contract_violation,
    partial_result_denied,
    provider_throttled,
    provider_unavailable,
    provider_timeout,
    unavailable,
    internal,
};

/// The word on the wire, `provider-throttled` for Slug::provider_throttled.
std::string_view word(Slug slug) noexcept;
std::string_view word(Outcome outcome) noexcept;
std::optional<Slug> slug_of(std::string_view word) noexcept;
std::optional<Outcome> outcome_of(std::string_view word) noexcept;

/// The vendor's own words about its refusal, verbatim and free of secrets.
struct ProviderError {
    std::string code;
    std::string message;
    std::string request_id;
};

/// One wrong member: an RFC 6901 pointer into the body, or `?name` / `#Header-Name` for query and headers.
struct FieldError {
    std::string pointer;
    std::string detail;
};

/// Why something did not happen, named by what the caller can do next. Never carries a secret.
struct Failure {
    Slug slug = Slug::internal;
    std::string detail;
    Outcome outcome = Outcome::none;
    bool retryable = false;
    std::optional<std::chrono::seconds> retry_after = {};
    std::string provider = {};
    std::optional<ProviderError> provider_error = {};
    std::vector<FieldError> errors = {};
    std::string operation_id = {};  ///< the operation that stands in the way, or that holds the problem
    std::string bandwidth_id = {};  ///< the bandwidth that stands in the way
    bool ours = false;              ///< refused by our own limits or breaker: the vendor was not asked
};

}  // namespace bwgw
