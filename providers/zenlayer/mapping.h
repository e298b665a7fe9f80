#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "providers/contract/bandwidth.h"
#include "providers/contract/provider.h"
#include "providers/translation/paging.h"
#include "providers/zenlayer/client.h"
#include "providers/zenlayer/settings.h"

/// Their JSON and our values; README.md has the field table.
namespace bwgw::zenlayer {

constexpr std::string_view kProduct = "crb";

std::string create_body(const Order& order);
std::string list_body(const Query& query, const Settings& settings, std::int64_t page_number);
std::string resize_body(const std::string& id, const Resize& to);
std::string rename_body(const std::string& id, const Rename& to);
std::string id_body(const std::string& id);
std::string price_body(const Order& order);
std::string resize_price_body(const std::string& id, const Resize& to);

/// One page of DescribeCrossRegionBandwidth: the rows that the query and the settings leave in.
Result<translation::Page> page_of(const Answer& answer, const Query& query, const Settings& settings);

/// Of CreateCrossRegionBandwidth; without an id in it the outcome is unknown.
Result<Receipt> receipt_of(const Answer& answer, const Settings& settings);

/// The price for that many Mbit/s; price-unavailable where the vendor's numbers leave it open.
Result<Price> price_of(const Answer& answer, std::int64_t mbps, const Settings& settings);

/// The regions on sale, with the cities of their zones. `zones` is null where the account may not ask for
/// them.
Result<std::vector<Region>> regions_of(const Answer& regions, const Answer* zones, const Settings& settings);

}  // namespace bwgw::zenlayer
