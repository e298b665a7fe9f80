#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <stop_token>
#include <utility>

#include "gateway/loop/loop.h"

namespace bwgw::upstream {

/// So many calls at a time; a few more wait in the order of their coming, the preferred first, on whatever
/// loop. Safe from any thread; outlives its places and those who wait.
class ConcurrencyLimit {
public:
    using Time = loop::Clock::time_point;

    /// `queue` wait of the preferred, and as many of the others: these never take the room of those.
    ConcurrencyLimit(std::size_t most, std::size_t queue) : most_(most), queue_(queue) {}

    /// The right to one call, given back at its end.
    class Place {
    public:
        explicit Place(ConcurrencyLimit& limit) noexcept : limit_(&limit) {}
        Place(Place&& other) noexcept : limit_(std::exchange(other.limit_, nullptr)) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(limit_, other.limit_);
            return *this;
        }
        ~Place() {
            if (limit_) limit_->give_back();
        }

    private:
        ConcurrencyLimit* limit_;
    };

    /// Fails with rate-limited, which says what was full: at once if the queue is, else at `until`, or as
    /// soon as `left` is asked for.
    Task<Place> take(loop::Loop& loop, Time until, std::stop_token left, bool preferred = false);

    struct Load {
        std::size_t in_flight;
        std::size_t queued;
    };
    Load load() const;

private:
    struct Waiter;
    void give_back();

    const std::size_t most_;
    const std::size_t queue_;
    mutable std::mutex mutex_;
    std::size_t in_flight_ = 0;                  // below `most_` only while nobody waits
    std::array<std::list<Waiter*>, 2> waiting_;  // the preferred, the others
};

}  // namespace bwgw::upstream
