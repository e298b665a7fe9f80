#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/orders/orders.h"
#include "tests/simulation/faulty_ledger.h"
#include "tests/simulation/vendor.h"

namespace bwgw::simulation {

/// One gateway process from its start to its end: the real fleet and write path on a simulated loop and pool.
/// Destroying it is `kill -9`.
class Process {
public:
    /// `struck` is told that the process shall crash now.
    Process(Stage& stage, ledger::Ledger& store, std::vector<std::unique_ptr<Account>>& accounts,
            std::string name, std::function<void()> struck);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    const std::string& name() const noexcept { return name_; }
    loop::Loop& loop() noexcept { return loop_; }
    const HostPtr& host() const noexcept { return host_; }
    fleet::Fleet& fleet() noexcept { return fleet_; }
    orders::Orders& orders() noexcept { return orders_; }

    RequestContext context(std::stop_token cancelled) const;
    /// Called when the process ends.
    void at_end(std::function<void()> callback) { at_end_.push_back(std::move(callback)); }

    /// Stops as on SIGTERM: observation ends, the lease too, so that others may take over at once.
    void stop() { orders_.stop(); }
    void end_lease() { static_cast<void>(lease_.end()); }

private:
    void strike(std::string_view where);
    void renew_lease();
    Task<void> attend();

    Stage& stage_;
    const std::string name_;
    std::function<void()> struck_;
    HostPtr host_ = std::make_shared<Host>();
    const Trouble trouble_;
    FaultyLedger ledger_;
    SimLoop loop_;
    SimPool pool_;
    ledger::Lease lease_;
    orders::Unlisted unlisted_;
    orders::Tally tally_;
    fleet::Fleet fleet_;
    orders::Orders orders_;
    std::vector<std::function<void()>> at_end_;
};

}  // namespace bwgw::simulation
