#include "tests/orders/fixture.h"

namespace bwgw::orders {
namespace {

class Purchase : public OrdersTest {};

TEST_F(Purchase, IsCertainAsSoonAsTheVendorNamesItAndSettledOnceAListingShowsIt) {
    vendor_->hidden_for = 3;  // the baseline, and two looks after
    const auto placed = buy();
    ASSERT_TRUE(placed);
    EXPECT_FALSE(placed->replayed);
    EXPECT_TRUE(placed->operation.bandwidth_id());
    ASSERT_TRUE(placed->observed);
    const auto settled = at_rest(placed->operation.id);
    EXPECT_EQ(settled.state, OperationState::settled);
    EXPECT_EQ(settled.outcome, Outcome::applied);
    EXPECT_EQ(settled.order_number, "order-1");
    EXPECT_EQ(settled.attempts, 1);
    EXPECT_FALSE(settled.lock_key);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Purchase, IsShownFromTheLedgerUntilAListingShowsIt) {
    vendor_->hidden_for = 1'000;
    const auto placed = buy();
    ASSERT_TRUE(placed);
    const auto unlisted = loop_.run(orders_->unlisted());
    ASSERT_TRUE(unlisted);
    EXPECT_FALSE(unlisted->problem);
    ASSERT_EQ(unlisted->entries.size(), 1U);
    EXPECT_EQ(unlisted->entries.front().id(), placed->operation.bandwidth_id());
    EXPECT_EQ(unlisted->entries.front().bandwidth.state, State::creating);
    EXPECT_EQ(unlisted->entries.front().bandwidth.bandwidth, Mbps::of(50));
    vendor_->hidden_for = 0;
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::settled);
    EXPECT_TRUE(loop_.run(orders_->unlisted())->entries.empty());
}

// Runs a job when told to.
struct HeldPool final : loop::Pool {
    bool submit(std::function<void()> job) override {
        jobs.push_back(std::move(job));
        return true;
    }
    void run_one() {
        ASSERT_EQ(jobs.size(), 1U);
        std::exchange(jobs, {}).front()();
    }
    std::vector<std::function<void()>> jobs;
};

TEST_F(Purchase, IsSeenByAllWhoAskAfterItThoughTheyShareOneQuestionToTheLedger) {
    vendor_->hidden_for = 1'000;
    HeldPool held;
    Orders reader(loop_, {held, *ledger_, *lease_, unlisted_, tally_}, *fleet_, pace());
    auto before = test::start(reader.unlisted());
    held.run_one();  // the ledger has answered, and nobody has heard it yet
    test::PollLoop elsewhere;
    Orders buyer(elsewhere, desk(), *fleet_, pace());
    const auto asking = context();
    const auto placed = elsewhere.run(buyer.buy(asking, "fake", order(), intake()));
    ASSERT_TRUE(placed);

    std::vector<test::Running<Bought>> after;
    for (int i = 0; i < 3; ++i) after.push_back(test::start(reader.unlisted()));
    EXPECT_TRUE(held.jobs.empty()) << "one question at a time";
    ASSERT_TRUE(loop_.run_until([&] { return before.done(); }));
    EXPECT_TRUE(before.take()->entries.empty());
    held.run_one();
    for (auto& one : after) {
        ASSERT_TRUE(loop_.run_until([&] { return one.done(); }));
        const auto bought = one.take();
        EXPECT_FALSE(bought->problem);
        EXPECT_EQ(bought->entries.size(), 1U);
    }
    EXPECT_TRUE(held.jobs.empty());
    vendor_->hidden_for = 0;
    EXPECT_TRUE(elsewhere.run_until([&] { return elsewhere.spawned() == 0; }));
}

TEST_F(Purchase, MayBeMissingAndIsSaidToBeForAllWhoShareAQuestionThatTheLedgerDoesNotAnswer) {
    HeldPool held;
    Orders reader(loop_, {held, *ledger_, *lease_, unlisted_, tally_}, *fleet_, pace());
    std::vector<test::Running<Bought>> asked;
    for (int i = 0; i < 3; ++i) asked.push_back(test::start(reader.unlisted()));
    for (auto& one : asked) {
        ASSERT_TRUE(loop_.run_until([&] { return one.done(); }));
        EXPECT_TRUE(one.take()->problem);
    }
    auto refused = test::start(reader.unlisted());
    EXPECT_TRUE(refused.done()) << "nobody waits for a ledger that has just failed";
    EXPECT_TRUE(refused.take()->problem);
    held.run_one();
    ASSERT_TRUE(loop_.run_until([&] { return !held.jobs.empty(); }));
    held.run_one();  // what the second and the third had waited for
    ASSERT_TRUE(loop_.run_until([&] { return loop_.spawned() == 0; }));
    auto again = test::start(reader.unlisted());
    held.run_one();
    ASSERT_TRUE(loop_.run_until([&] { return again.done(); }));
    EXPECT_FALSE(again.take()->problem);
}

TEST_F(Purchase, RecordsTheIntentBeforeTheVendorIsCalled) {
    std::optional<ledger::Operation> seen;
    vendor_->on_create = [&](const Order& order) {
        seen = ledger_->list({.open = true})->front();
        return vendor_->execute(order);
    };
    ASSERT_TRUE(buy());
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->state, OperationState::sent);
    EXPECT_EQ(seen->attempts, 1);
    EXPECT_TRUE(seen->sent_at);
}

