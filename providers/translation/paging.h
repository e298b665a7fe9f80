#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "providers/contract/provider.h"

namespace bwgw::translation {

/// One page as the vendor sent it.
struct Page {
    std::vector<Bandwidth> rows;
    /// The native id of every row on the wire, also of those that the mapping leaves out; empty text where it
    /// cannot be read.
    std::vector<std::string> ids;
    std::optional<std::int64_t> total = {};  ///< the vendor's count of all, where it says one
    std::optional<Failure> problem = {};  ///< the first row that could not be read; the others stand in rows
};

/// Where a page begins, in both of the vendors' ways of counting.
struct Cursor {
    std::int64_t offset = 0;  ///< rows before it
    std::int64_t number = 1;  ///< pages before it, plus one
};

using FetchPage = std::function<Task<Page>(Cursor)>;

constexpr std::int64_t kMaxPages = 400;  ///< of one listing, all passes together: 20,000 rows at 50
constexpr int kMaxPasses = 12;           ///< a list that shifts under us is read again, this often at most
constexpr int kMaxPassesOfOnePage = 2;   ///< rows cannot hide between pages where there is only one

/// Reads a list whose rows may shift between pages: pages by what really came, keeps the first row of each
/// native id, and reads again until as many distinct rows as the vendor counts were seen, or as many rows
/// twice in the same order (it counts what it repeats); without a count until a pass shows nothing new. A
/// list that does not settle, contradicts itself or fails half-way is returned with its problem; nothing at
/// all readable is a Failure.
Task<Listing> read_whole(FetchPage fetch, std::size_t page_size);

}  // namespace bwgw::translation
