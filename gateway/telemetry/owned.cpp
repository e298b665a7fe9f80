#include "gateway/telemetry/owned.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <tuple>
#include <utility>

#include "gateway/telemetry/declared.h"

namespace bwgw::telemetry {

namespace {

using Key = std::tuple<std::string_view, std::string_view, std::string_view>;

std::vector<Sample> samples_of(const std::map<Key, double>& sums) {
    std::vector<Sample> samples;
    for (const auto& [key, value] : sums) {
        const auto& [first, second, third] = key;
        samples.push_back({value, {std::string(first), std::string(second), std::string(third)}});
    }
    return samples;
}

std::optional<double> unix_seconds(std::optional<std::chrono::sys_seconds> instant) {
    if (!instant) return {};
    return static_cast<double>(instant->time_since_epoch().count());
}

std::optional<double> one(const Owned&) {
    return 1;
}

std::pair<std::chrono::sys_seconds, std::string_view> end_and_id(const Owned& bandwidth) {
    return {bandwidth.expires_at.value_or(std::chrono::sys_seconds::max()), bandwidth.id};
}

std::vector<std::string> own_labels(const Owned& bandwidth) {
    return {std::string(bandwidth.id), std::string(bandwidth.provider)};
}

std::vector<std::string> all_labels(const Owned& bandwidth) {
    std::vector<std::string> labels;
    for (const auto text : {bandwidth.id, bandwidth.provider, bandwidth.kind, bandwidth.name,
                            bandwidth.network_id, bandwidth.region_a, bandwidth.region_b, bandwidth.state,
                            bandwidth.billing_model, bandwidth.payment})
        labels.emplace_back(text);
    return labels;
}

}  // namespace

std::optional<double> effective_mbps(const Owned& bandwidth) {
    if (bandwidth.state != "active") return 0;
    return bandwidth.burst_mbps ? bandwidth.burst_mbps : bandwidth.purchased_mbps;
}

std::string owned_text(std::vector<Owned> bandwidths) {
    std::ranges::sort(bandwidths, {}, end_and_id);
    const auto shown = std::span(bandwidths).first(std::min(bandwidths.size(), kMaxOwnedShown));
    std::ostringstream text;
    const auto family = [&](const Declared& declared, auto labels, auto value) {
        std::vector families{family_of(declared)};
        for (const auto& bandwidth : shown)
            if (const std::optional<double> known = value(bandwidth))
                add_sample(families[0], declared, labels(bandwidth)).gauge.value = *known;
        prometheus::TextSerializer().Serialize(text, families);  // one at a time: they are large
    };
    family(kPurchased, own_labels, [](const Owned& bandwidth) { return bandwidth.purchased_mbps; });
    family(kBurst, own_labels, [](const Owned& bandwidth) { return bandwidth.burst_mbps; });
    family(kEffective, own_labels, effective_mbps);
    family(kCreated, own_labels, [](const Owned& bandwidth) { return unix_seconds(bandwidth.created_at); });
    family(kExpires, own_labels, [](const Owned& bandwidth) { return unix_seconds(bandwidth.expires_at); });
    family(kInfo, all_labels, one);
    auto not_shown = family_of(kNotShown);
    add_sample(not_shown, kNotShown, {}).gauge.value = static_cast<double>(bandwidths.size() - shown.size());
    prometheus::TextSerializer().Serialize(text, {not_shown});
    return std::move(text).str();
}

OwnedSums owned_sums(std::span<const Owned> bandwidths) {
    std::map<Key, double> purchased;
    std::map<Key, double> count;
    for (const auto& bandwidth : bandwidths) {
        purchased[{bandwidth.provider, bandwidth.kind, bandwidth.billing_model}] +=
            bandwidth.purchased_mbps.value_or(0);
        ++count[{bandwidth.provider, bandwidth.kind, bandwidth.state}];
    }
    return {samples_of(purchased), samples_of(count)};
}

}  // namespace bwgw::telemetry