TEST_F(Purchase, IsFoundByItsMarkerAfterAnAmbiguousAnswerAndNeverSentAgain) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        vendor_->execute(order);
        return unknown_outcome();
    };
    const auto placed = buy();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->operation.state, OperationState::settled);
    EXPECT_EQ(placed->operation.outcome, Outcome::applied);
    EXPECT_FALSE(placed->operation.problem);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Purchase, IsSentASecondTimeAfterTheSettleWindowWhereTheVendorSellsAPairOnce) {
    std::vector<std::chrono::steady_clock::time_point> sends;
    int looks_before = 0;
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        sends.push_back(std::chrono::steady_clock::now());
        if (sends.size() == 1) return unknown_outcome();
        looks_before = vendor_->lists;
        EXPECT_EQ(order.name, "link");
        EXPECT_EQ(order.marker, marker_of(ledger_->list({.open = true})->front().id));
        return vendor_->execute(order);
    };
    const auto placed = buy();
    ASSERT_TRUE(placed);
    const auto settled = at_rest(placed->operation.id);
    EXPECT_EQ(settled.state, OperationState::settled);
    EXPECT_EQ(settled.attempts, 2);
    ASSERT_EQ(sends.size(), 2U);
    EXPECT_GE(sends[1] - sends[0], pace().settle_window);
    EXPECT_GE(looks_before, 3) << "the baseline, and two looks after the window";
    EXPECT_EQ(vendor_->rows.size(), 1U);
    EXPECT_EQ(tally_.sent_again, 1U);
}

TEST_F(Purchase, WhoseSecondSendIsRefusedIsNotSaidToHaveFailed) {
    vendor_->on_create = [&](const Order&) -> Result<Receipt> {
        if (vendor_->creates == 1) return unknown_outcome();
        return surely_not_run(Slug::already_exists);  // the first may have run, and not show yet
    };
    const auto placed = buy();
    EXPECT_EQ(placed->operation.state, OperationState::needs_attention);
    EXPECT_EQ(placed->operation.outcome, Outcome::unknown);
    EXPECT_EQ(vendor_->creates, 2);
}

TEST_F(Purchase, WhoseSecondSendOurOwnLimitsRefuseIsSentOnceTheyLetItBy) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        if (vendor_->creates == 1) return unknown_outcome();
        if (vendor_->creates < 4) return not_let_by();
        return vendor_->execute(order);
    };
    const auto settled = at_rest(buy()->operation.id);
    EXPECT_EQ(settled.state, OperationState::settled);
    EXPECT_EQ(settled.attempts, 2) << "the vendor was asked twice";
    EXPECT_EQ(vendor_->rows.size(), 1U);
    EXPECT_EQ(tally_.sent_again, 1U);
}

TEST_F(Purchase, ThatOurOwnLimitsRefuseIsSurelyNotRunAndItsKeyTriesAnew) {
    vendor_->on_create = [&](const Order&) -> Result<Receipt> { return not_let_by(); };
    auto placed = buy();
    EXPECT_EQ(placed->operation.state, OperationState::failed);
    EXPECT_EQ(placed->operation.outcome, Outcome::none);
    EXPECT_EQ(placed->operation.problem->slug, Slug::rate_limited);
    vendor_->on_create = [&](const Order& order) { return vendor_->execute(order); };
    placed = buy();
    EXPECT_FALSE(placed->replayed);
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::settled);
    EXPECT_EQ(vendor_->rows.size(), 1U);
}

