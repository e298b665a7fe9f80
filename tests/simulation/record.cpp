#include "tests/simulation/record.h"

#include <string_view>

namespace bwgw::simulation {

std::string_view word(Met met) noexcept {
    static constexpr std::array<std::string_view, static_cast<std::size_t>(Met::count_)> kWords{
        "crash",
        "crash between intent and send",
        "crash after send",
        "stall",
        "stall past the lease",
        "graceful stop",
        "ledger refused",
        "ledger outage",
        "unknown commit",
        "commit after its connection was given up",
        "takeover",
        "stale fence refused",
        "send without answer",
        "late execution",
        "hidden beyond the settle window",
        "refused by the vendor",
        "refused as held",
        "throttled",
        "held back by our own limits",
        "took the order, provided nothing",
        "resend",
        "resend refused",
        "twin beside an unanswered purchase",
        "listing failed",
        "listing partial",
        "row listed twice",
        "lock refused",
        "key in flight",
        "key replayed",
        "key tried anew",
        "caller left",
        "answer lost",
        "stranger bought",
        "stranger released",
        "purchase settled",
        "change settled",
        "release settled",
        "needs attention",
        "resolved as applied",
        "resolved as not run",
        "read back before listed",
    };
    return kWords.at(static_cast<std::size_t>(met));
}

}  // namespace bwgw::simulation
