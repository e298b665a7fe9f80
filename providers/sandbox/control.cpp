#include "providers/sandbox/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace bwgw::sandbox {

namespace {

constexpr std::int64_t kSeedMaximum = 100'000;
constexpr std::int64_t kClockMaximum = 315'360'000'000;  // ten years

/// One request to a control route. A handler writes into `out` and returns a complaint, or empty.
struct Command {
    World& world;
    std::int64_t wall_ms;
    const Parameters& query;
    const JsonValue& body;
    Fields& out;
    Brand* brand;  // null: all brands

    [[nodiscard]] std::string brand_name() const { return brand == nullptr ? "" : brand->settings.name; }
};

std::string refuse_others(const JsonValue& body, std::string_view known) {
    for (const auto& member : body.GetObject()) {
        const auto name = text_of(member.name);
        if (!one_of(name, known)) return fmt::format("{}: unknown", name);
    }
    return {};
}

/// Reads an optional text; false if it is no text.
bool read_text(const JsonValue& body, const char* name, std::string& into) {
    if (!body.HasMember(name)) return true;
    if (!body[name].IsString()) return false;
    into = text_of(body[name]);
    return true;
}

/// Reads an optional whole number within bounds.
bool read_number(const JsonValue& body, const char* name, std::int64_t minimum, std::int64_t maximum,
                 std::int64_t& into) {
    if (!body.HasMember(name)) return true;
    if (!body[name].IsInt64() || body[name].GetInt64() < minimum || body[name].GetInt64() > maximum)
        return false;
    into = body[name].GetInt64();
    return true;
}

std::string healthz(Command& command) {
    command.out.set("ok", true);
    return {};
}

std::string ledger(Command& command) {
    command.world.ledger.write(command.out, command.brand_name());
    return {};
}

std::string requests(Command& command) {
    const auto action = command.query.find("action");
    command.world.requests.write(command.out, command.brand_name(),
                                 action == command.query.end() ? std::string{} : action->second);
    return {};
}

std::string show_faults(Command& command) {
    auto& allocator = command.out.allocator();
    JsonValue list(rapidjson::kArrayType);
    for (const auto& brand : command.world.brands()) {
        if (command.brand != nullptr && command.brand != brand.get()) continue;
        for (const auto& fault : brand->faults.armed()) {
            JsonValue object(rapidjson::kObjectType);
            Fields(object, allocator)
                .set("brand", brand->settings.name)
                .set("action", fault.action)
                .set("fault", fault.name())
                .set("times", fault.times)
                .set("skip", fault.skip);
            list.PushBack(object, allocator);
        }
    }
    command.out.set("faults", std::move(list));
    return {};
}

std::string arm_fault(Command& command) {
    auto parsed = parse_fault(command.body, command.world.now(*command.brand, command.wall_ms).vendor_ms);
    if (const auto* const complaint = std::get_if<std::string>(&parsed)) return *complaint;
    auto& fault = std::get<Fault>(parsed);
    command.out.set("fault", fault.name()).set("action", fault.action).set("times", fault.times);
    return command.brand->faults.arm(std::move(fault)) ? "" : "faults: too many are armed";
}

std::string heal(Command& command) {
    command.world.heal(command.brand_name());
    command.out.set("healed", true);
    return {};
}

void write_behaviour(const Behaviour& behaviour, Fields& out) {
    for (const auto& knob : knobs()) {
        std::visit([&](auto member) { out.set(knob.name, behaviour.*member); }, knob.member);
    }
}

std::string show_behaviour(Command& command) {
    if (command.brand == nullptr) return "brand: missing";
    write_behaviour(command.brand->behaviour, command.out);
    return {};
}

std::string set_behaviour(Command& command) {
    auto changed = command.brand->behaviour;
    for (const auto& member : command.body.GetObject()) {
        const auto name = text_of(member.name);
        if (name == "brand") continue;
        const auto text =
            member.value.IsString() ? std::string(text_of(member.value)) : to_text(member.value);
        if (auto complaint = set_knob(changed, name, text)) return *complaint;
    }
    command.brand->behaviour = changed;
    write_behaviour(changed, command.out);
    return {};
}

std::string seed(Command& command) {
    if (auto complaint = refuse_others(command.body, "brand|count|product|network|bandwidth");
        !complaint.empty()) {
        return complaint;
    }
    Seed wish;
    if (!read_number(command.body, "count", 1, kSeedMaximum, wish.count) || wish.count == 0) {
        return fmt::format("count: a whole number from 1 to {} expected", kSeedMaximum);
    }
    if (!read_number(command.body, "bandwidth", 1, 1'000'000, wish.bandwidth)) return "bandwidth: wrong";
    if (!read_text(command.body, "product", wish.product)) return "product: a text expected";
    if (!read_text(command.body, "network", wish.network)) return "network: a text expected";
    command.out.set("seeded", wish.count);
    return command.brand->vendor->seed(wish, command.world.now(*command.brand, command.wall_ms));
}

std::string add_network(Command& command) {
    if (auto complaint = refuse_others(command.body, "brand|id|name|regions"); !complaint.empty())
        return complaint;
    Network network;
    if (!read_text(command.body, "id", network.id) || network.id.empty()) return "id: a text expected";
    network.name = network.id;
    if (!read_text(command.body, "name", network.name)) return "name: a text expected";
    if (!command.body.HasMember("regions") || !command.body["regions"].IsArray())
        return "regions: a list expected";
    for (const auto& region : command.body["regions"].GetArray()) {
        if (!region.IsString()) return "regions: texts expected";
        network.regions.emplace_back(text_of(region));
    }
    command.out.set("id", network.id);
    return command.brand->vendor->add_network(network, command.world.now(*command.brand, command.wall_ms));
}

std::string vanish(Command& command) {
    if (auto complaint = refuse_others(command.body, "brand|native_id"); !complaint.empty()) return complaint;
    std::string id;
    if (!read_text(command.body, "native_id", id) || id.empty()) return "native_id: a text expected";
    command.out.set("native_id", id);
    return command.brand->vendor->vanish(id, command.world.now(*command.brand, command.wall_ms));
}

std::string reset(Command& command) {
    if (auto complaint = refuse_others(command.body, "brand"); !complaint.empty()) return complaint;
    command.world.reset(command.brand_name(), command.wall_ms);
    command.out.set("reset", true);
    return {};
}

std::string turn_clock(Command& command) {
    if (auto complaint = refuse_others(command.body, "offset_ms|advance_ms"); !complaint.empty())
        return complaint;
    std::int64_t advance = 0;
    auto offset = command.world.clock_offset_ms;
    if (!read_number(command.body, "offset_ms", 0, kClockMaximum, offset)) return "offset_ms: wrong";
    if (!read_number(command.body, "advance_ms", 0, kClockMaximum, advance)) return "advance_ms: wrong";
    command.world.clock_offset_ms = std::min(offset + advance, kClockMaximum);
    command.out.set("offset_ms", command.world.clock_offset_ms)
        .set("now_ms", command.wall_ms + command.world.clock_offset_ms);
    return {};
}

struct Route {
    std::string_view method;
    std::string_view path;
    bool needs_brand;
    std::string (*handle)(Command&);
};
constexpr Route kRoutes[] = {
    {"GET", "/healthz", false, healthz},
    {"GET", "/ledger", false, ledger},
    {"GET", "/requests", false, requests},
    {"GET", "/faults", false, show_faults},
    {"POST", "/faults", true, arm_fault},
    {"DELETE", "/faults", false, heal},
    {"GET", "/behaviour", false, show_behaviour},
    {"POST", "/behaviour", true, set_behaviour},
    {"POST", "/seed", true, seed},
    {"POST", "/networks", true, add_network},
    {"POST", "/vanish", true, vanish},
    {"POST", "/reset", false, reset},
    {"POST", "/clock", false, turn_clock},
};

Reply refusal(int status, std::string_view complaint) {
    Json json;
    Fields(json, json.GetAllocator()).set("error", complaint);
    return {.status = status, .body = to_text(json)};
}

}  // namespace

