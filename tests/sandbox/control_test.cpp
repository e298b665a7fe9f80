#include <gtest/gtest.h>

#include "tests/sandbox/callers.h"

namespace bwgw::sandbox {
namespace {

const Parameters kBuy{{"Action", "CreateInterRegionBandwidth"},
                      {"UGNId", "ugn-demo01"},
                      {"Bandwidth", "10"},
                      {"ChargeType", "Month"},
                      {"Quantity", "1"},
                      {"PayMode", "Traffic"},
                      {"Region0", "hk"},
                      {"Region1", "sg"}};

void arm(Desk& desk, const std::string& members) {
    const auto reply = desk.control("POST", "/faults", fmt::format(R"({{"brand":"scloudsg",{}}})", members));
    ASSERT_EQ(reply.status, 200) << reply.body;
}

Answer buy(Desk& desk) {
    return desk.answer("scloudsg", ucloud_request("scloudsg", kBuy));
}

TEST(Faults, BeforeMeansNotExecutedAndAfterMeansExecuted) {
    for (const bool after : {false, true}) {
        for (const auto* const kind : {"reset", "hang", "status", "broken_body", "cut_body", "empty_body",
                                       "huge_body", "deep_json", "redirect", "challenge", "throttled"}) {
            Desk desk;
            arm(desk, fmt::format(R"("fault":"{}_{}")", kind, after ? "after" : "before"));
            EXPECT_FALSE(buy(desk).intact) << kind;
            EXPECT_EQ(desk.world.ledger.purchases().size(), after ? 1U : 0U) << kind;
            EXPECT_TRUE(buy(desk).intact) << "used up";
            EXPECT_EQ(desk.world.ledger.purchases().size(), after ? 2U : 1U) << kind;
            EXPECT_TRUE(desk.world.ledger.purchases().back().reply_delivered);
            if (after) {
                EXPECT_FALSE(desk.world.ledger.purchases().front().reply_delivered) << kind;
            }
        }
    }
}

TEST(Faults, SayWhatTheyWereToldTo) {
    Desk desk;
    arm(desk, R"("kind":"retcode","when":"after","code":110)");
    EXPECT_EQ(ret_code(parse_json(buy(desk).reply.body)), 110);
    arm(desk, R"("kind":"throttled")");
    EXPECT_EQ(ret_code(parse_json(buy(desk).reply.body)), 153);
    arm(desk, R"("kind":"status","status":503,"retry_after":7)");
    const auto unavailable = buy(desk).reply;
    EXPECT_EQ(unavailable.status, 503);
    EXPECT_EQ(unavailable.headers.back(), (std::pair<std::string, std::string>{"Retry-After", "7"}));
    arm(desk, R"("kind":"without_member","when":"after","member":"RetCode")");
    EXPECT_FALSE(parse_json(buy(desk).reply.body).HasMember("RetCode"));
    arm(desk, R"("kind":"broken_body","when":"after")");
    EXPECT_TRUE(parse_json(buy(desk).reply.body).HasParseError());
    arm(desk, R"("kind":"huge_body","when":"after","size_bytes":1000000)");
    const auto huge = buy(desk).reply;
    EXPECT_EQ(huge.blanks, 1'000'000);
    EXPECT_EQ(ret_code(parse_json(huge.body)), 0);
    desk.control("POST", "/faults", R"({"brand":"zenlayer","kind":"throttled"})");
    EXPECT_EQ(
        desk.answer("zenlayer", zenlayer_request("DescribeVpcs", "{}", desk.wall_ms / 1000)).reply.status,
        429);
}

TEST(Faults, BefallOnlyTheirActionTheirTimesAndTheirTurn) {
    Desk desk;
    arm(desk, R"("kind":"reset","action":"CreateInterRegionBandwidth","skip":1,"times":2)");
    EXPECT_EQ(desk.answer("scloudsg", ucloud_request("scloudsg", {{"Action", "ListUGN"}})).delivery,
              Delivery::send);
    EXPECT_EQ(buy(desk).delivery, Delivery::send);
    EXPECT_EQ(buy(desk).delivery, Delivery::reset);
    EXPECT_EQ(buy(desk).delivery, Delivery::reset);
    EXPECT_EQ(buy(desk).delivery, Delivery::send);
    arm(desk, R"("kind":"hang","times":-1,"after_ms":1000)");
    EXPECT_EQ(buy(desk).delivery, Delivery::send);
    desk.wall_ms += 1000;
    EXPECT_EQ(buy(desk).delivery, Delivery::hang);
    desk.control("DELETE", "/faults?brand=scloudsg");
    EXPECT_EQ(buy(desk).delivery, Delivery::send);
}

TEST(Faults, WaitBeforeExecutingOrAfter) {
    Desk desk;
    arm(desk, R"("kind":"slow","when":"before","delay_ms":500)");
    const auto request = ucloud_request("scloudsg", kBuy);
    auto& brand = *desk.world.find("scloudsg");
    const auto arrival = desk.world.arrive(brand, request, desk.wall_ms);
    EXPECT_EQ(arrival.delay_ms, 500);
    EXPECT_TRUE(desk.world.ledger.purchases().empty());
    EXPECT_EQ(desk.world.answer(brand, request, arrival, desk.wall_ms + 500).delay_ms, 0);
    EXPECT_EQ(desk.world.ledger.purchases().size(), 1U);
    arm(desk, R"("kind":"slow","when":"after","delay_ms":500)");
    EXPECT_EQ(buy(desk).delay_ms, 500);
}

TEST(Control, NamesTheWrongMemberAndChangesNothing) {
    Desk desk;
    const auto refused = [&](const char* path, const char* body) {
        const auto reply = desk.control("POST", path, body);
        EXPECT_EQ(reply.status, 400) << path << body;
        return std::string(text_of(parse_json(reply.body)["error"]));
    };
    EXPECT_EQ(refused("/faults", R"({"kind":"reset"})"), "brand: missing");
    EXPECT_EQ(refused("/faults", R"({"brand":"nobody","kind":"reset"})"), "brand: nobody is unknown");
    EXPECT_EQ(refused("/faults", R"({"brand":"dezai","kind":"resett"})"), "kind: no fault is called resett");
    EXPECT_EQ(refused("/faults", R"({"brand":"dezai"})"), "kind: missing");
    EXPECT_EQ(refused("/faults", R"({"brand":"dezai","kind":"reset","timez":"1"})"), "timez: unknown");
    EXPECT_EQ(refused("/faults", R"({"brand":"dezai","kind":"retcode"})"), "code: missing");
    EXPECT_EQ(refused("/behaviour", R"({"brand":"dezai","swap_regions":true,"visible":1})"),
              "visible: no such member");
    EXPECT_EQ(refused("/behaviour", R"({"brand":"dezai","time_range_unit":"days"})"),
              "time_range_unit: one of hours|seconds expected");
    EXPECT_EQ(refused("/clock", R"({"offset":1})"), "offset: unknown");
    EXPECT_EQ(refused("/networks", R"({"brand":"dezai","id":"ugn-x","regions":["mars"]})"),
              "regions: unknown region mars");
    EXPECT_EQ(refused("/reset", "[]"), "body: a JSON object expected");
    EXPECT_TRUE(desk.world.find("dezai")->faults.armed().empty());
    EXPECT_FALSE(desk.world.find("dezai")->behaviour.swap_regions);
    EXPECT_EQ(desk.control("POST", "/nowhere", "{}").status, 404);
}

TEST(Control, ShowsPurchasesAndRequestsWithoutCredentials) {
    Desk desk;
    buy(desk);
    const auto ledger = desk.control("GET", "/ledger?brand=scloudsg").body;
    const auto purchase = parse_json(ledger);
    EXPECT_STREQ(purchase["purchases"][0]["parameters"]["Region0"].GetString(), "hk");
    EXPECT_STREQ(purchase["purchases"][0]["network"].GetString(), "ugn-demo01");
    EXPECT_EQ(parse_json(desk.control("GET", "/ledger?brand=dezai").body)["purchases"].Size(), 0U);
    const auto requests =
        desk.control("GET", "/requests?brand=scloudsg&action=CreateInterRegionBandwidth").body;
    EXPECT_TRUE(parse_json(requests)["requests"][0]["executed"].GetBool());
    for (const auto* const secret : {"Signature", "PublicKey", "pk-scloudsg", "sk-scloudsg"}) {
        EXPECT_EQ((ledger + requests).find(secret), std::string::npos) << secret;
    }
}

TEST(Control, ResetsOneBrandAndLeavesTheOthers) {
    Desk desk;
    buy(desk);
    arm(desk, R"("kind":"reset","times":-1,"action":"GetBalance")");
    desk.control("POST", "/reset", R"({"brand":"dezai"})");
    EXPECT_EQ(desk.world.ledger.purchases().size(), 1U);
    EXPECT_EQ(desk.world.find("scloudsg")->faults.armed().size(), 1U);
    desk.control("POST", "/reset", "{}");
    EXPECT_TRUE(desk.world.ledger.purchases().empty());
    EXPECT_TRUE(desk.world.find("scloudsg")->faults.armed().empty());
    EXPECT_TRUE(buy(desk).intact);
}

TEST(Control, MakesARowVanishWithoutAnyCall) {
    Desk desk;
    buy(desk);
    const auto id = desk.world.ledger.purchases()[0].native_id;
    EXPECT_EQ(
        desk.control("POST", "/vanish", fmt::format(R"({{"brand":"scloudsg","native_id":"{}"}})", id)).status,
        200);
    const auto list =
        desk.ucloud("scloudsg", {{"Action", "DescribeInterRegionBandwidth"}, {"UGNId", "ugn-demo01"}});
    EXPECT_EQ(list["TotalCount"].GetInt(), 0);
}

TEST(Settings, NameTheWrongMember) {
    const auto complaint = [](const std::string& brand) -> std::string {
        try {
            parse_settings(
                "control: 127.0.0.1:0\nbrands:\n  - {name: a, family: ucloud, public_key: p, private_key: q, "
                "project: o, products: [legacy]" +
                brand + "}");
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "none";
    };
    EXPECT_EQ(complaint(""), "none");
    EXPECT_EQ(complaint(", create_ms: soon"),
              "settings.brands[0]: create_ms: a whole number from 0 to 31536000000 expected");
    EXPECT_EQ(complaint(", colour: red"), "settings.brands[0]: colour: no such member");
    EXPECT_EQ(complaint(", ugns: [{id: u, regions: [mars]}]"), "settings.brands[0]: u: unknown region mars");
    EXPECT_EQ(complaint(", port: 99999"), "settings.brands[0]: port has the wrong type");
}

}  // namespace
}  // namespace bwgw::sandbox
