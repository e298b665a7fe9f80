#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/inventory/snapshot.h"
#include "gateway/ledger/inventory_store.h"
#include "gateway/loop/loop.h"

namespace bwgw::inventory {

/// When a listing began: what happened at the vendor after that may be missing in it.
struct Sight {
    loop::Clock::time_point began;  ///< orders what this process saw
    Moment at;                      ///< for others, and for callers
};

/// By id; null: gone.
using Changes = std::map<std::string, RowPtr, std::less<>>;

/// One account as its listings showed it, each as old as its begin: what was seen later wins, and absence
/// counts only in a complete listing. Not safe from several threads.
struct Known {
    /// Until an account is listed whole, so many absences are remembered, and more for a while.
    static constexpr std::size_t kMostGone = 1000;

    std::string provider;
    RowsPtr rows = std::make_shared<const Rows>();
    std::uint64_t content = 0;                        ///< of rows
    std::optional<std::uint64_t> fingerprint;         ///< of a whole listing that shows exactly these rows
    std::optional<Sight> listed;                      ///< the last whole listing
    std::optional<Moment> heard_as_of;                ///< of others', by their clock: believed once, or never
    std::map<std::string, Sight, std::less<>> later;  ///< rows seen, or seen to be gone, after it
    Changes held;                                     ///< bought
    Changes unsaved;
    AccountPtr shown;

    /// When a row, or its absence, was last seen.
    std::optional<Sight> seen(std::string_view id) const;
    /// What a listing of what the query names changes, `fresh` by id.
    Changes saw(const Query& query, Sight sight, std::span<const RowPtr> fresh, bool complete);
    /// What others have stored changes, `read` being the rows of its changes; null where they are gone, or
    /// are no rows. What is older than what is known here becomes unsaved again; what others saw in the
    /// future, they saw now.
    Changes heard(const ledger::StoredAccount& stored, const std::vector<RowPtr>& read, Sight now);
    void apply(const Changes& changes);
    /// Makes `shown` of `next` and what is known.
    void show(Account next);

private:
    bool overtaken(std::string_view id, loop::Clock::time_point began) const;
    Changes whole(Sight sight, std::span<const RowPtr> fresh, bool complete);
    Changes part(const Query& query, Sight sight, std::span<const RowPtr> fresh, bool complete);
    void listed_whole(Sight sight);
    void forget_oldest_gone();
};

/// Asks for all that the account has.
bool is_whole(const Query& query);

}  // namespace bwgw::inventory
