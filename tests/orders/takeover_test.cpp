#include "tests/orders/fixture.h"

namespace bwgw::orders {
namespace {

// What a dead process left in the ledger, taken over by a living one.
class TakeOver : public OrdersTest {
protected:
    using OrdersTest::OrdersTest;
    ledger::Operation left(OperationState state, OperationType type = OperationType::create,
                           std::string owner = "a dead process", std::string provider = "fake") {
        auto with = intake();
        ledger::Operation operation;
        operation.id = ledger::new_operation_id();
        operation.type = type;
        operation.provider = std::move(provider);
        operation.owner = std::move(owner);
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
        operation.attempts = state == OperationState::accepted ? 0 : 1;
        EXPECT_TRUE(ledger_->record(operation));
        return operation;
    }
    ledger::Operation taken_over(const ledger::Operation& operation) {
        EXPECT_TRUE(loop_.run(orders_->attend()));
        return at_rest(operation.id);
    }
    void bought_by(const ledger::Operation& operation) {
        auto what = order();
        what.marker = operation.marker;
        vendor_->execute(what);
    }
};

TEST_F(TakeOver, EndsWhatWasAcceptedAndNeverSentSoThatItsKeyMayTryAnew) {
    const auto ended = taken_over(left(OperationState::accepted));
    EXPECT_EQ(ended.state, OperationState::failed);
    EXPECT_EQ(ended.outcome, Outcome::none);
    EXPECT_TRUE(ended.problem->retryable);
    EXPECT_FALSE(buy()->replayed);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(TakeOver, FindsAPurchaseThatRanBeforeTheCrash) {
    const auto operation = left(OperationState::sent);
    bought_by(operation);
    const auto ended = taken_over(operation);
    EXPECT_EQ(ended.state, OperationState::settled);
    EXPECT_EQ(ended.target.native_id, "id-1");
    EXPECT_EQ(vendor_->creates, 0);
}

TEST_F(TakeOver, SendsAPurchaseThatIsNotFoundOnceMoreWhereTheVendorSellsAPairOnce) {
    const auto ended = taken_over(left(OperationState::sent));
    EXPECT_EQ(ended.state, OperationState::settled);
    EXPECT_EQ(ended.attempts, 2);
    EXPECT_EQ(vendor_->creates, 1);
}

class TakeOverWithoutMarker : public TakeOver {
protected:
    TakeOverWithoutMarker() : TakeOver(PurchaseSafety::none) {}
};

TEST_F(TakeOverWithoutMarker, LeavesAPurchaseThatIsNotFoundToAPersonAndSendsNothing) {
    EXPECT_EQ(taken_over(left(OperationState::sent)).state, OperationState::needs_attention);
    EXPECT_EQ(vendor_->creates, 0);
}

TEST_F(TakeOver, LeavesTheOldDriverNothingToRecord) {
    auto old = left(OperationState::sent);
    bought_by(old);
    EXPECT_EQ(taken_over(old).state, OperationState::settled);
    old.state = OperationState::failed;
    EXPECT_EQ(ledger_->record(old).failure().slug, Slug::conflict);
    EXPECT_EQ(ledger_->find(old.id)->state, OperationState::settled);
}

TEST_F(TakeOver, LeavesWhatALivingProcessDrives) {
    ledger::Lease other(*ledger_, kLease);
    ASSERT_TRUE(other.renew(loop_.now(), std::chrono::floor<std::chrono::milliseconds>(loop_.wall())));
    const auto operation = left(OperationState::sent, OperationType::create, other.owner());
    bought_by(operation);
    EXPECT_EQ(taken_over(operation).state, OperationState::sent);
    ASSERT_TRUE(other.end());
    EXPECT_EQ(taken_over(operation).state, OperationState::settled);
}

TEST_F(TakeOver, WaitsUntilItsOwnLeaseHasBeenHeldForAWholeSpan) {
    ledger::Lease young(*ledger_, kLease);
    ASSERT_TRUE(young.renew(loop_.now(), std::chrono::floor<std::chrono::milliseconds>(loop_.wall())));
    Orders orders(loop_, {pool_, *ledger_, young, unlisted_, tally_}, *fleet_, pace());
    const auto operation = left(OperationState::sent);
    ASSERT_TRUE(loop_.run(orders.attend()));
    EXPECT_EQ(ledger_->find(operation.id)->owner, operation.owner);
}

TEST_F(TakeOver, LeavesWhatIsNotConfiguredHere) {
    auto operation = left(OperationState::sent, OperationType::create, "a dead process", "elsewhere");
    EXPECT_EQ(taken_over(operation).state, OperationState::sent);
    EXPECT_EQ(ledger_->find(operation.id)->owner, operation.owner);
}

TEST_F(TakeOver, DoesNotMistakeWhatWasInTheRecycleBinForReleased) {
    auto release = left(OperationState::sent, OperationType::release);
    release.baseline = {release.target.native_id};
    ASSERT_TRUE(ledger_->record(release));
    vendor_->row(release.target.native_id)->state = State::recycled;
    EXPECT_EQ(taken_over(release).state, OperationState::needs_attention);
}

// This process was stopped for longer than its lease, and another took its write over.
class Overtaken : public TakeOver {
protected:
    // In the middle of the vendor's answer.
    void overtake() {
        const auto operation = ledger_->list({.open = true})->front();
        ASSERT_TRUE(ledger_->claim(operation, "another process"));
    }
};

TEST_F(Overtaken, ItSendsNothing) {
    const auto quoted = Price{{*Decimal::parse("1"), "USD"}, {}, {}};
    vendor_->price = quoted;
    vendor_->on_list = [&] { overtake(); };  // the baseline
    const auto placed = buy();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->operation.state, OperationState::accepted) << "as the other has it";
    EXPECT_EQ(vendor_->creates, 0);
}

TEST_F(Overtaken, TheVendorsWordThatOnlyItHasIsKept) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        auto receipt = vendor_->execute(order);
        overtake();
        return receipt;
    };
    const auto ended = at_rest(buy()->operation.id);
    EXPECT_EQ(ended.state, OperationState::settled);
    EXPECT_EQ(ended.target.native_id, "id-1");
    EXPECT_EQ(ended.fence, 2);
}

