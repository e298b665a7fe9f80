#include "gateway/orders/natural_key.h"
#include "tests/orders/fixture.h"

namespace bwgw::orders {
namespace {

Order pair(std::string a, std::string b, std::string network = "vpc-1") {
    Order order;
    order.network_id = std::move(network);
    order.ends = {std::move(a), std::move(b)};
    return order;
}

Order boost(int hours, std::optional<Instant> from) {
    Order order;
    order.kind = Kind::eip_boost;
    order.region = "hk";
    order.eip_id = "eip-1";
    order.billing.term = Term{TermUnit::hour, hours};
    order.starts_at = from;
    return order;
}

TEST(NaturalKey, IsTheSameForAPairInEitherOrderAndDiffersOtherwise) {
    EXPECT_EQ(natural_key("p", pair("hk", "sg")), natural_key("p", pair("sg", "hk")));
    EXPECT_NE(natural_key("p", pair("hk", "sg")), natural_key("q", pair("hk", "sg")));
    EXPECT_NE(natural_key("p", pair("hk", "sg")), natural_key("p", pair("hk", "sg", "vpc-2")));
    EXPECT_NE(natural_key("p", pair("hk", "sg")), natural_key("p", pair("hk", "us")));
    EXPECT_NE(natural_key("p", pair("ab", "c")), natural_key("p", pair("a", "bc")));
}

TEST(Holder, OfABoostIsOneWhoseWindowOverlaps) {
    Bandwidth row;
    row.kind = Kind::eip_boost;
    row.eip_id = "eip-1";
    row.starts_at = Instant(std::chrono::hours(100));
    row.expires_at = Instant(std::chrono::hours(102));
    const auto held = [&](int hours, int from) {
        return holder(boost(hours, Instant(std::chrono::hours(from))), {row}, Instant{}) != nullptr;
    };
    EXPECT_FALSE(held(2, 98));
    EXPECT_TRUE(held(3, 98));
    EXPECT_TRUE(held(1, 101));
    EXPECT_FALSE(held(1, 102));
    EXPECT_TRUE(holder(boost(1, std::nullopt), {row}, Instant(std::chrono::hours(101))));
    row.eip_id = "eip-2";
    EXPECT_FALSE(held(1, 101));
}

TEST(Holder, IsNeverWhatIsBeingReleasedOrTheFreeDefault) {
    Bandwidth row;
    row.network_id = "vpc-1";
    row.ends = Ends{"sg", "hk"};
    row.state = State::active;
    EXPECT_TRUE(holder(pair("hk", "sg"), {row}, Instant{}));
    row.state = State::deleting;
    EXPECT_FALSE(holder(pair("hk", "sg"), {row}, Instant{}));
    row.state = State::active;
    row.kind = Kind::inter_region_default;
    EXPECT_FALSE(holder(pair("hk", "sg"), {row}, Instant{}));
}

TEST(Unlisted, TellsOfEveryChangeAndWhetherTheLedgerVouchesForIt) {
    std::vector<std::pair<std::size_t, bool>> told;
    Unlisted unlisted([&](const auto& all, bool certain) { told.emplace_back(all.size(), certain); });
    ledger::Operation operation;
    operation.id = "one";
    unlisted.bought(operation);
    EXPECT_EQ(told.back(), std::pair(1UL, false)) << "the ledger was never read";
    const auto now = Unlisted::Clock::now();
    const auto ticket = unlisted.ask(now);
    unlisted.saw({operation}, ticket.value());
    EXPECT_EQ(told.back(), std::pair(1UL, true));
    unlisted.failed(now);
    EXPECT_EQ(told.back(), std::pair(1UL, false));
    unlisted.ended("one");
    EXPECT_EQ(told.back(), std::pair(0UL, false));
    unlisted.saw({}, unlisted.ask(now + 2s).value());
    EXPECT_EQ(told.back(), std::pair(0UL, true));
}

}  // namespace
}  // namespace bwgw::orders
