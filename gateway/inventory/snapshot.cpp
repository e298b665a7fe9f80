#include "gateway/inventory/snapshot.h"

#include <algorithm>

namespace bwgw::inventory {
namespace {

std::string_view id_of(const RowPtr& row) noexcept {
    return row->id();
}

const RowPtr* place_of(const std::vector<RowPtr>& rows, std::string_view id) noexcept {
    // Ids begin with their provider: another account's are all before, or all behind.
    if (rows.empty() || id < rows.front()->id() || rows.back()->id() < id) return nullptr;
    const auto row = std::ranges::lower_bound(rows, id, {}, id_of);
    return (*row)->id() == id ? &*row : nullptr;
}

}  // namespace

RowPtr find(const std::vector<RowPtr>& rows, std::string_view id) noexcept {
    const auto* row = place_of(rows, id);
    return row ? *row : nullptr;
}

const Account* Snapshot::account(std::string_view provider) const noexcept {
    for (const auto& account : accounts_)
        if (account->provider == provider) return account.get();
    return nullptr;
}

Snapshot::Found Snapshot::find(std::string_view id) const noexcept {
    for (const auto& account : accounts_)
        for (const auto* rows : {account->rows.get(), &account->unlisted})
            if (const auto* row = place_of(*rows, id)) return {row->get(), account.get()};
    return {};
}

Page Snapshot::page(const fleet::Filter& filter, std::string_view after, std::size_t size) const {
    struct Run {
        const RowPtr* next;
        const RowPtr* end;
    };
    std::vector<Run> runs;
    const auto add = [&](const std::vector<RowPtr>& rows) {
        const auto first = std::ranges::upper_bound(rows, after, {}, id_of) - rows.begin();
        const Run run{rows.data() + first, rows.data() + rows.size()};
        if (run.next != run.end) runs.push_back(run);
    };
    for (const auto& account : accounts_) {
        if (filter.provider && account->provider != *filter.provider) continue;
        add(*account->rows);
        add(account->unlisted);
    }
    Page page;
    std::string_view last;
    for (std::size_t looked = 0; !runs.empty(); ++looked) {
        if (looked == kMostLooked) {
            page.next = std::string(page.rows.size() == size ? page.rows.back()->id() : last);
            break;
        }
        const auto least =
            std::ranges::min_element(runs, {}, [](const Run& run) { return id_of(*run.next); });
        const Row& row = **least->next++;
        last = row.id();
        if (matches(filter, row)) {
            if (page.rows.size() == size) {  // one more tells that there is a next page
                page.next = std::string(page.rows.back()->id());
                break;
            }
            page.rows.push_back(&row);
        }
        if (least->next == least->end) runs.erase(least);
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
