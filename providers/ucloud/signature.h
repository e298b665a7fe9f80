#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace bwgw::ucloud {

/// The parameters of one call, as the text that is both signed and sent; in byte order, as the signature
/// wants them.
using Parameters = std::map<std::string, std::string, std::less<>>;

/// SHA-1 over names and values in order, then the private key; no separators, nothing percent-encoded.
/// `parameters` is without `Signature`. Source: docs.ucloud.cn, "Signature"; vectors of the official SDKs.
std::string signature(const Parameters& parameters, std::string_view private_key);

/// application/x-www-form-urlencoded, a space as %20.
std::string form(const Parameters& parameters);

}  // namespace bwgw::ucloud
