#pragma once

#include <string_view>

#include "gateway/http/message.h"
#include "providers/contract/failure.h"

namespace bwgw::http {

/// The HTTP status of a failure: by its slug; Slug::invalid_request is 400, Slug::unsupported 422.
int status_of(Slug slug) noexcept;

/// RFC 9457 application/problem+json, with Retry-After where the failure has one. `instance` is the request
/// id.
Response problem(const Failure& failure, std::string_view instance);

/// The same body as a JSON text, for a problem that stands inside another resource.
std::string problem_json(const Failure& failure, std::string_view instance);

}  // namespace bwgw::http
