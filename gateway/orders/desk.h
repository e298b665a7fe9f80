#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/ledger/lease.h"
#include "gateway/ledger/ledger.h"
#include "gateway/loop/blocking.h"

namespace bwgw::orders {

/// Purchases that the vendor has named and that have not ended, as this process last knew them: what reads
/// add to a listing while the ledger cannot be asked. Safe from any thread.
class Unlisted {
public:
    using Changed = std::function<void(const std::vector<ledger::Operation>& all, bool certain)>;

    /// `changed` is called after every change, in their order, on the thread that made it; not certain: some
    /// may be missing, for the ledger could not be asked last time, or never was.
    explicit Unlisted(Changed changed = {}) : changed_(std::move(changed)) {}

    /// This process bought it, or has seen it end.
    void bought(const ledger::Operation& operation);
    void ended(const std::string& operation_id);

    using Clock = std::chrono::steady_clock;
    /// Whether to ask the ledger: its answer is handed to `saw` with this ticket. While it fails, one reader
    /// a second asks for all, so that reads do not wait for a dead database.
    std::optional<std::uint64_t> ask(Clock::time_point now);
    /// All that the ledger has. What was bought since it was asked stays.
    void saw(const std::vector<ledger::Operation>& purchases, std::uint64_t ticket);
    void failed(Clock::time_point now);
    std::vector<ledger::Operation> all() const;

private:
    struct Known {
        ledger::Operation operation;
        std::uint64_t since;
    };
    std::vector<ledger::Operation> collected() const;
    void tell();
    const Changed changed_;
    mutable std::mutex mutex_;
    std::uint64_t count_ = 0;                     // of what was bought
    bool read_ = false;                           // the ledger, at least once
    std::optional<Clock::time_point> ask_again_;  // while it fails
    std::map<std::string, Known> known_;
};

/// Why a list of purchases may lack some: the ledger could not be asked.
Failure unsure_of_purchases();

/// What the write path did beyond the ordinary, counted since the start. Safe from any thread.
struct Tally {
    std::atomic<std::uint64_t> taken_over = 0;  ///< operations that a dead process had left
    std::atomic<std::uint64_t> sent_again = 0;  ///< purchases, by their natural key
};

/// What the workers of one process share of their writes.
struct Desk {
    loop::Pool& pool;
    ledger::Ledger& ledger;
    ledger::Lease& lease;
    Unlisted& unlisted;
    Tally& tally;
};

}  // namespace bwgw::orders
