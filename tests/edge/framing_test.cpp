#include "gateway/edge/framing.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace bwgw::edge {
namespace {

struct Outcome {
    Framer::Progress progress = Framer::Progress::idle;
    Slug refusal = Slug::internal;
    std::string why;
    std::vector<http::Request> requests;
    std::string rest;
};

// Feeds like a connection does: `step` bytes at a time, what is not consumed is given again.
Outcome feed(std::string_view input, std::size_t step, const Limits& limits) {
    Framer framer(limits);
    Outcome outcome;
    std::string held;
    for (std::size_t at = 0; at < input.size(); at += step) {
        held.append(input.substr(at, step));
        for (;;) {
            std::size_t used = 0;
            outcome.progress = framer.feed(held, used);
            held.erase(0, used);
            if (outcome.progress == Framer::Progress::refused) {
                outcome.refusal = framer.refusal();
                outcome.why = framer.why();
                return outcome;
            }
            if (outcome.progress != Framer::Progress::complete) break;
            outcome.requests.push_back(framer.take());
            if (held.empty()) break;
        }
    }
    outcome.rest = held;
    return outcome;
}

struct Row {
    std::string name;
    std::string input;
    Slug slug;
};

std::string get(std::string_view target) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", target);
}
std::string with(std::string_view headers) {
    return fmt::format("POST /echo HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n", headers);
}
std::string chunked(std::string_view body) {
    return with("Transfer-Encoding: chunked") + std::string(body);
}

