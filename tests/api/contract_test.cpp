#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/api/openapi.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

std::string read(std::string method, std::string target, std::vector<http::Header> headers = {},
                 std::string body = "") {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.body = std::move(body);
    const auto match = contract().match(request.method, request.path());
    if (!match.endpoint) return "no endpoint";
    const auto call = contract().read(match, request);
    if (call) return "accepted";
    return std::string(word(call.failure().slug)) + "\n" + errors_of(call.failure());
}

const std::vector<http::Header> kJson = {{"Content-Type", "application/json; charset=utf-8"}};

TEST(Contract, IsTheDocumentItServes) {
    EXPECT_EQ(contract().yaml(), openapi_yaml());
    const auto document = json(std::string(contract().json()));
    EXPECT_STREQ(document["openapi"].GetString(), "3.1.0");
    EXPECT_TRUE(document["paths"].HasMember("/bandwidths/{id}"));
}

TEST(Contract, FindsTheOperationOfAPathAndItsArguments) {
    const auto one = contract().match("PATCH", "/bandwidths/a%2Fb%C3%A9");
    ASSERT_NE(one.endpoint, nullptr);
    EXPECT_EQ(one.endpoint->operation_id, "changeBandwidth");
    EXPECT_EQ(one.path_arguments,
              (std::vector<std::pair<std::string_view, std::string>>{{"id", "a/b\xc3\xa9"}}));
    EXPECT_EQ(contract().match("HEAD", "/healthz").endpoint->operation_id, "getHealth");
    EXPECT_EQ(contract().match("GET", "/openapi.json").endpoint->operation_id, "getOpenapiJson");
}

TEST(Contract, TellsAnUnknownPathFromAMethodThatThePathLacks) {
    for (const char* path : {"/", "", "*", "/nothing", "/bandwidths/", "/bandwidths//", "/bandwidths/a/b",
                             "//bandwidths", "/Bandwidths", "/bandwidths/%ff", "/bandwidths/%4"})
        EXPECT_TRUE(contract().match("GET", path).allow.empty()) << path;
    const auto wrong = contract().match("PUT", "/bandwidths");
    EXPECT_EQ(wrong.endpoint, nullptr);
    EXPECT_EQ(wrong.allow, "GET, HEAD, OPTIONS, POST");
}

TEST(Contract, MakesLinksOutOfTheDocumentAlone) {
    EXPECT_EQ(contract().path_of("getBandwidth", {"a b/c"}), "/bandwidths/a%20b%2Fc");
    EXPECT_EQ(contract().path_of("listRegions"), "/regions");
    EXPECT_THROW(contract().path_of("none"), std::logic_error);
}

TEST(Contract, NamesEveryWrongParameterAndMemberInOneAnswer) {
    EXPECT_EQ(
        read("POST", "/bandwidths?validate_only=yes&colour=red",
             {{"content-type", "application/json"}, {"Idempotency-Key", "a b"}},
             R"({"kind":"x","colour":1})"),
        "invalid-request\n?colour: is not a known parameter\n?validate_only: must be true or false\n"
        "#Idempotency-Key: must match ^[!-~]+$\n/provider: is required\n"
        "/bandwidth_mbps: is required\n/billing: is required\n/kind: must be one of inter_region, eip_boost\n"
        "/colour: is not a known member\n");
}

TEST(Contract, RefusesAParameterThatIsThereTwice) {
    EXPECT_EQ(read("GET", "/bandwidths?page_size=5&page_size=6"),
              "invalid-request\n?page_size: is there more than once\n");
    EXPECT_EQ(read("GET", "/bandwidths?page_size=%35"), "accepted");
    EXPECT_EQ(read("GET", "/bandwidths?name=%ff"),
              "invalid-request\n?: the query is not percent-encoded UTF-8\n");
    EXPECT_EQ(read("GET", "/bandwidths?name=a%00b"), "invalid-request\n?name: must not hold U+0000\n");
}

