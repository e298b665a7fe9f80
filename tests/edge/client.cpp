#include "tests/edge/client.h"

#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace bwgw::test {

Client::Client(std::uint16_t port, const std::string& address) {
    const bool v6 = address.find(':') != std::string::npos;
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    fd_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(),
                v6 ? static_cast<void*>(&six.sin6_addr) : static_cast<void*>(&v4.sin_addr));
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const auto* target =
        v6 ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&v4);
    if (::connect(fd_, target, v6 ? sizeof six : sizeof v4) != 0) {
        ::close(fd_);
        throw std::runtime_error("cannot connect");
    }
}

Client::~Client() {
    close();
}

void Client::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void Client::shutdown_sending() {
    ::shutdown(fd_, SHUT_WR);
}

void Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (done <= 0) return;  // the answer tells what happened
        bytes.remove_prefix(static_cast<std::size_t>(done));
    }
}

bool Client::fill() {
    char bytes[16384];
    const ssize_t done = ::recv(fd_, bytes, sizeof bytes, 0);
    if (done <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(done));
    return true;
}

std::string Client::response(bool head_only) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return {};
    }
    end += 4;
    const std::string length = header_of(buffer_.substr(0, end), "Content-Length");
    if (!head_only && !length.empty()) end += std::strtoul(length.c_str(), nullptr, 10);
    while (buffer_.size() < end) {
        if (!fill()) return {};
    }
    std::string response = buffer_.substr(0, end);
    buffer_.erase(0, end);
    return response;
}

bool Client::is_closed() {
    if (!buffer_.empty()) return false;
    char byte = 0;
    return ::recv(fd_, &byte, 1, 0) == 0;
}

int status_of(std::string_view response) {
    return response.size() < 12 ? 0 : std::atoi(std::string(response.substr(9, 3)).c_str());
}

std::string header_of(std::string_view response, std::string_view name) {
    const std::string wanted = "\r\n" + std::string(name) + ": ";
    const auto at = response.find(wanted);
    if (at == std::string_view::npos) return {};
    const auto begin = at + wanted.size();
    return std::string(response.substr(begin, response.find("\r\n", begin) - begin));
}

std::string body_of(std::string_view response) {
    const auto end = response.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string{} : std::string(response.substr(end + 4));
}

}  // namespace bwgw::test
