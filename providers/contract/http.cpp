#include "providers/contract/http.h"

#include <strings.h>
#include <time.h>

#include <algorithm>
#include <charconv>

namespace bwgw {
namespace {

using std::chrono::seconds;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// IMF-fixdate: `Wed, 21 Oct 2026 07:28:00 GMT`.
std::optional<std::chrono::sys_seconds> date_of(std::string_view text) {
    constexpr std::size_t kLength = 29;
    if (text.size() != kLength) return std::nullopt;
    std::tm date{};
    const std::string terminated(text);
    const auto* end = ::strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (!end || *end != '\0') return std::nullopt;
    return std::chrono::sys_seconds(seconds(::timegm(&date)));
}

}  // namespace

std::optional<seconds> retry_after(const HttpReply& reply, std::chrono::system_clock::time_point now) {
    constexpr seconds kMost = kMostRetryAfter;
    const auto text = reply.header("Retry-After");
    if (!text.empty() && std::ranges::all_of(text, is_digit)) {
        seconds::rep count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        return error == std::errc() ? std::min(seconds(count), kMost) : kMost;
    }
    const auto date = date_of(text);
    if (!date) return std::nullopt;
    return std::clamp(*date - std::chrono::floor<seconds>(now), seconds(0), kMost);
}

std::string_view HttpReply::header(std::string_view name) const noexcept {
    for (const auto& header : headers)
        if (header.name.size() == name.size() &&
            strncasecmp(header.name.data(), name.data(), name.size()) == 0)
            return header.value;
    return {};
}

}  // namespace bwgw
