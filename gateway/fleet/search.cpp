#include <algorithm>

#include "gateway/fleet/fleet.h"

namespace bwgw::fleet {

struct Fleet::Search {
    Search(loop::Loop& loop, RequestContext of, const std::string& provider, Query first)
        : ended(loop),
          context(std::move(of)),
          query(std::move(first)),
          listing(Failure{.slug = Slug::provider_timeout,
                          .detail = "it was not read by the deadline",
                          .retryable = true,
                          .provider = provider}) {
        context.cancelled = {};  // it is not this caller's alone
    }
    loop::Event ended;
    RequestContext context;  ///< of who asked first; until the last of them gives up
    Query query;
    Result<Listing> listing;
};

// What is under way may miss what the caller knows to be there.
Task<std::shared_ptr<const Listing>> Fleet::share(const RequestContext& context, std::string provider,
                                                  Query query) {
    auto& line = searches_[provider];
    const auto serves = [&](const SearchPtr& search) {
        return search != line.front() && search->query.product == query.product &&
               search->query.scope == query.scope;
    };
    const auto found = std::ranges::find_if(line, serves);
    if (found == line.end() && line.size() == kMostSearches)
        co_return Failure{.slug = Slug::rate_limited,
                          .detail = "too many ask for what is not known",
                          .retryable = true,
                          .provider = std::move(provider),
                          .ours = true};
    const auto search =
        found == line.end() ? std::make_shared<Search>(guarding_->loop, context, provider, query) : *found;
    search->context.deadline.at = std::max(search->context.deadline.at, context.deadline.at);
    if (search->query.native_ids != query.native_ids) search->query.native_ids.clear();
    if (found == line.end()) line.push_back(search);
    if (line.front() == search) guarding_->loop.spawn(look_for_all(std::move(provider)));
    const VendorTime::Wait waiting(context.trace.vendor_time);
    (void)co_await search->ended.wait_until(context.deadline.at, context.cancelled);
    if (!search->listing) co_return search->listing.failure();
    co_return std::shared_ptr<const Listing>(search, &*search->listing);
}

Task<void> Fleet::look_for_all(std::string provider) {
    for (auto& line = searches_[provider]; !line.empty(); line.pop_front()) {
        const auto search = line.front();
        if (search->context.deadline.remaining().count() > 0)
            search->listing = co_await list(search->context, provider, search->query);
        search->ended.set();
    }
    co_return Result<void>{};
}

}  // namespace bwgw::fleet
