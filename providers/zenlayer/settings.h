#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "providers/contract/bandwidth.h"
#include "providers/contract/failure.h"
#include "providers/contract/money.h"
#include "providers/contract/provider.h"
#include "providers/contract/settings_reader.h"

namespace bwgw::zenlayer {

struct AccessKey {
    std::string id;
    Secret password;
};
struct BearerToken {
    Secret token;
};

/// How this account's prices are meant, for the vendor names neither currency nor period.
struct PriceTerms {
    std::string currency;
    Decimal unit = Decimal::from_units(0);  ///< what 1 of the vendor's numbers is worth
    std::optional<Per> per;                 ///< of the undated total
    enum class UnitPrice : std::uint8_t { per_mbps, total };
    std::optional<UnitPrice> unit_price;  ///< where the vendor gives no amountUnit
};

/// One Zenlayer account. README.md describes every key.
struct Settings {
    std::string name;
    std::string url;   ///< where every action is posted
    std::string host;  ///< as the Host header will say it
    std::variant<AccessKey, BearerToken> credential;
    std::vector<std::string> networks;  ///< empty: all
    std::optional<PriceTerms> price;
    int page_size = 1000;
    std::int64_t max_mbps = 1'000'000;
    std::vector<std::pair<std::string, State>> states;  ///< before the vocabulary's
    std::vector<std::pair<std::string, Slug>> errors;   ///< before the vocabulary's; surely not run
    std::vector<std::pair<std::string, std::string>> metros;

    bool serves(const std::string& network) const;
};

/// Mistakes go to the reader. Leaves `finish` of the account's own section to the caller.
Settings read_settings(std::string name, SettingsReader& reader);

}  // namespace bwgw::zenlayer
