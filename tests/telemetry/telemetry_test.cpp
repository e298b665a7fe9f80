#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gateway/telemetry/log.h"
#include "gateway/telemetry/metrics.h"
#include "gateway/telemetry/trace.h"

namespace bwgw::telemetry {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// ---- Metrics

TEST(Metrics, HaveExactlyThePublishedNames) {
    Metrics metrics("1.2.3");
    metrics.http_operation("listBandwidths").ended("200", 5ms);
    metrics.upstream_action("acme", "Describe").ended("2xx", 5ms);
    for (int reading = 0; reading <= static_cast<int>(Reading::log_lines_dropped); ++reading)
        metrics.feed(static_cast<Reading>(reading), [] { return std::vector<Sample>{{1, "x"}}; });
    std::set<std::string> declared;
    for (const auto& line : lines_of(metrics.text()))
        if (line.starts_with("# TYPE ")) declared.insert(line.substr(7));
    EXPECT_EQ(declared, (std::set<std::string>{
                            "bwgw_build_info gauge",
                            "bwgw_http_abandoned_total counter",
                            "bwgw_http_connections gauge",
                            "bwgw_http_connections_accepted_total counter",
                            "bwgw_http_refused_total counter",
                            "bwgw_http_request_duration_seconds histogram",
                            "bwgw_http_requests_total counter",
                            "bwgw_http_timeouts_total counter",
                            "bwgw_ledger_up gauge",
                            "bwgw_log_lines_dropped_total counter",
                            "bwgw_operation_oldest_unknown_age_seconds gauge",
                            "bwgw_operations gauge",
                            "bwgw_operations_taken_over_total counter",
                            "bwgw_purchases_sent_again_total counter",
                            "bwgw_upstream_request_duration_seconds histogram",
                            "bwgw_upstream_requests_total counter",
                        }));
}

TEST(Metrics, CountByOperationAndStatusAndByProviderActionAndOutcome) {
    Metrics metrics("1.2.3");
    auto& list = metrics.http_operation("listBandwidths");
    list.ended("200", 4ms);
    list.ended("200", 4ms);
    list.ended("503", 3s);
    metrics.upstream_action("acme", "Describe").ended("provider-timeout", 2s);
    const auto text = metrics.text();
    EXPECT_TRUE(contains(text, R"(bwgw_http_requests_total{operation="listBandwidths",status="200"} 2)"))
        << text;
    EXPECT_TRUE(contains(text, R"(bwgw_http_requests_total{operation="listBandwidths",status="503"} 1)"));
    EXPECT_TRUE(contains(
        text, R"(bwgw_http_request_duration_seconds_bucket{operation="listBandwidths",le="0.005"} 2)"));
    EXPECT_TRUE(contains(
        text,
        R"(bwgw_upstream_requests_total{action="Describe",outcome="provider-timeout",provider="acme"} 1)"));
    EXPECT_TRUE(contains(text, R"(bwgw_build_info{version="1.2.3"} 1)"));
}

TEST(Metrics, AreReadFromTheirOwnersAtTheScrape) {
    Metrics metrics("1");
    EXPECT_FALSE(contains(metrics.text(), "bwgw_operations"));
    int unknown = 1;
    metrics.feed(Reading::operations, [&] {
        return std::vector<Sample>{{static_cast<double>(unknown), "outcome_unknown"}, {7, "settled"}};
    });
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_operations{state="outcome_unknown"} 1)"));
    unknown = 2;
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_operations{state="outcome_unknown"} 2)"));
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_operations{state="settled"} 7)"));
}

TEST(Metrics, HaveABoundOnTheirLabels) {
    Metrics metrics("1");
    for (int i = 0; i < 1000; ++i) {
        auto& action = metrics.upstream_action("acme", "Action" + std::to_string(i));
        action.ended("2xx", 1ms);
        metrics.http_operation("operation").ended("outcome" + std::to_string(i), 1ms);
    }
    std::size_t actions = 0;
    std::size_t outcomes = 0;
    for (const auto& line : lines_of(metrics.text())) {
        actions += line.starts_with("bwgw_upstream_requests_total{action=\"") &&
                   !contains(line, "outcome=\"other\"");
        outcomes += line.starts_with("bwgw_http_requests_total{operation=\"");
    }
    EXPECT_EQ(actions, Metrics::kMaxNames);
    EXPECT_LE(outcomes, 40U);
    EXPECT_TRUE(contains(metrics.text(),
                         R"(bwgw_upstream_requests_total{action="other",outcome="2xx",provider="acme"} 937)"))
        << metrics.text();
}

