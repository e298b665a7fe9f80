#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/inventory/row.h"

namespace bwgw::inventory {

/// The rows of one account, by id. Immutable. A row is found in the same time however many there are, but by
/// halving where many ids crowd in the index; that costs 20 to 40 bytes for each.
class Rows {
public:
    Rows() = default;
    /// Ordered by id, each id once.
    explicit Rows(std::vector<RowPtr> by_id);

    const RowPtr* begin() const noexcept { return rows_.data(); }
    const RowPtr* end() const noexcept { return begin() + size(); }
    std::size_t size() const noexcept { return rows_.size(); }
    bool empty() const noexcept { return rows_.empty(); }
    const RowPtr& operator[](std::size_t place) const noexcept { return rows_[place]; }

    /// Null if there is no such id. Who finds it reads its text, which is being fetched from memory.
    const Row* find(std::string_view id) const noexcept;
    /// The first row behind this id, or end(). As quick if there is a row with this id, else by halving.
    const RowPtr* after(std::string_view id) const noexcept;

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t number = 0;  ///< of the row
        const Row* row = nullptr;  ///< the same, one step less into memory; null: the slot is free
    };
    /// Null if there is no such id.
    const RowPtr* place_of(std::string_view id) const noexcept;

    std::vector<RowPtr> rows_;
    std::vector<Slot> slots_;  ///< open addressing, a few steps far; a power of two, and never full
};

}  // namespace bwgw::inventory
