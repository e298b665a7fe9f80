#include "gateway/upstream/curl_multi.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace bwgw::upstream {

/// A descriptor that libcurl waits for. One that we opened stays watched between transfers, until libcurl
/// closes it: two epoll_ctl calls less for each transfer on a kept-alive connection.
struct CurlMulti::Socket final : loop::Loop::Watcher {
    Socket(CurlMulti& owner, int descriptor, bool opened_by_us)
        : multi(owner), fd(descriptor), ours(opened_by_us) {}

    void ready(bool readable, bool writable) override {
        if (!wanted) {  // an idle connection that the vendor closed: libcurl sees it before the next use
            multi.loop_.unwatch(fd);
            watched_for = 0;
            return;
        }
        CurlMulti& owner = multi;  // acting may close this descriptor, and end this object
        owner.act(fd, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
        owner.resume_ended();
    }

    CurlMulti& multi;
    const int fd;
    const bool ours;  // libcurl's resolver brings its own, and closes them without a word
    bool wanted = false;
    int watched_for = 0;
};

struct CurlMulti::Callbacks {
    static int socket(CURL*, curl_socket_t fd, int what, void* self, void*) noexcept {
        static_cast<CurlMulti*>(self)->watch(fd, what);
        return 0;
    }
    static int timer(CURLM*, long milliseconds, void* self) noexcept {
        static_cast<CurlMulti*>(self)->set_timer(milliseconds);
        return 0;
    }
    static curl_socket_t open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
        const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (fd < 0) return CURL_SOCKET_BAD;
        auto& multi = *static_cast<CurlMulti*>(self);
        multi.sockets_.emplace(fd, std::make_unique<Socket>(multi, fd, true));
        return fd;
    }
    static int close(void* self, curl_socket_t fd) noexcept {
        static_cast<CurlMulti*>(self)->release(fd);
        return ::close(fd);
    }
};

Transfer::~Transfer() {
    if (multi_ && (state_ == State::running || state_ == State::ended)) multi_->remove(*this);
}

void Transfer::await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    multi_->start(*this);
}

void Transfer::stop() {
    if (!multi_ || state_ != State::running) return;
    CurlMulti& multi = *multi_;
    multi.remove(*this);
    code_ = CURLE_ABORTED_BY_CALLBACK;
    state_ = State::ended;
    multi.ended_.push_back(this);
    multi.resume_soon();
}

CurlMulti::CurlMulti(loop::Loop& loop) : loop_(loop) {
    static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = global == CURLE_OK ? curl_multi_init() : nullptr;
    if (!multi_) throw std::runtime_error("libcurl does not start");
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Callbacks::socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Callbacks::timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxIdleConnections);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

CurlMulti::~CurlMulti() {
    while (!running_.empty()) {
        Transfer& transfer = *running_.back();
        remove(transfer);
        transfer.multi_ = nullptr;
    }
    for (Transfer* transfer : ended_) transfer->multi_ = nullptr;
    curl_multi_cleanup(multi_);
    if (timer_ != 0) loop_.cancel(timer_);
    if (soon_ != 0) loop_.cancel(soon_);
}

void CurlMulti::adopt(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &Callbacks::close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

void CurlMulti::start(Transfer& transfer) {
    curl_easy_setopt(transfer.easy_, CURLOPT_PRIVATE, &transfer);
    transfer.state_ = Transfer::State::running;
    transfer.place_ = running_.size();
    running_.push_back(&transfer);
    acting_ = true;
    curl_multi_add_handle(multi_, transfer.easy_);
    act(CURL_SOCKET_TIMEOUT, 0);
    if (!ended_.empty()) resume_soon();  // never from here: the caller is about to suspend
}

void CurlMulti::remove(Transfer& transfer) {
    if (transfer.state_ == Transfer::State::ended) {
        std::erase(ended_, &transfer);
        return;
    }
    curl_multi_remove_handle(multi_, transfer.easy_);
    running_.back()->place_ = transfer.place_;
    running_[transfer.place_] = running_.back();
    running_.pop_back();
    transfer.state_ = Transfer::State::idle;
}

void CurlMulti::act(int fd, int events) {
    constexpr int kMaxRounds = 16;  // libcurl asks for another turn at once; a stubborn one must not keep us
    int running = 0;
    acting_ = true;
    due_now_ = false;
    curl_multi_socket_action(multi_, fd, events, &running);
    for (int round = 0; due_now_ && round < kMaxRounds; ++round) {
        due_now_ = false;
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    collect();
    acting_ = false;
    if (due_now_) set_timer(0);
}

void CurlMulti::collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;  // gone with the handle
        Transfer* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        remove(*transfer);
        transfer->code_ = code;
        transfer->state_ = Transfer::State::ended;
        ended_.push_back(transfer);
    }
}

void CurlMulti::resume_ended() {
    while (!ended_.empty()) {
        Transfer* transfer = ended_.front();
        ended_.pop_front();
        transfer->state_ = Transfer::State::resumed;
        transfer->waiting_.resume();
    }
}

void CurlMulti::resume_soon() {
    if (soon_ != 0) return;
    soon_ = loop_.call_at(loop::Clock::now(), [this] {
        soon_ = 0;
        resume_ended();
    });
}

void CurlMulti::set_timer(long milliseconds) {
    if (milliseconds == 0 && acting_) {
        due_now_ = true;
        return;
    }
    due_ = milliseconds < 0 ? loop::Clock::time_point::max()
                            : loop::Clock::now() + std::chrono::milliseconds(milliseconds);
    // A timer that fires too early is cheaper than one set anew for every transfer.
    if (milliseconds < 0 || (timer_ != 0 && timer_at_ <= due_)) return;
    if (timer_ != 0) loop_.cancel(timer_);
    timer_at_ = due_;
    timer_ = loop_.call_at(due_, [this] { timer_fired(); });
}

void CurlMulti::timer_fired() {
    timer_ = 0;
    if (due_ == loop::Clock::time_point::max()) return;
    if (due_ > loop::Clock::now()) {
        timer_at_ = due_;
        timer_ = loop_.call_at(due_, [this] { timer_fired(); });
        return;
    }
    due_ = loop::Clock::time_point::max();
    act(CURL_SOCKET_TIMEOUT, 0);
    resume_ended();
}

void CurlMulti::watch(int fd, int what) {
    auto found = sockets_.find(fd);
    if (what == CURL_POLL_REMOVE) {
        if (found == sockets_.end()) return;
        found->second->wanted = false;
        if (!found->second->ours) release(fd);
        return;
    }
    if (found == sockets_.end())
        found = sockets_.emplace(fd, std::make_unique<Socket>(*this, fd, false)).first;
    Socket& socket = *found->second;
    socket.wanted = true;
    if (socket.watched_for == what) return;
    socket.watched_for = what;
    if (what == CURL_POLL_NONE) return loop_.unwatch(fd);
    loop_.watch(fd, (what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0, socket);
}

void CurlMulti::release(int fd) {
    const auto found = sockets_.find(fd);
    if (found == sockets_.end()) return;
    if (found->second->watched_for != 0) loop_.unwatch(fd);
    sockets_.erase(found);
}

}  // namespace bwgw::upstream
