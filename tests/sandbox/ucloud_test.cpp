#include <gtest/gtest.h>

#include "tests/sandbox/callers.h"

namespace bwgw::sandbox {
namespace {

constexpr std::string_view kSampleKey = "46f09bb9fab4f12dfc160dae12273d5332b5debe";
constexpr std::string_view kOwnKey = "sk-demo-0001";

Parameters describe_uhost(std::string_view account, std::string_view region = "cn-bj2") {
    return {{"Action", "DescribeUHostInstance"},
            {"Limit", "10"},
            {"PublicKey", fmt::format("{}1296235120854146120", account)},
            {"Region", std::string(region)}};
}

Parameters own(Parameters parameters) {
    parameters.emplace("PublicKey", "pk-demo-0001");
    parameters.emplace("ProjectId", "org-demo01");
    return parameters;
}

TEST(UcloudSignature, ReproducesEveryPublishedVector) {
    using ucloud::signature;
    EXPECT_EQ(signature(describe_uhost("ucloudsomeone@example.com"), kSampleKey),
              "cba5cf5ec4d4233d206b1b54951e3787350a642f");
    EXPECT_EQ(signature({{"foo", "bar"}}, "my_private_key"), "634edc1bb957c0d65e5ab5494cf3b7784fbc87af");
    EXPECT_EQ(signature({{"foo", "bar"}, {"PublicKey", "my_public_key"}}, "my_private_key"),
              "d4411ab30953fb0bbcb1e7313081f05e4e91a394");
    Parameters create{{"Action", "CreateUHostInstance"},
                      {"CPU", "2"},
                      {"ChargeType", "Month"},
                      {"DiskSpace", "10"},
                      {"ImageId", "f43736e1-65a5-4bea-ad2e-8a46e18883c2"},
                      {"LoginMode", "Password"},
                      {"Memory", "2048"},
                      {"Name", "Host01"},
                      {"Password", "VUNsb3VkLmNu"},
                      {"PublicKey", "ucloudsomeone@example.com1296235120854146120"},
                      {"Quantity", "1"},
                      {"Region", "cn-bj2"},
                      {"Zone", "cn-bj2-04"}};
    EXPECT_EQ(signature(create, kSampleKey), "4f9ef5df2abab2c6fccd1e9515cb7e2df8c6bb65");
    create["SecurityToken"] = "some_stoken";
    EXPECT_EQ(signature(create, kSampleKey), "170c480ad176a247b324eb92a2cfe536aacfbd04");
    Parameters backends{{"Action", "AllocateBackendBatch"},
                        {"PublicKey", "ucloudsomeone@example.com1296235120854146120"}};
    const std::string words[] = {"foo", "bar", "42"};
    for (std::size_t i = 0; i < 12; ++i) backends[fmt::format("Backends.{}", i)] = words[i % 3];
    EXPECT_EQ(signature(backends, kSampleKey), "6bc32642779f8cb0bb3d3f128b1c0688abf9a1a3");
    EXPECT_EQ(signature(describe_uhost("someone@example.com"), kSampleKey),
              "4201919d267504385deb93af19e0197870fed36b");
    EXPECT_EQ(signature(describe_uhost("john.doe@example.com", "vn-sng"), kSampleKey),
              "52fc1191f026532c9100946c6a863a90d5f766ed");
}

TEST(UcloudSignature, ReproducesTheVectorsOfTheBandwidthActions) {
    using ucloud::signature;
    EXPECT_EQ(signature(own({{"Action", "CreateInterRegionBandwidth"},
                             {"Bandwidth", "10"},
                             {"ChargeType", "Month"},
                             {"PayMode", "Traffic"},
                             {"Quantity", "1"},
                             {"Region0", "hk"},
                             {"Region1", "sg"},
                             {"UGNId", "ugn-demo01"}}),
                        kOwnKey),
              "ae7f461d9e0fce7f4b631ec38433133649058129");
    EXPECT_EQ(signature(own({{"Action", "CreateBandwidthPackage"},
                             {"Bandwidth", "200"},
                             {"EIPId", "eip-demo01"},
                             {"EnableTime", "1893456000"},
                             {"Region", "sg"},
                             {"TimeRange", "2"}}),
                        kOwnKey),
              "ffd60ca49d9532d30a6655aa172f4bc997dbc75a");
    EXPECT_EQ(signature(own({{"Action", "EnableRoutePolicy"},
                             {"Enable", "true"},
                             {"PolicyId", "policy-demo"},
                             {"UGNID", "ugn-demo01"}}),
                        kOwnKey),
              "90083df986d113309e88dfe178b90de7aaf97b45");
    EXPECT_EQ(signature({{"Action", "T"},
                         {"BandWidth", "1"},
                         {"Bandwidth", "2"},
                         {"UGNID", "3"},
                         {"UGNId", "4"},
                         {"Z", "0"},
                         {"Z.1", "1"},
                         {"Z.2", "2"},
                         {"Z.10", "10"},
                         {"a", "5"},
                         {"PublicKey", "pk-demo-0001"}},
                        kOwnKey),
              "7d0f675434e1276287df63278dbfd5716fdca9e0");
}

TEST(UcloudSignature, IsTakenOverTheDecodedFormWithActionCountedOnce) {
    const Request request{
        .method = "POST",
        .path = "/",
        .query = "Action=CreateSimpleUGNBwPackage",
        .headers = {{"content-type", "application/x-www-form-urlencoded"}},
        .body =
            "Action=CreateSimpleUGNBwPackage&BandWidth=10&ChargeType=Month&Name=edge%20link&Path=IGP&PayMode="
            "FixedBw&ProjectId=org-demo01&PublicKey=pk-demo-0001&Qos=Platinum&Quantity=1&RegionA=hk&RegionB="
            "sg&"
            "Remark=a%2Bb%26c%3D%C3%A9&Signature=85878a1fb3184356b11cd9be937ae973b8db6df3&UGNID=ugn-demo01"};
    const auto call = ucloud::read_call(request);
    EXPECT_EQ(ucloud::signature(call.signed_values, kOwnKey), call.value("Signature"));
    EXPECT_EQ(call.value("Remark"), "a+b&c=é");
}

TEST(UcloudSignature, JoinsTheElementsOfAJsonArrayAndDropsTheFractionOfAWholeNumber) {
    Request request{
        .method = "POST",
        .path = "/",
        .query = "",
        .headers = {{"content-type", "application/json"}},
        .body = R"({"Action":"DescribeInterRegionBandwidth","InterRegionBandwidthIds":["irb-a","irb-b"],
                               "Limit":20.0,"Offset":20,"ProjectId":"org-demo01","PublicKey":"pk-demo-0001",
                               "UGNId":"ugn-demo01"})"};
    const auto call = ucloud::read_call(request);
    EXPECT_EQ(ucloud::signature(call.signed_values, kOwnKey), "cc31619ee9a9158075da5a8764e9ef7018a9dfbb");
    EXPECT_EQ(call.value("InterRegionBandwidthIds.1"), "irb-b");
    request.headers.clear();
    request.body =
        "Action=DescribeInterRegionBandwidth&InterRegionBandwidthIds.0=irb-a&InterRegionBandwidthIds.1="
        "irb-b&Limit=20&Offset=20&ProjectId=org-demo01&PublicKey=pk-demo-0001&UGNId=ugn-demo01";
    EXPECT_EQ(ucloud::signature(ucloud::read_call(request).signed_values, kOwnKey),
              "df26939900b6a39261dea4e21d10aadbf9f1fde3");
}

const Parameters kLegacyOrder{{"Action", "CreateInterRegionBandwidth"},
                              {"UGNId", "ugn-demo01"},
                              {"Bandwidth", "10"},
                              {"ChargeType", "Month"},
                              {"Quantity", "1"},
                              {"PayMode", "Traffic"},
                              {"Region0", "hk"},
                              {"Region1", "sg"}};
const Parameters kLegacyList{{"Action", "DescribeInterRegionBandwidth"}, {"UGNId", "ugn-demo01"}};
const Parameters kSimpleOrder{{"Action", "CreateSimpleUGNBwPackage"},
                              {"UGNID", "ugn-demo22"},
                              {"BandWidth", "10"},
                              {"ChargeType", "Month"},
                              {"Quantity", "1"},
                              {"PayMode", "FixedBw"},
                              {"RegionA", "sg"},
                              {"RegionB", "ge-fra"},
                              {"Name", "ord-42"}};
const Parameters kSimpleList{{"Action", "GetSimpleUGNBwPackages"}, {"UGNID", "ugn-demo22"}};
const Parameters kBoost{{"Action", "CreateBandwidthPackage"},
                        {"Region", "hk"},
                        {"EIPId", "eip-demo01"},
                        {"Bandwidth", "200"},
                        {"TimeRange", "2"}};

Parameters with(Parameters parameters, const std::string& name, const std::string& value) {
    parameters[name] = value;
    return parameters;
}

Parameters without(Parameters parameters, const std::string& name) {
    parameters.erase(name);
    return parameters;
}

TEST(Ucloud, ChecksInTheDocumentedOrder) {
    Desk desk;
    const auto code = [&](const Request& request) {
        return ret_code(parse_json(desk.answer("scloudsg", request).reply.body));
    };
    const auto raw = [](const Parameters& parameters) {
        return Request{.method = "GET", .path = "/", .query = form(parameters), .headers = {}, .body = ""};
    };
    EXPECT_EQ(code(raw({})), 160);
    EXPECT_EQ(code(raw({{"Action", "Nonsense"}})), 170);
    EXPECT_EQ(code(raw({{"Action", "Nonsense"}, {"Signature", "x"}})), 172);
    EXPECT_EQ(code(raw({{"Action", "Nonsense"}, {"Signature", "x"}, {"PublicKey", "pk-scloudsg"}})), 171);
    EXPECT_EQ(code(ucloud_request("scloudsg", {{"Action", "Nonsense"}, {"ProjectId", "other"}})), 161);
    EXPECT_EQ(code(ucloud_request("scloudsg", kSimpleOrder)), 161) << "not sold by this brand";
    EXPECT_EQ(code(ucloud_request("scloudsg", without(with(kLegacyOrder, "ProjectId", "other"), "UGNId"))),
              292);
    EXPECT_EQ(code(ucloud_request("scloudsg", without(with(kLegacyOrder, "Bandwidth", "x"), "Quantity"))),
              220);
    EXPECT_EQ(code(ucloud_request("scloudsg", with(with(kLegacyOrder, "Quantity", "0"), "UGNId", "no"))),
              230);
    EXPECT_EQ(code(ucloud_request("scloudsg", with(kLegacyOrder, "UGNId", "no"))), 8039);
    EXPECT_EQ(code(ucloud_request("scloudsg", with(kLegacyOrder, "Region1", "hk"))), 230);
    desk.control("POST", "/behaviour", R"({"brand":"scloudsg","balance":999})");
    EXPECT_EQ(code(ucloud_request("scloudsg", kLegacyOrder)), 520);
    EXPECT_TRUE(desk.world.ledger.purchases().empty());
    desk.control("DELETE", "/faults");
    EXPECT_EQ(code(ucloud_request("scloudsg", kLegacyOrder)), 0);
    EXPECT_EQ(desk.world.ledger.purchases().size(), 1U);
}

TEST(Ucloud, LosesAParameterOfTheWrongCaseButSignsIt) {
    Desk desk;
    auto list = kLegacyList;
    for (int i = 0; i < 3; ++i) desk.ucloud("scloudsg", kLegacyOrder);
    list["OffSet"] = "2";
    EXPECT_EQ(desk.ucloud("scloudsg", list)["InterRegionBandwidths"].Size(), 3U);
    list["Offset"] = "2";
    EXPECT_EQ(desk.ucloud("scloudsg", list)["InterRegionBandwidths"].Size(), 1U);
}

TEST(Ucloud, SellsALegacyPairTwiceResizesItByTextAndForgetsItOnce) {
    Desk desk;
    const std::string first = desk.ucloud("scloudsg", kLegacyOrder)["InterRegionBandwidthId"].GetString();
    const std::string second = desk.ucloud("scloudsg", kLegacyOrder)["InterRegionBandwidthId"].GetString();
    EXPECT_NE(first, second);
    const Parameters named{{"UGNId", "ugn-demo01"}, {"InterRegionBandwidthId", first}};
    EXPECT_EQ(ret_code(desk.ucloud(
                  "scloudsg", with(with(named, "Action", "ModifyInterRegionBandwidth"), "Bandwidth", "20"))),
              0);
    const auto one = desk.ucloud("scloudsg", with(kLegacyList, "InterRegionBandwidthIds.0", first));
    EXPECT_EQ(one["TotalCount"].GetInt(), 1);
    EXPECT_EQ(one["InterRegionBandwidths"][0]["Bandwidth"].GetInt(), 20);
    EXPECT_EQ(ret_code(desk.ucloud("scloudsg", with(named, "Action", "DeleteInterRegionBandwidth"))), 0);
    EXPECT_EQ(ret_code(desk.ucloud("scloudsg", with(named, "Action", "DeleteInterRegionBandwidth"))), 8039);
    EXPECT_EQ(desk.ucloud("scloudsg", kLegacyList)["TotalCount"].GetInt(), 1);
    EXPECT_TRUE(desk.world.ledger.purchases()[0].released);
    EXPECT_FALSE(desk.world.ledger.purchases()[1].released);
}

TEST(Ucloud, RefusesAJsonNumberWhereTheTableSaysString) {
    Desk desk;
    const auto modify = [&](std::string_view bandwidth) {
        auto request = ucloud_request("scloudsg", {{"Action", "ModifyInterRegionBandwidth"},
                                                   {"Bandwidth", "20"},
                                                   {"UGNId", "ugn-demo01"},
                                                   {"InterRegionBandwidthId", "irb-none"}});
        const auto signed_as = ucloud::read_call(request).values;
        request.headers = {{"content-type", "application/json"}};
        request.body =
            fmt::format(R"({{"Action":"ModifyInterRegionBandwidth","Bandwidth":{},"UGNId":"ugn-demo01",
            "InterRegionBandwidthId":"irb-none","ProjectId":"org-demo","PublicKey":"pk-scloudsg","Signature":"{}"}})",
                        bandwidth, signed_as.at("Signature"));
        return ret_code(parse_json(desk.answer("scloudsg", request).reply.body));
    };
    EXPECT_EQ(modify("20"), 230);
    EXPECT_EQ(modify("\"20\""), 8039);
}

