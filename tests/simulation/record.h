#pragma once

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace bwgw::simulation {

/// What a run of many worlds must have met, or it proves nothing.
enum class Met : std::uint8_t {
    crash,
    crash_between_intent_and_send,
    crash_after_send,
    stall,
    stall_past_lease,
    graceful_stop,
    ledger_refused,
    ledger_outage,
    unknown_commit,
    late_commit,
    takeover,
    stale_fence_refused,
    send_without_answer,
    late_execution,
    hidden_too_long,
    refused_by_vendor,
    refused_as_held,
    throttled,
    held_back,
    provided_nothing,
    resend,
    resend_refused,
    ambiguous_twin,
    list_failed,
    list_partial,
    row_twice,
    lock_refused,
    key_in_flight,
    key_replayed,
    key_anew,
    caller_left,
    answer_lost,
    stranger_bought,
    stranger_released,
    purchase_settled,
    change_settled,
    release_settled,
    needs_attention,
    resolved_applied,
    resolved_not_run,
    read_back,
    count_  ///< how many there are
};
std::string_view word(Met met) noexcept;

/// In how many worlds each was met.
using Tally = std::array<std::uint64_t, static_cast<std::size_t>(Met::count_)>;

/// What happened in one world, in order: its hash tells two runs apart, its text tells a person.
class Record {
public:
    using Time = std::chrono::microseconds;

    template <class... Args>
    void line(Time at, fmt::format_string<Args...> format, Args&&... args) {
        const auto from = text_.size();
        fmt::format_to(std::back_inserter(text_), "{:12.6f}  ", static_cast<double>(at.count()) / 1e6);
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
        text_.push_back('\n');
        for (auto i = from; i < text_.size(); ++i)
            hash_ = (hash_ ^ static_cast<unsigned char>(text_[i])) * 0x100000001b3ULL;
    }
    void met(Met what) { met_[static_cast<std::size_t>(what)] = true; }
    bool has_met(Met what) const { return met_[static_cast<std::size_t>(what)]; }

    /// A promise was broken.
    template <class... Args>
    void broken(Time at, fmt::format_string<Args...> format, Args&&... args) {
        violations_.push_back(fmt::format(format, std::forward<Args>(args)...));
        line(at, "BROKEN  {}", violations_.back());
    }

    const std::string& text() const noexcept { return text_; }
    std::uint64_t hash() const noexcept { return hash_; }
    const std::vector<std::string>& violations() const noexcept { return violations_; }

private:
    std::string text_;
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
    std::array<bool, static_cast<std::size_t>(Met::count_)> met_{};
    std::vector<std::string> violations_;
};

}  // namespace bwgw::simulation
