#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/fleet/crosswalk.h"
#include "gateway/fleet/guards.h"
#include "gateway/fleet/health.h"
#include "providers/contract/provider.h"

namespace bwgw::fleet {

/// One bandwidth with whose it is.
struct Entry {
    std::string provider;
    Bandwidth bandwidth;

    std::string id() const { return BandwidthId{provider, bandwidth.ref}.text(); }
};

/// What a caller wants to see; every member narrows. Without `kind` the free default packages are left out.
struct Filter {
    std::optional<std::string> provider = {};
    std::optional<Kind> kind = {};
    std::optional<std::string> network_id = {};
    std::optional<std::string> region = {};  ///< either end, or the boost's region: a code or a metro
    std::optional<State> state = {};
    std::optional<std::string> name = {};
    std::optional<std::string> provider_resource_id = {};
};

enum class SourceStatus : std::uint8_t { fresh, stale, unavailable, unsupported };
std::string_view word(SourceStatus status) noexcept;

/// What one provider gave to an answer.
struct Source {
    std::string provider;
    SourceStatus status = SourceStatus::fresh;
    std::optional<Instant> as_of;
    std::optional<Failure> problem;
};

/// Every source that the filter left in was read whole.
bool complete(const std::vector<Source>& sources) noexcept;
/// At least one source that sells what was asked for was read, or there is none.
bool readable(const std::vector<Source>& sources) noexcept;

/// Told of every listing that was read, also in part, before whoever asked for it. Fails if it could not take
/// it in: so a live list says, and nobody else minds.
using Observe = std::function<Task<void>(
    std::string provider, Query query, std::chrono::steady_clock::time_point began, const Listing& listing)>;

/// One provider's answer to a wish.
struct Offer {
    std::string provider;
    Result<Price> price;
    Instant as_of;
};

/// The crosswalk with what providers report of their regions, and who did; complete if all who were asked.
struct Learned {
    Crosswalk crosswalk;
    std::vector<std::string> answered;
    bool complete = true;
};

/// Whether a question has a look of its own, or shares one with others of the same account.
enum class Look : std::uint8_t { own, shared };

/// The guards of all workers, and the loop of this one.
struct Guarding {
    const Guards& guards;  ///< outlives the fleet and its calls
    loop::Loop& loop;
};

/// All configured accounts as one. The policy that every vendor call obeys stands here once, above the
/// adapters: capability before any HTTP, breaker, deadline, retries of reads, health. One per worker;
/// accounts' health and guards are shared by all workers.
class Fleet {
public:
    Fleet(std::vector<std::unique_ptr<Provider>> providers, std::shared_ptr<const Crosswalk> crosswalk,
          std::shared_ptr<HealthBoard> health, std::optional<Guarding> guarding = {}, Observe observe = {});

    /// Configured order.
    std::vector<const Profile*> profiles() const;
    const Profile* profile(std::string_view provider) const;
    /// Not kept across a wait: `use` replaces it.
    const Crosswalk& crosswalk() const noexcept { return *crosswalk_; }
    void use(std::shared_ptr<const Crosswalk> crosswalk) { crosswalk_ = std::move(crosswalk); }
    const HealthBoard& health() const noexcept { return *health_; }
    /// Null where nobody is guarded.
    const Guards* guards() const noexcept { return guarding_ ? &guarding_->guards : nullptr; }

    /// Those of the named providers whose breaker refuses reads: why they are not asked.
    std::vector<Source> refused(const std::vector<std::string>& providers) const;
    /// Asks those of the named providers that the filter leaves in, side by side, for what it may leave in;
    /// the observer gets the rows. Who asks a provider for the same in the same turn of the loop shares its
    /// answer. Never fails; a silent provider is a source's problem.
    Task<std::vector<Source>> look(const RequestContext& context, Filter filter,
                                   std::vector<std::string> providers);
    /// Whether the filter leaves this provider in at all, and its product can answer it.
    bool sells(const Filter& filter, const Profile& profile) const noexcept;

    /// One bandwidth, asked of its provider. not-found only if a complete listing lacks it, or no such
    /// provider. Those who share stand in line for one look at a time, which begins after they asked: all who
    /// wait for the same network share it. `rate-limited` past kMostSearches. Needs guarding.
    Task<Entry> get(const RequestContext& context, BandwidthId id, Look look = Look::own);
    static constexpr std::size_t kMostSearches = 64;  ///< in line for one account

    /// Whether the provider sells this at all: unsupported, or not-found for an unknown provider. Before any
    /// call.
    Result<void> check(std::string_view provider, const Order& order) const;
    Result<void> check(const BandwidthId& id, Action action) const;
    Result<void> check(std::string_view provider, const Wish& wish) const;

    /// One account's own calls, for the write path. A write is sent exactly once.
    Task<Listing> list(const RequestContext& context, std::string provider, Query query);
    Task<Receipt> create(const RequestContext& context, std::string provider, Order order);
    Task<Receipt> change(const RequestContext& context, BandwidthId id, Change change);
    Task<Receipt> release(const RequestContext& context, BandwidthId id);
    Task<Price> quote(const RequestContext& context, std::string provider, Wish wish);

    /// The crosswalk, with what the providers that can say so report of their regions, `except` some.
    Task<Learned> regions(const RequestContext& context, std::vector<std::string> except = {});

private:
    struct Search;
    struct Seen {
        Listing listing;
        bool taken_in;  ///< by the observer
    };
    using SearchPtr = std::shared_ptr<Search>;
    using SeenPtr = std::shared_ptr<const Seen>;

    Provider* find(std::string_view provider) const;
    Task<Seen> see(const RequestContext& context, std::string provider, Query query);
    SearchPtr search_for(const RequestContext& context, std::string provider, Query query) const;
    Task<SeenPtr> ask_together(const RequestContext& context, std::string provider, Query query);
    Task<SeenPtr> stand_in_line(const RequestContext& context, std::string provider, Query query);
    Task<SeenPtr> wait_for(const RequestContext& context, SearchPtr search, loop::Clock::time_point until);
    Task<void> look_for(SearchPtr search);
    Task<void> look_for_all(std::string provider);
    Task<Source> look_at(const RequestContext& context, const Profile& profile, const Filter& filter);
    template <class T>
    Task<T> watched(const RequestContext& context, std::string provider, Verb verb,
                    std::function<Task<T>(const RequestContext&)> ask);

    std::vector<std::unique_ptr<Provider>> providers_;
    std::shared_ptr<const Crosswalk> crosswalk_;
    std::shared_ptr<HealthBoard> health_;
    std::optional<Guarding> guarding_;
    Observe observe_;
    std::map<std::pair<std::string, Query>, SearchPtr> gathering_;  ///< will begin once this turn is over
    std::map<std::string, std::deque<SearchPtr>> searches_;         ///< by provider; the first is under way
};

}  // namespace bwgw::fleet
