#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "providers/sandbox/json.h"
#include "providers/sandbox/rows.h"
#include "providers/sandbox/vendor.h"

namespace bwgw::sandbox::zenlayer {

enum class Status { creating, available, changing, recycling, recycled, deleting, create_failed };

/// One cross-region bandwidth. `due_ms` ends a transient status, and the stay in the recycle bin.
struct Link {
    std::string id, name, vpc, region_a, region_z, charge_type;
    std::int64_t bandwidth = 0;
    std::optional<std::int64_t> cap;
    Status status = Status::creating;
    std::int64_t due_ms = Life::kNever;
    bool will_fail = false;
    std::int64_t next_bandwidth = 0;
    std::optional<std::int64_t> next_cap;
    Life life;
};

struct State {
    const BrandSettings& settings;
    const Behaviour& behaviour;
    Ledger& ledger;
    Random random;
    std::vector<Network> vpcs;
    std::vector<Link> links;
    std::int64_t spent = 0;
    std::int64_t born_s = 0;
};

/// An error code of the catalogue with its message; an empty code is success.
struct Verdict {
    std::string_view code;
    std::string message;
    int status = 0;  // 0: the documented one

    [[nodiscard]] bool failed() const { return !code.empty(); }
};

/// The documented HTTP status of an error code; 400 for one that is not in the table.
int status_of(std::string_view code);

/// One checked call on its way through a handler, which writes the members of `response` into `out`.
struct Turn {
    State& state;
    const JsonValue& body;
    Instant now;
    std::string_view action;
    Fields& out;
    bool executed = false;
    std::optional<std::uint64_t> purchase;

    [[nodiscard]] const JsonValue* member(const char* name) const;  // null counts as absent
    [[nodiscard]] std::string text(const char* name) const;
    [[nodiscard]] std::int64_t integer(const char* name, std::int64_t absent = 0) const;
    [[nodiscard]] std::vector<std::string> texts(const char* name) const;

    /// The page that pageSize and pageNum ask for, as totalCount and dataSet.
    template <class Row, class Make>
    void page(std::vector<const Row*> matching, Make make) {
        const auto size = integer("pageSize", 20);
        const auto listing = one_page(std::move(matching), state.behaviour, state.random,
                                      (integer("pageNum", 1) - 1) * size, size);
        out.set("totalCount", listing.total);
        out.list("dataSet", listing.rows, [&](const Row* row) { return make(*row); });
    }
};

enum class Type { text, integer, texts, object };

/// One line of an action's parameter table. Bounds hold for integers, and for the length of a list.
struct Parameter {
    const char* name;
    Type type = Type::text;
    bool required = false;
    std::int64_t minimum = 0;
    std::int64_t maximum = 0;  // 0: none
    std::string_view words = {};
    bool is_name = false;  // 2 to 63 of the characters of a resource name
};

struct Action {
    std::string_view name;
    std::string_view path;
    std::string_view version;
    std::span<const Parameter> parameters;
    Verdict (*handle)(Turn&);
};

inline constexpr std::string_view kZecPath = "/api/v2/zec";
inline constexpr std::string_view kZecVersion = "2025-09-01";
inline constexpr std::string_view kChargeTypes = "ByBandwidth|ByInstanceBandwidth95";
inline constexpr std::int64_t kPageMaximum = 1000;

std::span<const Action> link_actions();
std::span<const Action> link_reading_actions();
std::span<const Action> account_actions();

std::string iso_time(std::int64_t unix_s);
std::string decimal_id(State& state, std::string_view prefix);
std::string_view status_word(Status status);
/// Moves every link on through the states whose time has come.
void advance(State& state, std::int64_t now_ms);
/// What one Mbit/s costs a month, in the units of the balance.
inline constexpr std::int64_t kPricePerMbps = 1000;

Outcome reply(const Request& request, State& state, Instant now);
Reply error_reply(State& state, const Verdict& verdict);

}  // namespace bwgw::sandbox::zenlayer
