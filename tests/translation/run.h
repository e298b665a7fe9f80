#pragma once

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "providers/contract/task.h"

namespace bwgw::tests {

/// The result of a task that waits for nothing but other such tasks.
template <class T>
Result<T> run(Task<T> task) {
    struct Root {
        struct promise_type {
            Root get_return_object() const noexcept { return {}; }
            std::suspend_never initial_suspend() const noexcept { return {}; }
            std::suspend_never final_suspend() const noexcept { return {}; }
            void return_void() const noexcept {}
            void unhandled_exception() const noexcept { std::terminate(); }
        };
        static Root start(Task<T> awaited, std::optional<Result<T>>& result) {
            result.emplace(co_await std::move(awaited));
        }
    };
    std::optional<Result<T>> result;
    Root::start(std::move(task), result);
    if (!result) throw std::logic_error("the task waits for something that nobody ends");
    return std::move(*result);
}

}  // namespace bwgw::tests
