#pragma once

#include <soci/soci.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace bwgw::ledger {

/// The store did not say whether it committed: what was written may be there or not.
struct CommitUnknown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The connections to one database. Every method throws soci::soci_error or std::runtime_error when it cannot
/// be used or when the work throws; nothing was changed then, unless it is a CommitUnknown. Safe from any
/// thread; each call has its bound.
class Engine {
public:
    /// False: what it wrote is taken back.
    using Write = std::function<bool(soci::session&)>;
    using Read = std::function<void(soci::session&)>;

    virtual ~Engine() = default;
    /// In a transaction, durable on return.
    virtual void write(const Write& work) = 0;
    /// One statement. The work may be run twice.
    virtual void read(const Read& work) = 0;
    /// Whether a commit of which that is not known may still come while this process lives; else only a crash
    /// can bring it back.
    virtual bool commits_late() const noexcept = 0;
    /// A write for which other gateways wait, and which may take its time.
    virtual void migrate(const Read& work) = 0;
};

/// The store's own words about the exception that is being handled; SOCI's what() would print every bound
/// value.
std::string fault();

std::unique_ptr<Engine> sqlite_engine(const std::string& path);
/// As libpq takes it. Throws std::runtime_error for what is no such URL, without a word of it.
std::unique_ptr<Engine> postgres_engine(const std::string& url);

}  // namespace bwgw::ledger
