#include "providers/contract/identifiers.h"

#include <array>
#include <cstdint>

#include "providers/contract/bandwidth.h"

namespace bwgw {
namespace {

constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 64;
constexpr auto kBase64UrlDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::size_t i = 0; i < kBase64Url.size(); ++i)
        digits[static_cast<unsigned char>(kBase64Url[i])] = static_cast<std::uint8_t>(i);
    return digits;
}();
constexpr std::size_t kMarkerSuffix = 12;
constexpr std::string_view kMarkerPrefix = "gw-";
constexpr std::size_t kMaxIdText = 1024;  // four vendor identifiers; far above the longest seen

bool is_base32(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

bool is_marker(std::string_view text) {
    if (text.size() != kMarkerPrefix.size() + kMarkerSuffix || !text.starts_with(kMarkerPrefix)) return false;
    for (const char c : text.substr(kMarkerPrefix.size()))
        if (!is_base32(c)) return false;
    return true;
}

}  // namespace

std::string base64url_encode(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size() * 4 / 3 + 3);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) text += kBase64Url[(bits >> (held - 6)) & 63];
    }
    if (held > 0) text += kBase64Url[(bits << (6 - held)) & 63];
    return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto value = kBase64UrlDigits[static_cast<unsigned char>(c)];
        if (value == kNoDigit) return std::nullopt;
        bits = (bits << 6) | value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>((bits >> held) & 0xFF);
        }
    }
    if (base64url_encode(bytes) != text) return std::nullopt;  // one text per value
    return bytes;
}

std::string BandwidthId::text() const {
    std::string bytes;
    for (const auto* part : {&provider, &ref.product, &ref.scope, &ref.native_id}) {
        if (!bytes.empty()) bytes += '\0';
        bytes += *part;
    }
    return base64url_encode(bytes);
}

std::optional<BandwidthId> BandwidthId::parse(std::string_view text) {
    if (text.size() > kMaxIdText) return std::nullopt;
    const auto bytes = base64url_decode(text);
    if (!bytes) return std::nullopt;
    std::array<std::string, 4> parts;
    std::size_t part = 0;
    for (const char c : *bytes) {
        if (c != '\0') {
            parts[part] += c;
        } else if (++part == parts.size()) {
            return std::nullopt;
        }
    }
    if (part + 1 != parts.size()) return std::nullopt;
    for (const auto& text_part : parts)
        if (text_part.empty()) return std::nullopt;
    return BandwidthId{parts[0], {parts[1], parts[2], parts[3]}};
}

std::string TaggedName::text() const {
    if (marker.empty()) return name;
    return name.empty() ? marker : name + "." + marker;
}

TaggedName TaggedName::parse(std::string_view vendor_name) {
    if (is_marker(vendor_name)) return {"", std::string(vendor_name)};
    const auto dot = vendor_name.rfind('.');
    if (dot != std::string_view::npos && is_marker(vendor_name.substr(dot + 1)))
        return {std::string(vendor_name.substr(0, dot)), std::string(vendor_name.substr(dot + 1))};
    return {std::string(vendor_name), ""};
}

std::string marker_of(std::string_view operation_id) {
    const auto from = operation_id.size() > kMarkerSuffix ? operation_id.size() - kMarkerSuffix : 0;
    return std::string(kMarkerPrefix) + std::string(operation_id.substr(from));
}

bool same_pair(const Ends& left, const Ends& right) noexcept {
    return (left.a == right.a && left.b == right.b) || (left.a == right.b && left.b == right.a);
}

}  // namespace bwgw
