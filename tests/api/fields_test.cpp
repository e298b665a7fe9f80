#include <gtest/gtest.h>

#include "gateway/api/fields.h"

namespace bwgw::api::tests {
namespace {

TEST(Prefer, BoundsTheWait) {
    const std::pair<const char*, int> kCases[] = {{"wait=30", 30},
                                                  {"wait=0", 0},
                                                  {"WAIT = 5", 5},
                                                  {"wait=600", 60},
                                                  {"respond-async", 0},
                                                  {"respond-async, wait=7", 7},
                                                  {"return=minimal", 10},
                                                  {"wait=x", 10},
                                                  {"wait", 10},
                                                  {";", 10},
                                                  {"wait=-1", 10},
                                                  {"wait=5;a=b", 5},
                                                  {"wait=3, wait=9", 3},
                                                  {"wait=99999999999999999999", 60},
                                                  {"", 10}};
    for (const auto& [text, seconds] : kCases)
        EXPECT_EQ(wait_of(text, kDefaultWait), std::chrono::seconds(seconds)) << text;
    EXPECT_EQ(wait_of(std::nullopt, kDefaultWait), kDefaultWait);
}

TEST(IdempotencyKey, LosesTheDraftsQuotes) {
    EXPECT_EQ(idempotency_key("abc"), "abc");
    EXPECT_EQ(idempotency_key("\"abc\""), "abc");
    EXPECT_EQ(idempotency_key(std::string(255, 'k')), std::string(255, 'k'));
    for (const auto& key : {std::string(), std::string("\"\""), std::string("a b"), std::string(256, 'k'),
                            std::string("\xc3\xa9")})
        EXPECT_EQ(idempotency_key(key), std::nullopt) << key;
}

TEST(Etag, IsStrongAndTheSameForTheSameText) {
    EXPECT_EQ(etag_of("a"), etag_of("a"));
    EXPECT_NE(etag_of("a"), etag_of("b"));
    EXPECT_TRUE(etag_of("a").starts_with('"') && etag_of("a").ends_with('"'));
}

TEST(Etag, IsComparedStronglyByIfMatchAndWeaklyByIfNoneMatch) {
    EXPECT_TRUE(names_etag("\"x\", \"a,b\"", "\"a,b\"", false));
    EXPECT_TRUE(names_etag(" * ", "\"a\"", false));
    EXPECT_FALSE(names_etag("W/\"a\"", "\"a\"", false));
    EXPECT_TRUE(names_etag("W/\"a\"", "\"a\"", true));
    EXPECT_FALSE(names_etag("\"b\"", "\"a\"", true));
    EXPECT_FALSE(names_etag("", "\"a\"", true));
}

TEST(Field, JoinsRepeatedHeaders) {
    http::Request request;
    request.headers = {{"prefer", "wait=1"}, {"Prefer", "respond-async"}};
    EXPECT_EQ(field(request, "PREFER"), "wait=1, respond-async");
    EXPECT_EQ(field(request, "Accept"), std::nullopt);
}

}  // namespace
}  // namespace bwgw::api::tests
