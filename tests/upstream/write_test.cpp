#include "tests/upstream/fixture.h"

namespace bwgw::test {
namespace {

struct Write : Upstream {};

std::size_t creates(const Vendor& vendor) {
    std::size_t count = 0;
    for (const auto& request : vendor.seen()) count += request.head.starts_with("POST") ? 1 : 0;
    return count;
}

// Answers lists, and executes a purchase without an answer.
Act execute_then_reset(const Seen& request) {
    if (request.head.starts_with("GET")) return answer("[]");
    return {"", Act::After::reset};
}

TEST_F(Write, IsSentOnceWhenTheVendorExecutesItAndResetsAKeptAliveConnection) {
    Vendor vendor(execute_then_reset);
    ASSERT_TRUE(send(read(vendor.url())));
    const auto bought = send(write(vendor.url()));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(bought.failure().outcome, Outcome::unknown);
    EXPECT_FALSE(bought.failure().retryable);
    EXPECT_EQ(creates(vendor), 1U);
    ASSERT_TRUE(send(read(vendor.url())));
    EXPECT_EQ(creates(vendor), 1U);
}

TEST_F(Write, WouldBeSentTwiceByLibcurlIfItWereMarkedAsARead) {
    Vendor vendor(execute_then_reset);
    ASSERT_TRUE(send(read(vendor.url())));
    auto unmarked = write(vendor.url());
    unmarked.write = false;
    EXPECT_FALSE(send(unmarked));
    EXPECT_EQ(creates(vendor), 2U)
        << "libcurl no longer repeats by itself: the reason for fresh connections is gone";
}

TEST_F(Write, HasAConnectionOfItsOwnThatNobodyUsesAfterIt) {
    Vendor vendor([](const Seen&) { return answer("ok"); });
    ASSERT_TRUE(send(read(vendor.url())));
    ASSERT_TRUE(send(write(vendor.url())));
    ASSERT_TRUE(send(write(vendor.url())));
    ASSERT_TRUE(send(read(vendor.url())));
    std::vector<int> connections;
    for (const auto& request : vendor.seen()) connections.push_back(request.connection);
    EXPECT_EQ(connections, (std::vector<int>{0, 1, 2, 0}));
}

TEST_F(Write, HasOutcomeNoneWhenNothingListens) {
    std::string nobody;
    {
        const Vendor vendor([](const Seen&) { return answer(""); });
        nobody = vendor.url();
    }
    const auto bought = send(write(nobody));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(bought.failure().outcome, Outcome::none);
    EXPECT_TRUE(bought.failure().retryable);
    EXPECT_EQ(bought.failure().provider, "acme");
}

TEST_F(Write, HasOutcomeNoneWhenTheNameDoesNotResolve) {
    const auto bought = send(write("http://does-not-exist.invalid/"));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(bought.failure().outcome, Outcome::none);
}

TEST_F(Write, HasOutcomeNoneWhenTheDeadlineHadPassedBeforeIt) {
    Vendor vendor([](const Seen&) { return answer(""); });
    const auto bought = send(write(vendor.url()), 0ms);
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_timeout);
    EXPECT_EQ(bought.failure().outcome, Outcome::none);
    EXPECT_EQ(vendor.connections(), 0);
}

TEST_F(Write, HasOutcomeUnknownWhenItsFirstByteIsAnsweredWithAReset) {
    Vendor vendor([](const Seen&) { return answer(""); });
    vendor.reset_at_first_byte();
    const auto bought = send(write(vendor.url()));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(bought.failure().outcome, Outcome::unknown);
}

TEST_F(Write, HasOutcomeUnknownWhenTheAnswerIsCutOff) {
    Vendor vendor([](const Seen&) {
        return Act{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\"", Act::After::close};
    });
    const auto bought = send(write(vendor.url()));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(bought.failure().outcome, Outcome::unknown);
}

TEST_F(Write, HasOutcomeUnknownWhenTheDeadlinePassesAfterSending) {
    Vendor vendor([](const Seen&) { return Act{"", Act::After::hang}; });
    const auto bought = send(write(vendor.url()), 200ms);
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_timeout);
    EXPECT_EQ(bought.failure().outcome, Outcome::unknown);
    EXPECT_FALSE(bought.failure().retryable);
    EXPECT_EQ(creates(vendor), 1U);
}

TEST_F(Write, HasOutcomeUnknownWhenItIsRedirectedOrAnsweredWithTooMuchOrWithoutHttp) {
    open({.provider = "acme", .max_reply_bytes = 1000});
    for (const auto& act : {answer("", 307, "Location: http://127.0.0.1:1/\r\n"),
                            answer(std::string(2000, 'x')), Act{"SSH-2.0-nonsense\r\n", Act::After::close}}) {
        Vendor vendor([&](const Seen&) { return act; });
        const auto bought = send(write(vendor.url()));
        ASSERT_FALSE(bought);
        EXPECT_EQ(bought.failure().slug, Slug::provider_contract_violation) << act.bytes.substr(0, 30);
        EXPECT_EQ(bought.failure().outcome, Outcome::unknown);
        EXPECT_EQ(creates(vendor), 1U);
    }
}

TEST_F(Write, GoesOnWhenItsCallerLeaves) {
    std::stop_source caller;
    Vendor vendor([&](const Seen&) {
        loop.post([&] { caller.request_stop(); });
        return answer("bought");
    });
    auto context = within(10s);
    context.cancelled = caller.get_token();
    const auto bought = loop.run(transport->send(context, write(vendor.url())));
    ASSERT_TRUE(bought);
    EXPECT_EQ(bought->body, "bought");
    caller.request_stop();
    EXPECT_TRUE(loop.run(transport->send(context, write(vendor.url()))));
}

TEST_F(Write, IsAnAnswerWhateverTheStatus) {
    Vendor vendor([](const Seen&) { return answer("busy", 503, "Retry-After: 7\r\n"); });
    const auto bought = send(write(vendor.url()));
    ASSERT_TRUE(bought);
    EXPECT_EQ(bought->status, 503);
    EXPECT_EQ(bought->header("retry-after"), "7");
}

}  // namespace
}  // namespace bwgw::test
