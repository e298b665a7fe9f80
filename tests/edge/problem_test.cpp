#include "gateway/http/problem.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace bwgw::http {
namespace {

rapidjson::Document parsed(const std::string& text) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(text.c_str(), text.size());
    EXPECT_FALSE(document.HasParseError()) << text;
    return document;
}

TEST(Problem, SaysWhatHappenedAndWhatToDo) {
    const Response response = problem({.slug = Slug::provider_throttled,
                                       .detail = "slow down",
                                       .retryable = true,
                                       .retry_after = std::chrono::seconds{7}},
                                      "r1");
    EXPECT_EQ(response.status, 503);
    ASSERT_EQ(response.headers.size(), 2U);
    EXPECT_EQ(response.headers[0].value, "application/problem+json");
    EXPECT_EQ(response.headers[1].name, "Retry-After");
    EXPECT_EQ(response.headers[1].value, "7");
    const auto json = parsed(response.body);
    EXPECT_STREQ(json["type"].GetString(), "/problems/provider-throttled");
    EXPECT_EQ(json["status"].GetInt(), 503);
    EXPECT_STREQ(json["detail"].GetString(), "slow down");
    EXPECT_STREQ(json["instance"].GetString(), "/requests/r1");
    EXPECT_TRUE(json["retryable"].GetBool());
    EXPECT_STREQ(json["outcome"].GetString(), "none");
    for (const char* absent : {"provider", "provider_error", "errors", "operation_id", "bandwidth_id"})
        EXPECT_FALSE(json.HasMember(absent)) << absent;
}

TEST(Problem, CarriesWhatTheFailureHas) {
    const auto json = parsed(problem_json({.slug = Slug::already_exists,
                                           .detail = "d",
                                           .outcome = Outcome::unknown,
                                           .provider = "p",
                                           .provider_error = ProviderError{"130", "busy", "v1"},
                                           .errors = {{"/name", "too long"}},
                                           .operation_id = "op",
                                           .bandwidth_id = "bw"},
                                          "r"));
    EXPECT_EQ(json["status"].GetInt(), 409);
    EXPECT_STREQ(json["outcome"].GetString(), "unknown");
    EXPECT_STREQ(json["provider"].GetString(), "p");
    EXPECT_STREQ(json["provider_error"]["code"].GetString(), "130");
    EXPECT_STREQ(json["provider_error"]["request_id"].GetString(), "v1");
    EXPECT_STREQ(json["errors"][0]["pointer"].GetString(), "/name");
    EXPECT_STREQ(json["operation_id"].GetString(), "op");
    EXPECT_STREQ(json["bandwidth_id"].GetString(), "bw");
}

TEST(Problem, StaysJsonWhateverTheVendorSays) {
    const std::string words[] = {"\xff\xfe",          "\xe4\xbd",          "a\xc0\x80z",
                                 "\xed\xa0\x80",      "quote\" \\ \n\x01", "\xe4\xbd\xa0\xe5\xa5\xbd",
                                 std::string("\0", 1)};
    for (const std::string& text : words) {
        const auto json = parsed(problem_json({.slug = Slug::internal, .detail = text}, "r"));
        EXPECT_TRUE(json["detail"].IsString());
    }
    const auto json = parsed(problem_json({.slug = Slug::internal, .detail = "\xe4\xbd\xa0\xff!"}, "r"));
    EXPECT_STREQ(json["detail"].GetString(), "\xe4\xbd\xa0\xef\xbf\xbd!");
}

TEST(Problem, EverySlugHasItsStatus) {
    const std::pair<Slug, int> table[] = {
        {Slug::invalid_request, 400},
        {Slug::unsupported, 422},
        {Slug::idempotency_key_missing, 400},
        {Slug::idempotency_key_reused, 422},
        {Slug::unauthenticated, 401},
        {Slug::forbidden, 403},
        {Slug::not_found, 404},
        {Slug::method_not_allowed, 405},
        {Slug::not_acceptable, 406},
        {Slug::request_timeout, 408},
        {Slug::payload_too_large, 413},
        {Slug::uri_too_long, 414},
        {Slug::unsupported_media_type, 415},
        {Slug::expectation_failed, 417},
        {Slug::headers_too_large, 431},
        {Slug::not_implemented, 501},
        {Slug::version_not_supported, 505},
        {Slug::insufficient_funds, 402},
        {Slug::already_exists, 409},
        {Slug::conflict, 409},
        {Slug::idempotency_key_in_flight, 409},
        {Slug::price_exceeded, 409},
        {Slug::price_unavailable, 409},
        {Slug::quota_exceeded, 409},
        {Slug::precondition_failed, 412},
        {Slug::rate_limited, 429},
        {Slug::provider_auth_failed, 502},
        {Slug::provider_permission_denied, 502},
        {Slug::provider_contract_violation, 502},
        {Slug::partial_result_denied, 502},
        {Slug::provider_throttled, 503},
        {Slug::provider_unavailable, 503},
        {Slug::provider_timeout, 504},
        {Slug::unavailable, 503},
        {Slug::internal, 500},
    };
    EXPECT_EQ(std::size(table), static_cast<std::size_t>(Slug::internal) + 1);
    for (const auto& [slug, status] : table) {
        EXPECT_EQ(status_of(slug), status) << word(slug);
        EXPECT_NE(reason(status), "Unknown") << status;
    }
}

}  // namespace
}  // namespace bwgw::http
