#include "gateway/fleet/fleet.h"

#include <fmt/format.h>

#include <algorithm>

#include "providers/contract/when_all.h"

namespace bwgw::fleet {
namespace {

Instant now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// The vendor's own fault, as against a refusal of what a caller asked for.
bool is_vendor_fault(const Failure& failure) {
    if (failure.ours) return false;
    switch (failure.slug) {
        case Slug::provider_auth_failed:
        case Slug::provider_permission_denied:
        case Slug::provider_contract_violation:
        case Slug::provider_throttled:
        case Slug::provider_unavailable:
        case Slug::provider_timeout:
            return true;
        default:
            return false;
    }
}

bool is_refusal(const Failure& failure) {
    return !failure.ours && !is_vendor_fault(failure) && failure.slug != Slug::internal;
}

// The one product that can hold what the filter names: networks belong to inter-region links, and the free
// default package comes with them.
const ProductProfile* product_asked(const Filter& filter, const Profile& profile) {
    return profile.product_for(filter.kind == Kind::eip_boost ? Kind::eip_boost : Kind::inter_region);
}

// Only our own id was asked for: what the vendor refuses in it is not the caller's mistake.
Failure unreadable(Failure failure) {
    if (!failure.ours && !is_vendor_fault(failure) && failure.slug != Slug::not_found)
        failure.slug = Slug::provider_contract_violation;
    return failure;
}

Failure no_such_bandwidth() {
    return {.slug = Slug::not_found, .detail = "no such bandwidth"};
}

// A live list shows what the inventory has of it.
Failure not_taken_in(std::string provider) {
    return {.slug = Slug::unavailable,
            .detail = "it was read, but too much is waiting to come into the inventory",
            .retryable = true,
            .provider = std::move(provider)};
}

Result<Entry> entry_of(const Listing& listing, const BandwidthId& id) {
    const auto row = std::ranges::find(listing.items, id.ref, &Bandwidth::ref);
    if (row != listing.items.end()) return Entry{id.provider, *row};
    return listing.problem.value_or(no_such_bandwidth());
}

}  // namespace

Fleet::Fleet(std::vector<std::unique_ptr<Provider>> providers, std::shared_ptr<const Crosswalk> crosswalk,
             std::shared_ptr<HealthBoard> health, std::optional<Guarding> guarding, Observe observe)
    : providers_(std::move(providers)),
      crosswalk_(std::move(crosswalk)),
      health_(std::move(health)),
      guarding_(guarding),
      observe_(std::move(observe)) {}

std::vector<const Profile*> Fleet::profiles() const {
    std::vector<const Profile*> profiles;
    profiles.reserve(providers_.size());
    for (const auto& provider : providers_) profiles.push_back(&provider->profile());
    return profiles;
}

Provider* Fleet::find(std::string_view provider) const {
    for (const auto& known : providers_)
        if (known->profile().name == provider) return known.get();
    return nullptr;
}

const Profile* Fleet::profile(std::string_view provider) const {
    const auto* known = find(provider);
    return known ? &known->profile() : nullptr;
}

bool Fleet::sells(const Filter& filter, const Profile& profile) const noexcept {
    if (filter.provider && profile.name != *filter.provider) return false;
    if (!filter.kind && !filter.network_id) return profile.can(Action::list);
    if (filter.kind == Kind::eip_boost && filter.network_id) return false;  // a boost belongs to no network
    const auto* product = product_asked(filter, profile);
    return product && product->can(Action::list);
}

template <class T>
Task<T> Fleet::watched(const RequestContext& context, std::string provider, Verb verb,
                       std::function<Task<T>(const RequestContext&)> ask) {
    auto* guards = guarding_ ? guarding_->guards.of(provider) : nullptr;
    auto call = guards ? guards->call<T>(guarding_->loop, verb, context, std::move(ask)) : ask(context);
    auto result = co_await std::move(call);
    if (result) {
        health_->succeeded(provider);
    } else {
        result.failure().provider = provider;
        const bool abandoned = context.cancelled.stop_requested();  // the caller's doing, not the vendor's
        if (!abandoned && is_vendor_fault(result.failure())) health_->failed(provider, result.failure());
    }
    co_return std::move(result);
}

Task<Listing> Fleet::list(const RequestContext& context, std::string provider, Query query) {
    auto seen = co_await see(context, std::move(provider), std::move(query));
    if (!seen) co_return std::move(seen).failure();
    co_return std::move(seen->listing);
}

Task<Fleet::Seen> Fleet::see(const RequestContext& context, std::string provider, Query query) {
    auto* known = find(provider);
    if (!known) co_return no_such_bandwidth();
    const auto began = std::chrono::steady_clock::now();
    auto listing = co_await watched<Listing>(
        context, provider, Verb::read,
        [known, query](const RequestContext& within) { return known->list(within, query); });
    if (listing && listing->problem) {
        listing->problem->provider = provider;
        if (!listing->problem->ours) health_->failed(provider, *listing->problem);
    }
    if (!listing) co_return std::move(listing).failure();
    const bool taken_in = !observe_ || co_await observe_(provider, std::move(query), began, *listing);
    co_return Seen{std::move(*listing), taken_in};
}

std::vector<Source> Fleet::refused(const std::vector<std::string>& providers) const {
    std::vector<Source> sources;
    for (const auto& provider : providers) {
        auto* guards = guarding_ ? guarding_->guards.of(provider) : nullptr;
        if (auto problem = guards ? guards->refuses(guarding_->loop, Verb::read) : std::nullopt)
            sources.push_back({.provider = provider,
                               .status = SourceStatus::unavailable,
                               .as_of = std::nullopt,
                               .problem = std::move(problem)});
    }
    return sources;
}

Task<std::vector<Source>> Fleet::look(const RequestContext& context, Filter filter,
                                      std::vector<std::string> providers) {
    std::vector<Source> sources;
    std::vector<std::size_t> asked;  // indices into sources
    std::vector<Task<Source>> calls;
    for (const auto& provider : providers_) {
        const auto& profile = provider->profile();
        if (filter.provider && profile.name != *filter.provider) continue;
        if (std::ranges::find(providers, profile.name) == providers.end()) continue;
        auto& source = sources.emplace_back(Source{.provider = profile.name});
        if (!sells(filter, profile)) {
            source.status = SourceStatus::unsupported;
            continue;
        }
        asked.push_back(sources.size() - 1);
        calls.push_back(look_at(context, profile, filter));
    }
    auto answers = co_await when_all(std::move(calls));
    if (!answers) co_return std::move(answers).failure();
    for (std::size_t i = 0; i < asked.size(); ++i) sources[asked[i]] = std::move(*(*answers)[i]);
    co_return std::move(sources);
}

// Never fails.
Task<Source> Fleet::look_at(const RequestContext& context, const Profile& profile, const Filter& filter) {
    Source source{.provider = profile.name};
    Query query{.scope = filter.network_id};
    if (filter.kind || filter.network_id) query.product = product_asked(filter, profile)->product;
    const auto as_of = now();
    auto seen = co_await ask_together(context, profile.name, std::move(query));
    // Another provider's network: nothing is in it here. Refused: the network is another account's.
    const bool elsewhere = !seen && filter.network_id && is_refusal(seen.failure());
    if (!seen && !elsewhere) {
        source.status = SourceStatus::unavailable;
        source.problem = std::move(seen).failure();
    } else if (seen && (*seen)->listing.problem) {
        source.status = SourceStatus::stale;
        source.problem = (*seen)->listing.problem;
    } else if (seen && !(*seen)->taken_in) {
        source.status = SourceStatus::stale;
        source.problem = not_taken_in(profile.name);
    } else {
        source.as_of = as_of;
    }
    co_return std::move(source);
}

Task<Entry> Fleet::get(const RequestContext& context, BandwidthId id, Look look) {
    const auto* known = profile(id.provider);
    if (!known || !known->product(id.ref.product)) co_return no_such_bandwidth();
    Query query{.product = id.ref.product, .scope = id.ref.scope, .native_ids = {id.ref.native_id}};
    if (look == Look::shared && guarding_) {
        auto shared = co_await stand_in_line(context, id.provider, std::move(query));
        if (!shared) co_return unreadable(std::move(shared).failure());
        co_return entry_of((*shared)->listing, id);
    }
    auto listing = co_await list(context, id.provider, std::move(query));
    if (!listing) co_return unreadable(std::move(listing).failure());
    co_return entry_of(*listing, id);
}

Task<Receipt> Fleet::create(const RequestContext& context, std::string provider, Order order) {
    if (auto sold = check(provider, order); !sold) co_return std::move(sold).failure();
    auto* known = find(provider);
    co_return co_await watched<Receipt>(
        context, std::move(provider), Verb::write,
        [known, &order](const RequestContext& within) { return known->create(within, std::move(order)); });
}

Task<Receipt> Fleet::change(const RequestContext& context, BandwidthId id, Change change) {
    const auto action = std::holds_alternative<Rename>(change) ? Action::rename : Action::resize;
    if (auto able = check(id, action); !able) co_return std::move(able).failure();
    co_return co_await watched<Receipt>(
        context, id.provider, Verb::write,
        [known = find(id.provider), &id, &change](const RequestContext& within) {
            return known->change(within, id.ref, std::move(change));
        });
}

Task<Receipt> Fleet::release(const RequestContext& context, BandwidthId id) {
    if (auto able = check(id, Action::release); !able) co_return std::move(able).failure();
    co_return co_await watched<Receipt>(context, id.provider, Verb::write,
                                        [known = find(id.provider), &id](const RequestContext& within) {
                                            return known->release(within, id.ref);
                                        });
}

Task<Price> Fleet::quote(const RequestContext& context, std::string provider, Wish wish) {
    if (auto able = check(provider, wish); !able) co_return std::move(able).failure();
    auto* known = find(provider);
    co_return co_await watched<Price>(
        context, std::move(provider), Verb::read,
        [known, wish = std::move(wish)](const RequestContext& within) { return known->quote(within, wish); });
}

Task<Learned> Fleet::regions(const RequestContext& context, std::vector<std::string> except) {
    std::vector<std::string> asked;
    std::vector<Task<std::vector<Region>>> calls;
    for (const auto& provider : providers_) {
        if (!provider->profile().can(Action::regions)) continue;
        if (std::ranges::find(except, provider->profile().name) != except.end()) continue;
        asked.push_back(provider->profile().name);
        calls.push_back(watched<std::vector<Region>>(
            context, asked.back(), Verb::read,
            [known = provider.get()](const RequestContext& within) { return known->regions(within); }));
    }
    auto answers = co_await when_all(std::move(calls));
    if (!answers) co_return std::move(answers).failure();
    std::vector<Crosswalk::Row> rows = crosswalk_->rows();
    std::vector<std::string> answered;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        if (!(*answers)[i]) continue;  // what the crosswalk knows stands without it
        answered.push_back(asked[i]);
        for (auto& region : *(*answers)[i]) {
            const auto known = [&](const Crosswalk::Row& row) {
                return row.provider == asked[i] && row.region.code == region.code;
            };
            if (std::none_of(rows.begin(), rows.end(), known)) rows.push_back({asked[i], std::move(region)});
        }
    }
    const bool complete = answered.size() == asked.size();
    co_return Learned{Crosswalk(std::move(rows)), std::move(answered), complete};
}

}  // namespace bwgw::fleet
