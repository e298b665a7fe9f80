#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "providers/contract/result.h"

namespace bwgw {

/// A lazy coroutine that ends in a Result<T>: nothing runs until it is awaited, and it runs on the awaiting
/// thread. Awaited exactly once, by its parent; destroying an unawaited or suspended task destroys its frame.
template <class T>
class [[nodiscard]] Task {
public:
    struct promise_type {
        std::coroutine_handle<> continuation = std::noop_coroutine();
        std::optional<Result<T>> result;
        std::exception_ptr exception;

        struct ResumeParent {
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
                return self.promise().continuation;
            }
            void await_resume() const noexcept {}
        };

        Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        ResumeParent final_suspend() const noexcept { return {}; }
        void return_value(Result<T> value) { result.emplace(std::move(value)); }
        void unhandled_exception() noexcept { exception = std::current_exception(); }
    };

    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            if (handle_) handle_.destroy();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    auto operator co_await() && noexcept {
        struct Awaiter {
            std::coroutine_handle<promise_type> child;
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) const noexcept {
                child.promise().continuation = parent;
                return child;
            }
            Result<T> await_resume() const {
                if (child.promise().exception) std::rethrow_exception(child.promise().exception);
                return std::move(*child.promise().result);
            }
        };
        return Awaiter{handle_};
    }

private:
    explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
};

}  // namespace bwgw
