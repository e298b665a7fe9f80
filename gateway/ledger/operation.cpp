#include "gateway/ledger/operation.h"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace bwgw::ledger {
namespace {

template <class Enum>
using Line = std::pair<Enum, std::string_view>;

constexpr std::array kTypes = std::to_array<Line<OperationType>>({
    {OperationType::create, "create"},
    {OperationType::change, "change"},
    {OperationType::release, "release"},
});
constexpr std::array kStates = std::to_array<Line<OperationState>>({
    {OperationState::accepted, "accepted"},
    {OperationState::sent, "sent"},
    {OperationState::outcome_unknown, "outcome_unknown"},
    {OperationState::observing, "observing"},
    {OperationState::settled, "settled"},
    {OperationState::failed, "failed"},
    {OperationState::needs_attention, "needs_attention"},
});

template <class Enum, std::size_t N>
std::optional<Enum> value_in(const std::array<Line<Enum>, N>& table, std::string_view word) {
    for (const auto& [value, text] : table)
        if (text == word) return value;
    return std::nullopt;
}

}  // namespace

std::string_view word(OperationType type) noexcept {
    return kTypes.at(static_cast<std::size_t>(type)).second;
}
std::string_view word(OperationState state) noexcept {
    return kStates.at(static_cast<std::size_t>(state)).second;
}
std::optional<OperationType> operation_type_of(std::string_view word) noexcept {
    return value_in(kTypes, word);
}
std::optional<OperationState> operation_state_of(std::string_view word) noexcept {
    return value_in(kStates, word);
}

bool ended(OperationState state) noexcept {
    return state == OperationState::settled || state == OperationState::failed;
}

std::optional<std::string> Operation::bandwidth_id() const {
    if (target.native_id.empty()) return std::nullopt;
    return BandwidthId{provider, target}.text();
}

std::string new_operation_id() {
    // Crockford's base32 without i, l, o, u: 10 characters of time, 16 of chance, like a ULID.
    constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    constexpr std::size_t kTimeCharacters = 10;
    std::string id(26, '0');
    std::array<unsigned char, 16> chance{};
    if (RAND_bytes(chance.data(), static_cast<int>(chance.size())) != 1)
        throw std::runtime_error("no random bytes");
    auto time = static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())
            .time_since_epoch()
            .count());
    for (std::size_t i = kTimeCharacters; i-- > 0; time >>= 5) id[i] = kAlphabet[time & 31];
    for (std::size_t i = 0; i < chance.size(); ++i) id[kTimeCharacters + i] = kAlphabet[chance[i] & 31];
    return id;
}

}  // namespace bwgw::ledger
