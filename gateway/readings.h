#pragma once

#include <string>

#include "gateway/background.h"
#include "gateway/edge/server.h"
#include "gateway/fleet/guards.h"
#include "gateway/inventory/refresher.h"
#include "gateway/orders/desk.h"
#include "gateway/telemetry/log.h"
#include "gateway/telemetry/metrics.h"

namespace bwgw {

/// Who has what is read at a scrape. All outlive the metrics' last text.
struct Owners {
    const edge::Server& server;
    const telemetry::Log& log;
    const OpenOperations& open;
    const orders::Desk& desk;
    const fleet::Guards& guards;
    const inventory::Inventory& inventory;
    const inventory::Refresher& refresher;
};
void feed(telemetry::Metrics& metrics, const Owners& owners);

/// The Prometheus text of every bandwidth in the inventory.
std::string owned_text(const inventory::Snapshot& snapshot);

}  // namespace bwgw
