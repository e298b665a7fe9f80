#include <fmt/format.h>

#include "providers/sandbox/ucloud.h"
#include "providers/sandbox/ucloud_vendor.h"

namespace bwgw::sandbox::ucloud {

namespace {

constexpr std::string_view kSeedProducts = "legacy|simple|eip";

void seed_pairs(State& state, const Seed& seed, const Network& network, std::int64_t now_ms) {
    for (std::int64_t i = 0; i < seed.count; ++i) {
        state.pairs.push_back({.id = new_id(state, "irb-", 10),
                               .ugn = network.id,
                               .charge_type = "Month",
                               .pay_mode = "Traffic",
                               .region0 = network.regions[0],
                               .region1 = network.regions[1],
                               .bandwidth = seed.bandwidth,
                               .expires_s = now_ms / 1000 + 2'592'000,
                               .life = {.created_ms = now_ms, .bought = false}});
    }
}

/// A pair is sold once in a UGN, so that each further round needs a UGN of its own.
void seed_packages(State& state, const Seed& seed, std::int64_t now_ms) {
    const auto& regions = state.settings.regions;
    std::int64_t left = seed.count;
    while (left > 0) {
        Network network{.id = new_id(state, "ugn-seed", 8), .name = "seeded", .regions = {}};
        for (const auto& region : regions) network.regions.push_back(region.id);
        for (std::size_t a = 0; a < regions.size(); ++a) {
            for (std::size_t b = a + 1; b < regions.size() && left > 0; ++b, --left) {
                state.packages.push_back({.id = new_id(state, "bw-", 12),
                                          .ugn = network.id,
                                          .name = fmt::format("seed-{}", left),
                                          .pay_mode = "FixedBw",
                                          .charge_type = "Month",
                                          .region_a = regions[a].id,
                                          .region_b = regions[b].id,
                                          .qos = "Platinum",
                                          .path = "IGP",
                                          .bandwidth = static_cast<double>(seed.bandwidth),
                                          .life = {.created_ms = now_ms, .bought = false}});
            }
        }
        add_free_packages(state, network, now_ms);
        state.networks.push_back(std::move(network));
    }
}

void seed_boosts(State& state, const Seed& seed, const Eip& eip, std::int64_t now_ms) {
    for (std::int64_t i = 0; i < seed.count; ++i) {
        state.boosts.push_back({.id = new_id(state, "bwpack-", 8),
                                .region = eip.region,
                                .eip = eip.id,
                                .bandwidth = seed.bandwidth,
                                .enable_s = now_ms / 1000,
                                .disable_s = now_ms / 1000 + 86'400,
                                .life = {.created_ms = now_ms, .bought = false}});
    }
}

}  // namespace

std::string seed(State& state, const Seed& seed, Instant now) {
    const auto product = seed.product.empty() && !state.settings.products.empty()
                             ? state.settings.products.front()
                             : seed.product;
    if (!one_of(product, kSeedProducts)) return fmt::format("product: one of {} expected", kSeedProducts);
    if (product == "simple") {
        if (state.settings.regions.size() < 2) return "product: simple needs two regions";
        seed_packages(state, seed, now.vendor_ms);
    } else if (product == "legacy") {
        const auto network = std::ranges::find_if(state.networks, [&](const Network& ugn) {
            return (seed.network.empty() || ugn.id == seed.network) && ugn.regions.size() > 1;
        });
        if (network == state.networks.end()) return "network: unknown, or without two regions";
        seed_pairs(state, seed, *network, now.vendor_ms);
    } else {
        const auto eip = std::ranges::find_if(state.settings.eips, [&](const Eip& known) {
            return seed.network.empty() || known.id == seed.network;
        });
        if (eip == state.settings.eips.end()) return "network: no such EIP";
        seed_boosts(state, seed, *eip, now.vendor_ms);
    }
    return {};
}

Account::Account(const BrandSettings& settings, const Behaviour& behaviour, Ledger& ledger, Instant now)
    : state_{.settings = settings,
             .behaviour = behaviour,
             .ledger = ledger,
             .random = Random(std::hash<std::string>{}(settings.name))} {
    Account::reset(now);
}

std::string Account::action_of(const Request& request) const {
    return std::string(read_call(request).value("Action"));
}

Parameters Account::parameters_of(const Request& request) const {
    auto parameters = read_call(request).values;
    for (const auto* const secret : {"Signature", "PublicKey", "SecurityToken"}) parameters.erase(secret);
    return parameters;
}

Outcome Account::reply(const Request& request, Instant now) {
    return ucloud::reply(request, state_, now);
}

Reply Account::error_reply(std::string_view code, std::string_view message, int status) {
    Json json;
    Fields out(json, json.GetAllocator());
    out.set("RetCode", std::atoi(std::string(code).c_str()))
        .set("Message", message.empty() ? "fault on request" : message);
    return {.status = status == 0 ? 200 : status, .body = to_text(json)};
}

std::string Account::add_network(const Network& network, Instant now) {
    if (std::ranges::find(state_.networks, network.id, &Network::id) != state_.networks.end())
        return "id: already there";
    for (const auto& region : network.regions) {
        if (std::ranges::find(state_.settings.regions, region, &Region::id) ==
            state_.settings.regions.end()) {
            return fmt::format("regions: unknown region {}", region);
        }
    }
    state_.networks.push_back(network);
    add_free_packages(state_, network, now.vendor_ms);
    return {};
}

std::string Account::seed(const Seed& wish, Instant now) {
    return ucloud::seed(state_, wish, now);
}

std::string Account::vanish(std::string_view native_id, Instant now) {
    const auto end = [&](auto& rows) {
        auto* const row = find_alive(rows, native_id);
        if (row == nullptr) return false;
        row->life.deleted_ms = now.vendor_ms;
        state_.ledger.released(state_.settings.name, native_id, now.vendor_ms);
        return true;
    };
    return end(state_.pairs) || end(state_.packages) || end(state_.boosts) ? "" : "native_id: no such row";
}

void Account::reset(Instant now) {
    state_.pairs.clear();
    state_.packages.clear();
    state_.boosts.clear();
    state_.spent = 0;
    state_.born_s = now.seconds();
    state_.networks = state_.settings.networks;
    for (const auto& network : state_.networks) add_free_packages(state_, network, now.vendor_ms);
}

}  // namespace bwgw::sandbox::ucloud
