#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/upstream/curl_transport.h"

namespace bwgw::upstream {

/// What libcurl tells about one call while it runs.
struct Exchange {
    std::size_t max_body_bytes;
    std::size_t max_head_bytes;
    std::string body = {};
    std::size_t head_bytes = 0;
    bool begun = false;      ///< connected and verified: from here on bytes of the request may have left
    bool too_large = false;  ///< stopped by us, for a limit above
};

/// One provider's idle easy handles on one worker, each with everything set that does not change by call.
class EasyHandles {
public:
    EasyHandles(CurlMulti& multi, const UpstreamOptions& options) : multi_(multi), options_(options) {}
    ~EasyHandles();
    EasyHandles(const EasyHandles&) = delete;
    EasyHandles& operator=(const EasyHandles&) = delete;

    CURL* take();
    void give_back(CURL* easy);

private:
    CURL* make();
    CurlMulti& multi_;
    const UpstreamOptions& options_;
    std::vector<CURL*> idle_;
};

/// Sets what this call needs. The request and the exchange must outlive the transfer.
/// Returns the header list, to be kept as long.
std::shared_ptr<void> prepare(CURL* easy, const HttpRequest& request, Exchange& exchange,
                              std::chrono::milliseconds time_left, std::chrono::milliseconds connect_timeout);

/// True if the text of the request could change its framing: a control character, or a blank in the target.
bool malformed(const HttpRequest& request);

}  // namespace bwgw::upstream
