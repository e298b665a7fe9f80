#include "providers/sandbox/server.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <stdexcept>

#include "providers/sandbox/session.h"

namespace bwgw::sandbox {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t kConnectionMaximum = 4096;
constexpr auto kAcceptPause =
    std::chrono::milliseconds(50);  // after a failed accept, e.g. out of descriptors

}  // namespace

struct Server::Shell {
    World& world;
    asio::io_context loop{1};
    std::vector<std::unique_ptr<tcp::acceptor>> acceptors;
    std::uint64_t next_connection = 1;
    std::size_t open_connections = 0;

    explicit Shell(World& given) : world(given) {}

    std::uint16_t listen(const std::string& who, const std::string& address, std::uint16_t port,
                         Brand* brand) {
        auto acceptor = std::make_unique<tcp::acceptor>(loop);
        try {
            const tcp::endpoint endpoint(asio::ip::make_address(address), port);
            acceptor->open(endpoint.protocol());
            acceptor->set_option(tcp::acceptor::reuse_address(true));
            acceptor->bind(endpoint);
            acceptor->listen();
        } catch (const boost::system::system_error& error) {
            throw std::runtime_error(
                fmt::format("{}: cannot listen on {}:{}: {}", who, address, port, error.code().message()));
        }
        asio::co_spawn(loop, accept(*acceptor, brand), asio::detached);
        return acceptors.emplace_back(std::move(acceptor))->local_endpoint().port();
    }

    asio::awaitable<void> accept(tcp::acceptor& acceptor, Brand* brand) {
        for (;;) {
            boost::system::error_code error;
            auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted) co_return;
            if (error) {
                asio::steady_timer timer(loop, kAcceptPause);
                co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
            } else if (open_connections < kConnectionMaximum) {
                ++open_connections;
                asio::co_spawn(loop, serve(std::move(socket), world, brand, next_connection++),
                               [this](std::exception_ptr) { --open_connections; });
            }
        }
    }
};

Server::Server(World& world, const Settings& settings) : shell_(std::make_unique<Shell>(world)) {
    control_port_ = shell_->listen("control", settings.address, settings.control_port, nullptr);
    for (const auto& brand : world.brands()) {
        const auto& name = brand->settings.name;
        brand_ports_[name] = shell_->listen(fmt::format("brand {}", name), settings.address,
                                            brand->settings.port, brand.get());
    }
}

Server::~Server() = default;

void Server::run(bool on_signals) {
    asio::signal_set signals(shell_->loop);
    if (on_signals) {
        signals.add(SIGTERM);
        signals.add(SIGINT);
        signals.async_wait([this](boost::system::error_code error, int) {
            if (!error) shell_->loop.stop();
        });
    }
    shell_->loop.run();
}

void Server::stop() {
    shell_->loop.stop();
}

std::string Server::ready_line() const {
    Json json;
    Fields out(json, json.GetAllocator());
    JsonValue ports(rapidjson::kObjectType);
    Fields of_brands(ports, json.GetAllocator());
    for (const auto& [name, port] : brand_ports_) of_brands.set(name, port);
    out.set("ready", true).set("control", control_port_).set("brands", std::move(ports));
    return to_text(json);
}

}  // namespace bwgw::sandbox
