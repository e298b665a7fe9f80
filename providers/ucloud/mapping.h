#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/provider.h"
#include "providers/translation/paging.h"
#include "providers/ucloud/settings.h"
#include "providers/ucloud/signature.h"

namespace bwgw::ucloud {

// Pure: the vendor's objects to ours and back (README.md, "Fields"). Rows fail with
// provider-contract-violation, orders with invalid-request or unsupported.

Result<Bandwidth> legacy_row(const rapidjson::Value& row, const Words& words);
Result<Bandwidth> simple_row(const rapidjson::Value& row, const Words& words);
/// `region` is the one that was asked: the row does not say it. The state follows from the row's times and
/// `now`.
Result<Bandwidth> eip_row(const rapidjson::Value& row, const std::string& region, Instant now);
/// A row of ListUGN or DescribeUGN: only the id of the network, as native id.
Result<Bandwidth> network_row(const rapidjson::Value& row);

/// The codes of a RegionList, whose elements are texts or objects with a Region.
Result<std::vector<std::string>> region_codes(const rapidjson::Value& reply);

/// How a list reply is laid out.
struct Rows {
    std::vector<std::string_view> arrays;  ///< the names that brands give the list, the first that is there
    std::string_view id;                   ///< the member of a row that is its native id
    std::function<Result<Bandwidth>(const rapidjson::Value&)> map;
    bool optional = false;  ///< documented as optional: absent is empty, even without a TotalCount of 0
};
Result<translation::Page> page_of(const rapidjson::Value& reply, const Rows& rows);

Result<Parameters> legacy_order(const Order& order, const Settings& settings);
Result<Parameters> simple_order(const Order& order, const Settings& settings);
Result<Parameters> simple_price_question(const Order& order, const Settings& settings);
Result<Parameters> eip_order(const Order& order, const Settings& settings);

/// `InterRegionBandwidthIds.0`, `.1`, …: zero-based and contiguous, as the official SDKs send them.
void add_array(Parameters& parameters, std::string_view name, const std::vector<std::string>& values);

/// Fails with price-unavailable without a unit in the settings.
Result<Price> simple_price(const rapidjson::Value& reply, const Order& order, const Settings& settings);

}  // namespace bwgw::ucloud
