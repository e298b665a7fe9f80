#include <algorithm>
#include <sstream>

#include "gateway/upstream/call_recorder.h"
#include "tests/upstream/fixture.h"

namespace bwgw::test {
namespace {

struct Recorder : Upstream {
    std::ostringstream out;
    telemetry::Metrics metrics{"1"};
    std::optional<telemetry::Log> log{std::in_place, telemetry::Level::debug, out};
    upstream::CallRecorder recorder{metrics, *log};

    void SetUp() override {
        transport.emplace(*multi, upstream::UpstreamOptions{.provider = "acme"}, recorder);
    }

    std::string logged() {
        log.reset();
        return out.str();
    }
    bool counted(const std::string& action, const std::string& outcome, int times) {
        return metrics.text().find("bwgw_upstream_requests_total{provider=\"acme\",action=\"" + action +
                                   "\",outcome=\"" + outcome + "\"} " + std::to_string(times) + "\n") !=
               std::string::npos;
    }
};

TEST_F(Recorder, CountsAndLogsEveryCallWithTheRequestItBelongsTo) {
    Vendor vendor([](const Seen& request) {
        return request.head.starts_with("POST") ? Act{"", Act::After::reset} : answer("{}");
    });
    auto context = within(10s);
    context.trace.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (int call = 0; call < 3; ++call) ASSERT_TRUE(loop.run(transport->send(context, read(vendor.url()))));
    ASSERT_FALSE(loop.run(transport->send(context, write(vendor.url()))));
    EXPECT_TRUE(counted("List", "2xx", 3)) << metrics.text();
    EXPECT_TRUE(counted("Create", "provider-unavailable", 1));
    const auto text = logged();
    EXPECT_EQ(std::ranges::count(text, '\n'), 4);
    EXPECT_NE(
        text.find(R"("request_id":"r1","trace_id":"0af7651916cd43dd8448eb211c80319c","provider":"acme")"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find(R"("write":true,"failure":"provider-unavailable")"), std::string::npos) << text;
}

TEST_F(Recorder, DoesNotBlameTheVendorForACallerThatLeft) {
    std::stop_source caller;
    caller.request_stop();
    auto context = within(10s);
    context.cancelled = caller.get_token();
    EXPECT_FALSE(loop.run(transport->send(context, read("http://127.0.0.1:1/"))));
    EXPECT_TRUE(counted("List", "cancelled", 1)) << metrics.text();
    EXPECT_NE(logged().find(R"("failure":"cancelled")"), std::string::npos);
}

TEST_F(Recorder, KeepsOfARequestOutsideTheSampleOnlyItsWritesAndFailures) {
    Vendor vendor([](const Seen& request) {
        return answer("{}", request.head.find("/refused") != std::string::npos ? 403 : 200);
    });
    auto context = within(10s);
    context.trace.in_sample = false;
    ASSERT_TRUE(loop.run(transport->send(context, read(vendor.url()))));
    ASSERT_TRUE(loop.run(transport->send(context, read(vendor.url("/refused")))));
    ASSERT_TRUE(loop.run(transport->send(context, write(vendor.url()))));
    EXPECT_EQ(log->sampled_out(), 1U);
    EXPECT_TRUE(counted("List", "2xx", 1)) << "what is not logged is counted";
    const auto text = logged();
    EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;
    EXPECT_NE(text.find(R"("status":403)"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("write":true)"), std::string::npos) << text;
}

TEST_F(Recorder, KeepsARefusalInA200OfARequestOutsideTheSample) {
    Vendor vendor([](const Seen&) { return answer(R"({"RetCode":172})"); });
    const Failure refused{.slug = Slug::provider_auth_failed, .detail = "refused with RetCode 172"};
    auto context = within(10s);
    context.trace.in_sample = false;
    std::string judged;
    auto request = read(vendor.url());
    request.judge = [&](const HttpReply& reply) {
        judged += reply.body;
        return &refused;
    };
    ASSERT_TRUE(loop.run(transport->send(context, std::move(request)))) << "it is a reply all the same";
    EXPECT_EQ(judged, R"({"RetCode":172})") << "once";
    EXPECT_EQ(log->sampled_out(), 0U);
    EXPECT_TRUE(counted("List", "2xx", 1));
    const auto text = logged();
    EXPECT_NE(text.find(R"("level":"warning")"), std::string::npos) << text;
    EXPECT_NE(
        text.find(R"("status":200,"failure":"provider-auth-failed","detail":"refused with RetCode 172")"),
        std::string::npos)
        << text;
}

TEST_F(Recorder, LeavesAReadOfWhatIsNotThereToTheSample) {
    Vendor vendor([](const Seen&) { return answer(R"({"RetCode":8104})"); });
    const Failure refused{.slug = Slug::not_found, .detail = "another account's"};
    auto context = within(10s);
    context.trace.in_sample = false;
    auto request = read(vendor.url());
    request.judge = [&](const HttpReply&) { return &refused; };
    ASSERT_TRUE(loop.run(transport->send(context, std::move(request))));
    EXPECT_EQ(log->sampled_out(), 1U);
}

TEST_F(Recorder, NeverRepeatsASecret) {
    Vendor vendor([](const Seen& request) {
        if (request.head.find("/redirect") != std::string::npos)
            return answer("canary", 302, "Location: https://canary/?canary\r\n");
        if (request.head.find("/reset") != std::string::npos) return Act{"", Act::After::reset};
        return answer("canary", 200, "X-Session: canary\r\n");
    });
    for (const bool is_write : {false, true})
        for (const std::string path : {"/", "/redirect", "/reset"}) {
            auto request = is_write ? write(vendor.url(path + "?Signature=canary&PublicKey=canary"))
                                    : read(vendor.url(path + "?Signature=canary&PublicKey=canary"));
            request.headers = {{"Authorization", "ZC2-HMAC-SHA256 canary"}};
            request.body = "Signature=canary";
            const auto reply = send(std::move(request));
            if (!reply) EXPECT_EQ(reply.failure().detail.find("canary"), std::string::npos);
        }
    EXPECT_FALSE(send(read("http://canary:canary@127.0.0.1:1/?canary")));
    EXPECT_EQ(metrics.text().find("canary"), std::string::npos);
    EXPECT_EQ(logged().find("canary"), std::string::npos) << out.str();
}

}  // namespace
}  // namespace bwgw::test
