#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <thread>

#include "providers/sandbox/server.h"
#include "providers/sandbox/session.h"
#include "tests/sandbox/callers.h"

namespace bwgw::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

Settings ephemeral_settings() {
    auto settings = parse_settings(default_settings());
    settings.control_port = 0;
    for (auto& brand : settings.brands) brand.port = 0;
    return settings;
}

/// The shipped brands on ports of the kernel's choice.
class RunningSandbox {
public:
    RunningSandbox() : world_(ephemeral_settings(), wall_clock_ms()), server_(world_, ephemeral_settings()) {
        thread_ = std::thread([this] { server_.run(false); });
    }
    ~RunningSandbox() {
        server_.stop();
        thread_.join();
    }
    [[nodiscard]] std::uint16_t port(const std::string& brand) const {
        return server_.brand_ports().at(brand);
    }
    [[nodiscard]] std::uint16_t control() const { return server_.control_port(); }

private:
    World world_;
    Server server_;
    std::thread thread_;
};

/// One kept-alive connection.
class Connection {
public:
    explicit Connection(std::uint16_t port) {
        stream_.connect(asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
    }

    void send(const Request& request) {
        http::request<http::string_body> message;
        message.method_string(request.method);
        message.target(request.query.empty() ? request.path : request.path + "?" + request.query);
        message.set(http::field::host, "127.0.0.1");
        for (const auto& [name, value] : request.headers) message.set(name, value);
        message.body() = request.body;
        message.prepare_payload();
        boost::system::error_code refused_midway;
        http::write(stream_, message, refused_midway);
    }
    /// The body, or the error that ended the connection.
    std::string receive(boost::system::error_code& error) {
        http::response_parser<http::string_body> parser;
        parser.body_limit(64 << 20);
        http::read(stream_, buffer_, parser, error);
        return parser.get().body();
    }
    Json exchange(const Request& request) {
        send(request);
        boost::system::error_code error;
        const auto body = receive(error);
        EXPECT_FALSE(error) << error.message();
        return parse_json(body);
    }

private:
    asio::io_context loop_;
    beast::tcp_stream stream_{loop_};
    beast::flat_buffer buffer_;
};

Request to_control(std::string method, std::string path, std::string body = "") {
    return {.method = std::move(method),
            .path = std::move(path),
            .query = "",
            .headers = {},
            .body = std::move(body)};
}

Request legacy_list() {
    return ucloud_request("scloudsg", {{"Action", "DescribeInterRegionBandwidth"}, {"UGNId", "ugn-demo01"}});
}

Request legacy_order() {
    return ucloud_request("scloudsg", {{"Action", "CreateInterRegionBandwidth"},
                                       {"UGNId", "ugn-demo01"},
                                       {"Bandwidth", "10"},
                                       {"ChargeType", "Month"},
                                       {"Quantity", "1"},
                                       {"PayMode", "Traffic"},
                                       {"Region0", "hk"},
                                       {"Region1", "sg"}});
}

TEST(Server, ExecutesThenResetsAKeptAliveConnectionAndTheLedgerKnows) {
    RunningSandbox sandbox;
    Connection control(sandbox.control());
    Connection caller(sandbox.port("scloudsg"));
    EXPECT_EQ(caller.exchange(legacy_list())["TotalCount"].GetInt(), 0);
    control.exchange(
        to_control("POST", "/faults",
                   R"({"brand":"scloudsg","action":"CreateInterRegionBandwidth","fault":"reset_after"})"));
    caller.send(legacy_order());
    boost::system::error_code error;
    caller.receive(error);
    EXPECT_EQ(error, asio::error::connection_reset) << error.message();

    Connection again(sandbox.port("scloudsg"));
    EXPECT_EQ(again.exchange(legacy_list())["TotalCount"].GetInt(), 1);
    EXPECT_EQ(ret_code(again.exchange(legacy_order())), 0);
    const auto ledger = control.exchange(to_control("GET", "/ledger"));
    ASSERT_EQ(ledger["purchases"].Size(), 2U);
    EXPECT_FALSE(ledger["purchases"][0]["reply_delivered"].GetBool());
    EXPECT_TRUE(ledger["purchases"][1]["reply_delivered"].GetBool());
}

TEST(Server, HangsOneCallerWhileItServesTheOthers) {
    RunningSandbox sandbox;
    Connection control(sandbox.control());
    control.exchange(to_control("POST", "/faults", R"({"brand":"scloudsg","fault":"hang_before"})"));
    Connection hung(sandbox.port("scloudsg"));
    hung.send(legacy_order());
    const auto seen = [&] { return control.exchange(to_control("GET", "/requests"))["requests"].Size(); };
    while (seen() == 0) std::this_thread::yield();
    Connection other(sandbox.port("scloudsg"));
    EXPECT_EQ(other.exchange(legacy_list())["TotalCount"].GetInt(), 0);
    const auto requests = control.exchange(to_control("GET", "/requests"));
    EXPECT_FALSE(requests["requests"][0]["delivered"].GetBool());
    EXPECT_NE(requests["requests"][0]["connection"].GetUint64(),
              requests["requests"][1]["connection"].GetUint64());
}

TEST(Server, SendsAHugeBodyThatIsStillJson) {
    RunningSandbox sandbox;
    Connection control(sandbox.control());
    control.exchange(to_control(
        "POST", "/faults", R"({"brand":"scloudsg","kind":"huge_body","when":"after","size_bytes":9000000})"));
    Connection caller(sandbox.port("scloudsg"));
    caller.send(legacy_list());
    boost::system::error_code error;
    const auto body = caller.receive(error);
    EXPECT_FALSE(error);
    EXPECT_GT(body.size(), 9'000'000U);
    EXPECT_EQ(ret_code(parse_json(body)), 0);
    EXPECT_EQ(ret_code(caller.exchange(legacy_list())), 0);  // on the same connection
}

TEST(Server, CutsAndDripsBodies) {
    RunningSandbox sandbox;
    Connection control(sandbox.control());
    control.exchange(to_control("POST", "/faults", R"({"brand":"scloudsg","fault":"cut_body_after"})"));
    control.exchange(to_control("POST", "/faults", R"({"brand":"scloudsg","kind":"drip","delay_ms":1})"));
    Connection cut(sandbox.port("scloudsg"));
    cut.send(legacy_list());
    boost::system::error_code error;
    cut.receive(error);
    EXPECT_EQ(error, http::error::partial_message);
    Connection dripped(sandbox.port("scloudsg"));
    EXPECT_EQ(ret_code(dripped.exchange(legacy_list())), 0);
}

TEST(Server, ServesZenlayerUnderTheHostThatWasSigned) {
    RunningSandbox sandbox;
    Connection caller(sandbox.port("zenlayer"));
    const auto zones = caller.exchange(zenlayer_request("DescribeZones", "{}", wall_clock_ms() / 1000));
    EXPECT_EQ(zones["response"]["zoneSet"].Size(), 4U);
    const auto stale = caller.exchange(zenlayer_request("DescribeZones", "{}", wall_clock_ms() / 1000 - 400));
    EXPECT_STREQ(stale["code"].GetString(), "AUTHFAILURE_SIGNATURE_EXPIRED");
}

TEST(Server, RefusesAnOversizedBody) {
    RunningSandbox sandbox;
    Connection caller(sandbox.port("scloudsg"));
    caller.send({.method = "POST",
                 .path = "/",
                 .query = "",
                 .headers = {},
                 .body = std::string(kBodyMaximum + 1, 'x')});
    boost::system::error_code error;
    caller.receive(error);
    Connection next(sandbox.port("scloudsg"));
    EXPECT_EQ(next.exchange(legacy_list())["TotalCount"].GetInt(), 0);
    EXPECT_EQ(Connection(sandbox.control()).exchange(to_control("GET", "/requests"))["requests"].Size(), 1U);
}

TEST(Server, NamesTheBrandAndThePortThatIsTaken) {
    RunningSandbox sandbox;
    auto settings = ephemeral_settings();
    settings.brands[1].port = sandbox.port("dezai");
    World world(settings, wall_clock_ms());
    try {
        const Server second(world, settings);
        FAIL() << "two listeners on one port";
    } catch (const std::runtime_error& error) {
        EXPECT_EQ(std::string(error.what()),
                  fmt::format("brand dezai: cannot listen on 127.0.0.1:{}: Address already in use",
                              sandbox.port("dezai")));
    }
}

}  // namespace
}  // namespace bwgw::sandbox
