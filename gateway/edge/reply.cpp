#include "gateway/edge/reply.h"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <random>

#include <fmt/format.h>

#include "gateway/edge/policy.h"
#include "providers/contract/bytes.h"

namespace bwgw::edge {

namespace {

bool is_ours(std::string_view name) noexcept {
    constexpr std::string_view ours[] = {"Date", "Content-Length", "Connection", "Transfer-Encoding",
                                         "X-Request-Id"};
    return std::ranges::any_of(ours, [name](std::string_view word) { return http::same_word(word, name); });
}

bool may_go_out(const http::Header& header) noexcept {
    const auto fits_name = [](char c) { return c > ' ' && c < 0x7f && c != ':'; };
    const auto fits_value = [](char c) { return c == '\t' || !is_control(c); };
    return !header.name.empty() && !is_ours(header.name) && all_bytes(header.name, fits_name) &&
           all_bytes(header.value, fits_value);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool is_bodiless(int status) noexcept {
    return status < 200 || status == 204 || status == 304;
}

void append_head(std::string& out, const http::Response& response, const Envelope& envelope) {
    out.append("HTTP/1.1 ").append(fmt::format_int(response.status).c_str()).append(" ");
    out.append(http::reason(response.status)).append("\r\n");
    append_header(out, "Date", envelope.date);
    append_header(out, "X-Request-Id", envelope.request_id);
    for (const http::Header& header : response.headers) {
        if (may_go_out(header)) append_header(out, header.name, header.value);
    }
    if (!is_bodiless(response.status))
        append_header(out, "Content-Length", fmt::format_int(response.body.size()).c_str());
    if (envelope.close)
        append_header(out, "Connection", "close");
    else if (envelope.http_1_0)
        append_header(out, "Connection", "keep-alive");
    out.append("\r\n");
}

std::string date_of(long seconds) {
    // Not strftime: its names depend on the locale.
    constexpr std::string_view days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::string_view months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t time = seconds;
    std::tm utc{};
    gmtime_r(&time, &utc);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", days[utc.tm_wday], utc.tm_mday,
                       months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string new_request_id() {
    constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr std::size_t length = 26;
    thread_local std::mt19937_64 random = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    constexpr std::size_t at_once = 12;  // five bits each
    std::string id(length, 'a');
    for (std::size_t i = 0; i < length;) {
        std::uint64_t bits = random();
        for (const auto end = std::min(i + at_once, length); i < end; ++i, bits >>= 5U)
            id[i] = alphabet[bits & 31U];
    }
    return id;
}

}  // namespace bwgw::edge
