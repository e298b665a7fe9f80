// bandwidth-gateway: settings → objects, in the order of the layers → serve until SIGTERM.
#include <fmt/format.h>
#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <vector>

#include "gateway/api/openapi.h"
#include "gateway/api/views.h"
#include "gateway/background.h"
#include "gateway/edge/server.h"
#include "gateway/ledger/measured_ledger.h"
#include "gateway/orders/placed.h"
#include "gateway/readings.h"
#include "gateway/worker.h"

namespace {

using namespace bwgw;

edge::Options options_of(const settings::Edge& edge) {
    return {.address = edge.address,
            .port = edge.port,
            .workers = edge.workers,
            .limits = {.max_head_bytes = edge.max_head_bytes,
                       .max_target_bytes = edge.max_target_bytes,
                       .max_headers = edge.max_headers,
                       .max_body_bytes = edge.max_body_bytes,
                       .max_connections = edge.max_connections,
                       .max_connections_per_address = edge.max_connections_per_address,
                       .head = edge.head,
                       .body = edge.body,
                       .handler = edge.handler,
                       .write = edge.write,
                       .idle = edge.idle,
                       .linger = edge.linger}};
}

std::vector<std::string> names_of(const std::vector<settings::Account>& accounts) {
    std::vector<std::string> names;
    for (const auto& account : accounts) names.push_back(account.name);
    return names;
}

inventory::RefreshPace pace_of(const settings::Inventory& settings) {
    return {.least = settings.refresh_least, .most = settings.refresh_most, .deadline = settings.deadline};
}

// The newest, for whoever renders a row, on any thread.
class CrosswalkInUse {
public:
    explicit CrosswalkInUse(std::shared_ptr<const fleet::Crosswalk> first) : newest_(std::move(first)) {}
    std::shared_ptr<const fleet::Crosswalk> get() const {
        const std::lock_guard lock(mutex_);
        return newest_;
    }
    void set(std::shared_ptr<const fleet::Crosswalk> newest) {
        const std::lock_guard lock(mutex_);
        newest_ = std::move(newest);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const fleet::Crosswalk> newest_;
};

std::shared_ptr<const fleet::Crosswalk> crosswalk_of(const std::vector<settings::Account>& accounts) {
    std::vector<fleet::Crosswalk::Row> rows;
    for (const auto& account : accounts)
        for (const auto& region : account.regions) rows.push_back({account.name, region});
    return std::make_shared<const fleet::Crosswalk>(std::move(rows));
}

std::vector<fleet::GuardOptions> guards_of(const settings::Settings& settings) {
    std::vector<fleet::GuardOptions> guards;
    for (const auto& account : settings.accounts)
        guards.push_back(
            {.provider = account.name,
             .limits = account.limits,
             .breaker = {account.breaker.faults, account.breaker.open_first, account.breaker.open_most},
             .read_deadline = account.read_deadline.value_or(settings.pace.read),
             .write_deadline = account.write_deadline.value_or(settings.pace.write)});
    return guards;
}

// Before any thread is made, so that all inherit it and only `await_end` is told.
sigset_t block_signals() {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    return ends;
}

int serve(const settings::Settings& settings) {
    const auto ends = block_signals();
    telemetry::Log log(settings.debug_log ? telemetry::Level::debug : telemetry::Level::info);
    telemetry::Metrics metrics(BWGW_VERSION);
    const api::Contract contract(api::openapi_yaml());
    auto store = ledger::open_store(settings.ledger, [&log](const std::string& reason) {
        log.event(telemetry::Level::error, "the ledger failed", {{"reason", reason}});
    });
    ledger::MeasuredLedger ledger(std::move(store.ledger), metrics);
    ledger::Lease lease(ledger, settings.pace.lease);
    const ledger::LeaseKeeper keeper(lease);  // outlives what it is held for
    loop::BlockingPool pool(ledger::kLedgerThreads);
    // Their own threads, so that a dead ledger hides no metric, and holds up no reading.
    loop::BlockingPool scrapes(1);
    loop::BlockingPool merges(2);
    CrosswalkInUse crosswalk(crosswalk_of(settings.accounts));
    inventory::Inventory inventory(names_of(settings.accounts), [&](const auto& provider, const auto& row) {
        return api::bandwidth_json(*crosswalk.get(), {provider, row});
    });
    inventory.hold({}, orders::unsure_of_purchases());  // until the ledger has been read
    const fleet::Fleet* profiles = nullptr;             // any worker's fleet, and …
    inventory::Refresher* refresher = nullptr;  // … the background's; both are there before anything runs
    orders::Unlisted unlisted([&](const auto& purchases, bool certain) {
        std::vector<fleet::Entry> entries;
        for (const auto& purchase : purchases) entries.push_back(orders::as_ordered(purchase, *profiles));
        inventory.hold(entries, certain ? std::nullopt : std::optional(orders::unsure_of_purchases()));
    });
    orders::Tally tally;
    const orders::Desk desk{pool, ledger, lease, unlisted, tally};
    OpenOperations open;
    const fleet::Guards guards(guards_of(settings));
    const Shared shared{settings,
                        contract,
                        desk,
                        log,
                        metrics,
                        scrapes,
                        merges,
                        [&inventory] { return owned_text(*inventory.snapshot()); },
                        inventory,
                        [&refresher](const std::string& provider, inventory::Moment since) {
                            refresher->want(provider, since);
                        },
                        std::make_shared<fleet::HealthBoard>(),
                        guards,
                        crosswalk.get()};

    std::optional<edge::Server> server;  // its loops outlive what runs on them
    std::vector<std::unique_ptr<Worker>> workers;
    std::unique_ptr<Background> background;
    const auto publish = [&](const std::shared_ptr<const fleet::Crosswalk>& learned) {
        crosswalk.set(learned);
        inventory.render_anew();
        for (const auto& worker : workers)
            worker->loop.post([&fleet = worker->fleet, learned] { fleet.use(learned); });
    };
    server.emplace(
        options_of(settings.edge),
        [&](loop::Loop& loop) -> edge::Application {
            auto& worker = *workers.emplace_back(std::make_unique<Worker>(shared, loop));
            return [&worker](http::Request&& request) { return worker.api(std::move(request)); };
        },
        [&](loop::Loop& loop) {
            auto& worker = *workers.emplace_back(std::make_unique<Worker>(shared, loop));
            background = std::make_unique<Background>(worker, desk, log, open, inventory, *store.inventory,
                                                      pace_of(settings.inventory), publish);
            profiles = &worker.fleet;
            refresher = &background->refresher;
            loop.post([&background] { background->start(); });
        });
    feed(metrics, {*server, log, open, desk, guards, inventory, *refresher});
    if (const auto restored = background->restore(); !restored)
        log.event(telemetry::Level::error, "what was known cannot be restored",
                  {{"detail", restored.failure().detail}});
    server->start();
    log.event(telemetry::Level::info, "listening",
              {{"address", settings.edge.address}, {"port", std::int64_t{server->port()}}});

    int signal = 0;
    sigwait(&ends, &signal);
    log.event(telemetry::Level::info, "draining", {{"signal", std::int64_t{signal}}});
    server->drain();
    for (const auto& worker : workers) worker->loop.post([&worker = *worker] { worker.drain(); });
    background->stop();
    const bool whole = server->wait_drained(settings.edge.drain);
    log.event(telemetry::Level::info, whole ? "ended" : "ended with work in flight; the ledger has it");
    pool.join();  // its work uses what hangs on the workers
    scrapes.join();
    merges.join();
    server->stop();
    return EXIT_SUCCESS;
}

int run(const std::string& file, bool check_only) {
    SettingsErrors errors;
    const auto settings = settings::load(file, errors);
    for (const auto& error : errors.items) fmt::print(stderr, "{}\n", error);
    if (!errors.items.empty()) {
        fmt::print(stderr, "{}: {} mistakes\n", file, errors.items.size());
        return EXIT_FAILURE;
    }
    if (check_only) {
        fmt::print("{}: good, {} providers\n", file, settings.accounts.size());
        return EXIT_SUCCESS;
    }
    return serve(settings);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"One /bandwidths resource for every cloud that sells private cross-region bandwidth."};
    std::string file;
    bool check_only = false;
    app.add_option("settings", file, "The settings file (YAML)")->required();
    app.add_flag("--check", check_only, "Check the settings file and end");
    app.set_version_flag("--version", BWGW_VERSION);
    CLI11_PARSE(app, argc, argv);
    try {
        return run(file, check_only);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bandwidth-gateway: {}\n", error.what());
        return EXIT_FAILURE;
    }
}
