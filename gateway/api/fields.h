#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/message.h"

namespace bwgw::api {

/// All values of a header as one list, as RFC 9110 joins them. Nothing if there is none.
std::optional<std::string> field(const http::Request& request, std::string_view name);
/// Printable ASCII, blanks and tabs only: nothing else is looked at further.
bool is_plain(std::string_view value) noexcept;

/// `application/json` of `Application/JSON; charset=utf-8`.
std::string media_type(std::string_view value);
/// Whether an Accept leaves one of the types. Lenient: an absent or broken one leaves everything.
bool acceptable(const std::optional<std::string>& accept, const std::vector<std::string>& types);

/// How long the caller waits (RFC 7240): `wait=N` up to kMaxWait, else nothing at all with `respond-async`,
/// else `unsaid`. Preferences that are not understood are ignored.
std::chrono::milliseconds wait_of(const std::optional<std::string>& prefer, std::chrono::seconds unsaid);
inline constexpr std::chrono::seconds kDefaultWait{10};
inline constexpr std::chrono::seconds kMaxWait{60};

/// How old an answer may be (RFC 9111, 5.2.1): 0 for `no-cache`, N for `max-age=N`, nothing if the caller
/// does not say. Directives that are not understood are ignored.
std::optional<std::chrono::seconds> max_age_of(const std::optional<std::string>& cache_control);

/// An Idempotency-Key without the draft's quotes. Nothing unless 1–255 visible ASCII characters are left.
std::optional<std::string> idempotency_key(std::string_view value);

/// A strong ETag of a representation.
std::string etag_of(std::string_view representation);
/// Whether If-Match (strong) or If-None-Match (weak comparison) names the tag, or is `*`.
bool names_etag(std::string_view list, std::string_view etag, bool weak);

}  // namespace bwgw::api