TEST_F(Purchase, IsLookedForFurtherWhenOurOwnLimitsRefuseALookOrAPrice) {
    auto bounded = intake();
    bounded.max_price = Money{*Decimal::parse("450"), "USD"};
    bounded.request.insert(1, R"("max_price":{"amount":"450","currency":"USD"},)");
    vendor_->price = Price{{*Decimal::parse("450"), "USD"}, {}, {}};
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        if (vendor_->creates > 1) return vendor_->execute(order);
        vendor_->list_failure = vendor_->quote_failure = not_let_by();
        return unknown_outcome();
    };
    bounded.wait = 200ms;
    const auto placed = buy(bounded);
    const auto& id = placed->operation.id;
    vendor_->list_failure.reset();
    const int quotes = vendor_->quotes;
    ASSERT_TRUE(loop_.run_until([&] { return vendor_->quotes > quotes + 1; }))
        << "it asks for the price again";
    EXPECT_EQ(ledger_->find(id)->state, OperationState::outcome_unknown);
    vendor_->quote_failure.reset();
    EXPECT_EQ(at_rest(id).state, OperationState::settled);
    EXPECT_EQ(vendor_->creates, 2);
}

TEST_F(Purchase, IsNotSentASecondTimeAboveItsMaxPrice) {
    auto bounded = intake();
    bounded.max_price = Money{*Decimal::parse("450"), "USD"};
    bounded.request.insert(1, R"("max_price":{"amount":"450","currency":"USD"},)");
    vendor_->price = Price{{*Decimal::parse("450"), "USD"}, {}, {}};
    vendor_->on_create = [&](const Order&) -> Result<Receipt> {
        vendor_->price = Price{{*Decimal::parse("451"), "USD"}, {}, {}};
        return unknown_outcome();
    };
    EXPECT_EQ(buy(bounded)->operation.state, OperationState::needs_attention);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Purchase, IsNotSentASecondTimeWhileWhatExistsCannotBeReadWhole) {
    vendor_->on_create = [&](const Order&) -> Result<Receipt> {
        if (vendor_->creates == 1)
            vendor_->list_problem = Failure{.slug = Slug::provider_timeout, .detail = "half"};
        return unknown_outcome();
    };
    const auto placed = buy(intake("key", 0ms));
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(
        loop_.run_until([&] { return std::chrono::steady_clock::now() - began > 2 * pace().settle_window; }));
    EXPECT_EQ(ledger_->find(placed->operation.id)->state, OperationState::outcome_unknown);
    EXPECT_EQ(vendor_->creates, 1);
    vendor_->list_problem.reset();
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::needs_attention);
    EXPECT_EQ(vendor_->creates, 2);
}

TEST_F(Purchase, NeedsAttentionWhenAnAmbiguousAnswerIsNeverExplained) {
    vendor_->on_create = [](const Order&) -> Result<Receipt> { return unknown_outcome(); };
    const auto placed = buy();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->operation.state, OperationState::needs_attention);
    EXPECT_EQ(placed->operation.attempts, 2);
    EXPECT_EQ(placed->operation.outcome, Outcome::unknown);
    ASSERT_TRUE(placed->operation.problem);
    EXPECT_EQ(placed->operation.problem->slug, Slug::provider_timeout);
    EXPECT_EQ(vendor_->creates, 2);
    EXPECT_FALSE(buy(intake("other"))) << "its pair stays locked";
}

TEST_F(Purchase, WithItsMarkerOnARowOfAnotherSizeIsNotGuessed) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        auto other = order;
        other.bandwidth_mbps = 51;
        vendor_->execute(other);
        return unknown_outcome();
    };
    EXPECT_EQ(buy()->operation.state, OperationState::needs_attention);
}

TEST_F(Purchase, OfAPairThatSomebodyElseTookMeanwhileIsRefused) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        auto other = order;
        other.marker = "gw-000000000000";
        vendor_->execute(other);
        return unknown_outcome();
    };
    const auto placed = buy();
    EXPECT_EQ(placed->operation.state, OperationState::failed);
    EXPECT_EQ(placed->operation.problem->slug, Slug::already_exists);
    EXPECT_FALSE(placed->operation.problem->bandwidth_id.empty());
}

TEST_F(Purchase, KnowsItsMarkerWhateverTheVendorsClockSays) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        vendor_->execute(order);
        vendor_->rows.back().created_at = Instant(1h);
        return unknown_outcome();
    };
    EXPECT_EQ(buy()->operation.state, OperationState::settled);
}

