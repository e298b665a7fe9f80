#include "gateway/loop/loop.h"

#include <coroutine>
#include <exception>
#include <utility>

namespace bwgw::loop {

namespace {

// Runs at once and frees itself at its end; an exception leaves the worker's stack and so ends the process.
struct Detached {
    struct promise_type {
        Detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
    };
};

Detached run(Task<void> task, std::size_t& running) {
    ++running;
    static_cast<void>(co_await std::move(task));
    --running;
}

}  // namespace

void Loop::spawn(Task<void> task) {
    run(std::move(task), spawned_);
}

}  // namespace bwgw::loop
