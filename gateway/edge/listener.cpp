#include "gateway/edge/listener.h"

#include <cerrno>
#include <coroutine>
#include <ctime>
#include <exception>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/edge/reply.h"
#include "gateway/edge/worker.h"
#include "gateway/http/problem.h"

namespace bwgw::edge {

namespace {

constexpr std::chrono::milliseconds kTick{200};  // how late a deadline of a connection may be
constexpr int kMaxAcceptsPerBatch = 64;  // so that a burst of new callers does not starve the present ones

// The caller's address without a port; an IPv4 caller of a dual-stack socket is shown as IPv4.
std::string text_of(const sockaddr_storage& from) {
    char text[INET6_ADDRSTRLEN] = {};
    if (from.ss_family == AF_INET) {
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(from).sin_addr, text, sizeof text);
        return text;
    }
    const in6_addr& address = reinterpret_cast<const sockaddr_in6&>(from).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address))
        ::inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof text);
    else
        ::inet_ntop(AF_INET6, &address, text, sizeof text);
    return text;
}

http::Response internal_problem(const std::string& request_id) {
    return http::problem(
        {.slug = Slug::internal, .detail = "the gateway failed", .outcome = Outcome::unknown}, request_id);
}

}  // namespace

// A request's root: runs at once, frees itself at its end, and lets no exception out.
struct Listener::Root {
    struct promise_type {
        Root get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }  // respond() catches everything
    };
};

Listener::Root Listener::respond(Listener& listener, Name name, http::Request request) {
    ++listener.in_flight_;
    const std::string request_id = request.id;
    http::Response response;
    try {
        Result<http::Response> result = co_await listener.application_(std::move(request));
        response = result ? std::move(*result) : http::problem(result.failure(), request_id);
    } catch (...) {
        response = internal_problem(request_id);
    }
    --listener.in_flight_;
    if (Connection* connection = listener.find(name)) connection->answer(std::move(response));
}

Listener::Listener(Worker& worker, const Limits& limits, int socket, Application application)
    : worker_(worker), limits_(limits), socket_(socket), application_(std::move(application)) {
    worker_.watch(socket_, true, false, *this);
    tick();
}

Listener::~Listener() {
    stop_listening();
}

loop::Clock::time_point Listener::now() const noexcept {
    return worker_.turn_began();
}

bool Listener::holds(int fd) const noexcept {
    return static_cast<std::size_t>(fd) < connections_.size() && connections_[static_cast<std::size_t>(fd)];
}

Connection* Listener::find(Name name) const noexcept {
    if (!holds(name.first)) return nullptr;
    Connection* connection = connections_[static_cast<std::size_t>(name.first)].get();
    return connection->id() == name.second ? connection : nullptr;
}

void Listener::ready(bool, bool) {
    for (int i = 0; i < kMaxAcceptsPerBatch; ++i) {
        if (!accept_one()) return;
    }
}

// False if there is nobody, or no room.
bool Listener::accept_one() {
    if (open_ >= limits_.max_connections) {
        pause(true);
        return false;
    }
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int fd =
        ::accept4(socket_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        const bool out_of_room = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (out_of_room) pause(true);
        return errno == ECONNABORTED || errno == EINTR;
    }
    counters_.accepted.add();
    std::string address = text_of(from);
    if (per_address_[address] >= limits_.max_connections_per_address) {
        ::close(fd);
        counters_.closed.add();
        return true;
    }
    keep(fd, std::move(address));
    worker_.admit(fd, reinterpret_cast<const sockaddr&>(from));
    return true;
}

void Listener::keep(int fd, std::string address) {
    ++per_address_[address];
    ++open_;
    const auto place = static_cast<std::size_t>(fd);
    if (place >= connections_.size()) connections_.resize(place + 64);
    connections_[place] = std::make_unique<Connection>(*this, fd, ++last_id_, std::move(address));
}

void Listener::received(int fd, std::string_view bytes) {
    if (holds(fd)) connections_[static_cast<std::size_t>(fd)]->received(bytes);
}

void Listener::writable(int fd) {
    if (holds(fd)) connections_[static_cast<std::size_t>(fd)]->writable();
}

// What waits for this caller is told at the end of the batch: it may do anything, and the worker is at work
// on the peer.
void Listener::left(int fd) {
    if (!holds(fd)) return;
    const std::unique_ptr<Connection> connection = std::move(connections_[static_cast<std::size_t>(fd)]);
    if (auto disconnect = connection->leave()) departed_.push_back(std::move(*disconnect));
    const auto same_address = per_address_.find(connection->peer());
    if (--same_address->second == 0) per_address_.erase(same_address);
    --open_;
    counters_.closed.add();
}

bool Listener::settle() {
    if (waiting_.empty() && ended_.empty() && departed_.empty()) return false;
    for (const Name& name : std::exchange(waiting_, {})) {
        if (Connection* connection = find(name)) connection->advance();
    }
    for (const Name& name : std::exchange(ended_, {})) {
        if (!find(name)) continue;
        left(name.first);
        worker_.close_peer(name.first);
    }
    for (std::stop_source& departed : std::exchange(departed_, {})) departed.request_stop();
    return true;
}

std::string_view Listener::date() {
    const long second = std::time(nullptr);
    if (second != std::exchange(date_second_, second)) date_ = date_of(second);
    return date_;
}

std::string& Listener::scratch() noexcept {
    scratch_.clear();
    return scratch_;
}

void Listener::dispatch(const Connection& connection, http::Request&& request) {
    counters_.requests.add();
    respond(*this, {connection.fd(), connection.id()}, std::move(request));
}

void Listener::watch_writable(int fd, bool on) {
    worker_.watch_writable(fd, on);
}

void Listener::pause(bool paused) {
    if (socket_ < 0 || paused_ == paused) return;
    paused_ = paused;
    if (paused)
        worker_.unwatch(socket_);
    else
        worker_.watch(socket_, true, false, *this);
}

void Listener::tick() {
    worker_.call_at(loop::Clock::now() + kTick, [this] { tick(); });
    const auto now = worker_.turn_began();
    for (const auto& connection : connections_) {
        if (connection) connection->expire(now);
    }
    if (paused_ && open_ < limits_.max_connections) pause(false);
}

void Listener::drain() {
    if (draining_) return;
    while (socket_ >= 0 && !paused_ && accept_one()) {
    }
    draining_ = true;
    stop_listening();
}

void Listener::stop_listening() {
    if (socket_ < 0) return;
    worker_.unwatch(socket_);
    ::close(std::exchange(socket_, -1));
}

void Listener::close_all() {
    stop_listening();
    for (std::size_t fd = 0; fd < connections_.size(); ++fd) {
        if (!connections_[fd]) continue;
        left(static_cast<int>(fd));
        worker_.close_peer(static_cast<int>(fd));
    }
    for (std::stop_source& departed : std::exchange(departed_, {})) departed.request_stop();
}

}  // namespace bwgw::edge
