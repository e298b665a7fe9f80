#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gateway/inventory/inventory.h"
#include "gateway/loop/blocking.h"
#include "gateway/loop/wait.h"

namespace bwgw::inventory {

/// How often an account is read.
struct RefreshPace {
    std::chrono::milliseconds least{10'000};      ///< between two readings of an account that changes …
    std::chrono::milliseconds most{60'000};       ///< … and of one that does not
    std::chrono::milliseconds deadline{900'000};  ///< of one reading; a large account has many pages
    std::chrono::milliseconds lease{15'000};      ///< how long a gateway that says nothing still leads
};

/// How readings of one account have ended since the start.
struct RefreshCount {
    std::string provider;
    std::uint64_t whole = 0;
    std::uint64_t partial = 0;
    std::uint64_t failed = 0;
};

/// Keeps the inventory: reads every account whole, again and again, where no other gateway does; stores what
/// has changed, and takes in what others have stored. Who cannot read lets another try. On the background
/// worker's loop.
class Refresher {
public:
    Refresher(loop::Loop& loop, loop::Pool& pool, fleet::Fleet& fleet, Inventory& inventory,
              ledger::InventoryStore& store, std::string owner, RefreshPace pace);
    ~Refresher();

    /// Blocking, before anything is served: what was known when the last process ended.
    Result<void> restore();
    void start();
    void stop();
    /// From any thread: reads it, unless a reading that began since then is under way or was
    /// whole, or one has just failed.
    void want(const std::string& provider, Moment since);

    /// Safe from any thread.
    std::vector<RefreshCount> counts() const;

private:
    struct Account;

    Task<void> keep(Account& account);
    Task<void> refresh(Account& account);
    Task<void> share(Account& account);
    void hasten(Account& account);
    Task<bool> lead(Account& account);
    Task<void> let_lead(Account& account);
    Task<void> save(Account& account);
    Task<void> load(Account& account);

    loop::Loop& loop_;
    loop::Pool& pool_;
    fleet::Fleet& fleet_;
    Inventory& inventory_;
    ledger::InventoryStore& store_;
    const std::string owner_;
    const RefreshPace pace_;
    std::vector<std::unique_ptr<Account>> accounts_;
    std::stop_source stopping_;
    std::mt19937 random_{std::random_device{}()};
};

/// Gives what a fleet reads to the inventory; what is large, on the pool, which should wait for nothing else.
fleet::Observe feeding(Inventory& inventory, loop::Loop& loop, loop::Pool& pool);

}  // namespace bwgw::inventory
