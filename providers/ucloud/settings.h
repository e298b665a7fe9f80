#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "providers/contract/http.h"
#include "providers/contract/provider.h"
#include "providers/contract/settings_reader.h"
#include "providers/ucloud/vocabulary.h"

namespace bwgw::ucloud {

enum class InterRegion : std::uint8_t { none, legacy, simple };

/// The vocabulary of one account: the family's tables, and the brand's own spelling over them.
struct Words {
    std::map<BillingModel, std::string> pay_modes;  ///< ours to theirs
    std::map<Charge, std::string> charge_types;     ///< ours to theirs
    std::map<std::string, State> states;            ///< theirs to ours
    std::string free;                               ///< PayMode of the free default package

    BillingModel billing_model(const std::optional<std::string>& pay_mode) const;
    Payment payment(const std::optional<std::string>& charge_type) const;
    State state(const std::optional<std::string>& state) const;
};

/// What the numbers of a price reply mean: no vendor page says it.
struct PriceUnit {
    std::string currency;    ///< ISO 4217
    Decimal unit;            ///< of the currency, per 1 in the reply
    std::optional<Per> per;  ///< for what is not sold by the month or year
};

struct Limits {
    std::int64_t min_mbps;
    std::int64_t max_mbps;
};

/// One account at one brand of the family (README.md, "Settings").
struct Settings {
    std::string name;
    std::string url;
    Secret public_key;
    Secret private_key;
    Secret security_token;  ///< empty: none
    std::string project;
    InterRegion inter_region = InterRegion::none;
    bool eip_boost = false;
    std::vector<std::string> networks;     ///< empty: all that the vendor shows
    std::vector<std::string> eip_regions;  ///< empty: all that the vendor, or else its documents, name
    Words words;
    ServiceTier service_tier =
        ServiceTier::platinum;  ///< of an order that names none, as the vendor's CLI does
    PathPolicy path_policy = PathPolicy::standard;
    Limits limits{1, 1000};
    Limits eip_limits{2, 800};
    std::int64_t seconds_per_time_range = 3600;  ///< what TimeRange=1 is worth
    std::size_t page_size = 50;
    std::optional<PriceUnit> price;
    std::vector<HttpHeader> headers;
};

/// Mistakes go to the reader. `finish` is left to the caller, whose keys stand in the same section.
Settings read_settings(std::string name, SettingsReader& reader);

}  // namespace bwgw::ucloud
