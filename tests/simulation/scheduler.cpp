#include "tests/simulation/scheduler.h"

#include <algorithm>

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;

// Any moments will do, so long as no clock shows zero.
constexpr loop::Clock::time_point kSteadyEpoch{std::chrono::hours{1000}};
constexpr std::chrono::sys_days kWallEpoch{std::chrono::year{2026} / 1 / 1};

constexpr std::uint64_t kUrgent = 1ULL << 32;  // orders below it are those of `next`

}  // namespace

void Scheduler::at(HostPtr host, Time due, std::function<void()> event) {
    std::pair key{std::max(due, now_), kUrgent + chance_.draw() / 2};
    while (events_.contains(key)) ++key.second;
    events_.emplace(key, Due{std::move(host), std::move(event)});
}

void Scheduler::next(std::function<void()> event) {
    events_.emplace(std::pair{now_, urgent_++}, Due{nullptr, std::move(event)});
}

bool Scheduler::step() {
    if (events_.empty()) return false;
    auto node = events_.extract(events_.begin());
    now_ = node.key().first;
    auto& [host, event] = node.mapped();
    if (host && !host->alive) return true;
    if (host && host->frozen_until > now_)
        at(host, host->frozen_until + chance_.between(0us, 5ms), std::move(event));  // no thread is the first
    else
        event();
    return true;
}

SimLoop::SimLoop(Scheduler& scheduler, Chance& chance, HostPtr host, std::chrono::milliseconds wall_error)
    : scheduler_(scheduler), chance_(chance), host_(std::move(host)), wall_error_(wall_error) {}

loop::Clock::time_point SimLoop::now() const {
    return kSteadyEpoch + scheduler_.now();
}

std::chrono::system_clock::time_point SimLoop::wall() const {
    return kWallEpoch + scheduler_.now() + wall_error_;
}

Time SimLoop::time_of(loop::Clock::time_point at) {
    return std::chrono::floor<Time>(at - kSteadyEpoch);
}

loop::Loop::TimerId SimLoop::call_at(loop::Clock::time_point at, std::function<void()> callback) {
    const auto timer = ++last_;
    timers_.emplace(timer, std::move(callback));
    scheduler_.at(host_, time_of(at) + chance_.between(1us, 2ms), [this, timer] {
        if (const auto due = timers_.extract(timer)) due.mapped()();
    });
    return timer;
}

bool SimLoop::post(std::function<void()> callback) {
    if (!host_->alive) return false;
    posted_.push_back(std::move(callback));
    scheduler_.after(host_, chance_.between(0us, 300us), [this] {
        const auto first = std::move(posted_.front());
        posted_.pop_front();
        first();
    });
    return true;
}

bool SimPool::submit(std::function<void()> job) {
    on_submit_();
    const bool slow = chance_.permille(5);
    scheduler_.after(host_, slow ? chance_.between(1s, 6s) : chance_.between(20us, 5ms), std::move(job));
    return true;
}

}  // namespace bwgw::simulation
