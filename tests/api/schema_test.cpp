#include <gtest/gtest.h>

#include "gateway/api/json.h"
#include "gateway/api/openapi.h"
#include "gateway/api/schema.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

Schema schema(const std::string& yaml, const std::string& components = "{}") {
    const auto document = yaml_to_json("{components: {schemas: " + components + "}, schema: " + yaml + "}");
    return Schema::compile(document, document["schema"], "Test");
}

std::string mistakes(const Schema& checked, const std::string& text) {
    std::vector<FieldError> errors;
    checked.check(*parse_json(text), "", errors);
    return errors_of(Failure{.errors = errors});
}

std::string refusal(const std::string& yaml, const std::string& components = "{}") {
    try {
        schema(yaml, components);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "accepted";
}

TEST(Schema, RefusesEveryKeywordThatNothingWouldCheck) {
    for (const char* keyword :
         {"nullable: true", "const: x", "format: date", "exclusiveMinimum: 1", "if: {}", "then: {}",
          "allOf: []", "oneOf: []", "anyOf: []", "not: {}", "dependentRequired: {}",
          "unevaluatedProperties: false", "patternProperties: {}", "uniqueItems: true", "multipleOf: 2",
          "contentEncoding: base64", "x-own: 1"})
        EXPECT_NE(refusal(std::string("{type: string, ") + keyword + "}").find("which nothing would check"),
                  std::string::npos)
            << keyword;
}

TEST(Schema, RefusesAKeywordThatMeansNothingForItsType) {
    for (const char* text : {"{type: integer, minLength: 1}", "{type: string, minimum: 1}",
                             "{type: string, properties: {}}", "{type: object, maxItems: 1}"})
        EXPECT_NE(refusal(text).find("means nothing for its type"), std::string::npos) << text;
}

TEST(Schema, RefusesWhatItCannotKeep) {
    for (const char* text :
         {"true", "{}", "{type: [string, 'null']}", "{type: date}", "{type: array}",
          "{type: string, minLength: x}", "{type: string, pattern: '('}",
          "{type: object, additionalProperties: {type: string}}", "{type: object, required: [a]}",
          "{$ref: '#/components/schemas/None'}", "{$ref: 'other.yaml'}",
          "{$ref: '#/components/schemas/A', description: sibling}"})
        EXPECT_NE(refusal(text, "{A: {type: string}}"), "accepted") << text;
    EXPECT_EQ(refusal("{$ref: '#/components/schemas/A'}", "{A: {type: string}}"), "accepted");
}

TEST(Schema, RefusesReferencesWithoutAnEnd) {
    EXPECT_NE(refusal("{$ref: '#/components/schemas/A'}", "{A: {$ref: '#/components/schemas/A'}}"),
              "accepted");
    EXPECT_NE(refusal("{$ref: '#/components/schemas/A'}",
                      "{A: {type: object, properties: {a: {$ref: '#/components/schemas/A'}}}}"),
              "accepted");
}

TEST(Schema, NamesEveryMistakeAtOnce) {
    const auto checked = schema(R"(
  {type: object, required: [a, b], additionalProperties: false, properties: {
    a: {type: string}, b: {type: integer, minimum: 1, maximum: 9},
    c: {type: object, required: [d], additionalProperties: false, properties: {d: {type: boolean}}},
    e: {type: array, minItems: 1, maxItems: 2, items: {type: string, minLength: 1, maxLength: 3, pattern: '^[a-z]+$'}},
    f: {type: string, enum: [x, y]}, g: {type: number, maximum: 2}}})");
    EXPECT_EQ(mistakes(checked, R"({"z":1,"c":{"x":1},"e":["ok","Not",""],"f":"z","g":2.5})"),
              "/a: is required\n/b: is required\n/z: is not a known member\n/c/d: is required\n"
              "/c/x: is not a known member\n/e: must have at most 2 items\n/f: must be one of x, y\n"
              "/g: must be at most 2\n");
    EXPECT_EQ(mistakes(checked, R"({"a":null,"b":1.5,"c":[],"e":["","NO"],"f":1,"g":"1"})"),
              "/a: must be a string\n/b: must be an integer\n/c: must be an object\n/e/0: must not be empty\n"
              "/e/1: must match ^[a-z]+$\n/f: must be a string\n/g: must be a number\n");
    EXPECT_EQ(mistakes(checked, R"({"a":"","b":10})"), "/b: must be at most 9\n");
    EXPECT_EQ(mistakes(checked, R"({"a":"","b":9,"c":{"d":false},"e":["abc"],"f":"y","g":-1})"), "");
    EXPECT_EQ(mistakes(checked, "[]"), ": must be an object\n");
}

TEST(Schema, CountsCharactersAndNotBytes) {
    const auto checked = schema("{type: string, maxLength: 2}");
    EXPECT_EQ(mistakes(checked, R"("éé")"), "");
    EXPECT_EQ(mistakes(checked, R"("ééé")"), ": must have at most 2 characters\n");
}

TEST(Schema, StopsAtItsBoundOfErrorsAndNeverMatchesAHugeText) {
    const auto checked = schema("{type: object, additionalProperties: false}");
    std::string body = "{";
    for (int i = 0; i < 5000; ++i) body += "\"m" + std::to_string(i) + "\":1,";
    body.back() = '}';
    std::vector<FieldError> errors;
    checked.check(*parse_json(body), "", errors);
    EXPECT_EQ(errors.size(), Schema::kMaxErrors);
    const auto star = schema("{type: string, pattern: '^(a|b)*$'}");
    EXPECT_EQ(mistakes(star, '"' + std::string(100'000, 'a') + '"'), ": must match ^(a|b)*$\n");
}

TEST(Schema, ReadsParametersByTheirType) {
    const auto of = [](const Schema& checked, std::string_view text) {
        std::vector<FieldError> errors;
        checked.check_text(text, "?p", errors);
        return errors_of(Failure{.errors = errors});
    };
    const auto number = schema("{type: integer, minimum: 1, maximum: 1000, default: 50}");
    EXPECT_EQ(of(number, "1000"), "");
    EXPECT_EQ(of(number, "1001"), "?p: must be at most 1000\n");
    for (const char* text : {"", "x", "1x", "+1", " 1", "1.0", "99999999999999999999"})
        EXPECT_EQ(of(number, text), "?p: must be an integer\n") << text;
    EXPECT_EQ(number.otherwise(), "50");
    const auto flag = schema("{type: boolean, default: false}");
    EXPECT_EQ(of(flag, "true"), "");
    EXPECT_EQ(of(flag, "1"), "?p: must be true or false\n");
    EXPECT_EQ(flag.otherwise(), "false");
}

}  // namespace
}  // namespace bwgw::api::tests
