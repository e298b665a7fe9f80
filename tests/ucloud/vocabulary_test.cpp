#include "providers/ucloud/vocabulary.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace bwgw::ucloud {
namespace {

TEST(RetCodes, StandOnceEachAndInOrder) {
    for (std::size_t i = 1; i < kVerdicts.size(); ++i)
        EXPECT_LT(kVerdicts[i - 1].ret_code, kVerdicts[i].ret_code);
}

// The rows of the vendor's catalogue by what a purchase that got them has done, written down a second time.
TEST(RetCodes, AreJudgedAsTheCatalogueSays) {
    const std::set<std::int64_t> ambiguous = {110,  130,  150,  4021, 4026, 4452, 4453,
                                              4454, 4455, 4457, 4458, 4459, 4461, 4999};
    const std::set<std::int64_t> not_run = {
        153,  160,  161,  170,  171,  172,  174,  220,  230,  240,  292,  293,  294,  295,  299,   520,
        4018, 4022, 4030, 4031, 4032, 4057, 4059, 4060, 4067, 4207, 4210, 4211, 4212, 4217, 4219,  4220,
        4221, 4222, 4223, 4227, 4451, 4456, 4460, 4462, 4463, 4516, 4996, 4997, 8039, 8117, 54002, 214001};
    EXPECT_EQ(kVerdicts.size(), ambiguous.size() + not_run.size());
    for (const auto code : ambiguous) EXPECT_EQ(verdict_of(code).write, Outcome::unknown) << code;
    for (const auto code : not_run) EXPECT_EQ(verdict_of(code).write, Outcome::none) << code;
}

TEST(RetCodes, BecomeTheSlugByWhichACallerActs) {
    const std::map<Slug, std::set<std::int64_t>> expected = {
        {Slug::provider_timeout, {110}},
        {Slug::provider_unavailable,
         {130, 150, 4021, 4026, 4451, 4452, 4453, 4454, 4455, 4456, 4457, 4458, 4459, 4460, 4461, 4462,
          4999}},
        {Slug::provider_throttled, {153}},
        {Slug::provider_contract_violation, {160, 214001}},
        {Slug::unsupported, {161, 4996}},
        {Slug::provider_auth_failed, {170, 171, 172, 174}},
        {Slug::provider_permission_denied, {292, 293, 294, 295, 299, 4032, 4220}},
        {Slug::invalid_request, {220, 230, 240, 4031, 4217, 4227, 4463, 4997}},
        {Slug::insufficient_funds, {520, 4018, 4057, 4067}},
        {Slug::quota_exceeded, {4022, 4030, 4207}},
        {Slug::conflict, {4059, 4060, 4212, 4219, 4221, 4222, 4223, 4516, 8117}},
        {Slug::not_found, {4210, 4211, 8039, 54002}},
    };
    std::size_t judged = 0;
    for (const auto& [slug, codes] : expected) {
        for (const auto code : codes) EXPECT_EQ(verdict_of(code).slug, slug) << code;
        judged += codes.size();
    }
    EXPECT_EQ(judged, kVerdicts.size());
}

TEST(RetCodes, AreTransientOnlyWhereTheSameCallMaySucceedLater) {
    std::set<std::int64_t> transient;
    for (const auto& verdict : kVerdicts)
        if (verdict.transient) transient.insert(verdict.ret_code);
    EXPECT_EQ(transient, (std::set<std::int64_t>{110, 130, 150, 153, 4451, 4456, 4460, 4462}));
}

TEST(RetCodes, UnknownOnesAreNeverRepeatedAndMayHaveRun) {
    for (const std::int64_t code : {1, 199, 1999, 2000, 31337, -1}) {
        EXPECT_EQ(verdict_of(code).slug, Slug::provider_contract_violation) << code;
        EXPECT_EQ(verdict_of(code).write, Outcome::unknown) << code;
        EXPECT_FALSE(verdict_of(code).transient) << code;
    }
}

}  // namespace
}  // namespace bwgw::ucloud
