#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/context.h"
#include "providers/contract/failure.h"
#include "providers/contract/task.h"

namespace bwgw {

struct HttpHeader {
    std::string name;
    std::string value;
};

struct HttpReply {
    int status = 0;
    std::vector<HttpHeader> headers;
    std::string body;

    /// The first header of that name, ignoring case; empty if there is none.
    std::string_view header(std::string_view name) const noexcept;
};

/// One vendor call, complete and signed. `action` is the vendor's name for it, for logs, metrics and policy.
struct HttpRequest {
    std::string action;
    std::string method = "POST";
    std::string url;
    std::vector<HttpHeader> headers;
    std::string body;
    bool write = false;  ///< may cost money: sent at most once, on a connection of its own
    /// Reads the reply: the failure in it, which outlives the call of `judge`, or null. A vendor may refuse
    /// with a 200.
    std::function<const Failure*(const HttpReply&)> judge = {};
};

constexpr std::chrono::hours kMostRetryAfter{1};

/// How long the vendor asks to be left alone: Retry-After in seconds or as a date, kMostRetryAfter at most;
/// nothing where the header is absent or neither.
std::optional<std::chrono::seconds> retry_after(const HttpReply& reply,
                                                std::chrono::system_clock::time_point now);

/// Carries a call to a vendor, by the context's deadline. Any HTTP answer is a reply, whatever its status; it
/// is judged once, before `send` returns it.
/// Fails with provider-unavailable, provider-timeout or provider-contract-violation (reply too large,
/// redirect); for a write, `outcome` is none only if no byte of the request can have left.
class HttpTransport {
public:
    virtual ~HttpTransport() = default;
    virtual Task<HttpReply> send(const RequestContext& context, HttpRequest request) = 0;
};

}  // namespace bwgw
