#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/fleet/fleet.h"
#include "providers/contract/provider.h"

namespace bwgw::api {

/// A purchase as its caller wants it; regions are the provider's own codes.
struct Purchase {
    std::string provider;
    Order order;
    std::optional<Money> max_price;
};

/// Reads a body that keeps the schema Order. What depends on `kind` or on the provider's regions is checked
/// here, every mistake with its pointer; what the provider sells at all is the fleet's to say.
Result<Purchase> read_purchase(const rapidjson::Value& body, const fleet::Fleet& fleet);

/// What a merge patch of the schema BandwidthChange asks for.
struct Patch {
    std::optional<std::int64_t> bandwidth_mbps;
    std::optional<std::int64_t> burst_mbps;
    std::optional<std::string> name;
    std::optional<Money> max_price;
};
/// Fails unless it is one of the two kinds of change.
Result<Patch> read_patch(const rapidjson::Value& body);
/// The full change, with what the patch leaves out taken from the row.
Result<Change> change_of(const Patch& patch, const Bandwidth& current);

/// The wish of the schema QuoteWish: a new inter-region pair, its regions still in the caller's words, or a
/// resize.
struct QuoteAsked {
    std::vector<std::string> providers;  ///< empty: all that sell it
    std::optional<std::string> bandwidth_id;
    Order order;  ///< of a resize, only the bandwidth counts
};
Result<QuoteAsked> read_quote(const rapidjson::Value& body);
/// The order's regions as one provider's codes; the failure names `/region_a` or `/region_b`.
Result<Order> resolved(Order order, std::string_view provider, const fleet::Crosswalk& crosswalk);

/// RFC 3339 in whole seconds. Nothing for a day that does not exist.
std::optional<Instant> instant_of(std::string_view text);

}  // namespace bwgw::api
