#include "gateway/inventory/snapshot.h"

#include <algorithm>

namespace bwgw::inventory {
namespace {

constexpr std::ptrdiff_t kAhead = 24;  // rows that are fetched from memory while others are looked at

}  // namespace

const Account* Snapshot::account(std::string_view provider) const noexcept {
    for (const auto& account : accounts_)
        if (account->provider == provider) return account.get();
    return nullptr;
}

Snapshot::Found Snapshot::find(std::string_view id) const noexcept {
    for (const auto& account : accounts_)
        for (const auto* rows : {account->rows.get(), &account->unlisted})
            if (const auto* row = rows->find(id)) return {row, account.get()};
    return {};
}

Page Snapshot::page(const fleet::Filter& filter, std::string_view after, std::size_t size) const {
    struct Run {
        const RowPtr* next;
        const RowPtr* end;
    };
    std::vector<Run> runs;
    const auto add = [&](const Rows& rows) {
        if (const auto* next = rows.after(after); next != rows.end()) runs.push_back({next, rows.end()});
    };
    for (const auto& account : accounts_) {
        if (filter.provider && account->provider != *filter.provider) continue;
        add(*account->rows);
        add(account->unlisted);
    }
    const auto first_id = [](const Run& run) { return (*run.next)->id(); };
    Page page;
    page.rows.reserve(size);
    std::string_view last;
    for (std::size_t looked = 0; !runs.empty();) {
        const auto two = runs.begin() + std::min<std::ptrdiff_t>(2, std::ssize(runs));
        std::ranges::partial_sort(runs, two, {}, first_id);
        auto& run = runs.front();
        const auto ahead = std::min(kAhead, run.end - run.next);
        for (auto* row = run.next; row != run.next + ahead; ++row) (*row)->fetch_head();
        const auto others = runs.size() > 1 ? std::optional(first_id(runs[1])) : std::nullopt;
        for (; run.next != run.end; ++run.next) {  // an account's rows stand together
            const Row& row = **run.next;
            if (others && row.id() > *others) break;
            if (run.end - run.next > kAhead) run.next[kAhead]->fetch_head();
            const bool full = page.rows.size() == size;
            if (looked++ == kMostLooked) {
                page.next = std::string(full ? page.rows.back()->id() : last);
                return page;
            }
            last = row.id();
            if (!matches(filter, row)) continue;
            if (full) {  // one more tells that there is a next page
                page.next = std::string(page.rows.back()->id());
                return page;
            }
            page.rows.push_back(&row);
        }
        if (run.next == run.end) runs.erase(runs.begin());
    }
    return page;
}

bool matches(const fleet::Filter& filter, const Row& row) {
    if (filter.kind ? row.kind() != *filter.kind : row.kind() == Kind::inter_region_default) return false;
    if (filter.network_id && row.network_id() != *filter.network_id) return false;
    if (filter.state && row.state() != *filter.state) return false;
    if (filter.name && row.name() != *filter.name) return false;
    if (filter.provider_resource_id && row.native_id() != *filter.provider_resource_id) return false;
    return !filter.region || row.is_in(*filter.region);
}

}  // namespace bwgw::inventory
