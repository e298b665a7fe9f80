#include "gateway/edge/connection.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <sys/socket.h>
#include <sys/uio.h>

#include "gateway/edge/listener.h"
#include "gateway/edge/policy.h"
#include "gateway/edge/reply.h"
#include "gateway/http/problem.h"

namespace bwgw::edge {

namespace {

constexpr std::chrono::milliseconds kDrainGrace{200};
constexpr std::size_t kJoined = 4096;  // copying so much costs less than giving the kernel two pieces

}  // namespace

Connection::Connection(Listener& listener, int fd, std::uint64_t id, std::string peer)
    : listener_(listener),
      fd_(fd),
      id_(id),
      peer_(std::move(peer)),
      since_(listener.now()),
      framer_(listener.limits()) {}

void Connection::enter(Phase phase) {
    phase_ = phase;
    since_ = listener_.now();
}

void Connection::received(std::string_view bytes) {
    const bool answering = phase_ == Phase::busy || phase_ == Phase::writing;
    if (phase_ == Phase::linger || phase_ == Phase::gone || (answering && !keep_alive_)) return;
    if (answering || !parked_.empty()) {
        park(bytes);
        if (!answering) advance();
        return;
    }
    const std::size_t used = consume(bytes);
    if (phase_ != Phase::linger && phase_ != Phase::gone) park(bytes.substr(used));
}

void Connection::park(std::string_view bytes) {
    const Limits& limits = listener_.limits();
    if (overflowed_ || parked_.size() + bytes.size() > limits.max_head_bytes + limits.max_body_bytes) {
        overflowed_ = true;
        return;
    }
    parked_.append(bytes);
}

void Connection::advance() {
    const std::size_t used = consume(parked_);
    if (phase_ == Phase::linger || phase_ == Phase::gone) {
        parked_ = {};
        return;
    }
    parked_.erase(0, used);
    const bool waiting = phase_ == Phase::idle || phase_ == Phase::head || phase_ == Phase::body;
    if (overflowed_ && waiting) finish();
}

std::size_t Connection::consume(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && (phase_ == Phase::idle || phase_ == Phase::head || phase_ == Phase::body)) {
        std::size_t taken = 0;
        const Framer::Progress progress = framer_.feed(bytes.substr(used), taken);
        used += taken;
        switch (progress) {
            case Framer::Progress::idle:
                return used;
            case Framer::Progress::head:
                if (phase_ == Phase::idle) enter(Phase::head);
                return used;
            case Framer::Progress::body:
                if (phase_ != Phase::body) {
                    enter(Phase::body);
                    if (framer_.expects_continue() && used == bytes.size()) send_continue();
                }
                return used;
            case Framer::Progress::refused:
                refuse(framer_.refusal(), framer_.why());
                return bytes.size();
            case Framer::Progress::complete:
                begin_request();
                break;
        }
    }
    return used;
}

void Connection::begin_request() {
    http::Request request = framer_.take();
    const std::string* named = request.header("X-Request-Id");
    request.id = named && is_request_id(*named) ? *named : new_request_id();
    request.peer = peer_;
    if (!disconnect_) disconnect_.emplace();
    request.disconnected = disconnect_->get_token();
    request_id_ = request.id;
    head_only_ = request.method == "HEAD";
    keep_alive_ = framer_.keep_alive();
    enter(Phase::busy);
    dispatching_ = true;
    listener_.dispatch(*this, std::move(request));
    dispatching_ = false;
}

void Connection::answer(http::Response response) {
    if (phase_ != Phase::busy) return;
    if (listener_.draining()) keep_alive_ = false;
    std::string& head = listener_.scratch();
    append_head(head, response,
                {.request_id = request_id_,
                 .date = listener_.date(),
                 .close = !keep_alive_,
                 .http_1_0 = framer_.http_1_0()});
    if (head_only_ || is_bodiless(response.status)) response.body.clear();
    if (response.body.size() <= kJoined) head += std::exchange(response.body, {});
    enter(Phase::writing);
    const std::size_t done = transmit(head, response.body);
    if (phase_ == Phase::gone) return;
    if (done == head.size() + response.body.size()) return sent();
    unsent_head_ = done < head.size() ? head.substr(done) : std::string{};
    body_sent_ = done < head.size() ? 0 : done - head.size();
    unsent_body_ = std::move(response.body);
    listener_.watch_writable(fd_, true);
}

