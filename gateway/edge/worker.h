#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <pistache/transport.h>

#include "gateway/edge/listener.h"
#include "gateway/edge/timers.h"
#include "gateway/loop/loop.h"

struct sockaddr;

namespace bwgw::edge {

/// One thread of Pistache's reactor, and the loop of all that runs on it: connections, timers, posts and the
/// gateway's own descriptors. Pistache polls, keeps the peers and closes them; its writer, timers and queues
/// are not used, because they lose wake-ups and write to recycled descriptors (docs/decisions/0001-edge.md),
/// nor is its reader, which asks every socket once more.
class Worker final : public Pistache::Tcp::Transport, public loop::Loop {
public:
    Worker();
    ~Worker() override;

    /// Before the reactor runs; a background worker has none.
    void set_listener(std::unique_ptr<Listener> listener) { listener_ = std::move(listener); }
    Listener* listener() noexcept { return listener_.get(); }

    void watch(int fd, bool read, bool write, Watcher& watcher) override;
    void unwatch(int fd) override;
    TimerId call_at(loop::Clock::time_point at, std::function<void()> callback) override;
    void cancel(TimerId timer) override;
    bool post(std::function<void()> callback) override;

    /// Any thread: from now on drained() is kept up to date, and `changed` is called, on the worker, when it
    /// is true.
    void begin_drain(std::function<void()> changed);
    /// No connection, no request and no spawned task is left.
    bool drained() const noexcept { return drained_.load(std::memory_order_acquire); }
    /// Closes all connections and refuses posts. On the worker, or when it does not run.
    void end();
    /// The poller is gone with its reactor: nothing is watched any more.
    void detach() noexcept { poller_ = nullptr; }
    /// Something is suspended that nobody will resume, and that may still refer to this loop.
    bool unfinished() const noexcept { return spawned() > 0 || (listener_ && listener_->in_flight() > 0); }

    // For the listener and its connections.
    loop::Clock::time_point turn_began() const noexcept { return now_; }
    void admit(int fd, const sockaddr& from);
    void close_peer(int fd);
    void watch_writable(int fd, bool on);

    // Pistache's hooks.
    std::shared_ptr<Pistache::Aio::Handler> clone() const override { return std::make_shared<Worker>(); }
    void registerPoller(Pistache::Polling::Epoll& poller) override;
    void onReady(const Pistache::Aio::FdSet& events) override;

private:
    struct Watched {
        Watcher* watcher = nullptr;
        std::uint32_t generation =
            0;  // in the tag, so that an event for a former owner of the number is known as such
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

    void serve_peer(int fd, bool readable, bool writable);
    bool receive(int fd);
    void serve_watched(std::uint64_t tag, bool readable, bool writable);
    void settle();
    bool run_posted();
    void report_drain();
    void arm_timer();
    void on_timer();
    void on_wake();
    void wake() const noexcept;

    Pistache::Polling::Epoll* poller_ = nullptr;
    int timer_fd_ = -1;
    int wake_fd_ = -1;
    Own timer_watcher_{*this, &Worker::on_timer};
    Own wake_watcher_{*this, &Worker::on_wake};
    loop::Clock::time_point now_ = loop::Clock::now();
    loop::Clock::time_point armed_ = loop::Clock::time_point::max();
    std::uint32_t generation_ = 0;
    bool ended_ = false;
    Timers timers_;
    std::vector<Watched> watched_;  // by descriptor
    std::array<char, 16UL * 1024> received_;

    std::mutex posted_mutex_;
    std::vector<std::function<void()>> posted_;
    bool refusing_posts_ = false;

    std::function<void()> drain_changed_;
    std::atomic<bool> drained_ = false;

    std::unique_ptr<Listener> listener_;  // last: what the application owns may still use the loop as it goes
};

}  // namespace bwgw::edge
