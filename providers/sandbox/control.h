#pragma once

#include <cstdint>

#include "providers/sandbox/wire.h"
#include "providers/sandbox/world.h"

namespace bwgw::sandbox {

/// The control endpoint: ledger, request log, faults, behaviour, rows and clock. A wrong request is a 400
/// whose `error` names the member, and changes nothing.
Reply control_reply(const Request& request, World& world, std::int64_t wall_ms);

}  // namespace bwgw::sandbox
