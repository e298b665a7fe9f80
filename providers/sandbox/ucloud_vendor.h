#pragma once

#include "providers/sandbox/ucloud.h"

namespace bwgw::sandbox::ucloud {

/// One account at a brand of the UCloud family.
class Account final : public Vendor {
public:
    Account(const BrandSettings& settings, const Behaviour& behaviour, Ledger& ledger, Instant now);

    [[nodiscard]] std::string action_of(const Request& request) const override;
    [[nodiscard]] Parameters parameters_of(const Request& request) const override;
    Outcome reply(const Request& request, Instant now) override;
    [[nodiscard]] Reply error_reply(std::string_view code, std::string_view message, int status) override;
    [[nodiscard]] std::string_view throttled_code() const override { return "153"; }
    std::string add_network(const Network& network, Instant now) override;
    std::string seed(const Seed& seed, Instant now) override;
    std::string vanish(std::string_view native_id, Instant now) override;
    void reset(Instant now) override;

    [[nodiscard]] State& state() { return state_; }

private:
    State state_;
};

}  // namespace bwgw::sandbox::ucloud
