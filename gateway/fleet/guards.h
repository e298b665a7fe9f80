#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/fleet/breaker.h"
#include "gateway/fleet/retry_budget.h"
#include "gateway/loop/wait.h"
#include "gateway/upstream/gate.h"
#include "providers/contract/limits.h"

namespace bwgw::fleet {

/// Reads may be repeated and lost; writes may not.
enum class Verb : std::uint8_t { read, write };
std::string_view word(Verb verb) noexcept;

/// How one account is guarded.
struct GuardOptions {
    std::string provider;
    CallLimits limits = {};
    BreakerOptions breaker = {};
    std::optional<std::chrono::milliseconds> read_deadline = {};   ///< of a caller's read, and of each call
    std::optional<std::chrono::milliseconds> write_deadline = {};  ///< of one write; absent: its caller's
};

/// One account's guards for one verb class as they stand, and what they have done since the start.
struct GuardReading {
    std::string provider;
    std::string_view verb;  ///< read | write
    CircuitBreaker::Reading breaker;
    upstream::GateOptions limits;
    upstream::GateReading gate;
    std::optional<std::chrono::milliseconds> deadline;  ///< as in GuardOptions
    std::uint64_t refused_breaker = 0;
    std::uint64_t retries = 0;  ///< of reads; 0 for writes
    double retry_budget = 0;    ///< retries that are left; the account's, on its reads
};

/// What stands between one account and all workers of the process. Safe from any thread.
class AccountGuards {
public:
    explicit AccountGuards(GuardOptions options);

    upstream::Gate& gate(Verb verb) noexcept { return of(verb).gate; }
    std::vector<GuardReading> read() const;

    /// Why a call would be refused now, if the breaker refuses it; it counts as refused.
    std::optional<Failure> refuses(const loop::Loop& loop, Verb verb);
    /// The call, if the breaker lets it by; a read that failed for a moment again, by the budget and while
    /// the deadline leaves it time.
    template <class T>
    Task<T> call(loop::Loop& loop, Verb verb, RequestContext context,
                 std::function<Task<T>(const RequestContext&)> ask) {
        bound(loop, verb, context);
        for (int tries = 1;; ++tries) {
            const auto began = loop.now();
            auto pass = of(verb).breaker.admit(began);
            if (!pass) co_return refusal(loop, verb);
            const auto deadline = context.deadline;
            if (pass->is_probe() && verb == Verb::read) bound_probe(began, context);
            auto result = co_await ask(context);
            context.deadline = deadline;
            const bool abandoned =
                context.cancelled.stop_requested();  // the caller's doing, not the vendor's
            const auto again = ended({loop.now(), verb, began, context.deadline.at, tries, abandoned}, *pass,
                                     result ? nullptr : &result.failure());
            if (!again) co_return std::move(result);
            auto slept = co_await loop::sleep_until(loop, *again, context.cancelled);
            if (!slept || !*slept) co_return std::move(result);
        }
    }

private:
    using Time = CircuitBreaker::Time;
    struct Guard {
        Guard(upstream::GateOptions limits, BreakerOptions options)
            : gate(std::move(limits)), breaker(options) {}
        upstream::Gate gate;
        CircuitBreaker breaker;
        std::atomic<std::uint64_t> refused = 0;
    };
    /// One try that has ended.
    struct Try {
        Time now;
        Verb verb;
        Time began;
        Time deadline;
        int tries;
        bool abandoned;
    };

    Guard& of(Verb verb) noexcept { return verb == Verb::read ? reads_ : writes_; }
    const Guard& of(Verb verb) const noexcept { return verb == Verb::read ? reads_ : writes_; }
    GuardReading read(Verb verb) const;
    void bound(const loop::Loop& loop, Verb verb, RequestContext& context) const;
    void bound_probe(Time began, RequestContext& context) const;
    const std::optional<std::chrono::milliseconds>& deadline(Verb verb) const noexcept {
        return verb == Verb::read ? options_.read_deadline : options_.write_deadline;
    }
    Failure refusal(const loop::Loop& loop, Verb verb);
    std::optional<Time> ended(const Try& tried, CircuitBreaker::Pass& pass, const Failure* failure);
    std::optional<Time> retry_at(const Try& tried, const Failure& failure);

    const GuardOptions options_;
    Guard reads_;
    Guard writes_;
    RetryBudget budget_;
    std::atomic<std::uint64_t> retries_ = 0;
};

/// Every account's, made once for all workers.
class Guards {
public:
    explicit Guards(std::vector<GuardOptions> accounts);

    /// Null for an account that is not guarded.
    AccountGuards* of(std::string_view provider) const;
    /// Two for each account, reads and writes; from any thread.
    std::vector<GuardReading> read() const;

private:
    std::vector<std::pair<std::string, std::unique_ptr<AccountGuards>>> accounts_;
};

}  // namespace bwgw::fleet
