#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "gateway/upstream/concurrency_limit.h"
#include "gateway/upstream/token_bucket.h"
#include "providers/contract/http.h"

namespace bwgw::upstream {

/// What one account's reads, or its writes, are held to.
struct GateOptions {
    std::string name;  ///< in refusals: `reads of zenlayer`
    std::int64_t per_second = 1;
    std::int64_t burst = 1;
    std::int64_t concurrent = 1;
    std::int64_t queue = 0;                                       ///< of the preferred, and of the others
    std::optional<std::chrono::milliseconds> call_deadline = {};  ///< of one call; absent: its context's
};

/// How full it is, and what it has refused since the start.
struct GateReading {
    TokenBucket::Time next;  ///< when a call may leave at the earliest
    std::size_t in_flight = 0;
    std::size_t queued = 0;
    std::uint64_t refused_rate = 0;
    std::uint64_t refused_queue = 0;
};

/// The way out for one account's reads, or its writes, from all workers: a place, then a turn, which is taken
/// when it comes: who leaves before has taken none. Safe from any thread; outlives the calls that have passed
/// it.
class Gate {
public:
    using Place = ConcurrencyLimit::Place;

    explicit Gate(GateOptions options);

    /// Waits for at most half of the context's time, so that the vendor keeps the other half; the preferred
    /// before the others. Fails with rate-limited, saying what was full; nothing was sent then.
    Task<Place> enter(loop::Loop& loop, const RequestContext& context);
    /// After a vendor's throttle.
    void hold_until(TokenBucket::Time at) { bucket_.hold_until(at); }

    const GateOptions& options() const noexcept { return options_; }
    GateReading read(TokenBucket::Time now) const;

private:
    Failure refused(std::string detail) const;
    Failure too_late(loop::Clock::duration wait);
    Task<void> take_turn(loop::Loop& loop, const RequestContext& context, TokenBucket::Time latest);

    const GateOptions options_;
    TokenBucket bucket_;
    ConcurrencyLimit places_;
    ConcurrencyLimit line_;  // of those with a place: its first waits for the bucket
    std::atomic<std::uint64_t> refused_rate_ = 0;
    std::atomic<std::uint64_t> refused_queue_ = 0;
};

/// Sends what its gates let by: reads through one, writes through the other.
class GatedTransport final : public HttpTransport {
public:
    /// All of them outlive the transport and its calls.
    GatedTransport(loop::Loop& loop, HttpTransport& inner, Gate& reads, Gate& writes)
        : loop_(loop), inner_(inner), reads_(reads), writes_(writes) {}

    Task<HttpReply> send(const RequestContext& context, HttpRequest request) override;

private:
    loop::Loop& loop_;
    HttpTransport& inner_;
    Gate& reads_;
    Gate& writes_;
};

}  // namespace bwgw::upstream
