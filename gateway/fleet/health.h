#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "providers/contract/bandwidth.h"
#include "providers/contract/failure.h"

namespace bwgw::fleet {

/// How one account has answered lately.
struct Health {
    std::optional<Instant> last_success_at;
    std::optional<Failure> last_problem;  ///< kept after a success, for whoever looks later
    bool failing = false;                 ///< the last call of all failed
};

/// The accounts' health, one board for all workers. Safe from any thread.
class HealthBoard {
public:
    void succeeded(std::string_view provider);
    /// Only the vendor's own faults belong here, never a refusal of what a caller asked.
    void failed(std::string_view provider, Failure problem);
    Health of(std::string_view provider) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, Health, std::less<>> accounts_;
};

}  // namespace bwgw::fleet
