#pragma once

#include <memory>

#include "gateway/ledger/inventory_store.h"
#include "gateway/ledger/sql_store.h"

namespace bwgw::ledger {

std::unique_ptr<InventoryStore> sql_inventory(std::shared_ptr<Engine> engine, Report report);

}  // namespace bwgw::ledger