Reply control_reply(const Request& request, World& world, std::int64_t wall_ms) {
    const auto* const route = std::ranges::find_if(kRoutes, [&](const Route& known) {
        return known.method == request.method && known.path == request.path;
    });
    if (route == std::end(kRoutes)) {
        return refusal(404, fmt::format("{} {}: no such route", request.method, request.path));
    }
    Parameters query;
    decode_form(request.query, query);
    for (const auto& [name, value] : query) {
        if (!one_of(name, "brand|action")) return refusal(400, fmt::format("{}: unknown", name));
    }
    auto body = parse_json(request.body.empty() ? "{}" : request.body);
    if (body.HasParseError() || !body.IsObject()) return refusal(400, "body: a JSON object expected");
    std::string name = query.contains("brand") ? query["brand"] : "";
    if (!read_text(body, "brand", name)) return refusal(400, "brand: a text expected");
    auto* const brand = world.find(name);
    if (brand == nullptr && (route->needs_brand || !name.empty())) {
        return refusal(400, name.empty() ? "brand: missing" : fmt::format("brand: {} is unknown", name));
    }
    Json json;
    Fields out(json, json.GetAllocator());
    Command command{
        .world = world, .wall_ms = wall_ms, .query = query, .body = body, .out = out, .brand = brand};
    if (const auto complaint = route->handle(command); !complaint.empty()) return refusal(400, complaint);
    return {.body = to_text(json)};
}

}  // namespace bwgw::sandbox
