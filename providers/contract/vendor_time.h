#pragma once

#include <chrono>
#include <memory>

namespace bwgw {

/// How long a request waited for vendors: the time during which at least one wait was open, so that calls
/// made side by side count once. Shared by the copies of the request's context; on its worker's thread only.
class VendorTime {
public:
    using Clock = std::chrono::steady_clock;

    std::chrono::nanoseconds until(Clock::time_point now) const {
        return open_ == 0 ? past_ : past_ + (now - since_);
    }

    /// One wait, as long as this lives; nothing where nobody counts.
    class Wait {
    public:
        explicit Wait(std::shared_ptr<VendorTime> time) : time_(std::move(time)) {
            if (time_ && time_->open_++ == 0) time_->since_ = Clock::now();
        }
        ~Wait() {
            if (time_ && --time_->open_ == 0) time_->past_ += Clock::now() - time_->since_;
        }
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;

    private:
        const std::shared_ptr<VendorTime> time_;
    };

private:
    std::chrono::nanoseconds past_{};
    Clock::time_point since_;
    int open_ = 0;
};

}  // namespace bwgw
