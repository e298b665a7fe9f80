#include <algorithm>
#include <exception>
#include <stop_token>

#include "gateway/fleet/fleet.h"

namespace bwgw::fleet {
namespace {

// Longer than any account's own deadline for reads, which bounds a look: with what one caller has left after
// standing in line, the vendor would be called slow.
constexpr std::chrono::minutes kLookMost{1};

}  // namespace

struct Fleet::Search {
    Search(loop::Loop& loop, RequestContext of, const std::string& provider, Query first)
        : ended(loop),
          context(std::move(of)),
          query(std::move(first)),
          listing(Failure{.slug = Slug::provider_timeout,
                          .detail = "it was not read by the deadline",
                          .retryable = true,
                          .provider = provider}) {
        context.cancelled = abandoned.get_token();
    }
    loop::Event ended;
    int waiting = 0;             ///< callers; without any it leaves the line, and ends
    std::stop_source abandoned;  ///< by the last of them
    RequestContext context;      ///< of who asked first
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
    ++search->waiting;
    if (search->query.native_ids != query.native_ids) search->query.native_ids.clear();
    if (found == line.end()) line.push_back(search);
    if (line.front() == search) guarding_->loop.spawn(look_for_all(std::move(provider)));
    const VendorTime::Wait waiting(context.trace.vendor_time);
    (void)co_await search->ended.wait_until(context.deadline.at, context.cancelled);
    if (--search->waiting == 0) {
        search->abandoned.request_stop();
        if (!line.empty() && line.front() != search) std::erase(line, search);
    }
    if (!search->listing) co_return search->listing.failure();
    co_return std::shared_ptr<const Listing>(search, &*search->listing);
}

Task<void> Fleet::look_for_all(std::string provider) {
    for (auto& line = searches_[provider]; !line.empty(); line.pop_front()) {
        const auto search = line.front();
        search->context.deadline.at = guarding_->loop.now() + kLookMost;
        try {
            search->listing = co_await list(search->context, provider, search->query);
        } catch (const std::exception&) {  // nobody's frame in particular would end by it, but the process
            search->listing = Failure{.slug = Slug::internal, .provider = provider};
        }
        search->ended.set();
    }
    co_return Result<void>{};
}

}  // namespace bwgw::fleet
