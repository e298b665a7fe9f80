#include "gateway/background.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "gateway/api/openapi.h"
#include "gateway/api/views.h"
#include "tests/support/inline_pool.h"
#include "tests/support/still_loop.h"

namespace bwgw {
namespace {

using namespace std::chrono_literals;
using loop::Clock;

const Failure kRefused{.slug = Slug::provider_permission_denied, .detail = "no"};

/// When an account was asked for its regions, and whether it says them.
struct Vendor {
    std::string name;
    bool answers = false;
    std::vector<Clock::time_point> asked = {};
};

class Account final : public Provider {
public:
    Account(Vendor& vendor, const loop::Loop& loop) : vendor_(vendor), loop_(loop) {
        profile_ = {vendor.name, "fake", {{.product = "pair", .actions = {Action::regions}}}};
    }
    const Profile& profile() const noexcept override { return profile_; }
    Task<Listing> list(const RequestContext&, Query) override { co_return kRefused; }
    Task<Receipt> create(const RequestContext&, Order) override { co_return kRefused; }
    Task<Receipt> change(const RequestContext&, ResourceRef, Change) override { co_return kRefused; }
    Task<Receipt> release(const RequestContext&, ResourceRef) override { co_return kRefused; }
    Task<Price> quote(const RequestContext&, Wish) override { co_return kRefused; }
    Task<std::vector<Region>> regions(const RequestContext&) override {
        vendor_.asked.push_back(loop_.now());
        if (!vendor_.answers) co_return kRefused;
        co_return std::vector<Region>{{vendor_.name + "-1", std::nullopt, std::nullopt}};
    }

private:
    Vendor& vendor_;
    const loop::Loop& loop_;
    Profile profile_;
};

const api::Contract& contract() {
    static const api::Contract kContract(api::openapi_yaml());
    return kContract;
}

/// A gateway's background worker with two accounts, on a clock that stands still.
class BackgroundTest : public testing::Test {
protected:
    BackgroundTest() {
        std::filesystem::create_directory(folder_);
        for (auto* vendor : {&east_, &west_}) {
            auto& account = settings_.accounts.emplace_back();
            account.name = vendor->name;
            account.make = [this, vendor](HttpTransport&) {
                return std::make_unique<Account>(*vendor, loop_);
            };
        }
        store_ = ledger::open_store("sqlite:" + (folder_ / "ledger.db").string(),
                                    [](const std::string& reason) { ADD_FAILURE() << reason; });
        lease_.emplace(*store_.ledger, 15s);
        const orders::Desk& desk = desk_.emplace(pool_, *store_.ledger, *lease_, unlisted_, tally_);
        shared_.emplace(Shared{
            .settings = settings_,
            .contract = contract(),
            .desk = desk,
            .log = log_,
            .metrics = metrics_,
            .scrapes = pool_,
            .merges = pool_,
            .owned = {},
            .inventory = inventory_,
            .refresh = {},
            .health = std::make_shared<fleet::HealthBoard>(),
            .guards = guards_,
            .crosswalk = std::make_shared<const fleet::Crosswalk>(std::vector<fleet::Crosswalk::Row>{})});
        worker_.emplace(*shared_, loop_);
        background_.emplace(*worker_, desk, log_, open_, inventory_, *store_.inventory,
                            inventory::RefreshPace{}, [this](const auto& learned) {
                                learned_ = learned;
                                worker_->fleet.use(learned);
                            });
    }
    ~BackgroundTest() override {
        background_->stop();
        worker_->drain();
        loop_.settle();
        EXPECT_EQ(loop_.spawned(), 0U);
        std::filesystem::remove_all(folder_);
    }

    std::vector<std::string> known() const {
        std::vector<std::string> codes;
        for (const auto& row : learned_->rows()) codes.push_back(row.region.code);
        return codes;
    }

    Vendor east_{"east"}, west_{"west"};
    test::StillLoop loop_;
    test::InlinePool pool_;
    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ledger::new_operation_id();
    settings::Settings settings_;
    std::ostringstream out_;
    telemetry::Log log_{telemetry::Level::error, out_};
    telemetry::Metrics metrics_{"1"};
    ledger::Store store_;
    std::optional<ledger::Lease> lease_;
    std::vector<std::string> purchases_;  // that no listing shows, and …
    bool certain_ = false;                // … whether these are all
    orders::Unlisted unlisted_{[this](const auto& all, bool certain) {
        purchases_.clear();
        for (const auto& operation : all) purchases_.push_back(operation.id);
        certain_ = certain;
    }};
    orders::Tally tally_;
    std::optional<orders::Desk> desk_;
    inventory::Inventory inventory_{{"east", "west"}, [](const std::string& provider, const Bandwidth& row) {
                                        return api::bandwidth_json(fleet::Crosswalk({}), {provider, row});
                                    }};
    const fleet::Guards guards_{{{.provider = "east"}, {.provider = "west"}}};
    OpenOperations open_;
    std::optional<Shared> shared_;
    std::optional<Worker> worker_;
    std::optional<Background> background_;
    std::shared_ptr<const fleet::Crosswalk> learned_;
};

TEST_F(BackgroundTest, AsksAnAccountThatDoesNotSayItsRegionsEverLessOften) {
    west_.answers = true;
    background_->start();
    loop_.pass(25min);
    const auto& asked = east_.asked;
    ASSERT_GE(asked.size(), 9U);
    auto pause = 5s;
    for (std::size_t i = 1; i < 8; ++i, pause *= 2) {
        EXPECT_GE(asked[i] - asked[i - 1], pause * 8 / 10) << i;
        EXPECT_LE(asked[i] - asked[i - 1], pause * 12 / 10) << i;
    }
    EXPECT_GE(asked[8] - asked[7], 8min) << "as seldom as one that says them";
    EXPECT_LE(asked[8] - asked[7], 12min);
    ASSERT_EQ(west_.asked.size(), 2U) << "who has said them is left alone meanwhile";
    EXPECT_EQ(west_.asked[1], asked[8]);
    EXPECT_EQ(known(), std::vector<std::string>{"west-1"});
}

TEST_F(BackgroundTest, KnowsBeforeAnythingIsServedWhatWasBoughtBeforeTheStart) {
    ledger::Operation purchase;
    purchase.id = store_.ledger->new_id();
    purchase.provider = "east";
    ASSERT_TRUE(store_.ledger->accept(purchase));
    purchase.state = ledger::OperationState::observing;
    purchase.target = {"pair", "", "1"};
    ASSERT_TRUE(store_.ledger->record(purchase));
    ASSERT_TRUE(background_->restore());
    EXPECT_EQ(purchases_, std::vector<std::string>{purchase.id});
    EXPECT_TRUE(certain_);
}

TEST_F(BackgroundTest, KnowsTheRegionsOfAnAccountSoonAfterItRecovers) {
    west_.answers = true;
    background_->start();
    loop_.pass(4min);
    const auto before = east_.asked.size();
    east_.answers = true;
    loop_.pass(7min);
    EXPECT_EQ(east_.asked.size(), before + 1);
    EXPECT_EQ(known(), (std::vector<std::string>{"east-1", "west-1"}));
    loop_.pass(13min);
    EXPECT_GE(east_.asked.size(), before + 2) << "regions come and go";
    EXPECT_LE(east_.asked.size(), before + 3);
}

}  // namespace
}  // namespace bwgw
