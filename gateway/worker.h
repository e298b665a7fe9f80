#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/api/api.h"
#include "gateway/fleet/fleet.h"
#include "gateway/inventory/reader.h"
#include "gateway/orders/orders.h"
#include "gateway/request_recorder.h"
#include "gateway/settings/settings.h"
#include "gateway/telemetry/log.h"
#include "gateway/telemetry/metrics.h"
#include "gateway/upstream/call_recorder.h"
#include "gateway/upstream/curl_multi.h"
#include "gateway/upstream/curl_transport.h"
#include "gateway/upstream/gate.h"

namespace bwgw {

/// What all workers share; safe from any thread.
struct Shared {
    const settings::Settings& settings;
    const api::Contract& contract;
    const orders::Desk& desk;
    telemetry::Log& log;
    telemetry::Metrics& metrics;
    loop::Pool& scrapes;                 ///< where the texts for Prometheus are made
    loop::Pool& merges;                  ///< where large listings come into the inventory
    std::function<std::string()> owned;  ///< telemetry::owned_text of what is in the inventory
    inventory::Inventory& inventory;
    std::function<void(const std::string& provider, inventory::Moment since)> refresh;
    std::shared_ptr<fleet::HealthBoard> health;
    const fleet::Guards& guards;
    std::shared_ptr<const fleet::Crosswalk> crosswalk;  ///< to begin with
};

/// One worker's objects, in the order of the layers: each uses what stands above it. Everything below `loop`
/// lives on that loop's thread alone.
class Worker {
public:
    Worker(const Shared& shared, loop::Loop& loop);
    /// No new writes, not ready; open writes are left to the ledger. On the loop's thread, after the edge has
    /// begun to drain, so that every answer which says so closes its connection.
    void drain();

    loop::Loop& loop;
    upstream::CallRecorder calls;
    RequestRecorder requests;
    std::vector<std::unique_ptr<upstream::CurlMulti>> curls;  ///< one for each account
    std::vector<std::unique_ptr<HttpTransport>> transports;   ///< each account's, and its gated one
    fleet::Fleet fleet;
    inventory::Reader inventory;
    orders::Orders orders;
    api::Api api;

private:
    bool draining_ = false;
    std::vector<std::unique_ptr<Provider>> connect(const Shared& shared);
};

}  // namespace bwgw
