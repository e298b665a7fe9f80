#include "gateway/edge/worker.h"

#include <cerrno>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include <pistache/net.h>
#include <pistache/peer.h>
#include <pistache/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace bwgw::edge {

namespace {

namespace polling = Pistache::Polling;

// Pistache tags a peer with its descriptor, which is below 2^31.
constexpr std::uint64_t kWatchedTag = std::uint64_t{1} << 63U;
constexpr std::uint32_t kGenerationMask = 0x7fff'ffff;
// Rounds of posts, timers and parked requests before the poller is asked again.
constexpr int kMaxRounds = 16;

thread_local const Worker* running = nullptr;

std::uint64_t watched_tag(int fd, std::uint32_t generation) {
    return kWatchedTag | (std::uint64_t{generation} << 32U) | static_cast<std::uint32_t>(fd);
}

int checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return fd;
}

// Pistache's transport wants one; its read loop, which would call it, is not used.
class Unused final : public Pistache::Tcp::Handler {
    PROTOTYPE_OF(Pistache::Tcp::Handler, Unused)
    void onInput(const char*, std::size_t, const std::shared_ptr<Pistache::Tcp::Peer>&) override {}
};

}  // namespace

Worker::Worker() : Pistache::Tcp::Transport(std::make_shared<Unused>()) {}

Worker::~Worker() {
    if (timer_fd_ >= 0) ::close(timer_fd_);
    if (wake_fd_ >= 0) ::close(wake_fd_);
}

void Worker::registerPoller(polling::Epoll& poller) {
    Pistache::Tcp::Transport::registerPoller(poller);
    poller_ = &poller;
    timer_fd_ = checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
    wake_fd_ = checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
    watch(timer_fd_, true, false, timer_watcher_);
    watch(wake_fd_, true, false, wake_watcher_);
}

void Worker::watch(int fd, bool read, bool write, Watcher& watcher) {
    if (!poller_) return;
    if (!read && !write) return unwatch(fd);
    if (static_cast<std::size_t>(fd) >= watched_.size()) watched_.resize(static_cast<std::size_t>(fd) + 64);
    Watched& entry = watched_[static_cast<std::size_t>(fd)];
    const bool known = entry.watcher != nullptr;
    entry.watcher = &watcher;
    if (known && entry.read == read && entry.write == write) return;
    entry.read = read;
    entry.write = write;
    Pistache::Flags<polling::NotifyOn> interest;
    if (read) interest.setFlag(polling::NotifyOn::Read);
    if (write) interest.setFlag(polling::NotifyOn::Write);
    if (!known) entry.generation = ++generation_ & kGenerationMask;
    const polling::Tag tag(watched_tag(fd, entry.generation));
    try {
        known ? poller_->rearmFd(fd, interest, tag) : poller_->addFd(fd, interest, tag);
    } catch (const std::exception&) {
        // Closed and reused without unwatch: the poller forgot it. Or it cannot be watched at all, and this
        // throws again.
        poller_->addFd(fd, interest, tag);
    }
}

void Worker::unwatch(int fd) {
    if (fd < 0 || static_cast<std::size_t>(fd) >= watched_.size()) return;
    Watched& entry = watched_[static_cast<std::size_t>(fd)];
    if (!std::exchange(entry.watcher, nullptr) || !poller_) return;
    try {
        poller_->removeFd(fd);
    } catch (const std::exception&) {
        // Closed before: the poller has forgotten it.
    }
}

loop::Loop::TimerId Worker::call_at(loop::Clock::time_point at, std::function<void()> callback) {
    const TimerId id = timers_.add(at, std::move(callback));
    if (running != this) arm_timer();
    return id;
}

void Worker::cancel(TimerId timer) {
    timers_.cancel(timer);
}

bool Worker::post(std::function<void()> callback) {
    bool first = false;
    {
        const std::lock_guard lock(posted_mutex_);
        if (refusing_posts_) return false;
        first = posted_.empty();
        posted_.push_back(std::move(callback));
    }
    if (first && running != this) wake();
    return true;
}

void Worker::wake() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t done =
        ::write(wake_fd_, &one, sizeof one);  // fails only when it is awake anyway
}

void Worker::on_wake() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t done =
        ::read(wake_fd_, &count, sizeof count);  // before settle() empties the queue
}

void Worker::on_timer() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t done = ::read(timer_fd_, &count, sizeof count);
    armed_ = loop::Clock::time_point::max();
}

