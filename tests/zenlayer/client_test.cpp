#include "providers/zenlayer/client.h"

#include <gtest/gtest.h>

#include "providers/zenlayer/signature.h"
#include "tests/zenlayer/fake_vendor.h"

namespace bwgw::zenlayer {
namespace {

using tests::run;

TEST(Client, SendsWhatItSigned) {
    Account account;
    account.vendor.says(fixture("create.reply.json"));
    ASSERT_TRUE(run(account.provider->create(account.context, order())));
    ASSERT_EQ(account.vendor.requests.size(), 1U);
    const auto& request = account.vendor.requests.front();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://console.zenlayer.com/api/v2/zec");
    EXPECT_EQ(request.action, "CreateCrossRegionBandwidth");
    EXPECT_EQ(header(request, "X-ZC-Action"), "CreateCrossRegionBandwidth");
    EXPECT_EQ(header(request, "X-ZC-Version"), "2025-09-01");
    EXPECT_EQ(header(request, "X-ZC-Service"), "zec");
    EXPECT_EQ(header(request, "X-ZC-Signature-Method"), "ZC2-HMAC-SHA256");
    EXPECT_EQ(header(request, "Content-Type"), "application/json");
    EXPECT_EQ(header(request, "X-ZC-Request-Client"), "bandwidth-gateway req-1");
    const auto timestamp = std::stoll(header(request, "X-ZC-Timestamp"));
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    EXPECT_LE(std::abs(now - timestamp), 60);
    EXPECT_EQ(header(request, "Authorization"),
              authorization({"application/json", "console.zenlayer.com", request.body, timestamp}, kKeyId,
                            kPassword));
    for (const auto& sent : request.headers) EXPECT_EQ(sent.value.find(kPassword), std::string::npos);
}

TEST(Client, SignsTheHostAsItWillBeSent) {
    const auto host_and_url = [](const std::string& endpoint) {
        SettingsErrors errors;
        SettingsReader reader(YAML::Load("endpoint: " + endpoint), "", errors);
        const auto read = read_settings("zenlayer", reader);
        return std::pair(read.host, read.url);
    };
    using Pair = std::pair<std::string, std::string>;
    EXPECT_EQ(host_and_url("https://Console.Zenlayer.com/"),
              Pair("console.zenlayer.com", "https://console.zenlayer.com/api/v2/zec"));
    EXPECT_EQ(host_and_url("https://console.zenlayer.com:443"),
              Pair("console.zenlayer.com", "https://console.zenlayer.com/api/v2/zec"));
    EXPECT_EQ(host_and_url("https://proxy.example:8443/zenlayer/"),
              Pair("proxy.example:8443", "https://proxy.example:8443/zenlayer/api/v2/zec"));
    EXPECT_EQ(host_and_url("http://127.0.0.1:18080"),
              Pair("127.0.0.1:18080", "http://127.0.0.1:18080/api/v2/zec"));
    EXPECT_EQ(host_and_url("http://[::1]:80"), Pair("[::1]", "http://[::1]/api/v2/zec"));
}

TEST(Client, SendsABearerTokenWithoutSignatureOrTimestamp) {
    setenv("ZENLAYER_TEST_TOKEN", "tok-secret", 1);
    SettingsErrors errors;
    SettingsReader reader(
        YAML::Load(
            "endpoint: https://console.zenlayer.com\ncredentials: {token: {env: ZENLAYER_TEST_TOKEN}}"),
        "", errors);
    FakeVendor vendor;
    Client client(vendor, std::make_shared<const Settings>(read_settings("zenlayer", reader)));
    EXPECT_TRUE(errors.items.empty());
    vendor.says(fixture("acknowledged.reply.json"));
    const RequestContext context{Deadline::in(std::chrono::seconds(1)), {}, {}, {}};
    ASSERT_TRUE(run(client.call(context, {"DescribeCrossRegionBandwidth", "{}"})));
    EXPECT_EQ(header(vendor.requests.front(), "Authorization"), "Bearer tok-secret");
    EXPECT_EQ(header(vendor.requests.front(), "X-ZC-Timestamp"), "");
    EXPECT_EQ(header(vendor.requests.front(), "X-ZC-Signature-Method"), "");
}

TEST(Client, LabelsItsCallsWithAllowedLettersOnly) {
    Account account;
    account.context.trace.request_id = "a/b\r\nc\"d" + std::string(200, 'x');
    account.vendor.says(fixture("empty.reply.json"));
    ASSERT_TRUE(run(account.provider->list(account.context, {})));
    const auto label = header(account.vendor.requests.front(), "X-ZC-Request-Client");
    EXPECT_TRUE(label.starts_with("bandwidth-gateway abcdxxx"));
    EXPECT_EQ(label.size(), 128U);
}

TEST(Client, SendsEveryWriteExactlyOnceAndMarksIt) {
    const auto calls = [](auto act) {
        Account account;
        account.vendor.says("{}", 500);
        act(account);
        EXPECT_EQ(account.vendor.requests.size(), 1U);
        return account.vendor.requests.front().action +
               (account.vendor.requests.front().write ? " write" : " read");
    };
    EXPECT_EQ(calls([](Account& a) { EXPECT_FALSE(run(a.provider->create(a.context, order()))); }),
              "CreateCrossRegionBandwidth write");
    EXPECT_EQ(calls([](Account& a) {
                  EXPECT_FALSE(run(a.provider->change(a.context, kLink, Resize{80, {}})));
              }),
              "ModifyCrossRegionBandwidth write");
    EXPECT_EQ(calls([](Account& a) {
                  EXPECT_FALSE(run(a.provider->change(a.context, kLink, Rename{"n", ""})));
              }),
              "ModifyCrossRegionBandwidthAttribute write");
    EXPECT_EQ(calls([](Account& a) { EXPECT_FALSE(run(a.provider->release(a.context, kLink))); }),
              "DeleteCrossRegionBandwidth write");
    EXPECT_EQ(calls([](Account& a) { EXPECT_FALSE(run(a.provider->list(a.context, {}))); }),
              "DescribeCrossRegionBandwidth read");
}

TEST(Client, PassesTheTransportsFailureOnWithItsOutcome) {
    Account account;
    account.vendor.fails({.slug = Slug::provider_timeout, .detail = "slow", .outcome = Outcome::unknown});
    const auto receipt = run(account.provider->create(account.context, order()));
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.failure().slug, Slug::provider_timeout);
    EXPECT_EQ(receipt.failure().outcome, Outcome::unknown);
    EXPECT_EQ(receipt.failure().provider, "zenlayer");

