#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace bwgw::test {

/// One request as it arrived.
struct Seen {
    int connection;  // counted from 0
    std::string head;
    std::string body;
};

/// What the vendor does with a request.
struct Act {
    enum class After { keep, close, reset, hang };
    std::string bytes;
    After after = After::keep;
};

/// A complete answer with a length.
Act answer(std::string body, int status = 200, std::string headers = {});

/// A certificate for 127.0.0.1 and localhost, signed by itself, with its key; in a file for `ca_file`.
class Certificate {
public:
    Certificate();
    ~Certificate();
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    const std::string& file() const noexcept { return file_; }
    /// A TLS server with this certificate, up to this protocol version (0: the newest).
    std::shared_ptr<ssl_ctx_st> server(int newest = 0, const char* ciphers = nullptr) const;

private:
    std::shared_ptr<void> key_;
    std::shared_ptr<void> certificate_;
    std::string file_;
};

/// A vendor on a loopback socket, one thread for each connection, that follows a script.
class Vendor {
public:
    explicit Vendor(std::function<Act(const Seen&)> script, std::shared_ptr<ssl_ctx_st> tls = nullptr);
    ~Vendor();
    Vendor(const Vendor&) = delete;
    Vendor& operator=(const Vendor&) = delete;

    std::string url(const std::string& path = "/") const;
    std::uint16_t port() const noexcept { return port_; }
    std::vector<Seen> seen() const;
    int connections() const noexcept { return accepted_; }
    /// From now on, new connections are reset as soon as their first byte arrives.
    void reset_at_first_byte() noexcept { resetting_ = true; }

private:
    void accept_all();
    void serve(int fd, int connection);
    bool converse(int fd, ssl_st* tls, int connection);

    const std::function<Act(const Seen&)> script_;
    const std::shared_ptr<ssl_ctx_st> tls_;
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> accepted_ = 0;
    std::atomic<bool> resetting_ = false;
    mutable std::mutex mutex_;
    bool ending_ = false;
    std::vector<Seen> seen_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace bwgw::test
