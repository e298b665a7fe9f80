#include "gateway/inventory/known.h"

#include <algorithm>
#include <cstring>

namespace bwgw::inventory {
namespace {

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

// By this process's own clock, as a wall clock may be set; but a sight that was stored and heard again is the
// same one.
bool is_later(const Sight& one, const Sight& other) {
    return one.at != other.at && one.began > other.began;
}

}  // namespace

bool is_whole(const Query& query) {
    return !query.product && !query.scope && query.native_ids.empty();
}

std::optional<Sight> Known::seen(std::string_view id) const {
    const auto mark = later.find(id);
    return mark != later.end() ? mark->second : listed;
}

// What a listing that began then says of this row is older than what is known.
bool Known::overtaken(std::string_view id, loop::Clock::time_point began) const {
    const auto last = seen(id);
    return last && last->began > began;
}

Changes Known::saw(const Query& query, Sight sight, std::span<const RowPtr> fresh, bool complete) {
    forget_oldest_gone();
    return is_whole(query) ? whole(sight, fresh, complete) : part(query, sight, fresh, complete);
}

Changes Known::whole(Sight sight, std::span<const RowPtr> fresh, bool complete) {
    Changes changes;
    const auto* old = rows->begin();
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

void Known::listed_whole(Sight sight) {
    listed = sight;
    std::erase_if(later, [&](const auto& mark) { return mark.second.began <= sight.began; });
}

Changes Known::part(const Query& query, Sight sight, std::span<const RowPtr> fresh, bool complete) {
    Changes changes;
    for (const auto& row : fresh) {
        if (overtaken(row->id(), sight.began)) continue;
        later.insert_or_assign(std::string(row->id()), sight);
        if (rows->find(row->id()) != row) changes.emplace(row->id(), row);
    }
    if (!complete) return changes;
    const auto absent = [&](std::string id) {
        if (overtaken(id, sight.began) || std::ranges::binary_search(fresh, id, {}, &Row::id)) return;
        if (rows->find(id)) changes.emplace(id, nullptr);
        later.insert_or_assign(std::move(id), sight);
    };
    if (query.product && query.scope && !query.native_ids.empty()) {  // also what is not known yet
        for (const auto& native_id : query.native_ids)
            absent(BandwidthId{provider, {*query.product, *query.scope, native_id}}.text());
    } else {
        for (const auto& row : *rows)
            if (names(query, *row)) absent(std::string(row->id()));
    }
    return changes;
}

// Each id that is asked of an account and unknown there leaves a mark. Half of them at once, so that it
// seldom costs anything.
void Known::forget_oldest_gone() {
    if (later.size() <= rows->size() + unsaved.size() + 2 * kMostGone) return;
    std::vector<decltype(later)::iterator> gone;
    for (auto mark = later.begin(); mark != later.end(); ++mark)
        if (!rows->find(mark->first) && !unsaved.contains(mark->first)) gone.push_back(mark);
    if (gone.size() <= kMostGone) return;
    const auto oldest_kept = gone.end() - kMostGone;
    std::ranges::nth_element(gone, oldest_kept, {}, [](auto mark) { return mark->second.began; });
    std::for_each(gone.begin(), oldest_kept, [&](auto mark) { later.erase(mark); });
}

Changes Known::heard(const ledger::StoredAccount& stored, const std::vector<RowPtr>& read, Sight now) {
    forget_oldest_gone();
    const auto sight_of = [&](Moment at) {
        const auto past = std::min(at, now.at);
        return Sight{now.began - (now.at - past), past};
    };
    std::optional<Sight> whole;
    if (stored.as_of && stored.whole && stored.as_of != heard_as_of) whole = sight_of(*stored.as_of);
    heard_as_of = stored.as_of;
    if (whole && listed && !is_later(*whole, *listed)) whole.reset();
    const auto& last_whole = whole ? whole : listed;
    Changes changes;
    for (std::size_t i = 0; i < read.size(); ++i) {
        const auto& one = stored.changes[i];
        const auto& row = read[i];
        if (!row && !one.json.empty()) continue;
        const RowPtr ours = rows->find(one.id);
        const bool same = ours && row ? ours->digest() == row->digest() : ours == row;
        const auto sight = sight_of(one.seen);
        if (const auto last = seen(one.id); last && is_later(*last, sight)) {
            if (!same) unsaved.try_emplace(one.id, ours);
            continue;
        }
        if (!last_whole || is_later(sight, *last_whole)) later.insert_or_assign(one.id, sight);
        unsaved.erase(one.id);
        if (!same) changes.insert_or_assign(one.id, row);
    }
    if (whole) listed_whole(*whole);
    return changes;
}

void Known::apply(const Changes& changes) {
    if (changes.empty()) return;
    std::vector<RowPtr> next;
    next.reserve(rows->size() + changes.size());
    const auto* old = rows->begin();
    for (const auto& [id, row] : changes) {
        for (; old != rows->end() && (*old)->id() < id; ++old) next.push_back(*old);
        if (old != rows->end() && (*old)->id() == id) content -= weight(**old++);
        if (!row) continue;
        content += weight(*row);
        next.push_back(row);
    }
    next.insert(next.end(), old, rows->end());
    rows = std::make_shared<const Rows>(std::move(next));
    fingerprint.reset();
}

// Publishes nothing yet.
void Known::show(Account next) {
    next.rows = rows;
    next.content = content;
    std::vector<RowPtr> unlisted;
    for (const auto& [id, row] : held) {
        if (rows->find(id)) continue;
        unlisted.push_back(row);
        next.content += weight(*row);
    }
    next.unlisted = Rows(std::move(unlisted));
    shown = std::make_shared<const Account>(std::move(next));
}

}  // namespace bwgw::inventory
