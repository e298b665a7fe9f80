#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "providers/sandbox/ledger.h"
#include "providers/sandbox/settings.h"
#include "providers/sandbox/wire.h"

namespace bwgw::sandbox {

/// What became of one request at the vendor.
struct Outcome {
    Reply reply;
    std::string code;                       // RetCode as text, the vendor's error code, or OK
    bool executed = false;                  // a change of state took place
    std::optional<std::uint64_t> purchase;  // its ledger sequence
};

/// Rows to create directly, past the order path; empty members are chosen by the vendor.
struct Seed {
    std::int64_t count = 0;
    std::string product;
    std::string network;
    std::int64_t bandwidth = 10;
};

/// One emulated account: a deterministic function of the requests, the state inside and the given time.
class Vendor {
public:
    virtual ~Vendor() = default;

    /// The action that a request names, checked or not; empty if none.
    [[nodiscard]] virtual std::string action_of(const Request& request) const = 0;
    /// Its parameters without credentials.
    [[nodiscard]] virtual Parameters parameters_of(const Request& request) const = 0;
    virtual Outcome reply(const Request& request, Instant now) = 0;

    /// An error answer in the vendor's form. Status 0: the documented one of that code.
    [[nodiscard]] virtual Reply error_reply(std::string_view code, std::string_view message, int status) = 0;
    [[nodiscard]] virtual std::string_view throttled_code() const = 0;

    /// These three return a complaint, or empty.
    virtual std::string add_network(const Network& network, Instant now) = 0;
    virtual std::string seed(const Seed& seed, Instant now) = 0;
    virtual std::string vanish(std::string_view native_id, Instant now) = 0;
    /// Back to the networks of the configuration, without any row. Ids go on from where they are.
    virtual void reset(Instant now) = 0;
};

/// The references are kept.
std::unique_ptr<Vendor> make_vendor(const BrandSettings& settings, const Behaviour& behaviour, Ledger& ledger,
                                    Instant now);

}  // namespace bwgw::sandbox
