#include "providers/sandbox/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bwgw::sandbox {

namespace {

constexpr std::int64_t kDelayMaximum = 600'000;
constexpr std::int64_t kBlanksMaximum = 1LL << 40;

constexpr std::pair<std::string_view, FaultKind> kKinds[] = {
    {"reset", FaultKind::reset},
    {"hang", FaultKind::hang},
    {"status", FaultKind::status},
    {"status_5xx", FaultKind::status},
    {"broken_body", FaultKind::broken_body},
    {"cut_body", FaultKind::cut_body},
    {"empty_body", FaultKind::empty_body},
    {"retcode", FaultKind::retcode},
    {"throttled", FaultKind::throttled},
    {"slow", FaultKind::slow},
    {"drip", FaultKind::drip},
    {"huge_body", FaultKind::huge_body},
    {"deep_json", FaultKind::deep_json},
    {"redirect", FaultKind::redirect},
    {"challenge", FaultKind::challenge},
    {"without_member", FaultKind::without_member},
};

struct Number {
    std::string_view name;
    std::int64_t Fault::*member;
    std::int64_t minimum;
    std::int64_t maximum;
};
constexpr Number kNumbers[] = {
    {"times", &Fault::times, -1, 1'000'000},
    {"skip", &Fault::skip, 0, 1'000'000},
    {"status", &Fault::status, 200, 599},
    {"delay_ms", &Fault::delay_ms, 0, kDelayMaximum},
    {"size_bytes", &Fault::size_bytes, 0, kBlanksMaximum},
    {"depth", &Fault::depth, 1, 1'000'000},
};

constexpr std::pair<std::string_view, std::string Fault::*> kTexts[] = {
    {"action", &Fault::action},     {"message", &Fault::message}, {"body", &Fault::body},
    {"location", &Fault::location}, {"member", &Fault::member},
};

std::string set_kind(Fault& fault, std::string_view word) {
    const auto* const kind = std::ranges::find(kKinds, word, &std::pair<std::string_view, FaultKind>::first);
    if (kind == std::end(kKinds)) return fmt::format("kind: no fault is called {}", word);
    fault.kind = kind->second;
    return {};
}

std::string set_when(Fault& fault, std::string_view word) {
    if (word != "before" && word != "after") return "when: before or after expected";
    fault.after = word == "after";
    return {};
}

/// `reset_after` says kind and time in one word.
std::string set_both(Fault& fault, std::string_view word) {
    const auto cut = word.rfind('_');
    const auto when = cut == std::string_view::npos ? std::string_view{} : word.substr(cut + 1);
    if (when != "before" && when != "after") return set_kind(fault, word);
    set_when(fault, when);
    return set_kind(fault, word.substr(0, cut));
}

std::string set_number(std::int64_t& into, std::string_view name, const JsonValue& value,
                       std::int64_t minimum, std::int64_t maximum) {
    if (!value.IsInt64() || value.GetInt64() < minimum || value.GetInt64() > maximum) {
        return fmt::format("{}: a whole number from {} to {} expected", name, minimum, maximum);
    }
    into = value.GetInt64();
    return {};
}

std::string set_member(Fault& fault, std::string_view name, const JsonValue& value, std::int64_t now_ms) {
    for (const auto& number : kNumbers) {
        if (number.name == name) {
            return set_number(fault.*number.member, name, value, number.minimum, number.maximum);
        }
    }
    if (name == "retry_after") return set_number(fault.retry_after.emplace(), name, value, 0, 86'400);
    if (name == "after_ms") {
        std::int64_t wait = 0;
        auto complaint = set_number(wait, name, value, 0, kDelayMaximum);
        fault.armed_at_ms = now_ms + wait;
        return complaint;
    }
    if (name == "code" && value.IsInt()) {
        fault.code = std::to_string(value.GetInt());
        return {};
    }
    if (!value.IsString()) return fmt::format("{}: unknown, or not a text", name);
    const auto text = text_of(value);
    for (const auto& [known, member] : kTexts) {
        if (known == name) {
            fault.*member = text;
            return {};
        }
    }
    if (name == "code") {
        fault.code = text;
        return {};
    }
    if (name == "fault") return set_both(fault, text);
    if (name == "kind") return set_kind(fault, text);
    if (name == "when") return set_when(fault, text);
    return fmt::format("{}: unknown", name);
}

/// Puts a member before the others of a JSON object.
std::string with_member(const std::string& object, std::string_view member) {
    return fmt::format("{{{}{}{}", member, object == "{}" ? "" : ",", std::string_view{object}.substr(1));
}

void remove_member(JsonValue& value, const std::string& name) {
    if (!value.IsObject()) return;
    value.RemoveMember(name.c_str());
    for (auto& member : value.GetObject()) remove_member(member.value, name);
}

void spoil_body(const Fault& fault, Reply& reply) {
    switch (fault.kind) {
        case FaultKind::broken_body:
            reply.body.resize(std::max<std::size_t>(1, reply.body.size() / 2));
            break;
        case FaultKind::empty_body:
            reply.body.clear();
            break;
        case FaultKind::huge_body:
            reply.blanks = fault.size_bytes;
            break;
        case FaultKind::deep_json: {
            const auto depth = static_cast<std::size_t>(fault.depth);
            reply.body = with_member(
                reply.body, fmt::format(R"("Deep":{}{})", std::string(depth, '['), std::string(depth, ']')));
            break;
        }
        case FaultKind::without_member: {
            auto json = parse_json(reply.body);
            remove_member(json, fault.member);
            reply.body = to_text(json);
            break;
        }
        default:
            break;
    }
}

}  // namespace

std::string Fault::name() const {
    const auto* const found =
        std::ranges::find(kKinds, kind, &std::pair<std::string_view, FaultKind>::second);
    return fmt::format("{}_{}", found->first, after ? "after" : "before");
}

std::variant<Fault, std::string> parse_fault(const JsonValue& json, std::int64_t now_ms) {
    Fault fault;
    bool named = false;
    for (const auto& member : json.GetObject()) {
        const auto name = text_of(member.name);
        if (name == "brand") continue;
        named = named || name == "kind" || name == "fault";
        if (auto complaint = set_member(fault, name, member.value, now_ms); !complaint.empty())
            return complaint;
    }
    if (!named) return "kind: missing";
    if (fault.times == 0) return "times: 0 makes no sense; -1 is for ever";
    if (fault.kind == FaultKind::retcode && fault.code.empty()) return "code: missing";
    if (fault.kind == FaultKind::without_member && fault.member.empty()) return "member: missing";
    if (fault.kind == FaultKind::without_member && !fault.after)
        return "when: without_member needs an answer: after";
    return fault;
}

bool Faults::arm(Fault fault) {
    if (faults_.size() == kCapacity) return false;
    faults_.push_back(std::move(fault));
    return true;
}

std::optional<Fault> Faults::take(std::string_view action, std::int64_t now_ms) {
    for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
        if ((fault->action != "*" && fault->action != action) || now_ms < fault->armed_at_ms) continue;
        if (fault->skip > 0) {
            --fault->skip;
            continue;
        }
        Fault taken = *fault;
        if (fault->times > 0 && --fault->times == 0) faults_.erase(fault);
        return taken;
    }
    return std::nullopt;
}

