#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <vector>

#include "gateway/inventory/inventory.h"
#include "gateway/loop/wait.h"

namespace bwgw::inventory {

/// One worker's view of the inventory: its own reference to the newest snapshot, so that reading takes
/// neither a lock nor a shared counter. On its loop's thread.
class Reader {
public:
    Reader(Inventory& inventory, loop::Loop& loop);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// The newest. What waits in between keeps a copy.
    const std::shared_ptr<const Snapshot>& now();
    /// A former one that further pages may be asked of; null if it is not kept any more. Takes a lock.
    std::shared_ptr<const Snapshot> named(std::string_view name) const { return inventory_.named(name); }
    /// True once there is a newer one; false if there was none by then, or nobody waits any more.
    Task<bool> newer_than(std::shared_ptr<const Snapshot> seen, loop::Clock::time_point until,
                          std::stop_token stop);
    /// Nobody waits any more: who does is told now.
    void stop();

private:
    void wake();
    Inventory& inventory_;
    loop::Loop& loop_;
    std::uint64_t version_ = 0;
    std::shared_ptr<const Snapshot> snapshot_;
    std::shared_ptr<loop::Event> change_;
    std::atomic<std::size_t> waiting_ = 0;
    bool stopped_ = false;
    Inventory::Subscription subscription_;
};

/// The sources of an answer that is read from this snapshot: fresh if they were read whole at last, and
/// lately enough.
std::vector<fleet::Source> sources_of(const Snapshot& snapshot, const fleet::Fleet& fleet,
                                      const fleet::Filter& filter, Moment now,
                                      std::chrono::milliseconds stale_after);

}  // namespace bwgw::inventory
