#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "providers/contract/task.h"

namespace bwgw {

namespace detail {

// Runs at once and frees itself at its end; what it awaits reports to the join.
struct Branch {
    struct promise_type {
        Branch get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }  // run_branch catches everything
    };
};

template <class T>
struct Join {
    std::vector<std::optional<Result<T>>> results;
    std::exception_ptr exception;
    std::size_t pending = 0;
    std::coroutine_handle<> parent;

    void arrived() {
        if (--pending == 0) parent.resume();
    }
};

template <class T>
Branch run_branch(Join<T>& join, std::size_t index, Task<T> task) {
    try {
        join.results[index].emplace(co_await std::move(task));
    } catch (...) {
        join.exception = std::current_exception();
    }
    join.arrived();
}

}  // namespace detail

/// Runs the tasks side by side on the awaiting thread and ends when the last one has: results in the tasks'
/// order, each with its own failure. Never fails itself; an exception of a task is rethrown after all have
/// ended.
template <class T>
Task<std::vector<Result<T>>> when_all(std::vector<Task<T>> tasks) {
    struct Start {
        std::vector<Task<T>>& tasks;
        detail::Join<T>& join;
        bool await_ready() const noexcept { return tasks.empty(); }
        bool await_suspend(std::coroutine_handle<> parent) {
            join.parent = parent;
            join.results.resize(tasks.size());
            join.pending =
                tasks.size() + 1;  // one more for this loop, so that no branch resumes us while it runs
            for (std::size_t i = 0; i < tasks.size(); ++i) detail::run_branch(join, i, std::move(tasks[i]));
            return --join.pending != 0;
        }
        void await_resume() const noexcept {}
    };
    detail::Join<T> join;
    co_await Start{tasks, join};
    if (join.exception) std::rethrow_exception(join.exception);
    std::vector<Result<T>> results;
    results.reserve(join.results.size());
    for (auto& result : join.results) results.push_back(std::move(*result));
    co_return std::move(results);
}

}  // namespace bwgw
