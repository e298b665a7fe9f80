#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>

namespace bwgw::telemetry {

/// One T for each thread that counts, so that they share no lock and no cache line. Past kMaxThreads they
/// share: T is made of atomics.
template <class T>
class PerThread {
public:
    static constexpr std::size_t kMaxThreads = 64;

    PerThread() = default;
    ~PerThread() {
        for (auto& cell : cells_) delete cell.load(std::memory_order_acquire);
    }
    PerThread(const PerThread&) = delete;
    PerThread& operator=(const PerThread&) = delete;

    T& mine() {
        auto& place = cells_[number()];
        if (Cell* const known = place.load(std::memory_order_acquire)) return known->value;
        auto made = std::make_unique<Cell>();
        Cell* other = nullptr;
        if (!place.compare_exchange_strong(other, made.get(), std::memory_order_acq_rel)) return other->value;
        return made.release()->value;
    }

    template <class Read>
    void each(Read read) const {
        for (const auto& place : cells_)
            if (const Cell* const cell = place.load(std::memory_order_acquire)) read(cell->value);
    }

private:
    struct alignas(64) Cell {
        T value{};
    };

    static std::size_t number() noexcept {
        static std::atomic<std::size_t> next = 0;
        static thread_local const std::size_t mine = next.fetch_add(1) % kMaxThreads;
        return mine;
    }

    std::array<std::atomic<Cell*>, kMaxThreads> cells_{};
};

}  // namespace bwgw::telemetry
