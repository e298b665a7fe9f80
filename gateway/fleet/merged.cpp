#include <algorithm>

#include "gateway/fleet/fleet.h"

namespace bwgw::fleet {

std::string_view word(SourceStatus status) noexcept {
    switch (status) {
        case SourceStatus::fresh:
            return "fresh";
        case SourceStatus::stale:
            return "stale";
        case SourceStatus::unavailable:
            return "unavailable";
        case SourceStatus::unsupported:
            return "unsupported";
    }
    return "unavailable";
}

bool Merged::complete() const noexcept {
    return std::all_of(sources.begin(), sources.end(), [](const Source& s) { return !s.problem; });
}

bool Merged::readable() const noexcept {
    const auto asked = [](const Source& s) { return s.status != SourceStatus::unsupported; };
    const auto read = [](const Source& s) {
        return s.status == SourceStatus::fresh || s.status == SourceStatus::stale;
    };
    return std::any_of(sources.begin(), sources.end(), read) ||
           std::none_of(sources.begin(), sources.end(), asked);
}

bool Fleet::matches(const Filter& filter, const Entry& entry) const {
    const Bandwidth& bandwidth = entry.bandwidth;
    const auto is_region = [&](const std::string& code) {
        return code == *filter.region || crosswalk_->metro(entry.provider, code) == filter.region;
    };
    if (filter.provider && entry.provider != *filter.provider) return false;
    if (filter.kind ? bandwidth.kind != *filter.kind : bandwidth.kind == Kind::inter_region_default)
        return false;
    if (filter.network_id && bandwidth.network_id != filter.network_id) return false;
    if (filter.state && bandwidth.state != *filter.state) return false;
    if (filter.name && bandwidth.name != filter.name) return false;
    if (filter.provider_resource_id && bandwidth.ref.native_id != *filter.provider_resource_id) return false;
    if (!filter.region) return true;
    if (bandwidth.ends) return is_region(bandwidth.ends->a) || is_region(bandwidth.ends->b);
    return bandwidth.region && is_region(*bandwidth.region);
}

}  // namespace bwgw::fleet
