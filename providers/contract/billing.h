#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bwgw {

enum class BillingModel : std::uint8_t { fixed, percentile_95, fifth_peak, traffic, unspecified };
enum class Payment : std::uint8_t { prepaid, postpaid, unspecified };
enum class TermUnit : std::uint8_t { hour, month, year };

/// How long a prepaid order is for: `count` times `unit`, count ≥ 1.
struct Term {
    TermUnit unit = TermUnit::month;
    int count = 1;
    friend bool operator==(const Term&, const Term&) = default;
};

/// How a bandwidth is paid for. `unspecified` and an absent term mean that the vendor does not say.
struct Billing {
    BillingModel model = BillingModel::unspecified;
    Payment payment = Payment::unspecified;
    std::optional<Term> term = {};
    friend bool operator==(const Billing&, const Billing&) = default;
};

std::string_view word(BillingModel model) noexcept;
std::string_view word(Payment payment) noexcept;
std::string_view word(TermUnit unit) noexcept;
std::optional<BillingModel> billing_model_of(std::string_view word) noexcept;
std::optional<Payment> payment_of(std::string_view word) noexcept;
std::optional<TermUnit> term_unit_of(std::string_view word) noexcept;

}  // namespace bwgw
