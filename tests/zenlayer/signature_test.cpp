#include "providers/zenlayer/signature.h"

#include <gtest/gtest.h>

#include "providers/translation/digest.h"
#include "tests/zenlayer/fake_vendor.h"

namespace bwgw::zenlayer {
namespace {

struct Vector {
    const char* name;
    Signable call;
    std::string_view password;
    std::string_view payload;
    std::string_view canonical;
    std::string_view signature;
};

constexpr std::string_view kHost = "console.zenlayer.com";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kJsonUtf8 = "application/json; charset=utf-8";

// P1 as the vendor's signature page has it, C1 to C6 as its SDK computes them.
const std::vector<Vector> kVectors = {
    {"P1",
     {kJsonUtf8, kHost, R"({"pageSize":10,"pageNum":1,"zoneId":"HKG-A"})", 1673361177},
     "Gu5t9xGARNpq86cd98joQYCN3",
     "5f714687ba91c606d503467766151206392474accd137ffea6dce2420b67c29a",
     "29396f9dfa0f03820b931e8aa06e20cda197e73285ebd76aceb83f7dede493ee",
     "efb356c32e55c781e10dc676da59462c22596d82e91c57803666243379555b2f"},
    {"C1",
     {kJson, kHost, "{}", 1767225600},
     kPassword,
     "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
     "2eb6d40a6d77fe762274e366f8d05626427e80b1c9e1a816d9c08676d12257a4",
     "0fecbdf0704bf6efa68373d16b81ca9807e5b4d38d862edd41a9b64152eeac00"},
    {"C2",
     {kJson, kHost,
      R"({"vpcId":"1100000000000000001","internetChargeType":"ByBandwidth","crossRegionBandwidthName":"link-hkg-sin-01","regionA":"asia-east-1","regionZ":"asia-southeast-1","bandwidth":50})",
      1767225600},
     kPassword,
     "37aae4515e971ff96e3e49540711d233f1010bf7a8fbb1f3076278323031a541",
     "8a69af56df5b2676f22927203f27f9ca0b8675d6b65844808282bc50a285e110",
     "d2ead7b66005dce1b6c1fdc25510b15beba3c18d00f87a9e1098ef89b384f2da"},
    {"C3",
     {kJsonUtf8, kHost,
      R"({"vpcId":"1100000000000000001","internetChargeType":"ByInstanceBandwidth95","crossRegionBandwidthName":"link-95-01","regionA":"asia-east-1","regionZ":"europe-west-1","bandwidth":20,"bandwidthCap":200})",
      1767225601},
     kPassword,
     "821af5ec40c0336f0f634706e659bd2fc10783b92079d594a829f527c459e59b",
     "ed24d11c1e2aadd4efefcd674a39df74137a677af1ac8e93ea68e99bc3d47916",
     "dc4361298359b99071955b34190e00481034b6184d99f4dd330f908f9b1cfecb"},
    {"C4",
     {kJson, kHost, R"({"crossRegionBandwidthName":"东京","pageSize":100,"pageNum":2})", 1767225602},
     kPassword,
     "5a5d2fd9280bd391a2d8810077962491aeb87c23aa3b0461594d5ec65c03f2d7",
     "f9e8312f983bd399e2387f0c5a58633c4b16d384d913c738a9a2230c294be9d8",
     "face6073d6d67c23d1355c49075349cf5c4af81fc70605dd8d4b1b4e9476d5e6"},
    {"C5",
     {kJson, kHost, R"({"crossRegionBandwidthId": "1200000000000000007", "bandwidth": 80})", 1767225603},
     kPassword,
     "1d06e65d24ec40d4776144f9f2bb87f5d7327a3e517271df57ee3b0ae8ad9fa3",
     "5b3486a3301473d351d87be9ce6615c096c2ac0a149f602e5683c8399ef2263f",
     "86767bc1d51cf697576783c7fcf13ab7b0a1c588f65c2b2d2a322050c0d84bef"},
    {"C6",
     {kJson, "127.0.0.1:18080", R"({"crossRegionBandwidthId":"1200000000000000007"})", 1767225604},
     kPassword,
     "d679223c8170a83877fbaa2e6cce53fdc1960b755baa4516b08daa9f0a919b33",
     "427ab3703655de8ab72c89fd4c510607fa05bf30159680e91e4e351ee65dfea5",
     "44a9406ef00aaa39b09bd78d9e69724649a10fa562bc63092e0bbfd6e58b0052"}};

TEST(Signature, ReproducesEveryPublishedVector) {
    for (const auto& vector : kVectors) {
        EXPECT_EQ(translation::sha256_hex(vector.call.body), vector.payload) << vector.name;
        EXPECT_EQ(translation::sha256_hex(canonical_request(vector.call)), vector.canonical) << vector.name;
        EXPECT_EQ(signature(vector.call, vector.password), vector.signature) << vector.name;
    }
}

TEST(Signature, CoversTheTimestampTheContentTypeTheHostAndTheBody) {
    const auto& c2 = kVectors[2];
    auto later = c2.call;
    later.timestamp = 1767225601;
    EXPECT_NE(signature(later, kPassword), c2.signature);
    auto charset = c2.call;
    charset.content_type = kJsonUtf8;
    EXPECT_NE(signature(charset, kPassword), c2.signature);
    auto elsewhere = c2.call;
    elsewhere.host = "console.zenlayer.com:8443";
    EXPECT_NE(signature(elsewhere, kPassword), c2.signature);
    auto other = c2.call;
    other.body = "{}";
    EXPECT_NE(signature(other, kPassword), c2.signature);
    EXPECT_NE(signature(c2.call, "another password"), c2.signature);
}

TEST(Signature, IsWrittenAsTheVendorReadsIt) {
    EXPECT_EQ(authorization(kVectors[1].call, kKeyId, kPassword),
              "ZC2-HMAC-SHA256 Credential=ZCTESTKEYID00001, SignedHeaders=content-type;host, "
              "Signature=0fecbdf0704bf6efa68373d16b81ca9807e5b4d38d862edd41a9b64152eeac00");
}

// The action is a header outside the signature: two actions with the same body and second are signed alike.
TEST(Signature, DoesNotCoverTheAction) {
    Account account;
    account.vendor.says(fixture("acknowledged.reply.json")).says(fixture("price.reply.json"));
    for (const auto* action : {"DeleteCrossRegionBandwidth", "RenewCrossRegionBandwidth"}) {
        Client client(account.vendor, settings());
        EXPECT_TRUE(tests::run(client.call(account.context, {action, "{}"})));
    }
    for (const auto& request : account.vendor.requests) {
        const Signable call{kJson, kHost, request.body, std::stoll(header(request, "X-ZC-Timestamp"))};
        EXPECT_EQ(header(request, "Authorization"), authorization(call, kKeyId, kPassword)) << request.action;
        EXPECT_EQ(header(request, "X-ZC-Action"), request.action);
    }
}

}  // namespace
}  // namespace bwgw::zenlayer
