#include <gtest/gtest.h>

#include <array>

#include "tests/sandbox/callers.h"

namespace bwgw::sandbox {
namespace {

struct Vector {
    const char* timestamp;
    const char* host;
    const char* content_type;
    const char* body;
    const char* signature;
};

Request vector_request(const Vector& vector) {
    return {.method = "POST",
            .path = "/api/v2/zec",
            .query = "",
            .headers = {{"host", vector.host}, {"content-type", vector.content_type}},
            .body = vector.body};
}

std::string sign(const Vector& vector, std::string_view password) {
    return zenlayer::signature(vector_request(vector), {"content-type", "host"}, vector.timestamp, password,
                               false);
}

constexpr auto kHost = "console.zenlayer.com";
constexpr std::array kVectors{
    Vector{"1767225600", kHost, "application/json", "{}",
           "0fecbdf0704bf6efa68373d16b81ca9807e5b4d38d862edd41a9b64152eeac00"},
    Vector{
        "1767225600", kHost, "application/json",
        R"({"vpcId":"1100000000000000001","internetChargeType":"ByBandwidth","crossRegionBandwidthName":"link-hkg-sin-01","regionA":"asia-east-1","regionZ":"asia-southeast-1","bandwidth":50})",
        "d2ead7b66005dce1b6c1fdc25510b15beba3c18d00f87a9e1098ef89b384f2da"},
    Vector{
        "1767225601", kHost, "application/json; charset=utf-8",
        R"({"vpcId":"1100000000000000001","internetChargeType":"ByInstanceBandwidth95","crossRegionBandwidthName":"link-95-01","regionA":"asia-east-1","regionZ":"europe-west-1","bandwidth":20,"bandwidthCap":200})",
        "dc4361298359b99071955b34190e00481034b6184d99f4dd330f908f9b1cfecb"},
    Vector{"1767225602", kHost, "application/json",
           R"({"crossRegionBandwidthName":"东京","pageSize":100,"pageNum":2})",
           "face6073d6d67c23d1355c49075349cf5c4af81fc70605dd8d4b1b4e9476d5e6"},
    Vector{"1767225603", kHost, "application/json",
           R"({"crossRegionBandwidthId": "1200000000000000007", "bandwidth": 80})",
           "86767bc1d51cf697576783c7fcf13ab7b0a1c588f65c2b2d2a322050c0d84bef"},
    Vector{"1767225604", "127.0.0.1:18080", "application/json",
           R"({"crossRegionBandwidthId":"1200000000000000007"})",
           "44a9406ef00aaa39b09bd78d9e69724649a10fa562bc63092e0bbfd6e58b0052"},
};

TEST(ZenlayerSignature, ReproducesEveryVector) {
    for (const auto& vector : kVectors)
        EXPECT_EQ(sign(vector, "ZcTestSecret/Do+Not=Use0001"), vector.signature);
    EXPECT_EQ(sign({"1673361177", kHost, "application/json; charset=utf-8",
                    R"({"pageSize":10,"pageNum":1,"zoneId":"HKG-A"})", ""},
                   "Gu5t9xGARNpq86cd98joQYCN3"),
              "efb356c32e55c781e10dc676da59462c22596d82e91c57803666243379555b2f");
}

/// Vector C2 as a whole request, to be spoiled.
std::string_view refusal(std::string_view timestamp, std::string_view content_type, std::string_view action,
                         std::int64_t wall_s) {
    BrandSettings settings;
    settings.access_key_id = "ZCTESTKEYID00001";
    settings.access_key_password = "ZcTestSecret/Do+Not=Use0001";
    auto request = vector_request(kVectors[1]);
    request.headers[1].second = content_type;
    request.headers.insert(
        request.headers.end(),
        {{"x-zc-action", std::string(action)},
         {"x-zc-timestamp", std::string(timestamp)},
         {"x-zc-signature-method", "ZC2-HMAC-SHA256"},
         {"authorization",
          fmt::format("ZC2-HMAC-SHA256 Credential=ZCTESTKEYID00001, SignedHeaders=content-type;host, "
                      "Signature={}",
                      kVectors[1].signature)}});
    return zenlayer::check_caller(request, settings, wall_s);
}

TEST(ZenlayerSignature, FailsOnAnotherTimestampOrContentTypeButNotOnAnotherAction) {
    constexpr auto kCreate = "CreateCrossRegionBandwidth";
    EXPECT_EQ(refusal("1767225600", "application/json", kCreate, 1767225600), "");
    EXPECT_EQ(refusal("1767225600", "application/json", "DescribeVpcs", 1767225600), "");
    EXPECT_EQ(refusal("1767225601", "application/json", kCreate, 1767225600),
              "AUTHFAILURE_SIGNATURE_FAILURE");
    EXPECT_EQ(refusal("1767225600", "application/json; charset=utf-8", kCreate, 1767225600),
              "AUTHFAILURE_SIGNATURE_FAILURE");
    EXPECT_EQ(refusal("17672256x0", "application/json", kCreate, 1767225600),
              "AUTHFAILURE_INVALID_AUTHORIZATION");
}

TEST(ZenlayerSignature, HoldsForThreeHundredSecondsEitherWay) {
    for (const std::int64_t off : {-300, 300}) {
        EXPECT_EQ(refusal("1767225600", "application/json", "DescribeVpcs", 1767225600 + off), "");
        const auto beyond = off + (off < 0 ? -1 : 1);
        EXPECT_EQ(refusal("1767225600", "application/json", "DescribeVpcs", 1767225600 + beyond),
                  "AUTHFAILURE_SIGNATURE_EXPIRED");
    }
}

TEST(ZenlayerSignature, NamesContentTypeAndHostOrIsMalformed) {
    using zenlayer::parse_authorization;
    EXPECT_TRUE(
        parse_authorization("ZC2-HMAC-SHA256 Credential=k, SignedHeaders=content-type;host;x-zc-action, "
                            "Signature=s"));
    EXPECT_FALSE(parse_authorization("ZC2-HMAC-SHA256 Credential=k, SignedHeaders=host, Signature=s"));
    EXPECT_FALSE(
        parse_authorization("ZC2-HMAC_SHA256 Credential=k, SignedHeaders=content-type;host, Signature=s"));
    EXPECT_FALSE(parse_authorization("ZC2-HMAC-SHA256 Credential=k, SignedHeaders=content-type;host"));
    EXPECT_FALSE(parse_authorization(""));
}

constexpr auto kCreate = "CreateCrossRegionBandwidth";
constexpr auto kDescribe = "DescribeCrossRegionBandwidth";

std::string order(std::string_view a = "asia-east-1", std::string_view z = "europe-west-1",
                  std::string_view vpc = "1100000000000000001") {
    return fmt::format(R"({{"vpcId":"{}","internetChargeType":"ByInstanceBandwidth95","bandwidth":20,
        "crossRegionBandwidthName":"link-95-01","regionA":"{}","regionZ":"{}","bandwidthCap":200}})",
                       vpc, a, z);
}

