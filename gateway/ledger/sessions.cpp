#include "gateway/ledger/sessions.h"

#include <stdexcept>
#include <utility>

#include "gateway/ledger/ledger.h"

namespace bwgw::ledger {
namespace {

constexpr int kLongestWait = 5000;  // ms

std::size_t lease(soci::connection_pool& pool) {
    std::size_t at = 0;
    if (!pool.try_lease(at, kLongestWait)) throw std::runtime_error("every connection is busy");
    return at;
}

}  // namespace

Sessions::Sessions(Open open) : pool_(kLedgerThreads), open_(std::move(open)) {}

Sessions::Borrowed::Borrowed(Sessions& sessions) : sessions_(sessions), at_(lease(sessions.pool_)) {}

soci::session& Sessions::Borrowed::open() {
    auto& sql = session();
    if (is_open()) return sql;
    try {
        sessions_.open_(sql);
    } catch (...) {
        sql.close();
        throw;
    }
    return sql;
}

}  // namespace bwgw::ledger
