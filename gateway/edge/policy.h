#pragma once

#include <optional>
#include <string_view>

#include "providers/contract/failure.h"

namespace bwgw::edge {

/// Why a request is not taken; `why` is a literal and goes into the problem's detail.
struct Refusal {
    Slug slug;
    std::string_view why;
};

bool is_known_method(std::string_view method) noexcept;

/// What we refuse of a request-target: all but origin form (and `*` for OPTIONS), bad or NUL escapes, `//`,
/// `#`, and every byte outside visible ASCII.
std::optional<Refusal> check_target(std::string_view method, std::string_view target) noexcept;

/// Digits only: Beast takes `5, 5`. At most 18 of them, so that no sum overflows.
bool is_content_length(std::string_view value) noexcept;

/// A host with an optional port; empty is allowed (RFC 9110, 7.2).
bool is_host(std::string_view value) noexcept;

/// A caller's X-Request-Id that we take over: 1 to 128 of `[A-Za-z0-9._-]`.
bool is_request_id(std::string_view value) noexcept;

/// `HTTP/` digit `.` digit: a version that we may not know, but that is one.
bool is_http_version(std::string_view word) noexcept;

}  // namespace bwgw::edge
