#include "gateway/inventory/refresher.h"

#include <algorithm>

namespace bwgw::inventory {
namespace {

using namespace std::chrono_literals;

constexpr auto kShareEvery = 1s;   // what another gateway knows is known here after that
constexpr auto kDeafMost = 30min;  // well below what the store remembers of what is gone
constexpr int kRest = 4;           // times as long as a reading took: it has a fifth of the vendor's limit
constexpr double kJitter = 0.1;    // of the interval, either way
constexpr std::size_t kInline = 1000;  // rows: a few milliseconds of a worker

Sight sight_of(const loop::Loop& loop, loop::Clock::time_point began) {
    const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - began);
    return {began, std::chrono::floor<std::chrono::milliseconds>(loop.wall()) - ago};
}

}  // namespace

struct Refresher::Account {
    Account(std::string name, loop::Loop& loop)
        : provider(std::move(name)), wanted_event(std::make_unique<loop::Event>(loop)) {}

    const std::string provider;
    std::unique_ptr<loop::Event> wanted_event;
    bool wanted = true;
    loop::Clock::time_point due{};
    std::chrono::milliseconds interval{0};
    std::optional<loop::Clock::time_point> leads_until;
    loop::Clock::time_point ask_again{};  // for the lead
    std::int64_t version = 0;             // of what is stored
    loop::Clock::time_point heard{};      // when the store was last read
    std::optional<Moment> unsaved_as_of;
    std::atomic<std::uint64_t> whole = 0, partial = 0, failed = 0;
};

Refresher::Refresher(loop::Loop& loop, loop::Pool& pool, fleet::Fleet& fleet, Inventory& inventory,
                     ledger::InventoryStore& store, std::string owner, RefreshPace pace)
    : loop_(loop),
      pool_(pool),
      fleet_(fleet),
      inventory_(inventory),
      store_(store),
      owner_(std::move(owner)),
      pace_(pace) {
    for (const auto* profile : fleet_.profiles())
        if (profile->can(Action::list)) accounts_.push_back(std::make_unique<Account>(profile->name, loop));
}

Refresher::~Refresher() = default;

Moment Refresher::wall() const {
    return std::chrono::floor<std::chrono::milliseconds>(loop_.wall());
}

Result<void> Refresher::restore() {
    for (const auto& account : accounts_) {
        auto stored = store_.load(account->provider, 0);
        if (!stored) return std::move(stored).failure();
        account->version = stored->version;
        account->heard = loop_.now();
        take_in(*account, *stored);
    }
    return {};
}

void Refresher::take_in(const Account& account, const ledger::StoredAccount& stored) {
    std::optional<Sight> whole;
    if (stored.as_of) whole = Sight{loop_.now() - std::max(wall() - *stored.as_of, 0ms), *stored.as_of};
    inventory_.restore(account.provider, whole, stored.changes);
}

void Refresher::start() {
    for (auto& account : accounts_) loop_.spawn(keep(*account));
}

void Refresher::stop() {
    stopping_.request_stop();
}

void Refresher::want(const std::string& provider) {
    loop_.post([this, provider] {
        const auto found = std::ranges::find_if(
            accounts_, [&](const auto& account) { return account->provider == provider; });
        if (found == accounts_.end()) return;
        (*found)->wanted = true;
        (*found)->wanted_event->set();
    });
}

std::vector<RefreshCount> Refresher::counts() const {
    std::vector<RefreshCount> counts;
    for (const auto& account : accounts_)
        counts.push_back({account->provider, account->whole, account->partial, account->failed});
    return counts;
}

Task<void> Refresher::keep(Account& account) {
    for (;;) {
        auto leading = co_await leads(account);
        const bool leader = leading && *leading;
        if (account.wanted || (leader && loop_.now() >= account.due)) {
            account.wanted = false;
            account.wanted_event = std::make_unique<loop::Event>(loop_);
            (void)co_await refresh(account);
        }
        (void)co_await share(account);
        const auto next = loop_.now() + kShareEvery;
        (void)co_await account.wanted_event->wait_until(leader ? std::min(next, account.due) : next,
                                                        stopping_.get_token());
        if (stopping_.stop_requested()) co_return Result<void>{};
    }
}

// A store that cannot be asked does not keep anybody from reading vendors.
Task<bool> Refresher::leads(Account& account) {
    if (loop_.now() < account.ask_again) co_return account.leads_until&& loop_.now() < *account.leads_until;
    const auto until = loop_.now() + pace_.lease;
    auto led = co_await loop::blocking(
        loop_, pool_, [&] { return store_.lead(account.provider, owner_, wall(), wall() + pace_.lease); });
    account.ask_again = loop_.now() + pace_.lease / 3;
    account.leads_until.reset();
    if (!led || *led) account.leads_until = until;
    co_return !led || *led;
}

Task<void> Refresher::refresh(Account& account) {
    const auto began = loop_.now();
    const auto content = inventory_.snapshot()->account(account.provider)->content;
    const RequestContext context{{began + pace_.deadline}, {"refresh", ""}, {}, stopping_.get_token()};
    auto listing = co_await fleet_.list(context, account.provider, {});
    if (stopping_.stop_requested()) co_return Result<void>{};
    if (!listing) inventory_.failed(account.provider, sight_of(loop_, began), listing.failure());
    ++(!listing ? account.failed : listing->problem ? account.partial : account.whole);
    if (listing && listing->complete()) account.unsaved_as_of = sight_of(loop_, began).at;

    const bool changed = inventory_.snapshot()->account(account.provider)->content != content;
    const bool calm = account.interval.count() > 0 && !changed;
    account.interval =
        std::clamp(calm ? account.interval * 3 / 2 : account.interval / 2, pace_.least, pace_.most);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(loop_.now() - began);
    const double jitter = std::uniform_real_distribution(1 - kJitter, 1 + kJitter)(random_);
    account.due = loop_.now() + std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::max(account.interval, took * kRest) * jitter);
    co_return Result<void>{};
}

Task<void> Refresher::share(Account& account) {
    auto changes = inventory_.take_changes(account.provider);
    if (!changes.empty() || account.unsaved_as_of) {
        const auto as_of = account.unsaved_as_of;
        auto saved = co_await loop::blocking(
            loop_, pool_, [&] { return store_.save(account.provider, as_of, changes, wall()); });
        if (!saved) {
            inventory_.give_back(account.provider, changes);
            co_return std::move(saved);
        }
        account.unsaved_as_of.reset();
    }
    auto stored = co_await loop::blocking(loop_, pool_, [&] {
        auto loaded = store_.load(account.provider, account.version);
        if (loaded) take_in(account, *loaded);
        return loaded;
    });
    if (!stored) co_return std::move(stored).failure();
    account.version = stored->version;
    // Of what went meanwhile the store may have forgotten by now.
    if (loop_.now() - std::exchange(account.heard, loop_.now()) > kDeafMost) account.wanted = true;
    co_return Result<void>{};
}

fleet::Observe feeding(Inventory& inventory, loop::Loop& loop, loop::Pool& pool) {
    return [&](std::string provider, Query query, loop::Clock::time_point began,
               const Listing& listing) -> Task<void> {
        const auto see = [&]() -> Result<void> {
            inventory.saw(provider, query, sight_of(loop, began), listing);
            return {};
        };
        if (inventory.size(provider) + listing.items.size() <= kInline) co_return see();
        co_return co_await loop::blocking(loop, pool, see);
    };
}

}  // namespace bwgw::inventory
