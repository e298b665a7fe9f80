// Who drives an operation, what is left behind, and how long a key is kept; on either engine.
#include <gtest/gtest.h>

#include "tests/ledger/store.h"

namespace bwgw::ledger {
namespace {

using LedgerDriving = OnEachEngine;
ON_EACH_ENGINE(LedgerDriving);

constexpr Timestamp at(long long seconds) {
    return Timestamp(std::chrono::seconds(seconds));
}

std::vector<std::string> ids(const Result<std::vector<Operation>>& operations) {
    std::vector<std::string> found;
    for (const auto& operation : *operations) found.push_back(operation.id);
    return found;
}

TEST_P(LedgerDriving, RefusesWhatAnEarlierDriverRecords) {
    auto before = purchase("", "pair");
    ASSERT_TRUE(ledger_->accept(before));
    auto after = ledger_->claim(before, "other");
    ASSERT_TRUE(after);
    EXPECT_EQ(after->owner, "other");
    EXPECT_EQ(after->fence, 1);
    EXPECT_EQ(after->lock_key, "pair");

    before.state = OperationState::sent;
    const auto refused = ledger_->record(before);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().slug, Slug::conflict);
    EXPECT_EQ(refused.failure().operation_id, before.id);
    EXPECT_EQ(ledger_->find(before.id)->state, OperationState::accepted);
    after->state = OperationState::sent;
    ASSERT_TRUE(ledger_->record(*after));
    ASSERT_TRUE(ledger_->record(*after));
    EXPECT_EQ(ledger_->find(before.id)->fence, 1);
    EXPECT_EQ(ledger_->find(before.id)->owner, "other");
}

TEST_P(LedgerDriving, LetsNobodyClaimByAnOldFenceOrWhatHasEndedOrIsNotThere) {
    const auto operation = purchase("", "");
    ASSERT_TRUE(ledger_->accept(operation));
    auto claimed = ledger_->claim(operation, "a");
    ASSERT_TRUE(claimed);
    EXPECT_EQ(ledger_->claim(operation, "b").failure().slug, Slug::conflict);
    claimed->state = OperationState::needs_attention;
    ASSERT_TRUE(ledger_->record(*claimed));
    claimed = ledger_->claim(*claimed, "b");
    ASSERT_TRUE(claimed);
    claimed->state = OperationState::settled;
    ASSERT_TRUE(ledger_->record(*claimed));
    EXPECT_EQ(ledger_->claim(*claimed, "c").failure().slug, Slug::conflict);
    EXPECT_EQ(ledger_->find(operation.id)->owner, "b");
    EXPECT_EQ(ledger_->claim(purchase("", ""), "c").failure().slug, Slug::conflict);
    EXPECT_EQ(ledger_->record(purchase("", "")).failure().slug, Slug::conflict);
}

TEST_P(LedgerDriving, FindsAsOrphansWhatNobodyAliveDrivesOldestFirst) {
    std::vector<Operation> all;
    for (const auto* owner : {"dead", "alive", "never", "dead", "dead", "dead"}) {
        auto operation = purchase("", "");
        operation.id = "op" + std::to_string(all.size());
        operation.owner = owner;
        all.push_back(operation);
    }
    put(all[0], OperationState::sent);
    put(all[1], OperationState::sent);
    put(all[2], OperationState::accepted);
    put(all[3], OperationState::needs_attention);
    put(all[4], OperationState::settled);
    put(all[5], OperationState::observing);
    ASSERT_TRUE(ledger_->renew("dead", at(100)));
    ASSERT_TRUE(ledger_->renew("alive", at(130)));

    EXPECT_EQ(ids(ledger_->orphans(at(99))), (std::vector<std::string>{"op2"}));
    EXPECT_EQ(ids(ledger_->orphans(at(100))), (std::vector<std::string>{"op0", "op2", "op5"}));
    ASSERT_TRUE(ledger_->renew("dead", at(140)));
    EXPECT_EQ(ids(ledger_->orphans(at(100))), (std::vector<std::string>{"op2"}));
    ASSERT_TRUE(ledger_->renew("alive", Timestamp{}));
    EXPECT_EQ(ids(ledger_->orphans(at(100))), (std::vector<std::string>{"op1", "op2"}));
    ASSERT_TRUE(ledger_->claim(all[2], "dead"));
    EXPECT_EQ(ids(ledger_->orphans(at(100))), (std::vector<std::string>{"op1"}));
}

TEST_P(LedgerDriving, ForgetsGatewaysLongDeadAndNoOthers) {
    put(
        [] {
            auto operation = purchase("", "");
            operation.owner = "old";
            return operation;
        }(),
        OperationState::sent);
    constexpr long long kDay = 86'400;
    ASSERT_TRUE(ledger_->renew("old", at(10)));
    ASSERT_TRUE(ledger_->renew("new", at(10 + kDay)));
    EXPECT_TRUE(ids(ledger_->orphans(at(0))).empty());
    ASSERT_TRUE(ledger_->renew("new", at(11 + kDay)));
    EXPECT_EQ(ids(ledger_->orphans(at(0))).size(), 1U);
}

TEST_P(LedgerDriving, FreesKeysOnlyOfWhatEndedLongAgoAndOfPurchasesReleasedLongAgo) {
    const auto one = [&](const std::string& key, OperationType type, OperationState state,
                         const std::string& native, long long ended) {
        auto operation = purchase(key, "");
        operation.type = type;
        operation.target.native_id = native;
        operation.updated_at = at(ended);
        put(operation, state);
    };
    using enum OperationType;
    using enum OperationState;
    one("bought and kept", create, settled, "r1", 10);
    one("bought and released long ago", create, settled, "r2", 10);
    one("release of it", release, settled, "r2", 20);
    one("bought and released lately", create, settled, "r3", 10);
    one("late release", release, settled, "r3", 200);
    one("bought and not released in the end", create, settled, "r4", 10);
    one("failed release", release, failed, "r4", 20);
    one("not bought", create, failed, "", 10);
    one("not bought lately", create, failed, "", 200);
    one("changed and kept", change, settled, "r1", 10);
    one("changed and released long ago", change, settled, "r2", 10);
    one("nobody knows", create, needs_attention, "", 10);
    one("on its way", create, observing, "r5", 10);

    EXPECT_EQ(*ledger_->forget_keys(at(100)), 5U);
    std::vector<std::string> kept;
    for (const auto& operation : *ledger_->list({}))
        if (operation.idempotency_key) kept.push_back(*operation.idempotency_key);
    EXPECT_EQ(kept,
              (std::vector<std::string>{"on its way", "nobody knows", "changed and kept", "not bought lately",
                                        "bought and not released in the end", "late release",
                                        "bought and released lately", "bought and kept"}));
    EXPECT_EQ(*ledger_->forget_keys(at(100)), 0U);
    EXPECT_FALSE(ledger_->accept(purchase("changed and released long ago", ""))->replayed);
}

}  // namespace
}  // namespace bwgw::ledger
