#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bwgw::test {

/// A blocking socket that sends what it is told, byte for byte.
class Client {
public:
    explicit Client(std::uint16_t port, const std::string& address = "127.0.0.1");
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes);
    /// One response by its Content-Length (or without a body for `head_only`); "" when the connection is
    /// closed.
    std::string response(bool head_only = false);
    /// True if the server closes within 10 s without sending anything more.
    bool is_closed();
    void shutdown_sending();
    void close();

private:
    bool fill();
    int fd_ = -1;
    std::string buffer_;
};

int status_of(std::string_view response);
std::string header_of(std::string_view response, std::string_view name);
std::string body_of(std::string_view response);

}  // namespace bwgw::test
