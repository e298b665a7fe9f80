#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "providers/sandbox/json.h"
#include "providers/sandbox/vendor.h"

namespace bwgw::sandbox {

enum class FaultKind {
    reset,
    hang,
    status,
    broken_body,
    cut_body,
    empty_body,
    retcode,
    throttled,
    slow,
    drip,
    huge_body,
    deep_json,
    redirect,
    challenge,
    without_member
};

/// One armed fault. Before: the vendor does not execute. After: it executes, then the answer is spoiled.
struct Fault {
    std::string action = "*";
    FaultKind kind = FaultKind::reset;
    bool after = false;
    std::int64_t times = 1;  // -1: for ever
    std::int64_t skip = 0;   // matching requests that pass first
    std::int64_t armed_at_ms = 0;
    std::int64_t status = 0;
    std::int64_t delay_ms = 0;
    std::int64_t size_bytes = 16 << 20;
    std::int64_t depth = 100'000;
    std::optional<std::int64_t> retry_after;
    std::string code, message, body, location, member;

    [[nodiscard]] std::string name() const;
};

/// Reads the members of POST /faults but `brand`; a text is the complaint, naming the member.
std::variant<Fault, std::string> parse_fault(const JsonValue& json, std::int64_t now_ms);

/// The armed faults of one brand, oldest first.
class Faults {
public:
    static constexpr std::size_t kCapacity = 1000;

    /// False: there are kCapacity of them already.
    bool arm(Fault fault);
    /// The fault that befalls a request of this action, used up once.
    std::optional<Fault> take(std::string_view action, std::int64_t now_ms);
    void heal() { faults_.clear(); }
    [[nodiscard]] const std::vector<Fault>& armed() const { return faults_; }

private:
    std::vector<Fault> faults_;
};

enum class Delivery { send, drip, cut, reset, hang };

/// What the shell has to do on the socket. `intact`: the caller gets what the vendor said.
struct Answer {
    Reply reply;
    Delivery delivery = Delivery::send;
    std::int64_t delay_ms = 0;
    bool intact = true;
    std::uint64_t request = 0;
    std::optional<std::uint64_t> purchase;
};

/// The answer to `reply` (empty where the vendor did not execute) under that fault.
Answer spoil(const Fault& fault, std::optional<Reply> reply, Vendor& vendor);

}  // namespace bwgw::sandbox
