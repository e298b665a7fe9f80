#include <openssl/ssl.h>

#include "tests/upstream/fixture.h"

namespace bwgw::test {
namespace {

struct Tls : Upstream {
    Certificate certificate;
    void trust() { open({.provider = "acme", .ca_file = certificate.file()}); }
};

Act ok(const Seen&) {
    return answer("ok");
}

TEST_F(Tls, TrustsTheCaFileOfTheProvider) {
    Vendor vendor(ok, certificate.server());
    trust();
    for (int call = 0; call < 3; ++call) ASSERT_TRUE(send(read(vendor.url())));
    ASSERT_TRUE(send(write(vendor.url())));
    EXPECT_EQ(vendor.connections(), 2);
}

TEST_F(Tls, RefusesACertificateThatNobodyVouchesForBeforeAnythingIsSent) {
    Vendor vendor(ok, certificate.server());
    const auto bought = send(write(vendor.url()));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(bought.failure().outcome, Outcome::none);
    EXPECT_TRUE(vendor.seen().empty());
}

TEST_F(Tls, RefusesAnotherProvidersConnectionAndTrust) {
    Vendor vendor(ok, certificate.server());
    trust();
    ASSERT_TRUE(send(read(vendor.url())));
    upstream::CurlTransport stranger(*multi, {.provider = "stranger"}, observed);
    const auto context = within(10s);
    EXPECT_FALSE(loop.run(stranger.send(context, read(vendor.url()))));
    EXPECT_EQ(vendor.seen().size(), 1U);
    EXPECT_TRUE(send(read(vendor.url())));
}

TEST_F(Tls, RefusesACertificateOfAnotherName) {
    Vendor vendor(ok, certificate.server());
    trust();
    const auto port = std::to_string(vendor.port());
    EXPECT_FALSE(send(read("https://127.0.0.2:" + port + "/")));
    EXPECT_TRUE(send(read("https://localhost:" + port + "/")));
}

TEST_F(Tls, RefusesWhatIsOlderThanTls12) {
    Vendor old(ok, certificate.server(TLS1_1_VERSION, "ALL:@SECLEVEL=0"));
    trust();
    EXPECT_FALSE(send(read(old.url())));
    Vendor current(ok, certificate.server(TLS1_2_VERSION));
    EXPECT_TRUE(send(read(current.url())));
}

TEST_F(Tls, HasOutcomeNoneWhenTheHandshakeIsReset) {
    Vendor vendor(ok, certificate.server());
    vendor.reset_at_first_byte();
    trust();
    const auto bought = send(write(vendor.url()));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(bought.failure().outcome, Outcome::none);
}

TEST_F(Tls, HasOutcomeNoneWhenTheHandshakeDoesNotEnd) {
    // A plain vendor that reads a TLS greeting and waits for the end of a head that never comes.
    Vendor silent(ok);
    const auto url = "https://127.0.0.1:" + std::to_string(silent.port()) + "/";
    const auto late = send(write(url), 200ms);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.failure().slug, Slug::provider_timeout);
    EXPECT_EQ(late.failure().outcome, Outcome::none);

    open({.provider = "acme", .connect_timeout = 100ms});
    const auto unconnected = send(write(url));
    ASSERT_FALSE(unconnected);
    EXPECT_EQ(unconnected.failure().slug, Slug::provider_unavailable);
    EXPECT_EQ(unconnected.failure().outcome, Outcome::none);
}

TEST_F(Tls, HasOutcomeUnknownWhenResetAfterTheHandshake) {
    Vendor vendor([](const Seen&) { return Act{"", Act::After::reset}; }, certificate.server());
    trust();
    const auto bought = send(write(vendor.url()));
    ASSERT_FALSE(bought);
    EXPECT_EQ(bought.failure().outcome, Outcome::unknown);
    EXPECT_EQ(vendor.seen().size(), 1U);
}

}  // namespace
}  // namespace bwgw::test