std::string by_id(std::string_view id, std::string_view more = "") {
    return fmt::format(R"({{"crossRegionBandwidthId":"{}"{}}})", id, more);
}

std::string status(Desk& desk) {
    const auto list = desk.zenlayer(kDescribe, "{}");
    return list["totalCount"].GetInt() == 0 ? "none" : list["dataSet"][0]["status"].GetString();
}

std::string code(const Json& json) {
    return json.HasMember("code") ? json["code"].GetString() : "OK";
}

std::string buy(Desk& desk) {
    return desk.zenlayer(kCreate, order())["crossRegionBandwidthId"].GetString();
}

TEST(Zenlayer, MovesALinkThroughItsStatesInTime) {
    Desk desk;
    const auto id = buy(desk);
    EXPECT_EQ(status(desk), "CREATING");
    EXPECT_EQ(code(desk.zenlayer("DeleteCrossRegionBandwidth", by_id(id))),
              "OPERATION_DENIED_VPC_BANDWIDTH_STATUS_NOT_SUPPORT");
    desk.wall_ms += 1500;
    EXPECT_EQ(status(desk), "AVAILABLE");
    EXPECT_EQ(
        code(desk.zenlayer("ModifyCrossRegionBandwidth", by_id(id, R"(,"bandwidth":30,"bandwidthCap":400)"))),
        "OK");
    EXPECT_EQ(status(desk), "CHANGING");
    desk.wall_ms += 1000;
    EXPECT_EQ(status(desk), "AVAILABLE");
    EXPECT_EQ(desk.zenlayer(kDescribe, "{}")["dataSet"][0]["bandwidthCap"].GetInt(), 400);
    EXPECT_EQ(code(desk.zenlayer("DeleteCrossRegionBandwidth", by_id(id))), "OK");
    EXPECT_EQ(status(desk), "DELETING");
    EXPECT_FALSE(desk.world.ledger.purchases()[0].released);
    desk.wall_ms += 1000;
    EXPECT_EQ(status(desk), "none");
    EXPECT_TRUE(desk.world.ledger.purchases()[0].released);
    EXPECT_EQ(code(desk.zenlayer("DeleteCrossRegionBandwidth", by_id(id))),
              "INVALID_VPC_BANDWIDTH_NOT_FOUND");
}

