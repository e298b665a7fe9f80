#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "gateway/loop/loop.h"

// libcurl's handle types, without its macros.
using CURL = void;
using CURLM = void;

namespace bwgw::upstream {

class CurlMulti;

/// One prepared easy handle on its way: `co_await transfer` gives its CURLcode, always resumed from the loop.
/// Lives in the awaiting frame; destroyed before its end, it takes the handle out of the multi handle. The
/// easy handle must outlive it.
class Transfer {
public:
    Transfer(CurlMulti& multi, CURL* easy) noexcept : multi_(&multi), easy_(easy) {}
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    /// Ends it at once, as CURLE_ABORTED_BY_CALLBACK; no effect on one that has not begun or has ended.
    void stop();

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    int await_resume() const noexcept { return code_; }

private:
    friend class CurlMulti;
    enum class State { idle, running, ended, resumed };

    CurlMulti* multi_;  // null once the multi handle is gone: nobody will resume us
    CURL* easy_;
    std::coroutine_handle<> waiting_;
    State state_ = State::idle;
    std::size_t place_ = 0;  // among the running
    int code_ = 0;
};

/// A libcurl multi handle inside a worker's event loop, for one account: libcurl goes through all of a
/// multi's connections for every transfer. Worker's thread only, and destroyed before the loop, never from a
/// coroutine that it resumed; what still waits for a transfer then waits for ever. The process ignores
/// SIGPIPE (OpenSSL writes to dead sockets).
class CurlMulti {
public:
    static constexpr long kMaxIdleConnections = 1024;

    explicit CurlMulti(loop::Loop& loop);
    ~CurlMulti();
    CurlMulti(const CurlMulti&) = delete;
    CurlMulti& operator=(const CurlMulti&) = delete;

    /// Makes a new easy handle open and close its sockets through us. Must precede its first transfer here.
    void adopt(CURL* easy);

private:
    friend class Transfer;
    struct Socket;
    struct Callbacks;

    void start(Transfer& transfer);
    void remove(Transfer& transfer);
    void act(int fd, int events);
    void collect();
    void resume_ended();
    void resume_soon();
    void set_timer(long milliseconds);
    void timer_fired();
    void watch(int fd, int what);
    void release(int fd);

    loop::Loop& loop_;
    CURLM* multi_;
    std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
    std::vector<Transfer*> running_;
    std::deque<Transfer*> ended_;
    bool acting_ = false;   // inside libcurl
    bool due_now_ = false;  // it wants another turn
    loop::Clock::time_point due_ = loop::Clock::time_point::max();
    loop::Clock::time_point timer_at_ = due_;
    loop::Loop::TimerId timer_ = 0;
    loop::Loop::TimerId soon_ = 0;
};

}  // namespace bwgw::upstream
