#pragma once

#include <soci/soci.h>

namespace bwgw::ledger {

/// Brings the schema from whatever version it has to the newest, one transaction per version
/// (schema/NNNN_*.sql). Throws std::runtime_error if the store was written by a newer gateway.
void migrate(soci::session& sql);

}  // namespace bwgw::ledger
