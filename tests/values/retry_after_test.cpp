#include <gtest/gtest.h>

#include "providers/contract/http.h"

namespace bwgw {
namespace {

using namespace std::chrono_literals;

// Wed, 21 Oct 2026 07:28:00 GMT
constexpr std::chrono::sys_seconds kNow =
    std::chrono::sys_days(std::chrono::October / 21 / 2026) + 7h + 28min;

std::optional<std::chrono::seconds> wait(std::string value) {
    return retry_after({.status = 503, .headers = {{"retry-after", std::move(value)}}, .body = {}}, kNow);
}

TEST(RetryAfter, IsSecondsOrADate) {
    EXPECT_EQ(wait("0"), 0s);
    EXPECT_EQ(wait("120"), 120s);
    EXPECT_EQ(wait("Wed, 21 Oct 2026 07:28:30 GMT"), 30s);
    EXPECT_EQ(wait("Wed, 21 Oct 2026 07:00:00 GMT"), 0s) << "it is over";
}

TEST(RetryAfter, IsAnHourAtMost) {
    for (const auto* value : {"3601", "7200", "99999999999999999999", "Thu, 22 Oct 2026 07:28:00 GMT",
                              "Fri, 31 Dec 9999 23:59:59 GMT"})
        EXPECT_EQ(wait(value), 1h) << value;
}

TEST(RetryAfter, IsNothingWhereItIsNeither) {
    for (const auto* value : {"", "-1", "1.5", "+3", " 3", "soon", "Wed, 21 Oct 2026 07:28:30 CET",
                              "Wed, 21 Oct 2026 07:28:30 GMT+1", "2026-10-21T07:28:30Z"})
        EXPECT_EQ(wait(value), std::nullopt) << value;
    EXPECT_EQ(retry_after({}, kNow), std::nullopt);
}

}  // namespace
}  // namespace bwgw