TEST_F(Purchase, ThatTheVendorNamedIsLookedForMuchLongerAndThenLeftToAPersonWithItsId) {
    vendor_->hidden_for = 1'000'000;
    const auto operation = at_rest(buy()->operation.id);
    EXPECT_EQ(operation.state, OperationState::needs_attention);
    EXPECT_EQ(operation.target.native_id, "id-1");
    EXPECT_EQ(operation.outcome, Outcome::applied);
}

TEST_F(Purchase, ThatTheVendorNamedIsLookedForBeyondTheSettleWindow) {
    vendor_->hidden_for = 1'000'000;
    const auto placed = buy();
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(
        loop_.run_until([&] { return std::chrono::steady_clock::now() - began > 2 * pace().settle_window; }));
    EXPECT_EQ(ledger_->find(placed->operation.id)->state, OperationState::observing);
    EXPECT_EQ(loop_.run(orders_->unlisted())->entries.size(), 1U);
    vendor_->hidden_for = 0;
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::settled);
}

TEST_F(Purchase, RepeatedAfterItsReleaseSaysThatItIsGone) {
    const auto first = buy();
    at_rest(first->operation.id);
    vendor_->rows.clear();
    const auto again = buy();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.failure().slug, Slug::not_found);
    EXPECT_EQ(again.failure().outcome, Outcome::applied);
    EXPECT_EQ(again.failure().operation_id, first->operation.id);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Purchase, StillUnclearWhenTheGatewayStopsIsAnsweredAndLeftOpen) {
    vendor_->on_create = [](const Order&) -> Result<Receipt> { return unknown_outcome(); };
    const auto asking = context();
    auto running = test::start(orders_->buy(asking, "fake", order(), intake("key", 20s)));
    ASSERT_TRUE(loop_.run_until([&] { return vendor_->lists > 1; }));
    orders_->stop();
    ASSERT_TRUE(loop_.run_until([&] { return running.done(); }, 3s));
    const auto placed = running.take();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->operation.state, OperationState::outcome_unknown);
}

TEST_F(Purchase, ThatFailedMayBeTriedAnewAsSoonAsItIsAnswered) {
    for (int i = 0; i < 20; ++i) {
        vendor_->on_create = [](const Order&) -> Result<Receipt> {
            return surely_not_run(Slug::provider_throttled, true);
        };
        const auto refused = buy();
        ASSERT_TRUE(refused) << word(refused.failure().slug);
        EXPECT_FALSE(refused->replayed);
        EXPECT_EQ(refused->operation.state, OperationState::failed);
    }
}

TEST_F(Purchase, NeverAdoptsTheFreeDefaultPackage) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        vendor_->execute(order);
        vendor_->rows.back().kind = Kind::inter_region_default;
        return unknown_outcome();
    };
    const auto placed = buy();
    EXPECT_EQ(placed->operation.state, OperationState::needs_attention);
    EXPECT_TRUE(placed->operation.target.native_id.empty());
}

TEST_F(Purchase, FailsWithoutEffectWhenTheVendorRefuses) {
    vendor_->on_create = [](const Order&) -> Result<Receipt> {
        return surely_not_run(Slug::insufficient_funds);
    };
    const auto placed = buy();
    ASSERT_TRUE(placed);
    const auto ended = at_rest(placed->operation.id);
    EXPECT_EQ(ended.state, OperationState::failed);
    EXPECT_EQ(ended.outcome, Outcome::none);
    EXPECT_EQ(ended.problem->slug, Slug::insufficient_funds);
    EXPECT_TRUE(buy(intake("other"))) << "the pair is free again";
}

TEST_F(Purchase, SendsNothingWhenWhatExistsCannotBeReadWhole) {
    vendor_->list_problem = Failure{.slug = Slug::provider_timeout, .detail = "half", .retryable = true};
    auto placed = buy();
    ASSERT_TRUE(placed);
    EXPECT_EQ(at_rest(placed->operation.id).problem->slug, Slug::provider_timeout);
    EXPECT_EQ(vendor_->creates, 0);
    vendor_->list_problem.reset();
    placed = buy();
    EXPECT_FALSE(placed->replayed) << "the same key tries anew, for the first surely did not run";
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Purchase, OfAPairThatIsHeldIsRefusedWithItsHolder) {
    const auto holder = existing();
    auto swapped = order();
    swapped.ends = {"sg", "hk"};
    const auto placed = buy(intake(), swapped);
    ASSERT_TRUE(placed);
    EXPECT_EQ(at_rest(placed->operation.id).problem->slug, Slug::already_exists);
    EXPECT_EQ(placed->operation.problem->bandwidth_id, holder.id());
    EXPECT_EQ(vendor_->creates, 0);
}

