#include <algorithm>
#include <exception>
#include <stop_token>

#include "gateway/fleet/fleet.h"

namespace bwgw::fleet {
namespace {

// Longer than any account's own deadline for reads, which bounds a look: with what one caller has left after
// standing in line, the vendor would be called slow.
constexpr std::chrono::minutes kLookMost{1};

// Who has about as long to wait looks together, until the last of them has waited.
constexpr std::chrono::milliseconds kAbout{100};

// What was read in part by the deadline still has to come into the inventory.
constexpr std::chrono::seconds kAfterDeadline{1};

}  // namespace

struct Fleet::Search {
    Search(loop::Loop& loop, RequestContext of, std::string whom, Query first)
        : ended(loop),
          context(std::move(of)),
          first_deadline(context.deadline.at),
          provider(std::move(whom)),
          query(std::move(first)),
          seen(Failure{.slug = Slug::provider_timeout,
                       .detail = "it was not read by the deadline",
                       .retryable = true,
                       .provider = provider}) {
        context.cancelled = abandoned.get_token();
    }
    loop::Event ended;
    int waiting = 0;             ///< callers; without any it leaves the line, and ends
    std::stop_source abandoned;  ///< by the last of them
    RequestContext context;      ///< of who asked first
    loop::Clock::time_point first_deadline;
    std::string provider;
    Query query;
    Result<Seen> seen;
    std::exception_ptr exception = {};  ///< everyone's who waits
};

Fleet::SearchPtr Fleet::search_for(const RequestContext& context, std::string provider, Query query) const {
    return std::make_shared<Search>(guarding_->loop, context, std::move(provider), std::move(query));
}

// One call for all who come before it begins: what is under way may miss what a caller knows to be there.
Task<Fleet::SeenPtr> Fleet::ask_together(const RequestContext& context, std::string provider, Query query) {
    if (!guarding_) {
        auto seen = co_await see(context, std::move(provider), std::move(query));
        if (!seen) co_return std::move(seen).failure();
        co_return std::make_shared<const Seen>(std::move(*seen));
    }
    auto& search = gathering_[{provider, query}];
    const auto alike = [&] {
        return std::chrono::abs(search->first_deadline - context.deadline.at) <= kAbout &&
               !search->abandoned.stop_requested();
    };
    if (!search || !alike()) {
        search = search_for(context, provider, query);
        search->context.trace.vendor_time = std::make_shared<VendorTime>();
        guarding_->loop.post([this, search] {
            const auto gathered = gathering_.find({search->provider, search->query});
            if (gathered != gathering_.end() && gathered->second == search) gathering_.erase(gathered);
            guarding_->loop.spawn(look_for(search));
        });
    }
    auto& deadline = search->context.deadline.at;
    deadline = std::max(deadline, context.deadline.at);
    search->context.trace.vendor_time->share(context.trace.vendor_time);
    co_return co_await wait_for(context, search, context.deadline.at + kAfterDeadline);
}

// One look at a time for each account.
Task<Fleet::SeenPtr> Fleet::stand_in_line(const RequestContext& context, std::string provider, Query query) {
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
    const auto search = found == line.end() ? search_for(context, provider, query) : *found;
    if (search->query.native_ids != query.native_ids) search->query.native_ids.clear();
    if (found == line.end()) line.push_back(search);
    if (line.front() == search) guarding_->loop.spawn(look_for_all(std::move(provider)));
    const VendorTime::Wait waiting(context.trace.vendor_time);
    auto seen = co_await wait_for(context, search, context.deadline.at);
    if (search->waiting == 0 && !line.empty() && line.front() != search) std::erase(line, search);
    co_return std::move(seen);
}

Task<Fleet::SeenPtr> Fleet::wait_for(const RequestContext& context, SearchPtr search,
                                     loop::Clock::time_point until) {
    ++search->waiting;
    (void)co_await search->ended.wait_until(until, context.cancelled);
    if (--search->waiting == 0) search->abandoned.request_stop();
    if (search->exception) std::rethrow_exception(search->exception);
    if (!search->seen) co_return search->seen.failure();
    co_return SeenPtr(search, &*search->seen);
}

Task<void> Fleet::look_for(SearchPtr search) {
    try {
        search->seen = co_await see(search->context, search->provider, search->query);
    } catch (...) {  // nobody's frame in particular would end by it, but the process
        search->exception = std::current_exception();
    }
    search->ended.set();
    co_return Result<void>{};
}

Task<void> Fleet::look_for_all(std::string provider) {
    for (auto& line = searches_[provider]; !line.empty(); line.pop_front()) {
        const auto search = line.front();
        search->context.deadline.at = guarding_->loop.now() + kLookMost;
        (void)co_await look_for(search);
    }
    co_return Result<void>{};
}

}  // namespace bwgw::fleet
