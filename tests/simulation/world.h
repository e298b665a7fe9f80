#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/client.h"
#include "tests/simulation/faulty_ledger.h"
#include "tests/simulation/process.h"
#include "tests/simulation/stage.h"
#include "tests/simulation/vendor.h"

namespace bwgw::simulation {

/// One world: a few gateway processes on one ledger, three vendors, callers, strangers, and at the end a
/// person. First everything fails that can; then all heals, and whatever was begun must come to its end.
class World final : public Gateways {
public:
    World(std::uint64_t seed, Store& store);
    ~World() override;

    /// To the end, or to the first broken promise.
    const Record& run();

    Process* any() override;

private:
    void start(std::size_t slot);
    void crash(std::size_t slot);
    void stop(std::size_t slot);
    void strangers();
    void heal();
    template <class Condition>
    bool run_until(Time limit, Condition condition);
    bool quiet() const;
    void resolve_all();
    Task<void> resolve(std::string id);
    void buy_once_more();

    Stage stage_;
    Store& store_;
    std::vector<std::unique_ptr<Account>> accounts_;
    std::vector<std::unique_ptr<Process>> slots_;
    std::vector<int> incarnations_;
    SimLoop outside_;  // where callers live
    std::vector<std::unique_ptr<Client>> clients_;
    int persons_ = 0;  // who have not been heard yet
};

}  // namespace bwgw::simulation