TEST_F(Purchase, OfAPairThatHasOnlyTheFreeDefaultGoesThrough) {
    existing();
    vendor_->rows.back().kind = Kind::inter_region_default;
    EXPECT_EQ(at_rest(buy()->operation.id).state, OperationState::settled);
}

TEST_F(Purchase, AnswersARepeatWithTheFirstOperation) {
    const auto first = buy();
    const auto again = buy();
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->operation.id, first->operation.id);
    ASSERT_TRUE(again->observed);
    EXPECT_EQ(again->observed->id(), first->operation.bandwidth_id());
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Purchase, UnderOneKeyByManyCallersAtOnceIsOnePurchase) {
    constexpr int kCallers = 100;
    const auto asking = context();
    std::vector<test::Running<Placement>> callers;
    for (int i = 0; i < kCallers; ++i)
        callers.push_back(test::start(orders_->buy(asking, "fake", order(), intake())));
    ASSERT_TRUE(loop_.run_until([&] {
        return std::all_of(callers.begin(), callers.end(), [](const auto& caller) { return caller.done(); });
    }));
    int answered = 0;
    for (auto& caller : callers) {
        const auto placed = caller.take();
        if (placed) {
            ++answered;
        } else {
            EXPECT_EQ(placed.failure().slug, Slug::idempotency_key_in_flight);
            EXPECT_FALSE(placed.failure().operation_id.empty());
            EXPECT_TRUE(placed.failure().retry_after);
        }
    }
    EXPECT_GE(answered, 1);
    EXPECT_EQ(vendor_->creates, 1);
    EXPECT_EQ(vendor_->rows.size(), 1U);
}

TEST_F(Purchase, OfOnePairUnderManyKeysAtOnceIsOnePurchase) {
    constexpr int kCallers = 50;
    const auto asking = context();
    std::vector<test::Running<Placement>> callers;
    for (int i = 0; i < kCallers; ++i)
        callers.push_back(
            test::start(orders_->buy(asking, "fake", order(), intake("key-" + std::to_string(i)))));
    ASSERT_TRUE(loop_.run_until([&] {
        return std::all_of(callers.begin(), callers.end(), [](const auto& caller) { return caller.done(); });
    }));
    EXPECT_EQ(vendor_->creates, 1);
    EXPECT_EQ(vendor_->rows.size(), 1U);
}

TEST_F(Purchase, IsAnsweredAtOnceWhenTheCallerWillNotWait) {
    const auto placed = buy(intake("key", 0ms));
    ASSERT_TRUE(placed);
    EXPECT_FALSE(ledger::ended(placed->operation.state));
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::settled);
}

