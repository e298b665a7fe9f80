#include "gateway/settings/settings.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <string_view>
#include <thread>

extern "C" const char embedded_regions[];
extern "C" const char embedded_regions_end[];

namespace bwgw::settings {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxFileBytes = 1'048'576;
constexpr std::size_t kMaxNameBytes = 63;
constexpr milliseconds kLeastVendorWrite = 75s;  // a vendor's gateway answers "timed out" only after 60 s

bool is_address(const std::string& address) {
    in6_addr any{};
    return inet_pton(AF_INET, address.c_str(), &any) == 1 || inet_pton(AF_INET6, address.c_str(), &any) == 1;
}

// `127.0.0.1:8080` or `[::1]:8080`.
void read_listen(SettingsReader& reader, Edge& edge) {
    const auto listen = reader.text("listen", "127.0.0.1:8080");
    const bool open = reader.boolean("allow_unauthenticated", false);
    const auto colon = listen.rfind(':');
    auto address = listen.substr(0, colon);
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    const auto digits = colon == std::string::npos ? "" : listen.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), edge.port);
    if (!is_address(address) || error != std::errc() || end != digits.data() + digits.size()) {
        reader.fail("listen", "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080");
    } else if (!is_loopback(address) && !open) {
        reader.fail("listen", fmt::format("{} is not a loopback address, and callers are not authenticated: "
                                          "set allow_unauthenticated: true if the network is trusted",
                                          address));
    }
    edge.address = address;
}

