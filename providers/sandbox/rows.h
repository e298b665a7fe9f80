#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "providers/sandbox/behaviour.h"

namespace bwgw::sandbox {

using Random = std::mt19937_64;

/// When a row was made and released. A seeded row is listed at once, a bought one after `visible_after_ms`.
struct Life {
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

    std::int64_t created_ms = 0;
    std::int64_t deleted_ms = kNever;
    bool bought = true;

    [[nodiscard]] bool alive() const { return deleted_ms == kNever; }
    [[nodiscard]] bool gone(const Behaviour& behaviour, std::int64_t now_ms) const {
        return !alive() && now_ms >= deleted_ms + behaviour.gone_after_ms;
    }
    [[nodiscard]] bool listed(const Behaviour& behaviour, std::int64_t now_ms) const {
        return !gone(behaviour, now_ms) && (!bought || now_ms >= created_ms + behaviour.visible_after_ms);
    }
};

template <class Row>
struct Listing {
    std::vector<const Row*> rows;
    std::int64_t total = 0;
};

/// One page of `matching`, spoiled as the behaviour says. Rows have an `id`. A row that is there twice counts
/// twice in the total; a dropped one still counts. `shuffle_rows` is a fixed strange order, `reshuffle_rows`
/// a new one each time.
template <class Row>
Listing<Row> one_page(std::vector<const Row*> matching, const Behaviour& behaviour, Random& random,
                      std::int64_t offset, std::int64_t limit) {
    const auto count = [](std::int64_t wish, std::size_t have) {
        return static_cast<std::ptrdiff_t>(std::min(wish, static_cast<std::int64_t>(have)));
    };
    auto total = static_cast<std::int64_t>(matching.size());
    if (behaviour.shuffle_rows) {
        std::ranges::sort(matching, {}, [](const Row* row) { return std::hash<std::string>{}(row->id); });
    }
    if (behaviour.reshuffle_rows) std::ranges::shuffle(matching, random);
    matching.erase(matching.begin(), matching.begin() + count(behaviour.drop_rows, matching.size()));
    std::vector<const Row*> sequence;
    const auto twice = count(behaviour.duplicate_rows, matching.size());
    for (std::size_t i = 0; i < matching.size(); ++i) {
        sequence.push_back(matching[i]);
        if (static_cast<std::ptrdiff_t>(i) < twice) sequence.push_back(matching[i]);
    }
    total = std::max<std::int64_t>(0, total + twice + behaviour.lie_total_count);
    const auto first = sequence.begin() + count(offset, sequence.size());
    const auto last = first + count(limit, static_cast<std::size_t>(sequence.end() - first));
    return {{first, last}, total};
}

/// `count` characters drawn from `alphabet`.
inline std::string random_text(Random& random, std::size_t count, std::string_view alphabet) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.push_back(alphabet[random() % alphabet.size()]);
    return text;
}

template <class Row>
Row* find_alive(std::vector<Row>& rows, std::string_view id) {
    const auto found =
        std::ranges::find_if(rows, [&](const Row& row) { return row.life.alive() && row.id == id; });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace bwgw::sandbox
