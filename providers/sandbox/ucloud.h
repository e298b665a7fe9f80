#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/sandbox/rows.h"
#include "providers/sandbox/ucloud_call.h"
#include "providers/sandbox/vendor.h"

namespace bwgw::sandbox::ucloud {

/// Legacy pair bandwidth: InterRegionBandwidth.
struct Pair {
    std::string id, ugn, charge_type, pay_mode, region0, region1;
    std::int64_t bandwidth = 0;
    std::int64_t expires_s = 0;
    Life life;
};

/// Simple UGN package; the free 5 kbps one is `free`.
struct Package {
    std::string id, ugn, name, remark, pay_mode, charge_type, region_a, region_b, qos, path;
    double bandwidth = 0;
    std::int64_t expires_s = 0;
    bool free = false;
    Life life;
};

/// A timed boost of one elastic IP: BandwidthPackage.
struct Boost {
    std::string id, region, eip;
    std::int64_t bandwidth = 0;
    std::int64_t enable_s = 0;
    std::int64_t disable_s = 0;
    Life life;
};

struct State {
    const BrandSettings& settings;
    const Behaviour& behaviour;
    Ledger& ledger;
    Random random;
    std::vector<Network> networks;
    std::vector<Pair> pairs;
    std::vector<Package> packages;
    std::vector<Boost> boosts;
    std::int64_t spent = 0;
    std::int64_t born_s = 0;
};

/// RetCode and Message of one call.
struct Verdict {
    int code = 0;
    std::string message;
};
Verdict unavailable(std::string_view parameter);  // 230
Verdict not_found(std::string_view what);         // 8039

/// One checked call on its way through a handler, which writes its part of the envelope into `out`.
struct Turn {
    State& state;
    const Call& call;
    Instant now;
    std::string_view action;
    Fields& out;
    bool executed = false;
    std::optional<std::uint64_t> purchase;

    [[nodiscard]] std::string text(std::string_view name) const { return std::string(call.value(name)); }
    [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t absent = 0) const;
    [[nodiscard]] double number(std::string_view name) const;
    /// X.0, X.1 and so on, up to the first gap.
    [[nodiscard]] std::set<std::string> texts(std::string_view name) const;
    [[nodiscard]] const Network* network(std::string_view parameter) const;

    /// 520 where `amount` more exceeds the balance, else it is charged.
    Verdict charge(std::int64_t amount);
    /// Enters a purchase of this call into the ledger.
    void bought(Purchase purchase);
    /// The page that Offset and Limit ask for, written with TotalCount; `make(row)` renders a row.
    template <class Row, class Make>
    void page(std::string_view array, std::vector<const Row*> matching, Make make) {
        auto limit = integer("Limit", 20);
        if (state.behaviour.list_limit_clamp && state.behaviour.list_limit_max > 0) {
            limit = std::min(limit, state.behaviour.list_limit_max);
        }
        const auto listing =
            one_page(std::move(matching), state.behaviour, state.random, integer("Offset"), limit);
        if (!state.behaviour.omit_total_count) out.set("TotalCount", listing.total);
        out.list(array, listing.rows, [&](const Row* row) { return make(*row); });
    }
};

enum class Product { any, legacy, simple, eip };
enum class Kind { text, integer, number, region, project, texts };

/// One line of an action's parameter table. `words`: allowed values, `|`-separated. `minimum` holds for
/// numbers.
struct Parameter {
    std::string_view name;
    Kind kind = Kind::text;
    bool required = false;
    double minimum = 0;
    std::string_view words = {};
};

struct Action {
    std::string_view name;
    Product product;
    std::string_view message;  // of a success; empty: none
    std::span<const Parameter> parameters;
    Verdict (*handle)(Turn&);
};

std::span<const Action> legacy_actions();
std::span<const Action> simple_actions();
std::span<const Action> eip_actions();
std::span<const Action> account_actions();

/// Where simple packages are sold: a free one for each pair of the network's regions that has no package yet.
void add_free_packages(State& state, const Network& network, std::int64_t now_ms);
/// The row of the simple lists.
JsonValue package_json(const Package& package, const State& state, Json::AllocatorType& allocator);
std::int64_t price(std::int64_t bandwidth, std::string_view charge_type, double quantity);
std::string new_id(State& state, std::string_view prefix, std::size_t length);

/// The protocol, checks and actions of one account.
Outcome reply(const Request& request, State& state, Instant now);
std::string seed(State& state, const Seed& seed, Instant now);

}  // namespace bwgw::sandbox::ucloud