TEST(Ucloud, KeepsAProvisioningStateAndALateRowUntilTheirTime) {
    Desk desk;
    desk.control("POST", "/behaviour", R"({"brand":"scloudsg","visible_after_ms":3000,"create_ms":5000,
                                           "legacy_state_provisioning":true})");
    desk.ucloud("scloudsg", kLegacyOrder);
    desk.wall_ms += 2999;
    EXPECT_EQ(desk.ucloud("scloudsg", kLegacyList)["TotalCount"].GetInt(), 0);
    desk.wall_ms += 1;
    EXPECT_EQ(desk.ucloud("scloudsg", kLegacyList)["InterRegionBandwidths"][0]["State"].GetInt(), 0);
    desk.control("POST", "/clock", R"({"advance_ms":2000})");
    EXPECT_EQ(desk.ucloud("scloudsg", kLegacyList)["InterRegionBandwidths"][0]["State"].GetInt(), 1);
}

TEST(Ucloud, SellsASimplePairOnceWhicheverWayRound) {
    Desk desk;
    const auto bought = desk.ucloud("surfercloud", kSimpleOrder);
    EXPECT_EQ(ret_code(bought), 0);
    EXPECT_EQ(bought.MemberCount(), 3U) << "the envelope and nothing else";
    EXPECT_EQ(
        ret_code(desk.ucloud("surfercloud", with(with(kSimpleOrder, "RegionA", "ge-fra"), "RegionB", "sg"))),
        2001);
    EXPECT_EQ(desk.world.ledger.purchases().size(), 1U);
    const auto list = desk.ucloud("surfercloud", kSimpleList);
    EXPECT_STREQ(list["BwPackages"][0]["Name"].GetString(), "ord-42");
    EXPECT_EQ(list["BwPackages"][0]["ExpireTime"].GetInt64(), 1'782'835'200) << "the month's end in Beijing";
}

TEST(Ucloud, ReplacesTheFreePackageByABoughtOneAndBringsItBack) {
    Desk desk;
    const auto rows = [&] { return desk.ucloud("surfercloud", kSimpleList); };
    EXPECT_STREQ(rows()["BwPackages"][0]["PayMode"].GetString(), "Free");
    EXPECT_DOUBLE_EQ(rows()["BwPackages"][0]["BandWidth"].GetDouble(), 0.005);
    desk.ucloud("surfercloud", kSimpleOrder);
    const auto bought = rows();
    ASSERT_EQ(bought["BwPackages"].Size(), 1U);
    const std::string id = bought["BwPackages"][0]["PackageID"].GetString();
    EXPECT_EQ(
        ret_code(desk.ucloud(
            "surfercloud", {{"Action", "DeleteUGNBwPackage"}, {"UGNID", "ugn-demo22"}, {"BwPackageID", id}})),
        0);
    const auto after = rows();
    ASSERT_EQ(after["BwPackages"].Size(), 1U);
    EXPECT_STREQ(after["BwPackages"][0]["PayMode"].GetString(), "Free");
    EXPECT_NE(after["BwPackages"][0]["PackageID"].GetString(), id);
    EXPECT_TRUE(desk.world.ledger.purchases()[0].released);
}

TEST(Ucloud, SellsPayModesOnlyWithTheirChargeTypes) {
    Desk desk;
    const auto code = [&](const char* pay_mode, const char* charge_type) {
        desk.world.reset("surfercloud", desk.wall_ms);
        return ret_code(desk.ucloud(
            "surfercloud", with(with(kSimpleOrder, "PayMode", pay_mode), "ChargeType", charge_type)));
    };
    EXPECT_EQ(code("FixedBw", "Year"), 0);
    EXPECT_EQ(code("FixedBw", "PostPay"), 230);
    EXPECT_EQ(code("Max5", "Postpay"), 0);
    EXPECT_EQ(code("Max5", "Month"), 230);
    EXPECT_EQ(code("Traffic", "Count"), 0);
    EXPECT_EQ(code("Traffic", "PostPay"), 0);
}

TEST(Ucloud, QuotesInWholeNumbers) {
    Desk desk;
    const auto quote = desk.ucloud("surfercloud", {{"Action", "GetSimpleBuyBwPrice"},
                                                   {"RegionA", "hk"},
                                                   {"RegionB", "sg"},
                                                   {"PayMode", "FixedBw"},
                                                   {"ChargeType", "Month"},
                                                   {"Qos", "Platinum"},
                                                   {"Path", "IGP"},
                                                   {"BandWidth", "10"}});
    EXPECT_EQ(quote["OriginalPrice"].GetInt(), 1000);
    EXPECT_EQ(quote["TotalPrice"].GetInt(), 900);
}

TEST(Ucloud, BoostsAnEipForHoursOrSecondsAndRefusesAsDocumented) {
    Desk desk;
    const auto code = [&](const Parameters& order) { return ret_code(desk.ucloud("scloudsg", order)); };
    EXPECT_EQ(code(with(kBoost, "EIPId", "eip-none")), 4210);
    EXPECT_EQ(code(with(kBoost, "Bandwidth", "801")), 4217);
    EXPECT_EQ(code(with(kBoost, "Bandwidth", "1")), 4227);
    EXPECT_EQ(code(with(kBoost, "TimeRange", "0")), 230);
    EXPECT_EQ(code(with(kBoost, "EnableTime", "1781691739")), 4463);
    EXPECT_EQ(code(kBoost), 0);
    const Parameters list{{"Action", "DescribeBandwidthPackage"}, {"Region", "hk"}};
    auto rows = desk.ucloud("scloudsg", list);
    EXPECT_EQ(rows["DataSets"][0]["DisableTime"].GetInt64() - rows["DataSets"][0]["EnableTime"].GetInt64(),
              7200);
    desk.control("POST", "/behaviour", R"({"brand":"scloudsg","time_range_unit":"seconds"})");
    EXPECT_EQ(code(kBoost), 0);
    EXPECT_EQ(desk.ucloud("scloudsg", list)["TotalCount"].GetInt(), 2);
    desk.wall_ms += 2000;
    EXPECT_EQ(desk.ucloud("scloudsg", list)["TotalCount"].GetInt(), 1) << "its window has ended";
}

TEST(Ucloud, VariesItsAnswersOnRequest) {
    Desk desk;
    desk.ucloud("scloudsg", kLegacyOrder);
    desk.control("POST", "/behaviour", R"({"brand":"scloudsg","retcode_as_text":true,"key_case_variant":true,
        "swap_regions":true,"extra_fields":true,"omit_total_count":true})");
    const auto list = desk.ucloud("scloudsg", kLegacyList);
    EXPECT_STREQ(list["RetCode"].GetString(), "0");
    EXPECT_FALSE(list.HasMember("TotalCount"));
    const auto& row = list["InterRegionBandwidths"][0];
    EXPECT_TRUE(row.HasMember("InterRegionBandwidthID"));
    EXPECT_STREQ(row["Region0"].GetString(), "sg");
    EXPECT_TRUE(row.HasMember("IsCrossBorder"));
}

TEST(Ucloud, PagesAThousandSeededRowsWithoutLossWhateverTheOrder) {
    Desk desk;
    desk.control("POST", "/seed", R"({"brand":"scloudsg","count":1000,"product":"legacy"})");
    desk.control("POST", "/behaviour", R"({"brand":"scloudsg","shuffle_rows":true,"duplicate_rows":5})");
    std::set<std::string> ids;
    std::size_t rows = 0;
    for (int offset = 0; offset < 1005; offset += 50) {
        const auto page =
            desk.ucloud("scloudsg", with(with(kLegacyList, "Limit", "50"), "Offset", std::to_string(offset)));
        EXPECT_EQ(page["TotalCount"].GetInt(), 1005);
        for (const auto& row : page["InterRegionBandwidths"].GetArray()) {
            ids.insert(row["InterRegionBandwidthId"].GetString());
            ++rows;
        }
    }
    EXPECT_EQ(ids.size(), 1000U);
    EXPECT_EQ(rows, 1005U);
    EXPECT_TRUE(desk.world.ledger.purchases().empty()) << "nobody bought them";
}

}  // namespace
}  // namespace bwgw::sandbox
