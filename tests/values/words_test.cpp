#include <gtest/gtest.h>

#include "providers/contract/bandwidth.h"
#include "providers/contract/failure.h"
#include "providers/contract/provider.h"

namespace bwgw {
namespace {

template <class Enum>
void expect_words(std::optional<Enum> (*of)(std::string_view) noexcept, Enum last) {
    for (int i = 0; i <= static_cast<int>(last); ++i) {
        const auto value = static_cast<Enum>(i);
        EXPECT_FALSE(word(value).empty());
        EXPECT_EQ(of(word(value)), value) << word(value);
    }
    EXPECT_FALSE(of("no such word"));
    EXPECT_FALSE(of(""));
}

TEST(Words, AreOnePerValueBothWays) {
    expect_words(slug_of, Slug::internal);
    expect_words(outcome_of, Outcome::unknown);
    expect_words(kind_of, Kind::inter_region_default);
    expect_words(state_of, State::unknown);
    expect_words(service_tier_of, ServiceTier::gold);
    expect_words(path_policy_of, PathPolicy::lowest_cost);
    expect_words(billing_model_of, BillingModel::unspecified);
    expect_words(payment_of, Payment::unspecified);
    expect_words(term_unit_of, TermUnit::year);
}

TEST(Profile, FindsWhatItSells) {
    const Profile profile{
        "p", "f", {{"crb", Kind::inter_region, {Action::create, Action::list}, {}, 1, 10, {}}}};
    EXPECT_TRUE(profile.product_for(Kind::inter_region));
    EXPECT_FALSE(profile.product_for(Kind::eip_boost));
    EXPECT_TRUE(profile.product("crb"));
    EXPECT_FALSE(profile.product("eip"));
    EXPECT_TRUE(profile.can(Action::create));
    EXPECT_FALSE(profile.can(Action::quote));
}

}  // namespace
}  // namespace bwgw
