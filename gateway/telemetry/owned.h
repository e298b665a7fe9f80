#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/telemetry/metrics.h"

namespace bwgw::telemetry {

/// One bandwidth for the metrics; empty or absent means that the vendor did not say. The texts are somebody
/// else's, and words are those of the API.
struct Owned {
    std::string_view id;
    std::string_view provider;
    std::string_view kind;
    std::string_view name = {};
    std::string_view network_id = {};
    std::string_view region_a = {};  ///< of a boost: its region, and no other
    std::string_view region_b = {};
    std::string_view state;
    std::string_view billing_model;
    std::string_view payment;
    std::optional<double> purchased_mbps = {};
    std::optional<double> burst_mbps = {};
    std::optional<std::chrono::sys_seconds> created_at = {};
    std::optional<std::chrono::sys_seconds> expires_at = {};
};

/// What traffic may use now, in Mbit/s: nothing unless active, else the burst where there is one.
std::optional<double> effective_mbps(const Owned& bandwidth);

/// So many have metrics of their own: those that end soonest, then by id, so that they are the same each
/// time.
constexpr std::size_t kMaxOwnedShown = 10'000;

/// The Prometheus text for GET /metrics/bandwidths. About 15 µs a bandwidth: not on a worker.
std::string owned_text(std::vector<Owned> bandwidths);

/// The readings owned_purchased and owned_bandwidths, of all of them.
struct OwnedSums {
    std::vector<Sample> purchased;
    std::vector<Sample> bandwidths;
};
OwnedSums owned_sums(std::span<const Owned> bandwidths);

}  // namespace bwgw::telemetry
