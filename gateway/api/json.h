#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

#include "providers/contract/result.h"

namespace bwgw::api {

/// Reads one JSON text from a caller. invalid-request for what is not JSON in UTF-8, for a repeated member
/// (named by its pointer), for nesting above kMaxJsonDepth, and for U+0000, which C strings would cut at.
Result<rapidjson::Document> parse_json(std::string_view text);
inline constexpr std::size_t kMaxJsonDepth = 32;  ///< an order has three levels

/// The same text for the same value: members sorted, no blanks, whole numbers without a fraction.
std::string canonical_json(const rapidjson::Value& value);

/// Lower-case hex.
std::string sha256_hex(std::string_view bytes);

/// `parent` and one more RFC 6901 reference token.
std::string pointer_to(std::string_view parent, std::string_view member);

inline std::string_view text_of(const rapidjson::Value& value) {
    return {value.GetString(), value.GetStringLength()};
}

}  // namespace bwgw::api
