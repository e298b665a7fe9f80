#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/sandbox/json.h"
#include "providers/sandbox/wire.h"

namespace bwgw::sandbox {

/// One executed purchase. `parameters` is the order as received, without credentials.
struct Purchase {
    std::uint64_t sequence = 0;
    std::string brand;
    std::string product;  // legacy, simple, eip, zenlayer
    std::string action;
    std::string native_id;
    std::string order_number;
    std::string network;
    std::vector<std::string> regions;
    std::string name;
    std::int64_t bandwidth = 0;
    std::int64_t bandwidth_now = 0;
    Parameters parameters;
    std::int64_t at = 0;
    bool reply_delivered = false;
    bool released = false;
    std::optional<std::int64_t> released_at;
};

/// Everything ever bought, of all brands: the oracle of all purchase tests. Never forgets but by reset().
class Ledger {
public:
    std::uint64_t record(Purchase purchase);
    void delivered(std::uint64_t sequence);
    void resized(std::string_view brand, std::string_view native_id, std::int64_t bandwidth);
    void released(std::string_view brand, std::string_view native_id, std::int64_t at);
    /// Empty: all brands.
    void reset(std::string_view brand);

    [[nodiscard]] const std::deque<Purchase>& purchases() const { return purchases_; }
    void write(Fields& out, std::string_view brand) const;

private:
    Purchase* find(std::string_view brand, std::string_view native_id);

    std::deque<Purchase> purchases_;
    std::uint64_t next_ = 1;
};

/// One request seen by a brand's port, whatever became of it.
struct Seen {
    std::uint64_t sequence = 0;
    std::string brand;
    std::string action;
    std::uint64_t connection = 0;
    Parameters parameters;
    std::string code;  // RetCode, vendor code, OK, or empty where the request was never judged
    int status = 0;
    bool executed = false;
    bool delivered = false;
    std::string fault;
    std::int64_t at = 0;
};

/// The last kCapacity requests of all brands.
class RequestLog {
public:
    static constexpr std::size_t kCapacity = 10'000;

    Seen& add(Seen seen);
    void delivered(std::uint64_t sequence);
    void reset(std::string_view brand);
    void write(Fields& out, std::string_view brand, std::string_view action) const;

private:
    std::deque<Seen> seen_;
    std::uint64_t next_ = 1;
};

}  // namespace bwgw::sandbox
