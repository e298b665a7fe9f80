#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/orders/orders.h"
#include "tests/support/poll_loop.h"

namespace bwgw::orders {

using namespace std::chrono_literals;
using ledger::OperationState;
using ledger::OperationType;

/// A vendor in memory. Each write does what `on_*` says; the rows are what a listing shows.
class FakeProvider final : public Provider {
public:
    explicit FakeProvider(PurchaseSafety safety) {
        profile_ = {"fake",
                    "fake",
                    {{"crb",
                      Kind::inter_region,
                      {Action::create, Action::list, Action::resize, Action::rename, Action::release,
                       Action::quote, Action::quote_resize},
                      {BillingModel::fixed, BillingModel::percentile_95},
                      1,
                      1000,
                      safety}}};
    }

    const Profile& profile() const noexcept override { return profile_; }

    Task<Listing> list(const RequestContext&, Query query) override {
        ++lists;
        if (on_list) on_list();
        if (list_failure) co_return *list_failure;
        Listing listing;
        for (const auto& row : rows) {
            if (query.scope && row.ref.scope != *query.scope) continue;
            if (!query.native_ids.empty() && row.ref.native_id != query.native_ids.front()) continue;
            if (hidden_for > 0) continue;
            listing.items.push_back(row);
        }
        if (hidden_for > 0) --hidden_for;
        listing.problem = list_problem;
        co_return std::move(listing);
    }
    Task<Receipt> create(const RequestContext&, Order order) override {
        ++creates;
        co_return on_create(order);
    }
    Task<Receipt> change(const RequestContext&, ResourceRef ref, Change change) override {
        ++changes;
        co_return on_change(ref, change);
    }
    Task<Receipt> release(const RequestContext&, ResourceRef ref) override {
        ++releases;
        co_return on_release(ref);
    }
    Task<Price> quote(const RequestContext&, Wish) override {
        ++quotes;
        if (quote_failure) co_return *quote_failure;
        if (!price) co_return Failure{.slug = Slug::price_unavailable, .detail = "no price settings"};
        co_return *price;
    }
    Task<std::vector<Region>> regions(const RequestContext&) override { co_return std::vector<Region>{}; }

    /// Puts the bought row into the listing and gives its receipt.
    Receipt execute(const Order& order) {
        Bandwidth row;
        row.ref = {"crb", order.network_id, "id-" + std::to_string(++last_id)};
        row.marker = profile_.products[0].safety == PurchaseSafety::none ? "" : order.marker;
        row.name = order.name;
        row.network_id = order.network_id;
        row.ends = order.ends;
        row.bandwidth = Mbps::of(order.bandwidth_mbps);
        row.state = State::active;
        row.created_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        rows.push_back(row);
        return {row.ref.native_id, "order-1", "req-1"};
    }
    Bandwidth* row(const std::string& native_id) {
        for (auto& row : rows)
            if (row.ref.native_id == native_id) return &row;
        return nullptr;
    }

