#include "gateway/inventory/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <stdexcept>

namespace bwgw::inventory {
namespace {

std::string_view id_of(const RowPtr& row) noexcept {
    return row->id();
}

void sort_by_id(std::vector<RowPtr>& rows) {
    std::ranges::stable_sort(rows, {}, id_of);
    const auto twice = std::ranges::unique(rows, {}, id_of);
    rows.erase(twice.begin(), twice.end());
}

bool is_whole(const Query& query) {
    return !query.product && !query.scope && query.native_ids.empty();
}

bool names(const Query& query, const Row& row) {
    if (query.product && row.product() != *query.product) return false;
    if (query.scope && row.scope() != *query.scope) return false;
    return query.native_ids.empty() ||
           std::ranges::find(query.native_ids, row.native_id()) != query.native_ids.end();
}

// What a row adds to its account's content: a sum, so that it does not depend on any order.
std::uint64_t weight(const Row& row) {
    std::uint64_t part = 0;
    std::memcpy(&part, row.digest().data(), sizeof part);
    return part;
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

std::optional<Sight> Inventory::Known::seen(std::string_view id) const {
    const auto mark = later.find(id);
    return mark != later.end() ? mark->second : listed;
}

// What a listing that began then says of this row is older than what is known.
bool Inventory::Known::overtaken(std::string_view id, Clock::time_point began) const {
    const auto last = seen(id);
    return last && last->began > began;
}

Inventory::Changes Inventory::Known::whole(Sight sight, const std::vector<RowPtr>& fresh, bool complete) {
    Changes changes;
    auto old = rows->begin();
    const auto drop_until = [&](const RowPtr* next) {
        for (; old != rows->end() && (!next || (*old)->id() < (*next)->id()); ++old)
            if (complete && !overtaken((*old)->id(), sight.began)) changes.emplace((*old)->id(), nullptr);
    };
    for (const auto& row : fresh) {
        drop_until(&row);
        const bool known = old != rows->end() && (*old)->id() == row->id();
        const bool same = known && *old == row;
        if (known) ++old;
        if (overtaken(row->id(), sight.began)) continue;
        if (!complete) later.insert_or_assign(std::string(row->id()), sight);
        if (!same) changes.emplace(row->id(), row);
    }
    drop_until(nullptr);
    if (complete) listed_whole(sight);
    return changes;
}

void Inventory::Known::listed_whole(Sight sight) {
    listed = sight;
    std::erase_if(later, [&](const auto& mark) { return mark.second.began <= sight.began; });
}

Inventory::Changes Inventory::Known::part(const Query& query, Sight sight, const std::vector<RowPtr>& fresh,
                                          bool complete) {
    Changes changes;
    for (const auto& row : fresh) {
        if (overtaken(row->id(), sight.began)) continue;
        later.insert_or_assign(std::string(row->id()), sight);
        if (inventory::find(*rows, row->id()) != row) changes.emplace(row->id(), row);
    }
    const auto absent = [&](const RowPtr& row) {
        if (!names(query, *row) || overtaken(row->id(), sight.began) || inventory::find(fresh, row->id()))
            return;
        later.insert_or_assign(std::string(row->id()), sight);
        changes.emplace(row->id(), nullptr);
    };
    if (complete && query.product && query.scope && !query.native_ids.empty()) {
        for (const auto& native_id : query.native_ids)
            if (const auto row = inventory::find(
                    *rows, BandwidthId{provider, {*query.product, *query.scope, native_id}}.text()))
                absent(row);
    } else if (complete) {
        std::ranges::for_each(*rows, absent);
    }
    return changes;
}

void Inventory::Known::apply(const Changes& changes) {
    if (changes.empty()) return;
    std::vector<RowPtr> next;
    next.reserve(rows->size() + changes.size());
    auto old = rows->begin();
    for (const auto& [id, row] : changes) {
        for (; old != rows->end() && (*old)->id() < id; ++old) next.push_back(*old);
        if (old != rows->end() && (*old)->id() == id) content -= weight(**old++);
        if (!row) continue;
        content += weight(*row);
        next.push_back(row);
    }
    next.insert(next.end(), old, rows->end());
    rows = std::make_shared<const std::vector<RowPtr>>(std::move(next));
}

// Publishes nothing yet.
void Inventory::Known::show(Account next) {
    next.rows = rows;
    next.content = content;
    next.unlisted.clear();
    for (const auto& [id, row] : held) {
        if (inventory::find(*rows, id)) continue;
        next.unlisted.push_back(row);
        next.content += weight(*row);
    }
    shown = std::make_shared<const Account>(std::move(next));
}

Inventory::Known& Inventory::known(const std::string& provider) {
    const auto account = std::ranges::find(accounts_, provider, &Known::provider);
    if (account == accounts_.end()) throw std::logic_error("no account is named " + provider);
    return *account;
}

// A row whose text has not changed is the same row.
std::vector<RowPtr> Inventory::rendered(const Rows& known, const std::string& provider,
                                        const std::vector<Bandwidth>& items) const {
    std::vector<RowPtr> rows;
    rows.reserve(items.size());
    for (const auto& item : items) {
        auto json = render_(provider, item);
        auto row = inventory::find(*known, BandwidthId{provider, item.ref}.text());
        if (!row || row->json() != json) row = Row::of(std::move(json));
        if (row) rows.push_back(std::move(row));
    }
    sort_by_id(rows);
    return rows;
}

void Inventory::saw(const std::string& provider, const Query& query, Sight sight, const Listing& listing) {
    Rows before;
    {
        const std::lock_guard lock(mutex_);
        before = known(provider).rows;
    }
    const auto fresh = rendered(before, provider, listing.items);
    {
        const std::lock_guard lock(mutex_);
        auto& account = known(provider);
        if (is_whole(query) && account.listed && sight.began < account.listed->began) return;
        const auto changes = is_whole(query) ? account.whole(sight, fresh, listing.complete())
                                             : account.part(query, sight, fresh, listing.complete());
        if (changes.empty() && !is_whole(query)) return;
        account.apply(changes);
        for (const auto& [id, row] : changes) account.unsaved.insert_or_assign(id, row);
        Account next = *account.shown;
        if (is_whole(query)) {
            next.tried = sight.at;
            next.problem = listing.problem;
            if (listing.complete() || !next.as_of) next.as_of = sight.at;
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
    const auto sight_of = [&](Moment at) {
        return Sight{now.began - std::max(now.at - at, std::chrono::milliseconds(0)), at};
    };
    std::vector<RowPtr> read;
    read.reserve(stored.changes.size());
    for (const auto& one : stored.changes) read.push_back(one.json.empty() ? nullptr : Row::of(one.json));
    {
        const std::lock_guard lock(mutex_);
        auto& account = known(provider);
        Changes changes;
        for (std::size_t i = 0; i < read.size(); ++i) {
            const auto& one = stored.changes[i];
            if (!read[i] && !one.json.empty()) continue;
            const auto ours = inventory::find(*account.rows, one.id);
            const bool same = ours && read[i] ? ours->digest() == read[i]->digest() : ours == read[i];
            if (const auto seen = account.seen(one.id); seen && seen->at > one.seen) {
                if (!same) account.unsaved.try_emplace(one.id, ours);
                continue;
            }
            if (!stored.as_of || *stored.as_of < one.seen)
                account.later.insert_or_assign(one.id, sight_of(one.seen));
            account.unsaved.erase(one.id);
            if (!same) changes.insert_or_assign(one.id, read[i]);
        }
        account.apply(changes);
        const bool newer = stored.as_of && (!account.listed || account.listed->at < *stored.as_of);
        if (newer) account.listed_whole(sight_of(*stored.as_of));
        if (!newer && changes.empty()) return;
        Account next = *account.shown;
        if (newer) {
            next.as_of = stored.as_of;
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

void Inventory::give_back(const std::string& provider, const std::vector<StoredRow>& changes) {
    const std::lock_guard lock(mutex_);
    auto& account = known(provider);
    for (const auto& change : changes)
        account.unsaved.try_emplace(change.id, inventory::find(*account.rows, change.id));
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
