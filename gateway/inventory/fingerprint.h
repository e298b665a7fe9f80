#pragma once

#include <cstdint>
#include <vector>

#include "providers/contract/bandwidth.h"

namespace bwgw::inventory {

/// Of all that these rows say, of their order, and of the seed. Means nothing to another process.
std::uint64_t fingerprint_of(const std::vector<Bandwidth>& rows, std::uint64_t seed);

}  // namespace bwgw::inventory
