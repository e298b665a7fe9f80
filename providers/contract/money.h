#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bwgw {

/// An exact amount of a currency's main unit: `units` / 10^6. Decimal text outside, never a floating point.
class Decimal {
public:
    /// Accepts `12`, `12.5`, `450.0`: no sign, no exponent, at most 12 digits before the point; digits after
    /// the sixth must be zero.
    static std::optional<Decimal> parse(std::string_view text);
    static constexpr Decimal from_units(std::int64_t units) { return Decimal(units); }

    constexpr std::int64_t units() const noexcept { return units_; }
    /// Shortest text that keeps the value: `12.5`, `450`.
    std::string text() const;
    /// This times `factor`; nothing on overflow, or where digits after the sixth would be lost.
    std::optional<Decimal> times(Decimal factor) const;

    friend auto operator<=>(Decimal, Decimal) = default;

private:
    constexpr explicit Decimal(std::int64_t units) : units_(units) {}
    std::int64_t units_;
};

/// An amount with its ISO 4217 currency.
struct Money {
    Decimal amount;
    std::string currency;
};

}  // namespace bwgw
