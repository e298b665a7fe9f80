#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <pistache/tcp.h>
#include <pistache/transport.h>

#include "gateway/edge/connection.h"
#include "gateway/edge/limits.h"
#include "gateway/edge/server.h"
#include "gateway/edge/timers.h"
#include "gateway/loop/loop.h"

struct sockaddr;

namespace bwgw::edge {

/// Written by one worker, read by any thread.
class Counter {
public:
    void add() noexcept { value_.store(get() + 1, std::memory_order_relaxed); }
    std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_ = 0;
};

struct Counters {
    Counter connections_accepted;
    Counter connections_closed;
    Counter requests;
    Counter refused_framing;
    Counter timed_out;
    Counter abandoned;
};

/// One thread of Pistache's reactor and all that happens on it: accept, read, answer, timers, the gateway's own
/// descriptors and posts. Pistache reads, keeps the peers and closes them; its writer, timers and queues are not used.
class Worker final : public Pistache::Tcp::Transport, public loop::Loop {
public:
    /// `on_idle` is called, on the worker, at the end of each batch while draining with nothing left.
    Worker(const Limits& limits, std::function<void()> on_idle);
    ~Worker() override;

    // Before the reactor runs.
    void listen_on(int listener, Application application);

    // From any thread.
    void begin_drain();
    bool drained() const noexcept { return drained_.load(std::memory_order_acquire); }
    const Counters& counters() const noexcept { return counters_; }
    bool post(std::function<void()> callback) override;

    // On the worker, or when its thread has ended.
    void end();
    /// Work is left that nobody will finish; it may still refer to this loop.
    bool unfinished() const noexcept { return in_flight_ > 0 || spawned() > 0; }

    void watch(int fd, bool read, bool write, Watcher& watcher) override;
    void unwatch(int fd) override;
    TimerId call_at(loop::Clock::time_point at, std::function<void()> callback) override;
    void cancel(TimerId timer) override;

    // For connections.
    Counters& counters() noexcept { return counters_; }
    const Limits& limits() const noexcept { return limits_; }
    bool draining() const noexcept { return draining_; }
    loop::Clock::time_point now() const noexcept { return now_; }
    std::string_view date();
    std::string& scratch();
    void dispatch(Connection& connection, http::Request request);
    void watch_writable(int fd, bool on);
    void doom(const Connection& connection);   ///< closed at the end of the batch
    void later(const Connection& connection);  ///< advanced at the end of the batch

    // Pistache's hooks.
    std::shared_ptr<Pistache::Aio::Handler> clone() const override;
    void registerPoller(Pistache::Polling::Epoll& poller) override;
    void onReady(const Pistache::Aio::FdSet& events) override;
    void connected(const std::shared_ptr<Pistache::Tcp::Peer>& peer);
    void received(int fd, std::string_view bytes);
    void disconnected(int fd);

private:
    using Name = std::pair<int, std::uint64_t>;  // of a connection
    struct Watched {
        Watcher* watcher = nullptr;
        std::uint32_t generation = 0;
        bool read = false;
        bool write = false;
    };
    // Calls a member when its descriptor is ready.
    struct Own final : Watcher {
        Own(Worker& in, void (Worker::*does)()) : worker(in), action(does) {}
        void ready(bool, bool) override { (worker.*action)(); }
        Worker& worker;
        void (Worker::*action)();
    };

    Connection* find(int fd) const noexcept;
    Connection* find(const Name& name) const noexcept;
    void serve_peer(int fd, bool readable, bool writable);
    void settle();
    bool settle_once();
    bool run_posted();
    void close_peer(int fd);
    void forget(int fd);
    void arm_timer();
    void on_timer();
    void on_wake();
    void wake() const noexcept;

    void accept_some();
    bool accept_one(int fd, const sockaddr& address);
    void pause_accepting(bool pause);
    void tick();
    void drain();
    static detail_root respond(Worker& worker, Name name, http::Request request);

    const Limits& limits_;
    std::function<void()> on_idle_;
    Pistache::Polling::Epoll* poller_ = nullptr;
    Counters counters_;
};

}  // namespace bwgw::edge
