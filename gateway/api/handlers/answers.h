#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/api.h"

namespace bwgw::api {

Failure no_such_bandwidth();
http::Response json_answer(std::string body);
/// One bandwidth with its strong ETag.
http::Response bandwidth_answer(const Environment& environment, const fleet::Entry& entry);
std::string etag(const Environment& environment, const fleet::Entry& entry);

/// The present answer of a write: its problem if surely nothing happened, else `done` if that is certain
/// already, else 202 and the operation.
http::Response write_answer(const Environment& environment, const RequestContext& context,
                            const orders::Placement& placement, std::optional<http::Response> done);

/// One bandwidth, asked of its provider; a purchase that no listing shows yet comes from the ledger.
Task<fleet::Entry> read_one(const Environment& environment, const RequestContext& context, std::string id,
                            fleet::Look look = fleet::Look::own);

/// A write's own context: the caller's wait and time for the reads before it; it goes on when the caller
/// leaves.
RequestContext writing(const Environment& environment, const RequestContext& context,
                       std::chrono::milliseconds wait);
/// What a write says of its caller. The key, where there is one, stands for the operation, the target and the
/// body.
orders::Intake intake_of(const Call& call, std::string_view operation_id, std::optional<Money> max_price);

/// precondition-failed unless If-Match is absent or names the row.
Result<void> check_match(const Environment& environment, const Call& call, const fleet::Entry& current);

/// invalid-request for one parameter or member.
Failure wrong(std::string pointer, std::string detail);

}  // namespace bwgw::api
