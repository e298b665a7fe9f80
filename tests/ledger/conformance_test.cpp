// One suite judges every ledger.
#include <gtest/gtest.h>

#include <thread>

#include "tests/ledger/store.h"

namespace bwgw::ledger {
namespace {

using LedgerConformance = OnEachEngine;
ON_EACH_ENGINE(LedgerConformance);

TEST_P(LedgerConformance, KeepsEveryMemberOfAnOperationAcrossARestart) {
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

    ledger_ = open(store_->url());
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
    EXPECT_EQ(found->owner, "me");
    EXPECT_EQ(found->fence, 0);
    ASSERT_TRUE(found->problem);
    EXPECT_EQ(found->problem->slug, Slug::provider_timeout);
    EXPECT_EQ(found->problem->detail, operation.problem->detail);
    EXPECT_TRUE(found->problem->retryable);
    EXPECT_EQ(found->problem->provider_error->code, "110");
    EXPECT_EQ(found->problem->bandwidth_id, "b1");
}

TEST_P(LedgerConformance, GivesTheSameKeyTheSameOperation) {
    const auto first = purchase("key", "lock");
    ASSERT_TRUE(ledger_->accept(first));
    const auto again = ledger_->accept(purchase("key", "lock"));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->operation.id, first.id);
}

TEST_P(LedgerConformance, ScopesKeysToTheirCaller) {
    ASSERT_TRUE(ledger_->accept(purchase("key", "")));
    auto other = purchase("key", "");
    other.principal = "somebody";
    const auto accepted = ledger_->accept(other);
    ASSERT_TRUE(accepted);
    EXPECT_FALSE(accepted->replayed);
}

TEST_P(LedgerConformance, RefusesAKeyThatComesWithAnotherRequest) {
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

TEST_P(LedgerConformance, LetsNoTwoOperationsHoldOneLock) {
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

TEST_P(LedgerConformance, FreesTheLockWhenTheOperationEndsAndNotBefore) {
    auto operation = purchase("k1", "pair");
    ASSERT_TRUE(ledger_->accept(operation));
    for (const auto state :
         {OperationState::sent, OperationState::outcome_unknown, OperationState::needs_attention}) {
        operation.state = state;
        ASSERT_TRUE(ledger_->record(operation));
        EXPECT_FALSE(ledger_->accept(purchase("k2", "pair"))) << word(state);
    }
    operation.state = OperationState::settled;
    ASSERT_TRUE(ledger_->record(operation));
    EXPECT_TRUE(ledger_->accept(purchase("k2", "pair")));
}

TEST_P(LedgerConformance, GivesTheKeyToANewAttemptOnlyIfTheFirstSurelyDidNotRunAndMayBeRetried) {
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

TEST_P(LedgerConformance, AcceptsTheSameIdOnce) {
    const auto operation = purchase("", "pair");
    ASSERT_TRUE(ledger_->accept(operation));
    const auto again = ledger_->accept(operation);
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->replayed);
    EXPECT_EQ(ledger_->list({})->size(), 1U);
    ASSERT_TRUE(ledger_->claim(operation, "other"));
    EXPECT_EQ(ledger_->accept(operation).failure().slug, Slug::conflict);
}

TEST_P(LedgerConformance, RecordsTheSameTwiceAsOnce) {
    auto operation = purchase("key", "pair");
    ASSERT_TRUE(ledger_->accept(operation));
    operation.state = OperationState::settled;
    ASSERT_TRUE(ledger_->record(operation));
    ASSERT_TRUE(ledger_->record(operation));
    EXPECT_EQ(ledger_->find(operation.id)->state, OperationState::settled);
    EXPECT_EQ(ledger_->find(operation.id)->fence, 0);
}

TEST_P(LedgerConformance, TakesNeitherAKeyNorALockBackThatWasGivenAway) {
    auto first = purchase("key", "pair");
    ASSERT_TRUE(ledger_->accept(first));
    auto ended = first;
    ended.state = OperationState::failed;
    ended.problem = Failure{.slug = Slug::provider_throttled, .retryable = true};
    ASSERT_TRUE(ledger_->record(ended));
    const auto second = purchase("key", "pair");
    ASSERT_FALSE(ledger_->accept(second)->replayed);

    first.state = OperationState::observing;
    ASSERT_TRUE(ledger_->record(first));
    EXPECT_EQ(ledger_->find(first.id)->lock_key, std::nullopt);
    EXPECT_EQ(ledger_->find(first.id)->idempotency_key, std::nullopt);
    EXPECT_EQ(ledger_->accept(purchase("key", ""))->operation.id, second.id);
    EXPECT_EQ(ledger_->accept(purchase("", "pair")).failure().operation_id, second.id);
}

TEST_P(LedgerConformance, ChangesNothingWhenItRefuses) {
    put(purchase("", "pair"), OperationState::sent);
    auto earlier = purchase("key", "");
    earlier.problem = Failure{.slug = Slug::provider_throttled, .retryable = true};
    put(earlier, OperationState::failed);
    ASSERT_FALSE(ledger_->accept(purchase("key", "pair")));
    EXPECT_EQ(ledger_->find(earlier.id)->idempotency_key, "key");
    EXPECT_EQ(ledger_->list({})->size(), 2U);
}

TEST_P(LedgerConformance, KeepsWhatNoEngineTakesAsReplacementCharacters) {
    auto operation = purchase("key", "");
    ASSERT_TRUE(ledger_->accept(operation));
    using namespace std::string_literals;
    operation.target.native_id = "a\0b"s;
    operation.order_number = "\xFF\xC0\xAF";
    operation.baseline = {"\xED\xA0\x80", "fine — ünïcode"};
    operation.problem = Failure{.slug = Slug::provider_timeout,
                                .provider_error = ProviderError{"'; --", "\xF5\x80\x80\x80:x", "\\"}};
    ASSERT_TRUE(ledger_->record(operation));
    const auto found = ledger_->find(operation.id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->target.native_id, "a\uFFFDb");
    EXPECT_EQ(found->order_number, "\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(found->baseline, (std::vector<std::string>{"\uFFFD\uFFFD\uFFFD", "fine — ünïcode"}));
    EXPECT_EQ(found->problem->provider_error->code, "'; --");
    EXPECT_EQ(found->problem->provider_error->message, "\uFFFD\uFFFD\uFFFD\uFFFD:x");
    EXPECT_EQ(ledger_->list({.native_id = "a\0b"s})->size(), 1U);
}

TEST_P(LedgerConformance, ListsNewestFirstAndNarrows) {
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
    auto bought = purchase("", "");
    bought.id = "op5";
    bought.target.native_id = "irb-1";
    put(bought, OperationState::settled);
    auto released = bought;
    released.id = "op6";
    released.type = OperationType::release;
    put(released, OperationState::needs_attention);
    EXPECT_EQ(listed({.native_id = "irb-1"}), (std::vector<std::string>{"op6", "op5"}));
    EXPECT_EQ(listed({.named_purchase = true}), (std::vector<std::string>{"op5"}));
    EXPECT_EQ(listed({.provider = "scloud-sg", .open = true, .limit = 2}),
              (std::vector<std::string>{"op6", "op4"}));
}

TEST_P(LedgerConformance, ShowsAsOpenWhatHasNotEnded) {
    for (const auto state :
         {OperationState::accepted, OperationState::sent, OperationState::observing,
          OperationState::needs_attention, OperationState::settled, OperationState::failed})
        put(purchase("", ""), state);
    EXPECT_EQ(ledger_->list({.open = true})->size(), 4U);
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
