#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "gateway/orders/orders.h"

namespace bwgw::orders {

/// One write under way on this worker: shared by the coroutine that drives it and the caller that waits for
/// it.
struct Orders::Flight {
    Flight(loop::Loop& loop, ledger::Operation begun, Trace begun_by)
        : operation(std::move(begun)),
          recorded(operation),
          trace(std::move(begun_by)),
          watched(loop.now()),
          answerable(loop) {}

    ledger::Operation operation;  ///< with what is to be recorded next
    ledger::Operation recorded;   ///< as the ledger has it: what callers are told
    Trace trace;
    std::optional<fleet::Entry> observed = {};
    std::optional<fleet::Entry> current = {};  ///< change, release: the row as read before
    bool intended = false;                     ///< an intent is durable, or may be
    loop::Clock::time_point watched;           ///< since then surely nothing was sent but by this flight
    std::set<std::string> candidates;          ///< rows that may be what was bought, in all looks
    loop::Event answerable;                    ///< the caller can be told something certain
    int late_looks = 0;                        ///< complete listings begun after the settle window
    std::chrono::milliseconds next_pause{0};
};

}  // namespace bwgw::orders
