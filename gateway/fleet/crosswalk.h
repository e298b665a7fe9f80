#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/region.h"
#include "providers/contract/result.h"

namespace bwgw::fleet {

/// Provider region codes and the metros they stand for. Rows come from providers/regions.yaml (with a source
/// each), from the settings, and from what a provider itself reports. Immutable: a change is a new crosswalk.
class Crosswalk {
public:
    struct Row {
        std::string provider;
        Region region;
    };

    explicit Crosswalk(std::vector<Row> rows);

    /// The metro, or nothing where no source names one.
    std::optional<std::string> metro(std::string_view provider, std::string_view code) const;
    /// What a caller calls a region, as this provider's code: a code first, then a metro; a word that is
    /// neither goes through as it is, for the provider to judge. A metro with several regions is
    /// invalid-request naming them.
    Result<std::string> resolve(std::string_view provider, std::string_view word) const;
    /// All rows, by metro then provider then code; rows without a metro last.
    const std::vector<Row>& rows() const noexcept { return rows_; }

private:
    std::vector<Row> rows_;
};

}  // namespace bwgw::fleet
