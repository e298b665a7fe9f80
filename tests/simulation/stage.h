#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/orders/orders.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/record.h"
#include "tests/simulation/scheduler.h"

namespace bwgw::simulation {

// The settings of every world. What a vendor may still do after a send (the lease under which a stalled
// process may still send, the deadline, a late execution, a row that is not shown yet) ends well before the
// settle window does, as the settings ask of an operator.
constexpr std::chrono::seconds kLeaseSpan{15};
constexpr std::chrono::seconds kLatest{7};            // from the client giving up to the execution
constexpr std::chrono::seconds kHiddenAtMost{8};      // from the execution to the first listing
constexpr std::chrono::seconds kVendorClock{20};      // a vendor's clock is wrong by so much at most
constexpr std::chrono::milliseconds kWallError{400};  // and that of a gateway
inline const orders::Pace kPace{.write_deadline = std::chrono::seconds{6},
                                .read_deadline = std::chrono::seconds{4},
                                .settle_window = std::chrono::seconds{45},
                                .poll_first = std::chrono::milliseconds{500},
                                .poll_most = std::chrono::seconds{8},
                                .clock_slack = std::chrono::seconds{30}};

/// How bad this world is until it heals; in permille of the occasions.
struct Faults {
    bool healed = false;
    unsigned vendor_writes = 0;
    unsigned vendor_lists = 0;
    unsigned ledger_refuses = 0;
    unsigned ledger_forgets_to_answer = 0;
    unsigned answers_lost = 0;
    unsigned crash = 0;
    unsigned stall = 0;
    int crashes_left = 0;
    int stalls_left = 0;
    std::vector<std::pair<Time, Time>> ledger_outages;

    static Faults drawn(Chance& chance);
};

/// What everything in one world shares.
struct Stage {
    explicit Stage(std::uint64_t seed) : chance(seed), scheduler(chance), faults(Faults::drawn(chance)) {}

    Time now() const { return scheduler.now(); }
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        record.line(now(), format, std::forward<Args>(args)...);
    }
    template <class... Args>
    void broken(fmt::format_string<Args...> format, Args&&... args) {
        record.broken(now(), format, std::forward<Args>(args)...);
    }
    bool bad(unsigned permille) { return !faults.healed && chance.permille(permille); }

    /// An operation's: time-ordered like the real ones, its last characters a count.
    std::string next_id();

    Chance chance;
    Record record;
    Scheduler scheduler;
    Faults faults;
    Oracle oracle{*this};
    /// Of connections that were given up: the database still commits it, and holds what it locks until then.
    struct Committing {
        ledger::Operation operation;
        bool claim;
    };
    std::map<std::uint64_t, Committing> committing;
    std::uint64_t commits = 0;
    std::uint64_t ids = 0;
};

/// Where a process may be struck. What strikes comes before anything else happens.
using Trouble = std::function<void(std::string_view where)>;

/// A value that comes later to a coroutine, or never, should its frame be gone by then.
template <class T>
class Answer {
public:
    void give(Result<T> value) {
        if (value_) return;
        value_.emplace(std::move(value));
        if (waiting_) std::exchange(waiting_, nullptr).resume();
    }

    static Task<T> wait(std::shared_ptr<Answer> answer) {
        struct Awaiter {
            Answer& answer;
            bool await_ready() const noexcept { return answer.value_.has_value(); }
            void await_suspend(std::coroutine_handle<> waiting) { answer.waiting_ = waiting; }
            void await_resume() const noexcept {}
            ~Awaiter() { answer.waiting_ = nullptr; }
        };
        Awaiter awaiter{*answer};
        co_await awaiter;
        co_return std::move(*answer->value_);
    }

private:
    std::optional<Result<T>> value_;
    std::coroutine_handle<> waiting_ = nullptr;
};

}  // namespace bwgw::simulation
