#include "gateway/http/message.h"

#include <gtest/gtest.h>

namespace bwgw::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Message, FindsHeadersIgnoringCaseAndTheFirstOfSeveral) {
    const Request request{.headers = {{"Accept", "a"}, {"X-A", "1"}, {"x-a", "2"}}};
    ASSERT_NE(request.header("x-A"), nullptr);
    EXPECT_EQ(*request.header("x-A"), "1");
    EXPECT_EQ(request.header("X-B"), nullptr);
}

TEST(Message, PartsATarget) {
    EXPECT_EQ((Request{.target = "/a?b=c?d"}).path(), "/a");
    EXPECT_EQ((Request{.target = "/a?b=c?d"}).query(), "b=c?d");
    EXPECT_EQ((Request{.target = "/a"}).query(), "");
}

TEST(Message, DecodesPercentEscapes) {
    EXPECT_EQ(percent_decode("a%20b+c", false), "a b+c");
    EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
    EXPECT_EQ(percent_decode("%E4%BD%A0", false), "\xe4\xbd\xa0");
    for (const char* wrong : {"%", "%4", "%zz", "%ff", "%C0%80", "%ED%A0%80", "%E4%BD"})
        EXPECT_EQ(percent_decode(wrong, false), std::nullopt) << wrong;
}

TEST(Message, ParsesAQueryInOrderWithDuplicates) {
    EXPECT_EQ(parse_query("a=1&b=&a=2&&c&d=x=y"),
              (Pairs{{"a", "1"}, {"b", ""}, {"a", "2"}, {"c", ""}, {"d", "x=y"}}));
    EXPECT_EQ(parse_query(""), Pairs{});
    EXPECT_EQ(parse_query("a=%z"), std::nullopt);
}

}  // namespace
}  // namespace bwgw::http