void Connection::writable() {
    if (phase_ != Phase::writing) return;
    for (;;) {
        const std::size_t done = transmit(unsent_head_, std::string_view(unsent_body_).substr(body_sent_));
        if (phase_ == Phase::gone || done == 0) return;
        since_ = listener_.now();
        const std::size_t of_head = std::min(done, unsent_head_.size());
        unsent_head_.erase(0, of_head);
        body_sent_ += done - of_head;
        if (unsent_head_.empty() && body_sent_ == unsent_body_.size()) break;
    }
    unsent_head_ = {};
    unsent_body_ = {};
    listener_.watch_writable(fd_, false);
    sent();
}

// The one place that writes to a caller: TLS goes here and to Worker::admit.
std::size_t Connection::transmit(std::string_view head, std::string_view body) {
    iovec parts[2] = {{const_cast<char*>(head.data()), head.size()},
                      {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    for (;;) {
        const ssize_t done = body.empty() ? ::send(fd_, head.data(), head.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
                                          : ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (done >= 0) return static_cast<std::size_t>(done);
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) end();
        return 0;
    }
}

void Connection::sent() {
    if (!keep_alive_) return finish();
    enter(Phase::idle);
    if (!dispatching_ && (!parked_.empty() || overflowed_)) listener_.advance_later(*this);
}

void Connection::send_continue() {
    constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";
    if (transmit(interim, {}) != interim.size()) end();
}

void Connection::refuse(Slug slug, std::string_view why) {
    listener_.counters().refused_framing.add();
    parked_ = {};
    request_id_ = new_request_id();
    keep_alive_ = false;
    head_only_ = false;
    phase_ = Phase::busy;
    Failure failure{.slug = slug, .detail = std::string(why), .retryable = slug == Slug::request_timeout};
    answer(http::problem(failure, request_id_));
}

void Connection::finish() {
    parked_ = {};
    ::shutdown(fd_, SHUT_WR);
    enter(Phase::linger);
}

void Connection::end() {
    if (phase_ == Phase::gone) return;
    if (phase_ == Phase::busy) listener_.counters().abandoned.add();
    phase_ = Phase::gone;
    listener_.close_later(*this);
}

void Connection::expire(loop::Clock::time_point now) {
    const Limits& limits = listener_.limits();
    const auto span = now - since_;
    const auto overdue = [this, span](std::chrono::milliseconds limit) {
        if (span < limit) return false;
        listener_.counters().timed_out.add();
        return true;
    };
    switch (phase_) {
        case Phase::idle:
            // While draining a moment's grace: the first request may be on its way.
            if (span >= (listener_.draining() ? kDrainGrace : limits.idle)) end();
            return;
        case Phase::head:
            if (overdue(limits.head)) refuse(Slug::request_timeout, "the head did not arrive in time");
            return;
        case Phase::body:
            if (overdue(limits.body)) refuse(Slug::request_timeout, "the body did not arrive in time");
            return;
        case Phase::busy:
            if (!overdue(limits.handler)) return;
            keep_alive_ = false;
            answer(http::problem(
                {.slug = Slug::internal, .detail = "no answer in time", .outcome = Outcome::unknown},
                request_id_));
            disconnect_->request_stop();
            return;
        case Phase::writing:
            if (overdue(limits.write)) end();
            return;
        case Phase::linger:
            if (span >= limits.linger) end();
            return;
        case Phase::gone:
            return;
    }
}

std::optional<std::stop_source> Connection::leave() {
    if (phase_ == Phase::busy) listener_.counters().abandoned.add();
    phase_ = Phase::gone;
    return std::move(disconnect_);
}

}  // namespace bwgw::edge
