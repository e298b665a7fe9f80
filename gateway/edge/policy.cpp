#include "gateway/edge/policy.h"

#include <algorithm>

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
    bool in_path = true;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const char c = target[i];
        if (!is_visible(c) || c == '#')
            return Refusal{Slug::invalid_request, "the target has a byte that no target may have"};
        if (c == '?') in_path = false;
        if (c == '/' && in_path && i > 0 && target[i - 1] == '/')
            return Refusal{Slug::invalid_request, "the path has an empty segment"};
        if (c != '%') continue;
        if (i + 2 >= target.size() || !is_hex(target[i + 1]) || !is_hex(target[i + 2]))
            return Refusal{Slug::invalid_request, "the target has a broken percent escape"};
        if (target[i + 1] == '0' && target[i + 2] == '0')
            return Refusal{Slug::invalid_request, "the target has a NUL"};
    }
    return std::nullopt;
}

bool is_content_length(std::string_view value) noexcept {
    return !value.empty() && value.size() <= 18 && std::ranges::all_of(value, is_digit);
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
    return std::ranges::all_of(host, fits) && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

bool is_request_id(std::string_view value) noexcept {
    const auto fits = [](char c) { return is_alpha(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; };
    return !value.empty() && value.size() <= 128 && std::ranges::all_of(value, fits);
}

bool is_http_version(std::string_view word) noexcept {
    return word.size() == 8 && word.starts_with("HTTP/") && is_digit(word[5]) && word[6] == '.' &&
           is_digit(word[7]);
}

}  // namespace bwgw::edge
