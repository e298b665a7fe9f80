#include "gateway/worker.h"

#include "gateway/inventory/refresher.h"
#include "gateway/telemetry/trace.h"

namespace bwgw {
namespace {

orders::Pace pace_of(const settings::Pace& pace) {
    return {.write_deadline = pace.write,
            .read_deadline = pace.read,
            .settle_window = pace.settle_window,
            .poll_first = pace.poll_first,
            .poll_most = pace.poll_most,
            .clock_slack = std::chrono::floor<std::chrono::seconds>(pace.clock_slack)};
}

api::Environment environment_of(const Shared& shared, fleet::Fleet& fleet, inventory::Reader& inventory,
                                orders::Orders& orders, const bool& draining) {
    const auto observe = [&metrics = shared.metrics, &log = shared.log](const api::RequestSummary& summary) {
        metrics.http_operation(summary.operation).ended(std::to_string(summary.status), summary.duration);
        log.request({.request_id = summary.request_id,
                     .trace_id = telemetry::trace_id(summary.traceparent),
                     .method = summary.method,
                     .operation = summary.operation,
                     .path = summary.path,
                     .status = summary.status,
                     .duration = summary.duration,
                     .peer = summary.peer,
                     .principal = summary.principal});
        if (!summary.fault.empty())
            log.event(telemetry::Level::error, "a handler threw",
                      {{"request_id", summary.request_id}, {"what", summary.fault}});
    };
    return {.contract = shared.contract,
            .fleet = fleet,
            .inventory = inventory,
            .orders = orders,
            .refresh = shared.refresh,
            .stale_after = shared.settings.inventory.stale_after,
            .read_deadline = shared.settings.pace.read,
            .metrics = [&metrics = shared.metrics] { return metrics.text(); },
            .draining = [&draining] { return draining; },
            .observe = observe};
}

}  // namespace

Worker::Worker(const Shared& shared, loop::Loop& on)
    : loop(on),
      calls(shared.metrics, shared.log),
      curl(on),
      fleet(connect(shared.settings), shared.crosswalk, shared.health,
            inventory::feeding(shared.inventory, on, shared.desk.pool)),
      inventory(shared.inventory, on),
      orders(on, shared.desk, fleet, pace_of(shared.settings.pace)),
      api(environment_of(shared, fleet, inventory, orders, draining_)) {}

void Worker::drain() {
    draining_ = true;
    inventory.stop();
    orders.stop();
}

std::vector<std::unique_ptr<Provider>> Worker::connect(const settings::Settings& settings) {
    std::vector<std::unique_ptr<Provider>> providers;
    for (const auto& account : settings.accounts) {
        upstream::UpstreamOptions options{.provider = account.name,
                                          .ca_file = account.ca_file,
                                          .connect_timeout = account.connect_timeout,
                                          .max_reply_bytes = account.max_reply_bytes};
        transports.push_back(std::make_unique<upstream::CurlTransport>(curl, std::move(options), calls));
        providers.push_back(account.make(*transports.back()));
    }
    return providers;
}

}  // namespace bwgw
