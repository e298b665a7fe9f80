#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "providers/contract/bandwidth.h"
#include "providers/contract/failure.h"
#include "providers/contract/provider.h"
#include "providers/translation/vocabulary.h"

/// Zenlayer's words and ours, from its public documentation and SDKs.
namespace bwgw::zenlayer {

using translation::Word;

/// CrossRegionBandwidthInfo.status.
constexpr auto kStates = std::to_array<Word<State>>({
    {"CREATING", State::creating},
    {"AVAILABLE", State::active},
    {"CHANGING", State::updating},
    {"RECYCLING", State::deleting},
    {"RECYCLED", State::recycled},
    {"DELETING", State::deleting},
    {"CREATE_FAILED", State::failed},
});

/// internetChargeType.
constexpr auto kBillingModels = std::to_array<Word<BillingModel>>({
    {"ByBandwidth", BillingModel::fixed},
    {"ByInstanceBandwidth95", BillingModel::percentile_95},
});

/// PriceItem.chargeUnit; DAY has no word of ours.
constexpr auto kChargeUnits = std::to_array<Word<Per>>({
    {"HOUR", Per::hour},
    {"MONTH", Per::month},
});

/// What a refusal says about a write: `final` and `safe` were surely not run, `safe` may be sent again as it
/// is.
enum class Verdict : std::uint8_t { final, safe, reconcile };

struct Meaning {
    Slug slug;
    Verdict verdict;
};

/// Error codes of these actions, then the vendor's common ones; the last five are published for sibling
/// actions only and prove nothing about the outcome.
constexpr auto kErrors = std::to_array<Word<Meaning>>({
    {"INVALID_REGION_NOT_FOUND", {Slug::invalid_request, Verdict::final}},
    {"INVALID_VPC_NOT_FOUND", {Slug::invalid_request, Verdict::final}},
    {"INVALID_VPC_BANDWIDTH_REGION_AZ_IS_SAME", {Slug::invalid_request, Verdict::final}},
    {"INVALID_VPC_BANDWIDTH_REGION_AZ_IS_EXIST", {Slug::already_exists, Verdict::reconcile}},
    {"INVALID_VPC_BANDWIDTH_NOT_FOUND", {Slug::not_found, Verdict::final}},
    {"AUTHFAILURE_INVALID_AUTHORIZATION", {Slug::provider_auth_failed, Verdict::final}},
    {"AUTHFAILURE_SIGNATURE_FAILURE", {Slug::provider_auth_failed, Verdict::final}},
    {"AUTHFAILURE_SIGNATURE_EXPIRED", {Slug::provider_auth_failed, Verdict::safe}},
    {"AUTHFAILURE_UNAUTHORIZED_OPERATION", {Slug::provider_permission_denied, Verdict::final}},
    {"MISSING_PARAMETER", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_TYPE", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_VALUE", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_PATTERN_ERROR", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_DATE_FORMAT_ERROR", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_EXCEED_MAXIMUM", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_LESS_MINIMUM", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_EXCEED_LENGTH", {Slug::invalid_request, Verdict::final}},
    {"INVALID_PARAMETER_LESS_LENGTH", {Slug::invalid_request, Verdict::final}},
    {"OPERATION_FAILED_FOR_RECYCLE_RESOURCE", {Slug::conflict, Verdict::final}},
    {"OPERATION_FAILED_RESOURCE_NOT_FOUND", {Slug::not_found, Verdict::final}},
    {"OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND", {Slug::not_found, Verdict::final}},
    {"REQUEST_LIMIT_EXCEEDED", {Slug::provider_throttled, Verdict::safe}},
    {"INTERNAL_SERVER_ERROR", {Slug::provider_unavailable, Verdict::reconcile}},
    {"SERVICE_TEMPORARY_UNAVAILABLE", {Slug::provider_unavailable, Verdict::reconcile}},
    {"REQUEST_TIMED_OUT", {Slug::provider_timeout, Verdict::reconcile}},
    {"INVALID_OPERATION_TIMEOUT", {Slug::provider_timeout, Verdict::reconcile}},
    {"INVALID_REGION_NOT_ON_SALE", {Slug::invalid_request, Verdict::reconcile}},
    {"INVALID_PARAMETER_BANDWIDTH", {Slug::invalid_request, Verdict::reconcile}},
    {"INVALID_PARAMETER_BANDWIDTH_EXCEED", {Slug::invalid_request, Verdict::reconcile}},
    {"ORDER_UNPROCESSED_ORDERS_FOR_THIS_RESOURCE", {Slug::conflict, Verdict::reconcile}},
    {"INVALID_ORDER_NOT_FOUND", {Slug::not_found, Verdict::reconcile}},
});

enum class Part : std::uint8_t { head, tail, anywhere };

struct Pattern {
    Part part;
    std::string_view text;
    Slug slug;

    constexpr bool matches(std::string_view code) const {
        if (part == Part::head) return code.starts_with(text);
        if (part == Part::tail) return code.ends_with(text);
        return code.find(text) != std::string_view::npos;
    }
};

/// Unlisted codes by their looks, first match wins; HTTP 429 goes before them, the status after them.
constexpr auto kErrorPatterns = std::to_array<Pattern>({
    {Part::head, "AUTHFAILURE_", Slug::provider_auth_failed},
    {Part::tail, "_NOT_FOUND", Slug::not_found},
    {Part::tail, "_NOT_EXIST", Slug::not_found},
    {Part::tail, "_EXIST", Slug::conflict},
    {Part::tail, "_ASSOCIATED", Slug::conflict},
    {Part::head, "UNSUPPORTED_OPERATION_", Slug::conflict},
    {Part::anywhere, "CONFLICT", Slug::conflict},
    {Part::anywhere, "STATUS", Slug::conflict},
    {Part::anywhere, "BALANCE", Slug::insufficient_funds},
    {Part::anywhere, "VOUCHER", Slug::insufficient_funds},
    {Part::anywhere, "PAYMENT", Slug::insufficient_funds},
    {Part::anywhere, "QUOTA", Slug::quota_exceeded},
    {Part::anywhere, "LIMIT", Slug::quota_exceeded},
});

}  // namespace bwgw::zenlayer
