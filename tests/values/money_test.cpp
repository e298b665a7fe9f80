#include "providers/contract/money.h"

#include <gtest/gtest.h>

namespace bwgw {
namespace {

TEST(Decimal, ReadsAndWritesDecimalText) {
    for (const auto& [text, shortest] : {std::pair{"0", "0"},
                                         {"12", "12"},
                                         {"12.5", "12.5"},
                                         {"450.0", "450"},
                                         {"0.000001", "0.000001"},
                                         {"1.2300000000", "1.23"},
                                         {"999999999999.999999", "999999999999.999999"}}) {
        const auto decimal = Decimal::parse(text);
        ASSERT_TRUE(decimal) << text;
        EXPECT_EQ(decimal->text(), shortest);
    }
}

TEST(Decimal, RefusesWhatIsNotOneExactly) {
    for (const auto* text :
         {"", ".5", "5.", "-1", "+1", "1e3", "1,5", " 1", "1 ", "0.0000001", "1000000000000", "1.2.3", "x"})
        EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(Decimal, MultipliesExactlyOrNotAtAll) {
    const auto times = [](const char* left, const char* right) {
        const auto product = Decimal::parse(left)->times(*Decimal::parse(right));
        return product ? product->text() : "nothing";
    };
    EXPECT_EQ(times("1000", "0.01"), "10");
    EXPECT_EQ(times("4500", "1"), "4500");
    EXPECT_EQ(times("2.5", "2.5"), "6.25");
    EXPECT_EQ(times("0.001", "0.0001"), "nothing") << "a digit would be lost";
    EXPECT_EQ(times("999999999999", "999999999999"), "nothing") << "it overflows";
}

}  // namespace
}  // namespace bwgw
