#include "providers/translation/paging.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace bwgw::translation {
namespace {

Failure contradiction(std::string detail) {
    return {.slug = Slug::provider_contract_violation, .detail = std::move(detail), .retryable = true};
}

// What one pass from the first page to the last has seen.
struct Pass {
    std::int64_t rows = 0;
    int pages_with_rows = 0;
    std::vector<std::string> ids;  // as they came
    std::optional<std::int64_t> total;
    bool total_moved = false;

    void add(const Page& page) {
        if (rows > 0 && page.ids.empty())
            return;  // what a vendor counts behind the end is not the list's total
        if (rows > 0 && page.total != total) total_moved = true;
        total = page.total;
        rows += static_cast<std::int64_t>(page.ids.size());
        if (!page.ids.empty()) ++pages_with_rows;
        ids.insert(ids.end(), page.ids.begin(), page.ids.end());
    }

    // A full page is never taken for the last on the word of the total: a vendor that counts the rows of the
    // page would hide all others.
    bool ended_by(const Page& page, std::size_t page_size) const {
        if (page.ids.empty()) return true;
        if (page.ids.size() >= page_size) return false;
        return !page.total || rows >= *page.total;
    }

    bool contradicts_itself() const {
        const std::unordered_set<std::string_view> distinct(ids.begin(), ids.end());
        return total && !total_moved && static_cast<std::int64_t>(distinct.size()) > *total;
    }
};

// The distinct rows of all passes since the vendor's count last moved.
struct Seen {
    Listing listing;
    std::unordered_map<std::string, bool> ids;  // whether its row is kept
    std::optional<std::int64_t> total;
    std::size_t before = 0;          // distinct ids when this pass began
    std::vector<std::string> order;  // of the ids in the pass before

    void add(Page page) {
        if (listing.items.empty()) listing.items.reserve(page.rows.size());
        for (auto& row : page.rows)
            if (!std::exchange(ids[row.ref.native_id], true)) listing.items.push_back(std::move(row));
        for (const auto& id : page.ids) ids.try_emplace(id, false);
        if (page.problem && !listing.problem) listing.problem = std::move(page.problem);
    }

    // Rows that left the list would be counted for others that were never seen.
    void forget_if_stale(Pass pass, int passes) {
        const bool moved = pass.total_moved || (passes > 1 && pass.total != total);
        total = pass.total;
        before = ids.size();
        order = std::move(pass.ids);
        if (!moved && (!total || static_cast<std::int64_t>(ids.size()) <= *total)) return;
        *this = Seen{.total = total, .order = std::move(order)};
    }

    bool settled(const Pass& pass) const {
        if (pass.total_moved) return false;
        if (!pass.total) return pass.pages_with_rows <= 1 || ids.size() == before;
        if (static_cast<std::int64_t>(ids.size()) == *pass.total) return true;
        // A steady list with as many rows as the vendor counts is whole, though it counts a row twice.
        return pass.rows == *pass.total && pass.ids == order;
    }
};

}  // namespace

Task<Listing> read_whole(FetchPage fetch, std::size_t page_size) {
    Seen seen;
    std::int64_t pages = 0;
    for (int passes = 1;; ++passes) {
        Pass pass;
        for (Cursor cursor;; ++cursor.number) {
            if (pages == kMaxPages) {
                seen.listing.problem =
                    contradiction(fmt::format("the list does not end within {} pages", kMaxPages));
                co_return std::move(seen.listing);
            }
            auto page = co_await fetch(cursor);
            if (!page) {
                if (pages == 0) co_return std::move(page).failure();
                seen.listing.problem = std::move(page).failure();
                co_return std::move(seen.listing);
            }
            ++pages;
            pass.add(*page);
            const bool ended = pass.ended_by(*page, page_size);
            cursor.offset = pass.rows;
            seen.add(std::move(*page));
            if (ended) break;
        }
        if (seen.listing.problem || seen.settled(pass)) co_return std::move(seen.listing);
        const int allowed = pass.pages_with_rows > 1 ? kMaxPasses : kMaxPassesOfOnePage;
        if (pass.contradicts_itself() || passes >= allowed) {
            const auto counted = pass.total ? fmt::format("{}", *pass.total) : std::string("no number of");
            seen.listing.problem = contradiction(fmt::format(
                "the vendor counts {} rows but shows {} different ones", counted, seen.ids.size()));
            co_return std::move(seen.listing);
        }
        seen.forget_if_stale(std::move(pass), passes);
    }
}

}  // namespace bwgw::translation
