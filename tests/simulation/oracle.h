#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/orders/orders.h"
#include "tests/simulation/scheduler.h"

namespace bwgw::simulation {

struct Stage;
class Account;

/// Knows what really happened, and breaks the world's record where a promise was not kept: what the ledger
/// holds, what the vendors were sent and did, what callers were told.
class Oracle {
public:
    explicit Oracle(Stage& stage) : stage_(stage) {}

    void knows(const std::string& owner, std::string process) { processes_[owner] = std::move(process); }
    void knows(Account& account);

    // The ledger, whatever the process was told of it.
    void accepted(const ledger::Operation& operation);
    void recorded(const std::string& owner, const ledger::Operation& operation);
    void claimed(const ledger::Operation& operation);

    // The vendors. Each write belongs to an operation: a purchase by its marker, which every order carries
    // although not every vendor shows it; other writes by the lock that they hold.
    std::string operation_of(const std::string& marker) const;
    std::string operation_of(const std::string& provider, const ResourceRef& ref) const;
    void sent(const std::string& owner, const std::string& id);
    void sent(const std::string& owner, const std::string& id, const Order& order);
    void executed(const std::string& id, const std::string& native_id);
    /// The order was taken, and nothing provided.
    void took(const std::string& id, const std::string& native_id);
    void looked(const std::string& owner, const std::string& provider, const Query& query, Time begun);

    // The callers.
    void told(const orders::Placement& placement);

    /// A process ends now.
    void crashing(const std::string& owner);

    const ledger::Operation& durable(const std::string& id) const { return truths_.at(id).durable; }
    std::vector<ledger::Operation> in_state(ledger::OperationState state) const;
    bool all_ended() const;
    /// All but what waits for a person.
    bool all_decided() const;
    /// Of all so far.
    Time last_send() const noexcept { return last_send_; }
    int sends_of(const std::string& id) const { return truths_.at(id).sends; }
    bool was_executed(const std::string& id) const { return truths_.at(id).executed > 0; }
    /// What the purchase bought, if it was executed.
    std::string bought(const std::string& id) const { return truths_.at(id).native_id; }

    /// Nothing moves any more.
    void judge(ledger::Ledger& ledger);

private:
    struct Look {
        std::string owner, provider, scope;
        Time begun;
    };
    struct Truth {
        ledger::Operation durable;
        std::optional<ledger::Timestamp> first_intent;
        std::optional<Time> intended;  ///< the last one became durable
        std::optional<Order> order;
        int sends = 0;
        int executed = 0;
        int taken = 0;          ///< in vain
        std::string native_id;  ///< of the purchase
        bool told_success = false;
        std::string told_native_id;
        bool told_none = false;
    };

    std::string name(const std::string& owner) const;
    std::string line_of(const ledger::Operation& operation) const;
    PurchaseSafety safety_of(const ledger::Operation& operation) const;
    void check_lock(const ledger::Operation& operation);
    void check_settled(const ledger::Operation& operation);
    void check_resend(const Truth& truth, const std::string& owner);
    void judge(const Truth& truth);
    void judge_keys();

    Stage& stage_;
    std::map<std::string, std::string> processes_;
    std::map<std::string, Account*> accounts_;
    std::map<std::string, Truth> truths_;  // by id
    std::map<std::string, std::string> markers_;
    std::vector<Look> looks_;
    Time last_send_{0};
};

}  // namespace bwgw::simulation
