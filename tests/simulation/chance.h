#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace bwgw::simulation {

/// The one source of every choice of a world: the same seed gives the same choices on every platform, which
/// the standard's distributions do not promise. Splitmix64.
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}

    std::uint64_t draw() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    /// From 0 to below `bound`; 0 where there is no choice.
    std::uint64_t below(std::uint64_t bound) { return bound < 2 ? 0 : draw() % bound; }
    bool percent(unsigned chance) { return below(100) < chance; }
    bool permille(unsigned chance) { return below(1000) < chance; }
    /// Both ends included.
    std::chrono::microseconds between(std::chrono::microseconds low, std::chrono::microseconds high) {
        return low + std::chrono::microseconds(below(static_cast<std::uint64_t>((high - low).count()) + 1));
    }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[below(from.size())];
    }

private:
    std::uint64_t state_;
};

}  // namespace bwgw::simulation