TEST(Metrics, CanBeCountedByManyThreadsWhileTheyAreScraped) {
    Metrics metrics("1");
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&] {
            auto& timing = metrics.http_operation("list");
            for (int i = 0; i < 2000; ++i) timing.ended(std::to_string(200 + i % 5), 1us);
        });
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(contains(metrics.text(), "bwgw_build_info"));
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(contains(metrics.text(), R"(bwgw_http_requests_total{operation="list",status="204"} 1600)"));
}

// ---- Log

template <class Write>
std::vector<std::string> logged(Write write, Level least = Level::info) {
    std::ostringstream out;
    {
        Log log(least, out);
        write(log);
    }
    return lines_of(out.str());
}

rapidjson::Document parsed(const std::string& line) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseValidateEncodingFlag>(line.c_str());
    EXPECT_FALSE(document.HasParseError()) << line;
    EXPECT_TRUE(document.IsObject()) << line;
    return document;
}

const RequestLine kRequest{.request_id = "r-1",
                           .trace_id = "0af7651916cd43dd8448eb211c80319c",
                           .method = "GET",
                           .operation = "listBandwidths",
                           .path = "/bandwidths?token=canary",
                           .status = 200,
                           .duration = 1500us,
                           .peer = "192.0.2.1",
                           .principal = "anonymous"};

TEST(Log, WritesOneJsonObjectForARequest) {
    const auto lines = logged([](Log& log) { log.request(kRequest); });
    ASSERT_EQ(lines.size(), 1U);
    const auto line = parsed(lines[0]);
    EXPECT_STREQ(line["request_id"].GetString(), "r-1");
    EXPECT_STREQ(line["trace_id"].GetString(), "0af7651916cd43dd8448eb211c80319c");
    EXPECT_STREQ(line["path"].GetString(), "/bandwidths");
    EXPECT_EQ(line["status"].GetInt(), 200);
    EXPECT_DOUBLE_EQ(line["duration_ms"].GetDouble(), 1.5);
    EXPECT_STREQ(line["level"].GetString(), "info");
    const std::string time = line["time"].GetString();
    EXPECT_EQ(time.size(), sizeof "2026-01-01T00:00:00.000Z" - 1) << time;
}

TEST(Log, WritesOneJsonObjectForAVendorCall) {
    const auto lines = logged([](Log& log) {
        log.call({.request_id = "r-1",
                  .trace_id = "",
                  .provider = "acme",
                  .action = "CreateUGNBandwidth",
                  .host = "api.example",
                  .write = true,
                  .failure = "provider-timeout",
                  .detail = "the provider did not answer before the deadline",
                  .duration = 75s,
                  .reply_bytes = 0,
                  .provider_request_id = "u-1"});
    });
    ASSERT_EQ(lines.size(), 1U);
    const auto line = parsed(lines[0]);
    EXPECT_STREQ(line["failure"].GetString(), "provider-timeout");
    EXPECT_STREQ(line["level"].GetString(), "warning");
    EXPECT_STREQ(line["provider_request_id"].GetString(), "u-1");
    EXPECT_TRUE(line["write"].GetBool());
    EXPECT_FALSE(line.HasMember("status"));
    EXPECT_FALSE(line.HasMember("trace_id"));
}

