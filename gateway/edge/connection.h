#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "gateway/edge/framing.h"
#include "gateway/http/message.h"
#include "gateway/loop/loop.h"

namespace bwgw::edge {

class Listener;

/// One accepted connection: one request at a time, further input parked, answers in order. Lives and runs on
/// its worker, and is named elsewhere by descriptor and id, since the descriptor alone is soon somebody
/// else's. A caller who closes only its sending side has left: the worker closes the peer at the end of the
/// stream.
class Connection {
public:
    Connection(Listener& listener, int fd, std::uint64_t id, std::string peer);

    int fd() const noexcept { return fd_; }
    std::uint64_t id() const noexcept { return id_; }
    const std::string& peer() const noexcept { return peer_; }
    /// To be closed by the worker; deaf from then on.
    bool gone() const noexcept { return phase_ == Phase::gone; }

    void received(std::string_view bytes);
    void writable();
    /// The answer to the request in flight; dropped if there is none any more.
    void answer(http::Response response);
    /// Goes on with parked input after an answer that came from the loop.
    void advance();
    /// Enforces the deadline of the present phase.
    void expire(loop::Clock::time_point now);
    /// The descriptor is being closed. Gives what tells a waiting application that its caller has left.
    std::optional<std::stop_source> leave();

private:
    enum class Phase : std::uint8_t { idle, head, body, busy, writing, linger, gone };

    std::size_t consume(std::string_view bytes);
    void park(std::string_view bytes);
    void begin_request();
    void refuse(Slug slug, std::string_view why);
    void send_continue();
    // Writes what the socket takes now; the number of bytes. Ends the connection on an error.
    std::size_t transmit(std::string_view head, std::string_view body);
    void sent();
    void finish();  // our FIN, then linger
    void end();
    void enter(Phase phase);

    Listener& listener_;
    int fd_;
    std::uint64_t id_;
    std::string peer_;
    Phase phase_ = Phase::idle;
    bool keep_alive_ = true;
    bool head_only_ = false;
    bool dispatching_ = false;
    bool overflowed_ = false;  // more was parked than fits: what came later is lost, and the connection ends
    loop::Clock::time_point since_;  // of the phase; of the last progress while writing
    Framer framer_;
    std::string parked_;
    std::string unsent_head_;
    std::string unsent_body_;
    std::size_t body_sent_ = 0;
    std::string request_id_;
    std::optional<std::stop_source> disconnect_;
};

}  // namespace bwgw::edge
