#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "gateway/inventory/inventory.h"

namespace bwgw::inventory {

using namespace std::chrono_literals;
using loop::Clock;

inline const Failure kDown{.slug = Slug::provider_unavailable, .detail = "down", .retryable = true};

inline Bandwidth bandwidth(std::string native_id, std::int64_t mbps = 10, std::string network = "net-1") {
    Bandwidth row;
    row.ref = {"pair", network, std::move(native_id)};
    row.network_id = std::move(network);
    row.ends = Ends{"hk", "sg"};
    row.bandwidth = Mbps::of(mbps);
    row.state = State::active;
    return row;
}

/// Enough of what callers are shown; the texts in it need no escapes.
inline std::string render(const std::string& provider, const Bandwidth& row) {
    return fmt::format(
        R"({{"id":"{}","provider":"{}","kind":"{}","name":{},"network_id":"{}","region_a":"hkg","region_b":"sin",)"
        R"("provider_regions":["{}","{}"],"bandwidth_mbps":{},"state":"{}"}})",
        BandwidthId{provider, row.ref}.text(), provider, word(row.kind),
        row.name ? '"' + *row.name + '"' : "null", *row.network_id, row.ends->a, row.ends->b,
        row.bandwidth->kbps / 1000, word(row.state));
}

inline RowPtr row(const std::string& provider, const Bandwidth& bandwidth) {
    return Row::of(render(provider, bandwidth));
}

/// What happens at a moment of a test.
inline Sight at(std::chrono::milliseconds since) {
    static const auto kBegin = Clock::now();
    static const auto kWall = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return {kBegin + since, kWall + since};
}

/// "native-id:mbps" of all that an account shows, by id.
inline std::vector<std::string> shown(const Snapshot& snapshot, const std::string& provider = "east") {
    std::vector<std::string> texts;
    for (const auto* row : snapshot.page({.provider = provider}, "", 1'000'000).rows)
        texts.push_back(fmt::format("{}:{}", row->native_id(), row->bandwidth()->kbps / 1000));
    return texts;
}
inline std::vector<std::string> shown(const Inventory& inventory, const std::string& provider = "east") {
    return shown(*inventory.snapshot(), provider);
}

using Texts = std::vector<std::string>;

}  // namespace bwgw::inventory
