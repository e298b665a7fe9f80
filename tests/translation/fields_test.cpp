#include "providers/translation/fields.h"

#include <gtest/gtest.h>

#include <string>

namespace bwgw::translation {
namespace {

Document parsed(std::string_view json) {
    auto document = parse(json);
    EXPECT_TRUE(document) << json;
    return *std::move(document);
}

std::string nested(int depth) {
    std::string json = R"({"a":)";
    for (int i = 1; i < depth; ++i) json += '[';
    for (int i = 1; i < depth; ++i) json += ']';
    return json + "}";
}

TEST(Parse, RefusesWhatIsNotOneJsonObject) {
    for (const std::string_view body :
         {"", "   ", "<html>", "{", "{}{}", "{} x", "[]", "null", "5", "{\"a\":}", "{\"a\":01}", "{\"a\":1,}",
          "\xEF\xBB\xBF{}", "{'a':1}", "{\"a\":NaN}"}) {
        const auto document = parse(body);
        ASSERT_FALSE(document) << body;
        EXPECT_EQ(document.failure().slug, Slug::provider_contract_violation);
    }
    EXPECT_FALSE(parse(std::string_view("{}\0{}", 5)));
}

TEST(Parse, RefusesBadUtf8AndNulInTexts) {
    EXPECT_FALSE(parse("{\"a\":\"\xC3\x28\"}"));
    EXPECT_FALSE(parse("{\"a\":\"\xED\xA0\x80\"}"));
    EXPECT_FALSE(parse("{\"\xFF\":1}"));
    EXPECT_FALSE(parse(R"({"a":"5\u0000"})"));
    EXPECT_FALSE(parse(R"({"a\u0000":5})"));
    EXPECT_TRUE(parse(R"({"a":"东京"})"));
}

TEST(Parse, BoundsNesting) {
    EXPECT_TRUE(parse(nested(kMaxNesting)));
    const auto document = parse(nested(kMaxNesting + 1));
    ASSERT_FALSE(document);
    EXPECT_NE(document.failure().detail.find("nested"), std::string::npos);
    EXPECT_FALSE(parse(std::string(1'000'000, '[')));
}

TEST(Fields, ReadsNumbersAsTextAndTextAsNumbers) {
    const auto document =
        parsed(R"({"id":1200000000000000007,"text":"x","a":80,"b":"81","c":82.0,"d":450.0})");
    Fields fields(document.root, Keys::exact, "row");
    EXPECT_EQ(fields.text("id"), "1200000000000000007");
    EXPECT_EQ(fields.text("text"), "x");
    EXPECT_EQ(fields.integer("a"), 80);
    EXPECT_EQ(fields.integer("b"), 81);
    EXPECT_EQ(fields.integer_if("c"), 82);
    EXPECT_EQ(fields.text("d"), "450.0");
    EXPECT_EQ(fields.decimal_if("d"), Decimal::from_units(450'000'000));
    EXPECT_FALSE(fields.wrong());
}

TEST(Fields, TakesAbsentNullAndEmptyAlikeForNothing) {
    const auto document = parsed(R"({"null":null,"empty":""})");
    Fields fields(document.root, Keys::exact, "row");
    for (const auto* key : {"null", "empty", "absent"}) {
        EXPECT_EQ(fields.text_if(key), std::nullopt);
        EXPECT_EQ(fields.integer_if(key), std::nullopt);
        EXPECT_EQ(fields.decimal_if(key), std::nullopt);
        EXPECT_EQ(fields.mbps_if(key), std::nullopt);
        EXPECT_EQ(fields.unix_seconds_if(key), std::nullopt);
        EXPECT_EQ(fields.iso_if(key), std::nullopt);
    }
    EXPECT_EQ(fields.array_if("null"), nullptr);
    EXPECT_EQ(fields.object_if("absent"), nullptr);
    EXPECT_FALSE(fields.wrong());
}

TEST(Fields, RemembersTheFirstWrongMemberOnly) {
    const auto document = parsed(R"({"a":"ten","b":{},"c":true})");
    Fields fields(document.root, Keys::exact, "row[3]");
    EXPECT_EQ(fields.integer_if("a"), std::nullopt);
    EXPECT_EQ(fields.text("absent"), "");
    EXPECT_EQ(fields.text_if("b"), std::nullopt);
    ASSERT_TRUE(fields.wrong());
    EXPECT_EQ(fields.wrong()->detail, "row[3].a is not a whole number");
    EXPECT_EQ(fields.wrong()->slug, Slug::provider_contract_violation);
}

TEST(Fields, RefusesMembersOfAnotherType) {
    const auto refuses = [](auto read) {
        const auto document =
            parsed(R"({"object":{},"array":[],"flag":true,"text":"x","huge":1e3,"minus":-1})");
        Fields fields(document.root, Keys::exact, "row");
        read(fields);
        return fields.wrong().has_value();
    };
    EXPECT_TRUE(refuses([](Fields& f) { f.text("object"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.text_if("flag"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.text("absent"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.integer("absent"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.integer("huge"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.decimal_if("minus"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.array_if("object"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.object_if("array"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.iso_if("text"); }));
    EXPECT_TRUE(refuses([](Fields& f) { f.unix_seconds_if("minus"); }));
}

TEST(Fields, RefusesAnythingButAnObject) {
    const auto document = parsed(R"({"rows":["text"]})");
    Fields fields(document.root["rows"][0], Keys::exact, "rows[0]");
    EXPECT_EQ(fields.text_if("id"), std::nullopt);
    ASSERT_TRUE(fields.wrong());
    EXPECT_EQ(fields.wrong()->detail, "rows[0] is not an object");
}

TEST(Fields, MatchesKeysInAnyCaseWhereAskedTo) {
    const auto document = parsed(R"({"bandWidth":5})");
    EXPECT_EQ(Fields(document.root, Keys::any_case, "row").integer_if("Bandwidth"), 5);
    EXPECT_EQ(Fields(document.root, Keys::exact, "row").integer_if("Bandwidth"), std::nullopt);
}

TEST(Fields, ReadsBandwidthToTheKilobit) {
    const auto document = parsed(R"({"free":0.005,"whole":50,"fine":0.0005})");
    Fields fields(document.root, Keys::exact, "row");
    EXPECT_EQ(fields.mbps_if("free"), Mbps{5});
    EXPECT_EQ(fields.mbps_if("whole"), Mbps::of(50));
    EXPECT_FALSE(fields.wrong());
    EXPECT_EQ(fields.mbps_if("fine"), std::nullopt);
    EXPECT_TRUE(fields.wrong());
}

TEST(Fields, ReadsTimes) {
    const auto document = parsed(R"({"unix":1767225605,"zero":0,"iso":"2026-01-01T00:00:05Z"})");
    Fields fields(document.root, Keys::exact, "row");
    const Instant expected{std::chrono::seconds(1767225605)};
    EXPECT_EQ(fields.unix_seconds_if("unix"), expected);
    EXPECT_EQ(fields.unix_seconds_if("zero"), std::nullopt);
    EXPECT_EQ(fields.iso_if("iso"), expected);
    EXPECT_FALSE(fields.wrong());
}

TEST(Fields, RefusesTimesThatDoNotExist) {
    for (const auto* text : {"2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
                             "2026-01-01 00:00:00", "2026-01-01T00:00:00+08:00", "2026-1-1T0:0:0Z", "soon"}) {
        const auto document = parsed(std::string(R"({"at":")") + text + "\"}");
        Fields fields(document.root, Keys::exact, "row");
        EXPECT_EQ(fields.iso_if("at"), std::nullopt) << text;
        EXPECT_TRUE(fields.wrong()) << text;
    }
}

TEST(Details, KeepWhatTheModelHasNoWordForVerbatim) {
    const auto document =
        parsed(R"({"id":"1","number":450.0,"text":"450.0","big":18446744073709551616,"exp":1e-7,)"
               R"("null":null,"deep":{"list":[5,"5",true,{"a":0.10}]},"quote":"\"\\\n"})");
    EXPECT_EQ(details_besides(document.root, {"id"}, Keys::exact),
              R"({"number":450.0,"text":"450.0","big":18446744073709551616,"exp":1e-7,)"
              R"("null":null,"deep":{"list":[5,"5",true,{"a":0.10}]},"quote":"\"\\\n"})");
}

TEST(Details, LeaveOutWhatIsKnownInAnyCaseWhereAskedTo) {
    const auto document = parsed(R"({"BandWidth":5,"Remark":"x"})");
    EXPECT_EQ(details_besides(document.root, {"Bandwidth"}, Keys::any_case), R"({"Remark":"x"})");
    EXPECT_EQ(details_besides(document.root, {"Bandwidth", "Remark"}, Keys::any_case), "{}");
    EXPECT_EQ(details_besides(document.root, {"Bandwidth", "Remark"}, Keys::exact), R"({"BandWidth":5})");
}

}  // namespace
}  // namespace bwgw::translation
