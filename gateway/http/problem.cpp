#include "gateway/http/problem.h"

#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>

#include "providers/contract/bytes.h"
#include "providers/contract/quoted.h"

namespace bwgw::http {

namespace {

constexpr std::size_t kUsual = 512;  // bytes of a problem

struct Status {
    int code;
    std::string_view title;
};

// In the order of the enumeration; the table of errors in openapi/gateway.yaml.
constexpr Status kStatuses[] = {
    {400, "The request is malformed"},                          // invalid_request
    {422, "The provider cannot do this"},                       // unsupported
    {400, "An Idempotency-Key is required"},                    // idempotency_key_missing
    {422, "The Idempotency-Key was used for another request"},  // idempotency_key_reused
    {401, "Authentication is required"},                        // unauthenticated
    {403, "This is not allowed"},                               // forbidden
    {404, "There is no such resource"},                         // not_found
    {405, "The resource does not know this method"},            // method_not_allowed
    {406, "No acceptable representation"},                      // not_acceptable
    {408, "The request did not arrive in time"},                // request_timeout
    {413, "The body is too large"},                             // payload_too_large
    {414, "The target is too long"},                            // uri_too_long
    {415, "The media type is not supported"},                   // unsupported_media_type
    {417, "The expectation cannot be met"},                     // expectation_failed
    {431, "The headers are too large"},                         // headers_too_large
    {501, "Not implemented"},                                   // not_implemented
    {505, "The HTTP version is not supported"},                 // version_not_supported
    {402, "The provider's account lacks funds"},                // insufficient_funds
    {409, "It exists already"},                                 // already_exists
    {409, "The resource's state does not allow this"},          // conflict
    {409, "The first request with this key is still open"},     // idempotency_key_in_flight
    {409, "The price is above the limit"},                      // price_exceeded
    {409, "The price cannot be known"},                         // price_unavailable
    {409, "The provider's quota is exhausted"},                 // quota_exceeded
    {412, "The precondition does not hold"},                    // precondition_failed
    {429, "Too many requests"},                                 // rate_limited
    {502, "The provider refused the gateway's credential"},     // provider_auth_failed
    {502, "The provider denied permission to the gateway"},     // provider_permission_denied
    {502, "The provider's answer was not understood"},          // provider_contract_violation
    {502, "The result would be incomplete"},                    // partial_result_denied
    {503, "The provider limits the rate"},                      // provider_throttled
    {503, "The provider is unavailable"},                       // provider_unavailable
    {504, "The provider did not answer in time"},               // provider_timeout
    {503, "The gateway is unavailable"},                        // unavailable
    {500, "Internal error"},                                    // internal
};
static_assert(std::size(kStatuses) == static_cast<std::size_t>(Slug::internal) + 1);

const Status& status_entry(Slug slug) noexcept {
    return kStatuses[static_cast<std::size_t>(slug)];
}

// Vendors' words may be in any encoding: what is not UTF-8 becomes U+FFFD, so that the JSON stays JSON.
std::string as_utf8(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        rapidjson::MemoryStream stream(text.data() + at, text.size() - at);
        unsigned codepoint = 0;
        if (rapidjson::UTF8<>::Decode(stream, &codepoint)) {
            clean.append(text, at, stream.Tell());
            at += stream.Tell();
        } else {
            clean.append("\xEF\xBF\xBD");
            ++at;
        }
    }
    return clean;
}

std::string& key(std::string& json, std::string_view name) {
    if (json.back() != '{') json += ',';
    return json.append(1, '"').append(name).append("\":");
}

void member(std::string& json, std::string_view name, std::string_view value) {
    key(json, name);
    if (all_bytes(value, is_ascii))
        append_quoted(json, value);
    else
        append_quoted(json, as_utf8(value));
}

void member_if(std::string& json, std::string_view name, std::string_view value) {
    if (!value.empty()) member(json, name, value);
}

void write_provider_error(std::string& json, const ProviderError& error) {
    key(json, "provider_error") += '{';
    member(json, "code", error.code);
    member(json, "message", error.message);
    member_if(json, "request_id", error.request_id);
    json += '}';
}

void write_errors(std::string& json, const std::vector<FieldError>& errors) {
    key(json, "errors") += '[';
    for (const FieldError& error : errors) {
        json += json.back() == '[' ? "{" : ",{";
        member(json, "pointer", error.pointer);
        member(json, "detail", error.detail);
        json += '}';
    }
    json += ']';
}

}  // namespace

int status_of(Slug slug) noexcept {
    return status_entry(slug).code;
}

std::string problem_json(const Failure& failure, std::string_view instance) {
    const Status& status = status_entry(failure.slug);
    std::string json = "{";
    json.reserve(kUsual);
    member(json, "type", std::string("/problems/").append(word(failure.slug)));
    member(json, "title", status.title);
    key(json, "status") += std::to_string(status.code);
    member(json, "detail", failure.detail);
    if (!instance.empty()) member(json, "instance", std::string("/requests/").append(instance));
    key(json, "retryable") += failure.retryable ? "true" : "false";
    member(json, "outcome", word(failure.outcome));
    member_if(json, "provider", failure.provider);
    if (failure.provider_error) write_provider_error(json, *failure.provider_error);
    if (!failure.errors.empty()) write_errors(json, failure.errors);
    member_if(json, "operation_id", failure.operation_id);
    member_if(json, "bandwidth_id", failure.bandwidth_id);
    json += '}';
    return json;
}

Response problem(const Failure& failure, std::string_view instance) {
    Response response;
    response.status = status_of(failure.slug);
    response.problem = word(failure.slug);
    response.set("Content-Type", "application/problem+json");
    if (failure.retry_after) response.set("Retry-After", std::to_string(failure.retry_after->count()));
    response.body = problem_json(failure, instance);
    return response;
}

}  // namespace bwgw::http
