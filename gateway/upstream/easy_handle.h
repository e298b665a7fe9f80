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

    /// What a transfer reads while it runs.
    struct Kept {
        std::shared_ptr<void> target;
        std::shared_ptr<void> headers;
    };
    /// Sets what this call needs. The request and the exchange must outlive the transfer, and so must what
    /// is returned.
    Kept prepare(CURL* easy, const HttpRequest& request, Exchange& exchange,
                 std::chrono::milliseconds time_left);

private:
    CURL* make();
    std::shared_ptr<void> aim(CURL* easy, const std::string& url);
    std::shared_ptr<void> headers_of(const HttpRequest& request, bool sends_body) const;

    CurlMulti& multi_;
    const UpstreamOptions& options_;
    std::vector<CURL*> idle_;
    std::string url_;               // of the last call
    std::shared_ptr<void> target_;  // … taken apart
};

/// True if the text of the request could change its framing: a control character, or a blank in the target.
bool malformed(const HttpRequest& request);

}  // namespace bwgw::upstream
