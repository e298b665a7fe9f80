#include "gateway/worker.h"

#include "gateway/inventory/refresher.h"
#include "gateway/loop/blocking.h"

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

api::Environment environment_of(const Shared& shared, Worker& worker, const bool& draining) {
    const auto made = [&shared, &worker](auto make) {
        return [&shared, &worker, make] {
            return loop::blocking(worker.loop, shared.scrapes,
                                  [make] { return Result<std::string>(make()); });
        };
    };
    return {.contract = shared.contract,
            .fleet = worker.fleet,
            .inventory = worker.inventory,
            .orders = worker.orders,
            .refresh = shared.refresh,
            .stale_after = shared.settings.inventory.stale_after,
            .read_deadline = shared.settings.pace.read,
            .log_sample = shared.settings.log_sample,
            .metrics = made([&metrics = shared.metrics] { return metrics.text(); }),
            .owned_metrics = made(shared.owned),
            .draining = [&draining] { return draining; },
            .observe = [&worker](const api::RequestSummary& summary) { worker.requests.answered(summary); }};
}

}  // namespace

Worker::Worker(const Shared& shared, loop::Loop& on)
    : loop(on),
      calls(shared.metrics, shared.log),
      requests(shared.metrics, shared.log),
      fleet(connect(shared), shared.crosswalk, shared.health, fleet::Guarding{shared.guards, on},
            inventory::feeding(shared.inventory, on, shared.merges)),
      inventory(shared.inventory, on),
      orders(on, shared.desk, fleet, pace_of(shared.settings.pace)),
      api(environment_of(shared, *this, draining_)) {}

void Worker::drain() {
    draining_ = true;
    inventory.stop();
    orders.stop();
}

std::vector<std::unique_ptr<Provider>> Worker::connect(const Shared& shared) {
    std::vector<std::unique_ptr<Provider>> providers;
    for (const auto& account : shared.settings.accounts) {
        upstream::UpstreamOptions options{.provider = account.name,
                                          .ca_file = account.ca_file,
                                          .connect_timeout = account.connect_timeout,
                                          .max_reply_bytes = account.max_reply_bytes};
        auto& guards = *shared.guards.of(account.name);
        auto& curl = *curls.emplace_back(std::make_unique<upstream::CurlMulti>(loop));
        transports.push_back(std::make_unique<upstream::CurlTransport>(curl, std::move(options), calls));
        transports.push_back(std::make_unique<upstream::GatedTransport>(
            loop, *transports.back(), guards.gate(fleet::Verb::read), guards.gate(fleet::Verb::write)));
        providers.push_back(account.make(*transports.back()));
    }
    return providers;
}

}  // namespace bwgw
