#pragma once

#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/ledger/lease.h"
#include "providers/contract/provider.h"
#include "tests/simulation/stage.h"

namespace bwgw::simulation {

/// One account at one vendor, as it really is: all processes speak to the same. It sells one product, of the
/// given purchase safety: `natural_key` refuses a second live link of a pair and echoes the marker, `marker`
/// echoes it and returns no id, `none` returns the id and echoes nothing.
///
/// What nobody could tell apart is never made: a stranger's link of the pair and size of an unanswered
/// purchase at a vendor without markers appears only together with it, and a stranger takes nothing away that
/// its operation has not settled.
class Account {
public:
    struct Row {
        Bandwidth shown;
        std::string operation;  ///< whose purchase; empty: a stranger's, or the free default
        Time visible_from{0};
        Time gone_from = Time::max();      ///< released
        Time vanishes_from = Time::max();  ///< and not listed any more
        bool recycled = false;
        bool listed = false;
        std::vector<std::pair<Time, std::int64_t>> sizes;  ///< in force from then on
    };

    Account(Stage& stage, std::string name, PurchaseSafety safety);

    const Profile& profile() const noexcept { return profile_; }
    const std::string& name() const noexcept { return profile_.name; }
    PurchaseSafety safety() const noexcept { return safety_; }
    const Row* row(const std::string& native_id) const;

    Result<Receipt> create(const Order& order, const std::string& operation, bool provides);
    Result<Receipt> change(const ResourceRef& ref, const Change& change, const std::string& operation);
    Result<Receipt> release(const ResourceRef& ref, const std::string& operation);
    Listing list(const Query& query);

    void stranger_buys();
    void stranger_releases();

private:
    Row& add(const Order& order, const std::string& operation);
    Row* held(const Ends& ends);
    void let_go(Row& row);

    Stage& stage_;
    Profile profile_;
    PurchaseSafety safety_;
    std::chrono::seconds clock_error_;
    std::deque<Row> rows_;
    int last_ = 0;
};

/// One process' way to an account, through a network that loses and delays.
class SimProvider final : public Provider {
public:
    SimProvider(Stage& stage, Account& account, HostPtr host, const ledger::Lease& lease,
                const Trouble& trouble)
        : stage_(stage), account_(account), host_(std::move(host)), lease_(lease), trouble_(trouble) {}

    const Profile& profile() const noexcept override { return account_.profile(); }
    Task<Listing> list(const RequestContext& context, Query query) override;
    Task<Receipt> create(const RequestContext& context, Order order) override;
    Task<Receipt> change(const RequestContext& context, ResourceRef ref, Change change) override;
    Task<Receipt> release(const RequestContext& context, ResourceRef ref) override;
    Task<Price> quote(const RequestContext& context, Wish wish) override;
    Task<std::vector<Region>> regions(const RequestContext& context) override;

private:
    using Execute = std::function<Result<Receipt>(bool provides)>;
    struct Fate;
    Fate fate_of_write(Time deadline);
    Task<Receipt> write(const RequestContext& context, std::string operation, Execute execute);

    Stage& stage_;
    Account& account_;
    HostPtr host_;
    const ledger::Lease& lease_;
    const Trouble& trouble_;
};

/// The pairs that are bought; the free default package is on the first.
const std::vector<Ends>& pairs();
constexpr const char* kNetwork = "net-1";
constexpr const char* kProduct = "link";

}  // namespace bwgw::simulation
