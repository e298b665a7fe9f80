#include "providers/ucloud/signature.h"

#include <gtest/gtest.h>

namespace bwgw::ucloud {
namespace {

constexpr auto kSampleKey = "46f09bb9fab4f12dfc160dae12273d5332b5debe";
constexpr auto kDemoKey = "sk-demo-0001";

Parameters describe_uhost(std::string public_key, std::string region) {
    return {{"Action", "DescribeUHostInstance"},
            {"Limit", "10"},
            {"PublicKey", std::move(public_key)},
            {"Region", std::move(region)}};
}

const std::string kUcloudUser = "ucloudsomeone@example.com1296235120854146120";

Parameters create_uhost() {
    return {{"Action", "CreateUHostInstance"},
            {"CPU", "2"},
            {"ChargeType", "Month"},
            {"DiskSpace", "10"},
            {"ImageId", "f43736e1-65a5-4bea-ad2e-8a46e18883c2"},
            {"LoginMode", "Password"},
            {"Memory", "2048"},
            {"Name", "Host01"},
            {"Password", "VUNsb3VkLmNu"},
            {"PublicKey", kUcloudUser},
            {"Quantity", "1"},
            {"Region", "cn-bj2"},
            {"Zone", "cn-bj2-04"}};
}

Parameters demo(Parameters parameters) {
    parameters["PublicKey"] = "pk-demo-0001";
    parameters.try_emplace("ProjectId", "org-demo01");
    return parameters;
}

Parameters simple_create(std::string quantity) {
    return demo({{"Action", "CreateSimpleUGNBwPackage"},
                 {"BandWidth", "10"},
                 {"ChargeType", "Month"},
                 {"Name", "edge link"},
                 {"Path", "IGP"},
                 {"PayMode", "FixedBw"},
                 {"Qos", "Platinum"},
                 {"Quantity", std::move(quantity)},
                 {"RegionA", "hk"},
                 {"RegionB", "sg"},
                 {"Remark", "a+b&c=é"},
                 {"UGNID", "ugn-demo01"}});
}

TEST(Signature, ReproducesTheVectorsOfTheVendorsPagesAndSdks) {
    EXPECT_EQ(signature(describe_uhost(kUcloudUser, "cn-bj2"), kSampleKey),
              "cba5cf5ec4d4233d206b1b54951e3787350a642f");  // P1
    EXPECT_EQ(signature({{"foo", "bar"}}, "my_private_key"),
              "634edc1bb957c0d65e5ab5494cf3b7784fbc87af");  // P2
    EXPECT_EQ(signature({{"foo", "bar"}, {"PublicKey", "my_public_key"}}, "my_private_key"),
              "d4411ab30953fb0bbcb1e7313081f05e4e91a394");                                         // P2b
    EXPECT_EQ(signature(create_uhost(), kSampleKey), "4f9ef5df2abab2c6fccd1e9515cb7e2df8c6bb65");  // P3
    auto with_token = create_uhost();
    with_token["SecurityToken"] = "some_stoken";
    EXPECT_EQ(signature(with_token, kSampleKey), "170c480ad176a247b324eb92a2cfe536aacfbd04");  // P4
    EXPECT_EQ(signature(describe_uhost("someone@example.com1296235120854146120", "cn-bj2"), kSampleKey),
              "4201919d267504385deb93af19e0197870fed36b");  // P6
    EXPECT_EQ(signature(describe_uhost("john.doe@example.com1296235120854146120", "vn-sng"), kSampleKey),
              "52fc1191f026532c9100946c6a863a90d5f766ed");  // P7
}

TEST(Signature, SortsTheTenthElementOfAnArrayBeforeTheSecond) {
    Parameters batch{{"Action", "AllocateBackendBatch"}, {"PublicKey", kUcloudUser}};
    for (int i = 0; i < 12; ++i)
        batch["Backends." + std::to_string(i)] = i % 3 == 0 ? "foo" : i % 3 == 1 ? "bar" : "42";
    EXPECT_EQ(signature(batch, kSampleKey), "6bc32642779f8cb0bb3d3f128b1c0688abf9a1a3");  // P5
}

TEST(Signature, ReproducesTheVectorsOfThisProtocolsOwnActions) {
    EXPECT_EQ(signature(demo({{"Action", "CreateInterRegionBandwidth"},
                              {"Bandwidth", "10"},
                              {"ChargeType", "Month"},
                              {"PayMode", "Traffic"},
                              {"Quantity", "1"},
                              {"Region0", "hk"},
                              {"Region1", "sg"},
                              {"UGNId", "ugn-demo01"}}),
                        kDemoKey),
              "ae7f461d9e0fce7f4b631ec38433133649058129");  // V1
    EXPECT_EQ(signature(demo({{"Action", "DescribeInterRegionBandwidth"},
                              {"InterRegionBandwidthIds.0", "irb-a"},
                              {"InterRegionBandwidthIds.1", "irb-b"},
                              {"Limit", "20"},
                              {"Offset", "20"},
                              {"UGNId", "ugn-demo01"}}),
                        kDemoKey),
              "df26939900b6a39261dea4e21d10aadbf9f1fde3");                                             // V2
    EXPECT_EQ(signature(simple_create("1"), kDemoKey), "85878a1fb3184356b11cd9be937ae973b8db6df3");    // V3
    EXPECT_EQ(signature(simple_create("2.5"), kDemoKey), "eece9f18c5156bdb5c912e768284617bcdbae98c");  // V3b
    EXPECT_EQ(signature(demo({{"Action", "CreateBandwidthPackage"},
                              {"Bandwidth", "200"},
                              {"EIPId", "eip-demo01"},
                              {"EnableTime", "1893456000"},
                              {"Region", "sg"},
                              {"TimeRange", "2"}}),
                        kDemoKey),
              "ffd60ca49d9532d30a6655aa172f4bc997dbc75a");  // V4
    EXPECT_EQ(signature(demo({{"Action", "EnableRoutePolicy"},
                              {"Enable", "true"},
                              {"PolicyId", "policy-demo"},
                              {"UGNID", "ugn-demo01"}}),
                        kDemoKey),
              "90083df986d113309e88dfe178b90de7aaf97b45");  // V5
}

TEST(Signature, OfAJsonArrayIsAnotherThanOfTheFormThatWeSend) {
    EXPECT_EQ(signature(demo({{"Action", "DescribeInterRegionBandwidth"},
                              {"InterRegionBandwidthIds", "irb-airb-b"},
                              {"Limit", "20"},
                              {"Offset", "20"},
                              {"UGNId", "ugn-demo01"}}),
                        kDemoKey),
              "cc31619ee9a9158075da5a8764e9ef7018a9dfbb");  // V6
}

TEST(Signature, SortsByPlainBytes) {
    EXPECT_EQ(signature({{"Action", "T"},
                         {"BandWidth", "1"},
                         {"Bandwidth", "2"},
                         {"PublicKey", "pk-demo-0001"},
                         {"UGNID", "3"},
                         {"UGNId", "4"},
                         {"Z", "0"},
                         {"Z.1", "1"},
                         {"Z.2", "2"},
                         {"Z.10", "10"},
                         {"a", "5"}},
                        kDemoKey),
              "7d0f675434e1276287df63278dbfd5716fdca9e0");  // V7
}

TEST(Signature, ChangesWithTheKeyTheValueAndTheCaseOfAName) {
    const auto good = signature({{"foo", "bar"}}, "my_private_key");
    EXPECT_NE(signature({{"foo", "bar"}}, "my_private_kex"), good);
    EXPECT_NE(signature({{"foo", "baz"}}, "my_private_key"), good);
    EXPECT_NE(signature({{"Foo", "bar"}}, "my_private_key"), good);
    EXPECT_NE(signature({{"foo", "bar"}, {"more", "1"}}, "my_private_key"), good);
}

TEST(Form, EncodesEverythingButTheUnreserved) {
    auto parameters = simple_create("1");
    parameters["Signature"] = signature(parameters, kDemoKey);
    EXPECT_EQ(
        form(parameters),
        "Action=CreateSimpleUGNBwPackage&BandWidth=10&ChargeType=Month&Name=edge%20link&Path=IGP&PayMode="
        "FixedBw&ProjectId=org-demo01&PublicKey=pk-demo-0001&Qos=Platinum&Quantity=1&RegionA=hk&RegionB=sg&"
        "Remark=a%2Bb%26c%3D%C3%A9&Signature=85878a1fb3184356b11cd9be937ae973b8db6df3&UGNID=ugn-demo01");
    EXPECT_EQ(form({{"a", "-_.~"}, {"b", "+/ %"}}), "a=-_.~&b=%2B%2F%20%25");
}

}  // namespace
}  // namespace bwgw::ucloud
