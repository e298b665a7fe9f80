#include "providers/contract/when_all.h"

#include <gtest/gtest.h>

#include <deque>
#include <stdexcept>
#include <string>

namespace bwgw {
namespace {

// Waits until the test says go on, in the order that the test likes.
struct Gate {
    std::deque<std::coroutine_handle<>> waiting;
    auto wait() {
        struct Awaiter {
            Gate& gate;
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<> handle) { gate.waiting.push_back(handle); }
            void await_resume() const noexcept {}
        };
        return Awaiter{*this};
    }
    void open_last() {
        auto handle = waiting.back();
        waiting.pop_back();
        handle.resume();
    }
};

Task<int> ready(int value) {
    co_return value;
}
Task<int> failed(Slug slug) {
    co_return Failure{.slug = slug};
}
Task<int> thrown() {
    throw std::runtime_error("bug");
    co_return 0;
}
Task<int> after(Gate& gate, int value) {
    co_await gate.wait();
    co_return value;
}

struct Root {
    struct promise_type {
        Root get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
    };
};

Root collect(std::vector<Task<int>> tasks, std::string& told) {
    try {
        auto results = co_await when_all(std::move(tasks));
        for (auto& result : *results)
            told += (result ? std::to_string(*result) : std::string(word(result.failure().slug))) + " ";
        told += "end";
    } catch (const std::runtime_error& error) {
        told += error.what();
    }
}

template <class... Tasks>
std::vector<Task<int>> all(Tasks... tasks) {
    std::vector<Task<int>> vector;
    (vector.push_back(std::move(tasks)), ...);
    return vector;
}

TEST(WhenAll, OfNothingEndsAtOnce) {
    std::string told;
    collect({}, told);
    EXPECT_EQ(told, "end");
}

TEST(WhenAll, GivesResultsInTheTasksOrderEachWithItsOwnFailure) {
    std::string told;
    collect(all(ready(1), failed(Slug::provider_timeout), ready(3)), told);
    EXPECT_EQ(told, "1 provider-timeout 3 end");
}

TEST(WhenAll, RunsSideBySideAndEndsWithTheLast) {
    Gate gate;
    std::string told;
    collect(all(after(gate, 1), ready(2), after(gate, 3)), told);
    EXPECT_EQ(gate.waiting.size(), 2U);
    gate.open_last();
    EXPECT_EQ(told, "");
    gate.open_last();
    EXPECT_EQ(told, "1 2 3 end");
}

TEST(WhenAll, RethrowsAnExceptionOnlyAfterAllHaveEnded) {
    Gate gate;
    std::string told;
    collect(all(thrown(), after(gate, 2)), told);
    EXPECT_EQ(told, "");
    gate.open_last();
    EXPECT_EQ(told, "bug");
}

TEST(Task, DestroyedUnawaitedRunsNothing) {
    Gate gate;
    { const auto task = after(gate, 1); }
    EXPECT_TRUE(gate.waiting.empty());
}

}  // namespace
}  // namespace bwgw
