#include "providers/ucloud/settings.h"

#include <strings.h>

#include <algorithm>
#include <array>

#include "providers/contract/billing.h"

namespace bwgw::ucloud {
namespace {

constexpr std::int64_t kMaxMbps = 1'000'000;
constexpr std::int64_t kMaxPageSize = 100;  // the vendor publishes no maximum; its own tools use 50
constexpr std::array<std::string_view, 6> kOwnHeaders = {
    "Host", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Accept"};

template <class Ours, std::size_t N>
std::map<Ours, std::string> spelling(const std::array<Word<Ours>, N>& table) {
    std::map<Ours, std::string> words;
    for (const auto& line : table) words.emplace(line.ours, line.theirs);
    return words;
}

// Puts the brand's own lines over the family's; only a word that this product has can be spelled anew.
template <class Ours, class Known>
void respell(SettingsReader& reader, std::string_view key, const Known& known,
             std::map<Ours, std::string>& words) {
    for (const auto& [name, theirs] : reader.words(key)) {
        const std::optional<Ours> ours = known(name);
        if (!ours || !words.contains(*ours)) {
            reader.fail(key, "'" + name + "' is not a word that this product has");
        } else if (theirs.empty()) {
            reader.fail(key, "'" + name + "' must not be empty");
        } else {
            words[*ours] = theirs;
        }
    }
}

Words read_words(InterRegion product, SettingsReader reader) {
    Words words;
    if (product == InterRegion::simple) {
        words.pay_modes = spelling(kSimplePayModes);
        words.charge_types = spelling(kSimpleChargeTypes);
    } else {
        words.pay_modes = spelling(kLegacyPayModes);
        words.charge_types = spelling(kLegacyChargeTypes);
    }
    for (const auto& line : kLegacyStates) words.states.emplace(line.theirs, line.ours);
    respell(reader, "pay_modes", billing_model_of, words.pay_modes);
    respell(
        reader, "charge_types", [](std::string_view name) { return translation::ours(kChargeNames, name); },
        words.charge_types);
    for (const auto& [theirs, name] : reader.words("states")) {
        const auto state = state_of(name);
        if (!state) reader.fail("states", "'" + name + "' is not a state");
        if (state) words.states[theirs] = *state;
    }
    words.free = reader.text("free", kFreePayMode);
    reader.finish();
    return words;
}

std::optional<PriceUnit> read_price(SettingsReader& reader) {
    if (!reader.has("price")) return std::nullopt;
    auto section = reader.section("price");
    PriceUnit price{section.text("currency"), Decimal::from_units(0), std::nullopt};
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (price.currency.size() != 3 || !std::all_of(price.currency.begin(), price.currency.end(), is_capital))
        section.fail("currency", "must be an ISO 4217 code such as USD");
    const auto unit = Decimal::parse(section.text("unit"));
    if (unit && unit->units() > 0) {
        price.unit = *unit;
    } else {
        section.fail("unit", "must be a decimal above 0, such as 0.01");
    }
    if (section.has("per")) {
        const auto per = section.word("per", {"once", "hour", "month", "year"}, "once");
        for (const Per each : {Per::once, Per::hour, Per::month, Per::year})
            if (word(each) == per) price.per = each;
    }
    section.finish();
    return price;
}

bool is_header_name(std::string_view name) {
    constexpr std::string_view kToken = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return !name.empty() && name.find_first_not_of(kToken) == std::string_view::npos &&
           std::none_of(kOwnHeaders.begin(), kOwnHeaders.end(), [&](std::string_view own) {
               return own.size() == name.size() && strncasecmp(own.data(), name.data(), own.size()) == 0;
           });
}

std::vector<HttpHeader> read_headers(SettingsReader& reader) {
    auto lines = reader.words("headers");
    if (auto key = reader.text("channel_key", ""); !key.empty())
        lines.emplace_back("channel-key", std::move(key));
    std::vector<HttpHeader> headers;
    for (auto& [name, value] : lines) {
        const bool printable =
            std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
        if (!is_header_name(name) || !printable) {
            reader.fail("headers", "'" + name + "' is not a header that can be sent");
        } else {
            headers.push_back({std::move(name), std::move(value)});
        }
    }
    return headers;
}

Limits read_limits(SettingsReader& reader, std::string_view min_key, std::string_view max_key,
                   Limits otherwise) {
    const Limits limits{reader.integer(min_key, 1, kMaxMbps, otherwise.min_mbps),
                        reader.integer(max_key, 1, kMaxMbps, otherwise.max_mbps)};
    if (limits.min_mbps > limits.max_mbps) reader.fail(max_key, "must not be below " + std::string(min_key));
    return limits;
}

void read_products(SettingsReader& reader, Settings& settings) {
    const auto product = reader.word("inter_region", {"legacy", "simple", "none"}, "none");
    settings.inter_region = product == "legacy"   ? InterRegion::legacy
                            : product == "simple" ? InterRegion::simple
                                                  : InterRegion::none;
    settings.eip_boost = reader.boolean("eip_boost", false);
    if (settings.inter_region == InterRegion::none && !settings.eip_boost)
        reader.fail("inter_region", "the account sells nothing: set inter_region or eip_boost");
    settings.networks = reader.texts("networks");
    settings.eip_regions = reader.texts("eip_regions");
}

void read_credentials(SettingsReader reader, Settings& settings) {
    settings.public_key = reader.secret("public_key");
    settings.private_key = reader.secret("private_key");
    if (reader.has("security_token")) settings.security_token = reader.secret("security_token");
    reader.finish();
}

template <class Ours>
Ours of_map(const auto& map, const std::optional<std::string>& theirs, Ours otherwise) {
    for (const auto& [ours, word] : map)
        if (word == theirs) return ours;
    return otherwise;
}

}  // namespace

BillingModel Words::billing_model(const std::optional<std::string>& pay_mode) const {
    return of_map(pay_modes, pay_mode, BillingModel::unspecified);
}

Payment Words::payment(const std::optional<std::string>& charge_type) const {
    for (const auto& [ours, word] : charge_types) {
        if (word != charge_type) continue;
        if (ours == Charge::month || ours == Charge::year) return Payment::prepaid;
        if (ours == Charge::postpaid) return Payment::postpaid;
    }
    return Payment::unspecified;
}

State Words::state(const std::optional<std::string>& state) const {
    const auto line = state ? states.find(*state) : states.end();
    return line == states.end() ? State::unknown : line->second;
}

Settings read_settings(std::string name, SettingsReader& reader) {
    Settings settings;
    settings.name = std::move(name);
    settings.url = reader.endpoint("endpoint");
    if (!settings.url.ends_with('/')) settings.url += '/';
    read_credentials(reader.section("credentials"), settings);
    settings.project = reader.text("project");
    read_products(reader, settings);
    settings.words = read_words(settings.inter_region, reader.section("words"));
    settings.service_tier =
        *service_tier_of(reader.word("service_tier", {"diamond", "platinum", "gold"}, "platinum"));
    settings.path_policy = *path_policy_of(
        reader.word("path_policy", {"lowest_latency", "standard", "lowest_cost"}, "standard"));
    settings.limits = read_limits(reader, "min_mbps", "max_mbps", settings.limits);
    settings.eip_limits = read_limits(reader, "eip_min_mbps", "eip_max_mbps", settings.eip_limits);
    settings.seconds_per_time_range =
        reader.word("time_range_unit", {"hours", "seconds"}, "hours") == "hours" ? 3600 : 1;
    settings.page_size = static_cast<std::size_t>(
        reader.integer("page_size", 1, kMaxPageSize, static_cast<std::int64_t>(settings.page_size)));
    settings.price = read_price(reader);
    settings.headers = read_headers(reader);
    return settings;
}

}  // namespace bwgw::ucloud
