#include "providers/contract/identifiers.h"

#include <gtest/gtest.h>

#include "providers/contract/bandwidth.h"

namespace bwgw {
namespace {

TEST(BandwidthId, GivesBackWhatItWasMadeOf) {
    const BandwidthId id{"scloud-sg", {"legacy", "ugn-1", "irb-7k2m"}};
    const auto parsed = BandwidthId::parse(id.text());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->provider, "scloud-sg");
    EXPECT_EQ(parsed->ref, id.ref);
}

TEST(BandwidthId, IsOneTextForOneThing) {
    const BandwidthId id{"p", {"legacy", "n", "i"}};
    EXPECT_NE(id.text(), (BandwidthId{"p", {"legacy", "ni", ""}}.text()));
    EXPECT_NE(id.text(), (BandwidthId{"pl", {"egacy", "n", "i"}}.text()));
}

TEST(BandwidthId, RefusesWhatItDidNotMake) {
    const auto good = BandwidthId{"p", {"legacy", "n", "ii"}}.text();
    for (const auto& text : {std::string(""), std::string("!"), good + "=", good + "A", good.substr(1),
                             base64url_encode("only one part"), base64url_encode(std::string("a\0b\0c", 5)),
                             base64url_encode(std::string("a\0b\0c\0d\0e", 9)),
                             base64url_encode(std::string("a\0b\0\0d", 6)), std::string(2000, 'A')})
        EXPECT_FALSE(BandwidthId::parse(text)) << text;
}

TEST(Base64Url, KeepsEveryByteAndHasOneTextPerValue) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
        EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    }
    EXPECT_EQ(base64url_encode("f"), "Zg");
    EXPECT_EQ(base64url_encode("fo"), "Zm8");
    EXPECT_EQ(base64url_encode("foo"), "Zm9v");
    EXPECT_FALSE(base64url_decode("Zh")) << "the same byte by other spare bits";
    EXPECT_FALSE(base64url_decode("Z"));
}

TEST(TaggedName, CarriesTheMarkerAndGivesItBack) {
    const std::string marker = "gw-0123456789ab";
    for (const std::string name : {"", "link", "a.b", "gw-x", "x.gw-y"}) {
        const auto parsed = TaggedName::parse(TaggedName{name, marker}.text());
        EXPECT_EQ(parsed.name, name);
        EXPECT_EQ(parsed.marker, marker);
    }
}

TEST(TaggedName, OfARowThatIsNotOursIsAllName) {
    for (const std::string name :
         {"link", "link.gw-short", "gw-0123456789AB", "gw-0123456789abc", "link-gw-0123456789ab"}) {
        const auto parsed = TaggedName::parse(name);
        EXPECT_EQ(parsed.name, name);
        EXPECT_EQ(parsed.marker, "");
    }
}

TEST(TaggedName, FitsTheShortestVendorLimitWithTheLongestName) {
    EXPECT_LE((TaggedName{std::string(32, 'n'), "gw-0123456789ab"}.text().size()), 50U);
}

TEST(SamePair, IgnoresTheOrderOfItsEnds) {
    EXPECT_TRUE(same_pair({"hk", "sg"}, {"sg", "hk"}));
    EXPECT_TRUE(same_pair({"hk", "sg"}, {"hk", "sg"}));
    EXPECT_FALSE(same_pair({"hk", "sg"}, {"hk", "us"}));
    EXPECT_FALSE(same_pair({"hk", "hk"}, {"hk", "sg"}));
}

}  // namespace
}  // namespace bwgw
