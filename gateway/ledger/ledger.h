#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/ledger/inventory_store.h"
#include "gateway/ledger/operation.h"
#include "providers/contract/result.h"

namespace bwgw::ledger {

/// What became of an operation that asked to begin.
struct Acceptance {
    Operation operation;    ///< the new one, or the one that the key already stands for
    bool replayed = false;  ///< true: the key's earlier operation, nothing new was begun
};

/// Every member narrows.
struct OperationFilter {
    std::optional<OperationState> state = {};
    std::optional<std::string> provider = {};
    std::optional<std::string> idempotency_key = {};
    std::optional<std::string> principal = {};  ///< of the idempotency key
    std::optional<std::string> before = {};     ///< ids older than this one
    std::optional<std::string> native_id = {};  ///< of the target
    bool open = false;                          ///< has not ended; needs_attention among them
    bool named_purchase = false;                ///< a create whose native id is known
    std::size_t limit = 50;
};

/// As many calls as a ledger serves at the same time.
constexpr std::size_t kLedgerThreads = 16;

/// Where writes are recorded. Blocking on purpose: call it on the blocking pool. Every write is durable when
/// it returns. Any method fails with `unavailable` when the store cannot be used; nothing was changed then,
/// unless the failure's outcome is `unknown`: the connection was lost while the store committed.
class Ledger {
public:
    virtual ~Ledger() = default;

    /// A new operation's id.
    virtual std::string new_id() { return new_operation_id(); }

    /// Begins an operation for its owner: takes its idempotency key and its lock in one transaction. Fails
    /// with idempotency-key-reused (another request came with the key), or with already-exists (create) or
    /// conflict (change, release) naming the operation that holds the lock. A key whose operation failed
    /// retryably is given to the new one. Accepting the same id twice is accepting it once.
    virtual Result<Acceptance> accept(Operation operation) = 0;

    /// Stores every member that may change, if the row still has the operation's fence; conflict otherwise.
    /// Ended operations give up their lock. Recording the same twice is recording it once.
    virtual Result<void> record(Operation operation) = 0;

    /// Makes `owner` the one who drives an open operation, if the row still has the operation's fence: what
    /// was its driver can record no more. Conflict otherwise, and for what has ended.
    virtual Result<Operation> claim(const Operation& operation, const std::string& owner) = 0;

    /// Says that a process lives until then. What is past ends its life.
    virtual Result<void> renew(const std::string& owner, Timestamp until) = 0;
    /// What nobody drives: open, not in needs_attention, its owner not alive any more. Oldest first.
    virtual Result<std::vector<Operation>> orphans(Timestamp now) = 0;

    virtual Result<Operation> find(const std::string& id) = 0;
    /// Newest first.
    virtual Result<std::vector<Operation>> list(const OperationFilter& filter) = 0;

    /// Frees the idempotency keys of what ended before then, but not of purchases and changes of what has not
    /// been released through a gateway before then. The number of keys freed.
    virtual Result<std::size_t> forget_keys(Timestamp ended_before) = 0;
};

/// Told the store's own words about a fault, for the log; they hold no value of any row.
using Report = std::function<void(const std::string&)>;

/// What one database keeps.
struct Store {
    std::unique_ptr<Ledger> ledger;
    std::unique_ptr<InventoryStore> inventory;
};

/// Opens `sqlite:PATH` or `postgresql://…` (as libpq takes it) and brings its schema up to date, one gateway
/// at a time. Throws std::runtime_error with the reason, which never holds a password.
Store open_store(const std::string& url, Report report);
/// The ledger alone.
std::unique_ptr<Ledger> open_ledger(const std::string& url, Report report);

}  // namespace bwgw::ledger
