#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "providers/contract/context.h"
#include "providers/contract/failure.h"

namespace bwgw::upstream {

/// One vendor call that has ended; valid during the notification only.
struct CallRecord {
    std::string_view provider;
    std::string_view action;
    std::string_view host;
    bool write = false;
    int status = 0;               ///< 0: no answer
    std::optional<Slug> failure;  ///< empty: an HTTP answer, of whatever status
    std::optional<Slug> refusal;  ///< what the vendor says in its answer, also in one of status 200
    std::string_view detail;      ///< of the failure or the refusal
    bool cancelled = false;       ///< the caller left, so the failure is not the vendor's
    std::chrono::nanoseconds duration{};
    std::size_t reply_bytes = 0;
    std::string_view provider_request_id;
};

/// Told of every vendor call at its end, on the worker's thread.
class CallObserver {
public:
    virtual ~CallObserver() = default;
    virtual void finished(const RequestContext& context, const CallRecord& record) = 0;
};

}  // namespace bwgw::upstream
