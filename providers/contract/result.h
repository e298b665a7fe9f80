#pragma once

#include <memory>
#include <utility>
#include <variant>

#include "providers/contract/failure.h"

namespace bwgw {
namespace detail {

inline Failure& held(const std::unique_ptr<Failure>& failure) {
    if (!failure) throw std::bad_variant_access();
    return *failure;
}

}  // namespace detail

/// A value, or the Failure that stands in its place. Test it before `*`: reading the wrong side throws
/// std::bad_variant_access, which is a bug and never an answer to a caller.
template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Failure failure) : state_(std::in_place_index<1>, std::make_unique<Failure>(std::move(failure))) {}

    explicit operator bool() const noexcept { return state_.index() == 0; }

    T& operator*() & { return std::get<0>(state_); }
    const T& operator*() const& { return std::get<0>(state_); }
    T operator*() && {
        return std::get<0>(std::move(state_));
    }  // a value: safe in a range-for over a temporary
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }

    Failure& failure() & { return detail::held(std::get<1>(state_)); }
    const Failure& failure() const& { return detail::held(std::get<1>(state_)); }
    Failure&& failure() && { return std::move(detail::held(std::get<1>(state_))); }

private:
    std::variant<T, std::unique_ptr<Failure>> state_;  // a Failure is large, and seldom
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    Result(Failure failure) : failure_(std::make_unique<Failure>(std::move(failure))), failed_(true) {}

    explicit operator bool() const noexcept { return !failed_; }
    Failure& failure() & { return detail::held(failure_); }
    const Failure& failure() const& { return detail::held(failure_); }
    Failure&& failure() && { return std::move(detail::held(failure_)); }

private:
    std::unique_ptr<Failure> failure_;
    bool failed_ = false;  // also once it was moved from
};

}  // namespace bwgw