Answer spoil(const Fault& fault, std::optional<Reply> reply, Vendor& vendor) {
    Answer answer;
    answer.intact = false;
    answer.reply = reply ? std::move(*reply) : Reply{.body = "{}"};
    answer.delay_ms = fault.after ? fault.delay_ms : 0;
    switch (fault.kind) {
        case FaultKind::reset:
            answer.delivery = Delivery::reset;
            break;
        case FaultKind::hang:
            answer.delivery = Delivery::hang;
            break;
        case FaultKind::cut_body:
            answer.delivery = Delivery::cut;
            break;
        case FaultKind::drip:
            answer.delivery = Delivery::drip;
            answer.delay_ms = fault.delay_ms;
            answer.intact = fault.after;
            break;
        case FaultKind::slow:
            answer.intact = true;
            break;
        case FaultKind::status:
            answer.reply.status = fault.status == 0 ? 502 : static_cast<int>(fault.status);
            answer.reply.content_type = "text/html";
            answer.reply.body = fault.body.empty() ? "<html><h1>Bad gateway</h1></html>" : fault.body;
            break;
        case FaultKind::redirect:
            answer.reply.status = fault.status == 0 ? 302 : static_cast<int>(fault.status);
            answer.reply.headers.emplace_back(
                "Location", fault.location.empty() ? "http://127.0.0.1:1/" : fault.location);
            break;
        case FaultKind::challenge:
            answer.reply = {.status = 403, .body = "<html>Just a moment</html>", .content_type = "text/html"};
            answer.reply.headers.emplace_back("cf-mitigated", "challenge");
            break;
        case FaultKind::retcode:
            answer.reply = vendor.error_reply(fault.code, fault.message, static_cast<int>(fault.status));
            break;
        case FaultKind::throttled:
            answer.reply = vendor.error_reply(vendor.throttled_code(), fault.message, 0);
            break;
        default:
            spoil_body(fault, answer.reply);
    }
    if (fault.retry_after)
        answer.reply.headers.emplace_back("Retry-After", std::to_string(*fault.retry_after));
    return answer;
}

}  // namespace bwgw::sandbox
