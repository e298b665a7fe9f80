#include "providers/sandbox/zenlayer_signature.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace bwgw::sandbox::zenlayer {

namespace {

constexpr std::string_view kMethod = "ZC2-HMAC-SHA256";
constexpr std::string_view kBearer = "Bearer ";
constexpr std::int64_t kClockWindowSeconds = 300;

std::string hex(const unsigned char* bytes, unsigned int size) {
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
    return text;
}

std::string sha256(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    return hex(digest.data(), size);
}

std::string hmac(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return hex(digest.data(), size);
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// Takes `name=value` off the front, with the separator behind it.
std::optional<std::string> take_part(std::string_view& text, std::string_view name) {
    if (!text.starts_with(name)) return std::nullopt;
    text.remove_prefix(name.size());
    const auto value = text.substr(0, text.find(','));
    text = trim(text.substr(std::min(text.size(), value.size() + 1)));
    if (trim(value).empty()) return std::nullopt;
    return std::string(trim(value));
}

}  // namespace

std::optional<Authorization> parse_authorization(std::string_view header) {
    if (!header.starts_with(kMethod) || !header.substr(kMethod.size()).starts_with(' ')) return std::nullopt;
    auto rest = trim(header.substr(kMethod.size()));
    const auto credential = take_part(rest, "Credential=");
    const auto names = take_part(rest, "SignedHeaders=");
    const auto signed_as = take_part(rest, "Signature=");
    if (!credential || !names || !signed_as || !rest.empty()) return std::nullopt;
    Authorization authorization{.credential = *credential, .signed_headers = {}, .signature = *signed_as};
    std::string_view list = *names;
    while (!list.empty()) {
        const auto name = list.substr(0, list.find(';'));
        authorization.signed_headers.push_back(lower_case(name));
        list.remove_prefix(std::min(list.size(), name.size() + 1));
    }
    for (const auto* const mandatory : {"content-type", "host"}) {
        if (std::ranges::count(authorization.signed_headers, mandatory) == 0) return std::nullopt;
    }
    return authorization;
}

std::string signature(const Request& request, const std::vector<std::string>& signed_headers,
                      std::string_view timestamp, std::string_view password, bool lowered) {
    std::string headers;
    for (const auto& name : signed_headers) {
        const auto value = request.header(name);
        headers += fmt::format("{}:{}\n", name, lowered ? lower_case(trim(value)) : std::string(value));
    }
    const auto canonical =
        fmt::format("POST\n/\n\n{}\n{}\n{}", headers, fmt::join(signed_headers, ";"), sha256(request.body));
    return hmac(password, fmt::format("{}\n{}\n{}", kMethod, timestamp, sha256(canonical)));
}

bool is_bearer(const Request& request) {
    return request.header("authorization").starts_with(kBearer);
}

std::string_view check_caller(const Request& request, const BrandSettings& settings, std::int64_t wall_s) {
    const auto header = request.header("authorization");
    if (is_bearer(request)) {
        const auto token = trim(header.substr(kBearer.size()));
        return settings.bearer_token.empty() || token != settings.bearer_token
                   ? "AUTHFAILURE_SIGNATURE_FAILURE"
                   : "";
    }
    const auto authorization = parse_authorization(header);
    const auto timestamp = request.header("x-zc-timestamp");
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    if (!authorization || request.header("x-zc-signature-method") != kMethod || error != std::errc{} ||
        end != timestamp.data() + timestamp.size() || seconds < 0) {
        return "AUTHFAILURE_INVALID_AUTHORIZATION";
    }
    if (std::max(seconds, wall_s) - std::min(seconds, wall_s) > kClockWindowSeconds)
        return "AUTHFAILURE_SIGNATURE_EXPIRED";
    if (authorization->credential != settings.access_key_id) return "AUTHFAILURE_SIGNATURE_FAILURE";
    for (const bool lowered : {false, true}) {
        if (signature(request, authorization->signed_headers, timestamp, settings.access_key_password,
                      lowered) == authorization->signature) {
            return {};
        }
    }
    return "AUTHFAILURE_SIGNATURE_FAILURE";
}

}  // namespace bwgw::sandbox::zenlayer
