#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <mutex>

#include "providers/contract/when_all.h"
#include "tests/upstream/fixture.h"

namespace {

// A resolver that keeps `slow.test` waiting until it is released; everything else goes to the system's.
struct Resolver {
    std::mutex mutex;
    std::condition_variable changed;
    bool held = false;
    int waiting = 0;

    void hold(bool on) {
        const std::lock_guard lock(mutex);
        held = on;
        changed.notify_all();
    }
} resolver;

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
    using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto system = reinterpret_cast<Resolve>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (node && std::strcmp(node, "slow.test") == 0) {
        std::unique_lock lock(resolver.mutex);
        ++resolver.waiting;
        resolver.changed.notify_all();
        resolver.changed.wait(lock, [] { return !resolver.held; });
        --resolver.waiting;
        resolver.changed.notify_all();
        return EAI_NONAME;
    }
    return system(node, service, hints, found);
}

namespace bwgw::test {
namespace {

struct Transport : Upstream {};
struct SlowName : Upstream {
    void SetUp() override {
        Upstream::SetUp();
        resolver.hold(true);
    }
    void TearDown() override {
        resolver.hold(false);
        std::unique_lock lock(resolver.mutex);
        resolver.changed.wait(lock, [] { return resolver.waiting == 0; });
    }
};

Act ok(const Seen&) {
    return answer("ok");
}
Act hang(const Seen&) {
    return {"", Act::After::hang};
}

TEST_F(Transport, ReusesAKeptAliveConnectionForReads) {
    Vendor vendor(ok);
    for (int call = 0; call < 5; ++call) {
        const auto reply = send(read(vendor.url()));
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->body, "ok");
    }
    EXPECT_EQ(vendor.connections(), 1);
    EXPECT_EQ(loop.watched(), 1U);
}

TEST_F(Transport, ReadsAgainWhenAKeptConnectionHasDied) {
    int asked = 0;
    Vendor vendor([&](const Seen&) {
        auto act = answer("ok");
        act.after = ++asked % 2 ? Act::After::keep : Act::After::reset;
        if (act.after == Act::After::reset) act.bytes.clear();
        return act;
    });
    EXPECT_TRUE(send(read(vendor.url())));
    EXPECT_TRUE(send(read(vendor.url())));
    EXPECT_EQ(vendor.connections(), 2);
}

TEST_F(Transport, StopsWatchingAnIdleConnectionThatTheVendorCloses) {
    Vendor vendor([](const Seen&) {
        auto act = answer("ok");
        act.after = Act::After::close;
        return act;
    });
    ASSERT_TRUE(send(read(vendor.url())));
    EXPECT_TRUE(loop.run_until([&] { return loop.watched() == 0; }));
    EXPECT_TRUE(send(read(vendor.url())));
}

TEST_F(Transport, TellsTheRequestHowLongItWaitedAndOfAFanOutOnlyTheLongest) {
    Vendor vendor(hang);
    auto context = within(100ms);
    context.trace.vendor_time = std::make_shared<VendorTime>();
    std::vector<Task<HttpReply>> calls;
    const auto began = loop::Clock::now();
    for (int call = 0; call < 3; ++call) calls.push_back(transport->send(context, read(vendor.url())));
    const auto replies = loop.run(when_all(std::move(calls)));
    const auto elapsed = loop::Clock::now() - began;
    ASSERT_TRUE(replies);
    for (const auto& reply : *replies) EXPECT_FALSE(reply);
    const auto waited = context.trace.vendor_time->until(loop::Clock::now());
    EXPECT_GT(waited, 50ms);
    EXPECT_LE(waited, elapsed);
    EXPECT_EQ(context.trace.vendor_time->until(loop::Clock::now() + 1s), waited)
        << "no call is open any more";
}

TEST_F(Transport, SendsWhatItIsGivenAndAddsNothingThatCanBeSigned) {
    Vendor vendor(ok);
    auto request = read(vendor.url("/a/../b?Name=%2F&x=1"));
    request.method = "POST";
    request.body = std::string(5000, 'b');
    request.headers = {{"X-Signed", "a, b"}, {"X-Empty", ""}, {"host", "vendor.example"}};
    ASSERT_TRUE(send(request));
    const auto seen = vendor.seen().at(0);
    EXPECT_EQ(seen.body, request.body);
    EXPECT_EQ(seen.head,
              "POST /a/../b?Name=%2F&x=1 HTTP/1.1\r\nHost: vendor.example\r\nAccept: */*\r\n"
              "User-Agent: bandwidth-gateway\r\nX-Signed: a, b\r\nX-Empty:\r\nContent-Length: 5000\r\n");
}

TEST_F(Transport, SpeaksEveryMethodOnAReusedHandle) {
    Vendor vendor(ok);
    for (const std::string method : {"POST", "GET", "DELETE", "PUT", "PATCH", "GET"}) {
        auto request = read(vendor.url());
        request.method = method;
        if (method == "PATCH") request.body = "patched";
        ASSERT_TRUE(send(request));
        const auto seen = vendor.seen().back();
        EXPECT_TRUE(seen.head.starts_with(method + " / HTTP/1.1\r\n")) << seen.head;
        EXPECT_EQ(seen.body, request.body);
    }
}

TEST_F(Transport, GivesEveryAnswerWithItsHeadersButNotItsTrailers) {
    Vendor vendor([](const Seen&) {
        return Act{
            "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"
            "HTTP/1.1 500 Broken\r\nX-Request-Uuid: u-1\r\nX-Twice: a\r\nX-Twice: b\r\n"
            "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Late: 1\r\n\r\n",
            Act::After::keep};
    });
    open({.provider = "acme", .request_id_header = "X-Request-UUID"});
    const auto reply = send(read(vendor.url("/path?secret=1")));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 500);
    EXPECT_EQ(reply->body, "body");
    EXPECT_EQ(reply->headers.size(), 4U);
    EXPECT_EQ(reply->header("x-twice"), "a");
    EXPECT_EQ(reply->header("x-late"), "");
    EXPECT_EQ(reply->header("x-early"), "");

