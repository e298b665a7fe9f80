#include "gateway/fleet/breaker.h"

#include <algorithm>

namespace bwgw::fleet {

std::string_view word(BreakerState state) noexcept {
    switch (state) {
        case BreakerState::closed:
            return "closed";
        case BreakerState::open:
            return "open";
        case BreakerState::half_open:
            return "half_open";
    }
    return "open";
}

bool CircuitBreaker::refuses(Time now) const {
    const std::lock_guard lock(mutex_);
    return bars(now);
}

std::optional<CircuitBreaker::Pass> CircuitBreaker::admit(Time now) {
    const std::lock_guard lock(mutex_);
    if (closed_) return Pass(*this, epoch_, false);
    if (bars(now)) return std::nullopt;
    probing_ = true;
    return Pass(*this, ++epoch_, true);
}

void CircuitBreaker::Pass::answered() {
    auto& breaker = *std::exchange(breaker_, nullptr);
    const std::lock_guard lock(breaker.mutex_);
    if (epoch_ != breaker.epoch_) return;
    breaker.faults_ = 0;
    if (breaker.closed_) return;
    breaker.closed_ = true;
    breaker.probing_ = false;
    ++breaker.epoch_;
}

void CircuitBreaker::Pass::failed(Time now) {
    auto& breaker = *std::exchange(breaker_, nullptr);
    const std::lock_guard lock(breaker.mutex_);
    if (epoch_ != breaker.epoch_) return;
    if (!breaker.closed_) {
        breaker.span_ = std::min(breaker.span_ * 2, breaker.options_.open_most);
        breaker.open(now);
    } else if (++breaker.faults_ >= breaker.options_.faults) {
        breaker.span_ = breaker.options_.open_first;
        breaker.since_ = now;
        breaker.open(now);
    }
}

CircuitBreaker::Pass::~Pass() {
    if (!breaker_) return;
    const std::lock_guard lock(breaker_->mutex_);
    if (epoch_ == breaker_->epoch_) breaker_->probing_ = false;
}

void CircuitBreaker::open(Time now) {
    std::uniform_real_distribution<double> around(0.8, 1.2);
    const std::chrono::duration<double, std::milli> span = span_;
    retry_at_ = now + std::chrono::duration_cast<Time::duration>(span * around(chance_));
    closed_ = false;
    probing_ = false;
    ++epoch_;
}

CircuitBreaker::Reading CircuitBreaker::read(Time now) const {
    const std::lock_guard lock(mutex_);
    const bool may_probe = probing_ || now >= retry_at_;
    const auto opened = may_probe ? BreakerState::half_open : BreakerState::open;
    return {closed_ ? BreakerState::closed : opened, since_, retry_at_};
}

}  // namespace bwgw::fleet
