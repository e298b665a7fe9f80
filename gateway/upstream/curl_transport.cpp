#include "gateway/upstream/curl_transport.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stop_token>

#include "gateway/upstream/easy_handle.h"

namespace bwgw::upstream {

namespace {

constexpr std::size_t kUsualHeaders = 8;

std::string_view host_of(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/\\?#"));
    return url.substr(url.rfind('@') + 1);  // never a user's name or password; npos + 1 is 0
}

Failure contract_violation(std::string detail) {
    return {.slug = Slug::provider_contract_violation, .detail = std::move(detail)};
}

Failure unreached(std::string detail) {
    return {.slug = Slug::provider_unavailable, .detail = std::move(detail), .retryable = true};
}

Failure out_of_time() {
    return {.slug = Slug::provider_timeout,
            .detail = "the provider did not answer before the deadline",
            .retryable = true};
}

/// Why there is no HTTP answer. libcurl's own short texts name no address, so they can be shown.
Failure failure_of(CURLcode code, const Exchange& exchange, const Deadline& deadline, std::string_view host) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            if (exchange.begun || deadline.remaining().count() == 0) return out_of_time();
            return unreached(fmt::format("no connection to {} within its time limit", host));
        case CURLE_ABORTED_BY_CALLBACK:
            return unreached("the caller left before the provider answered");
        case CURLE_WRITE_ERROR:
        case CURLE_FILESIZE_EXCEEDED:
            if (exchange.too_large) return contract_violation("the provider's reply is too large");
            [[fallthrough]];
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_HTTP2:
        case CURLE_BAD_CONTENT_ENCODING:
            return contract_violation("the provider's reply is not HTTP/1.1");
        case CURLE_URL_MALFORMAT:
        case CURLE_OUT_OF_MEMORY:
        case CURLE_FAILED_INIT:
            return {.slug = Slug::internal, .detail = curl_easy_strerror(code)};
        default:
            return unreached(fmt::format("no answer from {}: {}", host, curl_easy_strerror(code)));
    }
}

Result<HttpReply> reply_of(CURL* easy, Exchange& exchange) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200) return contract_violation("the provider's reply is not HTTP/1.1");
    if (status >= 300 && status < 400)
        return contract_violation(fmt::format("the provider answered with a redirect ({})", status));
    HttpReply reply{.status = static_cast<int>(status), .headers = {}, .body = std::move(exchange.body)};
    reply.headers.reserve(kUsualHeaders);
    for (curl_header* header = nullptr;
         (header = curl_easy_nextheader(easy, CURLH_HEADER, -1, header)) != nullptr;)
        reply.headers.push_back({header->name, header->value});
    return reply;
}

std::optional<Failure> refusal(const RequestContext& context, const HttpRequest& request) {
    if (malformed(request))
        return Failure{.slug = Slug::internal, .detail = "the request to the provider is malformed"};
    if (!request.write && context.cancelled.stop_requested())
        return unreached("the caller left before the provider was asked");
    if (context.deadline.remaining().count() == 0) return out_of_time();
    return {};
}

}  // namespace

struct CurlTransport::Shared {
    Shared(CurlMulti& multi_handle, UpstreamOptions chosen, CallObserver& told)
        : multi(multi_handle), options(std::move(chosen)), observer(told), handles(multi, options) {}

    Result<HttpReply> ended(const RequestContext& context, const HttpRequest& request,
                            Result<HttpReply> result, loop::Clock::time_point begun_at,
                            std::size_t reply_bytes = 0);

    CurlMulti& multi;
    const UpstreamOptions options;
    CallObserver& observer;
    EasyHandles handles;
};

Result<HttpReply> CurlTransport::Shared::ended(const RequestContext& context, const HttpRequest& request,
                                               Result<HttpReply> result, loop::Clock::time_point begun_at,
                                               std::size_t reply_bytes) {
    CallRecord record{.provider = options.provider,
                      .action = request.action,
                      .host = host_of(request.url),
                      .write = request.write,
                      .duration = loop::Clock::now() - begun_at,
                      .reply_bytes = reply_bytes};
    if (result) {
        record.status = result->status;
        if (!options.request_id_header.empty())
            record.provider_request_id = result->header(options.request_id_header);
        if (const auto* refused = request.judge ? request.judge(*result) : nullptr) {
            record.refusal = refused->slug;
            record.detail = refused->detail;
        }
    } else {
        result.failure().provider = options.provider;
        record.failure = result.failure().slug;
        record.detail = result.failure().detail;
        record.cancelled = !request.write && context.cancelled.stop_requested();
    }
    observer.finished(context, record);
    return result;
}

CurlTransport::CurlTransport(CurlMulti& multi, UpstreamOptions options, CallObserver& observer)
    : shared_(std::make_shared<Shared>(multi, std::move(options), observer)) {}

CurlTransport::~CurlTransport() = default;

Task<HttpReply> CurlTransport::send(const RequestContext& context, HttpRequest request) {
    return exchange(shared_, context, std::move(request));
}

Task<HttpReply> CurlTransport::exchange(std::shared_ptr<Shared> shared, const RequestContext& context,
                                        HttpRequest request) {
    const auto begun_at = loop::Clock::now();
    if (auto refused = refusal(context, request))
        co_return shared->ended(context, request, std::move(*refused), begun_at);

    struct Lease {
        EasyHandles& handles;
        CURL* easy = handles.take();
        ~Lease() { handles.give_back(easy); }
    };
    Exchange exchange{.max_body_bytes = shared->options.max_reply_bytes,
                      .max_head_bytes = shared->options.max_head_bytes};
    const Lease lease{shared->handles};
    const auto kept = shared->handles.prepare(lease.easy, request, exchange, context.deadline.remaining());
    Transfer transfer(shared->multi, lease.easy);
    const auto stop = [&transfer] { transfer.stop(); };
    std::optional<std::stop_callback<decltype(stop)>> leaving;
    if (!request.write) leaving.emplace(context.cancelled, stop);

    auto code = CURLE_OK;
    {
        const VendorTime::Wait waiting(context.trace.vendor_time);
        code = static_cast<CURLcode>(co_await transfer);
    }
    leaving.reset();
    const std::size_t reply_bytes = exchange.head_bytes + exchange.body.size();
    auto result = code == CURLE_OK ? reply_of(lease.easy, exchange)
                                   : failure_of(code, exchange, context.deadline, host_of(request.url));
    if (!result && request.write && exchange.begun) {
        result.failure().outcome = Outcome::unknown;
        result.failure().retryable = false;
    }
    co_return shared->ended(context, request, std::move(result), begun_at, reply_bytes);
}

}  // namespace bwgw::upstream
