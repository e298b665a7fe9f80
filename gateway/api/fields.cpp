#include "gateway/api/fields.h"

#include <algorithm>
#include <charconv>

#include "gateway/inventory/row.h"
#include "providers/contract/bytes.h"

namespace bwgw::api {
namespace {

constexpr std::size_t kMaxKey = 255;

std::string lower(std::string_view text) {
    std::string low(text);
    for (char& c : low)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return low;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t";
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// Splits outside of quoted strings.
std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '"') quoted = !quoted;
        if (i < text.size() && (quoted || text[i] != at)) continue;
        if (const auto part = trimmed(text.substr(begin, i - begin)); !part.empty()) parts.push_back(part);
        begin = i + 1;
    }
    return parts;
}

bool refused(const std::vector<std::string_view>& parameters) {
    return std::ranges::any_of(parameters, [](std::string_view parameter) {
        const auto low = lower(parameter);
        return low.starts_with("q=0") && low.find_first_not_of("0.", 2) == std::string::npos;
    });
}

}  // namespace

std::optional<std::string> field(const http::Request& request, std::string_view name) {
    std::optional<std::string> joined;
    for (const auto& header : request.headers) {
        if (!http::same_word(header.name, name)) continue;
        joined = joined ? *joined + ", " + header.value : header.value;
    }
    return joined;
}

bool is_plain(std::string_view value) noexcept {
    return all_bytes(value, [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
}

std::string media_type(std::string_view value) {
    return lower(trimmed(value.substr(0, value.find(';'))));
}

bool acceptable(const std::optional<std::string>& accept, const std::vector<std::string>& types) {
    if (!accept || types.empty()) return true;
    bool understood = false;
    for (const auto range : split(*accept, ',')) {
        const auto parts = split(range, ';');
        if (parts.empty() || refused(parts)) continue;
        const auto wanted = media_type(parts.front());
        const auto slash = wanted.find('/');
        if (slash == std::string::npos) continue;
        understood = true;
        for (const auto& type : types) {
            const auto ours = media_type(type);
            if (wanted == "*/*" || wanted == ours ||
                (wanted.ends_with("/*") && ours.starts_with(wanted.substr(0, slash + 1))))
                return true;
        }
    }
    return !understood;
}

std::chrono::milliseconds wait_of(const std::optional<std::string>& prefer, std::chrono::seconds unsaid) {
    const std::string_view preferences = prefer ? std::string_view(*prefer) : std::string_view();
    std::optional<std::chrono::seconds> wait;
    bool respond_async = false;
    for (const auto preference : split(preferences, ',')) {
        const auto parts = split(preference, ';');
        if (parts.empty()) continue;
        const auto name = lower(trimmed(parts.front().substr(0, parts.front().find('='))));
        respond_async |= name == "respond-async";
        if (name != "wait" || wait || parts.front().find('=') == std::string_view::npos) continue;
        const auto text = trimmed(parts.front().substr(parts.front().find('=') + 1));
        unsigned seconds = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (end != text.data() + text.size() || text.empty()) continue;
        wait = error == std::errc::result_out_of_range ? kMaxWait
                                                       : std::min(std::chrono::seconds(seconds), kMaxWait);
    }
    return wait.value_or(respond_async ? std::chrono::seconds(0) : unsaid);
}

std::optional<std::chrono::seconds> max_age_of(const std::optional<std::string>& cache_control) {
    std::optional<std::chrono::seconds> least;
    for (const auto directive : split(cache_control ? std::string_view(*cache_control) : "", ',')) {
        const auto equals = directive.find('=');
        const auto name = lower(trimmed(directive.substr(0, equals)));
        if (name == "no-cache") return std::chrono::seconds(0);
        if (name != "max-age" || equals == std::string_view::npos) continue;
        auto text = trimmed(directive.substr(equals + 1));
        if (text.size() >= 2 && text.starts_with('"') && text.ends_with('"'))
            text = text.substr(1, text.size() - 2);
        std::uint32_t seconds = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
            continue;
        if (error == std::errc::result_out_of_range) continue;  // older than anything: says nothing
        least = std::min(least.value_or(std::chrono::seconds::max()), std::chrono::seconds(seconds));
    }
    return least;
}

std::optional<std::string> idempotency_key(std::string_view value) {
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
        value = value.substr(1, value.size() - 2);
    const bool visible = std::ranges::all_of(value, [](char c) { return c >= '!' && c <= '~'; });
    if (!visible || value.empty() || value.size() > kMaxKey) return std::nullopt;
    return std::string(value);
}

std::string etag_of(std::string_view representation) {
    return inventory::etag_of(inventory::digest_of(representation));
}

bool names_etag(std::string_view list, std::string_view etag, bool weak) {
    if (trimmed(list) == "*") return true;
    return std::ranges::any_of(split(list, ','), [&](std::string_view tag) {
        if (weak && tag.starts_with("W/")) tag.remove_prefix(2);
        return tag == etag;
    });
}

}  // namespace bwgw::api
