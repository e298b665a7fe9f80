#include <fmt/format.h>

#include "tests/conformance/harness.h"

namespace bwgw::conformance {
namespace {

std::string names(const ::testing::TestParamInfo<Product>& info) {
    return info.param.name;
}

constexpr std::chrono::milliseconds kShort{250};  // for a vendor that does not answer

// Ways to spoil the answer to a request.
constexpr std::string_view kSpoiled[] = {
    R"("kind":"reset")",       R"("kind":"status","status":500)", R"("kind":"status","status":502)",
    R"("kind":"broken_body")", R"("kind":"empty_body")",          R"("kind":"cut_body")",
    R"("kind":"hang")",        R"("kind":"status","status":504)",
};

class FailureConformance : public Conformance {
protected:
    void expect_unknown(const Result<Receipt>& receipt) {
        ASSERT_FALSE(receipt);
        EXPECT_EQ(word(receipt.failure().outcome), word(Outcome::unknown)) << receipt.failure().detail;
        EXPECT_FALSE(receipt.failure().retryable);
        EXPECT_EQ(requests(Action::create), 1u);
    }
};

TEST_P(FailureConformance, BlamesOurCredentialAndBuysNothing) {
    open(GetParam().wrong_credentials);
    const auto listing = list();
    const auto receipt = create(GetParam().order(0));
    ASSERT_FALSE(listing);
    ASSERT_FALSE(receipt);
    EXPECT_EQ(word(listing.failure().slug), word(Slug::provider_auth_failed));
    EXPECT_EQ(word(receipt.failure().slug), word(Slug::provider_auth_failed));
    EXPECT_EQ(word(receipt.failure().outcome), word(Outcome::none));
    EXPECT_FALSE(receipt.failure().retryable);
    EXPECT_EQ(purchases(), 0u);
}

TEST_P(FailureConformance, MayBeAskedAgainWhenThrottled) {
    fault(Action::create, R"("kind":"throttled","retry_after":7)");
    const auto receipt = create(GetParam().order(0));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(word(receipt.failure().slug), word(Slug::provider_throttled));
    EXPECT_EQ(word(receipt.failure().outcome), word(Outcome::none));
    EXPECT_TRUE(receipt.failure().retryable);
    EXPECT_EQ(purchases(), 0u);
    EXPECT_EQ(requests(Action::create), 1u);
    EXPECT_TRUE(create(GetParam().order(0)));
}

TEST_P(FailureConformance, IsUnavailableWithNothingSentWhereNobodyListens) {
    open(GetParam().credentials, "", 1);
    const auto receipt = create(GetParam().order(0));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(word(receipt.failure().slug), word(Slug::provider_unavailable));
    EXPECT_EQ(word(receipt.failure().outcome), word(Outcome::none));
    EXPECT_TRUE(receipt.failure().retryable);
}

// The vendor bought it, then the answer was lost: that is neither bought nor failed, and sent once.
TEST_P(FailureConformance, DoesNotKnowTheOutcomeOfAPurchaseWhoseAnswerWasLost) {
    for (const auto spoiled : kSpoiled) {
        SCOPED_TRACE(spoiled);
        sandbox_->post("/reset", "{}");
        sandbox_->heal();
        (void)rows();  // a kept-alive connection that a careless client would send the order on, twice
        fault(Action::create, fmt::format(R"("when":"after",{})", spoiled));
        expect_unknown(create(GetParam().order(0), kShort));
        EXPECT_EQ(purchases(), 1u);
        EXPECT_EQ(rows().size(), 1u);
    }
}

TEST_P(FailureConformance, DoesNotKnowTheOutcomeWhereTheVendorDoesNotSayThatItRefused) {
    for (const auto spoiled : kSpoiled) {
        SCOPED_TRACE(spoiled);
        sandbox_->post("/reset", "{}");
        sandbox_->heal();
        fault(Action::create, fmt::format(R"("when":"before",{})", spoiled));
        expect_unknown(create(GetParam().order(0), kShort));
        EXPECT_EQ(purchases(), 0u);
    }
}

TEST_P(FailureConformance, DoesNotKnowTheOutcomeAfterACodeThatLeavesItOpen) {
    for (const auto& code : GetParam().ambiguous_codes) {
        SCOPED_TRACE(code);
        sandbox_->post("/reset", "{}");
        sandbox_->heal();
        fault(Action::create,
              fmt::format(R"("when":"after","kind":"retcode","code":"{}","message":"busy")", code));
        const auto receipt = create(GetParam().order(0));
        expect_unknown(receipt);
        ASSERT_TRUE(receipt.failure().provider_error);
        EXPECT_EQ(receipt.failure().provider_error->code, code);
        EXPECT_EQ(purchases(), 1u);
    }
}

TEST_P(FailureConformance, DoesNotKnowTheOutcomeOfAChangeWhoseAnswerWasLost) {
    if (!can(Action::resize)) return;
    const auto row = bought();
    fault(Action::resize, R"("when":"after","kind":"reset")");
    const auto changed = change(row.ref, Resize{25, {}});
    ASSERT_FALSE(changed);
    EXPECT_EQ(word(changed.failure().outcome), word(Outcome::unknown));
    EXPECT_EQ(requests(Action::resize), 1u);
    EXPECT_EQ(rows().front().bandwidth, Mbps::of(25));
}

TEST_P(FailureConformance, DoesNotKnowTheOutcomeOfAReleaseWhoseAnswerWasLost) {
    const auto row = bought();
    fault(Action::release, R"("when":"after","kind":"empty_body")");
    const auto released = release(row.ref);
    ASSERT_FALSE(released);
    EXPECT_EQ(word(released.failure().outcome), word(Outcome::unknown));
    EXPECT_EQ(requests(Action::release), 1u);
    EXPECT_TRUE(rows().empty());
}

// Whatever a listing meets, it is never taken for an empty account; and it works again afterwards.
TEST_P(FailureConformance, NeverTakesABrokenListingForAnEmptyAccount) {
    constexpr std::string_view kBroken[] = {
        R"("kind":"reset")",
        R"("kind":"hang")",
        R"("kind":"broken_body")",
        R"("kind":"empty_body")",
        R"("kind":"cut_body")",
        R"("kind":"status","status":500)",
        R"("kind":"status","status":404)",
        R"("kind":"throttled")",
        R"("kind":"redirect","location":"http://127.0.0.1:1/")",
        R"("kind":"challenge")",
        R"("kind":"huge_body","size_bytes":9000000)",
        R"("kind":"deep_json")",
    };
    const auto row = bought();
    for (const auto broken : kBroken) {
        SCOPED_TRACE(broken);
        fault(Action::list, fmt::format(R"("when":"before","times":-1,{})", broken));
        const auto listing = list({}, kShort);
        EXPECT_FALSE(listing && listing->complete() && listing->items.empty());
        if (!listing) EXPECT_EQ(word(listing.failure().outcome), word(Outcome::none));
        sandbox_->heal();
        ASSERT_EQ(rows().size(), 1u);
        EXPECT_EQ(rows().front().ref, row.ref);
    }
}

TEST_P(FailureConformance, KeepsToItsDeadlineWhereTheVendorDripsItsAnswer) {
    fault(Action::list, R"("kind":"drip","delay_ms":50,"times":-1)");
    const auto began = std::chrono::steady_clock::now();
    const auto listing = list({}, kShort);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    EXPECT_FALSE(listing && listing->complete());
}

INSTANTIATE_TEST_SUITE_P(Every, FailureConformance, ::testing::ValuesIn(products()), names);

}  // namespace
}  // namespace bwgw::conformance
