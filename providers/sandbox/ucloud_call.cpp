#include "providers/sandbox/ucloud_call.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "providers/sandbox/json.h"

namespace bwgw::sandbox::ucloud {

namespace {

constexpr int kDeepest = 16;

/// The shortest decimal that round-trips, never an exponent, as the official clients render it.
std::string number_text(const JsonValue& value) {
    if (value.IsInt64()) return std::to_string(value.GetInt64());
    if (value.IsUint64()) return std::to_string(value.GetUint64());
    std::array<char, 512> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.GetDouble(),
                                   std::chars_format::fixed);
    return {buffer.data(), end.ptr};
}

/// Text for the signature: elements without index, members sorted, all concatenated.
std::string signed_text(const JsonValue& value, int depth) {
    std::string text;
    if (value.IsString()) return std::string(text_of(value));
    if (value.IsBool()) return value.GetBool() ? "true" : "false";
    if (value.IsNumber()) return number_text(value);
    if (depth == 0) return {};
    if (value.IsArray()) {
        for (const auto& element : value.GetArray()) text += signed_text(element, depth - 1);
    } else if (value.IsObject()) {
        Parameters members;
        for (const auto& member : value.GetObject()) {
            members.emplace(text_of(member.name), signed_text(member.value, depth - 1));
        }
        for (const auto& [name, inner] : members) text += name + inner;
    }
    return text;
}

void flatten(const std::string& name, const JsonValue& value, int depth, Call& call) {
    if (depth == 0) {
        call.readable = false;
    } else if (value.IsArray()) {
        std::size_t index = 0;
        for (const auto& element : value.GetArray()) {
            flatten(fmt::format("{}.{}", name, index++), element, depth - 1, call);
        }
    } else if (value.IsObject()) {
        for (const auto& member : value.GetObject()) {
            flatten(fmt::format("{}.{}", name, text_of(member.name)), member.value, depth - 1, call);
        }
    } else if (!value.IsNull()) {
        call.values[name] = signed_text(value, 1);
        if (value.IsNumber()) call.json_numbers.insert(name);
    }
}

void read_json(std::string_view body, Call& call) {
    const auto json = parse_json(body);
    if (json.HasParseError() || !json.IsObject()) {
        call.readable = false;
        return;
    }
    for (const auto& member : json.GetObject()) {
        const std::string name(text_of(member.name));
        flatten(name, member.value, kDeepest, call);
        if (!member.value.IsNull()) call.signed_values[name] = signed_text(member.value, kDeepest);
    }
}

}  // namespace

std::string_view Call::value(std::string_view name) const {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::string_view{} : std::string_view{found->second};
}

Call read_call(const Request& request) {
    Call call;
    decode_form(request.query, call.values);
    const bool json = lower_case(request.header("content-type")).starts_with("application/json");
    if (request.method == "POST" && !json) decode_form(request.body, call.values);
    call.signed_values = call.values;
    if (request.method == "POST" && json) read_json(request.body, call);
    return call;
}

std::string signature(const Parameters& signed_values, std::string_view private_key) {
    std::string text;
    for (const auto& [name, value] : signed_values) {
        if (name != "Signature") text += name + value;
    }
    text += private_key;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

}  // namespace bwgw::sandbox::ucloud
