#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "gateway/orders/orders.h"

namespace bwgw::orders {

/// The clock of the ledger's records.
inline ledger::Timestamp now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

/// One write under way on this worker: shared by the coroutine that drives it and the caller that waits for
/// it.
struct Orders::Flight {
    Flight(loop::Loop& loop, ledger::Operation begun, Trace begun_by)
        : operation(std::move(begun)), trace(std::move(begun_by)), answerable(loop) {}

    ledger::Operation operation;  ///< as last recorded
    Trace trace;
    std::optional<fleet::Entry> observed = {};
    std::optional<fleet::Entry> current = {};  ///< change, release: the row as read before
    loop::Event answerable;                    ///< the caller can be told something certain
    int complete_looks = 0;                    ///< complete listings since the reply
    std::chrono::milliseconds next_pause{0};
};

}  // namespace bwgw::orders
