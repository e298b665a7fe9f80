#pragma once

#include "gateway/ledger/ledger.h"
#include "gateway/telemetry/metrics.h"

namespace bwgw::ledger {

/// A ledger whose calls are counted and timed, without the wait for a thread of the pool.
class MeasuredLedger final : public Ledger {
public:
    MeasuredLedger(std::unique_ptr<Ledger> ledger, telemetry::Metrics& metrics);

    std::string new_id() override { return ledger_->new_id(); }
    Result<Acceptance> accept(Operation operation) override;
    Result<void> record(Operation operation) override;
    Result<Operation> claim(const Operation& operation, const std::string& owner) override;
    Result<void> renew(const std::string& owner, Timestamp until) override;
    Result<std::vector<Operation>> orphans(Timestamp now) override;
    Result<Operation> find(const std::string& id) override;
    Result<std::vector<Operation>> list(const OperationFilter& filter) override;
    Result<std::size_t> forget_keys(Timestamp ended_before) override;

private:
    const std::unique_ptr<Ledger> ledger_;
    telemetry::Timing& accept_;
    telemetry::Timing& record_;
    telemetry::Timing& claim_;
    telemetry::Timing& renew_;
    telemetry::Timing& orphans_;
    telemetry::Timing& find_;
    telemetry::Timing& list_;
    telemetry::Timing& forget_keys_;
};

}  // namespace bwgw::ledger
