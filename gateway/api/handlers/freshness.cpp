#include "gateway/api/handlers/freshness.h"

#include <algorithm>

namespace bwgw::api {
namespace {

using fleet::Source;
using fleet::SourceStatus;
using inventory::Moment;

Moment now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::vector<std::string> names_of(const std::vector<Source>& sources) {
    std::vector<std::string> names;
    for (const auto& source : sources)
        if (source.status != SourceStatus::unsupported) names.push_back(source.provider);
    return names;
}

// Accounts that were not read, nor tried, since then; or never at all.
std::vector<std::string> unread_since(const View& view, std::optional<Moment> since) {
    std::vector<std::string> unread;
    for (auto& name : names_of(view.sources)) {
        const auto& account = *view.snapshot->account(name);
        const auto last = std::max(account.as_of, account.tried);
        if (!last || (since && *last < *since)) unread.push_back(std::move(name));
    }
    return unread;
}

Failure late(const std::string& provider) {
    return {.slug = Slug::provider_timeout,
            .detail = "it did not answer by the deadline",
            .retryable = true,
            .provider = provider};
}

// What the provider itself said, where the inventory says something else.
void take_over(Source& held, Source looked) {
    const bool known = held.as_of.has_value();
    const auto as_of = held.as_of;
    held = std::move(looked);
    if (held.status != SourceStatus::unavailable || !known) return;
    held.status = SourceStatus::stale;
    held.as_of = as_of;
}

Task<View> asked_live(const Environment& environment, const RequestContext& context, fleet::Filter filter) {
    // Asked before the listing: what settles in between is in one of the two.
    auto unlisted = co_await environment.orders.unlisted();
    if (!unlisted) co_return std::move(unlisted).failure();
    const auto providers = names_of(view_of(environment, filter).sources);
    auto looked = co_await environment.fleet.look(context, filter, providers);
    if (!looked) co_return std::move(looked).failure();
    auto view = view_of(environment, filter);
    for (auto& source : view.sources) {
        const auto found = std::ranges::find(*looked, source.provider, &Source::provider);
        if (found != looked->end()) {
            view.keeps = view.keeps && !found->problem;
            take_over(source, std::move(*found));
        }
        if (!unlisted->problem || source.problem || source.status == SourceStatus::unsupported) continue;
        source.status = SourceStatus::stale;
        source.problem = unlisted->problem;
    }
    co_return std::move(view);
}

}  // namespace

std::string View::etag() const {
    std::string state;
    for (const auto& source : sources) {
        state += source.provider;
        state += '\0';
        state += fleet::word(source.status);
        if (source.problem) state += word(source.problem->slug);
        state += '\0';
        state += std::to_string(snapshot->account(source.provider)->content);
        state += '\0';
    }
    return inventory::etag_of(inventory::digest_of(state));
}

std::optional<std::chrono::seconds> View::age() const {
    std::optional<Instant> oldest;
    for (const auto& source : sources)
        if (source.as_of && (!oldest || *source.as_of < *oldest)) oldest = source.as_of;
    return oldest ? std::optional(age_of(*oldest)) : std::nullopt;
}

View view_of(const Environment& environment, const fleet::Filter& filter,
             std::shared_ptr<const inventory::Snapshot> earlier) {
    const bool pinned = earlier != nullptr;
    auto snapshot = std::move(earlier);
    if (!pinned) snapshot = environment.inventory.now();
    auto sources =
        inventory::sources_of(*snapshot, environment.fleet, filter, now(), environment.stale_after);
    return {std::move(snapshot), std::move(sources), pinned};
}

Task<View> view_within(const Environment& environment, const RequestContext& context, fleet::Filter filter,
                       std::optional<std::chrono::seconds> max_age) {
    if (max_age == std::chrono::seconds(0))
        co_return co_await asked_live(environment, context, std::move(filter));
    const auto since = max_age ? std::optional(now() - *max_age) : std::nullopt;
    auto view = view_of(environment, filter);
    for (const auto& provider : unread_since(view, since))
        environment.refresh(provider, since.value_or(Moment::min()));
    for (;;) {
        const auto unread = unread_since(view, since);
        if (unread.empty()) break;
        const VendorTime::Wait waiting(context.trace.vendor_time);
        auto newer =
            co_await environment.inventory.newer_than(view.snapshot, context.deadline.at, context.cancelled);
        view = view_of(environment, filter);
        if (newer && *newer) continue;
        view.keeps = false;
        for (auto& source : view.sources)
            if (std::ranges::find(unread, source.provider) != unread.end())
                take_over(source, {.provider = source.provider,
                                   .status = SourceStatus::unavailable,
                                   .as_of = std::nullopt,
                                   .problem = late(source.provider)});
        break;
    }
    co_return std::move(view);
}

std::chrono::seconds age_of(Moment then) {
    return std::max(std::chrono::floor<std::chrono::seconds>(now() - then), std::chrono::seconds(0));
}

}  // namespace bwgw::api
