#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/edge/connection.h"
#include "gateway/edge/limits.h"
#include "gateway/edge/server.h"
#include "gateway/loop/loop.h"

namespace bwgw::edge {

class Worker;

/// Written by one worker, read by any thread.
class Counter {
public:
    void add() noexcept { value_.store(get() + 1, std::memory_order_relaxed); }
    std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

struct Counters {
    Counter accepted;
    Counter closed;
    Counter requests;
    Counter refused_framing;
    Counter timed_out;
    Counter abandoned;
};

/// One worker's listening socket, and the connections that came through it.
class Listener final : public loop::Loop::Watcher {
public:
    /// Takes over `socket`, which listens and does not block.
    Listener(Worker& worker, const Limits& limits, int socket, Application application);
    ~Listener() override;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    void ready(bool readable, bool writable) override;  ///< accepts

    // From Pistache's events, by descriptor.
    bool holds(int fd) const noexcept;
    void received(int fd, std::string_view bytes);
    void writable(int fd);
    void left(int fd);  ///< the worker closes the peer

    /// At the end of a batch: goes on with parked input, closes what has ended. True if there was anything to
    /// do.
    bool settle();
    void drain();
    void close_all();
    bool empty() const noexcept { return open_ == 0 && in_flight_ == 0; }
    std::size_t in_flight() const noexcept { return in_flight_; }
    const Counters& counters() const noexcept { return counters_; }

    // For its connections.
    Counters& counters() noexcept { return counters_; }
    const Limits& limits() const noexcept { return limits_; }
    bool draining() const noexcept { return draining_; }
    loop::Clock::time_point now() const noexcept;
    std::string_view date();
    /// An empty text to write into, valid until the next call.
    std::string& scratch() noexcept;
    void dispatch(const Connection& connection, http::Request&& request);
    void watch_writable(int fd, bool on);
    void advance_later(const Connection& connection) {
        waiting_.emplace_back(connection.fd(), connection.id());
    }
    void close_later(const Connection& connection) { ended_.emplace_back(connection.fd(), connection.id()); }

private:
    using Name = std::pair<int, std::uint64_t>;  // descriptor and id
    struct Root;

    static Root respond(Listener& listener, Name name, http::Request request);
    Connection* find(Name name) const noexcept;
    bool accept_one();
    void keep(int fd, std::string address);
    void pause(bool paused);
    void stop_listening();
    void tick();

    Worker& worker_;
    const Limits& limits_;
    int socket_;
    Application application_;
    Counters counters_;
    bool paused_ = false;
    bool draining_ = false;
    std::uint64_t last_id_ = 0;
    std::size_t open_ = 0;
    std::size_t in_flight_ = 0;
    std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
    std::unordered_map<std::string, std::size_t> per_address_;
    std::vector<Name> waiting_;
    std::vector<Name> ended_;
    std::vector<std::stop_source> departed_;
    long date_second_ = 0;
    std::string date_;
    std::string scratch_;
};

}  // namespace bwgw::edge
