#include <algorithm>

#include "gateway/orders/flight.h"

namespace bwgw::orders {
namespace {

constexpr int kLateLooks = 2;  // one complete listing may still have been assembled before the window closed
constexpr int kRestMost = 6;   // times poll_most
constexpr int kNamedWindows = 20;  // how many settle windows what the vendor has named is looked for

}  // namespace

ledger::Timestamp Orders::now() const {
    return std::chrono::floor<std::chrono::milliseconds>(loop_.wall());
}

RequestContext Orders::reading(const Flight& flight) const {
    return {{loop_.now() + pace_.read_deadline}, flight.trace, {flight.operation.principal}, {}, true};
}

RequestContext Orders::writing(const Flight& flight) const {
    return {{loop_.now() + pace_.write_deadline}, flight.trace, {flight.operation.principal}, {}, true};
}

// What was sent shows by then, or never will. By this process' own clock since it knows that nobody else
// sends: it does not jump, and needs not agree with any other.
bool Orders::window_closed(const Flight& flight) const {
    return loop_.now() >= flight.watched + pace_.settle_window;
}

// A purchase that the vendor has named is certain, and is looked for much longer.
bool Orders::looked_enough(const Flight& flight) const {
    const bool named =
        flight.operation.type == ledger::OperationType::create && !flight.operation.target.native_id.empty();
    if (named && loop_.now() < flight.watched + kNamedWindows * pace_.settle_window) return false;
    return flight.late_looks >= kLateLooks;
}

void Orders::answered(const std::string& provider, const Failure* problem) {
    if (!problem) {
        resting_.erase(provider);
        return;
    }
    auto& rest = resting_.try_emplace(provider, Rest{{}, pace_.poll_first}).first->second;
    rest.until = loop_.now() + std::max<std::chrono::milliseconds>(
                                   rest.span, problem->retry_after.value_or(std::chrono::seconds(0)));
    rest.span = std::min(rest.span * 2, pace_.poll_most * kRestMost);
}

// Between two looks; false when the gateway is stopping. Where the provider rests, the first to wake asks for
// all: the others find the rest prolonged, until it has answered.
Task<bool> Orders::pause(FlightPtr flight) {
    flight->next_pause = std::clamp(flight->next_pause * 2, pace_.poll_first, pace_.poll_most);
    auto at = loop_.now() + flight->next_pause;
    const VendorTime::Wait waiting(flight->trace.vendor_time);  // to show what it was sent
    for (;;) {
        if (const auto rest = resting_.find(flight->operation.provider); rest != resting_.end())
            at = std::max(at, rest->second.until);
        auto slept = co_await loop::sleep_until(loop_, at, stopping_.get_token());
        if (!slept || !*slept) {
            flight->answerable.set();
            co_return false;
        }
        const auto rest = resting_.find(flight->operation.provider);
        if (rest == resting_.end()) co_return true;
        if (rest->second.until <= loop_.now()) {
            rest->second.until = loop_.now() + rest->second.span;
            co_return true;
        }
    }
}

}  // namespace bwgw::orders
