#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

#include "gateway/loop/loop.h"

namespace bwgw::fleet {

enum class BreakerState : std::uint8_t { closed, open, half_open };
std::string_view word(BreakerState state) noexcept;

struct BreakerOptions {
    int faults = 5;                                ///< in a row: it opens
    std::chrono::milliseconds open_first{1'000};   ///< doubled by each probe that fails …
    std::chrono::milliseconds open_most{30'000};   ///< … up to this; give or take a fifth
    std::chrono::milliseconds probe_most{10'000};  ///< of a read that is the probe, and never above open_most
};

/// Stops asking a vendor that only fails, and finds out by one call at a time whether it works again. Safe
/// from any thread; outlives its passes. The times are the caller's.
class CircuitBreaker {
public:
    using Time = loop::Clock::time_point;

    explicit CircuitBreaker(BreakerOptions options, std::uint32_t seed = std::random_device{}())
        : options_(options), chance_(seed) {}

    /// Leave for one call. Told nothing (the caller left, or nobody was asked), it says nothing of the vendor
    /// and only makes room for another probe.
    class Pass {
    public:
        Pass(CircuitBreaker& breaker, std::uint64_t epoch, bool probe) noexcept
            : breaker_(&breaker), epoch_(epoch), probe_(probe) {}
        Pass(Pass&& other) noexcept
            : breaker_(std::exchange(other.breaker_, nullptr)), epoch_(other.epoch_), probe_(other.probe_) {}
        Pass& operator=(Pass&&) = delete;
        ~Pass();

        bool is_probe() const noexcept { return probe_; }
        void answered();
        void failed(Time now);

    private:
        CircuitBreaker* breaker_;  // null once told
        std::uint64_t epoch_;
        bool probe_;
    };

    /// While it is open, or its one probe is under way.
    bool refuses(Time now) const;
    /// Nothing if it refuses.
    std::optional<Pass> admit(Time now);

    struct Reading {
        BreakerState state = BreakerState::closed;
        Time since = {};     ///< it opened, or did so last
        Time retry_at = {};  ///< the next probe, at the earliest; unless it is closed
    };
    Reading read(Time now) const;

private:
    bool bars(Time now) const { return !closed_ && (probing_ || now < retry_at_); }
    void open(Time now);

    const BreakerOptions options_;
    mutable std::mutex mutex_;
    std::minstd_rand chance_;
    std::uint64_t epoch_ = 0;  // of what a pass may speak: a call from before it opened or closed is late
    int faults_ = 0;
    bool closed_ = true;
    bool probing_ = false;
    std::chrono::milliseconds span_{0};
    Time since_;
    Time retry_at_;
};

}  // namespace bwgw::fleet