void read_edge(SettingsReader reader, Edge& edge) {
    const auto count = [&](const char* key, std::int64_t min, std::int64_t max, std::size_t& value) {
        value = static_cast<std::size_t>(reader.integer(key, min, max, static_cast<std::int64_t>(value)));
    };
    const auto span = [&](const char* key, milliseconds max, milliseconds& value) {
        value = reader.duration(key, 100ms, max, value);
    };
    count("max_head_bytes", 1'024, 65'536, edge.max_head_bytes);
    count("max_target_bytes", 256, 65'536, edge.max_target_bytes);
    count("max_headers", 10, 1'000, edge.max_headers);
    count("max_body_bytes", 1'024, 16'777'216, edge.max_body_bytes);
    count("max_connections", 1, 1'000'000, edge.max_connections);
    count("max_connections_per_address", 1, 1'000'000, edge.max_connections_per_address);
    span("head", 60s, edge.head);
    span("body", 120s, edge.body);
    span("handler", 600s, edge.handler);
    span("write", 120s, edge.write);
    span("idle", 3'600s, edge.idle);
    span("linger", 10s, edge.linger);
    reader.finish();
}

void read_deadlines(SettingsReader reader, Pace& pace) {
    pace.read = reader.duration("read", 100ms, 60s, pace.read);
    pace.write = reader.duration("write", 1s, 600s, pace.write);
    reader.finish();
}

void read_purchase(SettingsReader reader, Pace& pace) {
    pace.settle_window = reader.duration("settle_window", 100ms, 24h, pace.settle_window);
    pace.poll_first = reader.duration("poll_first", 10ms, 60s, pace.poll_first);
    pace.poll_most = reader.duration("poll_most", 10ms, 600s, pace.poll_most);
    pace.clock_slack = reader.duration("clock_slack", 1s, 1h, pace.clock_slack);
    pace.lease = reader.duration("lease", 100ms, 10min, pace.lease);
    if (pace.settle_window < pace.write + pace.lease)
        reader.fail("settle_window",
                    "must not be below deadlines.write and purchase.lease together: a send may "
                    "take that long, and be taken over before its begin");
    if (pace.poll_most < pace.poll_first) reader.fail("poll_most", "must not be below poll_first");
    reader.finish();
}

void read_inventory(SettingsReader reader, Inventory& inventory) {
    inventory.refresh_least = reader.duration("refresh_least", 100ms, 24h, inventory.refresh_least);
    inventory.refresh_most = reader.duration("refresh_most", 100ms, 24h, inventory.refresh_most);
    inventory.deadline = reader.duration("deadline", 100ms, 1h, inventory.deadline);
    inventory.stale_after = reader.duration("stale_after", 100ms, 24h * 30, inventory.stale_after);
    if (inventory.refresh_most < inventory.refresh_least)
        reader.fail("refresh_most", "must not be below refresh_least");
    reader.finish();
}

// A URL with a password in it is a secret as a whole.
std::string read_ledger(SettingsReader& reader) {
    if (reader.is_mapping("ledger")) return reader.secret("ledger").reveal();
    auto url = reader.text("ledger");
    const auto authority = url.find("://");
    const auto user =
        authority == std::string::npos ? "" : url.substr(authority + 3, url.find('@') - authority - 3);
    const bool is_secret = (url.find('@') != std::string::npos && user.find(':') != std::string::npos) ||
                           url.find("password=") != std::string::npos;
    if (is_secret) reader.fail("ledger", "holds a password: use {env: NAME} or {file: PATH}");
    return url;
}

double read_log_sample(SettingsReader& reader) {
    const auto text = reader.text("log_sample", "1");
    double share = 1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
    if (error != std::errc() || end != text.data() + text.size() || !(share >= 0 && share <= 1))
        reader.fail("log_sample", "must be a share from 0 to 1, such as 0.1");
    return share;
}

std::optional<std::string> known(std::string text) {
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

Region read_region(SettingsReader& reader) {
    Region region{reader.text("code"), known(reader.text("metro", "")), known(reader.text("name", ""))};
    const bool iata = !region.metro ||
                      (region.metro->size() == 3 && std::all_of(region.metro->begin(), region.metro->end(),
                                                                [](char c) { return c >= 'a' && c <= 'z'; }));
    if (!iata) reader.fail("metro", "must be a lower-case IATA city code of three letters");
    reader.finish();
    return region;
}

// The shipped rows of the family, then the account's own over them.
std::vector<Region> read_regions(SettingsReader& account, const std::string& family) {
    std::vector<Region> regions;
    SettingsErrors errors;  // of a file that is built in: the tests read it
    SettingsReader shipped(YAML::Load(std::string(embedded_regions, embedded_regions_end)), "", errors);
    for (auto& row : shipped.section("families").sections(family)) regions.push_back(read_region(row));
    for (auto& row : account.sections("regions")) {
        auto region = read_region(row);
        std::erase_if(regions, [&](const Region& other) { return other.code == region.code; });
        regions.push_back(std::move(region));
    }
    return regions;
}

bool is_name(const std::string& name) {
    const auto ok = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), ok);
}

void read_limits(SettingsReader reader, CallLimits& limits) {
    const auto count = [&](const char* key, std::int64_t min, std::int64_t max, std::int64_t& value) {
        value = reader.integer(key, min, max, value);
    };
    count("reads_per_second", 1, 100'000, limits.reads_per_second);
    count("writes_per_second", 1, 100'000, limits.writes_per_second);
    count("burst", 1, 100'000, limits.burst);
    count("concurrent_reads", 1, 10'000, limits.concurrent_reads);
    count("concurrent_writes", 1, 10'000, limits.concurrent_writes);
    count("queue", 0, 10'000, limits.queue);
    reader.finish();
}

void read_breaker(SettingsReader reader, Breaker& breaker) {
    breaker.faults = static_cast<int>(reader.integer("faults", 1, 1'000'000, breaker.faults));
    breaker.open_first = reader.duration("open_first", 10ms, 10min, breaker.open_first);
    breaker.open_most = reader.duration("open_most", 10ms, 10min, breaker.open_most);
    if (breaker.open_most < breaker.open_first) reader.fail("open_most", "must not be below open_first");
    reader.finish();
}

void read_own_deadlines(SettingsReader reader, Account& account) {
    if (reader.has("read")) account.read_deadline = reader.duration("read", 100ms, 60s, {});
    if (reader.has("write")) account.write_deadline = reader.duration("write", 1s, 600s, {});
    reader.finish();
}

Account read_account(SettingsReader& reader, std::set<std::string>& names) {
    Account account;
    account.name = reader.text("name");
    if (!account.name.empty() && !is_name(account.name))
        reader.fail("name", "must be 1 to 63 of a-z, 0-9, - and _");
    else if (!names.insert(account.name).second)
        reader.fail("name", fmt::format("{} is the name of two providers", account.name));
    account.family = reader.word("family", families(), std::nullopt);
    account.ca_file = reader.text("ca_file", "");
    if (!account.ca_file.empty() && !std::ifstream(account.ca_file).good())
        reader.fail("ca_file", fmt::format("{} cannot be read", account.ca_file));
    account.connect_timeout = reader.duration("connect_timeout", 100ms, 60s, account.connect_timeout);
    account.max_reply_bytes = static_cast<std::size_t>(reader.integer(
        "max_reply_bytes", 65'536, 268'435'456, static_cast<std::int64_t>(account.max_reply_bytes)));
    account.limits = limits_of(account.family);
    read_limits(reader.section("limits"), account.limits);
    read_breaker(reader.section("breaker"), account.breaker);
    read_own_deadlines(reader.section("deadlines"), account);
    account.regions = read_regions(reader, account.family);
    if (account.family.empty()) return account;  // its other keys cannot be judged
    account.make = read_provider(account.family, account.name, reader);
    reader.finish();
    return account;
}

void check_write_deadline(SettingsReader& account, std::optional<milliseconds> deadline, bool loopback,
                          const Pace& pace) {
    if (!deadline) return;
    if (*deadline > pace.settle_window)
        account.fail("deadlines.write",
                     "must not be above purchase.settle_window: a send may take that long");
    if (!loopback && *deadline < kLeastVendorWrite)
        account.fail("deadlines.write",
                     "must be at least 75s: a vendor says that it timed out only after 60 s");
}

YAML::Node parse(const std::string& file, SettingsErrors& errors) {
    try {
        std::ifstream stream(file, std::ios::binary);
        std::string text(kMaxFileBytes + 1, '\0');
        if (!stream.is_open()) throw std::runtime_error("cannot be read");
        stream.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(stream.gcount()));
        if (text.size() > kMaxFileBytes) throw std::runtime_error("is larger than 1 MiB");
        return YAML::Load(text);
    } catch (const YAML::Exception& error) {
        errors.items.push_back(
            fmt::format("{}:{}:{}: {}", file, error.mark.line + 1, error.mark.column + 1, error.msg));
    } catch (const std::exception& error) {
        errors.items.push_back(fmt::format("{}: {}", file, error.what()));
    }
    return YAML::Node(YAML::NodeType::Map);
}

}  // namespace

Settings load(const std::string& file, SettingsErrors& errors) {
    Settings settings;
    const auto before = errors.items.size();
    const auto node = parse(file, errors);
    if (errors.items.size() != before) return settings;

    SettingsReader reader(node, "", errors);
    const auto cores = static_cast<std::int64_t>(std::max(1U, std::thread::hardware_concurrency()));
    read_listen(reader, settings.edge);
    settings.edge.workers = static_cast<std::size_t>(reader.integer("workers", 1, 1'024, cores));
    settings.edge.drain = reader.duration("drain", 0ms, 600s, settings.edge.drain);
    read_edge(reader.section("edge"), settings.edge);
    settings.ledger = read_ledger(reader);
    settings.debug_log = reader.word("log_level", {"info", "debug"}, "info") == "debug";
    settings.log_sample = read_log_sample(reader);
    read_deadlines(reader.section("deadlines"), settings.pace);
    read_purchase(reader.section("purchase"), settings.pace);
    read_inventory(reader.section("inventory"), settings.inventory);

    std::set<std::string> names;
    bool all_loopback = true;
    for (auto& account : reader.sections("providers")) {
        settings.accounts.push_back(read_account(account, names));
        const bool loopback = is_loopback(host_of(account.text("endpoint", "")));
        all_loopback = all_loopback && loopback;
        check_write_deadline(account, settings.accounts.back().write_deadline, loopback, settings.pace);
    }
    if (settings.accounts.empty()) reader.fail("providers", "must name at least one provider");
    if (!all_loopback && settings.pace.write < kLeastVendorWrite)
        reader.fail("deadlines.write",
                    "must be at least 75s: a vendor says that it timed out only after 60 s");
    reader.finish();
    return settings;
}

}  // namespace bwgw::settings
