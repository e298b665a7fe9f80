#include "gateway/edge/policy.h"

#include <algorithm>

#include "gateway/http/message.h"
#include "providers/contract/bytes.h"

namespace bwgw::edge {

namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
bool is_alpha(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}
bool is_hex(char c) noexcept {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}
bool is_visible(char c) noexcept {
    return c > ' ' && c < 0x7f;
}

}  // namespace

bool is_known_method(std::string_view method) noexcept {
    constexpr std::string_view known[] = {"GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "PUT"};
    return std::ranges::find(known, method) != std::end(known);
}

std::optional<Refusal> check_target(std::string_view method, std::string_view target) noexcept {
    if (target == "*" && method == "OPTIONS") return std::nullopt;
    if (target.empty() || target.front() != '/')
        return Refusal{Slug::invalid_request, "the target must be a path"};
    if (!all_bytes(target, [](char c) { return is_visible(c) && c != '#'; }))
        return Refusal{Slug::invalid_request, "the target has a byte that no target may have"};
    if (target.substr(0, target.find('?')).find("//") != std::string_view::npos)
        return Refusal{Slug::invalid_request, "the path has an empty segment"};
    for (auto at = target.find('%'); at != std::string_view::npos; at = target.find('%', at + 1)) {
        const auto escape = target.substr(at + 1, 2);
        if (escape.size() < 2 || !all_bytes(escape, is_hex))
            return Refusal{Slug::invalid_request, "the target has a broken percent escape"};
        if (escape == "00") return Refusal{Slug::invalid_request, "the target has a NUL"};
    }
    return std::nullopt;
}

bool is_content_length(std::string_view value) noexcept {
    return !value.empty() && value.size() <= 18 && all_bytes(value, is_digit);
}

bool is_host(std::string_view value) noexcept {
    if (value.size() > 255 + 6) return false;
    std::string_view host = value;
    std::string_view port;
    const bool bracketed = host.starts_with('[');
    const auto colon = bracketed ? host.find("]:") : host.find(':');
    if (colon != std::string_view::npos) {
        port = host.substr(colon + (bracketed ? 2 : 1));
        host = host.substr(0, colon + (bracketed ? 1 : 0));
    }
    if (bracketed) {
        if (host.size() < 2 || host.back() != ']') return false;
        host = host.substr(1, host.size() - 2);
    }
    const auto fits = [bracketed](char c) {
        return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_' ||
               (bracketed && (c == ':' || c == '%'));
    };
    return all_bytes(host, fits) && port.size() <= 5 && all_bytes(port, is_digit);
}

bool is_request_id(std::string_view value) noexcept {
    const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; };
    return !value.empty() && value.size() <= 128 && all_bytes(value, fits);
}

bool is_http_version(std::string_view word) noexcept {
    return word.size() == 8 && word.starts_with("HTTP/") && is_digit(word[5]) && word[6] == '.' &&
           is_digit(word[7]);
}

}  // namespace bwgw::edge