TEST_F(Purchase, GoesOnWhenItsCallerLeaves) {
    std::stop_source caller;
    auto asking = context();
    asking.cancelled = caller.get_token();
    auto running = test::start(orders_->buy(asking, "fake", order(), intake()));
    caller.request_stop();
    ASSERT_TRUE(loop_.run_until([&] { return running.done(); }));
    EXPECT_EQ(at_rest(running.take()->operation.id).state, OperationState::settled);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(Purchase, KeepsToItsMaxPrice) {
    auto bounded = intake();
    bounded.max_price = Money{*Decimal::parse("449.99"), "USD"};
    EXPECT_EQ(buy(bounded)->operation.problem->slug, Slug::price_unavailable);
    vendor_->price = Price{{*Decimal::parse("450"), "USD"}, {}, {}};
    bounded.idempotency_key = "k2";
    EXPECT_EQ(buy(bounded)->operation.problem->slug, Slug::price_exceeded);
    bounded.idempotency_key = "k3";
    bounded.max_price->currency = "CNY";
    EXPECT_EQ(buy(bounded)->operation.problem->slug, Slug::price_unavailable);
    EXPECT_EQ(vendor_->creates, 0);
    bounded.idempotency_key = "k4";
    bounded.max_price = Money{*Decimal::parse("450.0"), "USD"};
    EXPECT_TRUE(buy(bounded)->operation.bandwidth_id());
}

TEST_F(Purchase, OfWhatTheProviderDoesNotSellIsRefusedBeforeAnythingIsAsked) {
    auto boost = order();
    boost.kind = Kind::eip_boost;
    EXPECT_EQ(buy(intake(), boost).failure().slug, Slug::unsupported);
    auto model = order();
    model.billing.model = BillingModel::traffic;
    EXPECT_EQ(buy(intake(), model).failure().slug, Slug::unsupported);
    auto size = order();
    size.bandwidth_mbps = 1001;
    EXPECT_EQ(buy(intake(), size).failure().slug, Slug::unsupported);
    EXPECT_EQ(vendor_->lists, 0);
}

TEST_F(Purchase, ThatTheVendorTookAndFailedToProvideIsLeftToAPersonForItMayBeChargedFor) {
    vendor_->on_create = [&](const Order& order) {
        auto receipt = vendor_->execute(order);
        vendor_->rows.back().state = State::failed;
        return receipt;
    };
    const auto operation = at_rest(buy()->operation.id);
    EXPECT_EQ(operation.state, OperationState::needs_attention);
    EXPECT_EQ(operation.outcome, Outcome::unknown);
    EXPECT_EQ(operation.problem->slug, Slug::conflict);
}

// A product whose create names nothing and whose listing echoes no marker.
class PurchaseWithoutMarker : public OrdersTest {
protected:
    PurchaseWithoutMarker() : OrdersTest(PurchaseSafety::none) {}
};

TEST_F(PurchaseWithoutMarker, IsFoundByTheDifferenceFromTheBaseline) {
    auto elsewhere = order();
    elsewhere.ends = {"hk", "us"};
    vendor_->execute(elsewhere);
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        vendor_->execute(order);
        return unknown_outcome();
    };
    const auto placed = buy();
    EXPECT_EQ(placed->operation.state, OperationState::settled);
    EXPECT_EQ(placed->operation.target.native_id, "id-2");
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(PurchaseWithoutMarker, IsNotTakenForTheFirstRowThatShows) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        auto strangers = order;
        strangers.name = "a stranger's";
        vendor_->execute(strangers);
        vendor_->on_list = [&, order, looks = 0]() mutable {
            if (++looks == 3) vendor_->execute(order);
        };
        return unknown_outcome();
    };
    EXPECT_EQ(buy()->operation.state, OperationState::needs_attention);
}

TEST_F(PurchaseWithoutMarker, IsNeverSentASecondTime) {
    vendor_->on_create = [](const Order&) -> Result<Receipt> { return unknown_outcome(); };
    EXPECT_EQ(buy()->operation.state, OperationState::needs_attention);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(PurchaseWithoutMarker, NeverAdoptsARowOfAnotherSize) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        auto other = order;
        other.bandwidth_mbps = 51;
        vendor_->execute(other);
        return unknown_outcome();
    };
    EXPECT_EQ(buy()->operation.state, OperationState::needs_attention);
}

TEST_F(PurchaseWithoutMarker, NeverAdoptsARowOlderThanTheIntent) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        vendor_->execute(order);
        vendor_->rows.back().created_at = Instant(1h);
        return unknown_outcome();
    };
    EXPECT_EQ(buy()->operation.state, OperationState::needs_attention);
}

TEST_F(PurchaseWithoutMarker, IsNotGuessedAmongTwoNewRows) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        vendor_->execute(order);
        vendor_->execute(order);
        return unknown_outcome();
    };
    EXPECT_EQ(buy()->operation.state, OperationState::needs_attention);
}

// A product whose create says yes and names nothing.
class PurchaseWithoutId : public OrdersTest {
protected:
    PurchaseWithoutId() : OrdersTest(PurchaseSafety::marker) {}
};

TEST_F(PurchaseWithoutId, IsNeverSentASecondTime) {
    vendor_->on_create = [](const Order&) -> Result<Receipt> { return unknown_outcome(); };
    EXPECT_EQ(buy()->operation.state, OperationState::needs_attention);
    EXPECT_EQ(vendor_->creates, 1);
}

TEST_F(PurchaseWithoutId, IsCertainOnceTheListingShowsItsMarker) {
    vendor_->on_create = [&](const Order& order) -> Result<Receipt> {
        vendor_->execute(order);
        vendor_->hidden_for = 3;
        return Receipt{"", "", "req"};
    };
    const auto placed = buy();
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->operation.state, OperationState::settled);
    EXPECT_EQ(placed->operation.target.native_id, "id-1");
    ASSERT_TRUE(placed->observed);
    EXPECT_EQ(placed->observed->bandwidth.name, "link");
}

}  // namespace
}  // namespace bwgw::orders
