#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/inventory/known.h"

namespace bwgw::inventory {

using ledger::StoredRow;

/// What all accounts were last seen to have: fed by every listing that passes through the fleet, read as
/// immutable snapshots. What was seen by a listing that began later wins; absence counts only in a complete
/// one. Safe from any thread.
class Inventory {
public:
    using Render = std::function<std::string(const std::string& provider, const Bandwidth& bandwidth)>;

    /// `providers` in configured order. `render` gives a bandwidth's JSON text; any thread.
    Inventory(const std::vector<std::string>& providers, Render render);

    /// A listing of what the query names, whole or with a problem. Costs 5 µs a row, unless it says what the
    /// last one said.
    void saw(const std::string& provider, const Query& query, Sight sight, const Listing& listing);
    /// What `render` gives has changed for some bandwidths.
    void render_anew() { ++renderings_; }
    /// The account could not be read at all.
    void failed(const std::string& provider, Sight sight, Failure problem);
    /// All purchases that no listing shows yet: shown until they are left out here. `doubt` says why some may
    /// be missing.
    void hold(const std::vector<fleet::Entry>& purchases, std::optional<Failure> doubt);

    /// What another process, or this one's predecessor, has stored. What was seen here after it was seen
    /// there is stored anew.
    void restore(const std::string& provider, const ledger::StoredAccount& stored, Sight now);
    /// What has changed by listings since this was last asked, to be stored.
    std::vector<StoredRow> take_changes(const std::string& provider);
    /// The store has lost something: all is to be stored anew.
    void store_anew(const std::string& provider);
    /// It could not be stored.
    void give_back(const std::string& provider, const std::vector<StoredRow>& changes);

    /// How many rows a merge for this account goes through, beside those it is given.
    std::size_t size(const std::string& provider) const;

    /// Changes whenever snapshot() does. Cheap.
    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
    std::shared_ptr<const Snapshot> snapshot() const;
    /// One of the last kMostKept that further pages may be asked of, no longer than kKeptFor after its time;
    /// null if there is none of this name. Takes a lock.
    std::shared_ptr<const Snapshot> named(std::string_view name) const;
    static constexpr std::size_t kMostKept = 16;
    static constexpr std::chrono::minutes kKeptFor{2};
    /// Frees what no reader needs any more. Now and then, and not on a worker that serves: it may be large.
    void sweep();

    /// Called after every change, on the thread that made it; must not call back.
    using Subscription = std::uint64_t;
    Subscription subscribe(std::function<void()> changed);
    void unsubscribe(Subscription subscription);

private:
    using Clock = loop::Clock;
    struct Retired {
        std::shared_ptr<const Snapshot> snapshot;
        Clock::time_point since;
    };

    Known& known(const std::string& provider);
    RowsPtr rows_of(const std::string& provider);
    std::vector<RowPtr> rendered(const Rows& known, const std::string& provider,
                                 const std::vector<Bandwidth>& items) const;
    void publish();
    void tell();
    void free_unused();

    const Render render_;
    std::atomic<std::uint64_t> renderings_ = 0;
    const std::string epoch_;
    std::mutex mutex_;
    std::vector<Known> accounts_;  // configured order
    std::optional<Failure> doubt_;

    mutable std::mutex snapshot_mutex_;  // held for a moment only
    std::shared_ptr<const Snapshot> snapshot_;
    std::deque<Retired> retired_;  // newest first; freed by sweep(), and not by the last reader
    std::atomic<std::uint64_t> version_ = 1;
    std::atomic<std::size_t> read_since_sweep_ = 0;  ///< rows

    std::mutex subscribers_mutex_;
    std::map<Subscription, std::function<void()>> subscribers_;
    Subscription last_subscription_ = 0;
};

}  // namespace bwgw::inventory
