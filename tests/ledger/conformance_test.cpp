// One suite judges every ledger: each engine is a line at the end.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "gateway/ledger/ledger.h"

namespace bwgw::ledger {
namespace {

// A place of its own for each test, and a way to open it again.
class Place {
public:
    Place() : folder_(std::filesystem::temp_directory_path() / new_operation_id()) {
        std::filesystem::create_directory(folder_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { std::filesystem::remove_all(folder_); }

    std::string url() const { return "sqlite:" + file().string(); }
    std::filesystem::path file() const { return folder_ / "ledger.db"; }

private:
    std::filesystem::path folder_;
};

std::unique_ptr<Ledger> open(const std::string& url) {
    return open_ledger(url, [](const std::string& reason) { ADD_FAILURE() << reason; });
}

Operation purchase(std::string key, std::string lock) {
    Operation operation;
    operation.id = new_operation_id();
    operation.provider = "scloud-sg";
    operation.principal = "anonymous";
    if (!key.empty()) operation.idempotency_key = std::move(key);
    operation.fingerprint = "f1";
    operation.request = R"({"kind":"inter_region"})";
    if (!lock.empty()) operation.lock_key = std::move(lock);
    operation.target = {"legacy", "ugn-1", ""};
    operation.ends = {"hk", "sg"};
    operation.marker = marker_of(operation.id);
    operation.created_at = operation.updated_at = Timestamp(std::chrono::milliseconds(1'781'691'740'123));
    return operation;
}

class LedgerConformance : public testing::Test {
protected:
    Place place_;
    std::unique_ptr<Ledger> ledger_ = open(place_.url());
};

TEST_F(LedgerConformance, KeepsEveryMemberOfAnOperationAcrossARestart) {
    auto operation = purchase("key", "lock");
    ASSERT_TRUE(ledger_->accept(operation));
    operation.state = OperationState::outcome_unknown;
    operation.outcome = Outcome::unknown;
    operation.target.native_id = "irb-1";
    operation.baseline = {"irb-a", "irb-b"};
    operation.order_number = "1300";
    operation.provider_request_id = "T1";
    operation.attempts = 1;
    operation.sent_at = operation.created_at;
    operation.problem = Failure{.slug = Slug::provider_timeout,
                                .detail = "no answer; 'quoted' — ünïcode",
                                .outcome = Outcome::unknown,
                                .retryable = true,
                                .provider = "scloud-sg",
                                .provider_error = ProviderError{"110", "timed out", "T1"},
                                .bandwidth_id = "b1"};
    ASSERT_TRUE(ledger_->record(operation));
    ledger_.reset();

    ledger_ = open(place_.url());
    const auto found = ledger_->find(operation.id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->type, OperationType::create);
    EXPECT_EQ(found->state, OperationState::outcome_unknown);
    EXPECT_EQ(found->outcome, Outcome::unknown);
    EXPECT_EQ(found->idempotency_key, "key");
    EXPECT_EQ(found->lock_key, "lock");
    EXPECT_EQ(found->request, operation.request);
    EXPECT_EQ(found->target, operation.target);
    EXPECT_EQ(found->marker, operation.marker);
    EXPECT_TRUE(same_pair(found->ends, operation.ends));
    EXPECT_EQ(found->baseline, operation.baseline);
    EXPECT_EQ(found->order_number, "1300");
    EXPECT_EQ(found->provider_request_id, "T1");
    EXPECT_EQ(found->attempts, 1);
    EXPECT_EQ(found->created_at, operation.created_at);
    EXPECT_EQ(found->sent_at, operation.sent_at);
    EXPECT_EQ(found->revision, 1);
    ASSERT_TRUE(found->problem);
    EXPECT_EQ(found->problem->slug, Slug::provider_timeout);
    EXPECT_EQ(found->problem->detail, operation.problem->detail);
    EXPECT_TRUE(found->problem->retryable);
    EXPECT_EQ(found->problem->provider_error->code, "110");
    EXPECT_EQ(found->problem->bandwidth_id, "b1");
}

TEST_F(LedgerConformance, GivesTheSameKeyTheSameOperation) {
    const auto first = purchase("key", "lock");
    ASSERT_TRUE(ledger_->accept(first));
    const auto again = ledger_->accept(purchase("key", "lock"));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->operation.id, first.id);
}

TEST_F(LedgerConformance, ScopesKeysToTheirCaller) {
    ASSERT_TRUE(ledger_->accept(purchase("key", "")));
    auto other = purchase("key", "");
    other.principal = "somebody";
    const auto accepted = ledger_->accept(other);
    ASSERT_TRUE(accepted);
    EXPECT_FALSE(accepted->replayed);
}

TEST_F(LedgerConformance, RefusesAKeyThatComesWithAnotherRequest) {
    const auto first = purchase("key", "");
    ASSERT_TRUE(ledger_->accept(first));
    auto other = purchase("key", "");
    other.fingerprint = "f2";
    const auto refused = ledger_->accept(other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().slug, Slug::idempotency_key_reused);
    EXPECT_EQ(refused.failure().operation_id, first.id);
    EXPECT_FALSE(ledger_->find(other.id));
}

TEST_F(LedgerConformance, LetsNoTwoOperationsHoldOneLock) {
    const auto first = purchase("k1", "pair");
    ASSERT_TRUE(ledger_->accept(first));
    const auto refused = ledger_->accept(purchase("k2", "pair"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().slug, Slug::already_exists);
    EXPECT_EQ(refused.failure().operation_id, first.id);
    auto release = purchase("k3", "pair");
    release.type = OperationType::release;
    EXPECT_EQ(ledger_->accept(release).failure().slug, Slug::conflict);
}

TEST_F(LedgerConformance, FreesTheLockWhenTheOperationEndsAndNotBefore) {
    auto operation = purchase("k1", "pair");
    ASSERT_TRUE(ledger_->accept(operation));
    for (const auto state :
         {OperationState::sent, OperationState::outcome_unknown, OperationState::needs_attention}) {
        operation.state = state;
        operation = *ledger_->record(operation);
        EXPECT_FALSE(ledger_->accept(purchase("k2", "pair"))) << word(state);
    }
    operation.state = OperationState::settled;
    ASSERT_TRUE(ledger_->record(operation));
    EXPECT_TRUE(ledger_->accept(purchase("k2", "pair")));
}

TEST_F(LedgerConformance, GivesTheKeyToANewAttemptOnlyIfTheFirstSurelyDidNotRunAndMayBeRetried) {
    const auto ended = [&](const std::string& key, Outcome outcome, bool retryable, OperationState state) {
        auto operation = purchase(key, "");
        EXPECT_TRUE(ledger_->accept(operation));
        operation.state = state;
        operation.outcome = outcome;
        operation.problem = Failure{.slug = Slug::provider_throttled, .retryable = retryable};
        EXPECT_TRUE(ledger_->record(operation));
        return ledger_->accept(purchase(key, ""))->replayed;
    };
    EXPECT_FALSE(ended("a", Outcome::none, true, OperationState::failed));
    EXPECT_TRUE(ended("b", Outcome::none, false, OperationState::failed));
    EXPECT_TRUE(ended("c", Outcome::unknown, true, OperationState::outcome_unknown));
    EXPECT_TRUE(ended("d", Outcome::unknown, true, OperationState::needs_attention));
}

TEST_F(LedgerConformance, RefusesAStaleRevision) {
    auto operation = purchase("", "");
    ASSERT_TRUE(ledger_->accept(operation));
    operation.state = OperationState::sent;
    ASSERT_TRUE(ledger_->record(operation));
    operation.state = OperationState::failed;
    EXPECT_EQ(ledger_->record(operation).failure().slug, Slug::conflict);
    EXPECT_EQ(ledger_->find(operation.id)->state, OperationState::sent);
}

TEST_F(LedgerConformance, ListsNewestFirstAndNarrows) {
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        auto operation = purchase("key-" + std::to_string(i), "");
        operation.id = "op" + std::to_string(i);
        if (i % 2 == 1) operation.provider = "zenlayer";
        ids.push_back(operation.id);
        ASSERT_TRUE(ledger_->accept(operation));
    }
    const auto listed = [&](const OperationFilter& filter) {
        std::vector<std::string> found;
        for (const auto& operation : *ledger_->list(filter)) found.push_back(operation.id);
        return found;
    };
    EXPECT_EQ(listed({}), (std::vector<std::string>{"op4", "op3", "op2", "op1", "op0"}));
    EXPECT_EQ(listed({.provider = "zenlayer"}), (std::vector<std::string>{"op3", "op1"}));
    EXPECT_EQ(listed({.before = "op3", .limit = 2}), (std::vector<std::string>{"op2", "op1"}));
    EXPECT_EQ(listed({.idempotency_key = "key-2", .principal = "anonymous"}),
              (std::vector<std::string>{"op2"}));
    EXPECT_EQ(listed({.state = OperationState::settled}), (std::vector<std::string>{}));
}

TEST_F(LedgerConformance, ShowsAsOpenWhatHasNotEnded) {
    for (const auto state :
         {OperationState::accepted, OperationState::sent, OperationState::observing,
          OperationState::needs_attention, OperationState::settled, OperationState::failed}) {
        auto operation = purchase("", "");
        ASSERT_TRUE(ledger_->accept(operation));
        operation.state = state;
        ASSERT_TRUE(ledger_->record(operation));
    }
    EXPECT_EQ(ledger_->open()->size(), 4U);
}

TEST_F(LedgerConformance, LetsExactlyOneOfManyConcurrentCallersBegin) {
    constexpr int kCallers = 32;
    std::atomic<int> begun = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < kCallers; ++i)
        callers.emplace_back([&] {
            const auto accepted = ledger_->accept(purchase("key", "pair"));
            if (accepted && !accepted->replayed) ++begun;
        });
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(begun, 1);
    EXPECT_EQ(ledger_->list({})->size(), 1U);
}

TEST_F(LedgerConformance, AnswersUnavailableWhileTheStoreIsLockedAndRecoversWithoutARestart) {
    std::vector<std::string> reports;
    ledger_ = open_ledger(place_.url(), [&](const std::string& reason) { reports.push_back(reason); });
    sqlite3* intruder = nullptr;
    ASSERT_EQ(sqlite3_open(place_.file().c_str(), &intruder), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(intruder, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto refused = ledger_->accept(purchase("key", ""));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().slug, Slug::unavailable);
    EXPECT_EQ(refused.failure().outcome, Outcome::none);
    EXPECT_FALSE(reports.empty());
    sqlite3_close(intruder);
    EXPECT_TRUE(ledger_->accept(purchase("key", "")));
}

TEST(OpenLedger, SaysWhyItCannotOpen) {
    const auto ignore = [](const std::string&) {};
    EXPECT_THROW(open_ledger("mysql://x", ignore), std::runtime_error);
    EXPECT_THROW(open_ledger("sqlite:/no/such/folder/ledger.db", ignore), std::runtime_error);
    Place place;
    std::ofstream(place.file())
        << "this is not a database, and long enough to be seen as none at all........";
    EXPECT_THROW(open_ledger(place.url(), ignore), std::runtime_error);
}

TEST(OperationId, IsTimeOrderedAndCarriesSixtyRandomBitsInItsMarker) {
    const auto first = new_operation_id();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // the clock's step is the condition here
    const auto second = new_operation_id();
    EXPECT_LT(first, second);
    EXPECT_EQ(first.size(), 26U);
    EXPECT_EQ(marker_of(first), "gw-" + first.substr(14));
    EXPECT_EQ(TaggedName::parse("link." + marker_of(first)).name, "link");
}

}  // namespace
}  // namespace bwgw::ledger
