#include "tests/orders/fixture.h"

namespace bwgw::orders {
namespace {

// What a killed gateway left in the ledger, taken up by the next one.
class Resume : public OrdersTest {
protected:
    ledger::Operation left(OperationState state, OperationType type = OperationType::create) {
        auto with = intake();
        ledger::Operation operation;
        operation.id = ledger::new_operation_id();
        operation.type = type;
        operation.provider = "fake";
        operation.principal = "anonymous";
        operation.idempotency_key = "key";
        operation.fingerprint = with.fingerprint;
        operation.request = type == OperationType::create ? with.request : R"({"bandwidth_mbps":80})";
        operation.lock_key = "lock";
        operation.target = {"crb", "vpc-1", ""};
        operation.ends = {"hk", "sg"};
        operation.marker = marker_of(operation.id);
        operation.created_at = operation.updated_at =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now() - 1s);
        operation.sent_at = operation.created_at;
        if (type != OperationType::create) operation.target = existing().bandwidth.ref;
        EXPECT_TRUE(ledger_->accept(operation));
        operation.state = state;
        return *ledger_->record(operation);
    }
    ledger::Operation resumed(const ledger::Operation& operation) {
        EXPECT_TRUE(loop_.run(orders_->resume()));
        return at_rest(operation.id);
    }
    void bought_by(const ledger::Operation& operation) {
        auto what = order();
        what.marker = operation.marker;
        vendor_->execute(what);
    }
};

TEST_F(Resume, EndsWhatWasAcceptedAndNeverSentSoThatItsKeyMayTryAnew) {
    const auto ended = resumed(left(OperationState::accepted));
    EXPECT_EQ(ended.state, OperationState::failed);
    EXPECT_EQ(ended.outcome, Outcome::none);
    EXPECT_TRUE(ended.problem->retryable);
    EXPECT_FALSE(buy()->replayed);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Resume, FindsAPurchaseThatRanBeforeTheCrash) {
    const auto operation = left(OperationState::sent);
    bought_by(operation);
    const auto ended = resumed(operation);
    EXPECT_EQ(ended.state, OperationState::settled);
    EXPECT_EQ(ended.target.native_id, "id-1");
    EXPECT_EQ(vendor_->creates, 0);
}

TEST_F(Resume, LeavesAPurchaseThatIsNotFoundToAPersonAndSendsNothing) {
    EXPECT_EQ(resumed(left(OperationState::sent)).state, OperationState::needs_attention);
    EXPECT_EQ(vendor_->creates, 0);
}

TEST_F(Resume, LooksAtAChangeAndAtARelease) {
    const auto change = left(OperationState::sent, OperationType::change);
    vendor_->row(change.target.native_id)->bandwidth = Mbps::of(80);
    EXPECT_EQ(resumed(change).state, OperationState::settled);
    EXPECT_EQ(vendor_->changes, 0);
}

TEST_F(Resume, LooksAtARelease) {
    const auto release = left(OperationState::outcome_unknown, OperationType::release);
    vendor_->rows.clear();
    EXPECT_EQ(resumed(release).state, OperationState::settled);
    EXPECT_EQ(vendor_->releases, 0);
}

TEST_F(Resume, LeavesWhatThisRunAcceptedToTheCallThatDrivesIt) {
    const auto placed = buy(intake("other", 0ms));
    ASSERT_TRUE(loop_.run(orders_->resume()));
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::settled);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Resume, LeavesWhatNeedsAttentionAlone) {
    const auto operation = left(OperationState::needs_attention);
    bought_by(operation);
    EXPECT_EQ(resumed(operation).state, OperationState::needs_attention);
}

TEST_F(Resume, StoppingLeavesTheOperationOpenForTheNextStart) {
    const auto operation = left(OperationState::sent);
    ASSERT_TRUE(loop_.run(orders_->resume()));
    orders_->stop();
    EXPECT_EQ(at_rest(operation.id).state, OperationState::sent);
}

class Resolve : public Resume {
protected:
    Result<ledger::Operation> resolve(const ledger::Operation& operation, bool applied,
                                      std::string native_id = "") {
        const auto asking = context();
        return loop_.run(orders_->resolve(asking, operation, applied, std::move(native_id)));
    }
};

TEST_F(Resolve, AdoptsWhatAPersonSawIfTheListingShowsIt) {
    const auto operation = left(OperationState::needs_attention);
    EXPECT_EQ(resolve(operation, true, "id-1").failure().slug, Slug::not_found);
    bought_by(operation);
    const auto resolved = resolve(operation, true, "id-1");
    ASSERT_TRUE(resolved);
    EXPECT_EQ(resolved->state, OperationState::settled);
    EXPECT_EQ(resolved->outcome, Outcome::applied);
    EXPECT_EQ(ledger_->find(operation.id)->target.native_id, "id-1");
    EXPECT_FALSE(ledger_->find(operation.id)->lock_key);
}

TEST_F(Resolve, FreesThePairWhenNothingWasBought) {
    const auto operation = left(OperationState::needs_attention);
    const auto resolved = resolve(operation, false);
    ASSERT_TRUE(resolved);
    EXPECT_EQ(resolved->state, OperationState::failed);
    EXPECT_EQ(resolved->outcome, Outcome::none);
    EXPECT_FALSE(ledger_->find(operation.id)->lock_key);
    EXPECT_EQ(vendor_->creates, 0);
    EXPECT_FALSE(buy()->replayed) << "and its key may try anew";
}

TEST_F(Resolve, RefusesWhatWasThereBeforeOrIsSomethingElse) {
    auto operation = left(OperationState::needs_attention);
    bought_by(operation);
    operation.baseline = {"id-1"};
    EXPECT_EQ(resolve(operation, true, "id-1").failure().slug, Slug::conflict);
    operation.baseline.clear();
    operation.ends = {"hk", "us"};
    EXPECT_EQ(resolve(operation, true, "id-1").failure().slug, Slug::conflict);
}

TEST_F(Resolve, FreesABandwidthWhoseReleaseWasUnclear) {
    const auto operation = left(OperationState::needs_attention, OperationType::release);
    EXPECT_EQ(resolve(operation, true)->state, OperationState::settled);
}

TEST_F(Resolve, TouchesOnlyWhatWaitsForAPerson) {
    const auto operation = left(OperationState::sent);
    EXPECT_EQ(resolve(operation, false).failure().slug, Slug::conflict);
    EXPECT_EQ(ledger_->find(operation.id)->state, OperationState::sent);
}

}  // namespace
}  // namespace bwgw::orders
