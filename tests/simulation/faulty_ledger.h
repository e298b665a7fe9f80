#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/simulation/stage.h"

struct sqlite3;

namespace bwgw::simulation {

/// The gateway's own ledger on a new SQLite file in memory, for world after world.
class Store {
public:
    Store();
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    ledger::Ledger& ledger() { return *ledger_; }
    /// Empties every table that a world writes. Throws std::runtime_error.
    void wipe();

private:
    std::filesystem::path folder_;
    std::unique_ptr<ledger::Ledger> ledger_;
    sqlite3* sql_ = nullptr;
};

/// One process' way to the ledger: refuses before anything is done, or does it and loses the answer, or does
/// it after the connection was given up. Tells the oracle what became durable.
class FaultyLedger final : public ledger::Ledger {
public:
    FaultyLedger(Stage& stage, ledger::Ledger& real, std::string process, const Trouble& trouble)
        : stage_(stage), real_(real), process_(std::move(process)), trouble_(trouble) {}

    void belongs_to(std::string owner) { owner_ = std::move(owner); }

    std::string new_id() override;
    Result<ledger::Acceptance> accept(ledger::Operation operation) override;
    Result<void> record(ledger::Operation operation) override;
    Result<ledger::Operation> claim(const ledger::Operation& operation, const std::string& owner) override;
    Result<void> renew(const std::string& owner, ledger::Timestamp until) override;
    Result<std::vector<ledger::Operation>> orphans(ledger::Timestamp now) override;
    Result<ledger::Operation> find(const std::string& id) override;
    Result<std::vector<ledger::Operation>> list(const ledger::OperationFilter& filter) override;
    Result<std::size_t> forget_keys(ledger::Timestamp ended_before) override;

private:
    bool refuses(std::string_view what);
    bool forgets_to_answer(std::string_view what);
    template <class Work>
    auto written(std::string_view what, Work work) -> std::invoke_result_t<Work&>;
    bool comes_late(std::string_view what, const ledger::Operation& operation, std::function<void()> commit);
    bool waits_behind_accept(const ledger::Operation& operation) const;
    bool waits_behind_claim(const std::string& id) const;
    template <class Work>
    auto read(std::string_view what, Work work) -> std::invoke_result_t<Work&>;

    Stage& stage_;
    ledger::Ledger& real_;
    const std::string process_;
    const Trouble& trouble_;
    std::string owner_;
};

}  // namespace bwgw::simulation
