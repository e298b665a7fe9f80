#include "providers/ucloud/client.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "providers/translation/fields.h"

namespace bwgw::ucloud {
namespace {

constexpr std::size_t kMaxMessageBytes = 300;  // a sentence; a gateway's HTML page would be longer
constexpr std::size_t kMaxRequestIdBytes = 128;

std::string bounded(std::string_view text, std::size_t max) {
    if (text.size() > max) {
        while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;  // whole characters
        text = text.substr(0, max);
    }
    std::string clean(text);
    for (char& c : clean)
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7F') c = ' ';
    return clean;
}

void replace_all(std::string& text, std::string_view what) {
    if (what.empty()) return;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 3))
        text.replace(at, what.size(), "***");
}

Failure http_failure(const Call& call, int status, ProviderError error) {
    const bool write = call.write();
    Failure failure{Slug::provider_contract_violation,
                    fmt::format("{} was answered with HTTP {}", call.action, status)};
    if (status == 429) {
        failure.slug = Slug::provider_throttled;
        failure.retryable = true;
    } else if (status >= 500) {
        failure.slug = status == 504 ? Slug::provider_timeout : Slug::provider_unavailable;
        failure.retryable = !write;
        failure.outcome = write ? Outcome::unknown : Outcome::none;
    } else {  // no RetCode: not the vendor's word, but of something in between
        failure.outcome = write ? Outcome::unknown : Outcome::none;
    }
    failure.provider_error = std::move(error);
    return failure;
}

Failure broken_reply(const Call& call, std::string detail, ProviderError error) {
    Failure failure{Slug::provider_contract_violation, fmt::format("{}: {}", call.action, detail)};
    failure.outcome = call.write() ? Outcome::unknown : Outcome::none;
    failure.provider_error = std::move(error);
    return failure;
}

Failure refusal(const Call& call, std::int64_t ret_code, ProviderError error) {
    const auto verdict = verdict_of(ret_code);
    Failure failure{verdict.slug, fmt::format("{} was refused with RetCode {}", call.action, ret_code)};
    if (!error.message.empty()) failure.detail += ": " + error.message;
    failure.outcome = call.write() ? verdict.write : Outcome::none;
    failure.retryable = verdict.transient && failure.outcome == Outcome::none;
    failure.provider_error = std::move(error);
    return failure;
}

}  // namespace

bool Call::write() const noexcept {
    return !action.starts_with("Describe") && !action.starts_with("List") && !action.starts_with("Get");
}

Parameters Client::signed_parameters(const Call& call) const {
    Parameters parameters = call.parameters;
    parameters["Action"] = call.action;
    parameters["PublicKey"] = settings_->public_key.reveal();
    parameters["ProjectId"] = settings_->project;
    parameters["SecurityToken"] = settings_->security_token.reveal();
    std::erase_if(parameters, [](const auto& parameter) { return parameter.second.empty(); });
    parameters["Signature"] = signature(parameters, settings_->private_key.reveal());
    return parameters;
}

HttpRequest Client::request(const Call& call, const Parameters& parameters) const {
    HttpRequest request;
    request.action = call.action;
    request.url = settings_->url;
    request.headers = settings_->headers;
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.headers.push_back({"Accept", "application/json"});
    request.body = form(parameters);
    request.write = call.write();
    return request;
}

std::string Client::without_keys(std::string text, const Parameters& sent) const {
    replace_all(text, settings_->private_key.reveal());
    for (const auto* name : {"PublicKey", "SecurityToken", "Signature"})
        if (const auto parameter = sent.find(name); parameter != sent.end())
            replace_all(text, parameter->second);
    return text;
}

Result<Reply> Client::read(const Call& call, const Parameters& sent, const HttpReply& reply) const {
    ProviderError error{
        fmt::format("HTTP {}", reply.status), "",
        bounded(without_keys(std::string(reply.header("X-UCLOUD-REQUEST-UUID")), sent), kMaxRequestIdBytes)};
    if (reply.status < 200 || reply.status > 299) return http_failure(call, reply.status, std::move(error));

    auto body = translation::parse(reply.body);
    if (!body) return broken_reply(call, body.failure().detail, std::move(error));
    translation::Fields fields(body->root, translation::Keys::any_case, call.action + "Response");
    const auto ret_code = fields.integer("RetCode");
    if (const auto wrong = fields.wrong()) return broken_reply(call, wrong->detail, std::move(error));
    if (ret_code == 0) return Reply{*std::move(body), std::move(error.request_id)};

    error.code = std::to_string(ret_code);
    error.message = bounded(without_keys(fields.text_if("Message").value_or(""), sent), kMaxMessageBytes);
    return refusal(call, ret_code, std::move(error));
}

Task<Reply> Client::call(const RequestContext& context, Call call) const {
    const auto parameters = signed_parameters(call);
    std::optional<Result<Reply>> answer;
    auto sent = request(call, parameters);
    sent.judge = [&](const HttpReply& reply) -> const Failure* {
        answer.emplace(read(call, parameters, reply));
        if (*answer) return nullptr;
        answer->failure().retry_after = retry_after(reply, std::chrono::system_clock::now());
        return &answer->failure();
    };
    auto reply = co_await transport_.send(context, std::move(sent));
    if (!reply) co_return std::move(reply).failure();
    co_return std::move(answer).value();
}

}  // namespace bwgw::ucloud
