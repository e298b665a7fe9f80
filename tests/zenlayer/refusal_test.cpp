#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "providers/zenlayer/vocabulary.h"
#include "tests/zenlayer/fake_vendor.h"

namespace bwgw::zenlayer {
namespace {

using tests::run;

struct Refusal {
    int status;
    std::string code;
    Slug slug;
    Outcome outcome = Outcome::none;  ///< of a create
    bool retryable = false;           ///< the create
};

std::string body_of(const std::string& code) {
    return fmt::format(R"({{"requestId":"T5D0B7A10","code":"{}","message":"free text"}})", code);
}

Failure create_refused_with(int status, const std::string& body, std::vector<HttpHeader> headers = {},
                            const std::string& more = "") {
    Account account(more);
    account.vendor.says(body, status, std::move(headers));
    auto receipt = run(account.provider->create(account.context, order()));
    EXPECT_FALSE(receipt);
    EXPECT_EQ(account.vendor.requests.size(), 1U);
    return receipt ? Failure{} : receipt.failure();
}

Failure list_refused_with(int status, const std::string& body, std::vector<HttpHeader> headers = {}) {
    Account account;
    account.vendor.says(body, status, std::move(headers));
    auto listing = run(account.provider->list(account.context, {}));
    EXPECT_FALSE(listing);
    return listing ? Failure{} : listing.failure();
}

Failure resize_refused_with(int status, const std::string& body) {
    Account account;
    account.vendor.says(body, status);
    auto receipt = run(account.provider->change(account.context, kLink, Resize{80, {}}));
    EXPECT_FALSE(receipt);
    return receipt ? Failure{} : receipt.failure();
}

// What the vendor publishes for these actions and for all, line by line.
const std::vector<Refusal> kPublished = {
    {404, "INVALID_REGION_NOT_FOUND", Slug::invalid_request},
    {404, "INVALID_VPC_NOT_FOUND", Slug::invalid_request},
    {400, "INVALID_VPC_BANDWIDTH_REGION_AZ_IS_SAME", Slug::invalid_request},
    {400, "INVALID_VPC_BANDWIDTH_REGION_AZ_IS_EXIST", Slug::already_exists, Outcome::unknown},
    {404, "INVALID_VPC_BANDWIDTH_NOT_FOUND", Slug::not_found},
    {401, "AUTHFAILURE_INVALID_AUTHORIZATION", Slug::provider_auth_failed},
    {401, "AUTHFAILURE_SIGNATURE_FAILURE", Slug::provider_auth_failed},
    {401, "AUTHFAILURE_SIGNATURE_EXPIRED", Slug::provider_auth_failed, Outcome::none, true},
    {401, "AUTHFAILURE_UNAUTHORIZED_OPERATION", Slug::provider_permission_denied},
    {400, "MISSING_PARAMETER", Slug::invalid_request},
    {400, "INVALID_PARAMETER_TYPE", Slug::invalid_request},
    {400, "INVALID_PARAMETER_VALUE", Slug::invalid_request},
    {400, "INVALID_PARAMETER_PATTERN_ERROR", Slug::invalid_request},
    {400, "INVALID_PARAMETER_DATE_FORMAT_ERROR", Slug::invalid_request},
    {400, "INVALID_PARAMETER_EXCEED_MAXIMUM", Slug::invalid_request},
    {400, "INVALID_PARAMETER_LESS_MINIMUM", Slug::invalid_request},
    {400, "INVALID_PARAMETER_EXCEED_LENGTH", Slug::invalid_request},
    {400, "INVALID_PARAMETER_LESS_LENGTH", Slug::invalid_request},
    {403, "OPERATION_FAILED_FOR_RECYCLE_RESOURCE", Slug::conflict},
    {404, "OPERATION_FAILED_RESOURCE_NOT_FOUND", Slug::not_found},
    {404, "OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND", Slug::not_found},
    {429, "REQUEST_LIMIT_EXCEEDED", Slug::provider_throttled, Outcome::none, true},
    {500, "INTERNAL_SERVER_ERROR", Slug::provider_unavailable, Outcome::unknown},
    {503, "SERVICE_TEMPORARY_UNAVAILABLE", Slug::provider_unavailable, Outcome::unknown},
    {503, "REQUEST_TIMED_OUT", Slug::provider_timeout, Outcome::unknown},
    {400, "INVALID_OPERATION_TIMEOUT", Slug::provider_timeout, Outcome::unknown},
};

// Seen on sibling actions, or known by their looks only: a create's outcome is open.
const std::vector<Refusal> kByLooks = {
    {400, "INVALID_REGION_NOT_ON_SALE", Slug::invalid_request, Outcome::unknown},
    {400, "INVALID_PARAMETER_BANDWIDTH", Slug::invalid_request, Outcome::unknown},
    {400, "INVALID_PARAMETER_BANDWIDTH_EXCEED", Slug::invalid_request, Outcome::unknown},
    {400, "ORDER_UNPROCESSED_ORDERS_FOR_THIS_RESOURCE", Slug::conflict, Outcome::unknown},
    {404, "INVALID_ORDER_NOT_FOUND", Slug::not_found, Outcome::unknown},
    {403, "OPERATION_DENIED_BANDWIDTH_EXCEED_LIMIT", Slug::quota_exceeded, Outcome::unknown},
    {403, "LIMIT_EXCEEDED_LINK_QUOTA", Slug::quota_exceeded, Outcome::unknown},
    {500, "OPERATION_DENIED_EIP_STATUS_NOT_SUPPORT", Slug::conflict, Outcome::unknown},
    {400, "UNSUPPORTED_OPERATION_ANYTHING", Slug::conflict, Outcome::unknown},
    {409, "INVALID_LINK_ASSOCIATED", Slug::conflict, Outcome::unknown},
    {429, "SOMETHING_NEW", Slug::provider_throttled, Outcome::none, true},
    {401, "AUTHFAILURE_SOMETHING_NEW", Slug::provider_auth_failed, Outcome::unknown},
    {404, "INVALID_THING_NOT_FOUND", Slug::not_found, Outcome::unknown},
    {404, "INVALID_THING_NOT_EXIST", Slug::not_found, Outcome::unknown},
    {400, "INVALID_THING_IS_EXIST", Slug::conflict, Outcome::unknown},
    {409, "SOME_CONFLICT_HERE", Slug::conflict, Outcome::unknown},
    {400, "INSUFFICIENT_BALANCE", Slug::insufficient_funds, Outcome::unknown},
    {400, "NO_VOUCHER_LEFT", Slug::insufficient_funds, Outcome::unknown},
    {400, "PAYMENT_REQUIRED", Slug::insufficient_funds, Outcome::unknown},
    {400, "NEVER_SEEN", Slug::invalid_request, Outcome::unknown},
    {418, "NEVER_SEEN", Slug::invalid_request, Outcome::unknown},
    {500, "NEVER_SEEN", Slug::provider_unavailable, Outcome::unknown},
    {504, "NEVER_SEEN", Slug::provider_timeout, Outcome::unknown},
};

TEST(Refusal, OfAPurchaseIsReadByTheTableAndThenByLooks) {
    for (const auto* table : {&kPublished, &kByLooks}) {
        for (const auto& line : *table) {
            const auto failure = create_refused_with(line.status, body_of(line.code));
            EXPECT_EQ(word(failure.slug), word(line.slug)) << line.code;
            EXPECT_EQ(word(failure.outcome), word(line.outcome)) << line.code;
            EXPECT_EQ(failure.retryable, line.retryable) << line.code;
            ASSERT_TRUE(failure.provider_error) << line.code;
            EXPECT_EQ(failure.provider_error->code, line.code);
            EXPECT_EQ(failure.provider_error->message, "free text");
            EXPECT_EQ(failure.provider_error->request_id, "T5D0B7A10");
            EXPECT_EQ(failure.provider, "zenlayer");
        }
    }
}

TEST(Refusal, IsTestedForEveryLineOfTheTableAndEveryPattern) {
    std::set<std::string_view> tested;
    for (const auto* table : {&kPublished, &kByLooks})
        for (const auto& line : *table) tested.insert(line.code);
    for (const auto& line : kErrors) EXPECT_TRUE(tested.contains(line.theirs)) << line.theirs;
    for (const auto& pattern : kErrorPatterns)
        EXPECT_TRUE(std::any_of(kByLooks.begin(), kByLooks.end(), [&](const auto& line) {
            return pattern.matches(line.code) && line.slug == pattern.slug;
        })) << pattern.text;
}

TEST(Refusal, OfAPurchaseWithA5xxLeavesTheOutcomeOpenWhateverItsCode) {
    for (const auto& line : kPublished) {
        const auto failure = create_refused_with(500, body_of(line.code));
        EXPECT_EQ(failure.outcome, Outcome::unknown) << line.code;
        EXPECT_FALSE(failure.retryable) << line.code;
    }
}

TEST(Refusal, OfAReadNeverMovesMoneyAndIsRetryableWhenItPasses) {
    for (const auto* table : {&kPublished, &kByLooks}) {
        for (const auto& line : *table) {
            const auto failure = list_refused_with(line.status, body_of(line.code));
            EXPECT_EQ(failure.outcome, Outcome::none) << line.code;
            const bool passes =
                line.slug == Slug::provider_throttled || line.slug == Slug::provider_unavailable ||
                line.slug == Slug::provider_timeout || line.code == "AUTHFAILURE_SIGNATURE_EXPIRED";
            EXPECT_EQ(failure.retryable, passes) << line.code;
        }
    }
}

TEST(Refusal, OfAChangeThatTheTableDoesNotKnowIsAConflict) {
    const auto failure = resize_refused_with(400, body_of("NOTHING_CHANGES"));
    EXPECT_EQ(failure.slug, Slug::conflict);
    EXPECT_EQ(failure.outcome, Outcome::unknown);
    const auto known = resize_refused_with(404, body_of("INVALID_VPC_BANDWIDTH_NOT_FOUND"));
    EXPECT_EQ(known.slug, Slug::not_found);
    EXPECT_EQ(known.outcome, Outcome::none);
}

TEST(Refusal, IsReadByTheSettingsFirst) {
    const auto failure =
        create_refused_with(400, body_of("ODD_CODE"), {}, "words: {errors: {ODD_CODE: insufficient-funds}}");
    EXPECT_EQ(failure.slug, Slug::insufficient_funds);
    EXPECT_EQ(failure.outcome, Outcome::none);
}

TEST(Refusal, AtTheEdgeIsNeverRetried) {
    for (const auto* body :
         {"<html>Just a moment...</html>", R"({"code":"INTERNAL_SERVER_ERROR","message":""})"}) {
        for (const auto& failure : {create_refused_with(403, body, {{"CF-Mitigated", "challenge"}}),
                                    create_refused_with(451, body)}) {
            EXPECT_EQ(failure.slug, Slug::provider_permission_denied);
            EXPECT_EQ(failure.outcome, Outcome::none);
            EXPECT_FALSE(failure.retryable);
        }
    }
}

TEST(Refusal, WithoutACodeIsReadByItsStatus) {
    struct Line {
        int status;
        const char* body;
        Slug slug;
        Outcome outcome;
        bool list_retryable;
    };
    const Line lines[] = {
        {502, "<html>Bad Gateway</html>", Slug::provider_unavailable, Outcome::unknown, true},
        {500, "{}", Slug::provider_unavailable, Outcome::unknown, true},
        {503, "", Slug::provider_unavailable, Outcome::unknown, true},
        {504, "<html>", Slug::provider_timeout, Outcome::unknown, true},
        {429, "slow down", Slug::provider_throttled, Outcome::none, true},
        {404, "<html>", Slug::provider_contract_violation, Outcome::unknown, false},
        {403, "<html>", Slug::provider_contract_violation, Outcome::unknown, false},
        {400, R"({"message":"no code"})", Slug::provider_contract_violation, Outcome::unknown, false},
        {204, "", Slug::provider_contract_violation, Outcome::unknown, false},
        {202, R"({"requestId":"T1","response":{}})", Slug::provider_contract_violation, Outcome::unknown,
         false},
    };
    for (const auto& line : lines) {
        const auto create = create_refused_with(line.status, line.body);
        EXPECT_EQ(word(create.slug), word(line.slug)) << line.status;
        EXPECT_EQ(word(create.outcome), word(line.outcome)) << line.status;
        const auto list = list_refused_with(line.status, line.body);
        EXPECT_EQ(word(list.slug), word(line.slug)) << line.status;
        EXPECT_EQ(list.outcome, Outcome::none);
        EXPECT_EQ(list.retryable, line.list_retryable) << line.status;
    }
}

TEST(Refusal, IsAnOpenOutcomeWhereTheReplyToAPurchaseIsBroken) {
    for (const auto* body : {"", "<html>", "{", R"({"requestId":"T1"})",
                             R"({"requestId":"T1","response":null})", R"({"requestId":"T1","response":{}})",
                             R"({"requestId":"T1","response":{"crossRegionBandwidthId":null}})",
                             R"({"requestId":"T1","response":{"crossRegionBandwidthId":""}})",
                             R"({"requestId":"T1","response":{"crossRegionBandwidthId":["1"]}})",
                             R"({"requestId":"T1","response":[]})"}) {
        const auto failure = create_refused_with(200, body);
        EXPECT_EQ(failure.slug, Slug::provider_contract_violation) << body;
        EXPECT_EQ(failure.outcome, Outcome::unknown) << body;
        EXPECT_FALSE(failure.retryable) << body;
    }
}

TEST(Refusal, IsReadByItsCodeEvenUnder200) {
    const auto failure = create_refused_with(200, body_of("INVALID_VPC_NOT_FOUND"));
    EXPECT_EQ(failure.slug, Slug::invalid_request);
    EXPECT_EQ(failure.outcome, Outcome::none);
    EXPECT_EQ(create_refused_with(200, body_of("NEVER_SEEN")).outcome, Outcome::unknown);
}

}  // namespace
}  // namespace bwgw::zenlayer
