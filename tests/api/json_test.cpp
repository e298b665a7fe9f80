#include <gtest/gtest.h>

#include "gateway/api/json.h"
#include "gateway/api/openapi.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

std::string refusal(const std::string& text) {
    const auto parsed = parse_json(text);
    if (parsed) return "accepted";
    return parsed.failure().errors.empty() ? parsed.failure().detail : errors_of(parsed.failure());
}

TEST(Json, NamesARepeatedMemberWhereverItIs) {
    EXPECT_EQ(refusal(R"({"a":1,"b":{"c":1,"c":2}})"), "/b/c: is there more than once\n");
    EXPECT_EQ(refusal(R"({"list":[{"x":1},{"y":1,"y":1}]})"), "/list/1/y: is there more than once\n");
    EXPECT_EQ(refusal(R"({"a":1,"\u0061":2})"), "/a: is there more than once\n");
    EXPECT_EQ(refusal(R"({"a/~b":1,"a/~b":2})"), "/a~1~0b: is there more than once\n");
    EXPECT_EQ(refusal(R"({"a":{"x":1},"b":{"x":1}})"), "accepted");
}

TEST(Json, RefusesNestingAboveItsBoundAndNotAtIt) {
    const std::string at(kMaxJsonDepth, '[');
    EXPECT_EQ(refusal(at + std::string(kMaxJsonDepth, ']')), "accepted");
    EXPECT_NE(refusal("[" + at + std::string(kMaxJsonDepth + 1, ']')).find("nested deeper"),
              std::string::npos);
    EXPECT_NE(refusal(std::string(60'000, '[')).find("nested deeper"), std::string::npos);
}

TEST(Json, RefusesWhatIsNotOneTextInUtf8) {
    for (const auto& text :
         {std::string("{\"a\":\"\xff\"}"), std::string("{\"a\":\"\xc0\xaf\"}"), std::string("{} {}"),
          std::string("{\"a\":1,}"), std::string("{}\0x", 4), std::string("NaN"), std::string("")})
        EXPECT_NE(refusal(text).find("not JSON in UTF-8"), std::string::npos) << text;
}

TEST(Json, RefusesZeroCharactersThatCStringsWouldCutAt) {
    EXPECT_EQ(refusal(R"({"a":"x\u0000y"})"), "/a: must not hold U+0000\n");
}

TEST(Json, IsCanonicalWhateverTheOrderTheBlanksAndTheSpellingOfNumbers) {
    const auto left = parse_json(R"({"b":[1.0,2.50],"a":{"y":1e2,"x":"\u00e9"}})");
    const auto right = parse_json("{ \"a\": {\"x\":\"\xc3\xa9\", \"y\":100}, \"b\": [1, 2.5] }");
    ASSERT_TRUE(left && right);
    EXPECT_EQ(canonical_json(*left), canonical_json(*right));
    EXPECT_EQ(canonical_json(*left), "{\"a\":{\"x\":\"\xc3\xa9\",\"y\":100},\"b\":[1,2.5]}");
}

TEST(Json, HashesAsFips180Says) {
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Yaml, KeepsQuotedScalarsTextsAndTypesPlainOnes) {
    const auto document = yaml_to_json(
        "{a: 1, b: '1', c: true, d: \"true\", e: null, f: 'null', g: 1.5, h: ~, i: -3, j: 0.1.0, k: [x, {y: "
        "no}], l: }");
    EXPECT_EQ(canonical_json(document),
              R"({"a":1,"b":"1","c":true,"d":"true","e":null,"f":"null","g":1.5,"h":null,"i":-3,"j":"0.1.0",)"
              R"("k":["x",{"y":"no"}],"l":null})");
}

TEST(Yaml, RefusesARepeatedKeyAndABrokenDocument) {
    EXPECT_THROW(yaml_to_json("{a: 1, a: 2}"), std::runtime_error);
    EXPECT_THROW(yaml_to_json("a: [1"), std::runtime_error);
    EXPECT_THROW(yaml_to_json("a: .inf"), std::runtime_error);
}

}  // namespace
}  // namespace bwgw::api::tests
