#pragma once

#include <string>
#include <string_view>

#include "providers/contract/context.h"

namespace bwgw::telemetry {

/// Our `traceparent` for one request (W3C Trace Context, level 1): the caller's trace with a new span of
/// ours, or a trace of our own, not sampled, if the caller's header is absent or malformed.
std::string continue_trace(std::string_view incoming);

/// Whether a share (0 to 1) of all traces has this one in it, or its caller records it (the sampled flag).
/// Decided by the trace id as OpenTelemetry's samplers do, so that replicas agree. True without a trace.
bool in_sample(std::string_view traceparent, double share) noexcept;

/// The trace id of a well-formed `traceparent`, else empty.
std::string_view trace_id(std::string_view traceparent) noexcept;

/// What one request's context carries: its trace, whether it is in the log's sample, and a clock of its
/// waits. For work of our own nothing comes in.
Trace begin_trace(std::string request_id, std::string_view incoming, double log_sample);

}  // namespace bwgw::telemetry