    ASSERT_EQ(observed.calls.size(), 1U);
    const auto& call = observed.calls[0];
    EXPECT_EQ(call.provider, "acme");
    EXPECT_EQ(call.action, "List");
    EXPECT_EQ(call.host, "127.0.0.1:" + std::to_string(vendor.port()));
    EXPECT_EQ(call.provider_request_id, "u-1");
    EXPECT_EQ(call.status, 500);
    EXPECT_GT(call.reply_bytes, 4U);
}

TEST_F(Transport, KeepsTheDeadline) {
    Vendor vendor(hang);
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = send(read(vendor.url()), 150ms);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().slug, Slug::provider_timeout);
    EXPECT_EQ(reply.failure().outcome, Outcome::none);
    EXPECT_TRUE(reply.failure().retryable);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(Transport, StopsAReadAtOnceWhenItsCallerLeaves) {
    std::stop_source caller;
    Vendor vendor([&](const Seen& request) {
        loop.post([&] { caller.request_stop(); });
        return hang(request);
    });
    auto context = within(60s);
    context.cancelled = caller.get_token();
    const auto reply = loop.run(transport->send(context, read(vendor.url())));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().slug, Slug::provider_unavailable);
    EXPECT_TRUE(observed.calls.at(0).cancelled);
    EXPECT_EQ(loop.watched(), 0U);

    EXPECT_FALSE(loop.run(transport->send(context, read(vendor.url()))));
    EXPECT_EQ(vendor.connections(), 1) << "a caller that had left was served";
}

TEST_F(Transport, RefusesABodyAboveItsLimitWhileItArrives) {
    Vendor vendor([](const Seen& request) {
        const auto many = std::string(64 * 1024 * 1024, 'x');
        return request.head.find("/exact") != std::string::npos ? answer(std::string(1000, 'x'))
                                                                : answer(many);
    });
    open({.provider = "acme", .max_reply_bytes = 1000});
    const auto reply = send(read(vendor.url()));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().slug, Slug::provider_contract_violation);
    EXPECT_FALSE(reply.failure().retryable);
    EXPECT_LT(observed.calls.at(0).reply_bytes, 2000U);
    EXPECT_TRUE(send(read(vendor.url("/exact"))));
}

TEST_F(Transport, RefusesAHeadAboveItsLimitAlsoInPiecesOfInterimAnswers) {
    std::string interim =
        "HTTP/1.1 200 OK\r\nX-Long: " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n";
    std::string many;
    for (int i = 0; i < 5000; ++i) many += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    for (const auto& bytes : {interim, many + answer("ok").bytes}) {
        Vendor vendor([&](const Seen&) { return Act{bytes, Act::After::keep}; });
        const auto reply = send(read(vendor.url()));
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.failure().slug, Slug::provider_contract_violation);
    }
}

TEST_F(Transport, DoesNotFollowARedirect) {
    Vendor elsewhere(ok);
    Vendor vendor([&](const Seen&) { return answer("", 302, "Location: " + elsewhere.url() + "\r\n"); });
    const auto reply = send(read(vendor.url()));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().slug, Slug::provider_contract_violation);
    EXPECT_EQ(elsewhere.connections(), 0);
}

TEST_F(Transport, IgnoresAProxyInTheEnvironment) {
    Vendor vendor(ok);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    EXPECT_TRUE(send(read(vendor.url())));
    unsetenv("http_proxy");
}

TEST_F(Transport, RefusesToSendWhatCouldBreakItsOwnFraming) {
    Vendor vendor(ok);
    const auto refused = [&](HttpRequest request) {
        const auto reply = send(std::move(request));
        return !reply && reply.failure().slug == Slug::internal;
    };
    auto request = read(vendor.url());
    request.headers = {{"X-A", "1\r\nX-B: 2"}};
    EXPECT_TRUE(refused(request));
    request.headers = {{"X-A: 1\r\nX-B", "2"}};
    EXPECT_TRUE(refused(request));
    EXPECT_TRUE(refused(read(vendor.url("/ HTTP/1.1\r\nX-B: 2"))));
    request = read(vendor.url());
    request.method = "GET /other";
    EXPECT_TRUE(refused(request));
    EXPECT_EQ(vendor.connections(), 0);
}

