#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/telemetry/per_thread.h"

namespace bwgw::telemetry {

// What workers count with for every request: no lock and no shared cache line
// (docs/decisions/0016-metrics.md). Safe from any thread.

/// How long something took, by bucket.
class Durations {
public:
    static constexpr std::size_t kMaxBounds = 23;
    using Bounds = std::span<const std::chrono::nanoseconds>;

    /// Upper bounds, ascending; they outlive this.
    explicit Durations(Bounds bounds);

    void took(std::chrono::nanoseconds duration);

    struct Total {
        std::vector<std::uint64_t> counts;  ///< by bucket, and the last is of what was longer
        std::chrono::nanoseconds sum{};
    };
    Total total() const;
    Bounds bounds() const noexcept { return bounds_; }

private:
    struct Cell {
        std::array<std::atomic<std::uint64_t>, kMaxBounds + 1> counts{};
        std::atomic<std::int64_t> sum = 0;
    };
    const Bounds bounds_;
    PerThread<Cell> cells_;
};

/// How often, by a word out of a small fixed set: a status code, a class of them, a problem's slug.
class Outcomes {
public:
    /// The rest are counted together as `other`.
    static constexpr std::size_t kMaxOutcomes = 32;

    void count(std::string_view outcome);

    struct Total {
        std::string outcome;
        std::uint64_t count = 0;
    };
    std::vector<Total> totals() const;  ///< in the order of their first appearance

private:
    static constexpr std::size_t kOther = kMaxOutcomes;
    std::size_t place_of(std::string_view outcome);
    std::size_t add(std::string_view outcome);

    using Cell = std::array<std::atomic<std::uint64_t>, kMaxOutcomes + 1>;
    PerThread<Cell> cells_;
    std::mutex mutex_;
    std::deque<std::string> owned_;
    std::array<std::atomic<const std::string*>, kMaxOutcomes>
        words_{};  // only grow, so are read without a lock
};

/// How something ended, and how long it took.
class Timing {
public:
    explicit Timing(Durations::Bounds bounds) : durations_(bounds) {}

    void ended(std::string_view outcome, std::chrono::nanoseconds duration) {
        durations_.took(duration);
        outcomes_.count(outcome);
    }
    const Outcomes& outcomes() const noexcept { return outcomes_; }
    const Durations& durations() const noexcept { return durations_; }

private:
    Outcomes outcomes_;
    Durations durations_;
};

}  // namespace bwgw::telemetry
