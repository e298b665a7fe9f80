// A vendor of the Zenlayer family that costs next to nothing, for the benchmark: one thread, no signatures.
//   POST /rows/N/delay/MS/api/v2/zec    answers a listing's page out of N rows, MS milliseconds later
// SIGUSR1 hangs it (what it is asked is never answered), SIGUSR2 heals it. Prints its port; ends with its
// input.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kMaxEvents = 256;
constexpr std::size_t kReadBytes = 16'384;

std::int64_t number_after(std::string_view text, std::string_view mark, std::int64_t otherwise) {
    const auto at = text.find(mark);
    if (at == std::string_view::npos) return otherwise;
    std::int64_t number = otherwise;
    const auto* begin = text.data() + at + mark.size();
    std::from_chars(begin, text.data() + text.size(), number);
    return number;
}

// About 1 KB for two, as DescribeCrossRegionBandwidth shows them.
std::string row(std::int64_t number) {
    constexpr std::array<const char*, 4> ends = {"asia-east-1", "asia-southeast-1", "europe-west-1",
                                                 "na-west-1"};
    return fmt::format(
        R"({{"crossRegionBandwidthId":"12000000000{0:08}","crossRegionBandwidthName":"link-{0}","vpcId":"1100000000000000001",)"
        R"("regionA":"{1}","regionZ":"{2}","internetChargeType":"ByBandwidth","bandwidth":{3},"bandwidthCap":null,)"
        R"("createTime":"2026-01-01T00:00:00Z","expiredTime":null,"status":"AVAILABLE","resourceGroupId":"1400000000000000001",)"
        R"("resourceGroupName":"production","vpcName":"backbone","tags":{{"tags":[{{"key":"team","value":"network"}}]}}}})",
        number, ends[static_cast<std::size_t>(number) % 4], ends[static_cast<std::size_t>(number + 1) % 4],
        10 + number % 990);
}

std::string page(std::int64_t rows, std::int64_t number, std::int64_t size) {
    std::string items;
    for (auto i = (number - 1) * size; i < std::min(rows, number * size); ++i)
        items += (items.empty() ? "" : ",") + row(i);
    return fmt::format(
        R"({{"requestId":"T1","response":{{"requestId":"T1","totalCount":{},"dataSet":[{}]}}}})", rows,
        items);
}

class Stub {
public:
    Stub() {
        listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listening_, 4096) != 0)
            std::exit(1);
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
        fmt::print("{}\n", ntohs(address.sin_port));
        std::fflush(stdout);
        sigset_t told;
        sigemptyset(&told);
        sigaddset(&told, SIGUSR1);
        sigaddset(&told, SIGUSR2);
        ::sigprocmask(SIG_BLOCK, &told, nullptr);
        signals_ = ::signalfd(-1, &told, SFD_NONBLOCK);
        for (const int fd : {listening_, signals_, STDIN_FILENO}) watch(fd);
    }

    void run() {
        while (!ended_) {
            std::array<epoll_event, kMaxEvents> events{};
            const int ready = wait(events);
            for (int i = 0; i < ready; ++i) serve(events[static_cast<std::size_t>(i)].data.fd);
            const auto now = Clock::now();
            while (!due_.empty() && due_.begin()->first <= now) {
                const auto [fd, id, answer] = due_.begin()->second;
                due_.erase(due_.begin());
                const auto found = callers_.find(fd);
                if (found != callers_.end() && found->second.id == id) send(fd, *answer);
            }
        }
    }

private:
    struct Caller {
        std::uint64_t id = 0;
        std::string input;
    };
    struct Due {
        int fd;
        std::uint64_t id;
        const std::string* answer;
    };

    void watch(int fd) const {
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
    }

    int wait(std::array<epoll_event, kMaxEvents>& events) const {
        if (due_.empty()) return ::epoll_wait(poll_, events.data(), kMaxEvents, -1);
        const auto left = std::max(due_.begin()->first - Clock::now(), Clock::duration::zero());
        const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
        const timespec span{seconds.count(), (left - seconds).count()};
        return ::epoll_pwait2(poll_, events.data(), kMaxEvents, &span, nullptr);
    }

    void serve(int fd) {
        if (fd == listening_) return accept();
        if (fd == STDIN_FILENO) ended_ = true;
        if (fd == STDIN_FILENO) return;
        if (fd == signals_) {
            signalfd_siginfo told{};
            while (::read(signals_, &told, sizeof told) == sizeof told) hung_ = told.ssi_signo == SIGUSR1;
            return;
        }
        std::array<char, kReadBytes> bytes{};
        const auto size = ::read(fd, bytes.data(), bytes.size());
        if (size <= 0) {
            callers_.erase(fd);
            ::close(fd);
            return;
        }
        auto& caller = callers_[fd];
        caller.input.append(bytes.data(), static_cast<std::size_t>(size));
        answer(fd, caller);
    }

    void accept() {
        const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        callers_[fd].id = ++last_id_;
        watch(fd);
    }

    void answer(int fd, Caller& caller) {
        for (;;) {
            const auto head = caller.input.find("\r\n\r\n");
            if (head == std::string::npos) return;
            const auto length =
                number_after(std::string_view(caller.input).substr(0, head), "Content-Length: ", 0);
            const auto whole = head + 4 + static_cast<std::size_t>(length);
            if (caller.input.size() < whole) return;
            const auto request = std::string_view(caller.input).substr(0, whole);
            const auto& reply = reply_to(request);
            const auto delay = number_after(request, "/delay/", 0);
            if (!hung_ && delay == 0)
                send(fd, reply);
            else if (!hung_)
                due_.emplace(Clock::now() + std::chrono::milliseconds(delay), Due{fd, caller.id, &reply});
            caller.input.erase(0, whole);
        }
    }

    const std::string& reply_to(std::string_view request) {
        const std::array<std::int64_t, 3> asked = {number_after(request, "/rows/", 1),
                                                   number_after(request, "\"pageNum\":", 1),
                                                   number_after(request, "\"pageSize\":", 1000)};
        auto& reply = replies_[asked];
        if (reply.empty()) {
            const auto body = page(asked[0], asked[1], asked[2]);
            reply = fmt::format(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                body.size(), body);
        }
        return reply;
    }

    // The pages are larger than a socket's buffer.
    static void send(int fd, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno == EAGAIN) {
                pollfd room{fd, POLLOUT, 0};
                ::poll(&room, 1, -1);
            } else {
                return;
            }
        }
    }

    const int poll_ = ::epoll_create1(0);
    int listening_ = -1;
    int signals_ = -1;
    bool hung_ = false;
    bool ended_ = false;
    std::uint64_t last_id_ = 0;
    std::unordered_map<int, Caller> callers_;
    std::multimap<Clock::time_point, Due> due_;
    std::map<std::array<std::int64_t, 3>, std::string> replies_;
};

}  // namespace

int main() {
    Stub().run();
}
