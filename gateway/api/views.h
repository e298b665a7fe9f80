#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/order.h"
#include "gateway/fleet/fleet.h"
#include "gateway/ledger/operation.h"

namespace bwgw::api {

/// The gateway's resources as JSON texts, members in the order of product.md; null where the vendor did not
/// say.
std::string bandwidth_json(const fleet::Crosswalk& crosswalk, const fleet::Entry& entry);
std::string order_json(const fleet::Crosswalk& crosswalk, const Purchase& purchase);
/// The idempotency key is shown to its own principal only.
std::string operation_json(const ledger::Operation& operation, std::string_view principal);
std::string quote_json(const fleet::Offer& offer);
/// `guards`: the account's own; empty where it is not guarded.
std::string provider_json(const Profile& profile, const fleet::Health& health,
                          const std::vector<fleet::GuardReading>& guards = {});
std::string health_json(const fleet::Health& health, const std::vector<fleet::GuardReading>& guards);
std::string source_json(const fleet::Source& source);
/// The crosswalk by metro; a code without one stands alone.
std::string regions_json(const std::vector<fleet::Crosswalk::Row>& rows);

}  // namespace bwgw::api
