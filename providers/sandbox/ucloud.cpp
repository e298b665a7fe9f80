#include "providers/sandbox/ucloud.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bwgw::sandbox::ucloud {

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

const Action* find_action(std::string_view name, const BrandSettings& settings) {
    constexpr std::string_view kProducts[] = {"", "legacy", "simple", "eip"};
    const auto sold = [&](const Action& action) {
        const auto product = kProducts[static_cast<std::size_t>(action.product)];
        return (product.empty() || std::ranges::count(settings.products, product) > 0) &&
               std::ranges::count(settings.unsold_actions, action.name) == 0;
    };
    for (const auto actions : {legacy_actions(), simple_actions(), eip_actions(), account_actions()}) {
        for (const auto& action : actions) {
            if (action.name == name && sold(action)) return &action;
        }
    }
    return nullptr;
}

bool missing(const Parameter& parameter, const Call& call, const Behaviour& behaviour) {
    if (!parameter.required || (parameter.kind == Kind::project && !behaviour.project_required)) return false;
    return call.value(parameter.name).empty();
}

bool acceptable(const Parameter& parameter, const Call& call, const State& state) {
    const auto value = call.value(parameter.name);
    if (value.empty() || parameter.kind == Kind::texts || parameter.kind == Kind::project) return true;
    switch (parameter.kind) {
        case Kind::integer: {
            const auto number = parse_number<std::int64_t>(value);
            return number && static_cast<double>(*number) >= parameter.minimum;
        }
        case Kind::number: {
            const auto number = parse_number<double>(value);
            return number && std::isfinite(*number) && *number > parameter.minimum;
        }
        case Kind::region:
            return std::ranges::find(state.settings.regions, value, &Region::id) !=
                   state.settings.regions.end();
        default:
            return !call.json_numbers.contains(std::string(parameter.name)) &&
                   (parameter.words.empty() || one_of(value, parameter.words));
    }
}

Verdict check_caller(const Call& call, const BrandSettings& settings) {
    if (call.value("Action").empty()) return {160, "Missing Action"};
    if (call.value("Signature").empty()) return {170, "Missing signature"};
    if (call.value("PublicKey") != settings.public_key) return {172, "User Not Exists"};
    if (signature(call.signed_values, settings.private_key) != call.value("Signature")) {
        return {171, "Signature VerifyAC Error"};
    }
    return {};
}

Verdict check_parameters(const Action& action, const Call& call, const State& state) {
    const auto project = call.value("ProjectId");
    if (!project.empty() && project != state.settings.project) {
        return {292, fmt::format("Project [{}] not exists", project)};
    }
    for (const auto& parameter : action.parameters) {
        if (missing(parameter, call, state.behaviour)) {
            return {220, fmt::format("Missing params [{}]", parameter.name)};
        }
    }
    for (const auto& parameter : action.parameters) {
        if (!acceptable(parameter, call, state)) return unavailable(parameter.name);
        const auto& behaviour = state.behaviour;
        if (parameter.name == "Limit" && behaviour.list_limit_max > 0 && !behaviour.list_limit_clamp &&
            parse_number<std::int64_t>(call.value("Limit")).value_or(0) > behaviour.list_limit_max) {
            return unavailable("Limit");
        }
    }
    return {};
}

/// Names as other pages of the same documents spell them.
std::string variant_name(std::string_view name) {
    if (name == "RegionList") return "RegionLIst";
    if (name == "BandWidth") return "Bandwidth";
    if (name.ends_with("Id")) return fmt::format("{}ID", name.substr(0, name.size() - 2));
    if (name.ends_with("ID")) return fmt::format("{}Id", name.substr(0, name.size() - 2));
    return std::string(name);
}

void vary(JsonValue& value, const Behaviour& behaviour, Json::AllocatorType& allocator) {
    if (value.IsArray()) {
        for (auto& element : value.GetArray()) vary(element, behaviour, allocator);
    }
    if (!value.IsObject()) return;
    for (auto& member : value.GetObject()) {
        if (behaviour.key_case_variant)
            member.name = json_text(variant_name(text_of(member.name)), allocator);
        vary(member.value, behaviour, allocator);
    }
    if (behaviour.extra_fields) {
        Fields(value, allocator)
            .set("IsCrossBorder", false)
            .null("RegionABwMax")
            .texts("Labels", std::vector{"x"});
    }
}

