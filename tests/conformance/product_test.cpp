#include <algorithm>

#include "tests/conformance/harness.h"

namespace bwgw::conformance {
namespace {

constexpr Action kActions[] = {Action::create,  Action::list,  Action::resize,       Action::rename,
                               Action::release, Action::quote, Action::quote_resize, Action::regions};

std::string names(const ::testing::TestParamInfo<Product>& info) {
    return info.param.name;
}

// Where declared: the result is judged by `works`. Where not: refused, and the vendor is not asked.
#define EXPECT_AS_DECLARED(action, call, works)                          \
    if (can(action)) {                                                   \
        const auto result = call;                                        \
        ASSERT_TRUE(result) << result.failure().detail;                  \
        works;                                                           \
    } else {                                                             \
        const auto asked = requests();                                   \
        const auto result = call;                                        \
        ASSERT_FALSE(result);                                            \
        EXPECT_EQ(word(result.failure().slug), word(Slug::unsupported)); \
        EXPECT_EQ(word(result.failure().outcome), word(Outcome::none));  \
        EXPECT_EQ(requests(), asked);                                    \
    }

class ProductConformance : public Conformance {};

TEST_P(ProductConformance, ShowsWhatItBoughtAsItWasOrdered) {
    const auto order = GetParam().order(0);
    const auto row = bought();
    EXPECT_EQ(row.kind, order.kind);
    EXPECT_EQ(row.bandwidth, Mbps::of(order.bandwidth_mbps));
    EXPECT_EQ(row.ref.product, GetParam().name);
    if (order.kind == Kind::inter_region) {
        EXPECT_EQ(row.network_id, order.network_id);
        ASSERT_TRUE(row.ends);
        EXPECT_TRUE(same_pair(*row.ends, order.ends));
        EXPECT_EQ(word(row.billing.model), word(order.billing.model));
    } else {
        EXPECT_EQ(row.region, order.region);
        EXPECT_EQ(row.eip_id, order.eip_id);
        EXPECT_EQ(row.billing.term, order.billing.term);
    }
    EXPECT_TRUE(row.created_at);
    EXPECT_EQ(word(row.state), word(State::active));
    EXPECT_EQ(purchases(), 1u);
    EXPECT_EQ(requests(Action::create), 1u);
}

TEST_P(ProductConformance, GetsOneByItsNativeIdEvenIfTheVendorIgnoresTheFilter) {
    const auto first = bought(0);
    const auto second = bought(1);
    for (const bool ignores : {false, true}) {
        behave(ignores ? R"("ignore_id_filter":true)" : R"("ignore_id_filter":false)");
        for (const auto& row : {first, second}) {
            const auto got =
                list({.product = row.ref.product, .scope = row.ref.scope, .native_ids = {row.ref.native_id}});
            ASSERT_TRUE(got) << got.failure().detail;
            EXPECT_TRUE(got->complete());
            ASSERT_EQ(got->items.size(), 1u);
            EXPECT_EQ(got->items.front().ref, row.ref);
        }
    }
}

TEST_P(ProductConformance, SellsEveryDeclaredBillingModelAndNoOther) {
    ASSERT_FALSE(profile().billing_models.empty());
    for (const auto model : {BillingModel::fixed, BillingModel::percentile_95, BillingModel::fifth_peak,
                             BillingModel::traffic, BillingModel::unspecified}) {
        SCOPED_TRACE(word(model));
        const auto& models = profile().billing_models;
        sandbox_->post("/reset", "{}");
        auto order = GetParam().order(0);
        GetParam().bill(order, model);
        const auto receipt = create(order);
        const bool declared = std::find(models.begin(), models.end(), model) != models.end();
        EXPECT_EQ(bool(receipt), declared) << (receipt ? "" : receipt.failure().detail);
        EXPECT_EQ(purchases(), declared ? 1u : 0u);
        EXPECT_EQ(requests(Action::create), declared ? 1u : 0u);
        if (!declared && !receipt) EXPECT_EQ(word(receipt.failure().slug), word(Slug::unsupported));
        if (declared && order.kind == Kind::inter_region) {
            const auto listed = rows();
            ASSERT_EQ(listed.size(), 1u);
            EXPECT_EQ(word(listed.front().billing.model), word(model));
            EXPECT_EQ(listed.front().burst.has_value(), order.burst_mbps.has_value());
        }
    }
}

TEST_P(ProductConformance, SellsWithinTheDeclaredLimitsOnly) {
    for (const auto mbps : {profile().min_mbps, profile().max_mbps}) {
        sandbox_->post("/reset", "{}");
        behave(R"("max_bandwidth":100000000,"balance":1000000000000000)");
        auto order = GetParam().order(0);
        order.bandwidth_mbps = mbps;
        const auto receipt = create(order);
        EXPECT_TRUE(receipt) << mbps << ": " << receipt.failure().detail;
    }
    const auto asked = requests();
    for (const auto mbps : {profile().min_mbps - 1, profile().max_mbps + 1}) {
        auto order = GetParam().order(1);
        order.bandwidth_mbps = mbps;
        const auto receipt = create(order);
        ASSERT_FALSE(receipt);
        EXPECT_EQ(word(receipt.failure().slug), word(Slug::unsupported));
    }
    EXPECT_EQ(requests(), asked);
}

TEST_P(ProductConformance, ResizesIfDeclared) {
    const auto row = bought();
    EXPECT_AS_DECLARED(Action::resize, change(row.ref, Resize{25, {}}), {
        ASSERT_EQ(rows().size(), 1u);
        EXPECT_EQ(rows().front().bandwidth, Mbps::of(25));
        EXPECT_EQ(requests(Action::resize), 1u);
    });
}

TEST_P(ProductConformance, RenamesIfDeclaredAndKeepsTheMarker) {
    const auto row = bought();
    EXPECT_AS_DECLARED(Action::rename, change(row.ref, Rename{"other", row.marker}), {
        ASSERT_EQ(rows().size(), 1u);
        EXPECT_EQ(rows().front().name, "other");
        EXPECT_EQ(rows().front().marker, row.marker);
    });
}

TEST_P(ProductConformance, ReleasesAndThenShowsItNoMore) {
    const auto row = bought(0);
    const auto other = bought(1);
    const auto released = release(row.ref);
    ASSERT_TRUE(released) << released.failure().detail;
    ASSERT_EQ(rows().size(), 1u);
    EXPECT_EQ(rows().front().ref, other.ref);
    const auto again = release(row.ref);
    ASSERT_FALSE(again);
    EXPECT_EQ(requests(Action::release), 2u);
    EXPECT_EQ(rows().size(), 1u);
}

TEST_P(ProductConformance, QuotesAnOrderIfDeclared) {
    EXPECT_AS_DECLARED(Action::quote, quote(GetParam().order(0)), {
        EXPECT_EQ(result->amount.currency, "USD");
        EXPECT_GT(result->amount.amount.units(), 0);
        EXPECT_TRUE(result->per);
    });
    EXPECT_EQ(purchases(), 0u);
}

TEST_P(ProductConformance, QuotesAResizeIfDeclared) {
    const auto row = bought();
    EXPECT_AS_DECLARED(Action::quote_resize, quote(PriceOfResize{row.ref, {25, {}}}), {
        EXPECT_EQ(result->amount.currency, "USD");
        EXPECT_GT(result->amount.amount.units(), 0);
    });
    EXPECT_EQ(rows().front().bandwidth, row.bandwidth);
}

TEST_P(ProductConformance, GivesNoPriceWithoutItsCurrencyInTheSettings) {
    if (!can(Action::quote)) return;
    open(GetParam().credentials);
    const auto price = quote(GetParam().order(0));
    ASSERT_FALSE(price);
    EXPECT_EQ(word(price.failure().slug), word(Slug::price_unavailable));
    EXPECT_EQ(requests(), 0u);
}

TEST_P(ProductConformance, ListsRegionsIfDeclared) {
    const auto known = regions();
    ASSERT_TRUE(known) << known.failure().detail;
    EXPECT_TRUE(known->complete);
    EXPECT_EQ(!known->crosswalk.rows().empty(), can(Action::regions));
    for (const auto& row : known->crosswalk.rows()) EXPECT_TRUE(row.region.metro) << row.region.code;
    EXPECT_EQ(requests() > 0, can(Action::regions));
}

TEST_P(ProductConformance, DeclaresWhatABandwidthNeedsAtLeast) {
    for (const auto action : {Action::create, Action::list, Action::release}) EXPECT_TRUE(can(action));
    for (const auto action : kActions) {
        const auto& actions = profile().actions;
        EXPECT_LE(std::count(actions.begin(), actions.end(), action), 1) << word(action);
    }
    EXPECT_LE(profile().min_mbps, profile().max_mbps);
}

// What stands between an ambiguous create and a second purchase is as declared.
TEST_P(ProductConformance, ProvesItsPurchaseSafetyClass) {
    const auto order = GetParam().order(0);
    ASSERT_TRUE(create(order));
    auto again = order;
    std::swap(again.ends.a, again.ends.b);
    again.marker = "gw-bbbbbbbbbbbb";
    const auto second = create(again);
    switch (profile().safety) {
        case PurchaseSafety::natural_key:
            ASSERT_FALSE(second);
            EXPECT_EQ(word(second.failure().slug), word(Slug::already_exists));
            EXPECT_EQ(purchases(), 1u);
            break;
        case PurchaseSafety::marker:
            ASSERT_EQ(rows().size(), 1u);
            EXPECT_EQ(rows().front().marker, order.marker);
            EXPECT_EQ(rows().front().name, order.name);
            break;
        case PurchaseSafety::none:
            ASSERT_TRUE(second);
            EXPECT_EQ(rows().size(), 2u);
            EXPECT_EQ(purchases(), 2u);
            break;
    }
}

TEST_P(ProductConformance, ShowsThatTheAccountCannotPay) {
    behave(R"("balance":0)");
    const auto receipt = create(GetParam().order(0));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(word(receipt.failure().slug), word(Slug::insufficient_funds));
    EXPECT_FALSE(receipt.failure().retryable);
    EXPECT_EQ(purchases(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Every, ProductConformance, ::testing::ValuesIn(products()), names);

}  // namespace
}  // namespace bwgw::conformance
