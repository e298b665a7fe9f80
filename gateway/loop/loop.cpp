#include "gateway/loop/loop.h"

#include <coroutine>
#include <exception>
#include <utility>

namespace bwgw::loop {

namespace {

// Runs at once and frees itself at its end; an exception leaves the worker's stack and so ends the process.
struct Detached {
    struct promise_type {
        promise_type(const Task<void>&, std::set<const void*>& frames) : spawned(frames) {
            spawned.insert(frame());
        }
        ~promise_type() { spawned.erase(frame()); }
        promise_type(const promise_type&) = delete;
        promise_type& operator=(const promise_type&) = delete;

        const void* frame() { return std::coroutine_handle<promise_type>::from_promise(*this).address(); }
        Detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }

        std::set<const void*>& spawned;
    };
};

Detached run(Task<void> task, std::set<const void*>&) {
    static_cast<void>(co_await std::move(task));
}

}  // namespace

void Loop::spawn(Task<void> task) {
    run(std::move(task), spawned_);
}

void Loop::abandon() noexcept {
    while (!spawned_.empty())
        std::coroutine_handle<>::from_address(const_cast<void*>(*spawned_.begin())).destroy();
}

}  // namespace bwgw::loop