    std::vector<Bandwidth> rows;
    int hidden_for = 0;  ///< listings that show nothing yet
    int last_id = 0;
    int lists = 0, creates = 0, changes = 0, releases = 0, quotes = 0;
    std::function<void()> on_list;
    std::optional<Failure> list_failure;
    std::optional<Failure> list_problem;
    std::optional<Failure> quote_failure;
    std::optional<Price> price;
    std::function<Result<Receipt>(const Order&)> on_create = [this](const Order& order) {
        return execute(order);
    };
    std::function<Result<Receipt>(const ResourceRef&, const Change&)> on_change =
        [this](const ResourceRef& ref, const Change& change) {
            if (const auto* resize = std::get_if<Resize>(&change))
                row(ref.native_id)->bandwidth = Mbps::of(resize->bandwidth_mbps);
            if (const auto* rename = std::get_if<Rename>(&change)) row(ref.native_id)->name = rename->name;
            return Receipt{"", "", "req-2"};
        };
    std::function<Result<Receipt>(const ResourceRef&)> on_release = [this](const ResourceRef& ref) {
        std::erase_if(rows, [&](const auto& row) { return row.ref == ref; });
        return Receipt{"", "", "req-3"};
    };

private:
    Profile profile_;
};

inline Failure unknown_outcome() {
    return {.slug = Slug::provider_timeout, .detail = "no answer", .outcome = Outcome::unknown};
}
inline Failure surely_not_run(Slug slug, bool retryable = false) {
    return {.slug = slug, .detail = "refused", .outcome = Outcome::none, .retryable = retryable};
}

inline Failure not_let_by() {
    return {.slug = Slug::rate_limited, .detail = "full", .retryable = true, .ours = true};
}

/// The write path over a fake vendor and a real SQLite ledger, with fast clocks.
class OrdersTest : public testing::Test {
protected:
    OrdersTest() : OrdersTest(PurchaseSafety::natural_key) {}
    explicit OrdersTest(PurchaseSafety safety)
        : folder_(std::filesystem::temp_directory_path() / ledger::new_operation_id()) {
        std::filesystem::create_directory(folder_);
        auto provider = std::make_unique<FakeProvider>(safety);
        vendor_ = provider.get();
        std::vector<std::unique_ptr<Provider>> providers;
        providers.push_back(std::move(provider));
        fleet_ = std::make_unique<fleet::Fleet>(
            std::move(providers),
            std::make_shared<const fleet::Crosswalk>(std::vector<fleet::Crosswalk::Row>{}),
            std::make_shared<fleet::HealthBoard>());
        ledger_ = ledger::open_ledger("sqlite:" + (folder_ / "ledger.db").string(),
                                      [](const std::string& reason) { ADD_FAILURE() << reason; });
        lease_ = std::make_unique<ledger::Lease>(*ledger_, kLease);
        const auto renew = [&](std::chrono::milliseconds ago) {  // held for so long that it may take over
            EXPECT_TRUE(lease_->renew(loop_.now() - ago,
                                      std::chrono::floor<std::chrono::milliseconds>(loop_.wall() - ago)));
        };
        renew(kLease);
        renew(kLease / 2);
        orders_ = std::make_unique<Orders>(loop_, desk(), *fleet_, pace());
    }
    ~OrdersTest() override {
        orders_->stop();
        EXPECT_TRUE(loop_.run_until([&] { return loop_.spawned() == 0; })) << "a write hangs";
        std::filesystem::remove_all(folder_);
    }

    static constexpr auto kLease = 60s;
    Desk desk() { return {pool_, *ledger_, *lease_, unlisted_, tally_}; }
    static Pace pace() { return {2s, 1s, 150ms, 5ms, 20ms, 300s}; }
    static RequestContext context() { return {Deadline::in(10s), {"r1", ""}, {}, {}}; }
    static Order order() {
        Order order;
        order.name = "link";
        order.network_id = "vpc-1";
        order.ends = {"hk", "sg"};
        order.bandwidth_mbps = 50;
        order.billing.model = BillingModel::fixed;
        return order;
    }
    static Intake intake(std::string key = "key", std::chrono::milliseconds wait = 5s) {
        return {key.empty() ? std::nullopt : std::optional(key), "fp",
                R"({"bandwidth_mbps":50,"billing":{"model":"fixed"},"kind":"inter_region","name":"link",)"
                R"("network_id":"vpc-1","provider":"fake","region_a":"hk","region_b":"sg"})",
                std::nullopt, wait};
    }
    Result<Placement> buy(Intake with = intake(), Order what = order()) {
        const auto asking = context();
        return loop_.run(orders_->buy(asking, "fake", std::move(what), std::move(with)));
    }
    /// The operation as the ledger has it once nothing runs any more.
    ledger::Operation at_rest(const std::string& id) {
        EXPECT_TRUE(loop_.run_until([&] { return loop_.spawned() == 0; }));
        return *ledger_->find(id);
    }
    fleet::Entry existing() {
        vendor_->execute(order());
        return {"fake", vendor_->rows.back()};
    }

    std::filesystem::path folder_;
    test::PollLoop loop_;
    loop::BlockingPool pool_{2};
    FakeProvider* vendor_ = nullptr;
    std::unique_ptr<fleet::Fleet> fleet_;
    std::unique_ptr<ledger::Ledger> ledger_;
    std::unique_ptr<ledger::Lease> lease_;
    Unlisted unlisted_;
    Tally tally_;
    std::unique_ptr<Orders> orders_;
};

}  // namespace bwgw::orders
