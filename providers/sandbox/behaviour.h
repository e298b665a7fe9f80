#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace bwgw::sandbox {

/// How one brand behaves: what the documents leave open, and what real vendors do to their callers. Set in
/// the configuration, and at run time over the control endpoint. Times are milliseconds unless the name says
/// otherwise.
struct Behaviour {
    // any family
    std::int64_t visible_after_ms = 0;
    std::int64_t gone_after_ms = 0;
    std::int64_t create_ms = 0;
    std::int64_t answer_delay_ms = 0;
    std::int64_t clock_skew_s = 0;
    bool shuffle_rows = false;
    bool reshuffle_rows = false;
    std::int64_t duplicate_rows = 0;
    std::int64_t drop_rows = 0;
    std::int64_t lie_total_count = 0;
    bool swap_regions = false;
    bool extra_fields = false;
    bool ignore_id_filter = false;
    std::int64_t max_bandwidth = 1000;
    std::int64_t balance = 100'000'000'000;
    // ucloud
    std::string time_range_unit = "hours";
    bool legacy_state_provisioning = false;
    bool default_packages = true;
    bool project_required = true;
    std::int64_t pair_taken_code = 2001;
    std::int64_t list_limit_max = 0;
    bool list_limit_clamp = false;
    bool retcode_as_text = false;
    bool key_case_variant = false;
    bool omit_total_count = false;
    std::string traffic_charge_type = "any";
    std::int64_t eip_max_bandwidth = 800;
    // zenlayer
    std::int64_t modify_ms = 0;
    std::int64_t delete_ms = 0;
    std::int64_t recycle_ms = 0;
    bool recycle_bin = false;
    std::int64_t recycle_retention_s = 86'400;
    bool create_fails = false;
    bool create_failed_holds_pair = false;
    std::int64_t state_conflict_status = 400;
};

/// One line of the table of knobs: the bounds hold for numbers; a text is one of the `|`-separated words.
struct Knob {
    std::string_view name;
    std::variant<bool Behaviour::*, std::int64_t Behaviour::*, std::string Behaviour::*> member;
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;
    std::string_view words = {};
};

std::span<const Knob> knobs();

/// Sets one knob from its text form (`true`, `250`, `hours`); the complaint if the name or the value is
/// wrong.
std::optional<std::string> set_knob(Behaviour& behaviour, std::string_view name, std::string_view value);

/// Whether `word` is one of the `|`-separated `words`.
bool one_of(std::string_view word, std::string_view words);

}  // namespace bwgw::sandbox
