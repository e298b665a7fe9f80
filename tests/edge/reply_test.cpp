#include "gateway/edge/reply.h"

#include <set>

#include <gtest/gtest.h>

#include "gateway/edge/policy.h"

namespace bwgw::edge {
namespace {

std::string head_of(const http::Response& response, bool close = false, bool http_1_0 = false) {
    std::string head;
    append_head(head, response, {.request_id = "r1", .date = "today", .close = close, .http_1_0 = http_1_0});
    return head;
}

TEST(Reply, CarriesWhatTheEdgeAddsAndWhatTheApplicationSet) {
    http::Response response;
    response.set("Content-Type", "text/plain");
    response.body = "hello";
    EXPECT_EQ(head_of(response),
              "HTTP/1.1 200 OK\r\nDate: today\r\nX-Request-Id: r1\r\nContent-Type: text/plain\r\n"
              "Content-Length: 5\r\n\r\n");
}

TEST(Reply, SaysHowTheConnectionGoesOn) {
    EXPECT_NE(head_of({}, true).find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(head_of({}).find("Connection"), std::string::npos);
    EXPECT_NE(head_of({}, false, true).find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST(Reply, HasNoLengthWhereThereIsNoBody) {
    EXPECT_EQ(head_of({.status = 204}).find("Content-Length"), std::string::npos);
    EXPECT_EQ(head_of({.status = 304}).find("Content-Length"), std::string::npos);
}

TEST(Reply, CannotBeSplitByAHeader) {
    http::Response response;
    response.set("X-A", "b\r\nX-Injected: yes");
    response.set("X-B\r\nX-Injected", "yes");
    response.set("X-C", std::string("nul\0", 4));
    response.set("content-length", "999");
    response.set("CONNECTION", "upgrade");
    response.set("X-Good", "yes");
    const std::string head = head_of(response);
    EXPECT_EQ(head.find("Injected"), std::string::npos);
    EXPECT_EQ(head.find("999"), std::string::npos);
    EXPECT_EQ(head.find("upgrade"), std::string::npos);
    EXPECT_EQ(head.find('\0'), std::string::npos);
    EXPECT_NE(head.find("X-Good: yes\r\n"), std::string::npos);
}

TEST(Reply, WritesDatesAsRfc9110Does) {
    EXPECT_EQ(date_of(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Reply, MakesRequestIdsThatDifferAndWouldBeTakenOver) {
    std::set<std::string> ids;
    for (int i = 0; i < 10000; ++i) ids.insert(new_request_id());
    EXPECT_EQ(ids.size(), 10000U);
    EXPECT_EQ(ids.begin()->size(), 26U);
    EXPECT_TRUE(is_request_id(*ids.begin()));
    EXPECT_FALSE(is_request_id(""));
    EXPECT_FALSE(is_request_id("a b"));
    EXPECT_FALSE(is_request_id(std::string(129, 'a')));
}

}  // namespace
}  // namespace bwgw::edge
