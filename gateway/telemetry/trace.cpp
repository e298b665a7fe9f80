#include "gateway/telemetry/trace.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace bwgw::telemetry {

namespace {

constexpr std::size_t kLength = 55;  // 00-<32>-<16>-<2>

bool hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

template <std::size_t Bytes>
std::string random_hex() {
    std::array<unsigned char, Bytes> bytes{};
    if (RAND_bytes(bytes.data(), Bytes) != 1) throw std::runtime_error("no random numbers");
    bytes.back() |= 1;  // all zeros means none
    return fmt::format("{:02x}", fmt::join(bytes, ""));
}

}  // namespace

std::string_view trace_id(std::string_view header) noexcept {
    if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-') return {};
    const auto version = header.substr(0, 2);
    const auto trace = header.substr(3, 32);
    const auto span = header.substr(36, 16);
    if (!hex(version) || !hex(trace) || !hex(span) || !hex(header.substr(53, 2))) return {};
    if (version == "ff" || zero(trace) || zero(span)) return {};
    // A later version may say more, after a dash.
    if (header.size() > kLength && (version == "00" || header[kLength] != '-')) return {};
    return trace;
}

std::string continue_trace(std::string_view incoming) {
    const auto trace = trace_id(incoming);
    if (trace.empty()) return fmt::format("00-{}-{}-00", random_hex<16>(), random_hex<8>());
    const bool sampled = std::string_view("13579bdf").find(incoming[54]) != std::string_view::npos;
    return fmt::format("00-{}-{}-{}", trace, random_hex<8>(), sampled ? "01" : "00");
}

}  // namespace bwgw::telemetry
