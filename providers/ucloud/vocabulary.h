#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "providers/contract/bandwidth.h"
#include "providers/contract/failure.h"
#include "providers/translation/vocabulary.h"

namespace bwgw::ucloud {

using translation::Word;

/// What a ChargeType stands for: paid ahead by hour, month or year; afterwards; or by volume.
enum class Charge : std::uint8_t { hour, month, year, postpaid, traffic };

/// The names of these lines in the settings (`words`).
constexpr auto kChargeNames = std::to_array<Word<Charge>>({
    {"hour", Charge::hour},
    {"month", Charge::month},
    {"year", Charge::year},
    {"postpaid", Charge::postpaid},
    {"traffic", Charge::traffic},
});

// Legacy pair bandwidth documents neither enumeration: these are the words of its predecessor UDPN.
constexpr auto kLegacyPayModes = std::to_array<Word<BillingModel>>({
    {"Bandwidth", BillingModel::fixed},
    {"Traffic", BillingModel::traffic},
});
constexpr auto kLegacyChargeTypes = std::to_array<Word<Charge>>({
    {"Dynamic", Charge::hour},
    {"Month", Charge::month},
    {"Year", Charge::year},
    {"Postpay", Charge::postpaid},
});
/// The only value ever shown; any other is `unknown`.
constexpr auto kLegacyStates = std::to_array<Word<State>>({{"1", State::active}});

// CreateSimpleUGNBwPackage; Peak95 is seen in replies only.
constexpr auto kSimplePayModes = std::to_array<Word<BillingModel>>({
    {"FixedBw", BillingModel::fixed},
    {"Max5", BillingModel::fifth_peak},
    {"Traffic", BillingModel::traffic},
    {"Peak95", BillingModel::percentile_95},
});
constexpr auto kSimpleChargeTypes = std::to_array<Word<Charge>>({
    {"Month", Charge::month},
    {"Year", Charge::year},
    {"PostPay", Charge::postpaid},
    {"Count", Charge::traffic},
});
constexpr std::string_view kFreePayMode = "Free";
constexpr auto kTiers = std::to_array<Word<ServiceTier>>({
    {"Diamond", ServiceTier::diamond},
    {"Platinum", ServiceTier::platinum},
    {"Gold", ServiceTier::gold},
});
constexpr auto kPaths = std::to_array<Word<PathPolicy>>({
    {"Delay", PathPolicy::lowest_latency},
    {"IGP", PathPolicy::standard},
    {"TCO", PathPolicy::lowest_cost},
});

/// What a RetCode says: our slug, whether a write that got it can have run, and whether the same call may
/// succeed later.
struct Verdict {
    std::int64_t ret_code;
    Slug slug;
    Outcome write;
    bool transient = false;
};

// The platform's codes and those of the neighbouring UNet and UDPN; UGN publishes none of its own.
constexpr auto kVerdicts = std::to_array<Verdict>({
    {110, Slug::provider_timeout, Outcome::unknown, true},
    {130, Slug::provider_unavailable, Outcome::unknown, true},
    {150, Slug::provider_unavailable, Outcome::unknown, true},
    {153, Slug::provider_throttled, Outcome::none, true},
    {160, Slug::provider_contract_violation, Outcome::none},
    {161, Slug::unsupported, Outcome::none},
    {170, Slug::provider_auth_failed, Outcome::none},
    {171, Slug::provider_auth_failed, Outcome::none},
    {172, Slug::provider_auth_failed, Outcome::none},
    {174, Slug::provider_auth_failed, Outcome::none},
    {220, Slug::invalid_request, Outcome::none},
    {230, Slug::invalid_request, Outcome::none},
    {240, Slug::invalid_request, Outcome::none},
    {292, Slug::provider_permission_denied, Outcome::none},
    {293, Slug::provider_permission_denied, Outcome::none},
    {294, Slug::provider_permission_denied, Outcome::none},
    {295, Slug::provider_permission_denied, Outcome::none},
    {299, Slug::provider_permission_denied, Outcome::none},
    {520, Slug::insufficient_funds, Outcome::none},
    {4018, Slug::insufficient_funds, Outcome::none},
    {4021, Slug::provider_unavailable, Outcome::unknown},
    {4022, Slug::quota_exceeded, Outcome::none},
    {4026, Slug::provider_unavailable, Outcome::unknown},
    {4030, Slug::quota_exceeded, Outcome::none},
    {4031, Slug::invalid_request, Outcome::none},
    {4032, Slug::provider_permission_denied, Outcome::none},
    {4057, Slug::insufficient_funds, Outcome::none},
    {4059, Slug::conflict, Outcome::none},
    {4060, Slug::conflict, Outcome::none},
    {4067, Slug::insufficient_funds, Outcome::none},
    {4207, Slug::quota_exceeded, Outcome::none},
    {4210, Slug::not_found, Outcome::none},
    {4211, Slug::not_found, Outcome::none},
    {4212, Slug::conflict, Outcome::none},
    {4217, Slug::invalid_request, Outcome::none},
    {4219, Slug::conflict, Outcome::none},
    {4220, Slug::provider_permission_denied, Outcome::none},
    {4221, Slug::conflict, Outcome::none},
    {4222, Slug::conflict, Outcome::none},
    {4223, Slug::conflict, Outcome::none},
    {4227, Slug::invalid_request, Outcome::none},
    {4451, Slug::provider_unavailable, Outcome::none, true},
    {4452, Slug::provider_unavailable, Outcome::unknown},
    {4453, Slug::provider_unavailable, Outcome::unknown},
    {4454, Slug::provider_unavailable, Outcome::unknown},
    {4455, Slug::provider_unavailable, Outcome::unknown},
    {4456, Slug::provider_unavailable, Outcome::none, true},
    {4457, Slug::provider_unavailable, Outcome::unknown},
    {4458, Slug::provider_unavailable, Outcome::unknown},
    {4459, Slug::provider_unavailable, Outcome::unknown},
    {4460, Slug::provider_unavailable, Outcome::none, true},
    {4461, Slug::provider_unavailable, Outcome::unknown},
    {4462, Slug::provider_unavailable, Outcome::none, true},
    {4463, Slug::invalid_request, Outcome::none},
    {4516, Slug::conflict, Outcome::none},
    {4996, Slug::unsupported, Outcome::none},
    {4997, Slug::invalid_request, Outcome::none},
    {4999, Slug::provider_unavailable, Outcome::unknown},
    {8039, Slug::not_found, Outcome::none},
    {8117, Slug::conflict, Outcome::none},
    {54002, Slug::not_found, Outcome::none},
    {214001, Slug::provider_contract_violation, Outcome::none},
});
constexpr std::int64_t kActionNotFound = 161;
constexpr std::int64_t kNotAvailable = 230;

/// Every region code of the vendor's documents (ucloud-family, section 4): each brand sells a subset.
constexpr std::array<std::string_view, 33> kRegionCodes = {
    "cn-bj1",    "cn-bj2",      "cn-wlcb",     "cn-wlcb2",     "cn-sh2",   "cn-jx",      "cn-sh",
    "cn-gd",     "cn-gd2",      "cn-guiyang1", "hk",           "tw-tp",    "sg",         "jpn-tky",
    "kr-seoul",  "th-bkk",      "idn-jakarta", "vn-sng",       "ph-mnl",   "ind-mumbai", "pk-khi",
    "us-ca",     "us-ws",       "us-den",      "bra-saopaulo", "rus-mosc", "ge-fra",     "uk-london",
    "uae-dubai", "afr-nigeria", "uz-tas",      "kz-ala",       "mx-mex"};

/// A code that the table does not know is never repeated, and its write may have run.
constexpr Verdict verdict_of(std::int64_t ret_code) {
    for (const auto& verdict : kVerdicts)
        if (verdict.ret_code == ret_code) return verdict;
    return {ret_code, Slug::provider_contract_violation, Outcome::unknown};
}

}  // namespace bwgw::ucloud