TEST(Contract, FillsInTheDocumentsDefaults) {
    http::Request request;
    request.target = "/bandwidths";
    const auto call = contract().read(contract().match("GET", "/bandwidths"), request);
    ASSERT_TRUE(call);
    EXPECT_EQ(call->integer("page_size"), 50);
    EXPECT_EQ(call->text("partial"), "allow");
    EXPECT_EQ(call->text("name"), std::nullopt);
}

TEST(Contract, TakesTheDocumentsMediaTypesOnly) {
    const auto body = order_with();
    EXPECT_EQ(read("POST", "/bandwidths", kJson, body), "accepted");
    EXPECT_EQ(read("POST", "/bandwidths", {}, body), "unsupported-media-type\n");
    EXPECT_EQ(read("POST", "/bandwidths", {{"Content-Type", "text/plain"}}, body),
              "unsupported-media-type\n");
    EXPECT_EQ(
        read("PATCH", "/bandwidths/x", {{"Content-Type", "Application/Merge-Patch+JSON"}}, R"({"name":"a"})"),
        "accepted");
    EXPECT_EQ(read("POST", "/bandwidths", kJson, " "), "invalid-request\n: a body is required\n");
    EXPECT_EQ(read("GET", "/bandwidths", kJson, "{}"), "invalid-request\n: this operation takes no body\n");
}

TEST(Contract, RefusesAnAnswerThatTheCallerCannotTake) {
    EXPECT_EQ(read("GET", "/regions", {{"Accept", "text/html, application/xml;q=0.9"}}), "not-acceptable\n");
    EXPECT_EQ(read("GET", "/regions", {{"Accept", "text/html, */*;q=0.1"}}), "accepted");
    EXPECT_EQ(read("GET", "/regions", {{"Accept", "application/json;q=0"}}), "accepted") << "lenient";
    EXPECT_EQ(read("GET", "/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0,text/plain"}}),
              "accepted");
}

TEST(Contract, NeverLooksAtHeaderBytesThatAreNotAscii) {
    EXPECT_EQ(read("GET", "/bandwidths/x", {{"If-None-Match", "\"\xf0"}}),
              "invalid-request\n#If-None-Match: must be visible ASCII\n");
}

std::string refusal(const std::string& paths) {
    try {
        Contract broken("{openapi: 3.1.0, paths: " + paths + "}");
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Contract, DoesNotStartOnADocumentThatItCannotKeep) {
    const std::string answer = "responses: {'200': {description: ok}}";
    EXPECT_EQ(refusal("{/a: {get: {operationId: a, " + answer + "}}}"), "accepted");
    for (const std::string& paths :
         {"{/a: {get: {" + answer + "}}}",
          "{/a: {get: {operationId: a, " + answer + "}, put: {operationId: a, " + answer + "}}}",
          "{/a: {trace: {operationId: a, " + answer + "}}}",
          "{/a/{id}: {get: {operationId: a, " + answer + "}}}",
          "{/a: {get: {operationId: a, parameters: [{name: c, in: cookie, schema: {type: string}}], " +
              answer + "}}}",
          "{/a: {get: {operationId: a, parameters: [{name: c, in: query, schema: {type: array, items: {type: "
          "string}}}], " +
              answer + "}}}",
          "{/a: {get: {operationId: a, parameters: [{name: c, in: query, schema: {type: string, format: "
          "uuid}}], " +
              answer + "}}}",
          "{/a: {post: {operationId: a, requestBody: {content: {}}, " + answer + "}}}", std::string("[")})
        EXPECT_NE(refusal(paths), "accepted") << paths;
}

TEST(Contract, GivesEveryOperationAHandler) {
    EXPECT_NO_THROW(World());
    const Contract other("{openapi: 3.1.0, paths: {/a: {get: {operationId: other, responses: {}}}}}");
    World world;
    try {
        world.api_of(other);
        FAIL() << "an API without its operations has started";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("other has no handler"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("createBandwidth is not in the OpenAPI document"),
                  std::string::npos);
    }
}

}  // namespace
}  // namespace bwgw::api::tests
