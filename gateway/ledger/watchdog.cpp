#include "gateway/ledger/watchdog.h"

#include <sys/socket.h>

#include "gateway/ledger/quiet_thread.h"

namespace bwgw::ledger {
namespace {

constexpr auto kLongestNap = std::chrono::minutes(1);

}  // namespace

Watchdog::Watchdog() : thread_(quiet_thread([this] { run(); })) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

Watchdog::Watch::Watch(Watchdog& watchdog, int socket, Clock::time_point deadline)
    : watchdog_(watchdog), entry_(deadline, socket) {
    const std::lock_guard lock(watchdog_.mutex_);
    watchdog_.watched_.insert(entry_);
    if (deadline < watchdog_.looks_at_) watchdog_.wake_.notify_one();
}

Watchdog::Watch::~Watch() {
    const std::lock_guard lock(watchdog_.mutex_);
    watchdog_.watched_.erase(entry_);
}

void Watchdog::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        const auto now = Clock::now();
        while (!watched_.empty() && watched_.begin()->first <= now) {
            ::shutdown(watched_.begin()->second, SHUT_RDWR);
            watched_.erase(watched_.begin());
        }
        looks_at_ = watched_.empty() ? now + kLongestNap : watched_.begin()->first;
        wake_.wait_until(lock, looks_at_);
    }
}

}  // namespace bwgw::ledger
