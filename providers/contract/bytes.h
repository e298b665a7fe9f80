#pragma once

#include <string_view>

namespace bwgw {

/// Whether all bytes are such. Looks at each of them, so that the compiler can look at many at once.
template <class Is>
bool all_bytes(std::string_view text, Is is) noexcept {
    bool all = true;
    for (const char c : text) all &= is(c);
    return all;
}

constexpr bool is_ascii(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x80;
}

/// A control character of ASCII, DEL included.
constexpr bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace bwgw
