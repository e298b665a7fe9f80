#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/inventory/refresher.h"
#include "gateway/telemetry/metrics.h"
#include "gateway/worker.h"

namespace bwgw {

/// Writes that have not ended, counted now and then so that a scrape never waits for the ledger. Safe from
/// any thread.
class OpenOperations {
public:
    void count(const std::vector<ledger::Operation>& open);
    std::vector<telemetry::Sample> by_state() const;
    std::vector<telemetry::Sample> oldest_unknown_age() const;  ///< seconds; 0 without any

private:
    mutable std::mutex mutex_;
    std::vector<telemetry::Sample> by_state_;
    std::optional<ledger::Timestamp> oldest_unknown_;
};

/// What the worker without a listening socket does: takes over what a dead process left, counts what is open,
/// frees old idempotency keys, keeps the inventory, and learns the regions that the providers report.
/// `publish` is given each new crosswalk.
class Background {
public:
    Background(Worker& worker, const orders::Desk& desk, telemetry::Log& log, OpenOperations& open,
               inventory::Inventory& inventory, ledger::InventoryStore& store, inventory::RefreshPace pace,
               std::function<void(std::shared_ptr<const fleet::Crosswalk>)> publish);

    /// Blocking, before anything is served: what was known when the last process ended.
    Result<void> restore();
    void start();
    /// From any thread; before the loop ends.
    void stop();

    inventory::Refresher refresher;

private:
    Task<void> attend();
    Task<void> count_operations();
    Task<void> forget_keys();
    Task<void> learn_regions();
    Task<bool> pause(std::chrono::milliseconds span);

    Worker& worker_;
    const orders::Desk& desk_;
    telemetry::Log& log_;
    OpenOperations& open_;
    std::function<void(std::shared_ptr<const fleet::Crosswalk>)> publish_;
    std::stop_source stopping_;
};

}  // namespace bwgw
