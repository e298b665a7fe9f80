#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "gateway/ledger/ledger.h"

namespace bwgw::ledger {

/// One process's claim on the operations that it drives: it lives as long as it is renewed. Safety never
/// hangs on it or on any clock, only on the fence; the lease says when others should take over. Safe from any
/// thread.
class Lease {
public:
    using Clock = std::chrono::steady_clock;

    /// The clock tells how long a renewal took.
    Lease(Ledger& ledger, std::chrono::milliseconds span,
          std::function<Clock::time_point()> clock = Clock::now);

    /// Names this process; new at every start.
    const std::string& owner() const noexcept { return owner_; }
    std::chrono::milliseconds span() const noexcept { return span_; }

    /// Blocking: from the pool or a thread of its own.
    Result<void> renew(Clock::time_point now, Timestamp wall);
    /// Others may take over at once.
    Result<void> end();

    /// Whether nobody can have taken over from then to now. Renewing it after it ran out does not mend the
    /// gap.
    bool held(Clock::time_point from, Clock::time_point now) const noexcept;
    /// Held for a whole span: whoever else lives has had the time to say so, also after an outage of the
    /// ledger that ended every lease.
    bool may_take_over(Clock::time_point now) const noexcept { return held(now - span_, now); }
    /// Whether the ledger could be written when it was last tried.
    bool ledger_works() const noexcept { return works_; }

private:
    Ledger& ledger_;
    const std::chrono::milliseconds span_;
    const std::string owner_;
    const std::function<Clock::time_point()> clock_;
    std::atomic<Clock::time_point> since_;  ///< held without a gap
    std::atomic<Clock::time_point> until_;
    std::atomic<bool> works_ = false;
};

/// Renews a lease on a thread of its own, thrice in its span; ends it when destroyed.
class LeaseKeeper {
public:
    explicit LeaseKeeper(Lease& lease);
    ~LeaseKeeper();
    LeaseKeeper(const LeaseKeeper&) = delete;
    LeaseKeeper& operator=(const LeaseKeeper&) = delete;

private:
    void run();
    Lease& lease_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace bwgw::ledger