std::vector<Row> refused_rows() {
    using namespace std::string_literals;
    const Slug bad = Slug::invalid_request;
    std::vector<Row> rows = {
        {"TwoSlashes", get("//"), bad},
        {"ManySlashes", get(std::string(6000, '/')), bad},
        {"ContentLengthAndChunked", with("Content-Length: 5\r\nTransfer-Encoding: chunked"), bad},
        {"ChunkedAndContentLength", with("Transfer-Encoding: chunked\r\nContent-Length: 5"), bad},
        {"UnknownTransferCoding", with("Transfer-Encoding: gzip"), Slug::not_implemented},
        {"PrefixOfChunked", with("Transfer-Encoding: ch"), Slug::not_implemented},
        {"GzipThenChunked", with("Transfer-Encoding: gzip, chunked"), Slug::not_implemented},
        {"ChunkedThenGzip", with("Transfer-Encoding: chunked, gzip"), Slug::not_implemented},
        {"ChunkedTwice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), bad},
        {"ChunkedOnHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad},
        {"BlankBeforeColonOfTransferEncoding", with("Transfer-Encoding : chunked"), bad},
        {"BlankBeforeColonOfContentLength", with("Content-Length : 5"), bad},
        {"TwoContentLengths", with("Content-Length: 0\r\nContent-Length: 34"), bad},
        {"TwoEqualContentLengths", with("Content-Length: 5\r\nContent-Length: 5"), bad},
        {"BodyAboveLimit", with("Content-Length: 70000"), Slug::payload_too_large},
        {"Body10GB", with("Content-Length: 10000000000"), Slug::payload_too_large},
        {"Body1e12", with("Content-Length: 1000000000000"), Slug::payload_too_large},
        {"ChunkOf1GB", chunked("40000000\r\n"), Slug::payload_too_large},
        {"ChunkSizeOverflows", chunked("fffffffffffffffff\r\n"), Slug::payload_too_large},
        {"ChunkSizeNineDigits", chunked("000000005\r\nhello\r\n0\r\n\r\n"), Slug::payload_too_large},
        {"ChunkSizeNegative", chunked("-5\r\n"), bad},
        {"ChunkSizeEmpty", chunked("\r\n"), bad},
        {"ChunkSizeHexPrefix", chunked("0x5\r\nhello\r\n0\r\n\r\n"), bad},
        {"ChunkSizeGarbage", chunked("zz\r\n"), bad},
        {"ChunkWithoutItsLineEnd", chunked("5\r\nhelloX0\r\n\r\n"), bad},
        {"ChunkWithBareLineFeed", chunked("5\nhello\r\n0\r\n\r\n"), bad},
        {"ChunksAboveLimitTogether", chunked("8000\r\n" + std::string(0x8000, 'x') + "\r\n8001\r\n"),
         Slug::payload_too_large},
        {"ChunkExtensionTooLong", chunked("5;a=" + std::string(300, 'b') + "\r\n"), bad},
        {"TrailerTooLarge", chunked("0\r\nA: " + std::string(5000, 'b') + "\r\n\r\n"),
         Slug::headers_too_large},
        {"TrailerWithContentLength", chunked("0\r\nContent-Length: 5\r\n\r\n"), bad},
        {"NulInTarget", get("/a\0b"s), bad},
        {"NulInHeader", with("A: a\0b"s), bad},
        {"HighByteInTarget", get("/\xff"), bad},
        {"HighByteInHeader", with("A: \xff"), bad},
        {"BareLineFeed", "GET / HTTP/1.1\nHost: a\n\n", bad},
        {"BareLineFeedInHeader", with("A: b\nC: d"), bad},
        {"BareCarriageReturn", with("A: b\rC: d"), bad},
        {"FoldedHeader", with("A: b\r\n c"), bad},
        {"BlankBeforeFirstHeader", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", bad},
        {"BlankBeforeRequestLine", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", bad},
        {"EmptyHeaderName", with(": b"), bad},
        {"HeaderWithoutColon", with("nonsense"), bad},
        {"BlankInHeaderName", with("A B: c"), bad},
        {"NoHost", "GET / HTTP/1.1\r\n\r\n", bad},
        {"TwoHosts", with("Host: b"), bad},
        {"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", bad},
        {"HostWithUser", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", bad},
        {"TargetTooLong", get("/" + std::string(9000, 'a')), Slug::uri_too_long},
        {"TargetWithoutEnd", "GET /" + std::string(9000, 'a'), Slug::uri_too_long},
        {"QueryOf60KB", get("/?" + std::string(60000, 'a')), Slug::uri_too_long},
        {"HeadTooLarge", with("A: " + std::string(17000, 'a')), Slug::headers_too_large},
        {"HeadWithoutEnd", "GET / HTTP/1.1\r\nA: " + std::string(17000, 'a'), Slug::headers_too_large},
        {"BrokenEscape", get("/%zz"), bad},
        {"EscapeCutShort", get("/%4"), bad},
        {"EscapedNul", get("/%00"), bad},
        {"Fragment", get("/a#b"), bad},
        {"AbsoluteForm", get("http://a/b"), bad},
        {"AsteriskForGet", get("*"), bad},
        {"TargetWithoutSlash", get("hello"), bad},
        {"TwoBlanksInRequestLine", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", bad},
        {"NoVersion", "GET /\r\nHost: a\r\n\r\n", bad},
        {"VersionCutShort", "GET / HTTP/1\r\nHost: a\r\n\r\n", bad},
        {"VersionPrefix", "GET / H\r\n\r\n", bad},
        {"VersionInLowerCase", "GET / http/1.1\r\nHost: a\r\n\r\n", bad},
        {"Http2Version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", Slug::version_not_supported},
        {"Http12Version", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", Slug::version_not_supported},
        {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Slug::version_not_supported},
        {"UnknownMethod", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", Slug::not_implemented},
        {"LowerCaseMethod", "get / HTTP/1.1\r\nHost: a\r\n\r\n", Slug::not_implemented},
        {"Connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", Slug::not_implemented},
        {"Trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", Slug::not_implemented},
        {"MethodWithControl", "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", bad},
        {"UnknownExpectation", with("Expect: tea"), Slug::expectation_failed},
        {"TlsHello", "\x16\x03\x01\x02\x00\x01"s, bad},
        {"RandomBytes", "\x9c\x01\xf3\x88"s, bad},
    };
    std::string many;
    for (int i = 0; i < 6000; ++i) many += fmt::format("A{}: b\r\n", i % 10);
    rows.push_back({"SixThousandHeaders", with(many), Slug::headers_too_large});
    rows.push_back(
        {"HundredAndOneHeaders", with(many.substr(0, many.find("A0", 700))), Slug::headers_too_large});
    for (const std::string length : {"abc", "0x5", "", "5abc", "+5", "5, 5", "-1", "18446744073709551615",
                                     "18446744073709551616", "5 5", "5,6", "0000000000000000005", " ", "1e3"})
        rows.push_back(
            {"ContentLength" + std::to_string(rows.size()), with("Content-Length: " + length), bad});
    return rows;
}

class RefusedInput : public testing::TestWithParam<Row> {};

TEST_P(RefusedInput, IsRefusedHoweverItIsSplitAndNothingBehindItIsARequest) {
    const Limits limits;
    for (const std::size_t step :
         {std::size_t{1} << 30U, std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        const Outcome outcome = feed(GetParam().input + get("/smuggled"), step, limits);
        EXPECT_EQ(outcome.progress, Framer::Progress::refused) << "in steps of " << step;
        EXPECT_EQ(word(outcome.refusal), word(GetParam().slug)) << outcome.why << " in steps of " << step;
        EXPECT_TRUE(outcome.requests.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Framing, RefusedInput, testing::ValuesIn(refused_rows()),
                         [](const auto& row) { return row.param.name; });

TEST(Framing, TakesAPlainRequest) {
    const Outcome outcome =
        feed("GET /a/b?c=d HTTP/1.1\r\nHost: gw.example:8080\r\nAccept:  */* \r\n\r\n", 1000, Limits{});
    ASSERT_EQ(outcome.requests.size(), 1U);
    const http::Request& request = outcome.requests[0];
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path(), "/a/b");
    EXPECT_EQ(request.query(), "c=d");
    ASSERT_NE(request.header("ACCEPT"), nullptr);
    EXPECT_EQ(*request.header("ACCEPT"), "*/*");
    EXPECT_TRUE(request.body.empty());
}

TEST(Framing, TakesABodyByLengthAndLeavesWhatFollows) {
    const std::string input = with("Content-Length: 5") + "hello" + get("/next");
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
        const Outcome outcome = feed(input, step, Limits{});
        ASSERT_EQ(outcome.requests.size(), 2U);
        EXPECT_EQ(outcome.requests[0].body, "hello");
        EXPECT_EQ(outcome.requests[1].target, "/next");
    }
}

TEST(Framing, TakesChunksHoweverTheyAreSplit) {
    const std::string input =
        chunked("5;a=b\r\nhello\r\n00000006; c=\"d\"\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n") + get("/next");
    for (std::size_t step = 1; step < input.size(); ++step) {
        const Outcome outcome = feed(input, step, Limits{});
        ASSERT_EQ(outcome.requests.size(), 2U) << outcome.why << " in steps of " << step;
        EXPECT_EQ(outcome.requests[0].body, "hello world");
        EXPECT_EQ(outcome.requests[0].header("X-Sum"), nullptr) << "a trailer is no header";
        EXPECT_EQ(outcome.requests[1].target, "/next");
    }
}

TEST(Framing, TakesWhatIsUnusualButRight) {
    const std::vector<std::string> inputs = {
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
        "GET / HTTP/1.1\r\nhOST: a\r\n\r\n",
        "GET /?a=//b&c=%20+ HTTP/1.1\r\nHost: a\r\n\r\n",
        with("transfer-encoding: Chunked") + "0\r\n\r\n",
        with("Content-Length: 0"),
        with("A:"),
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
        get("/" + std::string(8000, 'a')),
    };
    for (const std::string& input : inputs) {
        for (const std::size_t step : {std::size_t{1}, input.size()}) {
            const Outcome outcome = feed(input, step, Limits{});
            EXPECT_EQ(outcome.requests.size(), 1U) << outcome.why << ": " << input.substr(0, 80);
        }
    }
}

TEST(Framing, TakesABodyOfExactlyTheLimit) {
    Limits limits;
    limits.max_body_bytes = 10;
    EXPECT_EQ(feed(with("Content-Length: 10") + "0123456789", 4, limits).requests.size(), 1U);
    EXPECT_EQ(feed(chunked("a\r\n0123456789\r\n0\r\n\r\n"), 4, limits).requests.size(), 1U);
    EXPECT_EQ(feed(with("Content-Length: 11"), 4, limits).progress, Framer::Progress::refused);
    EXPECT_EQ(feed(chunked("b\r\n"), 4, limits).progress, Framer::Progress::refused);
}

TEST(Framing, KnowsWhetherTheConnectionStays) {
    const auto keeps = [](std::string_view input) {
        const Limits limits;
        Framer framer(limits);
        std::size_t used = 0;
        EXPECT_EQ(framer.feed(input, used), Framer::Progress::complete);
        return framer.keep_alive();
    };
    EXPECT_TRUE(keeps(get("/")));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: Foo, CLOSE\r\n\r\n"));
    EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(Framing, WaitsForMoreOfWhatIsNotWhole) {
    const std::string whole = chunked("5\r\nhello\r\n0\r\n\r\n");
    for (std::size_t length = 1; length < whole.size(); ++length) {
        const Outcome outcome = feed(whole.substr(0, length), 1, Limits{});
        EXPECT_TRUE(outcome.progress == Framer::Progress::head || outcome.progress == Framer::Progress::body);
        EXPECT_TRUE(outcome.requests.empty());
    }
    EXPECT_EQ(feed("\r\n\r\n", 1, Limits{}).progress, Framer::Progress::idle);
}

}  // namespace
}  // namespace bwgw::edge
