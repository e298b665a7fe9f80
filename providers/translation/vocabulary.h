#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace bwgw::translation {

/// One line of a vocabulary: the vendor's word and ours.
template <class Ours>
struct Word {
    std::string_view theirs;
    Ours ours;
};

/// Our word for theirs, by exact spelling; nothing for a word that the table does not know.
template <class Ours, std::size_t N>
constexpr std::optional<Ours> ours(const std::array<Word<Ours>, N>& table, std::string_view theirs) {
    for (const auto& line : table)
        if (line.theirs == theirs) return line.ours;
    return std::nullopt;
}

/// Their word for ours: the first line that has it.
template <class Ours, std::size_t N>
constexpr std::optional<std::string_view> theirs(const std::array<Word<Ours>, N>& table, Ours ours) {
    for (const auto& line : table)
        if (line.ours == ours) return line.theirs;
    return std::nullopt;
}

}  // namespace bwgw::translation
