#pragma once

#include <optional>

#include "gateway/fleet/fleet.h"
#include "gateway/ledger/operation.h"
#include "providers/contract/money.h"

namespace bwgw::orders {

/// What an operation asked for, read back from its record: the record alone must do after a restart.
struct Asked {
    Order order;  ///< create: as placed, regions in the provider's codes
    std::optional<Money> max_price;
    std::optional<Mbps> bandwidth;  ///< change: what must be in force at the end
    std::optional<Mbps> burst;
    std::optional<std::string> name;
};
Asked asked_of(const ledger::Operation& operation);

/// A bought bandwidth until a listing shows it: only what this product's listing will echo, `creating`.
fleet::Entry as_ordered(const ledger::Operation& operation, const fleet::Fleet& fleet);

/// The row that an ambiguous or id-less purchase made, among the rows of one listing: not in the baseline, of
/// the order's pair and size, and with its marker where the product echoes one; else newer than the intent.
/// Two such rows are no answer: `ambiguous` is set.
struct Match {
    const Bandwidth* row = nullptr;
    bool ambiguous = false;
};
Match bought_row(const ledger::Operation& operation, const Order& order, PurchaseSafety safety,
                 const std::vector<Bandwidth>& rows, std::chrono::seconds clock_slack);

/// Whether the pair, or the elastic IP, is that of the order.
bool same_place(const Order& order, const Bandwidth& row);

/// A boost whose window is not as long as the term that was ordered: the vendor means another unit.
bool wrong_term(const Order& order, const Bandwidth& row);

/// Whether what a change asked for is in force.
bool in_force(const Asked& asked, const Bandwidth& row);

}  // namespace bwgw::orders