TEST(Log, StaysJsonWhateverItIsGiven) {
    const std::string huge(100'000, 'x');
    const std::string cut_inside_a_character = std::string(Log::kMaxTextBytes - 1, 'x') + "\xC3\xA9";
    const std::vector<std::string> texts{"quote \" backslash \\ newline \n{\"a\":1}",
                                         std::string("nul \0 byte", 10),
                                         "broken \xFF\xC0 utf-8 \xE2\x82",
                                         "surrogate \xED\xA0\x80",
                                         "good \xC3\xA9 \xF0\x9F\x98\x80",
                                         "\x7f\x1b[31m",
                                         huge,
                                         cut_inside_a_character};
    const auto lines = logged([&](Log& log) {
        for (const auto& text : texts)
            log.event(Level::error, text, {{"text", text}, {"number", std::int64_t{7}}, {"flag", true}});
    });
    ASSERT_EQ(lines.size(), texts.size());
    for (const auto& line : lines) {
        const auto document = parsed(line);
        EXPECT_EQ(document["number"].GetInt(), 7);
        EXPECT_TRUE(document["flag"].GetBool());
        EXPECT_LE(document["text"].GetStringLength(), Log::kMaxTextBytes);
    }
    EXPECT_STREQ(parsed(lines[4])["text"].GetString(), texts[4].c_str());
    EXPECT_EQ(parsed(lines[2])["text"].GetString(), std::string("broken ?? utf-8 ??"));
    EXPECT_EQ(parsed(lines[7])["text"].GetStringLength(), Log::kMaxTextBytes - 1);
}

TEST(Log, HasNoPlaceForWhatFollowsTheQuestionMark) {
    for (const auto& line : logged([](Log& log) { log.request(kRequest); }))
        EXPECT_FALSE(contains(line, "canary"));
}

TEST(Log, KeepsToItsLevel) {
    const auto lines = logged(
        [](Log& log) {
            log.request(kRequest);
            log.event(Level::debug, "quiet");
            log.event(Level::warning, "loud");
        },
        Level::warning);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_STREQ(parsed(lines[0])["message"].GetString(), "loud");
}

// A reader that takes nothing until it is told to.
struct Stuck : std::stringbuf {
    std::mutex gate;
    std::streamsize xsputn(const char* bytes, std::streamsize count) override {
        const std::lock_guard lock(gate);
        return std::stringbuf::xsputn(bytes, count);
    }
};

TEST(Log, LosesItsOldestLinesRatherThanBlockOrGrow) {
    Stuck buffer;
    std::ostream out(&buffer);
    std::size_t dropped = 0;
    {
        Log log(Level::info, out);
        {
            const std::lock_guard stuck(buffer.gate);
            for (std::size_t i = 0; i < Log::kMaxQueuedLines + 500; ++i)
                log.event(Level::info, "line", {{"number", static_cast<std::int64_t>(i)}});
            dropped = log.dropped();
        }
    }
    EXPECT_GE(dropped, 490U);
    const auto lines = lines_of(buffer.str());
    EXPECT_EQ(lines.size() + dropped, Log::kMaxQueuedLines + 500);
    EXPECT_EQ(parsed(lines.back())["number"].GetUint64(), Log::kMaxQueuedLines + 499);
}

// ---- Trace

constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";
const std::string kHeader = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(Trace, ContinuesTheCallersTraceWithASpanOfOurOwn) {
    const auto ours = continue_trace(kHeader);
    EXPECT_EQ(trace_id(ours), kTrace);
    EXPECT_NE(ours.substr(36, 16), kHeader.substr(36, 16));
    EXPECT_TRUE(ours.ends_with("-01"));
    EXPECT_NE(continue_trace(kHeader), ours);
}

TEST(Trace, PassesOnNothingButTheSampledFlag) {
    EXPECT_TRUE(continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-fe").ends_with("-00"));
    EXPECT_TRUE(continue_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03").ends_with("-01"));
}

TEST(Trace, UnderstandsLaterVersionsByTheirBeginning) {
    EXPECT_EQ(trace_id("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), kTrace);
    EXPECT_EQ(trace_id("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what.else"), kTrace);
    EXPECT_TRUE(
        continue_trace("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x").starts_with("00-"));
}

TEST(Trace, BeginsAnewWhereTheHeaderIsMalformed) {
    for (const std::string bad : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                                  "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                                  "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                                  "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                                  "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                                  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                                  "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more",
                                  "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                                  "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01"}) {
        EXPECT_EQ(trace_id(bad), "") << bad;
        const auto fresh = continue_trace(bad);
        EXPECT_EQ(fresh.size(), 55U);
        EXPECT_EQ(trace_id(fresh).size(), 32U) << fresh;
        EXPECT_NE(trace_id(fresh), kTrace);
    }
}

}  // namespace
}  // namespace bwgw::telemetry
