#include "gateway/fleet/health.h"

#include <chrono>

namespace bwgw::fleet {
namespace {
Instant now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}
}  // namespace

void HealthBoard::succeeded(std::string_view provider) {
    const std::lock_guard lock(mutex_);
    auto& health = accounts_[std::string(provider)];
    health.last_success_at = now();
    health.failing = false;
}

void HealthBoard::failed(std::string_view provider, Failure problem) {
    const std::lock_guard lock(mutex_);
    auto& health = accounts_[std::string(provider)];
    health.last_problem = std::move(problem);
    health.failing = true;
}

Health HealthBoard::of(std::string_view provider) const {
    const std::lock_guard lock(mutex_);
    const auto found = accounts_.find(provider);
    return found == accounts_.end() ? Health{} : found->second;
}

}  // namespace bwgw::fleet
