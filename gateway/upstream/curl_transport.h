#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "gateway/upstream/call_observer.h"
#include "gateway/upstream/curl_multi.h"
#include "providers/contract/http.h"

namespace bwgw::upstream {

/// How one provider's calls are carried.
struct UpstreamOptions {
    std::string provider;                ///< the configured name: in failures, logs and metrics
    std::string ca_file = {};            ///< trusted instead of the system's CAs; empty: the system's
    std::string request_id_header = {};  ///< where the vendor names the call; empty: in no header
    std::string user_agent = "bandwidth-gateway";
    std::chrono::milliseconds connect_timeout{
        5'000};  ///< resolving, connecting and the TLS handshake together
    std::size_t max_reply_bytes = std::size_t{8} << 20;  ///< body; a full page of listings is under 1 MiB
    std::size_t max_head_bytes = std::size_t{64} << 10;
    std::size_t max_kept_handles = 64;  ///< idle easy handles (about 6 KiB each) kept for the next calls
};

/// HttpTransport over libcurl, for one provider on one worker. Reads share kept-alive connections; a write
/// has a connection of its own, because libcurl by itself sends a request again when a *kept* connection dies
/// before the first byte of the reply. TLS 1.2 or newer, always verified; no proxy, no redirects, HTTP/1.1.
/// A cancelled context stops a read at once and a write never.
class CurlTransport final : public HttpTransport {
public:
    /// The multi handle and the observer outlive the transport and its calls.
    CurlTransport(CurlMulti& multi, UpstreamOptions options, CallObserver& observer);
    ~CurlTransport() override;

    Task<HttpReply> send(const RequestContext& context, HttpRequest request) override;

private:
    struct Shared;
    static Task<HttpReply> exchange(std::shared_ptr<Shared> shared, const RequestContext& context,
                                    HttpRequest request);
    std::shared_ptr<Shared> shared_;  // a call under way outlives its transport
};

}  // namespace bwgw::upstream
