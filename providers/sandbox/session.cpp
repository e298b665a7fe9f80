#include "providers/sandbox/session.h"

#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <sstream>

#include "providers/sandbox/control.h"

namespace bwgw::sandbox {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::redirect_error;
using asio::use_awaitable;

Request to_request(http::request<http::string_body>& message, std::uint64_t connection) {
    const std::string_view target = message.target();
    const auto question = target.find('?');
    Request request{
        .method = std::string(message.method_string()),
        .path = std::string(target.substr(0, question)),
        .query = question == std::string_view::npos ? "" : std::string(target.substr(question + 1)),
        .body = std::move(message.body()),
        .connection = connection};
    for (const auto& field : message) {
        request.headers.emplace_back(lower_case(std::string_view(field.name_string())), field.value());
    }
    return request;
}

http::response<http::string_body> to_message(Reply& reply, unsigned version, bool keep_alive) {
    http::response<http::string_body> message;
    message.version(version);
    message.result(static_cast<unsigned>(reply.status));
    message.set(http::field::content_type, reply.content_type);
    for (const auto& [name, value] : reply.headers) message.set(name, value);
    message.body() = std::move(reply.body);
    message.keep_alive(keep_alive);
    message.content_length(static_cast<std::uint64_t>(reply.blanks) + message.body().size());
    return message;
}

asio::awaitable<void> pause(std::int64_t delay_ms) {
    if (delay_ms <= 0) co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(delay_ms));
    boost::system::error_code ignored;
    co_await timer.async_wait(redirect_error(use_awaitable, ignored));
}

/// The peer has closed or reset. Asked only after a wait: a caller that half-closes still gets a prompt
/// answer.
bool peer_gone(beast::tcp_stream& stream) {
    char byte = 0;
    const auto got = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/// A close with lingering off and zero seconds is an RST on the wire.
void reset(beast::tcp_stream& stream) {
    boost::system::error_code ignored;
    stream.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    stream.socket().close(ignored);
}

/// Says nothing until the peer goes.
asio::awaitable<void> hang(beast::tcp_stream& stream) {
    stream.expires_never();
    std::array<char, 1024> swallowed{};
    boost::system::error_code error;
    while (!error)
        co_await stream.async_read_some(asio::buffer(swallowed), redirect_error(use_awaitable, error));
}

/// Byte after byte, with a pause behind each.
asio::awaitable<bool> write_slowly(beast::tcp_stream& stream, std::string bytes, std::int64_t delay_ms) {
    boost::system::error_code error;
    for (std::size_t i = 0; i < bytes.size() && !error; ++i) {
        stream.expires_after(std::chrono::seconds(kIdleSeconds));
        co_await asio::async_write(stream, asio::buffer(&bytes[i], 1), redirect_error(use_awaitable, error));
        co_await pause(delay_ms);
    }
    co_return !error;
}

std::string wire_form(const http::response<http::string_body>& message) {
    std::ostringstream text;
    text << message;
    return text.str();
}

/// The body's head start in blanks is made as it is sent.
asio::awaitable<bool> write_padded(beast::tcp_stream& stream, std::string bytes, std::size_t body_size,
                                   std::int64_t blanks) {
    const std::string some(1 << 16, ' ');
    boost::system::error_code error;
    const auto write = [&](std::string_view part) -> asio::awaitable<void> {
        stream.expires_after(std::chrono::seconds(kIdleSeconds));
        co_await asio::async_write(stream, asio::buffer(part), redirect_error(use_awaitable, error));
    };
    const std::string_view whole = bytes;
    co_await write(whole.substr(0, whole.size() - body_size));
    for (auto left = static_cast<std::size_t>(blanks); left > 0 && !error;) {
        const auto part = std::min(left, some.size());
        co_await write({some.data(), part});
        left -= part;
    }
    if (!error) co_await write(whole.substr(whole.size() - body_size));
    co_return !error;
}

/// Writes the answer as its delivery says; false ends the connection.
asio::awaitable<bool> deliver(beast::tcp_stream& stream, World& world, Answer answer, unsigned version,
                              bool keep_alive) {
    if (answer.delivery == Delivery::reset) {
        reset(stream);
        co_return false;
    }
    if (answer.delivery == Delivery::hang) {
        co_await hang(stream);
        co_return false;
    }
    const auto message = to_message(answer.reply, version, keep_alive);
    bool written = false;
    if (answer.delivery == Delivery::cut) {
        auto bytes = wire_form(message);
        bytes.resize(bytes.size() - std::max<std::size_t>(1, message.body().size() / 2));
        boost::system::error_code ignored;
        co_await asio::async_write(stream, asio::buffer(bytes), redirect_error(use_awaitable, ignored));
        co_return false;
    }
    if (answer.delivery == Delivery::drip) {
        written = co_await write_slowly(stream, wire_form(message), answer.delay_ms);
    } else if (answer.reply.blanks > 0) {
        written =
            co_await write_padded(stream, wire_form(message), message.body().size(), answer.reply.blanks);
    } else {
        boost::system::error_code error;
        stream.expires_after(std::chrono::seconds(kIdleSeconds));
        co_await http::async_write(stream, message, redirect_error(use_awaitable, error));
        written = !error;
    }
    if (written) world.delivered(answer);
    co_return written&& keep_alive;
}

int status_of(const boost::system::error_code& error) {
    if (error == http::error::body_limit) return 413;
    if (error == http::error::header_limit) return 431;
    return 400;
}

bool unreadable(const boost::system::error_code& error) {
    return error.category() == make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

std::int64_t wall_clock_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

asio::awaitable<void> serve(asio::ip::tcp::socket socket, World& world, Brand* brand,
                            std::uint64_t connection) {
    boost::system::error_code error;
    socket.set_option(asio::ip::tcp::no_delay(true), error);
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    for (bool open = true; open;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(kBodyMaximum);
        parser.header_limit(kHeadMaximum);
        stream.expires_after(std::chrono::seconds(kIdleSeconds));
        co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, error));
        if (error) {
            if (unreadable(error)) {
                Answer refusal{.reply = {.status = status_of(error), .body = "{}"}};
                co_await deliver(stream, world, std::move(refusal), 11, false);
            }
            break;
        }
        auto message = parser.release();
        const bool keep_alive = message.keep_alive();
        const auto version = message.version();
        const auto request = to_request(message, connection);
        Answer answer;
        if (brand == nullptr) {
            answer.reply = control_reply(request, world, wall_clock_ms());
        } else {
            const auto arrival = world.arrive(*brand, request, wall_clock_ms());
            co_await pause(arrival.delay_ms);
            answer = world.answer(*brand, request, arrival, wall_clock_ms());
            const auto wait_ms = answer.delivery == Delivery::drip ? 0 : answer.delay_ms;
            co_await pause(wait_ms);
            if (arrival.delay_ms + wait_ms > 0 && answer.delivery == Delivery::send && peer_gone(stream))
                break;
        }
        open = co_await deliver(stream, world, std::move(answer), version, keep_alive);
    }
    if (stream.socket().is_open()) stream.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
}

}  // namespace bwgw::sandbox
