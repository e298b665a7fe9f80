#include "gateway/ledger/lease.h"

#include <utility>

#include "gateway/ledger/quiet_thread.h"

namespace bwgw::ledger {

Lease::Lease(Ledger& ledger, std::chrono::milliseconds span, std::function<Clock::time_point()> clock)
    : ledger_(ledger),
      span_(span),
      owner_(new_operation_id()),
      clock_(std::move(clock)),
      since_(Clock::time_point::min()),
      until_(Clock::time_point::min()) {}

Result<void> Lease::renew(Clock::time_point now, Timestamp wall) {
    const auto began = clock_();
    auto renewed = ledger_.renew(owner_, wall + span_);
    works_ = static_cast<bool>(renewed);
    if (renewed) {
        const auto done = now + (clock_() - began);
        if (!held(now, done)) since_ = done;  // it had run out before others saw it renewed
        until_ = now + span_;
    }
    return renewed;
}

Result<void> Lease::end() {
    until_ = Clock::time_point::min();
    return ledger_.renew(owner_, Timestamp{});
}

bool Lease::held(Clock::time_point from, Clock::time_point now) const noexcept {
    return now < until_.load() && since_.load() <= from;  // in this order: a renewal stores them in the other
}

LeaseKeeper::LeaseKeeper(Lease& lease) : lease_(lease), thread_(quiet_thread([this] { run(); })) {}

LeaseKeeper::~LeaseKeeper() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LeaseKeeper::run() {
    // What fails is seen in ledger_works() and in the ledger's own reports.
    std::unique_lock lock(mutex_);
    while (!ending_) {
        lock.unlock();
        const auto now = Lease::Clock::now();
        static_cast<void>(lease_.renew(
            now, std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())));
        lock.lock();
        wake_.wait_until(lock, now + lease_.span() / 3, [this] { return ending_; });
    }
    lock.unlock();
    static_cast<void>(lease_.end());
}

}  // namespace bwgw::ledger
