#pragma once

#include <optional>
#include <string>
#include <vector>

#include "providers/contract/bandwidth.h"
#include "providers/contract/provider.h"

namespace bwgw::orders {

/// The second lock, which no two purchases hold at once whatever their idempotency keys: provider, network
/// and unordered pair; or provider, region and elastic IP. In the provider's own codes.
std::string natural_key(const std::string& provider, const Order& order);

/// The row that already holds what is ordered: the same pair in the same network, or a boost of the same
/// elastic IP whose window overlaps. The free default package, and what is being released, never hold
/// anything.
const Bandwidth* holder(const Order& order, const std::vector<Bandwidth>& rows, Instant now);

/// The lock of a change or a release: one write at a time on one bandwidth.
std::string resource_key(const std::string& bandwidth_id);

}  // namespace bwgw::orders
