#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/ledger/operation.h"
#include "providers/contract/result.h"

namespace bwgw::ledger {

/// A bandwidth as it is shown, or that it is gone.
struct StoredRow {
    std::string id;
    std::string json;  ///< empty: gone
    Timestamp seen{};  ///< begin of the last listing that said so
};

struct StoredAccount {
    std::optional<Timestamp> as_of;  ///< begin of the last whole listing that is stored
    std::int64_t version = 0;        ///< lower than it was: the store lost something, and this is all it has
    std::vector<StoredRow> changes;
    bool whole = true;  ///< false: it has lost rows since as_of; judged only where all was asked for
};

/// Which gateway refreshes an account, until when by its own clock.
struct Lead {
    std::string owner;  ///< empty: none
    Timestamp until{};
    friend bool operator==(const Lead&, const Lead&) = default;
};

/// Where the inventory survives the process and is shared by the gateways. Blocking, like the ledger beside
/// which it lies; fails with `unavailable`.
class InventoryStore {
public:
    virtual ~InventoryStore() = default;
    /// A gateway that was deaf for longer reads all anew.
    static constexpr std::chrono::minutes kTellOfGone{60};

    /// What has changed since that version; all there is since 0.
    virtual Result<StoredAccount> load(const std::string& provider, std::int64_t since) = 0;
    /// The changes, then the time: a crash in between leaves an inventory that says it is older than it is.
    /// The time is never set back, unless what is stored lies after `now`: another's clock was fast. What is
    /// gone is remembered for kTellOfGone. False: the store has lost rows, and has no time until all are
    /// saved anew.
    virtual Result<bool> save(const std::string& provider, std::optional<Timestamp> as_of,
                              const std::vector<StoredRow>& changes, Timestamp now) = 0;
    /// Who leads after this: `owner` until then, if it does already, or the lead there is has passed by `now`
    /// or is just this `silent` one, which was not renewed for too long.
    virtual Result<Lead> lead(const std::string& provider, const std::string& owner, Timestamp now,
                              Timestamp until, const Lead& silent) = 0;
};

}  // namespace bwgw::ledger
