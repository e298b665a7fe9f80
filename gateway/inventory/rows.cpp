#include "gateway/inventory/rows.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace bwgw::inventory {
namespace {

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
        auto at = hash & last;
        while (slots_[at].number != 0) at = (at + 1) & last;
        slots_[at] = {hash, ++number};
    }
}

const RowPtr* Rows::place_of(std::string_view id) const noexcept {
    if (empty()) return nullptr;
    const auto hash = hash_of(id);
    const auto last = slots_.size() - 1;
    for (auto at = hash & last; slots_[at].number != 0; at = (at + 1) & last) {
        const auto* place = begin() + slots_[at].number - 1;
        if (slots_[at].hash == hash && (*place)->id() == id) return place;
    }
    return nullptr;
}

const Row* Rows::find(std::string_view id) const noexcept {
    const auto* place = place_of(id);
    return place ? place->get() : nullptr;
}

const RowPtr* Rows::after(std::string_view id) const noexcept {
    if (const auto* place = place_of(id)) return place + 1;
    return std::ranges::upper_bound(begin(), end(), id, {}, &Row::id);
}

}  // namespace bwgw::inventory
