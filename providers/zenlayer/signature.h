#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bwgw::zenlayer {

constexpr std::string_view kSignatureMethod = "ZC2-HMAC-SHA256";

/// What ZC2-HMAC-SHA256 covers: the exact bytes on the wire and nothing else, neither path nor action
/// (the vendor's signature page). Content type and host must already be trimmed and lower-case.
struct Signable {
    std::string_view content_type;
    std::string_view host;  ///< as in the Host header, with a port that is not the scheme's own
    std::string_view body;
    std::int64_t timestamp = 0;  ///< Unix seconds
};

std::string canonical_request(const Signable& call);
/// Lower-case hex.
std::string signature(const Signable& call, std::string_view password);
/// The Authorization header's value.
std::string authorization(const Signable& call, std::string_view key_id, std::string_view password);

}  // namespace bwgw::zenlayer
