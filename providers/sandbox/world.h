#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/sandbox/faults.h"
#include "providers/sandbox/ledger.h"
#include "providers/sandbox/settings.h"
#include "providers/sandbox/vendor.h"

namespace bwgw::sandbox {

/// One emulated brand with its present behaviour and armed faults.
struct Brand {
    BrandSettings settings;
    Behaviour behaviour;
    Faults faults;
    std::unique_ptr<Vendor> vendor;
};

/// A request that has come in, and what is going to befall it.
struct Arrival {
    std::string action;
    std::optional<Fault> fault;
    std::int64_t delay_ms = 0;  // before the vendor executes
};

/// All brands, the ledger and the virtual clock. No sockets and no clock of its own: `wall_ms` is always
/// given.
class World {
public:
    World(const Settings& settings, std::int64_t wall_ms);
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Arrival arrive(Brand& brand, const Request& request, std::int64_t wall_ms);
    Answer answer(Brand& brand, const Request& request, const Arrival& arrival, std::int64_t wall_ms);
    /// The answer's last byte has gone out.
    void delivered(const Answer& answer);

    [[nodiscard]] Instant now(const Brand& brand, std::int64_t wall_ms) const;
    [[nodiscard]] Brand* find(std::string_view name);
    [[nodiscard]] const std::vector<std::unique_ptr<Brand>>& brands() const { return brands_; }
    /// Faults gone, behaviour as configured. Empty: all brands.
    void heal(std::string_view brand);
    /// As started: rows, ledger, log, faults and behaviour; with all brands also the virtual clock.
    void reset(std::string_view brand, std::int64_t wall_ms);

    Ledger ledger;
    RequestLog requests;
    std::int64_t clock_offset_ms = 0;

private:
    std::vector<std::unique_ptr<Brand>> brands_;
};

}  // namespace bwgw::sandbox
