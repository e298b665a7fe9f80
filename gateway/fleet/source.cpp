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

bool complete(const std::vector<Source>& sources) noexcept {
    return std::ranges::all_of(sources, [](const Source& source) { return !source.problem; });
}

bool readable(const std::vector<Source>& sources) noexcept {
    const auto asked = [](const Source& s) { return s.status != SourceStatus::unsupported; };
    const auto read = [](const Source& s) {
        return s.status == SourceStatus::fresh || s.status == SourceStatus::stale;
    };
    return std::ranges::any_of(sources, read) || std::ranges::none_of(sources, asked);
}

}  // namespace bwgw::fleet
