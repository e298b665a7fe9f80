#include "gateway/telemetry/trace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <random>
#include <utility>

#include "providers/contract/bytes.h"

namespace bwgw::telemetry {

namespace {

constexpr std::size_t kLength = 55;  // 00-<32>-<16>-<2>

constexpr std::string_view kDigits = "0123456789abcdef";

bool hex(std::string_view text) {
    return all_bytes(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool sampled(std::string_view traceparent) {
    return std::string_view("13579bdf").find(traceparent[54]) != std::string_view::npos;
}

bool zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

// Names, not secrets: they need to be unlike each other, and cheap.
std::uint64_t random_bits() {
    thread_local std::mt19937_64 random = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    return random();
}

void append_hex(std::string& to, std::uint64_t bits) {
    std::array<char, 16> digits{};
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, bits >>= 4U)
        *digit = kDigits[bits & 15U];
    to.append(digits.data(), digits.size());
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
    std::string ours;
    ours.reserve(kLength);
    ours += "00-";
    ours += trace;
    if (trace.empty()) {
        append_hex(ours, random_bits());
        append_hex(ours, random_bits() | 1U);  // all zeros means none
    }
    ours += '-';
    append_hex(ours, random_bits() | 1U);
    ours += !trace.empty() && sampled(incoming) ? "-01" : "-00";
    return ours;
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
