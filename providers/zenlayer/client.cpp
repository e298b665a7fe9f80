#include "providers/zenlayer/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "providers/translation/fields.h"
#include "providers/zenlayer/signature.h"
#include "providers/zenlayer/vocabulary.h"

namespace bwgw::zenlayer {
namespace {

using translation::Fields;
using translation::Keys;

constexpr std::string_view kVersion = "2025-09-01";
constexpr std::string_view kContentType = "application/json";
constexpr std::size_t kMostHeaders = 9;
constexpr std::size_t kMaxLabel = 128;       // X-ZC-Request-Client
constexpr std::size_t kMaxVendorText = 512;  // of an error's code or message that is kept
constexpr std::string_view kHidden = "[hidden]";

// Names this request at the vendor's support desk; only letters, digits and -_ ,;. are allowed there.
std::string label_of(const RequestContext& context) {
    std::string label = "bandwidth-gateway " + context.trace.request_id;
    std::erase_if(label, [](char c) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !alphanumeric && std::string_view("-_ ,;.").find(c) == std::string_view::npos;
    });
    while (label.ends_with(' ')) label.pop_back();
    return label.substr(0, kMaxLabel);
}

HttpRequest request_of(const RequestContext& context, const Settings& settings, Call call) {
    HttpRequest request;
    request.url = settings.url;
    request.write = call.effect != Effect::read;
    request.headers.reserve(kMostHeaders);
    request.headers.push_back({"Content-Type", std::string(kContentType)});
    request.headers.push_back({"Accept", "application/json"});
    request.headers.push_back({"X-ZC-Action", call.action});
    request.headers.push_back({"X-ZC-Version", std::string(kVersion)});
    request.headers.push_back({"X-ZC-Service", "zec"});
    request.headers.push_back({"X-ZC-Request-Client", label_of(context)});
    if (const auto* bearer = std::get_if<BearerToken>(&settings.credential)) {
        request.headers.push_back({"Authorization", "Bearer " + bearer->token.reveal()});
    } else {
        const auto& key = std::get<AccessKey>(settings.credential);
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const Signable signable{kContentType, settings.host, call.body, now.time_since_epoch().count()};
        request.headers.push_back({"X-ZC-Timestamp", std::to_string(signable.timestamp)});
        request.headers.push_back({"X-ZC-Signature-Method", std::string(kSignatureMethod)});
        request.headers.push_back({"Authorization", authorization(signable, key.id, key.password.reveal())});
    }
    request.action = std::move(call.action);
    request.body = std::move(call.body);
    return request;
}

// A vendor's text for logs and problems: short, and without our credentials should it echo them.
std::string harmless(std::string text, const Settings& settings) {
    const auto hide = [&text](const std::string& secret) {
        if (secret.empty()) return;
        for (auto at = text.find(secret); at != std::string::npos;
             at = text.find(secret, at + kHidden.size()))
            text.replace(at, secret.size(), kHidden);
    };
    if (const auto* bearer = std::get_if<BearerToken>(&settings.credential)) {
        hide(bearer->token.reveal());
    } else {
        hide(std::get<AccessKey>(settings.credential).id);
        hide(std::get<AccessKey>(settings.credential).password.reveal());
    }
    if (text.size() <= kMaxVendorText) return text;
    auto end = kMaxVendorText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;  // not within a character
    return text.substr(0, end);
}

Slug by_status(int status, Effect effect) {
    if (status == 504) return Slug::provider_timeout;
    if (status >= 500) return Slug::provider_unavailable;
    // Which codes refuse a change in the wrong state is not published.
    return effect == Effect::change ? Slug::conflict : Slug::invalid_request;
}

Meaning meaning_of(std::string_view code, int status, Effect effect, const Settings& settings) {
    for (const auto& [theirs, slug] : settings.errors)
        if (theirs == code) return {slug, Verdict::final};
    if (const auto known = translation::ours(kErrors, code)) return *known;
    if (status == 429) return {Slug::provider_throttled, Verdict::safe};
    for (const auto& pattern : kErrorPatterns)
        if (pattern.matches(code)) return {pattern.slug, Verdict::reconcile};
    return {by_status(status, effect), Verdict::reconcile};
}

bool is_transient(Slug slug) {
    return slug == Slug::provider_throttled || slug == Slug::provider_unavailable ||
           slug == Slug::provider_timeout;
}

Failure failure_of(Meaning meaning, const HttpReply& reply, Effect effect, const Settings& settings) {
    const bool sure = meaning.verdict != Verdict::reconcile && reply.status < 500;
    Failure failure{.slug = meaning.slug};
    failure.outcome = effect == Effect::read || sure ? Outcome::none : Outcome::unknown;
    failure.retryable = effect == Effect::read
                            ? meaning.verdict == Verdict::safe || is_transient(meaning.slug)
                            : sure && meaning.verdict == Verdict::safe;
    failure.retry_after = retry_after(reply, std::chrono::system_clock::now());
    failure.provider = settings.name;
    return failure;
}

// An answer that does not speak the API's language: from a gateway or a security layer before it.
Failure edge_failure(const HttpReply& reply, Effect effect, const Settings& settings, std::string why) {
    if (reply.status == 451 || (reply.status == 403 && !reply.header("cf-mitigated").empty())) {
        auto blocked =
            failure_of({Slug::provider_permission_denied, Verdict::final}, reply, effect, settings);
        blocked.detail = fmt::format("blocked before the vendor's API (HTTP {})", reply.status);
        return blocked;
    }
    if (reply.status == 429 || reply.status >= 500) {
        const auto slug = reply.status == 429 ? Slug::provider_throttled : by_status(reply.status, effect);
        const auto verdict = reply.status == 429 ? Verdict::safe : Verdict::reconcile;
        auto failure = failure_of({slug, verdict}, reply, effect, settings);
        failure.detail = fmt::format("HTTP {} without an error code", reply.status);
        return failure;
    }
    return broken_reply(settings, effect, fmt::format("HTTP {}: {}", reply.status, why), {});
}

Result<Answer> read(const HttpReply& reply, Effect effect, const Settings& settings) {
    auto document = translation::parse(reply.body);
    if (!document) return edge_failure(reply, effect, settings, document.failure().detail);
    Fields envelope(document->root, Keys::exact, "");
    const auto code = envelope.text_if("code").value_or("");
    auto request_id = harmless(envelope.text_if("requestId").value_or(""), settings);
    if (reply.status == 200 && envelope.object_if("response"))
        return Answer{std::move(*document), std::move(request_id)};
    if (code.empty() && reply.status == 200)
        return broken_reply(settings, effect, "the reply has no response object", std::move(request_id));
    if (code.empty()) return edge_failure(reply, effect, settings, "no error code");
    if (reply.status == 451 || !reply.header("cf-mitigated").empty())
        return edge_failure(reply, effect, settings, "blocked");
    auto failure = failure_of(meaning_of(code, reply.status, effect, settings), reply, effect, settings);
    failure.provider_error = {harmless(code, settings),
                              harmless(envelope.text_if("message").value_or(""), settings),
                              std::move(request_id)};
    failure.detail =
        fmt::format("the vendor refused with {} (HTTP {})", failure.provider_error->code, reply.status);
    return failure;
}

}  // namespace

