#pragma once

#include <string>
#include <string_view>

namespace bwgw {

/// Appends a text as a JSON string. What is not UTF-8 in it stays as it is.
void append_quoted(std::string& json, std::string_view text);

}  // namespace bwgw
