#include "providers/contract/money.h"

namespace bwgw {
namespace {
constexpr std::int64_t kUnitsPerWhole = 1'000'000;
constexpr std::size_t kMaxWholeDigits = 12;
}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
    std::int64_t whole = 0;
    std::int64_t fraction = 0;
    std::int64_t scale = kUnitsPerWhole;
    const auto point = text.find('.');
    const auto before = text.substr(0, point);
    if (before.empty() || before.size() > kMaxWholeDigits) return std::nullopt;
    for (const char c : before) {
        if (c < '0' || c > '9') return std::nullopt;
        whole = whole * 10 + (c - '0');
    }
    if (point != std::string_view::npos) {
        const auto after = text.substr(point + 1);
        if (after.empty()) return std::nullopt;
        for (const char c : after) {
            if (c < '0' || c > '9') return std::nullopt;
            scale /= 10;
            if (scale == 0 && c != '0') return std::nullopt;
            fraction += (c - '0') * scale;
        }
    }
    return Decimal(whole * kUnitsPerWhole + fraction);
}

std::string Decimal::text() const {
    std::string text = std::to_string(units_ / kUnitsPerWhole);
    std::int64_t rest = units_ % kUnitsPerWhole;
    if (rest == 0) return text;
    text += '.';
    for (std::int64_t digit = kUnitsPerWhole / 10; rest != 0; digit /= 10) {
        text += static_cast<char>('0' + rest / digit);
        rest %= digit;
    }
    return text;
}

std::optional<Decimal> Decimal::times(Decimal factor) const {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(units_, factor.units_, &product)) return std::nullopt;
    if (product % kUnitsPerWhole != 0) return std::nullopt;
    return Decimal(product / kUnitsPerWhole);
}

}  // namespace bwgw
