#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/ledger/operation.h"
#include "providers/contract/result.h"

namespace bwgw::ledger {

/// What became of an operation that asked to begin.
struct Acceptance {
    Operation operation;    ///< the new one, or the one that the key already stands for
    bool replayed = false;  ///< true: the key's earlier operation, nothing new was begun
};

struct OperationFilter {
    std::optional<OperationState> state = {};
    std::optional<std::string> provider = {};
    std::optional<std::string> idempotency_key = {};
    std::optional<std::string> principal = {};  ///< of the idempotency key
    std::optional<std::string> before = {};     ///< ids older than this one
    std::size_t limit = 50;
};

/// Where writes are recorded. Blocking on purpose: call it on the blocking pool. Every write is durable when
/// it returns. Fails with `unavailable` when the store cannot be used, and then nothing was changed.
class Ledger {
public:
    virtual ~Ledger() = default;

    /// Begins an operation: takes its idempotency key and its lock in one transaction. Fails with
    /// idempotency-key-reused (another request came with the key), or with already-exists (create) or
    /// conflict (change, release) naming the operation that holds the lock. A key whose operation failed
    /// retryably is given to the new one.
    virtual Result<Acceptance> accept(Operation operation) = 0;

    /// Stores every member that may change, if the row still has `operation.revision`; conflict otherwise.
    /// Ended operations give up their lock. The stored revision is in the result.
    virtual Result<Operation> record(Operation operation) = 0;

    virtual Result<Operation> find(const std::string& id) = 0;
    /// Newest first.
    virtual Result<std::vector<Operation>> list(const OperationFilter& filter) = 0;
    /// All that have not ended, oldest first; needs_attention among them.
    virtual Result<std::vector<Operation>> open() = 0;
    /// Whether a write would be durable now.
    virtual Result<void> probe() = 0;
};

/// Told the store's own words about a fault, for the log; they hold no value of any row.
using Report = std::function<void(const std::string&)>;

/// Opens `sqlite:PATH` and brings its schema up to date. Throws std::runtime_error with the reason.
std::unique_ptr<Ledger> open_ledger(const std::string& url, Report report);

}  // namespace bwgw::ledger
