#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/edge/limits.h"
#include "gateway/http/message.h"
#include "gateway/loop/loop.h"

namespace bwgw::edge {

/// The one function the edge is given: it answers a request. Called and resumed on the worker that owns the
/// connection.
using Application = std::function<Task<http::Response>(http::Request&&)>;

struct Options {
    std::string address = "127.0.0.1";  ///< IPv4 or IPv6, without brackets
    std::uint16_t port = 8080;          ///< 0: any free one
    std::size_t workers = 1;            ///< with a listening socket each; one more runs background work
    Limits limits;
};

/// Counted since the start, over all workers; safe to read from any thread.
struct Stats {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t requests = 0;
    std::uint64_t refused_framing = 0;  ///< answered 4xx/5xx by the edge and closed
    std::uint64_t timed_out = 0;        ///< head, body, handler or write deadline
    std::uint64_t abandoned = 0;        ///< the caller left before its answer
};

/// Pistache's reactor with our own accept, framing, deadlines and writes (docs/decisions/0001-edge.md).
class Server {
public:
    /// `application` is called once per serving worker, `background` once for the worker without a socket,
    /// both before any worker runs. Throws std::system_error naming the address if it cannot listen.
    Server(Options options, std::function<Application(loop::Loop&)> application,
           std::function<void(loop::Loop&)> background);
    ~Server();

    void start();
    std::uint16_t port() const noexcept;
    Stats stats() const noexcept;

    /// Stops accepting; answers from now on carry `Connection: close` and idle connections are closed. Any
    /// thread.
    void drain();
    /// Waits until no request and no spawned task is left; false if some were at the end of the span.
    bool wait_drained(std::chrono::milliseconds span);
    /// Ends the workers; whatever still hangs is dropped.
    void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bwgw::edge
