#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/bandwidth.h"
#include "providers/contract/failure.h"
#include "providers/contract/identifiers.h"

namespace bwgw::ledger {

enum class OperationType : std::uint8_t { create, change, release };

/// How far a write has come; each state is durable before the next step is taken (product.md, "Buying,
/// exactly").
enum class OperationState : std::uint8_t {
    accepted,         ///< nothing sent, and nothing will be unless `sent` is recorded first
    sent,             ///< the intent: the vendor may have been called
    outcome_unknown,  ///< the vendor was called, and its answer does not say what happened
    observing,        ///< the vendor said yes; a listing has not shown it yet
    settled,          ///< observed: the end
    failed,           ///< surely without effect: the end
    needs_attention,  ///< cannot be decided by the gateway; a person can
};

std::string_view word(OperationType type) noexcept;
std::string_view word(OperationState state) noexcept;
std::optional<OperationType> operation_type_of(std::string_view word) noexcept;
std::optional<OperationState> operation_state_of(std::string_view word) noexcept;

/// Settled or failed: nothing will change it any more. needs_attention is not ended, it waits for a person.
bool ended(OperationState state) noexcept;

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// The durable record of one write.
struct Operation {
    std::string id;  ///< 26 base32 characters, time-ordered, the last 16 random
    OperationType type = OperationType::create;
    std::string provider;
    OperationState state = OperationState::accepted;
    Outcome outcome = Outcome::none;

    std::string principal;
    std::optional<std::string> idempotency_key;
    std::string fingerprint;  ///< SHA-256 of what was asked: a key must come with the same one again
    std::string request;      ///< what was asked, canonical JSON

    std::optional<std::string> lock_key;  ///< held while set; no two operations hold the same
    Ends ends;                            ///< create of a link: its regions in the provider's codes
    ResourceRef target;                   ///< what is bought or changed; native_id empty until known
    std::string marker;                   ///< create: what its vendor name ends in
    std::vector<std::string> baseline;  ///< create: native ids that were there before; release: the target's
                                        ///< own, if it was in the recycle bin before
    std::string order_number;
    std::string provider_request_id;
    std::optional<Failure> problem;

    int attempts = 0;  ///< times that the vendor was sent the write
    Timestamp created_at;
    Timestamp updated_at;
    std::optional<Timestamp> sent_at;

    std::string owner;       ///< the gateway process that drives it
    std::int64_t fence = 0;  ///< grows with each new driver: what an earlier one records is refused

    /// The wire id of the target, once it is known.
    std::optional<std::string> bandwidth_id() const;
};

/// A new operation id, for now.
std::string new_operation_id();

}  // namespace bwgw::ledger
