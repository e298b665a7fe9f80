#include "gateway/inventory/inventory.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "gateway/inventory/fingerprint.h"

namespace bwgw::inventory {
namespace {

constexpr std::size_t kMany = 10'000;

void sort_by_id(std::vector<RowPtr>& rows) {
    std::ranges::stable_sort(rows, {}, &Row::id);
    const auto twice = std::ranges::unique(rows, {}, &Row::id);
    rows.erase(twice.begin(), twice.end());
}

// A row whose text has not changed is the same row.
RowPtr row_of(const Rows& known, std::string_view id, std::string json) {
    const auto* row = known.find(id);
    return row && row->json() == json ? RowPtr(row) : Row::of(std::move(json));
}

std::string random_epoch() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

Inventory::Inventory(const std::vector<std::string>& providers, Render render)
    : render_(std::move(render)), epoch_(random_epoch()) {
    for (const auto& provider : providers) {
        auto& account = accounts_.emplace_back();
        account.provider = provider;
        account.show({.provider = provider});
    }
    publish();
}

Known& Inventory::known(const std::string& provider) {
    const auto account = std::ranges::find(accounts_, provider, &Known::provider);
    if (account == accounts_.end()) throw std::logic_error("no account is named " + provider);
    return *account;
}

RowsPtr Inventory::rows_of(const std::string& provider) {
    const std::lock_guard lock(mutex_);
    return known(provider).rows;
}

std::vector<RowPtr> Inventory::rendered(const Rows& known, const std::string& provider,
                                        const std::vector<Bandwidth>& items) const {
    std::vector<RowPtr> rows;
    rows.reserve(items.size());
    for (const auto& item : items) {
        auto row = row_of(known, BandwidthId{provider, item.ref}.text(), render_(provider, item));
        if (row) rows.push_back(std::move(row));
    }
    sort_by_id(rows);
    return rows;
}

void Inventory::saw(const std::string& provider, const Query& query, Sight sight, const Listing& listing) {
    const bool whole = is_whole(query);
    std::optional<std::uint64_t> fingerprint;
    if (whole && listing.complete()) fingerprint = fingerprint_of(listing.items, renderings_);
    RowsPtr before;
    bool alike = false;
    {
        const std::lock_guard lock(mutex_);
        const auto& account = known(provider);
        before = account.rows;
        alike = fingerprint && fingerprint == account.fingerprint;
    }
    std::vector<RowPtr> read;
    if (!alike) read = rendered(*before, provider, listing.items);
    const std::span<const RowPtr> fresh = alike ? std::span(before->begin(), before->end()) : std::span(read);
    read_since_sweep_ += listing.items.size();
    {
        const std::lock_guard lock(mutex_);
        auto& account = known(provider);
        if (whole && account.listed && sight.began < account.listed->began) return;
        auto changes = account.saw(query, sight, fresh, listing.complete());
        if (changes.empty() && !whole) return;
        account.apply(changes);
        if (fingerprint && std::ranges::equal(*account.rows, fresh)) account.fingerprint = fingerprint;
        changes.merge(account.unsaved);
        account.unsaved.swap(changes);  // and what is left was overtaken
        Account next = *account.shown;
        if (whole) {
            next.tried = sight.at;
            next.problem = listing.problem;
            if (listing.complete()) next.as_of = sight.at;
        }
        account.show(std::move(next));
        publish();
    }
    tell();
}

void Inventory::failed(const std::string& provider, Sight sight, Failure problem) {
    {
        const std::lock_guard lock(mutex_);
        auto& account = known(provider);
        if (account.listed && sight.began < account.listed->began) return;
        Account next = *account.shown;
        next.tried = sight.at;
        next.problem = std::move(problem);
        account.show(std::move(next));
        publish();
    }
    tell();
}

void Inventory::hold(const std::vector<fleet::Entry>& purchases, std::optional<Failure> doubt) {
    std::map<std::string, Changes, std::less<>> held;
    for (const auto& purchase : purchases)
        if (auto row = Row::of(render_(purchase.provider, purchase.bandwidth)))
            held[purchase.provider].emplace(row->id(), std::move(row));
    const auto same = [](const auto& one, const auto& other) {
        return one.first == other.first && one.second->digest() == other.second->digest();
    };
    bool changed = false;
    {
        const std::lock_guard lock(mutex_);
        for (auto& account : accounts_) {
            auto& now = held[account.provider];
            if (std::ranges::equal(account.held, now, same)) continue;
            account.held = std::move(now);
            account.show(*account.shown);
            changed = true;
        }
        changed = changed || doubt.has_value() != doubt_.has_value();
        doubt_ = std::move(doubt);
        if (changed) publish();
    }
    if (changed) tell();
}

void Inventory::restore(const std::string& provider, const ledger::StoredAccount& stored, Sight now) {
    const auto shown = rows_of(provider);
    std::vector<RowPtr> read;
    read.reserve(stored.changes.size());
    read_since_sweep_ += stored.changes.size();
    for (const auto& one : stored.changes)
        read.push_back(one.json.empty() ? nullptr : row_of(*shown, one.id, one.json));
    {
        const std::lock_guard lock(mutex_);
        auto& account = known(provider);
        const auto before = account.listed;
        const auto changes = account.heard(stored, read, now);
        const bool newer = account.listed && (!before || before->at != account.listed->at);
        if (!newer && changes.empty()) return;
        account.apply(changes);
        Account next = *account.shown;
        if (newer) {
            next.as_of = account.listed->at;
            next.problem.reset();
        }
        account.show(std::move(next));
        publish();
    }
    tell();
}

std::vector<StoredRow> Inventory::take_changes(const std::string& provider) {
    std::vector<StoredRow> rows;
    const std::lock_guard lock(mutex_);
    auto& account = known(provider);
    rows.reserve(account.unsaved.size());
    for (const auto& [id, row] : account.unsaved)
        rows.push_back({id, std::string(row ? row->json() : ""), account.seen(id).value().at});
    account.unsaved.clear();
    return rows;
}

void Inventory::store_anew(const std::string& provider) {
    const std::lock_guard lock(mutex_);
    auto& account = known(provider);
    for (const auto& row : *account.rows) account.unsaved.try_emplace(std::string(row->id()), row);
}

void Inventory::give_back(const std::string& provider, const std::vector<StoredRow>& changes) {
    const std::lock_guard lock(mutex_);
    auto& account = known(provider);
    for (const auto& change : changes)
        if (account.seen(change.id)) account.unsaved.try_emplace(change.id, account.rows->find(change.id));
}

std::size_t Inventory::size(const std::string& provider) const {
    const auto* account = snapshot()->account(provider);
    return account ? account->rows->size() : 0;
}

std::shared_ptr<const Snapshot> Inventory::snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
}

std::shared_ptr<const Snapshot> Inventory::named(std::string_view name) const {
    const std::lock_guard lock(snapshot_mutex_);
    if (snapshot_->name() == name) return snapshot_;
    const auto found = std::ranges::find_if(
        retired_, [&](const Retired& retired) { return retired.snapshot->name() == name; });
    return found != retired_.end() ? found->snapshot : nullptr;
}

void Inventory::sweep() {
    free_unused();
    // What a large listing went through lies between the rows that stay: glibc gives it back when told.
    if (read_since_sweep_.exchange(0) >= kMany) malloc_trim(0);
}

void Inventory::free_unused() {
    std::vector<std::shared_ptr<const Snapshot>> unused;  // freed once the lock is
    const auto now = Clock::now();
    std::size_t kept = 0;
    const std::lock_guard lock(snapshot_mutex_);
    std::erase_if(retired_, [&](Retired& retired) {
        const auto& snapshot = retired.snapshot;
        if (snapshot->is_kept() && now - retired.since < kKeptFor && kept++ < kMostKept) return false;
        if (snapshot.use_count() > 1) return false;
        unused.push_back(std::move(retired.snapshot));
        return true;
    });
}

void Inventory::publish() {
    std::vector<AccountPtr> shown;
    shown.reserve(accounts_.size());
    for (const auto& account : accounts_) shown.push_back(account.shown);
    const std::lock_guard lock(snapshot_mutex_);
    auto next = std::make_shared<const Snapshot>(fmt::format("{}-{}", epoch_, version_.load()),
                                                 std::move(shown), doubt_);
    std::swap(snapshot_, next);
    version_.fetch_add(1);
    if (next) retired_.push_front({std::move(next), Clock::now()});
}

Inventory::Subscription Inventory::subscribe(std::function<void()> changed) {
    const std::lock_guard lock(subscribers_mutex_);
    subscribers_.emplace(++last_subscription_, std::move(changed));
    return last_subscription_;
}

void Inventory::unsubscribe(Subscription subscription) {
    const std::lock_guard lock(subscribers_mutex_);
    subscribers_.erase(subscription);
}

void Inventory::tell() {
    const std::lock_guard lock(subscribers_mutex_);
    for (const auto& [subscription, changed] : subscribers_) changed();
}

}  // namespace bwgw::inventory
