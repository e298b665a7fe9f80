#include "gateway/edge/server.h"

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "gateway/loop/wait.h"
#include "tests/edge/client.h"

namespace bwgw::edge {
namespace {

using loop::Clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::body_of;
using test::Client;
using test::header_of;
using test::status_of;

http::Response text(std::string body) {
    http::Response response;
    response.set("Content-Type", "text/plain");
    response.body = std::move(body);
    return response;
}

class ServerTest : public testing::Test {
protected:
    static Options quick() {
        Options options;
        options.port = 0;
        options.limits.linger = milliseconds{300};
        return options;
    }

    void serve(Options options = quick()) {
        server_ = std::make_unique<Server>(
            options,
            [this](loop::Loop& loop) {
                return [this, &loop](http::Request request) { return answer(loop, std::move(request)); };
            },
            [](loop::Loop&) {});
        server_->start();
    }

    Task<http::Response> answer(loop::Loop& loop, http::Request request) {
        if (request.path() == "/echo") co_return text(request.method + " " + request.body);
        if (request.path() == "/big") co_return text(std::string(8U << 20U, 'x'));
        if (request.path() == "/empty") co_return http::Response{.status = 204};
        if (request.path() == "/throw") throw std::runtime_error("a secret");
        if (request.path() == "/peer") co_return text(request.peer);
        if (request.path() == "/later") {
            static_cast<void>(co_await loop::sleep_until(loop, Clock::now() + milliseconds{20}));
            co_return text("later");
        }
        if (request.path() == "/hang") {
            hanging_.set_value();
            const auto slept =
                co_await loop::sleep_until(loop, Clock::now() + seconds{60}, request.disconnected);
            stopped_.set_value(!*slept);
            co_return text("hung");
        }
        if (request.path() == "/gate") {
            hanging_.set_value();
            while (!open_)
                static_cast<void>(co_await loop::sleep_until(loop, Clock::now() + milliseconds{5}));
            passed_ = true;
            co_return text("through");
        }
        co_return Failure{.slug = Slug::not_found, .detail = "nothing here"};
    }

    std::string ask(std::string_view request) {
        Client client(server_->port());
        client.send(request);
        return client.response();
    }

