#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/telemetry/log.h"
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

TEST(Log, LeavesOutOfTheSampleOnlyWhatIsOrdinaryAndCountsIt) {
    std::ostringstream out;
    std::size_t sampled_out = 0;
    {
        Log log(Level::info, out);
        auto ordinary = kRequest;
        ordinary.in_sample = false;
        auto failed = ordinary;
        failed.status = 503;
        auto mistaken = ordinary;
        mistaken.status = 404;
        auto partial = ordinary;
        partial.problem = "provider-auth-failed";
        auto slow = ordinary;
        slow.duration = Log::kSlow;
        auto patient = slow;
        patient.asked = 1ms;
        auto write = ordinary;
        write.method = "DELETE";
        for (const auto& line : {ordinary, failed, mistaken, partial, slow, patient, write, kRequest})
            log.request(line);
        const CallLine read{.provider = "acme", .action = "Describe", .status = 200, .in_sample = false};
        auto refused = read;
        refused.status = 403;
        auto silent = read;
        silent.status = 0;
        silent.failure = "provider-timeout";
        auto late = read;
        late.duration = Log::kSlow;
        auto bought = read;
        bought.write = true;
        for (const auto& line : {read, refused, silent, late, bought}) log.call(line);
        sampled_out = log.sampled_out();
    }
    EXPECT_EQ(lines_of(out.str()).size(), 10U) << out.str();
    EXPECT_TRUE(contains(out.str(), R"("status":200,"problem":"provider-auth-failed")")) << out.str();
    EXPECT_EQ(sampled_out, 3U);
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

TEST(Trace, IsInTheSampleByItsIdAlikeOnEveryReplica) {
    std::size_t kept = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto trace = continue_trace("");
        const bool once = in_sample(trace, 0.25);
        EXPECT_EQ(in_sample(continue_trace(trace), 0.25), once);  // another span of the same trace
        if (once) EXPECT_TRUE(in_sample(trace, 0.5)) << trace;
        EXPECT_TRUE(in_sample(trace, 1));
        EXPECT_FALSE(in_sample(trace, 0));
        kept += once;
    }
    EXPECT_GT(kept, 350U);
    EXPECT_LT(kept, 650U);
}

// The consistent threshold of OpenTelemetry: the last 56 bits, and the upper ones are in.
TEST(Trace, IsInTheSampleFromTheThresholdOn) {
    EXPECT_TRUE(in_sample("00-00000000000000000080000000000000-b7ad6b7169203331-00", 0.5));
    EXPECT_FALSE(in_sample("00-ffffffffffffffffff7fffffffffffff-b7ad6b7169203331-00", 0.5));
}

TEST(Trace, IsKeptWhereItsCallerRecordsIt) {
    EXPECT_TRUE(in_sample("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 0));
    EXPECT_FALSE(in_sample("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", 0));
    EXPECT_TRUE(in_sample("", 0));  // what belongs to no trace is not left out
}

}  // namespace
}  // namespace bwgw::telemetry