// Only ever earlier: a wake-up too many costs less than one system call per request.
void Worker::arm_timer() {
    const auto next = timers_.next();
    if (next >= armed_) return;
    armed_ = next;
    const auto since_boot = std::max(next.time_since_epoch(), loop::Clock::duration{1});
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    itimerspec spec{};
    spec.it_value.tv_sec = whole.count();
    spec.it_value.tv_nsec = std::chrono::nanoseconds(since_boot - whole).count();
    ::timerfd_settime(timer_fd_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Worker::admit(int fd, const sockaddr& from) {
    sockaddr address = from;
    handleNewPeer(Pistache::Tcp::Peer::Create(fd, Pistache::Address::fromUnix(&address)));
    watch_writable(fd, false);  // and level-triggered, unlike Pistache
}

void Worker::close_peer(int fd) {
    const auto found = peers.find(fd);
    if (found == peers.end()) return;
    const auto peer = found->second;
    removePeer(peer);
}

void Worker::watch_writable(int fd, bool on) {
    Pistache::Flags<polling::NotifyOn> interest(polling::NotifyOn::Read);
    interest.setFlag(polling::NotifyOn::Shutdown);
    if (on) interest.setFlag(polling::NotifyOn::Write);
    poller_->rearmFd(fd, interest, polling::Tag(static_cast<std::uint64_t>(fd)));
}

void Worker::onReady(const Pistache::Aio::FdSet& events) {
    if (ended_) return;
    running = this;
    now_ = loop::Clock::now();
    for (const auto& event : events) {
        const std::uint64_t tag = event.getTag().value();
        // An error alone has no flag in Pistache.
        const bool broken = event.isHangup() || (!event.isReadable() && !event.isWritable());
        const bool readable = event.isReadable() || broken;
        const bool writable = event.isWritable() || broken;
        if (tag & kWatchedTag)
            serve_watched(tag, readable, writable);
        else
            serve_peer(static_cast<int>(tag), readable, writable);
    }
    settle();
    running = nullptr;
}

void Worker::serve_watched(std::uint64_t tag, bool readable, bool writable) {
    const std::size_t fd = tag & 0xffff'ffffU;
    if (fd >= watched_.size()) return;
    const Watched entry = watched_[fd];
    if (!entry.watcher || watched_tag(static_cast<int>(fd), entry.generation) != tag) return;
    entry.watcher->ready(readable && (entry.read || writable), writable && (entry.write || readable));
}

// An exception ends one connection, and loses no other's event.
void Worker::serve_peer(int fd, bool readable, bool writable) {
    if (!listener_ || !listener_->holds(fd)) return;
    if (writable) listener_->writable(fd);
    if (!readable) return;
    try {
        if (receive(fd)) return;
    } catch (const std::exception&) {
    }
    listener_->left(fd);
    close_peer(fd);
}

// False if the caller has left. What this leaves unread the poller tells of again.
bool Worker::receive(int fd) {
    const ssize_t size = ::recv(fd, received_.data(), received_.size(), 0);
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    listener_->received(fd, {received_.data(), static_cast<std::size_t>(size)});
    return true;
}

void Worker::settle() {
    for (int round = 0; round < kMaxRounds; ++round) {
        bool more = listener_ && listener_->settle();
        more = run_posted() || more;
        if (ended_) return;
        if (timers_.next() != loop::Clock::time_point::max()) {
            now_ = loop::Clock::now();
            more = timers_.run_due(now_) || more;
        }
        if (!more) {
            if (drain_changed_) report_drain();
            return arm_timer();
        }
    }
    wake();
    arm_timer();
}

bool Worker::run_posted() {
    std::vector<std::function<void()>> batch;
    {
        const std::lock_guard lock(posted_mutex_);
        if (posted_.empty()) return false;
        batch.swap(posted_);
    }
    for (auto& callback : batch) {
        if (ended_) break;
        callback();
    }
    return true;
}

void Worker::begin_drain(std::function<void()> changed) {
    post([this, changed = std::move(changed)]() mutable {
        drain_changed_ = std::move(changed);
        if (listener_) listener_->drain();
    });
}

void Worker::report_drain() {
    const bool done = spawned() == 0 && (!listener_ || listener_->empty());
    if (done == drained_.exchange(done, std::memory_order_release)) return;
    if (done) drain_changed_();
}

void Worker::end() {
    {
        const std::lock_guard lock(posted_mutex_);
        refusing_posts_ = true;
    }
    ended_ = true;
    if (listener_) listener_->close_all();
}

}  // namespace bwgw::edge