TEST_F(Transport, NamesNoQueryAndNoHeaderInItsFailures) {
    Vendor vendor([](const Seen&) { return Act{"", Act::After::close}; });
    auto request = read(vendor.url("/?Signature=canary"));
    request.headers = {{"Authorization", "canary"}};
    const auto reply = send(request);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().detail.find("canary"), std::string::npos);
    EXPECT_NE(reply.failure().detail.find("127.0.0.1"), std::string::npos);
}

TEST_F(Transport, CarriesTwoHundredCallsSideBySide) {
    Vendor vendor(
        [](const Seen& request) { return answer(request.head.substr(4, request.head.find(" HTTP") - 4)); });
    const auto context = within(20s);
    std::vector<Task<HttpReply>> tasks;
    for (int i = 0; i < 200; ++i) {
        auto request =
            i % 4 ? read(vendor.url("/" + std::to_string(i))) : write(vendor.url("/" + std::to_string(i)));
        request.method = "GET";
        tasks.push_back(transport->send(context, std::move(request)));
    }
    const auto replies = loop.run(when_all(std::move(tasks)));
    ASSERT_TRUE(replies);
    for (std::size_t i = 0; i < 200; ++i) {
        const auto& reply = (*replies)[i];
        ASSERT_TRUE(reply) << reply.failure().detail;
        EXPECT_EQ(reply->body, "/" + std::to_string(i));
    }
    EXPECT_EQ(vendor.seen().size(), 200U);
    EXPECT_LE(loop.watched(), 200U);
}

TEST_F(Transport, SurvivesTheLossOfATaskUnderWay) {
    Vendor silent(hang);
    Vendor vendor(ok);
    const auto context = within(60s);
    {
        const auto dropped = start(transport->send(context, read(silent.url())));
        const auto also_dropped = start(transport->send(context, write(silent.url())));
        ASSERT_TRUE(loop.run_until([&] { return silent.seen().size() == 2; }));
        ASSERT_FALSE(dropped.done());
    }
    EXPECT_EQ(loop.watched(), 0U);
    EXPECT_TRUE(send(read(vendor.url())));
}

TEST_F(Transport, SurvivesTheLossOfATaskThatHasEndedButNotResumed) {
    const auto context = within(60s);
    std::stop_source caller;
    auto leaving = context;
    leaving.cancelled = caller.get_token();
    Vendor silent(hang);
    {
        const auto dropped = start(transport->send(leaving, read(silent.url())));
        ASSERT_TRUE(loop.run_until([&] { return silent.seen().size() == 1; }));
        caller.request_stop();
        ASSERT_FALSE(dropped.done());
    }
    Vendor vendor(ok);
    EXPECT_TRUE(send(read(vendor.url())));
}

TEST_F(Transport, CanBeDestroyedWhileItsCallsAreUnderWay) {
    Vendor vendor(ok);
    const auto context = within(60s);
    auto under_way = start(transport->send(context, read(vendor.url())));
    transport.reset();
    ASSERT_TRUE(loop.run_until([&] { return under_way.done(); }));
    EXPECT_TRUE(under_way.take());
}

TEST_F(Transport, LeavesItsCallsWaitingWhenTheMultiHandleIsDestroyed) {
    Vendor silent(hang);
    const auto context = within(60s);
    auto under_way = start(transport->send(context, read(silent.url())));
    ASSERT_TRUE(loop.run_until([&] { return silent.seen().size() == 1; }));
    transport.reset();
    multi.reset();
    EXPECT_EQ(loop.watched(), 0U);
    EXPECT_FALSE(loop.run_until([&] { return under_way.done(); }, 20ms));
}

TEST_F(SlowName, HoldsUpNobodyElse) {
    Vendor vendor(ok);
    const auto context = within(300ms);
    const auto begin = std::chrono::steady_clock::now();
    auto slow = start(transport->send(context, write("http://slow.test/")));
    ASSERT_TRUE(send(read(vendor.url())));
    EXPECT_FALSE(slow.done());
    ASSERT_TRUE(loop.run_until([&] { return slow.done(); }));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    const auto reply = slow.take();
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.failure().slug, Slug::provider_timeout);
    EXPECT_EQ(reply.failure().outcome, Outcome::none);
    ASSERT_TRUE(send(read(vendor.url())));
}

TEST_F(SlowName, DoesNotKeepTheWorkerFromEnding) {
    const auto context = within(60s);
    const auto begin = std::chrono::steady_clock::now();
    {
        const auto slow = start(transport->send(context, read("http://slow.test/")));
        std::unique_lock lock(resolver.mutex);
        resolver.changed.wait_for(lock, 10s, [] { return resolver.waiting == 1; });
        ASSERT_EQ(resolver.waiting, 1);
    }
    transport.reset();
    multi.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_EQ(loop.watched(), 0U);
}

}  // namespace
}  // namespace bwgw::test