    std::unique_ptr<Server> server_;
    std::promise<void> hanging_;
    std::promise<bool> stopped_;
    std::atomic<bool> open_ = false;
    std::atomic<bool> passed_ = false;
};

std::string get(std::string_view target, std::string_view headers = {}) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", target, headers);
}

std::string post(std::string_view body) {
    return fmt::format("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

TEST_F(ServerTest, KeepsTheConnectionOverManyRequests) {
    serve();
    Client client(server_->port());
    for (int i = 0; i < 50; ++i) {
        client.send(post(std::to_string(i)));
        EXPECT_EQ(body_of(client.response()), "POST " + std::to_string(i));
    }
    EXPECT_EQ(server_->stats().connections_accepted, 1U);
    EXPECT_EQ(server_->stats().requests, 50U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrderWhicheverIsReadyFirst) {
    serve();
    Client client(server_->port());
    client.send(get("/later") + post("a") + get("/later") + post("b"));
    EXPECT_EQ(body_of(client.response()), "later");
    EXPECT_EQ(body_of(client.response()), "POST a");
    EXPECT_EQ(body_of(client.response()), "later");
    EXPECT_EQ(body_of(client.response()), "POST b");
}

TEST_F(ServerTest, AnswersAThousandPipelinedRequests) {
    serve();
    Client client(server_->port());
    std::string all;
    for (int i = 0; i < 1000; ++i) all += post(std::to_string(i));
    client.send(all);
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(body_of(client.response()), "POST " + std::to_string(i));
}

TEST_F(ServerTest, AddsDateAndRequestId) {
    serve();
    const std::string ours = ask(get("/echo"));
    EXPECT_EQ(header_of(ours, "X-Request-Id").size(), 26U);
    EXPECT_EQ(header_of(ours, "Date").size(), 29U);
    EXPECT_EQ(header_of(ask(get("/echo", "X-Request-Id: my-own.id_7\r\n")), "X-Request-Id"), "my-own.id_7");
    EXPECT_EQ(header_of(ask(get("/echo", "X-Request-Id: not mine\r\n")), "X-Request-Id").size(), 26U);
}

TEST_F(ServerTest, LeavesTheBodyOutForHead) {
    serve();
    Client client(server_->port());
    client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n" + get("/echo"));
    const std::string head = client.response(true);
    EXPECT_EQ(header_of(head, "Content-Length"), "5");
    EXPECT_EQ(body_of(client.response()), "GET ");
}

TEST_F(ServerTest, SendsNoLengthWith204) {
    serve();
    Client client(server_->port());
    client.send(get("/empty") + get("/echo"));
    const std::string empty = client.response();
    EXPECT_EQ(status_of(empty), 204);
    EXPECT_EQ(header_of(empty, "Content-Length"), "");
    EXPECT_EQ(body_of(client.response()), "GET ");
}

TEST_F(ServerTest, ClosesWhenTheCallerAsksForIt) {
    serve();
    Client client(server_->port());
    client.send(get("/echo", "Connection: close\r\n") + get("/echo"));
    EXPECT_EQ(header_of(client.response(), "Connection"), "close");
    EXPECT_TRUE(client.is_closed());
    Client old(server_->port());
    old.send("GET /echo HTTP/1.0\r\n\r\n");
    EXPECT_EQ(status_of(old.response()), 200);
    EXPECT_TRUE(old.is_closed());
    Client kept(server_->port());
    kept.send("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(header_of(kept.response(), "Connection"), "keep-alive");
    kept.send(get("/echo"));
    EXPECT_EQ(status_of(kept.response()), 200);
}

TEST_F(ServerTest, AsksForTheBodyThatTheCallerHoldsBack) {
    serve();
    Client client(server_->port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("{}");
    EXPECT_EQ(body_of(client.response()), "POST {}");
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_EQ(body_of(client.response()), "POST {}");
}

TEST_F(ServerTest, RefusesOnceAsAProblemAndCloses) {
    serve();
    Client client(server_->port());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + get("/echo") +
                get("/echo"));
    const std::string refusal = client.response();
    EXPECT_EQ(status_of(refusal), 413);
    EXPECT_EQ(header_of(refusal, "Content-Type"), "application/problem+json");
    EXPECT_EQ(header_of(refusal, "Connection"), "close");
    EXPECT_NE(body_of(refusal).find("/problems/payload-too-large"), std::string::npos);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(server_->stats().requests, 0U);
    EXPECT_EQ(server_->stats().refused_framing, 1U);
}

TEST_F(ServerTest, TellsNothingAboutAnException) {
    serve();
    const std::string answer = ask(get("/throw"));
    EXPECT_EQ(status_of(answer), 500);
    EXPECT_EQ(answer.find("secret"), std::string::npos);
    EXPECT_EQ(status_of(ask(get("/nothing"))), 404);
}

TEST_F(ServerTest, WritesALargeAnswerAsFastAsItIsRead) {
    serve();
    Client client(server_->port());
    client.send(get("/big") + get("/echo"));
    EXPECT_EQ(body_of(client.response()).size(), 8U << 20U);
    EXPECT_EQ(body_of(client.response()), "GET ");
}

TEST_F(ServerTest, ServesIpv6AndShowsMappedIpv4AsIpv4) {
    Options options = quick();
    options.address = "::";
    serve(options);
    Client six(server_->port(), "::1");
    six.send(get("/peer"));
    EXPECT_EQ(body_of(six.response()), "::1");
    EXPECT_EQ(body_of(ask(get("/peer"))), "127.0.0.1");
}

TEST_F(ServerTest, SpreadsConnectionsOverItsWorkers) {
    Options options = quick();
    options.workers = 2;
    serve(options);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(ask(get("/later"))), 200);
    EXPECT_EQ(server_->stats().requests, 20U);
}

TEST_F(ServerTest, NamesTheAddressThatItCannotListenOn) {
    serve();
    Options options = quick();
    options.port = server_->port();
    const auto start = [](const Options& with) {
        const Server second(
            with, [](loop::Loop&) { return Application{}; }, [](loop::Loop&) {});
    };
    try {
        start(options);
        FAIL() << "two servers on one port";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string(error.what()).find(fmt::format("127.0.0.1:{}", options.port)),
                  std::string::npos);
    }
    options.address = "no address";
    EXPECT_THROW(start(options), std::system_error);
}

TEST_F(ServerTest, TellsTheApplicationThatTheCallerHasLeft) {
    serve();
    Client client(server_->port());
    client.send(get("/hang"));
    hanging_.get_future().get();
    client.close();
    EXPECT_TRUE(stopped_.get_future().get());
    EXPECT_EQ(server_->stats().abandoned, 1U);
    EXPECT_EQ(status_of(ask(get("/echo"))), 200);
}

TEST_F(ServerTest, AnswersForAHandlerThatTakesTooLong) {
    Options options = quick();
    options.limits.handler = milliseconds{300};
    serve(options);
    Client client(server_->port());
    client.send(get("/hang"));
    const std::string answer = client.response();
    EXPECT_EQ(status_of(answer), 500);
    EXPECT_NE(answer.find("\"outcome\":\"unknown\""), std::string::npos);
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(stopped_.get_future().get());
}

TEST_F(ServerTest, EndsRequestsThatDoNotArriveInTime) {
    Options options = quick();
    options.limits.head = milliseconds{300};
    options.limits.body = milliseconds{300};
    options.limits.idle = milliseconds{300};
    serve(options);
    Client fresh(server_->port());
    fresh.send("GET /echo HTT");
    EXPECT_EQ(status_of(fresh.response()), 408);
    EXPECT_TRUE(fresh.is_closed());
    Client used(server_->port());
    used.send(get("/echo") + "GET /ec");
    EXPECT_EQ(status_of(used.response()), 200);
    EXPECT_EQ(status_of(used.response()), 408);
    Client body(server_->port());
    body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
    EXPECT_EQ(status_of(body.response()), 408);
    Client idle(server_->port());
    idle.send(get("/echo"));
    EXPECT_EQ(status_of(idle.response()), 200);
    EXPECT_TRUE(idle.is_closed());
    EXPECT_EQ(server_->stats().timed_out, 3U);
}

TEST_F(ServerTest, EndsACallerThatDoesNotReadItsAnswer) {
    Options options = quick();
    options.limits.write = milliseconds{300};
    serve(options);
    Client client(server_->port());
    client.send(get("/big"));
    while (server_->stats().connections_open == 0) std::this_thread::yield();
    while (server_->stats().connections_open > 0) std::this_thread::sleep_for(milliseconds{5});
    EXPECT_EQ(server_->stats().timed_out, 1U);
    EXPECT_EQ(status_of(ask(get("/echo"))), 200);
}

TEST_F(ServerTest, KeepsItsLimitsOfConnectionsAndRecovers) {
    Options options = quick();
    options.limits.max_connections = 2;
    serve(options);
    Client first(server_->port());
    Client second(server_->port());
    first.send(get("/echo"));
    second.send(get("/echo"));
    EXPECT_EQ(status_of(first.response()), 200);
    EXPECT_EQ(status_of(second.response()), 200);
    Client third(server_->port());
    third.send(get("/echo"));
    first.close();
    EXPECT_EQ(status_of(third.response()), 200);
    EXPECT_LE(server_->stats().connections_open, 2U);
}

TEST_F(ServerTest, LimitsTheConnectionsOfOneAddress) {
    Options options = quick();
    options.limits.max_connections_per_address = 1;
    serve(options);
    auto first = std::make_unique<Client>(server_->port());
    first->send(get("/echo"));
    EXPECT_EQ(status_of(first->response()), 200);
    EXPECT_EQ(ask(get("/echo")), "");
    first.reset();
    while (server_->stats().connections_open > 0) std::this_thread::yield();
    EXPECT_EQ(status_of(ask(get("/echo"))), 200);
}

TEST_F(ServerTest, DrainsByFinishingWhatIsInFlightAndTakingNothingNew) {
    serve();
    Client idle(server_->port());
    idle.send(get("/echo"));
    EXPECT_EQ(status_of(idle.response()), 200);
    Client busy(server_->port());
    busy.send(get("/gate"));
    hanging_.get_future().get();
    server_->drain();
    EXPECT_TRUE(idle.is_closed());
    EXPECT_FALSE(server_->wait_drained(milliseconds{20}));
    EXPECT_THROW(Client(server_->port()), std::runtime_error);
    open_ = true;
    const std::string answer = busy.response();
    EXPECT_EQ(body_of(answer), "through");
    EXPECT_EQ(header_of(answer, "Connection"), "close");
    EXPECT_TRUE(server_->wait_drained(seconds{10}));
}

TEST_F(ServerTest, DrainsAlsoWhatItsCallerHasLeft) {
    serve();
    {
        Client client(server_->port());
        client.send(get("/gate"));
        hanging_.get_future().get();
    }
    EXPECT_FALSE(server_->wait_drained(milliseconds{50}));
    open_ = true;
    EXPECT_TRUE(server_->wait_drained(seconds{10}));
    EXPECT_TRUE(passed_);
}

TEST_F(ServerTest, StopsEvenWhenSomethingHangs) {
    serve();
    Client client(server_->port());
    client.send(get("/gate"));
    hanging_.get_future().get();
    server_->stop();
    EXPECT_EQ(client.response(), "");
}

}  // namespace
}  // namespace bwgw::edge
