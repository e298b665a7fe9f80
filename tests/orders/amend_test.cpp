#include "tests/orders/fixture.h"

namespace bwgw::orders {
namespace {

class Amend : public OrdersTest {
protected:
    static Intake resize_intake(std::string key = "") {
        return {key.empty() ? std::nullopt : std::optional(key), "fp", R"({"bandwidth_mbps":80})",
                std::nullopt, 5s};
    }
    Result<Placement> resize(const fleet::Entry& current, Intake with = resize_intake()) {
        const auto asking = context();
        return loop_.run(orders_->change(asking, current, Resize{80, {}}, std::move(with)));
    }
    Result<Placement> release(const fleet::Entry& current) {
        const auto asking = context();
        return loop_.run(orders_->release(asking, current, {std::nullopt, "fp", "{}", std::nullopt, 5s}));
    }
};

TEST_F(Amend, ResizesAndSettlesWhenTheValuesAreInForce) {
    const auto placed = resize(existing());
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->operation.state, OperationState::settled);
    ASSERT_TRUE(placed->observed);
    EXPECT_EQ(placed->observed->bandwidth.bandwidth, Mbps::of(80));
    EXPECT_EQ(vendor_->changes, 1);
}

TEST_F(Amend, RenamesAndKeepsTheMarker) {
    const auto current = existing();
    std::string marker;
    const auto rename = vendor_->on_change;
    vendor_->on_change = [&](const ResourceRef& ref, const Change& change) {
        marker = std::get<Rename>(change).marker;
        return rename(ref, change);
    };
    const auto asking = context();
    const auto placed = loop_.run(orders_->change(
        asking, current, Rename{"new", ""}, {std::nullopt, "fp", R"({"name":"new"})", std::nullopt, 5s}));
    EXPECT_EQ(placed->operation.state, OperationState::settled);
    EXPECT_EQ(marker, current.bandwidth.marker);
}

TEST_F(Amend, LooksAtTheVendorAfterAnAmbiguousAnswerAndNeverSendsAgain) {
    const auto current = existing();
    const auto apply = vendor_->on_change;
    vendor_->on_change = [&](const ResourceRef& ref, const Change& change) -> Result<Receipt> {
        (void)apply(ref, change);
        return unknown_outcome();
    };
    EXPECT_EQ(resize(current)->operation.state, OperationState::settled);
    EXPECT_EQ(vendor_->changes, 1);
}

TEST_F(Amend, NeedsAttentionWhenTheChangeNeverShows) {
    const auto current = existing();
    vendor_->on_change = [](const ResourceRef&, const Change&) -> Result<Receipt> {
        return unknown_outcome();
    };
    EXPECT_EQ(resize(current)->operation.state, OperationState::needs_attention);
    EXPECT_EQ(vendor_->changes, 1);
}

TEST_F(Amend, FailsWithoutEffectWhenTheVendorRefuses) {
    const auto current = existing();
    vendor_->on_change = [](const ResourceRef&, const Change&) -> Result<Receipt> {
        return surely_not_run(Slug::insufficient_funds);
    };
    const auto placed = resize(current);
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::failed);
    EXPECT_EQ(placed->operation.problem->slug, Slug::insufficient_funds);
}

TEST_F(Amend, IsOneWriteAtATimeOnOneBandwidth) {
    const auto current = existing();
    vendor_->on_change = [](const ResourceRef&, const Change&) -> Result<Receipt> {
        return unknown_outcome();  // so that the first is open for as long as the second may come
    };
    vendor_->on_release = [](const ResourceRef&) -> Result<Receipt> { return unknown_outcome(); };
    const auto asking = context();
    auto first = test::start(orders_->change(asking, current, Resize{80, {}}, resize_intake()));
    auto second =
        test::start(orders_->release(asking, current, {std::nullopt, "fp", "{}", std::nullopt, 5s}));
    ASSERT_TRUE(loop_.run_until([&] { return first.done() && second.done(); }));
    const auto one = first.take();
    const auto two = second.take();
    EXPECT_NE(static_cast<bool>(one), static_cast<bool>(two));
    EXPECT_EQ((one ? two : one).failure().slug, Slug::conflict);
    EXPECT_EQ(vendor_->changes + vendor_->releases, 1);
}

TEST_F(Amend, WaitsForThePurchaseToBeObserved) {
    vendor_->hidden_for = 1'000;
    const auto placed = buy();
    fleet::Entry current = *placed->observed;
    EXPECT_EQ(release(current).failure().slug, Slug::conflict);
    EXPECT_EQ(resize(current).failure().slug, Slug::conflict);
    vendor_->hidden_for = 0;
    at_rest(placed->operation.id);
    EXPECT_EQ(release(current)->operation.state, OperationState::settled);
}

TEST_F(Amend, ReleasesOnceAndSettlesWhenTheRowIsGone) {
    const auto placed = release(existing());
    EXPECT_EQ(placed->operation.state, OperationState::settled);
    EXPECT_EQ(vendor_->releases, 1);
}

TEST_F(Amend, TakesNotFoundOnReleaseAsGoneOnlyIfTheListingAgrees) {
    const auto current = existing();
    vendor_->on_release = [](const ResourceRef&) -> Result<Receipt> {
        return surely_not_run(Slug::not_found);
    };
    EXPECT_EQ(release(current)->operation.state, OperationState::needs_attention);
}

TEST_F(Amend, SettlesAReleaseAtTheRecycleBinAndTheNextOneAtAbsence) {
    auto current = existing();
    vendor_->on_release = [&](const ResourceRef& ref) {
        if (vendor_->row(ref.native_id)->state == State::recycled)
            vendor_->rows.clear();
        else
            vendor_->row(ref.native_id)->state = State::recycled;
        return Receipt{};
    };
    EXPECT_EQ(release(current)->operation.state, OperationState::settled);
    ASSERT_EQ(vendor_->rows.size(), 1U);
    current.bandwidth.state = State::recycled;
    EXPECT_EQ(release(current)->operation.state, OperationState::settled);
    EXPECT_TRUE(vendor_->rows.empty());
    EXPECT_EQ(vendor_->releases, 2);
}

TEST_F(Amend, DoesNotTakeASilentVendorForAnAbsentRow) {
    const auto current = existing();
    vendor_->on_release = [&](const ResourceRef&) -> Result<Receipt> {
        vendor_->list_failure = Failure{.slug = Slug::provider_unavailable, .detail = "down"};
        return unknown_outcome();
    };
    const auto asking = context();
    auto placed =
        loop_.run(orders_->release(asking, current, {std::nullopt, "fp", "{}", std::nullopt, 100ms}));
    ASSERT_TRUE(placed);
    EXPECT_EQ(placed->operation.state, OperationState::outcome_unknown);
    vendor_->list_failure.reset();
    vendor_->rows.clear();
    EXPECT_EQ(at_rest(placed->operation.id).state, OperationState::settled) << "and it recovers";
}

}  // namespace
}  // namespace bwgw::orders
