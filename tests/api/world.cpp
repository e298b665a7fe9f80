#include "tests/api/world.h"

#include <fmt/format.h>

#include <stdexcept>

#include "gateway/api/openapi.h"
#include "gateway/api/views.h"
#include "gateway/inventory/refresher.h"
#include "gateway/orders/placed.h"

namespace bwgw::api::tests {

Task<Listing> FakeProvider::list(const RequestContext&, Query query) {
    if (listing_fails) co_return *listing_fails;
    Listing listing{.problem = listing_cut};
    for (const auto& row : rows) {
        const bool wanted =
            query.native_ids.empty() || std::ranges::count(query.native_ids, row.ref.native_id) != 0;
        if (wanted && (!query.scope || row.ref.scope == *query.scope)) listing.items.push_back(row);
    }
    co_return std::move(listing);
}

Task<Receipt> FakeProvider::create(const RequestContext&, Order order) {
    writes.push_back("create " + order.ends.a + " " + order.ends.b);
    if (write_fails) co_return *write_fails;
    auto row = pair_row(fmt::format("new-{}", writes.size()), order.network_id, order.ends.a, order.ends.b);
    row.bandwidth = Mbps::of(order.bandwidth_mbps);
    row.name = order.name;
    row.marker = order.marker;
    const auto id = row.ref.native_id;
    if (!hides_new) rows.push_back(std::move(row));
    co_return Receipt{id, "order-1", "request-1"};
}

Task<Receipt> FakeProvider::change(const RequestContext&, ResourceRef ref, Change change) {
    writes.push_back("change " + ref.native_id);
    if (write_fails) co_return *write_fails;
    for (auto& row : rows) {
        if (row.ref != ref) continue;
        if (const auto* rename = std::get_if<Rename>(&change)) {
            row.name = rename->name;
        } else {
            row.bandwidth = Mbps::of(std::get<Resize>(change).bandwidth_mbps);
            if (const auto burst = std::get<Resize>(change).burst_mbps) row.burst = Mbps::of(*burst);
        }
    }
    co_return Receipt{};
}

Task<Receipt> FakeProvider::release(const RequestContext&, ResourceRef ref) {
    writes.push_back("release " + ref.native_id);
    if (write_fails) co_return *write_fails;
    std::erase_if(rows, [&](const Bandwidth& row) { return row.ref == ref; });
    co_return Receipt{};
}

Task<Price> FakeProvider::quote(const RequestContext&, Wish) {
    if (!price) co_return Failure{.slug = Slug::price_unavailable, .detail = "no currency in the settings"};
    co_return *price;
}

Task<std::vector<Region>> FakeProvider::regions(const RequestContext&) {
    co_return std::vector<Region>{{"hk", "hkg", "Hong Kong"}, {"lab", std::nullopt, std::nullopt}};
}

Bandwidth pair_row(std::string native_id, std::string network, std::string a, std::string b) {
    Bandwidth row;
    row.ref = {"pair", network, std::move(native_id)};
    row.network_id = std::move(network);
    row.ends = Ends{std::move(a), std::move(b)};
    row.bandwidth = Mbps::of(10);
    row.state = State::active;
    return row;
}

Profile pair_profile(std::string name) {
    return {std::move(name),
            "fake",
            {{.product = "pair",
              .kind = Kind::inter_region,
              .actions = {Action::create, Action::list, Action::resize, Action::rename, Action::release,
                          Action::quote, Action::quote_resize, Action::regions},
              .billing_models = {BillingModel::fixed, BillingModel::traffic, BillingModel::percentile_95},
              .min_mbps = 1,
              .max_mbps = 800,
              .safety = PurchaseSafety::natural_key}}};
}

const Contract& contract() {
    static const Contract kContract(openapi_yaml());
    return kContract;
}

World::World(double log_sample) : log_sample_(log_sample) {
    folder_ = std::filesystem::temp_directory_path() / ("bwgw-api-" + ledger::new_operation_id());
    std::filesystem::create_directory(folder_);
    ledger = ledger::open_ledger("sqlite:" + (folder_ / "ledger.db").string(), [](const std::string&) {});
    pool_ = std::make_unique<loop::BlockingPool>(1);
    std::vector<std::unique_ptr<Provider>> providers;
    for (auto** fake : {&east, &west}) {
        auto provider = std::make_unique<FakeProvider>(pair_profile(fake == &east ? "east" : "west"));
        *fake = provider.get();
        providers.push_back(std::move(provider));
    }
    std::vector<fleet::Crosswalk::Row> rows = {{"east", {"hk", "hkg", "Hong Kong"}},
                                               {"east", {"sg", "sin", "Singapore"}},
                                               {"east", {"sg-2", "sin", "Singapore"}},
                                               {"west", {"asia-1", "hkg", "Hong Kong"}}};
    const auto crosswalk = std::make_shared<const fleet::Crosswalk>(std::move(rows));
    inventory.emplace(std::vector<std::string>{"east", "west"},
                      [crosswalk](const std::string& provider, const Bandwidth& bandwidth) {
                          return bandwidth_json(*crosswalk, {provider, bandwidth});
                      });
    reader = std::make_unique<inventory::Reader>(*inventory, loop);
    fleet_ = std::make_unique<fleet::Fleet>(std::move(providers), crosswalk,
                                            std::make_shared<fleet::HealthBoard>(), std::nullopt,
                                            inventory::feeding(*inventory, loop, *pool_));
    unlisted_.emplace([this](const std::vector<ledger::Operation>& purchases, bool) {
        std::vector<fleet::Entry> entries;
        for (const auto& purchase : purchases) entries.push_back(orders::as_ordered(purchase, *fleet_));
        inventory->hold(entries, {});
    });
    orders::Pace pace;
    pace.poll_first = std::chrono::milliseconds(5);
    pace.poll_most = std::chrono::milliseconds(10);
    lease_ = std::make_unique<ledger::Lease>(*ledger, std::chrono::minutes(1));
    (void)lease_->renew(loop.now(), std::chrono::floor<std::chrono::milliseconds>(loop.wall()));
    const orders::Desk desk{*pool_, *ledger, *lease_, *unlisted_, tally_};
    orders_ = std::make_unique<orders::Orders>(loop, desk, *fleet_, pace);
    api_ = std::make_unique<Api>(api_of(contract()));
}

Api World::api_of(const Contract& described) {
    return api_of(described, *fleet_, *reader);
}

Api World::api_of(const Contract& described, fleet::Fleet& fleet, inventory::Reader& read) {
    return Api(
        Environment{.contract = described,
                    .fleet = fleet,
                    .inventory = read,
                    .orders = *orders_,
                    .refresh =
                        [this](const std::string& provider, inventory::Moment) {
                            ++refreshed;
                            if (refreshes) refresh(provider);
                        },
                    .stale_after = std::chrono::minutes(3),
                    .read_deadline = std::chrono::seconds(5),
                    .log_sample = log_sample_,
                    .metrics = [this]() -> Task<std::string> { co_return metrics(); },
                    .owned_metrics = [this]() -> Task<std::string> { co_return owned_metrics(); },
                    .draining = [this] { return draining; },
                    .observe =
                        [this](RequestSummary one) {
                            for (auto* text : {&one.operation, &one.path, &one.principal, &one.traceparent})
                                *text = texts_.emplace_back(*text);
                            seen.push_back(one);
                        }});
}

World::~World() {
    orders_->stop();
    settle();
    std::filesystem::remove_all(folder_);
}

void World::settle() {
    if (!loop.run_until([&] { return loop.spawned() == 0; }))
        throw std::runtime_error("a write did not end within the limit");
}

void World::refresh(const std::string& provider) {
    const auto read = [](World& world, std::string name) -> Task<void> {
        const RequestContext context{Deadline::in(std::chrono::seconds(5)), {"refresh", ""}, {}, {}};
        const inventory::Sight sight{loop::Clock::now(),
                                     std::chrono::floor<std::chrono::milliseconds>(world.loop.wall())};
        auto listing = co_await world.fleet_->list(context, name, {});
        if (!listing) world.inventory->failed(name, sight, listing.failure());
        co_return Result<void>{};
    };
    loop.spawn(read(*this, provider));
}

Task<http::Response> World::answer(std::string method, std::string target, std::string body,
                                   std::vector<http::Header> headers) {
    const auto says = [](const http::Header& header) { return header.name == "Cache-Control"; };
    if (live && std::ranges::none_of(headers, says)) headers.push_back({"Cache-Control", "no-cache"});
    http::Request request;
    request.id = "r1";
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.body = std::move(body);
    return (*api_)(std::move(request));
}

http::Response World::call(std::string method, std::string target, std::string body,
                           std::vector<http::Header> headers) {
    auto response =
        loop.run(answer(std::move(method), std::move(target), std::move(body), std::move(headers)));
    if (!response) throw std::runtime_error("the pipeline must always answer");
    return std::move(*response);
}

test::Running<http::Response> World::begin(std::string target, std::vector<http::Header> headers) {
    return test::start(answer("GET", std::move(target), "", std::move(headers)));
}

http::Response World::buy(std::string body, std::string key, std::vector<http::Header> headers) {
    headers.push_back({"Content-Type", "application/json"});
    headers.push_back({"Idempotency-Key", std::move(key)});
    return call("POST", "/bandwidths", std::move(body), std::move(headers));
}

rapidjson::Document json(const std::string& text) {
    rapidjson::Document document;
    if (document.Parse(text.c_str(), text.size()).HasParseError())
        throw std::runtime_error("not JSON: " + text);
    return document;
}

std::string header(const http::Response& response, const std::string& name) {
    for (const auto& header : response.headers)
        if (header.name == name) return header.value;
    return "";
}

std::string errors_of(const Failure& failure) {
    std::string lines;
    for (const auto& error : failure.errors) lines += error.pointer + ": " + error.detail + "\n";
    return lines;
}

std::string errors_of(const std::string& problem) {
    std::string lines;
    const auto document = json(problem);
    const auto errors = document.FindMember("errors");
    if (errors == document.MemberEnd()) return "none\n";
    for (const auto& error : errors->value.GetArray())
        lines += std::string(error["pointer"].GetString()) + ": " + error["detail"].GetString() + "\n";
    return lines;
}

std::string order_with(const std::string& more) {
    return R"({"provider":"east","kind":"inter_region","network_id":"net-1","region_a":"hk","region_b":"sg",)"
           R"("bandwidth_mbps":10,"billing":{"model":"traffic","payment":"prepaid","term":{"unit":"month","count":1}})" +
           more + "}";
}

}  // namespace bwgw::api::tests
