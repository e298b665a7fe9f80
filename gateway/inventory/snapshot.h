#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/fleet/fleet.h"
#include "gateway/inventory/rows.h"

namespace bwgw::inventory {

/// What is written down and compared between gateways: the wall clock.
using Moment = std::chrono::sys_time<std::chrono::milliseconds>;

using RowsPtr = std::shared_ptr<const Rows>;

/// What one account was last seen to have. Immutable.
struct Account {
    std::string provider;
    RowsPtr rows = std::make_shared<const Rows>();
    Rows unlisted = {};                   ///< bought, and shown by no listing yet; none of them in rows
    std::optional<Moment> as_of = {};     ///< begin of the last whole listing; nothing: none is known
    std::optional<Moment> tried = {};     ///< begin of the last try that this process made or heard of
    std::optional<Failure> problem = {};  ///< why that was not whole
    std::uint64_t content = 0;            ///< the same rows give the same number, on every gateway
};
using AccountPtr = std::shared_ptr<const Account>;

/// A try that failed is not repeated for a caller before that has passed.
constexpr std::chrono::seconds kTryAgain{1};

/// One page of a list.
struct Page {
    std::vector<const Row*> rows;     ///< by id; they live as long as the snapshot
    std::optional<std::string> next;  ///< the id after which the next page begins, if there is one
};

/// All accounts at one moment, in configured order. Immutable: what is read from it stays as it is.
class Snapshot {
public:
    Snapshot(std::string name, std::vector<AccountPtr> accounts, std::optional<Failure> doubt)
        : name_(std::move(name)), accounts_(std::move(accounts)), doubt_(std::move(doubt)) {}

    /// No other snapshot has it, of this process or of another.
    const std::string& name() const noexcept { return name_; }
    /// A further page of it may be asked for: Inventory::named() knows it for a while.
    void keep() const noexcept {
        if (!kept_.load(std::memory_order_relaxed)) kept_.store(true, std::memory_order_relaxed);
    }
    bool is_kept() const noexcept { return kept_.load(std::memory_order_relaxed); }

    const std::vector<AccountPtr>& accounts() const noexcept { return accounts_; }
    const Account* account(std::string_view provider) const noexcept;
    /// Why purchases of the last moments may be missing everywhere: the ledger cannot be read.
    const std::optional<Failure>& doubt() const noexcept { return doubt_; }

    /// A bandwidth by its id, with the account that has it; both null if it is not known. They live as long
    /// as the snapshot.
    struct Found {
        const Row* row = nullptr;
        const Account* account = nullptr;
    };
    Found find(std::string_view id) const noexcept;

    /// Rows that the filter leaves in with an id after `after`, at most `size`. Looks at kMostLooked rows at
    /// most, so that a page costs the same however many there are; a page may be short, and the last one has
    /// no `next`.
    Page page(const fleet::Filter& filter, std::string_view after, std::size_t size) const;
    static constexpr std::size_t kMostLooked = 20'000;

private:
    std::string name_;
    std::vector<AccountPtr> accounts_;
    std::optional<Failure> doubt_;
    mutable std::atomic<bool> kept_ = false;
};

bool matches(const fleet::Filter& filter, const Row& row);

}  // namespace bwgw::inventory
