#include "gateway/inventory/refresher.h"

#include <algorithm>

namespace bwgw::inventory {
namespace {

using namespace std::chrono_literals;

constexpr auto kShareEvery = 1s;  // what another gateway knows is known here after that
constexpr auto kDeafMost = ledger::InventoryStore::kTellOfGone / 2;
constexpr int kRest = 4;         // times as long as a reading took: it has a fifth of the vendor's limit
constexpr double kJitter = 0.1;  // of the interval, either way
constexpr std::size_t kInline = 1000;  // rows: a few milliseconds of a worker

Moment wall(const loop::Loop& loop) {
    return std::chrono::floor<std::chrono::milliseconds>(loop.wall());
}

Sight sight_of(const loop::Loop& loop, loop::Clock::time_point began) {
    return {began, wall(loop) - std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - began)};
}

}  // namespace

struct Refresher::Account {
    Account(std::string name, loop::Loop& loop)
        : provider(std::move(name)), wake(std::make_unique<loop::Event>(loop)) {}

    const std::string provider;
    std::unique_ptr<loop::Event> wake;  // there may be something to read
    bool wanted = false;
    loop::Clock::time_point due{};
    loop::Clock::time_point earliest{};  // for due, while something is on its way
    std::chrono::milliseconds interval{0};
    loop::Clock::time_point leads_until{};
    loop::Clock::time_point ask_again{};   // for the lead
    ledger::Lead lead;                     // as it was last seen …
    loop::Clock::time_point lead_since{};  // … and first
    std::int64_t version = 0;              // of what was last loaded
    loop::Clock::time_point heard{};       // … and when
    std::optional<Moment> reading;         // its begin, while it lasts
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

Result<void> Refresher::restore() {
    for (const auto& account : accounts_) {
        auto stored = store_.load(account->provider, 0);
        if (!stored) return std::move(stored).failure();
        account->version = stored->version;
        account->heard = loop_.now();
        inventory_.restore(account->provider, *stored, sight_of(loop_, loop_.now()));
    }
    return {};
}

void Refresher::start() {
    for (auto& account : accounts_) {
        account->heard = loop_.now();
        loop_.spawn(keep(*account));
        loop_.spawn(share(*account));
    }
}

void Refresher::stop() {
    stopping_.request_stop();
}

void Refresher::want(const std::string& provider, Moment since) {
    loop_.post([this, provider, since] {
        const auto found = std::ranges::find_if(
            accounts_, [&](const auto& account) { return account->provider == provider; });
        if (found == accounts_.end()) return;
        const auto snapshot = inventory_.snapshot();
        const auto& shown = *snapshot->account(provider);
        for (const auto& begun : {(*found)->reading, shown.as_of})
            if (begun && *begun >= since) return;
        if (shown.problem && shown.tried && *shown.tried > wall(loop_) - kTryAgain) return;
        (*found)->wanted = true;
        (*found)->wake->set();
    });
}

std::vector<RefreshCount> Refresher::counts() const {
    std::vector<RefreshCount> counts;
    for (const auto& account : accounts_)
        counts.push_back({account->provider, account->whole, account->partial, account->failed});
    return counts;
}

Task<void> Refresher::keep(Account& account) {
    while (!stopping_.stop_requested()) {
        account.wake = std::make_unique<loop::Event>(loop_);
        const bool leads = loop_.now() < account.leads_until;
        if (account.wanted || (leads && loop_.now() >= account.due)) {
            account.wanted = false;
            account.reading = wall(loop_);
            (void)co_await refresh(account);
            account.reading.reset();
        } else {
            const auto next = leads ? account.due : loop_.now() + pace_.most;
            (void)co_await account.wake->wait_until(next, stopping_.get_token());
        }
    }
    co_return Result<void>{};
}

// Beside the reading, which may take long.
Task<void> Refresher::share(Account& account) {
    for (bool slept = true; slept;) {
        auto leads = co_await lead(account);
        if (leads && *leads) account.wake->set();
        (void)co_await save(account);
        (void)co_await load(account);
        hasten(account);
        const auto next = loop_.now() + std::min<std::chrono::milliseconds>(kShareEvery, pace_.lease / 3);
        auto again = co_await loop::sleep_until(loop_, next, stopping_.get_token());
        slept = again && *again;
    }
    (void)co_await save(account);
    co_return co_await let_lead(account);
}

// Another may take it over at once.
Task<void> Refresher::let_lead(Account& account) {
    const auto past = wall(loop_) - 1ms;
    co_return co_await loop::blocking(loop_, pool_, [&]() -> Result<void> {
        auto led = store_.lead(account.provider, owner_, past, past, {});
        return led ? Result<void>() : std::move(led).failure();
    });
}

// A lead ends when it has passed, or was not renewed for one lease by our own steady clock: a dead leader
// whose clock was fast holds nobody up. A store that cannot be asked does not keep anybody from reading
// vendors.
Task<bool> Refresher::lead(Account& account) {
    const auto began = loop_.now();
    if (began < account.ask_again) co_return false;
    const auto at = wall(loop_);
    const auto silent = began - account.lead_since > pace_.lease ? account.lead : ledger::Lead{};
    auto led = co_await loop::blocking(
        loop_, pool_, [&] { return store_.lead(account.provider, owner_, at, at + pace_.lease, silent); });
    if (led && *led != account.lead) {
        account.lead = *led;
        account.lead_since = loop_.now();
    }
    const bool before = began < account.leads_until;
    const bool leads = !led || led->owner == owner_;
    account.ask_again = leads ? began + pace_.lease / 3 : began;  // who follows asks whenever it shares
    account.leads_until = leads ? began + pace_.lease : began;
    co_return !before && began < account.leads_until;
}

Task<void> Refresher::refresh(Account& account) {
    const auto began = loop_.now();
    const auto content = inventory_.snapshot()->account(account.provider)->content;
    const RequestContext context{{began + pace_.deadline}, {"refresh", ""}, {}, stopping_.get_token(), true};
    auto listing = co_await fleet_.list(context, account.provider, {});
    if (stopping_.stop_requested()) co_return Result<void>{};
    if (!listing) inventory_.failed(account.provider, sight_of(loop_, began), listing.failure());
    ++(!listing ? account.failed : listing->problem ? account.partial : account.whole);
    const auto seen = inventory_.snapshot();
    const auto& shown = *seen->account(account.provider);
    if (listing && listing->complete()) account.unsaved_as_of = shown.as_of;

    const bool calm = account.interval.count() > 0 && shown.content == content;
    account.interval =
        std::clamp(calm ? account.interval * 3 / 2 : account.interval / 2, pace_.least, pace_.most);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(loop_.now() - began);
    const double jitter = std::uniform_real_distribution(1 - kJitter, 1 + kJitter)(random_);
    const auto after = [&](std::chrono::milliseconds interval) {
        return loop_.now() + std::chrono::duration_cast<std::chrono::milliseconds>(
                                 std::max(interval, took * kRest) * jitter);
    };
    account.earliest = after(pace_.least);
    account.due = after(account.interval);
    if (listing || loop_.now() >= account.leads_until) co_return Result<void>{};
    // It may be this gateway's way to the vendor that is cut, and others ask whenever they share. Alone, it
    // leads again when it would read again.
    account.leads_until = loop_.now();
    account.ask_again = std::max(account.due, after(2 * kShareEvery));
    co_return co_await let_lead(account);
}

// What is on its way at the vendor will soon be something else.
void Refresher::hasten(Account& account) {
    if (account.due <= account.earliest) return;
    const auto snapshot = inventory_.snapshot();
    const auto moves = [](const RowPtr& row) {
        return row->state() == State::creating || row->state() == State::updating ||
               row->state() == State::deleting;
    };
    if (std::ranges::none_of(*snapshot->account(account.provider)->rows, moves)) return;
    account.due = account.earliest;
    account.wake->set();
}

Task<void> Refresher::save(Account& account) {
    const auto as_of = account.unsaved_as_of;
    const auto changes = inventory_.take_changes(account.provider);
    if (changes.empty() && !as_of) co_return Result<void>{};
    auto saved = co_await loop::blocking(
        loop_, pool_, [&, now = wall(loop_)] { return store_.save(account.provider, as_of, changes, now); });
    if (!saved)
        inventory_.give_back(account.provider, changes);
    else if (!*saved)
        inventory_.store_anew(account.provider);
    else if (account.unsaved_as_of == as_of)
        account.unsaved_as_of.reset();
    co_return Result<void>{};
}

Task<void> Refresher::load(Account& account) {
    const auto now = sight_of(loop_, loop_.now());
    auto stored = co_await loop::blocking(loop_, pool_, [&] {
        inventory_.sweep();
        auto loaded = store_.load(account.provider, account.version);
        if (loaded && loaded->version < account.version) inventory_.store_anew(account.provider);
        if (loaded) inventory_.restore(account.provider, *loaded, now);
        return loaded;
    });
    if (!stored) co_return std::move(stored).failure();
    account.version = stored->version;
    // Of what went meanwhile the store may have forgotten by now.
    if (loop_.now() - std::exchange(account.heard, loop_.now()) > kDeafMost) want(account.provider, now.at);
    co_return Result<void>{};
}

fleet::Observe feeding(Inventory& inventory, loop::Loop& loop, loop::Pool& pool) {
    return [&](std::string provider, Query query, loop::Clock::time_point began,
               const Listing& listing) -> Task<void> {
        const auto see = [&, sight = sight_of(loop, began)]() -> Result<void> {
            inventory.saw(provider, query, sight, listing);
            return {};
        };
        if (inventory.size(provider) + listing.items.size() <= kInline) co_return see();
        co_return co_await loop::blocking(loop, pool, see);
    };
}

}  // namespace bwgw::inventory
