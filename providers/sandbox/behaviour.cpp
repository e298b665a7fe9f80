#include "providers/sandbox/behaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace bwgw::sandbox {

namespace {

constexpr std::int64_t kYearMs = 31'536'000'000;
constexpr std::int64_t kYearSeconds = 31'536'000;
constexpr std::int64_t kAnyCount = 1'000'000'000'000'000;

using B = Behaviour;

constexpr Knob kKnobs[] = {
    {"visible_after_ms", &B::visible_after_ms, 0, kYearMs},
    {"gone_after_ms", &B::gone_after_ms, 0, kYearMs},
    {"create_ms", &B::create_ms, 0, kYearMs},
    {"answer_delay_ms", &B::answer_delay_ms, 0, 600'000},
    {"clock_skew_s", &B::clock_skew_s, -kYearSeconds, kYearSeconds},
    {"shuffle_rows", &B::shuffle_rows},
    {"reshuffle_rows", &B::reshuffle_rows},
    {"duplicate_rows", &B::duplicate_rows, 0, kAnyCount},
    {"drop_rows", &B::drop_rows, 0, kAnyCount},
    {"lie_total_count", &B::lie_total_count, -kAnyCount, kAnyCount},
    {"swap_regions", &B::swap_regions},
    {"extra_fields", &B::extra_fields},
    {"ignore_id_filter", &B::ignore_id_filter},
    {"max_bandwidth", &B::max_bandwidth, 1, kAnyCount},
    {"balance", &B::balance, 0, kAnyCount},
    {"time_range_unit", &B::time_range_unit, 0, 0, "hours|seconds"},
    {"legacy_state_provisioning", &B::legacy_state_provisioning},
    {"default_packages", &B::default_packages},
    {"project_required", &B::project_required},
    {"pair_taken_code", &B::pair_taken_code, 1, 1'000'000},
    {"list_limit_max", &B::list_limit_max, 0, kAnyCount},
    {"list_limit_clamp", &B::list_limit_clamp},
    {"retcode_as_text", &B::retcode_as_text},
    {"key_case_variant", &B::key_case_variant},
    {"omit_total_count", &B::omit_total_count},
    {"traffic_charge_type", &B::traffic_charge_type, 0, 0, "any|Count|PostPay"},
    {"eip_max_bandwidth", &B::eip_max_bandwidth, 2, kAnyCount},
    {"modify_ms", &B::modify_ms, 0, kYearMs},
    {"delete_ms", &B::delete_ms, 0, kYearMs},
    {"recycle_ms", &B::recycle_ms, 0, kYearMs},
    {"recycle_bin", &B::recycle_bin},
    {"recycle_retention_s", &B::recycle_retention_s, 0, kYearSeconds},
    {"create_fails", &B::create_fails},
    {"create_failed_holds_pair", &B::create_failed_holds_pair},
    {"state_conflict_status", &B::state_conflict_status, 400, 599},
};

std::optional<std::string> set(bool& member, const Knob& knob, std::string_view value) {
    if (value != "true" && value != "false") return fmt::format("{}: true or false expected", knob.name);
    member = value == "true";
    return std::nullopt;
}

std::optional<std::string> set(std::int64_t& member, const Knob& knob, std::string_view value) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || number < knob.minimum ||
        number > knob.maximum) {
        return fmt::format("{}: a whole number from {} to {} expected", knob.name, knob.minimum,
                           knob.maximum);
    }
    member = number;
    return std::nullopt;
}

std::optional<std::string> set(std::string& member, const Knob& knob, std::string_view value) {
    if (!one_of(value, knob.words)) return fmt::format("{}: one of {} expected", knob.name, knob.words);
    member = value;
    return std::nullopt;
}

}  // namespace

std::span<const Knob> knobs() {
    return kKnobs;
}

std::optional<std::string> set_knob(Behaviour& behaviour, std::string_view name, std::string_view value) {
    const auto* const knob = std::ranges::find(kKnobs, name, &Knob::name);
    if (knob == std::end(kKnobs)) return fmt::format("{}: no such member", name);
    return std::visit([&](auto member) { return set(behaviour.*member, *knob, value); }, knob->member);
}

bool one_of(std::string_view word, std::string_view words) {
    while (!words.empty()) {
        const auto next = words.substr(0, words.find('|'));
        if (next == word) return true;
        words.remove_prefix(std::min(words.size(), next.size() + 1));
    }
    return false;
}

}  // namespace bwgw::sandbox
