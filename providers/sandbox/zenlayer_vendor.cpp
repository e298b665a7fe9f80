#include "providers/sandbox/zenlayer_vendor.h"

#include <fmt/format.h>

#include <algorithm>

namespace bwgw::sandbox::zenlayer {

Account::Account(const BrandSettings& settings, const Behaviour& behaviour, Ledger& ledger, Instant now)
    : state_{.settings = settings,
             .behaviour = behaviour,
             .ledger = ledger,
             .random = Random(std::hash<std::string>{}(settings.name))} {
    Account::reset(now);
}

std::string Account::action_of(const Request& request) const {
    return std::string(request.header("x-zc-action"));
}

Parameters Account::parameters_of(const Request& request) const {
    Parameters parameters;
    const auto body = parse_json(request.body);
    if (body.HasParseError() || !body.IsObject()) return parameters;
    for (const auto& member : body.GetObject()) {
        parameters[std::string(text_of(member.name))] =
            member.value.IsString() ? std::string(text_of(member.value)) : to_text(member.value);
    }
    return parameters;
}

Outcome Account::reply(const Request& request, Instant now) {
    return zenlayer::reply(request, state_, now);
}

Reply Account::error_reply(std::string_view code, std::string_view message, int status) {
    return zenlayer::error_reply(state_,
                                 {code, std::string(message.empty() ? "fault on request" : message), status});
}

std::string Account::add_network(const Network& network, Instant) {
    if (std::ranges::find(state_.vpcs, network.id, &Network::id) != state_.vpcs.end())
        return "id: already there";
    for (const auto& region : network.regions) {
        if (std::ranges::find(state_.settings.regions, region, &Region::id) ==
            state_.settings.regions.end()) {
            return fmt::format("regions: unknown region {}", region);
        }
    }
    state_.vpcs.push_back(network);
    return {};
}

/// A pair is sold once in a VPC, so that each further round needs a VPC of its own.
std::string Account::seed(const Seed& seed, Instant now) {
    const auto& regions = state_.settings.regions;
    if (regions.size() < 2) return "brand: seeding needs two regions";
    std::int64_t left = seed.count;
    while (left > 0) {
        Network vpc{.id = decimal_id(state_, "11"), .name = "seeded", .regions = {}};
        for (const auto& region : regions) vpc.regions.push_back(region.id);
        for (std::size_t a = 0; a < regions.size(); ++a) {
            for (std::size_t z = a + 1; z < regions.size() && left > 0; ++z, --left) {
                state_.links.push_back({.id = decimal_id(state_, "12"),
                                        .name = fmt::format("seed-{}", left),
                                        .vpc = vpc.id,
                                        .region_a = regions[a].id,
                                        .region_z = regions[z].id,
                                        .charge_type = "ByBandwidth",
                                        .bandwidth = seed.bandwidth,
                                        .status = Status::available,
                                        .life = {.created_ms = now.vendor_ms, .bought = false}});
            }
        }
        state_.vpcs.push_back(std::move(vpc));
    }
    return {};
}

std::string Account::vanish(std::string_view native_id, Instant now) {
    auto* const link = find_alive(state_.links, native_id);
    if (link == nullptr) return "native_id: no such row";
    link->life.deleted_ms = now.vendor_ms;
    state_.ledger.released(state_.settings.name, native_id, now.vendor_ms);
    return {};
}

void Account::reset(Instant now) {
    state_.links.clear();
    state_.spent = 0;
    state_.born_s = now.seconds();
    state_.vpcs = state_.settings.networks;
}

}  // namespace bwgw::sandbox::zenlayer