TEST_F(Overtaken, AnUnclearAnswerIsLeftToTheOther) {
    vendor_->on_create = [&](const Order&) -> Result<Receipt> {
        overtake();
        return unknown_outcome();
    };
    const auto placed = buy();
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::sent);
    EXPECT_EQ(ledger_->find(placed->operation.id)->owner, "another process");
}

TEST_F(TakeOver, LooksAtAChangeAndAtARelease) {
    const auto change = left(OperationState::sent, OperationType::change);
    vendor_->row(change.target.native_id)->bandwidth = Mbps::of(80);
    EXPECT_EQ(taken_over(change).state, OperationState::settled);
    EXPECT_EQ(vendor_->changes, 0);
}

TEST_F(TakeOver, LooksAtARelease) {
    const auto release = left(OperationState::outcome_unknown, OperationType::release);
    vendor_->rows.clear();
    EXPECT_EQ(taken_over(release).state, OperationState::settled);
    EXPECT_EQ(vendor_->releases, 0);
}

TEST_F(TakeOver, LeavesWhatThisRunAcceptedToTheCallThatDrivesIt) {
    const auto placed = buy(intake("other", 0ms));
    ASSERT_TRUE(loop_.run(orders_->attend()));
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::settled);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(TakeOver, LeavesWhatNeedsAttentionAlone) {
    const auto operation = left(OperationState::needs_attention);
    bought_by(operation);
    EXPECT_EQ(taken_over(operation).state, OperationState::needs_attention);
}

TEST_F(TakeOver, StoppingLeavesTheOperationOpenForTheNextStart) {
    const auto operation = left(OperationState::sent);
    ASSERT_TRUE(loop_.run(orders_->attend()));
    orders_->stop();
    EXPECT_EQ(at_rest(operation.id).state, OperationState::sent);
}

class Resolve : public TakeOver {
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

TEST_F(Resolve, HearsOneOfTwoPersons) {
    const auto operation = left(OperationState::needs_attention);
    ASSERT_TRUE(resolve(operation, false));
    EXPECT_EQ(resolve(operation, true, "").failure().slug, Slug::conflict);
    EXPECT_EQ(ledger_->find(operation.id)->state, OperationState::failed);
}

TEST_F(Resolve, EndsWhatIsOpenPastItsSettleWindow) {
    const auto operation = left(OperationState::observing);
    EXPECT_EQ(resolve(operation, false)->state, OperationState::failed);
}

TEST_F(Resolve, TouchesOnlyWhatWaitsForAPerson) {
    auto operation = left(OperationState::sent);
    operation.sent_at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    ASSERT_TRUE(ledger_->record(operation));
    EXPECT_EQ(resolve(operation, false).failure().slug, Slug::conflict);
    EXPECT_EQ(ledger_->find(operation.id)->state, OperationState::sent);
}

}  // namespace
}  // namespace bwgw::orders
