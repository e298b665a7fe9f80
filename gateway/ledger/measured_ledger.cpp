#include "gateway/ledger/measured_ledger.h"

namespace bwgw::ledger {
namespace {

template <class Call>
auto measured(telemetry::Timing& timing, Call call) {
    const auto began = std::chrono::steady_clock::now();
    auto result = call();
    timing.ended(result ? "ok" : word(result.failure().slug), std::chrono::steady_clock::now() - began);
    return result;
}

}  // namespace

MeasuredLedger::MeasuredLedger(std::unique_ptr<Ledger> ledger, telemetry::Metrics& metrics)
    : ledger_(std::move(ledger)),
      accept_(metrics.ledger_call("accept")),
      record_(metrics.ledger_call("record")),
      claim_(metrics.ledger_call("claim")),
      renew_(metrics.ledger_call("renew")),
      orphans_(metrics.ledger_call("orphans")),
      find_(metrics.ledger_call("find")),
      list_(metrics.ledger_call("list")),
      forget_keys_(metrics.ledger_call("forget_keys")) {}

Result<Acceptance> MeasuredLedger::accept(Operation operation) {
    return measured(accept_, [&] { return ledger_->accept(std::move(operation)); });
}

Result<void> MeasuredLedger::record(Operation operation) {
    return measured(record_, [&] { return ledger_->record(std::move(operation)); });
}

Result<Operation> MeasuredLedger::claim(const Operation& operation, const std::string& owner) {
    return measured(claim_, [&] { return ledger_->claim(operation, owner); });
}

Result<void> MeasuredLedger::renew(const std::string& owner, Timestamp until) {
    return measured(renew_, [&] { return ledger_->renew(owner, until); });
}

Result<std::vector<Operation>> MeasuredLedger::orphans(Timestamp now) {
    return measured(orphans_, [&] { return ledger_->orphans(now); });
}

Result<Operation> MeasuredLedger::find(const std::string& id) {
    return measured(find_, [&] { return ledger_->find(id); });
}

Result<std::vector<Operation>> MeasuredLedger::list(const OperationFilter& filter) {
    return measured(list_, [&] { return ledger_->list(filter); });
}

Result<std::size_t> MeasuredLedger::forget_keys(Timestamp ended_before) {
    return measured(forget_keys_, [&] { return ledger_->forget_keys(ended_before); });
}

}  // namespace bwgw::ledger
