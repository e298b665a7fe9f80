// A small server on the edge alone, for the tests of hostile input: it says what it understood.
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "gateway/edge/server.h"
#include "gateway/loop/wait.h"

namespace {

using namespace bwgw;

std::string parameter(const http::Request& request, std::string_view name) {
    const auto pairs = http::parse_query(request.query());
    if (!pairs) return {};
    for (const auto& [key, value] : *pairs) {
        if (key == name) return value;
    }
    return {};
}

std::size_t number(const http::Request& request, std::string_view name) {
    const std::string text = parameter(request, name);
    std::size_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

http::Response text(std::string body) {
    http::Response response;
    response.set("Content-Type", "text/plain");
    response.body = std::move(body);
    return response;
}

class Probe {
public:
    explicit Probe(edge::Server*& server) : server_(server) {}

    Task<http::Response> answer(loop::Loop& loop, http::Request request) const {
        const std::string path{request.path()};
        if (path == "/healthz" || path == "/hello") co_return text("hello");
        if (path == "/echo") co_return text(fmt::format("{} {}", request.method, request.body));
        if (path == "/big") co_return text(std::string(number(request, "n"), 'x'));
        if (path == "/stats") co_return stats();
        if (path == "/throw") throw std::runtime_error("a secret");
        if (path == "/split") {
            http::Response response = text("split");
            response.set("X-Evil", "a\r\nX-Injected: yes");
            co_return response;
        }
        if (path == "/slow" || path == "/whoami") {
            const auto at = loop::Clock::now() + std::chrono::milliseconds(number(request, "ms"));
            if (path == "/whoami") request.disconnected = {};  // goes on when the caller has left
            static_cast<void>(co_await loop::sleep_until(loop, at, request.disconnected));
            std::string token = parameter(request, "token");
            token.resize(std::max(token.size(), number(request, "pad")), '.');
            co_return text(std::move(token));
        }
        co_return Failure{.slug = Slug::not_found, .detail = "there is nothing here"};
    }

private:
    http::Response stats() const {
        const edge::Stats stats = server_->stats();
        return text(fmt::format(
            R"({{"accepted":{},"open":{},"requests":{},"refused":{},"timed_out":{},"abandoned":{}}})",
            stats.connections_accepted, stats.connections_open, stats.requests, stats.refused_framing,
            stats.timed_out, stats.abandoned));
    }

    edge::Server*& server_;
};

void add_span(CLI::App& cli, const std::string& name, std::chrono::milliseconds& span) {
    cli.add_option_function<long>(name, [&span](long ms) { span = std::chrono::milliseconds(ms); });
}

}  // namespace

int main(int argc, char** argv) {
    edge::Options options;
    options.port = 0;
    CLI::App cli;
    cli.add_option("--address", options.address);
    cli.add_option("--port", options.port);
    cli.add_option("--workers", options.workers);
    cli.add_option("--max-connections", options.limits.max_connections);
    cli.add_option("--max-connections-per-address", options.limits.max_connections_per_address);
    add_span(cli, "--head-ms", options.limits.head);
    add_span(cli, "--body-ms", options.limits.body);
    add_span(cli, "--handler-ms", options.limits.handler);
    add_span(cli, "--write-ms", options.limits.write);
    add_span(cli, "--idle-ms", options.limits.idle);
    CLI11_PARSE(cli, argc, argv);

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);

    edge::Server* running = nullptr;
    const Probe probe(running);
    edge::Server server(
        options,
        [&probe](loop::Loop& loop) {
            return [&probe, &loop](http::Request request) { return probe.answer(loop, std::move(request)); };
        },
        [](loop::Loop&) {});
    running = &server;
    server.start();
    std::printf("listening %u\n", server.port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
    server.drain();
    const bool drained = server.wait_drained(std::chrono::seconds{10});
    server.stop();
    return drained ? 0 : 1;
}
