#include "gateway/api/handlers/freshness.h"

#include <algorithm>
#include <iterator>

#include "gateway/api/fields.h"

namespace bwgw::api {
namespace {

using fleet::Source;
using fleet::SourceStatus;
using inventory::Moment;

constexpr std::chrono::seconds kFirstReadingWithin{1};  // for who did not say how new it must be

std::vector<std::string> names_of(const std::vector<Source>& sources) {
    std::vector<std::string> names;
    for (const auto& source : sources)
        if (source.status != SourceStatus::unsupported) names.push_back(source.provider);
    return names;
}

// How new a caller wants it; nothing: any reading will do.
struct Wish {
    std::optional<Moment> since;
    Moment asked;
    std::shared_ptr<const inventory::Snapshot> known;  // when it was asked
};

// Accounts that were not read whole since then, and for which a try has not just failed; or neither, ever.
std::vector<std::string> unread(const View& view, const Wish& wish) {
    std::vector<std::string> unread;
    for (auto& name : names_of(view.sources)) {
        const auto& account = *view.snapshot->account(name);
        const bool read = account.as_of && *account.as_of >= wish.since.value_or(Moment::min());
        const bool tried =
            account.tried && (!wish.since || *account.tried > wish.asked - inventory::kTryAgain ||
                              account.tried != wish.known->account(name)->tried);
        if (!read && !tried) unread.push_back(std::move(name));
    }
    return unread;
}

Failure late_answer(const std::string& provider) {
    return {.slug = Slug::provider_timeout,
            .detail = "it did not answer by the deadline",
            .retryable = true,
            .provider = provider};
}

// What the provider itself said, where the inventory says something else.
void take_over(Source& held, Source looked) {
    const bool known = held.status == SourceStatus::fresh || held.status == SourceStatus::stale;
    const auto as_of = held.as_of;
    held = std::move(looked);
    if (held.status == SourceStatus::fresh) return;
    held.status = known ? SourceStatus::stale : SourceStatus::unavailable;
    held.as_of = as_of;
}

// The inventory dates whole readings only; what was asked may have been what the filter names.
void date_fresh(View& view) {
    for (auto& source : view.sources)
        if (source.status == SourceStatus::fresh)
            source.as_of = std::chrono::floor<std::chrono::seconds>(view.at);
}

// What a further page would have to say of it, too.
std::pair<SourceStatus, std::optional<Slug>> said(const Source& source) {
    return {source.status, source.problem ? std::optional(source.problem->slug) : std::nullopt};
}

Task<View> asked_live(const Environment& environment, const RequestContext& context, fleet::Filter filter) {
    auto view = view_of(environment, filter);
    const auto at = view.at;
    auto providers = names_of(view.sources);
    auto looked = environment.fleet.refused(providers);
    for (const auto& refused : looked) std::erase(providers, refused.provider);
    std::optional<Failure> unsure;
    if (!providers.empty()) {
        view.snapshot.reset();  // however long this takes
        // Asked before the listing: what settles in between is in one of the two.
        auto unlisted = co_await environment.orders.unlisted();
        if (!unlisted) co_return std::move(unlisted).failure();
        unsure = std::move(unlisted->problem);
        auto answered = co_await environment.fleet.look(context, filter, std::move(providers));
        if (!answered) co_return std::move(answered).failure();
        std::ranges::move(*answered, std::back_inserter(looked));
        view = view_of(environment, filter);
    }
    for (auto& source : view.sources) {
        const auto held = said(source);
        const auto found = std::ranges::find(looked, source.provider, &Source::provider);
        if (found != looked.end()) take_over(source, std::move(*found));
        if (unsure && !source.problem && source.status != SourceStatus::unsupported) {
            source.status = SourceStatus::stale;
            source.problem = unsure;
        }
        view.keeps = view.keeps && said(source) == held;
    }
    view.at = at;
    view.live = true;
    date_fresh(view);
    co_return std::move(view);
}

}  // namespace

Moment this_moment() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

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
    return etag_of(state);
}

std::optional<std::chrono::seconds> View::age() const {
    std::optional<Instant> oldest;
    for (const auto& source : sources)
        if (source.as_of && (!oldest || *source.as_of < *oldest)) oldest = source.as_of;
    return oldest ? std::optional(age_of(*oldest)) : std::nullopt;
}

View view_of(const Environment& environment, const fleet::Filter& filter) {
    auto view = view_of(environment, filter, environment.inventory.now(), this_moment(), false);
    view.pinned = false;
    return view;
}

View view_of(const Environment& environment, const fleet::Filter& filter,
             std::shared_ptr<const inventory::Snapshot> earlier, Moment at, bool live) {
    auto sources = inventory::sources_of(*earlier, environment.fleet, filter, at, environment.stale_after);
    View view{std::move(earlier), std::move(sources), at, live, true};
    if (live) date_fresh(view);
    return view;
}

Task<View> view_within(const Environment& environment, const RequestContext& context, fleet::Filter filter,
                       std::optional<std::chrono::seconds> max_age) {
    if (max_age == std::chrono::seconds(0))
        co_return co_await asked_live(environment, context, std::move(filter));
    auto view = view_of(environment, filter);
    const auto asked = this_moment();
    const Wish wish{max_age ? std::optional(asked - *max_age) : std::nullopt, asked, view.snapshot};
    for (const auto& provider : unread(view, wish))
        environment.refresh(provider, wish.since.value_or(Moment::min()));
    const auto first = std::min(context.deadline.at, loop::Clock::now() + kFirstReadingWithin);
    const auto until = max_age ? context.deadline.at : first;
    for (;;) {
        const auto late = unread(view, wish);
        if (late.empty()) break;
        const VendorTime::Wait waiting(context.trace.vendor_time);
        auto newer = co_await environment.inventory.newer_than(view.snapshot, until, context.cancelled);
        view = view_of(environment, filter);
        if (newer && *newer) continue;
        if (!max_age) break;  // what the inventory says of them is true
        view.keeps = false;
        for (auto& source : view.sources)
            if (std::ranges::find(late, source.provider) != late.end())
                take_over(source, {.provider = source.provider,
                                   .status = SourceStatus::unavailable,
                                   .as_of = std::nullopt,
                                   .problem = late_answer(source.provider)});
        break;
    }
    co_return std::move(view);
}

std::chrono::seconds age_of(Moment then) {
    return std::max(std::chrono::floor<std::chrono::seconds>(this_moment() - then), std::chrono::seconds(0));
}

}  // namespace bwgw::api
