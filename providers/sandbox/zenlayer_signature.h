#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/sandbox/settings.h"
#include "providers/sandbox/wire.h"

namespace bwgw::sandbox::zenlayer {

/// The three parts of `ZC2-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
struct Authorization {
    std::string credential;
    std::vector<std::string> signed_headers;  // as received, `content-type` and `host` among them
    std::string signature;
};

std::optional<Authorization> parse_authorization(std::string_view header);

/// Lower-case hex of ZC2-HMAC-SHA256 over the request. The documents lower-case and trim header values, the
/// official clients sign them as they stand: `lowered` chooses.
std::string signature(const Request& request, const std::vector<std::string>& signed_headers,
                      std::string_view timestamp, std::string_view password, bool lowered);

/// The error code that refuses the caller, or empty. A timestamp may be 300 s off to either side.
std::string_view check_caller(const Request& request, const BrandSettings& settings, std::int64_t wall_s);

bool is_bearer(const Request& request);

}  // namespace bwgw::sandbox::zenlayer
