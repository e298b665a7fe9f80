#include "gateway/telemetry/timing.h"

#include <algorithm>
#include <stdexcept>

namespace bwgw::telemetry {

Durations::Durations(Bounds bounds) : bounds_(bounds) {
    if (bounds.size() > kMaxBounds) throw std::logic_error("a histogram has too many buckets");
}

void Durations::took(std::chrono::nanoseconds duration) {
    const auto bucket = std::ranges::lower_bound(bounds_, duration) - bounds_.begin();
    auto& cell = cells_.mine();
    cell.counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    cell.sum.fetch_add(duration.count(), std::memory_order_relaxed);
}

Durations::Total Durations::total() const {
    Total total{.counts = std::vector<std::uint64_t>(bounds_.size() + 1)};
    cells_.each([&](const Cell& cell) {
        for (std::size_t i = 0; i < total.counts.size(); ++i)
            total.counts[i] += cell.counts[i].load(std::memory_order_relaxed);
        total.sum += std::chrono::nanoseconds(cell.sum.load(std::memory_order_relaxed));
    });
    return total;
}

void Outcomes::count(std::string_view outcome) {
    const auto place = place_of(outcome);
    cells_.mine()[place].fetch_add(1, std::memory_order_relaxed);
}

std::size_t Outcomes::place_of(std::string_view outcome) {
    for (std::size_t i = 0; i < words_.size(); ++i) {
        const std::string* const known = words_[i].load(std::memory_order_acquire);
        if (!known) return add(outcome);
        if (*known == outcome) return i;
    }
    return kOther;
}

std::size_t Outcomes::add(std::string_view outcome) {
    const std::lock_guard lock(mutex_);
    if (const auto known = std::ranges::find(owned_, outcome); known != owned_.end())
        return static_cast<std::size_t>(known - owned_.begin());
    if (owned_.size() == words_.size()) return kOther;
    const auto place = owned_.size();
    words_[place].store(&owned_.emplace_back(outcome), std::memory_order_release);
    return place;
}

std::vector<Outcomes::Total> Outcomes::totals() const {
    std::vector<Total> totals;
    for (const auto& word : words_)
        if (const std::string* const known = word.load(std::memory_order_acquire)) totals.push_back({*known});
    const auto named = totals.size();
    std::uint64_t other = 0;
    cells_.each([&](const Cell& cell) {
        for (std::size_t i = 0; i < named; ++i) totals[i].count += cell[i].load(std::memory_order_relaxed);
        other += cell[kOther].load(std::memory_order_relaxed);
    });
    if (other != 0) totals.push_back({"other", other});
    return totals;
}

}  // namespace bwgw::telemetry