Failure broken_reply(const Settings& settings, Effect effect, std::string detail, std::string request_id) {
    Failure failure{.slug = Slug::provider_contract_violation, .detail = std::move(detail)};
    failure.outcome = effect == Effect::read ? Outcome::none : Outcome::unknown;
    failure.provider = settings.name;
    if (!request_id.empty())
        failure.provider_error = {.code = {}, .message = {}, .request_id = std::move(request_id)};
    return failure;
}

Client::Client(HttpTransport& transport, std::shared_ptr<const Settings> settings)
    : transport_(transport), settings_(std::move(settings)) {}

Task<Answer> Client::call(const RequestContext& context, Call call) {
    const auto effect = call.effect;
    std::optional<Result<Answer>> answer;
    auto request = request_of(context, *settings_, std::move(call));
    request.judge = [&](const HttpReply& reply) -> const Failure* {
        answer.emplace(read(reply, effect, *settings_));
        return *answer ? nullptr : &answer->failure();
    };
    auto reply = co_await transport_.send(context, std::move(request));
    if (!reply) {
        auto failure = std::move(reply).failure();
        if (failure.provider.empty()) failure.provider = settings_->name;
        co_return failure;
    }
    co_return std::move(answer).value();
}

}  // namespace bwgw::zenlayer
