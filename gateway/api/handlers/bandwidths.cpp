#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>

#include "gateway/api/fields.h"
#include "gateway/api/handlers/answers.h"
#include "gateway/api/handlers/freshness.h"
#include "gateway/api/handlers/handlers.h"
#include "gateway/api/object.h"
#include "gateway/api/order.h"
#include "gateway/api/views.h"

namespace bwgw::api {
namespace {

fleet::Filter filter_of(const Call& call) {
    fleet::Filter filter{.provider = call.text("provider"),
                         .network_id = call.text("network_id"),
                         .region = call.text("region"),
                         .name = call.text("name"),
                         .provider_resource_id = call.text("provider_resource_id")};
    if (const auto kind = call.text("kind")) filter.kind = kind_of(*kind);
    if (const auto state = call.text("state")) filter.state = state_of(*state);
    return filter;
}

// Tells lists with other filters apart; nothing for the list of all.
std::string mark_of(const fleet::Filter& filter) {
    // By their members' names, so that a new member does not go unseen.
    const auto& [provider, kind, network_id, region, state, name, provider_resource_id] = filter;
    std::string said;
    const auto add = [&said](std::string_view member, const auto& value) {
        if (value) said.append(member).append(*value).append(1, '\n');
    };
    const auto word_of = [](const auto& value) { return value ? std::optional(word(*value)) : std::nullopt; };
    add("provider=", provider);
    add("kind=", word_of(kind));
    add("network_id=", network_id);
    add("region=", region);
    add("state=", word_of(state));
    add("name=", name);
    add("provider_resource_id=", provider_resource_id);
    return said.empty() ? "" : '#' + etag_of(said);
}

// Where a page begins: after this id, in this snapshot if it is still there, else in the newest.
struct Place {
    std::string snapshot = {};
    inventory::Moment at = {};  // of the first page's view …
    bool live = false;          // … and how that came about
    std::string after = {};
};

std::string token_of(const View& view, std::string_view mark, std::string_view after) {
    std::string from;
    if (view.keeps) {
        view.snapshot->keep();
        from = fmt::format("{}@{}{}", view.snapshot->name(), view.at.time_since_epoch().count(),
                           view.live ? "!" : "");
    }
    return base64url_encode(fmt::format("{}{} {}", from, mark, after));
}

// Of what is not so written only the id counts.
Place place_in(std::string_view from, std::string after) {
    const auto cut = from.find('@');
    std::int64_t at = -1;
    if (cut != std::string_view::npos) std::from_chars(from.data() + cut + 1, from.data() + from.size(), at);
    const inventory::Moment then{std::chrono::milliseconds(at)};
    const auto now = this_moment();
    if (at < 0 || then > now || now - then > inventory::Inventory::kKeptFor)
        return {.after = std::move(after)};
    return {std::string(from.substr(0, cut)), then, from.ends_with('!'), std::move(after)};
}

Result<Place> place_of(const Call& call, const fleet::Filter& filter) {
    const auto token = call.text("page_token");
    if (!token) return Place{};
    const auto text = base64url_decode(*token);
    const auto cut = text ? text->find(' ') : std::string::npos;
    if (cut == std::string::npos || !BandwidthId::parse(text->substr(cut + 1)))
        return wrong("?page_token", "is not a token of this list");
    const auto from = std::string_view(*text).substr(0, cut);
    const auto mark = std::min(from.find('#'), cut);
    if (from.substr(mark) != mark_of(filter)) return wrong("?page_token", "is of a list with other filters");
    return place_in(from.substr(0, mark), text->substr(cut + 1));
}

// A further page comes from where the first one came, and is as old.
Task<View> view_at(const Environment& environment, const RequestContext& context, fleet::Filter filter,
                   const Place& place, std::optional<std::chrono::seconds> max_age) {
    if (!place.snapshot.empty())
        if (auto earlier = environment.inventory.named(place.snapshot))
            co_return view_of(environment, filter, std::move(earlier), place.at, place.live);
    co_return co_await view_within(environment, context, std::move(filter), max_age);
}

Failure not_whole(const std::vector<fleet::Source>& sources, Slug slug) {
    std::string missing;
    for (const auto& source : sources)
        if (source.problem)
            missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", source.provider,
                                   word(source.problem->slug));
    return {.slug = slug, .detail = "Not read: " + missing + ".", .retryable = true};
}

// Only of what this request itself asked: a provider that is down must not make a log line of every read.
std::string_view missing_of(const View& view) {
    if (view.pinned || (view.keeps && !view.live)) return {};
    const auto failed = std::ranges::find_if(view.sources, [](const fleet::Source& source) {
        const auto& problem = source.problem;
        const bool breaker = problem && problem->ours && problem->slug == Slug::provider_unavailable;
        return problem && !breaker;
    });
    return failed == view.sources.end() ? "" : word(failed->problem->slug);
}

constexpr std::size_t kAhead = 10;  // rows that are fetched from memory while others are copied

std::string list_json(const View& view, const fleet::Filter& filter, const inventory::Page& page) {
    const auto fetch = [&](std::size_t at) {
        if (at < page.rows.size()) page.rows[at]->fetch();
    };
    for (std::size_t at = 0; at < kAhead; ++at) fetch(at);
    std::vector<std::string> sources;
    for (const auto& source : view.sources) sources.push_back(source_json(source));
    const auto rest =
        Object()
            .maybe("next_page_token",
                   page.next ? std::optional(token_of(view, mark_of(filter), *page.next)) : std::nullopt)
            .flag("complete", fleet::complete(view.sources))
            .json("sources", array_of(sources))
            .end();
    std::string body = "{\"items\":[";
    body.reserve(std::transform_reduce(page.rows.begin(), page.rows.end(), body.size() + 2 + rest.size(),
                                       std::plus(), [](const auto* row) { return row->json().size() + 1; }));
    for (std::size_t at = 0; at < page.rows.size(); ++at) {
        fetch(at + kAhead);
        if (at > 0) body += ',';
        body += page.rows[at]->json();
    }
    body += "],";
    return body.append(rest, 1);
}

// What a client may do with an answer without asking again: nothing, but it can ask cheaply.
void say_how_fresh(http::Response& response, std::string etag, std::optional<std::chrono::seconds> age) {
    response.set("ETag", std::move(etag));
    response.set("Cache-Control", "no-cache");
    if (age) response.set("Age", std::to_string(age->count()));
}

http::Response not_modified() {
    return {.status = 304, .headers = {}, .body = ""};
}

std::chrono::milliseconds wait_for_change(const Call& call) {
    return wait_of(call.text("Prefer"), std::chrono::seconds(0));
}

Task<http::Response> preview(const Environment& environment, const RequestContext& context,
                             Purchase purchase) {
    auto price = co_await environment.fleet.quote(context, purchase.provider, purchase.order);
    const fleet::Offer offer{purchase.provider, std::move(price),
                             std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
    co_return json_answer(Object()
                              .json("order", order_json(environment.fleet.crosswalk(), purchase))
                              .json("quote", quote_json(offer))
                              .end());
}

}  // namespace

Task<http::Response> list_bandwidths(const Environment& environment, const RequestContext& context,
                                     Call call) {
    const auto filter = filter_of(call);
    if (filter.provider && !environment.fleet.profile(*filter.provider))
        co_return wrong("?provider", "is not a configured provider");
    const auto place = place_of(call, filter);
    if (!place) co_return place.failure();

    const auto page_size = static_cast<std::size_t>(call.integer("page_size"));
    const auto wait = wait_for_change(call);
    const auto until = loop::Clock::now() + wait;
    auto max_age = max_age_of(call.text("Cache-Control"));
    const auto held = call.text("If-None-Match");
    auto reading = context;
    for (;;) {
        auto view = co_await view_at(environment, reading, filter, *place, max_age);
        if (!view) co_return std::move(view).failure();
        if (!fleet::readable(view->sources)) co_return not_whole(view->sources, Slug::provider_unavailable);
        if (!fleet::complete(view->sources) && call.text("partial") == "deny")
            co_return not_whole(view->sources, Slug::partial_result_denied);
        const auto etag = view->etag();
        // A kept page never changes: who would wait for that is shown it, lest a long poll spins.
        const bool waits_in_vain = view->pinned && wait.count() > 0;
        const bool same = held && names_etag(*held, etag, true) && !waits_in_vain;
        if (same && !view->pinned) {
            max_age.reset();  // from now on what the inventory hears of is enough
            const VendorTime::Wait waiting(context.trace.vendor_time, VendorTime::Why::asked);
            auto newer = co_await environment.inventory.newer_than(view->snapshot, until, context.cancelled);
            reading.deadline = Deadline::in(environment.read_deadline);
            if (newer && *newer) continue;
        }
        auto response = same ? not_modified()
                             : json_answer(list_json(*view, filter,
                                                     view->snapshot->page(filter, place->after, page_size)));
        say_how_fresh(response, "W/" + etag, view->age());
        response.missing = missing_of(*view);
        co_return std::move(response);
    }
}

// Ids can be made up: those that an account which was read whole does not have shall not cost a look each.
fleet::Look look_for_unlisted(const inventory::Snapshot& snapshot, std::string_view id) {
    const auto parsed = BandwidthId::parse(id);
    const auto* account = parsed ? snapshot.account(parsed->provider) : nullptr;
    return account && account->as_of ? fleet::Look::shared : fleet::Look::own;
}

Task<http::Response> get_bandwidth(const Environment& environment, const RequestContext& context, Call call) {
    const auto id = call.text("id").value_or("");
    const auto until = loop::Clock::now() + wait_for_change(call);
    auto max_age = max_age_of(call.text("Cache-Control"));
    const auto held = call.text("If-None-Match");
    auto deadline = context.deadline;
    bool was_listed = false;
    for (;;) {
        const auto snapshot = environment.inventory.now();
        const auto [row, account] = snapshot->find(id);
        if (!row && was_listed) co_return no_such_bandwidth();  // as a later listing has shown
        was_listed = row && account->rows->find(id);
        const auto as_of = row ? account->as_of : std::nullopt;
        const auto age = as_of ? std::optional(age_of(*as_of)) : std::nullopt;
        const bool fresh = row && (!max_age || (age && *age < *max_age));
        http::Response response;
        if (fresh) {
            response = json_answer(std::string(row->json()));
        } else {
            auto reading = context;
            reading.deadline = deadline;
            const auto look = row ? fleet::Look::own : look_for_unlisted(*snapshot, id);
            auto entry = co_await read_one(environment, reading, id, look);
            if (!entry) co_return std::move(entry).failure();
            response = json_answer(bandwidth_json(environment.fleet.crosswalk(), *entry));
        }
        auto etag = fresh ? inventory::etag_of(row->digest()) : etag_of(response.body);
        const bool same = held && names_etag(*held, etag, true);
        say_how_fresh(response, std::move(etag), fresh ? age : std::chrono::seconds(0));
        if (!same) co_return std::move(response);
        max_age.reset();
        const VendorTime::Wait waiting(context.trace.vendor_time, VendorTime::Why::asked);
        auto newer = co_await environment.inventory.newer_than(snapshot, until, context.cancelled);
        deadline = Deadline::in(environment.read_deadline);
        if (newer && *newer) continue;
        response.status = 304;
        response.body.clear();
        co_return std::move(response);
    }
}

Task<http::Response> create_bandwidth(const Environment& environment, const RequestContext& context,
                                      Call call) {
    auto purchase = read_purchase(*call.body, environment.fleet);
    if (!purchase) co_return std::move(purchase).failure();
    if (auto sold = environment.fleet.check(purchase->provider, purchase->order); !sold)
        co_return std::move(sold).failure();
    if (call.flag("validate_only")) co_return co_await preview(environment, context, std::move(*purchase));

    auto intake = intake_of(call, "createBandwidth", purchase->max_price);
    if (!intake.idempotency_key)
        co_return Failure{.slug = Slug::idempotency_key_missing,
                          .detail = "A purchase needs the header Idempotency-Key.",
                          .errors = {{"#Idempotency-Key", "is required: 1 to 255 visible ASCII characters"}}};
    const auto write = writing(environment, context, intake.wait);
    auto placed =
        co_await environment.orders.buy(write, purchase->provider, purchase->order, std::move(intake));
    if (!placed) co_return std::move(placed).failure();

    std::optional<http::Response> bought;
    if (const auto id = placed->operation.bandwidth_id(); id && placed->observed) {
        bought = bandwidth_answer(environment, *placed->observed);
        bought->status = 201;
        bought->set("Location", environment.contract.path_of("getBandwidth", {*id}));
    }
    co_return write_answer(environment, context, *placed, std::move(bought));
}

}  // namespace bwgw::api
