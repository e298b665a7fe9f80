#include "providers/ucloud/signature.h"

#include "providers/translation/digest.h"

namespace bwgw::ucloud {
namespace {

constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
constexpr std::string_view kHex = "0123456789ABCDEF";

void append_encoded(std::string& to, std::string_view text) {
    for (const char c : text) {
        if (kUnreserved.find(c) != std::string_view::npos) {
            to += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            to += '%';
            to += kHex[byte >> 4];
            to += kHex[byte & 15];
        }
    }
}

}  // namespace

std::string signature(const Parameters& parameters, std::string_view private_key) {
    std::string text;
    for (const auto& [name, value] : parameters) text.append(name).append(value);
    return translation::sha1_hex(text.append(private_key));
}

std::string form(const Parameters& parameters) {
    std::string body;
    for (const auto& [name, value] : parameters) {
        if (!body.empty()) body += '&';
        append_encoded(body, name);
        body += '=';
        append_encoded(body, value);
    }
    return body;
}

}  // namespace bwgw::ucloud