Reply envelope(Json& json, const Verdict& verdict, std::string_view message, std::string_view action,
               State& state) {
    Fields out(json, json.GetAllocator());
    if (!action.empty()) out.set("Action", fmt::format("{}Response", action));
    if (state.behaviour.retcode_as_text) {
        out.set("RetCode", std::to_string(verdict.code));
    } else {
        out.set("RetCode", verdict.code);
    }
    if (!message.empty()) out.set("Message", message);
    vary(json, state.behaviour, json.GetAllocator());
    Reply reply{.body = to_text(json)};
    const auto hex = random_text(state.random, 32, "0123456789abcdef");
    reply.headers.emplace_back("X-UCLOUD-REQUEST-UUID",
                               fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                                           hex.substr(12, 4), hex.substr(16, 4), hex.substr(20)));
    return reply;
}

Outcome refuse(const Verdict& verdict, std::string_view action, State& state) {
    Json json;
    return {.reply = envelope(json, verdict, verdict.message, action, state),
            .code = std::to_string(verdict.code)};
}

void forget_gone(State& state, std::int64_t now_ms) {
    const auto gone = [&](const auto& row) { return row.life.gone(state.behaviour, now_ms); };
    std::erase_if(state.pairs, gone);
    std::erase_if(state.packages, gone);
    std::erase_if(state.boosts,
                  [&](const Boost& boost) { return gone(boost) || boost.disable_s * 1000 <= now_ms; });
}

}  // namespace

Verdict unavailable(std::string_view parameter) {
    return {230, fmt::format("Params [{}] not available", parameter)};
}

Verdict not_found(std::string_view what) {
    return {8039, fmt::format("{} not exist", what)};
}

std::int64_t Turn::integer(std::string_view name, std::int64_t absent) const {
    return parse_number<std::int64_t>(call.value(name)).value_or(absent);
}

double Turn::number(std::string_view name) const {
    return parse_number<double>(call.value(name)).value_or(0);
}

std::set<std::string> Turn::texts(std::string_view name) const {
    std::set<std::string> texts;
    for (std::size_t i = 0;; ++i) {
        const auto found = call.values.find(fmt::format("{}.{}", name, i));
        if (found == call.values.end()) return texts;
        texts.insert(found->second);
    }
}

const Network* Turn::network(std::string_view parameter) const {
    const auto found = std::ranges::find(state.networks, call.value(parameter), &Network::id);
    return found == state.networks.end() ? nullptr : &*found;
}

Verdict Turn::charge(std::int64_t amount) {
    if (state.spent + amount > state.behaviour.balance) return {520, "Lack of balance"};
    state.spent += amount;
    return {};
}

void Turn::bought(Purchase order) {
    order.brand = state.settings.name;
    order.action = action;
    order.parameters = call.values;
    for (const auto* const secret : {"Signature", "PublicKey", "SecurityToken", "Action"})
        order.parameters.erase(secret);
    order.at = now.vendor_ms;
    purchase = state.ledger.record(std::move(order));
    executed = true;
}

std::string new_id(State& state, std::string_view prefix, std::size_t length) {
    return fmt::format("{}{}", prefix,
                       random_text(state.random, length, "0123456789abcdefghijklmnopqrstuvwxyz"));
}

Outcome reply(const Request& request, State& state, Instant now) {
    if (request.path != "/")
        return {.reply = {.status = 404, .body = "not found", .content_type = "text/plain"}};
    if (request.method != "GET" && request.method != "POST") {
        return {.reply = {.status = 405, .body = "method not allowed", .content_type = "text/plain"}};
    }
    forget_gone(state, now.vendor_ms);
    const auto call = read_call(request);
    if (auto verdict = check_caller(call, state.settings); verdict.code != 0)
        return refuse(verdict, {}, state);
    const auto name = call.value("Action");
    const auto* const action = find_action(name, state.settings);
    if (action == nullptr) return refuse({161, fmt::format("Action [{}] not found", name)}, {}, state);
    if (!call.readable) return refuse({230, "Params [body] not available"}, name, state);
    if (auto verdict = check_parameters(*action, call, state); verdict.code != 0)
        return refuse(verdict, name, state);
    Json json;
    Fields out(json, json.GetAllocator());
    Turn turn{.state = state, .call = call, .now = now, .action = name, .out = out};
    const auto verdict = action->handle(turn);
    if (verdict.code != 0) return refuse(verdict, name, state);
    return {.reply = envelope(json, verdict, action->message, name, state),
            .code = "0",
            .executed = turn.executed,
            .purchase = turn.purchase};
}

}  // namespace bwgw::sandbox::ucloud
