#include "tests/support/poll_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace bwgw::test {

namespace {

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

}  // namespace

PollLoop::PollLoop()
    : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      event_(checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint32_t>(event_);
    checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &event), "epoll_ctl");
}

PollLoop::~PollLoop() {
    close(event_);
    close(epoll_);
}

void PollLoop::watch(int fd, bool read, bool write, Watcher& watcher) {
    const auto [place, added] = watched_.try_emplace(fd);
    if (added) place->second.generation = ++generation_;
    place->second.watcher = &watcher;
    epoll_event event{};
    event.events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U);
    event.data.u64 = (std::uint64_t{place->second.generation} << 32) | static_cast<std::uint32_t>(fd);
    checked(epoll_ctl(epoll_, added ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
}

void PollLoop::unwatch(int fd) {
    if (watched_.erase(fd) != 0) checked(epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr), "epoll_ctl");
}

loop::Loop::TimerId PollLoop::call_at(loop::Clock::time_point at, std::function<void()> callback) {
    const TimerId id = ++last_timer_;
    timers_.emplace(std::pair{at, id}, std::move(callback));
    timer_times_.emplace(id, at);
    return id;
}

void PollLoop::cancel(TimerId timer) {
    const auto found = timer_times_.find(timer);
    if (found == timer_times_.end()) return;
    timers_.erase({found->second, timer});
    timer_times_.erase(found);
}

bool PollLoop::post(std::function<void()> callback) {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(callback));
    const std::uint64_t one = 1;
    return write(event_, &one, sizeof one) == sizeof one;
}

bool PollLoop::run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
    const auto end = loop::Clock::now() + limit;
    while (!condition()) {
        if (loop::Clock::now() >= end) return false;
        turn(end + skipped_);
    }
    return true;
}

void PollLoop::turn(loop::Clock::time_point until) {
    if (!timers_.empty()) until = std::min(until, timers_.begin()->first.first);
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now()).count();
    std::array<epoll_event, 64> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(std::clamp<long long>(wait, 0, 60'000)));
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        const int fd = static_cast<int>(event.data.u64 & 0xffffffffU);
        if (fd == event_) {
            std::uint64_t ignored = 0;
            (void)!read(event_, &ignored, sizeof ignored);
            continue;
        }
        const auto found = watched_.find(fd);
        if (found == watched_.end() || found->second.generation != event.data.u64 >> 32) continue;
        const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
        found->second.watcher->ready(broken || (event.events & EPOLLIN) != 0,
                                     broken || (event.events & EPOLLOUT) != 0);
    }
    std::deque<std::function<void()>> posted;
    {
        const std::lock_guard lock(mutex_);
        posted.swap(posted_);
    }
    for (auto& callback : posted) callback();
    // Only what is due now: a timer that sets another one for now must not keep us from the descriptors.
    const auto due = now();
    const TimerId newest = last_timer_;
    for (auto next = timers_.begin(); next != timers_.end() && next->first.first <= due;) {
        if (next->first.second > newest) {
            ++next;
            continue;
        }
        auto callback = std::move(next->second);
        timer_times_.erase(next->first.second);
        timers_.erase(next);
        callback();
        next = timers_.begin();
    }
}

}  // namespace bwgw::test
