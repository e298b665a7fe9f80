#include "gateway/upstream/concurrency_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gateway/loop/wait.h"

namespace bwgw::upstream {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};

Failure full(std::string detail) {
    return {.slug = Slug::rate_limited,
            .detail = std::move(detail),
            .retryable = true,
            .retry_after = kRetryAfter,
            .ours = true};
}

}  // namespace

// In the frame of the one who waits. Listed until it is given a place, or has gone: both under the mutex.
struct ConcurrencyLimit::Waiter {
    Waiter(ConcurrencyLimit& in, bool preferred) : limit(in), queue(in.waiting_[preferred ? 0 : 1]) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
        std::unique_lock lock(limit.mutex_);
        if (listed) queue.erase(place);
        lock.unlock();
        if (granted) limit.give_back();
    }

    // The place that it was given, if any.
    std::optional<Place> take() {
        const std::lock_guard lock(limit.mutex_);
        if (!std::exchange(granted, false)) return std::nullopt;
        return Place(limit);
    }

    ConcurrencyLimit& limit;
    std::list<Waiter*>& queue;
    std::list<Waiter*>::iterator place = {};
    bool listed = false;
    bool granted = false;
    std::stop_source turn{std::nostopstate};  // wakes it: it has a place, or need not wait any longer
};

Task<ConcurrencyLimit::Place> ConcurrencyLimit::take(loop::Loop& loop, Time until, std::stop_token left,
                                                     bool preferred) {
    Waiter waiter(*this, preferred);
    bool waits = false;
    {
        const std::lock_guard lock(mutex_);
        if (in_flight_ < most_) {
            ++in_flight_;
            waiter.granted = true;
        } else if (waiter.queue.size() >= queue_) {
            co_return full(fmt::format("{} are under way and {} wait, which is the most", most_, queue_));
        } else {
            waiter.place = waiter.queue.insert(waiter.queue.end(), &waiter);
            waiter.listed = waits = true;
            waiter.turn = std::stop_source();
        }
    }
    if (waits) {
        const std::stop_callback on_left(left, [&waiter] { waiter.turn.request_stop(); });
        (void)co_await loop::sleep_until(loop, until, waiter.turn.get_token());
    }
    if (auto place = waiter.take()) co_return std::move(*place);
    co_return full(fmt::format("{} are under way, and none ended in time", most_));
}

void ConcurrencyLimit::give_back() {
    std::stop_source turn(std::nostopstate);
    {
        const std::lock_guard lock(mutex_);
        const auto queue = std::ranges::find_if(waiting_, [](const auto& some) { return !some.empty(); });
        if (queue == waiting_.end()) {
            --in_flight_;
            return;
        }
        Waiter& first = *queue->front();
        queue->pop_front();
        first.listed = false;
        first.granted = true;
        turn = first.turn;
    }
    turn.request_stop();  // its frame may be gone by now; this has a share in what wakes it
}

ConcurrencyLimit::Load ConcurrencyLimit::load() const {
    const std::lock_guard lock(mutex_);
    return {in_flight_, waiting_[0].size() + waiting_[1].size()};
}

}  // namespace bwgw::upstream
