#pragma once

#include <soci/soci.h>

#include <functional>

namespace bwgw::ledger {

/// kLedgerThreads sessions, each opened at its first use and again after it was closed.
class Sessions {
public:
    using Open = std::function<void(soci::session&)>;

    explicit Sessions(Open open);

    /// A session that is this thread's alone. Throws std::runtime_error when none is free for a while.
    class Borrowed {
    public:
        explicit Borrowed(Sessions& sessions);
        ~Borrowed() { sessions_.pool_.give_back(at_); }
        Borrowed(const Borrowed&) = delete;
        Borrowed& operator=(const Borrowed&) = delete;

        bool is_open() { return session().get_backend() != nullptr; }
        /// Opens it if need be.
        soci::session& open();
        /// The next open() makes a new connection.
        void close() { session().close(); }

    private:
        soci::session& session() { return sessions_.pool_.at(at_); }
        Sessions& sessions_;
        std::size_t at_;
    };

private:
    soci::connection_pool pool_;
    Open open_;
};

}  // namespace bwgw::ledger
