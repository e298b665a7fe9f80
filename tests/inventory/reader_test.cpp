#include "gateway/inventory/reader.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/inventory/fixture.h"
#include "tests/support/poll_loop.h"

namespace bwgw::inventory {
namespace {

class ReaderTest : public testing::Test {
protected:
    void publish(std::int64_t mbps) {
        inventory.saw("east", {}, {Clock::now(), at(0ms).at}, {{bandwidth("a", mbps)}, {}});
    }
    auto wait(std::chrono::milliseconds span = 20s) {
        return test::start(reader.newer_than(reader.now(), loop.now() + span, caller.get_token()));
    }

    Inventory inventory{{"east"}, render};
    test::PollLoop loop;
    Reader reader{inventory, loop};
    std::stop_source caller;
};

TEST_F(ReaderTest, HasTheNewestSnapshotAndKeepsTheSameOneOtherwise) {
    const auto first = reader.now();
    EXPECT_EQ(reader.now(), first);
    publish(1);
    EXPECT_NE(reader.now(), first);
    EXPECT_EQ(reader.now(), inventory.snapshot());
}

TEST_F(ReaderTest, WakesAllWhoWaitWhenSomethingChangesOnAnotherThread) {
    auto one = wait();
    auto other = wait();
    EXPECT_FALSE(loop.run_until([&] { return one.done(); }, 5ms));
    std::jthread([&] { publish(1); });
    ASSERT_TRUE(loop.run_until([&] { return one.done() && other.done(); }));
    EXPECT_TRUE(*one.take());
    EXPECT_TRUE(*other.take());
    auto again = wait();
    publish(2);
    ASSERT_TRUE(loop.run_until([&] { return again.done(); })) << "and again";
    EXPECT_TRUE(*again.take());
}

TEST_F(ReaderTest, DoesNotWaitForWhatIsThere) {
    const auto seen = reader.now();
    publish(1);
    EXPECT_TRUE(*loop.run(reader.newer_than(seen, loop.now() - 1s, {})));
}

TEST_F(ReaderTest, EndsAtTheTimeWithTheCallerAndWithTheService) {
    auto timely = wait(10s);
    loop.skip(11s);
    ASSERT_TRUE(loop.run_until([&] { return timely.done(); }));
    EXPECT_FALSE(*timely.take());

    auto left = wait();
    caller.request_stop();
    ASSERT_TRUE(loop.run_until([&] { return left.done(); }));
    EXPECT_FALSE(*left.take());
    caller = {};

    auto open = wait();
    reader.stop();
    ASSERT_TRUE(loop.run_until([&] { return open.done(); }));
    EXPECT_FALSE(*open.take());
    EXPECT_FALSE(*loop.run(reader.newer_than(reader.now(), loop.now() + 20s, {}))) << "nobody waits any more";
}

}  // namespace
}  // namespace bwgw::inventory
