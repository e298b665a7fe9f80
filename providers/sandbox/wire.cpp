#include "providers/sandbox/wire.h"

#include <algorithm>
#include <charconv>

namespace bwgw::sandbox {

std::string_view Request::header(std::string_view lower_case_name) const {
    const auto found =
        std::ranges::find(headers, lower_case_name, &std::pair<std::string, std::string>::first);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::string decode_component(std::string_view encoded) {
    std::string text;
    text.reserve(encoded.size());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        unsigned char byte = 0;
        const char* const digits = encoded.data() + i + 1;
        if (encoded[i] == '%' && i + 2 < encoded.size() &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            text.push_back(static_cast<char>(byte));
            i += 2;
        } else {
            text.push_back(encoded[i] == '+' ? ' ' : encoded[i]);
        }
    }
    return text;
}

void decode_form(std::string_view encoded, Parameters& into) {
    while (!encoded.empty()) {
        const auto pair = encoded.substr(0, encoded.find('&'));
        encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        into[decode_component(pair.substr(0, equals))] = decode_component(value);
    }
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
}

}  // namespace bwgw::sandbox
