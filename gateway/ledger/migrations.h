#pragma once

#include <soci/soci.h>

namespace bwgw::ledger {

/// Brings the schema from whatever version it has to the newest (schema/NNNN_*.sql), in the transaction that
/// the session is in. Throws std::runtime_error if the store was written by a newer gateway.
void migrate(soci::session& sql);

}  // namespace bwgw::ledger
