#include "providers/sandbox/zenlayer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "providers/sandbox/zenlayer_signature.h"

namespace bwgw::sandbox::zenlayer {

namespace {

struct Code {
    std::string_view name;
    int status;
};

// Codes with SANDBOX in them stand where the documents publish none.
constexpr Code kCodes[] = {
    {"INVALID_REGION_NOT_FOUND", 404},
    {"INVALID_VPC_NOT_FOUND", 404},
    {"INVALID_VPC_BANDWIDTH_REGION_AZ_IS_SAME", 400},
    {"INVALID_VPC_BANDWIDTH_REGION_AZ_IS_EXIST", 400},
    {"INVALID_VPC_BANDWIDTH_NOT_FOUND", 404},
    {"AUTHFAILURE_INVALID_AUTHORIZATION", 401},
    {"AUTHFAILURE_SIGNATURE_FAILURE", 401},
    {"AUTHFAILURE_SIGNATURE_EXPIRED", 401},
    {"AUTHFAILURE_UNAUTHORIZED_OPERATION", 401},
    {"OPERATION_FAILED_FOR_RECYCLE_RESOURCE", 403},
    {"OPERATION_FAILED_RESOURCE_NOT_FOUND", 404},
    {"OPERATION_FAILED_RESOURCE_GROUP_NOT_FOUND", 404},
    {"REQUEST_LIMIT_EXCEEDED", 429},
    {"INTERNAL_SERVER_ERROR", 500},
    {"SERVICE_TEMPORARY_UNAVAILABLE", 503},
    {"REQUEST_TIMED_OUT", 503},
    {"INVALID_OPERATION_TIMEOUT", 500},
    {"SANDBOX_METHOD_NOT_ALLOWED", 405},
    {"SANDBOX_PATH_NOT_FOUND", 404},
};

const Action* find_action(std::string_view name, std::string_view path, const BrandSettings& settings) {
    for (const auto actions : {link_actions(), link_reading_actions(), account_actions()}) {
        for (const auto& action : actions) {
            if (action.name == name && action.path == path &&
                std::ranges::count(settings.unsold_actions, name) == 0) {
                return &action;
            }
        }
    }
    return nullptr;
}

const JsonValue* present(const JsonValue& body, const char* name) {
    const auto member = body.FindMember(name);
    return member == body.MemberEnd() || member->value.IsNull() ? nullptr : &member->value;
}

bool well_typed(const Parameter& parameter, const JsonValue& value) {
    switch (parameter.type) {
        case Type::text:
            return value.IsString();
        case Type::integer:
            return value.IsInt64();
        case Type::object:
            return value.IsObject();
        case Type::texts:
            return value.IsArray() &&
                   std::all_of(value.Begin(), value.End(), [](auto& v) { return v.IsString(); });
    }
    return false;
}

/// `^[A-Za-z0-9][A-Za-z0-9._/-]{0,61}[A-Za-z0-9]$`
Verdict check_name(const char* parameter, std::string_view name) {
    const auto sound = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    if (name.size() < 2) return {"INVALID_PARAMETER_LESS_LENGTH", parameter};
    if (name.size() > 63) return {"INVALID_PARAMETER_EXCEED_LENGTH", parameter};
    const bool inner = std::ranges::all_of(
        name, [&](char c) { return sound(c) || c == '.' || c == '_' || c == '/' || c == '-'; });
    if (!inner || !sound(name.front()) || !sound(name.back()))
        return {"INVALID_PARAMETER_PATTERN_ERROR", parameter};
    return {};
}

Verdict check_range(const Parameter& parameter, const JsonValue& value) {
    if (parameter.type == Type::integer) {
        if (value.GetInt64() < parameter.minimum) return {"INVALID_PARAMETER_LESS_MINIMUM", parameter.name};
        if (parameter.maximum != 0 && value.GetInt64() > parameter.maximum) {
            return {"INVALID_PARAMETER_EXCEED_MAXIMUM", parameter.name};
        }
    } else if (parameter.type == Type::texts) {
        if (parameter.maximum != 0 && value.Size() > parameter.maximum) {
            return {"INVALID_PARAMETER_EXCEED_LENGTH", parameter.name};
        }
    } else if (parameter.type == Type::text) {
        if (!parameter.words.empty() && !one_of(text_of(value), parameter.words)) {
            return {"INVALID_PARAMETER_VALUE", parameter.name};
        }
        if (parameter.is_name) return check_name(parameter.name, text_of(value));
    }
    return {};
}

Verdict check_parameters(const Action& action, const JsonValue& body) {
    for (const auto& parameter : action.parameters) {
        const auto* const value = present(body, parameter.name);
        if (value != nullptr && !well_typed(parameter, *value))
            return {"INVALID_PARAMETER_TYPE", parameter.name};
    }
    for (const auto& parameter : action.parameters) {
        const auto* const value = present(body, parameter.name);
        if (parameter.required && (value == nullptr || (value->IsString() && value->GetStringLength() == 0) ||
                                   (value->IsArray() && value->Empty()))) {
            return {"MISSING_PARAMETER", parameter.name};
        }
    }
    for (const auto& parameter : action.parameters) {
        const auto* const value = present(body, parameter.name);
        if (value == nullptr) continue;
        if (auto verdict = check_range(parameter, *value); verdict.failed()) return verdict;
    }
    return {};
}

std::string request_id(State& state) {
    const auto hex = random_text(state.random, 32, "0123456789ABCDEF");
    return fmt::format("T{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                       hex.substr(16, 4), hex.substr(20));
}

void add_fields(JsonValue& value, Json::AllocatorType& allocator) {
    if (value.IsArray()) {
        for (auto& element : value.GetArray()) add_fields(element, allocator);
    }
    if (!value.IsObject()) return;
    for (auto& member : value.GetObject()) add_fields(member.value, allocator);
    Fields(value, allocator).set("tagCount", 0).null("lineType").texts("labels", std::vector{"x"});
}

}  // namespace

int status_of(std::string_view code) {
    const auto* const known = std::ranges::find(kCodes, code, &Code::name);
    return known == std::end(kCodes) ? 400 : known->status;
}

const JsonValue* Turn::member(const char* name) const {
    return present(body, name);
}

std::string Turn::text(const char* name) const {
    const auto* const value = member(name);
    return value == nullptr ? std::string{} : std::string(text_of(*value));
}

std::int64_t Turn::integer(const char* name, std::int64_t absent) const {
    const auto* const value = member(name);
    return value == nullptr ? absent : value->GetInt64();
}

std::vector<std::string> Turn::texts(const char* name) const {
    std::vector<std::string> texts;
    if (const auto* const value = member(name)) {
        for (const auto& element : value->GetArray()) texts.emplace_back(text_of(element));
    }
    return texts;
}

std::string iso_time(std::int64_t unix_s) {
    using namespace std::chrono;
    const sys_seconds time{seconds{unix_s}};
    const year_month_day date{floor<days>(time)};
    const hh_mm_ss clock{time - floor<days>(time)};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string decimal_id(State& state, std::string_view prefix) {
    return fmt::format("{}{}", prefix, random_text(state.random, 17, "0123456789"));
}

Reply error_reply(State& state, const Verdict& verdict) {
    Json json;
    Fields out(json, json.GetAllocator());
    out.set("requestId", request_id(state)).set("code", verdict.code).set("message", verdict.message);
    return {.status = verdict.status != 0 ? verdict.status : status_of(verdict.code), .body = to_text(json)};
}

Outcome reply(const Request& request, State& state, Instant now) {
    const auto refuse = [&](const Verdict& verdict) {
        return Outcome{.reply = error_reply(state, verdict), .code = std::string(verdict.code)};
    };
    if (!request.path.starts_with("/api/v2/")) return refuse({"SANDBOX_PATH_NOT_FOUND", request.path});
    if (request.method != "POST") return refuse({"SANDBOX_METHOD_NOT_ALLOWED", request.method});
    advance(state, now.vendor_ms);
    if (const auto code = check_caller(request, state.settings, now.wall_ms / 1000); !code.empty()) {
        return refuse({code, "authentication failed"});
    }
    const auto* const action = find_action(request.header("x-zc-action"), request.path, state.settings);
    if (action == nullptr)
        return refuse({"AUTHFAILURE_UNAUTHORIZED_OPERATION", "action unknown or not granted"});
    const auto version = request.header("x-zc-version");
    if (version.empty() && !is_bearer(request)) return refuse({"MISSING_PARAMETER", "X-ZC-Version"});
    if (!version.empty() && version != action->version)
        return refuse({"INVALID_PARAMETER_VALUE", "X-ZC-Version"});
    const auto body = parse_json(request.body);
    if (body.HasParseError() || !body.IsObject())
        return refuse({"INVALID_PARAMETER_TYPE", "a JSON object expected"});
    if (const auto verdict = check_parameters(*action, body); verdict.failed()) return refuse(verdict);

    Json json;
    JsonValue response(rapidjson::kObjectType);
    const auto id = request_id(state);
    Fields out(response, json.GetAllocator());
    out.set("requestId", id);
    Turn turn{.state = state, .body = body, .now = now, .action = action->name, .out = out};
    if (const auto verdict = action->handle(turn); verdict.failed()) return refuse(verdict);
    Fields(json, json.GetAllocator()).set("requestId", id).set("response", std::move(response));
    if (state.behaviour.extra_fields) add_fields(json, json.GetAllocator());
    return {
        .reply = {.body = to_text(json)}, .code = "OK", .executed = turn.executed, .purchase = turn.purchase};
}

}  // namespace bwgw::sandbox::zenlayer
