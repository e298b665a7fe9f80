#pragma once

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace bwgw {

/// How long a request waited for vendors, or for news as its caller wished: the time during which at least
/// one wait was open, so that calls made side by side count once. Shared by the copies of the request's
/// context; on its worker's thread only.
class VendorTime {
public:
    using Clock = std::chrono::steady_clock;

    std::chrono::nanoseconds until(Clock::time_point now) const {
        return open_ == 0 ? past_ : past_ + (now - since_);
    }

    /// The part of it, over by now, that the caller asked for.
    std::chrono::nanoseconds asked() const { return asked_; }

    enum class Why { vendor, asked };

    /// One wait, as long as this lives; nothing where nobody counts.
    class Wait {
    public:
        explicit Wait(std::shared_ptr<VendorTime> time, Why why = Why::vendor)
            : time_(std::move(time)), why_(why) {
            if (time_) time_->open();
        }
        ~Wait() {
            if (time_) time_->close(why_);
        }
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;

    private:
        const std::shared_ptr<VendorTime> time_;
        const Why why_;
    };

    /// What is waited for here from now on, `other` waits for as well.
    void share(std::shared_ptr<VendorTime> other) {
        if (other) others_.push_back(std::move(other));
    }

private:
    void open() {
        if (open_++ != 0) return;
        since_ = Clock::now();
        for (const auto& other : others_) other->open();
    }
    void close(Why why) {
        if (--open_ != 0) return;
        const auto span = Clock::now() - since_;
        past_ += span;
        if (why == Why::asked) asked_ += span;
        for (const auto& other : others_) other->close(why);
    }

    std::vector<std::shared_ptr<VendorTime>> others_;
    std::chrono::nanoseconds past_{};
    std::chrono::nanoseconds asked_{};
    Clock::time_point since_;
    int open_ = 0;
};

}  // namespace bwgw
