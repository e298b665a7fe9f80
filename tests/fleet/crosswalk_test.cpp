#include "gateway/fleet/crosswalk.h"

#include <gtest/gtest.h>

namespace bwgw::fleet {
namespace {

const Crosswalk kCrosswalk({{"a", {"sg", "sin", "Singapore"}},
                            {"a", {"cn-bj1", "bjs", "Beijing 1"}},
                            {"a", {"cn-bj2", "bjs", "Beijing 2"}},
                            {"a", {"hkg", "xyz", "a code that looks like a metro"}},
                            {"a", {"hk", "hkg", "Hong Kong"}},
                            {"b", {"asia-east-1", "hkg", std::nullopt}},
                            {"b", {"nowhere", std::nullopt, std::nullopt}}});

TEST(Crosswalk, TakesAProvidersCodeFirstAndThenAMetro) {
    EXPECT_EQ(*kCrosswalk.resolve("a", "sg"), "sg");
    EXPECT_EQ(*kCrosswalk.resolve("a", "sin"), "sg");
    EXPECT_EQ(*kCrosswalk.resolve("a", "hkg"), "hkg") << "a code wins over a metro";
    EXPECT_EQ(*kCrosswalk.resolve("b", "hkg"), "asia-east-1");
}

TEST(Crosswalk, LeavesAWordThatItDoesNotKnowToTheProvider) {
    EXPECT_EQ(*kCrosswalk.resolve("b", "sin"), "sin");
    EXPECT_EQ(*kCrosswalk.resolve("c", "hkg"), "hkg");
}

TEST(Crosswalk, RefusesAMetroWithSeveralRegionsAndNamesThem) {
    const auto refused = kCrosswalk.resolve("a", "bjs");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().slug, Slug::invalid_request);
    EXPECT_NE(refused.failure().detail.find("cn-bj1, cn-bj2"), std::string::npos);
}

TEST(Crosswalk, NamesTheMetroWhereASourceDoes) {
    EXPECT_EQ(kCrosswalk.metro("b", "asia-east-1"), "hkg");
    EXPECT_FALSE(kCrosswalk.metro("b", "nowhere"));
    EXPECT_FALSE(kCrosswalk.metro("b", "hk"));
}

}  // namespace
}  // namespace bwgw::fleet
