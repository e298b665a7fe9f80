#include "gateway/inventory/inventory.h"

#include <algorithm>
#include <cstring>
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

// A sum, so that it does not depend on any order.
std::uint64_t content_of(const std::vector<RowPtr>& rows) {
    std::uint64_t content = 0;
    for (const auto& row : rows) {
        std::uint64_t part = 0;
        std::memcpy(&part, row->digest().data(), sizeof part);
        content += part;
    }
    return content;
}

}  // namespace

Inventory::Inventory(const std::vector<std::string>& providers, Render render) : render_(std::move(render)) {
    for (const auto& provider : providers) {
        auto& account = accounts_.emplace_back();
        account.provider = provider;
        account.show({.provider = provider});
    }
    publish();
}

// What a listing that began then says of this row is older than what is known.
bool Inventory::Known::overtaken(std::string_view id, Clock::time_point began) const {
    if (listed && began < *listed) return true;
    const auto seen = later.find(id);
    return seen != later.end() && seen->second > began;
}

Inventory::Changes Inventory::Known::whole(Clock::time_point began, const std::vector<RowPtr>& fresh,
                                           bool complete) {
    Changes changes;
    auto old = rows->begin();
    const auto drop_until = [&](const RowPtr* next) {
        for (; old != rows->end() && (!next || (*old)->id() < (*next)->id()); ++old)
            if (complete && !overtaken((*old)->id(), began)) changes.emplace((*old)->id(), nullptr);
    };
    for (const auto& row : fresh) {
        drop_until(&row);
        const bool known = old != rows->end() && (*old)->id() == row->id();
        if ((!known || *old != row) && !overtaken(row->id(), began)) changes.emplace(row->id(), row);
        if (known) ++old;
    }
    drop_until(nullptr);
    if (complete && (!listed || *listed < began)) {
        listed = began;
        std::erase_if(later, [&](const auto& seen) { return seen.second <= began; });
    }
    return changes;
}

Inventory::Changes Inventory::Known::part(const Query& query, Clock::time_point began,
                                          const std::vector<RowPtr>& fresh, bool complete) {
    Changes changes;
    for (const auto& row : fresh) {
        if (overtaken(row->id(), began)) continue;
        later.insert_or_assign(std::string(row->id()), began);
        if (inventory::find(*rows, row->id()) != row) changes.emplace(row->id(), row);
    }
    const auto absent = [&](const RowPtr& row) {
        if (!names(query, *row) || overtaken(row->id(), began) || inventory::find(fresh, row->id())) return;
        later.insert_or_assign(std::string(row->id()), began);
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
        if (old != rows->end() && (*old)->id() == id) ++old;
        if (row) next.push_back(row);
    }
    next.insert(next.end(), old, rows->end());
    rows = std::make_shared<const std::vector<RowPtr>>(std::move(next));
}

void Inventory::Known::show(Account next) {
    next.rows = rows;
    const bool unlisted =
        std::ranges::any_of(held, [&](const auto& one) { return !inventory::find(*rows, one.first); });
    if (unlisted) {
        std::vector<RowPtr> all = *rows;
        for (const auto& [id, row] : held) all.push_back(row);  // behind what is listed, which wins
        sort_by_id(all);
        next.rows = std::make_shared<const std::vector<RowPtr>>(std::move(all));
    }
    next.content = shown && shown->rows == next.rows ? shown->content : content_of(*next.rows);
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
        if (is_whole(query) && account.listed && sight.began < *account.listed) return;
        const auto changes = is_whole(query) ? account.whole(sight.began, fresh, listing.complete())
                                             : account.part(query, sight.began, fresh, listing.complete());
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
        if (account.listed && sight.began < *account.listed) return;
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

void Inventory::restore(const std::string& provider, std::optional<Sight> whole,
                        const std::vector<StoredRow>& stored) {
    Changes changes;
    for (const auto& one : stored) {
        auto row = one.json.empty() ? nullptr : Row::of(one.json);
        if (one.json.empty() || row) changes.insert_or_assign(one.id, std::move(row));
    }
    {
        const std::lock_guard lock(mutex_);
        auto& account = known(provider);
        std::erase_if(changes, [&](const auto& change) {
            const auto row = inventory::find(*account.rows, change.first);
            const bool same = change.second ? row && row->digest() == change.second->digest() : !row;
            return same || account.unsaved.contains(change.first) ||
                   (whole && account.overtaken(change.first, whole->began));
        });
        account.apply(changes);
        Account next = *account.shown;
        if (whole && (!next.as_of || *next.as_of < whole->at)) {
            next.as_of = whole->at;
            next.problem.reset();
        } else if (changes.empty()) {
            return;
        }
        account.show(std::move(next));
        publish();
    }
    tell();
}

std::vector<StoredRow> Inventory::take_changes(const std::string& provider) {
    Changes changes;
    {
        const std::lock_guard lock(mutex_);
        changes.swap(known(provider).unsaved);
    }
    std::vector<StoredRow> rows;
    rows.reserve(changes.size());
    for (const auto& [id, row] : changes) rows.push_back({id, std::string(row ? row->json() : "")});
    return rows;
}

void Inventory::give_back(const std::string& provider, const std::vector<StoredRow>& changes) {
    const std::lock_guard lock(mutex_);
    auto& account = known(provider);
    for (const auto& [id, json] : changes)
        account.unsaved.try_emplace(id, inventory::find(*account.rows, id));
}

std::size_t Inventory::size(const std::string& provider) const {
    const auto* account = snapshot()->account(provider);
    return account ? account->rows->size() : 0;
}

std::shared_ptr<const Snapshot> Inventory::snapshot() const {
    const std::lock_guard lock(snapshot_mutex_);
    return snapshot_;
}

void Inventory::publish() {
    std::vector<AccountPtr> shown;
    shown.reserve(accounts_.size());
    for (const auto& account : accounts_) shown.push_back(account.shown);
    auto next = std::make_shared<const Snapshot>(std::move(shown), doubt_);
    {
        const std::lock_guard lock(snapshot_mutex_);
        std::swap(snapshot_, next);
        version_.fetch_add(1);
    }
    if (next) retired_.push_back(std::move(next));
    std::erase_if(retired_, [](const auto& old) { return old.use_count() == 1; });
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
