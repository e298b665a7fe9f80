#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace bwgw::ledger {

/// Cuts connections whose call takes too long, since libpq waits for a frozen server for ever.
class Watchdog {
public:
    using Clock = std::chrono::steady_clock;

    Watchdog();
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// Shuts the socket down unless it is destroyed before then. The socket must stay open as long.
    class Watch {
    public:
        Watch(Watchdog& watchdog, int socket, Clock::time_point deadline);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        Watchdog& watchdog_;
        std::pair<Clock::time_point, int> entry_;
    };

private:
    void run();
    std::mutex mutex_;
    std::condition_variable wake_;
    std::set<std::pair<Clock::time_point, int>> watched_;
    Clock::time_point looks_at_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace bwgw::ledger
