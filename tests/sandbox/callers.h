#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "providers/sandbox/control.h"
#include "providers/sandbox/json.h"
#include "providers/sandbox/settings.h"
#include "providers/sandbox/ucloud_call.h"
#include "providers/sandbox/world.h"
#include "providers/sandbox/zenlayer_signature.h"

namespace bwgw::sandbox {

inline std::string percent_encode(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

inline std::string form(const Parameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", percent_encode(name), percent_encode(value));
    }
    return text;
}

/// A signed form as the official clients post it: Action in the query and in the body.
inline Request ucloud_request(std::string_view brand, Parameters parameters) {
    parameters.emplace("PublicKey", fmt::format("pk-{}", brand));
    parameters.emplace("ProjectId", "org-demo");
    parameters["Signature"] = ucloud::signature(parameters, fmt::format("sk-{}", brand));
    return {.method = "POST",
            .path = "/",
            .query = fmt::format("Action={}", parameters["Action"]),
            .headers = {{"content-type", "application/x-www-form-urlencoded"}},
            .body = form(parameters)};
}

inline Request zenlayer_request(std::string_view action, std::string body, std::int64_t timestamp) {
    Request request{.method = "POST",
                    .path = "/api/v2/zec",
                    .query = "",
                    .headers = {{"host", "127.0.0.1:19104"},
                                {"content-type", "application/json"},
                                {"x-zc-action", std::string(action)},
                                {"x-zc-version", "2025-09-01"},
                                {"x-zc-timestamp", std::to_string(timestamp)},
                                {"x-zc-signature-method", "ZC2-HMAC-SHA256"}},
                    .body = std::move(body)};
    request.headers.emplace_back(
        "authorization",
        fmt::format(
            "ZC2-HMAC-SHA256 Credential=ZCSANDBOX0000001, SignedHeaders=content-type;host, Signature={}",
            zenlayer::signature(request, {"content-type", "host"}, std::to_string(timestamp),
                                "zenlayer-sandbox-password", false)));
    return request;
}

/// The shipped brands at a standing clock that tests turn by hand.
class Desk {
public:
    explicit Desk(const std::string& yaml = default_settings()) : world(parse_settings(yaml), wall_ms) {}

    Answer answer(std::string_view brand, const Request& request) {
        auto& there = *world.find(brand);
        const auto arrival = world.arrive(there, request, wall_ms);
        auto given = world.answer(there, request, arrival, wall_ms);
        if (given.delivery == Delivery::send) world.delivered(given);
        return given;
    }
    Json ucloud(std::string_view brand, const Parameters& parameters) {
        return parse_json(answer(brand, ucloud_request(brand, parameters)).reply.body);
    }
    /// The `response` member, or the flat error.
    Json zenlayer(std::string_view action, const std::string& body) {
        auto json = parse_json(answer("zenlayer", zenlayer_request(action, body, wall_ms / 1000)).reply.body);
        if (!json.HasMember("response")) return json;
        Json response;
        response.CopyFrom(json["response"], response.GetAllocator());
        return response;
    }
    Reply control(std::string method, std::string path, std::string body = "") {
        const auto question = path.find('?');
        const Request request{.method = std::move(method),
                              .path = path.substr(0, question),
                              .query = question == std::string::npos ? "" : path.substr(question + 1),
                              .headers = {},
                              .body = std::move(body)};
        return control_reply(request, world, wall_ms);
    }

    std::int64_t wall_ms = 1'781'691'740'000;  // 2026-06-17 18:22:20 in Beijing
    World world;
};

inline int ret_code(const Json& json) {
    return json["RetCode"].GetInt();
}

}  // namespace bwgw::sandbox