TEST(Zenlayer, RecyclesRestoresAndLetsGoAfterTheRetention) {
    Desk desk;
    desk.control("POST", "/behaviour",
                 R"({"brand":"zenlayer","recycle_bin":true,"recycle_ms":500,"create_ms":0,
                                           "recycle_retention_s":60})");
    const auto id = buy(desk);
    desk.zenlayer("DeleteCrossRegionBandwidth", by_id(id));
    EXPECT_EQ(status(desk), "RECYCLING");
    desk.wall_ms += 500;
    EXPECT_EQ(status(desk), "RECYCLED");
    EXPECT_EQ(code(desk.zenlayer(kCreate, order())), "INVALID_VPC_BANDWIDTH_REGION_AZ_IS_EXIST")
        << "still held";
    EXPECT_EQ(code(desk.zenlayer("ModifyCrossRegionBandwidth", by_id(id, R"(,"bandwidth":30)"))),
              "OPERATION_FAILED_FOR_RECYCLE_RESOURCE");
    EXPECT_EQ(code(desk.zenlayer("RenewCrossRegionBandwidth", by_id(id))), "OK");
    EXPECT_EQ(status(desk), "AVAILABLE");
    desk.zenlayer("DeleteCrossRegionBandwidth", by_id(id));
    desk.wall_ms += 500 + 60'000 + 1000;
    EXPECT_EQ(status(desk), "none");
    EXPECT_EQ(code(desk.zenlayer(kCreate, order())), "OK");
}

TEST(Zenlayer, ShowsAFailedCreationThatFreesItsPair) {
    Desk desk;
    desk.control("POST", "/behaviour", R"({"brand":"zenlayer","create_fails":true})");
    const auto id = buy(desk);
    desk.wall_ms += 1500;
    EXPECT_EQ(status(desk), "CREATE_FAILED");
    desk.control("DELETE", "/faults?brand=zenlayer");
    EXPECT_EQ(code(desk.zenlayer(kCreate, order())), "OK");
    EXPECT_EQ(code(desk.zenlayer("DeleteCrossRegionBandwidth", by_id(id))), "OK");
}

TEST(Zenlayer, SellsAPairOnceInAVpcWhicheverWayRound) {
    Desk desk;
    buy(desk);
    EXPECT_EQ(code(desk.zenlayer(kCreate, order("europe-west-1", "asia-east-1"))),
              "INVALID_VPC_BANDWIDTH_REGION_AZ_IS_EXIST");
    EXPECT_EQ(code(desk.zenlayer(kCreate, order("asia-east-1", "europe-west-1", "1100000000000000002"))),
              "OK");
    EXPECT_EQ(desk.world.ledger.purchases().size(), 2U);
}

TEST(Zenlayer, RefusesInTheSuggestedOrderWithTheDocumentedStatus) {
    Desk desk;
    const auto refused = [&](const std::string& body, const char* action = kCreate) {
        const auto reply = desk.answer("zenlayer", zenlayer_request(action, body, desk.wall_ms / 1000)).reply;
        return fmt::format("{} {}", reply.status, code(parse_json(reply.body)));
    };
    EXPECT_EQ(refused("{}", "NoSuchAction"), "401 AUTHFAILURE_UNAUTHORIZED_OPERATION");
    EXPECT_EQ(refused("{"), "400 INVALID_PARAMETER_TYPE");
    EXPECT_EQ(refused(R"({"bandwidth":"20"})"), "400 INVALID_PARAMETER_TYPE");
    EXPECT_EQ(refused(R"({"vpcId":null})"), "400 MISSING_PARAMETER");
    auto body = order();
    EXPECT_EQ(refused(body.replace(body.find(":20,"), 4, ":0,")), "400 INVALID_PARAMETER_LESS_MINIMUM");
    EXPECT_EQ(refused(order("asia-east-1", "nowhere", "1")), "404 INVALID_VPC_NOT_FOUND");
    EXPECT_EQ(refused(order("asia-east-1", "nowhere")), "404 INVALID_REGION_NOT_FOUND");
    EXPECT_EQ(refused(order("asia-east-1", "na-west-1", "1100000000000000002")),
              "404 INVALID_REGION_NOT_FOUND");
    EXPECT_EQ(refused(order("asia-east-1", "asia-east-1")), "400 INVALID_VPC_BANDWIDTH_REGION_AZ_IS_SAME");
    EXPECT_EQ(refused(R"({"pageSize":1001})", kDescribe), "400 INVALID_PARAMETER_EXCEED_MAXIMUM");
    EXPECT_EQ(refused(R"({"pageNum":0})", kDescribe), "400 INVALID_PARAMETER_LESS_MINIMUM");
    EXPECT_TRUE(desk.world.ledger.purchases().empty());
    EXPECT_EQ(refused(order()), "200 OK");
}

