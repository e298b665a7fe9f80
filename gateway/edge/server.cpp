#include "gateway/edge/server.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <latch>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pistache/reactor.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/edge/listener.h"
#include "gateway/edge/worker.h"

namespace bwgw::edge {

namespace {

constexpr int kBacklog = 4096;
constexpr rlim_t kOtherDescriptors = 1024;  // upstream connections, ledger, log

struct Endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;
    std::string name;

    sockaddr* raw() noexcept { return reinterpret_cast<sockaddr*>(&address); }
};

[[noreturn]] void refuse(int error, const std::string& name) {
    throw std::system_error(error, std::generic_category(), "cannot listen on " + name);
}

Endpoint endpoint_of(const std::string& address, std::uint16_t port) {
    Endpoint endpoint;
    auto& v4 = reinterpret_cast<sockaddr_in&>(endpoint.address);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(endpoint.address);
    endpoint.name = fmt::format("{}:{}", address, port);
    if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        endpoint.size = sizeof v4;
    } else if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        endpoint.size = sizeof v6;
        endpoint.name = fmt::format("[{}]:{}", address, port);
    } else {
        refuse(EAFNOSUPPORT, endpoint.name);
    }
    return endpoint;
}

int bound_socket(Endpoint& endpoint, bool shared) {
    const int fd = ::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) refuse(errno, endpoint.name);
    const int on = 1;
    const int off = 0;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (endpoint.address.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // inherited by what is accepted
    if (::bind(fd, endpoint.raw(), endpoint.size) != 0) {
        const int error = errno;
        ::close(fd);
        refuse(error, endpoint.name);
    }
    return fd;
}

std::uint16_t port_of(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                              : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
}

// One socket per worker on one port. SO_REUSEPORT would share the port with another gateway of the same user
// without a word, so the port is tried without it first.
std::vector<int> listening_sockets(const Options& options) {
    Endpoint endpoint = endpoint_of(options.address, options.port);
    const int probe = bound_socket(endpoint, false);
    endpoint = endpoint_of(options.address, port_of(probe));
    ::close(probe);
    std::vector<int> sockets;
    try {
        for (std::size_t i = 0; i < options.workers; ++i) {
            sockets.push_back(bound_socket(endpoint, true));
            if (::listen(sockets.back(), kBacklog) != 0) refuse(errno, endpoint.name);
        }
    } catch (...) {
        for (const int fd : sockets) ::close(fd);
        throw;
    }
    return sockets;
}

void raise_descriptor_limit(const Options& options) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t wanted = options.workers * options.limits.max_connections + kOtherDescriptors;
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);  // if refused, accepting pauses at the lower limit
}

// A task that never ended may be resumed or destroyed by whoever holds it, and uses its loop then.
void keep_for_ever(std::shared_ptr<Worker> worker) {
    static auto* const kept = new std::vector<std::shared_ptr<Worker>>;
    kept->push_back(std::move(worker));
}

}  // namespace

struct Server::State {
    Options options;
    std::uint16_t port = 0;
    bool running = false;
    std::atomic<bool> draining = false;
    std::mutex mutex;
    std::condition_variable changed;
    std::unique_ptr<Pistache::Aio::Reactor> reactor;
    std::vector<std::shared_ptr<Worker>> workers;

    bool drained() const {
        return std::ranges::all_of(workers, [](const auto& worker) { return worker->drained(); });
    }
};

Server::Server(Options options, std::function<Application(loop::Loop&)> application,
               std::function<void(loop::Loop&)> background)
    : state_(std::make_unique<State>()) {
    State& state = *state_;
    state.options = std::move(options);
    const std::vector<int> sockets = listening_sockets(state.options);
    state.port = port_of(sockets.front());
    state.reactor = std::make_unique<Pistache::Aio::Reactor>();
    state.reactor->init(Pistache::Aio::AsyncContext(sockets.size() + 1, "edge"));
    const auto key = state.reactor->addHandler(std::make_shared<Worker>());  // clones it for each thread
    for (const auto& handler : state.reactor->handlers(key))
        state.workers.push_back(std::static_pointer_cast<Worker>(handler));
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        Worker& worker = *state.workers[i];
        worker.set_listener(
            std::make_unique<Listener>(worker, state.options.limits, sockets[i], application(worker)));
    }
    background(*state.workers.back());
}

Server::~Server() {
    stop();
}

void Server::start() {
    State& state = *state_;
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit(state.options);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are the main thread's
    state.reactor->run();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    state.running = true;
}

std::uint16_t Server::port() const noexcept {
    return state_->port;
}

Stats Server::stats() const noexcept {
    Stats stats;
    std::uint64_t closed = 0;
    for (const auto& worker : state_->workers) {
        if (!worker->listener()) continue;
        const Counters& counters = std::as_const(*worker->listener()).counters();
        closed += counters.closed.get();
        stats.connections_accepted += counters.accepted.get();
        stats.requests += counters.requests.get();
        stats.refused_framing += counters.refused_framing.get();
        stats.timed_out += counters.timed_out.get();
        stats.abandoned += counters.abandoned.get();
    }
    stats.connections_open = stats.connections_accepted - std::min(closed, stats.connections_accepted);
    return stats;
}

void Server::drain() {
    State& state = *state_;
    if (state.draining.exchange(true)) return;
    for (const auto& worker : state.workers) {
        worker->begin_drain([&state] {
            const std::lock_guard lock(state.mutex);
            state.changed.notify_all();
        });
    }
}

bool Server::wait_drained(std::chrono::milliseconds span) {
    State& state = *state_;
    drain();
    std::unique_lock lock(state.mutex);
    return state.changed.wait_for(lock, span, [&state] { return state.drained(); });
}

void Server::stop() {
    State& state = *state_;
    if (!state.reactor) return;
    if (state.running) {
        const auto ended = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(state.workers.size()));
        for (const auto& worker : state.workers) {
            worker->post([&worker = *worker, ended] {
                worker.end();
                ended->count_down();
            });
        }
        ended->wait();
        state.reactor->shutdown();
    } else {
        for (const auto& worker : state.workers) worker->end();
    }
    state.reactor.reset();  // joins
    for (auto& worker : state.workers) {
        worker->detach();
        if (worker->unfinished()) keep_for_ever(worker);
    }
}

}  // namespace bwgw::edge
