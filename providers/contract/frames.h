#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace bwgw {

/// The base of a promise whose frames are recycled: each thread keeps what it gives back for its next ones. A
/// request takes some thirty, most of them larger than what malloc keeps at hand. At most kKept of each size.
class RecycledFrame {
public:
    static void* operator new(std::size_t size) {
        const auto place = (size - 1) / kStep;
        if (place >= kSizes) return ::operator new(size);
        auto& kept = kept_[place];
        if (!kept.first) return ::operator new((place + 1) * kStep);
        --kept.count;
        return std::exchange(kept.first, kept.first->next);
    }
    static void operator delete(void* frame, std::size_t size) noexcept {
        const auto place = (size - 1) / kStep;
        if (place >= kSizes || kept_[place].count == kKept) return ::operator delete(frame);
        auto& kept = kept_[place];
        ++kept.count;
        kept.first = new (frame) Node{kept.first};
    }

private:
    static constexpr std::size_t kStep = 256;
    static constexpr std::size_t kSizes = 64;  // up to 16 KiB
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    static constexpr std::size_t kKept = 0;  // a frame that is used after its end must be seen
#else
    static constexpr std::size_t kKept = 64;
#endif
    struct Node {
        Node* next;
    };
    struct Kept {
        Node* first;
        std::size_t count;
    };
    static inline thread_local constinit std::array<Kept, kSizes> kept_{};
};

}  // namespace bwgw
