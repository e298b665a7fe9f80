// Several gateways on one store at the same time; on either engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>

#include "tests/ledger/store.h"

namespace bwgw::ledger {
namespace {

constexpr int kCallers = 32;

class LedgerRace : public OnEachEngine {
protected:
    /// Two gateways, each with half of the callers.
    Ledger& of(int caller) { return caller % 2 == 0 ? *ledger_ : *other_; }

    std::unique_ptr<Ledger> other_ = open(store_->url());
};
ON_EACH_ENGINE(LedgerRace);

TEST_P(LedgerRace, OneOfManyCallersWithOneKeyBeginsAndTheOthersLearnWhatItBegan) {
    std::atomic<int> begun = 0;
    std::array<std::string, kCallers> seen;
    at_once(kCallers, [&](int i) {
        const auto accepted = of(i).accept(purchase("key", "pair"));
        if (!accepted) return;
        begun += accepted->replayed ? 0 : 1;
        seen.at(static_cast<std::size_t>(i)) = accepted->operation.id;
    });
    EXPECT_EQ(begun, 1);
    ASSERT_EQ(ledger_->list({})->size(), 1U);
    EXPECT_EQ(std::set(seen.begin(), seen.end()), std::set{ledger_->list({})->front().id});
}

TEST_P(LedgerRace, OneOfManyCallersWithOneLockBeginsAndTheOthersLearnWhoHoldsIt) {
    std::atomic<int> begun = 0;
    std::atomic<int> refused = 0;
    at_once(kCallers, [&](int i) {
        const auto accepted = of(i).accept(purchase("key-" + std::to_string(i), "pair"));
        if (accepted)
            ++begun;
        else if (accepted.failure().slug == Slug::already_exists && !accepted.failure().operation_id.empty())
            ++refused;
    });
    EXPECT_EQ(begun, 1);
    EXPECT_EQ(refused, kCallers - 1);
    EXPECT_EQ(ledger_->list({})->size(), 1U);
}

TEST_P(LedgerRace, OneOfManyCallersGetsTheKeyOfWhatFailedRetryably) {
    auto failed = purchase("key", "pair");
    failed.problem = Failure{.slug = Slug::provider_throttled, .retryable = true};
    put(failed, OperationState::failed);
    std::atomic<int> begun = 0;
    std::atomic<int> replayed = 0;
    at_once(kCallers, [&](int i) {
        const auto accepted = of(i).accept(purchase("key", "pair"));
        if (accepted) ++(accepted->replayed ? replayed : begun);
    });
    EXPECT_EQ(begun, 1);
    EXPECT_EQ(replayed, kCallers - 1);
    EXPECT_EQ(ledger_->list({})->size(), 2U);
}

TEST_P(LedgerRace, OneOfManyClaimsIsTheNewDriver) {
    const auto operation = purchase("", "");
    ASSERT_TRUE(ledger_->accept(operation));
    std::atomic<int> claimed = 0;
    at_once(kCallers, [&](int i) {
        if (of(i).claim(operation, "owner-" + std::to_string(i))) ++claimed;
    });
    EXPECT_EQ(claimed, 1);
    EXPECT_EQ(ledger_->find(operation.id)->fence, 1);
}

TEST_P(LedgerRace, EveryAnswerGivenInACrowdIsTrueAfterARestart) {
    constexpr int kEach = 8;
    std::array<std::vector<std::string>, kCallers> accepted;
    at_once(kCallers, [&](int i) {
        for (int n = 0; n < kEach; ++n) {
            const auto operation = purchase("", n % 2 == 0 ? "lock" : "");
            if (of(i).accept(operation)) accepted.at(static_cast<std::size_t>(i)).push_back(operation.id);
        }
    });
    ledger_.reset();
    other_.reset();
    ledger_ = open(store_->url());
    std::size_t count = 0;
    for (const auto& ids : accepted) {
        count += ids.size();
        for (const auto& id : ids) EXPECT_TRUE(ledger_->find(id));
    }
    EXPECT_EQ(count, static_cast<std::size_t>(kCallers * kEach / 2 + 1));
    EXPECT_EQ(ledger_->list({.limit = 1000})->size(), count);
}

class LedgerStart : public testing::TestWithParam<StoreKind> {
protected:
    std::unique_ptr<Database> store_ = fresh_store(GetParam());
};
ON_EACH_ENGINE(LedgerStart);

TEST_P(LedgerStart, SeveralGatewaysStartAtOnce) {
    std::atomic<int> started = 0;
    at_once(4, [&](int) {
        if (open(store_->url())->accept(purchase("", ""))) ++started;
    });
    EXPECT_EQ(started, 4);
}

TEST_P(LedgerStart, BringsTheFirstSchemaUpToDateWithItsRows) {
    store_->run(schema("0001_operations.sql"));
    store_->run(
        "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (1);"
        "INSERT INTO operations (id, type, provider, state, outcome, principal, idempotency_key, "
        "fingerprint, request, lock_key, product, scope, native_id, end_a, end_b, marker, baseline, "
        "order_number, provider_request_id, attempts, created_at, updated_at, revision) VALUES "
        "('old', 'create', 'p', 'sent', 'unknown', 'anonymous', 'key', 'f1', '{}', 'lock', 'legacy', "
        "'u', '', 'hk', 'sg', 'gw-x', '', '', '', 1, 5, 6, 3)");
    std::atomic<int> started = 0;
    at_once(2, [&](int) {
        if (open(store_->url())->find("old")) ++started;
    });
    EXPECT_EQ(started, 2);
    const auto ledger = open(store_->url());
    const auto orphans = ledger->orphans(Timestamp{});
    ASSERT_EQ(orphans->size(), 1U);
    EXPECT_EQ(orphans->front().fence, 3);
    EXPECT_EQ(orphans->front().owner, "");
    EXPECT_EQ(ledger->claim(orphans->front(), "me")->fence, 4);
    EXPECT_TRUE(ledger->accept(purchase("key", ""))->replayed);
}

TEST_P(LedgerStart, RefusesWhatANewerGatewayWrote) {
    store_->run(
        "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (99)");
    EXPECT_THROW(open(store_->url()), std::runtime_error);
}

}  // namespace
}  // namespace bwgw::ledger
