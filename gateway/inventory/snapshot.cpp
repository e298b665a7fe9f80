#include "gateway/inventory/snapshot.h"

#include <algorithm>

namespace bwgw::inventory {
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
    Page page;
    page.rows.reserve(size);
    std::string_view last;
    for (std::size_t looked = 0; !runs.empty(); ++looked) {
        if (looked == kMostLooked) {
            page.next = std::string(page.rows.size() == size ? page.rows.back()->id() : last);
            break;
        }
        const auto least =
            std::ranges::min_element(runs, {}, [](const Run& run) { return (*run.next)->id(); });
        const Row& row = **least->next++;
        last = row.id();
        if (matches(filter, row)) {
            if (page.rows.size() == size) {  // one more tells that there is a next page
                page.next = std::string(page.rows.back()->id());
                break;
            }
            row.fetch();
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
