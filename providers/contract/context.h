#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "providers/contract/vendor_time.h"

namespace bwgw {

/// A point in monotonic time by which an answer must be there.
struct Deadline {
    std::chrono::steady_clock::time_point at;

    static Deadline in(std::chrono::milliseconds span) { return {std::chrono::steady_clock::now() + span}; }
    /// Never negative.
    std::chrono::milliseconds remaining() const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(at - std::chrono::steady_clock::now());
        return std::max(left, std::chrono::milliseconds{0});
    }
};

/// Names one request in logs, and at vendors' support desks.
struct Trace {
    std::string request_id;
    std::string traceparent;  ///< W3C, continued from the caller or begun here
    bool in_sample = true;    ///< its ordinary log lines are kept, not only the telling ones
    std::shared_ptr<VendorTime> vendor_time = {};  ///< null: nobody counts
};

/// Who asks: `anonymous` until authentication exists. Scopes idempotency keys.
struct Principal {
    std::string name = "anonymous";
};

/// Every wait below a request derives from it. Passed by reference: the request's root frame owns it.
struct RequestContext {
    Deadline deadline;
    Trace trace;
    Principal principal;
    std::stop_token cancelled;  ///< the caller has left; reads stop, a purchase in flight has none
    bool preferred = false;     ///< for a write, or for the gateway itself: before what callers read

    /// The same request with less time: at most `span` from now.
    RequestContext within(std::chrono::milliseconds span) const {
        RequestContext shorter = *this;
        shorter.deadline.at = std::min(deadline.at, Deadline::in(span).at);
        return shorter;
    }
};

}  // namespace bwgw
