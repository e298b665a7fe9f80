#include "providers/zenlayer/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace bwgw::zenlayer {
namespace {

constexpr std::string_view kServicePath = "/api/v2/zec";
constexpr int kMaxPageSize = 1000;              // of DescribeCrossRegionBandwidth, published
constexpr std::int64_t kMaxMbps = 100'000'000;  // none is published: room for any port there is

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

// The host as an HTTP client derives it from the URL: without the scheme's own port.
void read_endpoint(SettingsReader& reader, Settings& settings) {
    const auto endpoint = reader.endpoint("endpoint");
    const auto colon = endpoint.find("://");
    if (colon == std::string::npos) return;
    const auto scheme = endpoint.substr(0, colon);
    const auto slash = endpoint.find('/', colon + 3);
    settings.host = lower(endpoint.substr(colon + 3, slash == std::string::npos ? slash : slash - colon - 3));
    const std::string_view own_port = scheme == "https" ? ":443" : ":80";
    if (settings.host.ends_with(own_port)) settings.host.resize(settings.host.size() - own_port.size());
    auto path = slash == std::string::npos ? std::string() : endpoint.substr(slash);
    while (path.ends_with('/')) path.pop_back();
    settings.url = fmt::format("{}://{}{}{}", scheme, settings.host, path, kServicePath);
}

void read_credentials(SettingsReader reader, Settings& settings) {
    if (reader.has("token")) {
        settings.credential = BearerToken{reader.secret("token")};
    } else {
        AccessKey key;
        key.id = reader.secret("access_key_id").reveal();
        key.password = reader.secret("access_key_password");
        settings.credential = std::move(key);
    }
    reader.finish();
}

std::optional<PriceTerms> read_price(SettingsReader& account) {
    if (!account.has("price")) return std::nullopt;
    auto reader = account.section("price");
    PriceTerms terms;
    terms.currency = reader.text("currency");
    if (terms.currency.size() != 3 || !std::all_of(terms.currency.begin(), terms.currency.end(),
                                                   [](char c) { return c >= 'A' && c <= 'Z'; }))
        reader.fail("currency", "must be an ISO 4217 code such as USD");
    const auto unit = Decimal::parse(reader.text("unit"));
    if (unit && unit->units() > 0) {
        terms.unit = *unit;
    } else {
        reader.fail("unit", "must be a decimal number above 0");
    }
    if (reader.has("per")) {
        const auto per = reader.word("per", {"once", "hour", "month", "year"}, "month");
        for (const auto known : {Per::once, Per::hour, Per::month, Per::year})
            if (per == word(known)) terms.per = known;
    }
    if (reader.has("unit_price"))
        terms.unit_price = reader.word("unit_price", {"per_mbps", "total"}, "total") == "total"
                               ? PriceTerms::UnitPrice::total
                               : PriceTerms::UnitPrice::per_mbps;
    reader.finish();
    return terms;
}

// A mapping of vendor words to words of ours, which `ours` knows.
template <class Ours>
auto read_words(SettingsReader& reader, std::string_view key,
                std::optional<Ours> (*ours)(std::string_view) noexcept) {
    std::vector<std::pair<std::string, Ours>> lines;
    for (auto& [theirs, word] : reader.words(key)) {
        if (const auto known = ours(word)) {
            lines.emplace_back(std::move(theirs), *known);
        } else {
            reader.fail(key, fmt::format("{} is not a word of this gateway", word));
        }
    }
    return lines;
}

}  // namespace

bool Settings::serves(const std::string& network) const {
    return networks.empty() || std::find(networks.begin(), networks.end(), network) != networks.end();
}

Settings read_settings(std::string name, SettingsReader& reader) {
    Settings settings;
    settings.name = std::move(name);
    read_endpoint(reader, settings);
    read_credentials(reader.section("credentials"), settings);
    settings.networks = reader.texts("networks");
    settings.price = read_price(reader);
    settings.page_size = static_cast<int>(reader.integer("page_size", 1, kMaxPageSize, kMaxPageSize));
    settings.max_mbps = reader.integer("max_mbps", 1, kMaxMbps, settings.max_mbps);
    auto words = reader.section("words");
    settings.states = read_words<State>(words, "states", state_of);
    settings.errors = read_words<Slug>(words, "errors", slug_of);
    words.finish();
    settings.metros = reader.words("metros");
    for (const auto& [region, metro] : settings.metros)
        if (metro.size() != 3 ||
            !std::all_of(metro.begin(), metro.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
            reader.fail("metros", fmt::format("{} is not a lower-case IATA city code", metro));
    return settings;
}

}  // namespace bwgw::zenlayer
