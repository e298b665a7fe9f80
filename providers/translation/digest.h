#pragma once

#include <string>
#include <string_view>

namespace bwgw::translation {

/// Lower-case hex.
std::string sha1_hex(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

}  // namespace bwgw::translation