TEST(Zenlayer, RefusesAFlatRateChangeToTheSameValue) {
    Desk desk;
    const auto made =
        desk.zenlayer(kCreate, R"({"vpcId":"1100000000000000001","internetChargeType":"ByBandwidth",
        "crossRegionBandwidthName":"flat-01","regionA":"asia-east-1","regionZ":"na-west-1","bandwidth":50})");
    desk.wall_ms += 1500;
    const auto id = made["crossRegionBandwidthId"].GetString();
    EXPECT_EQ(code(desk.zenlayer("ModifyCrossRegionBandwidth", by_id(id, R"(,"bandwidth":50)"))),
              "OPERATION_DENIED_VPC_BANDWIDTH_NOT_CHANGED");
    EXPECT_TRUE(desk.zenlayer(kDescribe, "{}")["dataSet"][0]["bandwidthCap"].IsNull());
}

TEST(Zenlayer, FiltersNamesFuzzilyAndIgnoresUnknownFields) {
    Desk desk;
    buy(desk);
    const auto count = [&](const char* body) {
        return desk.zenlayer(kDescribe, body)["totalCount"].GetInt();
    };
    EXPECT_EQ(count(R"({"crossRegionBandwidthName":"K-95"})"), 1);
    EXPECT_EQ(count(R"({"crossRegionBandwidthName":"k-96"})"), 0);
    EXPECT_EQ(count(R"({"name":"no such filter"})"), 1);
    EXPECT_EQ(count(R"({"vpcId":"1100000000000000002"})"), 0);
    EXPECT_EQ(count(R"({"crossRegionBandwidthIds":["1"]})"), 0);
    EXPECT_EQ(count(R"({"regionA":"europe-west-1"})"), 1) << "either end";
}

TEST(Zenlayer, RefusesABodyThatNestsTooDeeply) {
    Desk desk;
    const std::string deep = R"({"a":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
    EXPECT_EQ(code(desk.zenlayer(kDescribe, deep)), "INVALID_PARAMETER_TYPE");
    EXPECT_EQ(code(desk.zenlayer(kDescribe, R"({"a":"[[[[\"[[","b":[[{}]]})")), "OK");
}

TEST(Zenlayer, QuotesWithADecimalPoint) {
    Desk desk;
    const auto reply = desk.answer("zenlayer", zenlayer_request("InquiryPriceCreateCrossRegionBandwidth",
                                                                R"({"internetChargeType":"ByBandwidth",
        "regionA":"asia-east-1","regionZ":"asia-southeast-1","bandwidth":50})",
                                                                desk.wall_ms / 1000));
    EXPECT_NE(reply.reply.body.find(R"("discountPrice":450.0)"), std::string::npos) << reply.reply.body;
}

TEST(Zenlayer, TakesABearerTokenWithoutVersion) {
    auto yaml = default_settings();
    yaml.replace(yaml.find("    create_ms: 1500"), 0, "    bearer_token: a-token\n");
    Desk desk(yaml);
    const auto status_with = [&](const char* token) {
        const Request request{.method = "POST",
                              .path = "/api/v2/zec",
                              .query = "",
                              .headers = {{"x-zc-action", "DescribeZones"}, {"authorization", token}},
                              .body = "{}"};
        return desk.answer("zenlayer", request).reply.status;
    };
    EXPECT_EQ(status_with("Bearer a-token"), 200);
    EXPECT_EQ(status_with("Bearer another"), 401);
}

}  // namespace
}  // namespace bwgw::sandbox
