#pragma once

#include <string>
#include <string_view>

namespace bwgw::telemetry {

/// Our `traceparent` for one request (W3C Trace Context, level 1): the caller's trace with a new span of
/// ours, or a trace of our own, not sampled, if the caller's header is absent or malformed.
std::string continue_trace(std::string_view incoming);

/// The trace id of a well-formed `traceparent`, else empty.
std::string_view trace_id(std::string_view traceparent) noexcept;

}  // namespace bwgw::telemetry
