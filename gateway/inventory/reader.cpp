#include "gateway/inventory/reader.h"

#include <fmt/format.h>

namespace bwgw::inventory {
namespace {

std::optional<Failure> stale_problem(const Account& account, Moment now,
                                     std::chrono::milliseconds stale_after) {
    if (account.problem) return account.problem;
    if (!account.as_of)
        return Failure{.slug = Slug::provider_unavailable,
                       .detail = "it has not been read whole yet",
                       .retryable = true,
                       .provider = account.provider};
    const auto age = now - *account.as_of;
    if (age <= stale_after) return std::nullopt;
    return Failure{.slug = Slug::provider_unavailable,
                   .detail = fmt::format("it was last read {} s ago",
                                         std::chrono::floor<std::chrono::seconds>(age).count()),
                   .retryable = true,
                   .provider = account.provider};
}

fleet::Source source_of(const Account& account, Moment now, std::chrono::milliseconds stale_after) {
    fleet::Source source{.provider = account.provider};
    if (account.as_of) source.as_of = std::chrono::floor<std::chrono::seconds>(*account.as_of);
    source.problem = stale_problem(account, now, stale_after);
    const bool holds = account.as_of || !account.rows->empty();
    if (source.problem) source.status = holds ? fleet::SourceStatus::stale : fleet::SourceStatus::unavailable;
    return source;
}

}  // namespace

Reader::Reader(Inventory& inventory, loop::Loop& loop)
    : inventory_(inventory),
      loop_(loop),
      change_(std::make_shared<loop::Event>(loop)),
      subscription_(inventory.subscribe([this] {
          if (waiting_.load() > 0) loop_.post([this] { wake(); });
      })) {}

Reader::~Reader() {
    inventory_.unsubscribe(subscription_);
}

const std::shared_ptr<const Snapshot>& Reader::now() {
    if (const auto version = inventory_.version(); version != version_) {
        version_ = version;
        snapshot_ = inventory_.snapshot();
    }
    return snapshot_;
}

void Reader::wake() {
    std::exchange(change_, std::make_shared<loop::Event>(loop_))->set();
}

void Reader::stop() {
    stopped_ = true;
    wake();
}

Task<bool> Reader::newer_than(std::shared_ptr<const Snapshot> seen, loop::Clock::time_point until,
                              std::stop_token stop) {
    struct Counted {
        std::atomic<std::size_t>& count;
        explicit Counted(std::atomic<std::size_t>& of) : count(of) { ++count; }
        ~Counted() { --count; }
    };
    const Counted counted(waiting_);  // before looking: what changes from now on wakes us
    while (now() == seen && !stopped_ && loop_.now() < until) {
        const auto change = change_;
        auto woken = co_await change->wait_until(until, stop);
        if (!woken || !*woken) break;
    }
    co_return now() != seen;
}

std::vector<fleet::Source> sources_of(const Snapshot& snapshot, const fleet::Fleet& fleet,
                                      const fleet::Filter& filter, Moment at,
                                      std::chrono::milliseconds stale_after) {
    std::vector<fleet::Source> sources;
    for (const auto& account : snapshot.accounts()) {
        if (filter.provider && account->provider != *filter.provider) continue;
        const auto* profile = fleet.profile(account->provider);
        auto& source = sources.emplace_back(fleet::Source{.provider = account->provider});
        if (!profile || !fleet.sells(filter, *profile))
            source.status = fleet::SourceStatus::unsupported;
        else
            source = source_of(*account, at, stale_after);
        if (snapshot.doubt() && !source.problem && source.status != fleet::SourceStatus::unsupported) {
            source.status = fleet::SourceStatus::stale;
            source.problem = snapshot.doubt();
        }
    }
    return sources;
}

}  // namespace bwgw::inventory