    account.vendor.fails({.slug = Slug::provider_unavailable, .detail = "refused", .retryable = true});
    const auto unsent = run(account.provider->create(account.context, order()));
    ASSERT_FALSE(unsent);
    EXPECT_EQ(unsent.failure().outcome, Outcome::none);
    EXPECT_TRUE(unsent.failure().retryable);
}

TEST(Client, KeepsTheVendorsWordsShortAndFreeOfOurCredentials) {
    Account account;
    account.vendor.says(
        R"({"requestId":"T5","code":"AUTHFAILURE_SIGNATURE_FAILURE","message":"key ZCTESTKEYID00001 )"
        R"(password ZcTestSecret/Do+Not=Use0001 twice ZCTESTKEYID00001 )" +
            std::string(1000, 'x') + "\"}",
        401);
    const auto listing = run(account.provider->list(account.context, {}));
    ASSERT_FALSE(listing);
    const auto& said = listing.failure().provider_error;
    ASSERT_TRUE(said);
    EXPECT_EQ(said->code, "AUTHFAILURE_SIGNATURE_FAILURE");
    EXPECT_EQ(said->request_id, "T5");
    EXPECT_TRUE(said->message.starts_with("key [hidden] password [hidden] twice [hidden] xxx"));
    EXPECT_EQ(said->message.size(), 512U);
    EXPECT_EQ(listing.failure().detail.find(kKeyId), std::string::npos);
}

TEST(Client, CutsTheVendorsWordsBetweenCharacters) {
    Account account;
    std::string message = "x";
    while (message.size() < 600) message += "京";
    account.vendor.says(R"({"code":"X","message":")" + message + "\"}", 400);
    const auto listing = run(account.provider->list(account.context, {}));
    ASSERT_FALSE(listing);
    EXPECT_EQ(listing.failure().provider_error->message, message.substr(0, 511));
}

TEST(Client, HonoursTheVendorsWait) {
    for (const int status : {429, 503}) {
        Account account;
        account.vendor.says(R"({"code":"REQUEST_LIMIT_EXCEEDED","message":"slow down"})", status,
                            {{"retry-after", "7200"}});
        const auto listing = run(account.provider->list(account.context, {}));
        ASSERT_FALSE(listing);
        EXPECT_EQ(listing.failure().retry_after, kMostRetryAfter) << status;
    }
}

}  // namespace
}  // namespace bwgw::zenlayer
