#include "gateway/inventory/rows.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <iterator>

namespace bwgw::inventory {
namespace {

// Who names the resources may choose names that crowd: a row that finds no slot soon is found by halving.
constexpr std::size_t kMostProbes = 128;

std::uint32_t hash_of(std::string_view id) noexcept {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(id));
}

}  // namespace

Rows::Rows(std::vector<RowPtr> by_id) : rows_(std::move(by_id)) {
    slots_.resize(std::bit_ceil(rows_.size() + rows_.size() / 4 + 1));
    const auto last = slots_.size() - 1;
    std::uint32_t number = 0;
    for (const auto& row : rows_) {
        const auto hash = hash_of(row->id());
        for (std::size_t probe = 0; probe < kMostProbes; ++probe) {
            auto& slot = slots_[(hash + probe) & last];
            if (slot.row) continue;
            slot = {hash, number, row.get()};
            break;
        }
        ++number;
    }
}

const RowPtr* Rows::place_of(std::string_view id) const noexcept {
    if (empty()) return nullptr;
    const auto hash = hash_of(id);
    const auto last = slots_.size() - 1;
    for (std::size_t probe = 0; probe < kMostProbes; ++probe) {
        const auto& slot = slots_[(hash + probe) & last];
        if (!slot.row) return nullptr;
        if (slot.hash != hash) continue;
        slot.row->fetch_head();
        const auto* place = begin() + slot.number;
        __builtin_prefetch(place + 1);  // a page begins there
        if (slot.row->id() == id) return place;
    }
    const auto* place = std::ranges::lower_bound(begin(), end(), id, {}, &Row::id);
    return place != end() && (*place)->id() == id ? place : nullptr;
}

const Row* Rows::find(std::string_view id) const noexcept {
    const auto* place = place_of(id);
    if (!place) return nullptr;
    (*place)->fetch();
    return place->get();
}

const RowPtr* Rows::after(std::string_view id) const noexcept {
    if (empty() || id < (*begin())->id()) return begin();
    if (id >= (*std::prev(end()))->id()) return end();  // as for most accounts but the one it is of
    if (const auto* place = place_of(id)) return place + 1;
    return std::ranges::upper_bound(begin(), end(), id, {}, &Row::id);
}

}  // namespace bwgw::inventory
