#include "gateway/fleet/crosswalk.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace bwgw::fleet {

Crosswalk::Crosswalk(std::vector<Row> rows) : rows_(std::move(rows)) {
    const auto order = [](const Row& row) {
        return std::tuple(!row.region.metro, row.region.metro.value_or(""), row.provider, row.region.code);
    };
    std::sort(rows_.begin(), rows_.end(), [&](const Row& l, const Row& r) { return order(l) < order(r); });
}

std::optional<std::string> Crosswalk::metro(std::string_view provider, std::string_view code) const {
    for (const auto& row : rows_)
        if (row.provider == provider && row.region.code == code) return row.region.metro;
    return std::nullopt;
}

Result<std::string> Crosswalk::resolve(std::string_view provider, std::string_view word) const {
    std::vector<std::string> of_metro;
    for (const auto& row : rows_) {
        if (row.provider != provider) continue;
        if (row.region.code == word) return row.region.code;
        if (row.region.metro == word) of_metro.push_back(row.region.code);
    }
    if (of_metro.size() > 1)
        return Failure{.slug = Slug::invalid_request,
                       .detail = fmt::format("{} has several regions in the metro {}: {}", provider, word,
                                             fmt::join(of_metro, ", "))};
    return of_metro.empty() ? std::string(word) : of_metro.front();
}

}  // namespace bwgw::fleet
