#include "providers/sandbox/world.h"

#include <algorithm>

#include "providers/sandbox/ucloud_vendor.h"
#include "providers/sandbox/zenlayer_vendor.h"

namespace bwgw::sandbox {

namespace {

/// Slow and dripping answers come from a vendor that has executed, whenever they were asked to begin.
bool executes(const Fault& fault) {
    return fault.after || fault.kind == FaultKind::slow || fault.kind == FaultKind::drip;
}

}  // namespace

std::unique_ptr<Vendor> make_vendor(const BrandSettings& settings, const Behaviour& behaviour, Ledger& ledger,
                                    Instant now) {
    if (settings.family == "zenlayer")
        return std::make_unique<zenlayer::Account>(settings, behaviour, ledger, now);
    return std::make_unique<ucloud::Account>(settings, behaviour, ledger, now);
}

World::World(const Settings& settings, std::int64_t wall_ms) {
    for (const auto& of_brand : settings.brands) {
        auto brand = std::make_unique<Brand>(Brand{of_brand, of_brand.behaviour, {}, nullptr});
        brand->vendor = make_vendor(brand->settings, brand->behaviour, ledger, now(*brand, wall_ms));
        brands_.push_back(std::move(brand));
    }
}

Arrival World::arrive(Brand& brand, const Request& request, std::int64_t wall_ms) {
    Arrival arrival{.action = brand.vendor->action_of(request), .fault = {}};
    arrival.fault = brand.faults.take(arrival.action, now(brand, wall_ms).vendor_ms);
    if (arrival.fault && !arrival.fault->after && arrival.fault->kind != FaultKind::drip) {
        arrival.delay_ms = arrival.fault->delay_ms;
    }
    return arrival;
}

Answer World::answer(Brand& brand, const Request& request, const Arrival& arrival, std::int64_t wall_ms) {
    const auto instant = now(brand, wall_ms);
    std::optional<Outcome> outcome;
    if (!arrival.fault || executes(*arrival.fault)) outcome = brand.vendor->reply(request, instant);
    Answer answer;
    if (!arrival.fault) {
        answer.reply = std::move(outcome->reply);
    } else {
        answer = spoil(*arrival.fault, outcome ? std::optional(std::move(outcome->reply)) : std::nullopt,
                       *brand.vendor);
    }
    answer.delay_ms += answer.delivery == Delivery::drip ? 0 : brand.behaviour.answer_delay_ms;
    if (outcome) answer.purchase = outcome->purchase;
    answer.request = requests
                         .add({.brand = brand.settings.name,
                               .action = arrival.action,
                               .connection = request.connection,
                               .parameters = brand.vendor->parameters_of(request),
                               .code = outcome ? outcome->code : "",
                               .status = answer.reply.status,
                               .executed = outcome && outcome->executed,
                               .fault = arrival.fault ? arrival.fault->name() : "",
                               .at = instant.vendor_ms})
                         .sequence;
    return answer;
}

void World::delivered(const Answer& answer) {
    requests.delivered(answer.request);
    if (answer.intact && answer.purchase) ledger.delivered(*answer.purchase);
}

Instant World::now(const Brand& brand, std::int64_t wall_ms) const {
    const auto vendor_wall_ms = wall_ms + brand.behaviour.clock_skew_s * 1000;
    return {.wall_ms = vendor_wall_ms, .vendor_ms = vendor_wall_ms + clock_offset_ms};
}

Brand* World::find(std::string_view name) {
    const auto found =
        std::ranges::find_if(brands_, [&](const auto& brand) { return brand->settings.name == name; });
    return found == brands_.end() ? nullptr : found->get();
}

void World::heal(std::string_view name) {
    for (const auto& brand : brands_) {
        if (!name.empty() && brand->settings.name != name) continue;
        brand->faults.heal();
        brand->behaviour = brand->settings.behaviour;
    }
}

void World::reset(std::string_view name, std::int64_t wall_ms) {
    if (name.empty()) clock_offset_ms = 0;
    heal(name);
    ledger.reset(name);
    requests.reset(name);
    for (const auto& brand : brands_) {
        if (name.empty() || brand->settings.name == name) brand->vendor->reset(now(*brand, wall_ms));
    }
}

}  // namespace bwgw::sandbox
