#include "providers/contract/vendor_time.h"

#include <gtest/gtest.h>

#include <optional>

namespace bwgw {
namespace {

using namespace std::chrono_literals;

TEST(VendorTime, CountsWaitsThatOverlapOnce) {
    const auto time = std::make_shared<VendorTime>();
    const auto grows = [&] {
        return time->until(VendorTime::Clock::time_point(20s)) -
               time->until(VendorTime::Clock::time_point(10s));
    };
    EXPECT_EQ(grows(), 0s);
    std::optional<VendorTime::Wait> first(std::in_place, time);
    EXPECT_EQ(grows(), 10s);
    std::optional<VendorTime::Wait> second(std::in_place, time);
    EXPECT_EQ(grows(), 10s);
    first.reset();
    EXPECT_EQ(grows(), 10s) << "one is still open";
    second.reset();
    EXPECT_EQ(grows(), 0s);
    const auto past = time->until({});
    EXPECT_GT(past, 0s);
    std::optional<VendorTime::Wait> later(std::in_place, time);
    later.reset();
    EXPECT_GT(time->until({}), past);
}

TEST(VendorTime, KnowsWhatTheCallerAskedFor) {
    const auto time = std::make_shared<VendorTime>();
    { const VendorTime::Wait vendor(time); }
    EXPECT_EQ(time->asked(), 0s);
    const auto vendors = time->until({});
    { const VendorTime::Wait news(time, VendorTime::Why::asked); }
    EXPECT_GT(time->asked(), 0s);
    EXPECT_EQ(time->until({}), vendors + time->asked());
}

TEST(VendorTime, OfACallThatIsSharedIsEveryonesOnce) {
    const auto shared = std::make_shared<VendorTime>();
    const auto one = std::make_shared<VendorTime>();
    shared->share(one);
    shared->share(nullptr);
    std::optional<VendorTime::Wait> own(std::in_place, one);
    { const VendorTime::Wait call(shared); }
    EXPECT_GT(shared->until({}), 0s);
    const auto both = [&] { return one->until(VendorTime::Clock::time_point(20s)) - one->until({}); };
    EXPECT_EQ(both(), VendorTime::Clock::time_point(20s) - VendorTime::Clock::time_point{})
        << "its own is open";
    own.reset();
    const auto past = one->until({});
    EXPECT_GE(past, shared->until({}));
    { const VendorTime::Wait call(shared); }
    EXPECT_GT(one->until({}), past);
    EXPECT_EQ(both(), 0s);
}

TEST(VendorTime, IsNoConcernOfWhatNobodyCounts) {
    const VendorTime::Wait wait(nullptr);
}

}  // namespace
}  // namespace bwgw
