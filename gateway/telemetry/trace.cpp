#include "gateway/telemetry/trace.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace bwgw::telemetry {

namespace {

constexpr std::size_t kLength = 55;  // 00-<32>-<16>-<2>

bool hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool sampled(std::string_view traceparent) {
    return std::string_view("13579bdf").find(traceparent[54]) != std::string_view::npos;
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
    return fmt::format("00-{}-{}-{}", trace, random_hex<8>(), sampled(incoming) ? "01" : "00");
}

bool in_sample(std::string_view traceparent, double share) noexcept {
    const auto trace = trace_id(traceparent);
    if (trace.empty() || sampled(traceparent)) return true;
    constexpr double kAll = 0x1p56;  // the last 14 digits are random (W3C Trace Context, level 2)
    std::uint64_t random = 0;
    std::from_chars(trace.data() + 18, trace.data() + 32, random, 16);
    return random >= static_cast<std::uint64_t>((1 - share) * kAll);
}

Trace begin_trace(std::string request_id, std::string_view incoming, double log_sample) {
    auto traceparent = continue_trace(incoming);
    const bool kept = in_sample(traceparent, log_sample);
    return {std::move(request_id), std::move(traceparent), kept, std::make_shared<VendorTime>()};
}

}  // namespace bwgw::telemetry
