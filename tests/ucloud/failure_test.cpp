#include <fmt/format.h>

#include "providers/ucloud/vocabulary.h"
#include "tests/ucloud/support.h"

namespace bwgw::ucloud::tests {
namespace {

Order order() {
    Order order;
    order.network_id = "ugn-demo01";
    order.ends = {"hk", "sg"};
    order.bandwidth_mbps = 10;
    order.billing = {BillingModel::traffic, Payment::prepaid, Term{TermUnit::month, 1}};
    return order;
}

Failure of_write(FakeVendor::Answer answer) {
    FakeVendor vendor(std::move(answer));
    const auto account = provider(kLegacy, vendor);
    auto receipt = result_of(account->create(context(), order()));
    EXPECT_EQ(vendor.requests.size(), 1u) << "a write is sent once";
    if (!receipt) return receipt.failure();
    ADD_FAILURE() << "the create succeeded";
    return {};
}

Failure of_read(FakeVendor::Answer answer) {
    FakeVendor vendor(std::move(answer));
    const auto account = provider(kLegacy, vendor);
    auto listing = result_of(account->list(context(), {}));
    if (!listing) return listing.failure();
    ADD_FAILURE() << "the list succeeded";
    return {};
}

FakeVendor::Answer refusal(std::int64_t code, std::string message = "no") {
    return always(fmt::format(R"({{"RetCode":{},"Message":"{}"}})", code, message));
}

TEST(Refusal, EveryKnownRetCodeIsJudgedByTheTable) {
    for (const auto& verdict : kVerdicts) {
        const auto write = of_write(refusal(verdict.ret_code));
        EXPECT_EQ(write.slug, verdict.slug) << verdict.ret_code;
        EXPECT_EQ(write.outcome, verdict.write) << verdict.ret_code;
        EXPECT_EQ(write.retryable, verdict.transient && verdict.write == Outcome::none) << verdict.ret_code;
        const auto read = of_read(refusal(verdict.ret_code));
        EXPECT_EQ(read.slug, verdict.slug) << verdict.ret_code;
        EXPECT_EQ(read.outcome, Outcome::none) << verdict.ret_code;
        EXPECT_EQ(read.retryable, verdict.transient) << verdict.ret_code;
    }
}

TEST(Refusal, CarriesTheVendorsOwnWords) {
    const auto failure = of_write(refusal(230, "Params [Region0] not available"));
    EXPECT_EQ(failure.provider, "demo");
    ASSERT_TRUE(failure.provider_error);
    EXPECT_EQ(failure.provider_error->code, "230");
    EXPECT_EQ(failure.provider_error->message, "Params [Region0] not available");
    EXPECT_EQ(failure.provider_error->request_id, kRequestId);
    EXPECT_NE(failure.detail.find("Region0"), std::string::npos);
}

TEST(Refusal, AnUnknownCodeOfAWriteMayHaveRunAndIsNeverRetryable) {
    for (const std::int64_t code : {199, 31337}) {
        const auto write = of_write(refusal(code));
        EXPECT_EQ(write.outcome, Outcome::unknown);
        EXPECT_FALSE(write.retryable);
        EXPECT_FALSE(of_read(refusal(code)).retryable);
    }
}

TEST(Refusal, ARetCodeInTextIsANumber) {
    const auto failure = of_write(always(R"({"RETCODE":"171","message":"Signature VerifyAC Error"})"));
    EXPECT_EQ(failure.slug, Slug::provider_auth_failed);
    EXPECT_EQ(failure.provider_error->code, "171");
    EXPECT_EQ(failure.provider_error->message, "Signature VerifyAC Error");
}

TEST(Refusal, NeverRepeatsOurKeysOrSignature) {
    const auto echo = [](const HttpRequest& request) -> Result<HttpReply> {
        return reply(
            fmt::format(R"({{"RetCode":172,"Message":"User [pk-demo-0001] key [sk-demo-0001] sent [{}]"}})",
                        parameters(request).at("Signature")));
    };
    const auto failure = of_write(echo);
    EXPECT_EQ(failure.provider_error->message, "User [***] key [***] sent [***]");
    EXPECT_EQ(failure.detail.find("demo-0001"), std::string::npos);
}

TEST(Refusal, NeverRepeatsOurKeysAsItsRequestId) {
    const auto failure = of_write([](const HttpRequest&) -> Result<HttpReply> {
        return HttpReply{200, {{"x-ucloud-request-uuid", "id-sk-demo-0001"}}, R"({"RetCode":172})"};
    });
    EXPECT_EQ(failure.provider_error->request_id, "id-***");
}

TEST(Refusal, BoundsTheVendorsMessageAtAWholeCharacter) {
    std::string message = "x";
    for (int i = 0; i < 500; ++i) message += "é";
    const auto failure = of_write(refusal(230, message + "\\n"));
    EXPECT_EQ(failure.provider_error->message.size(), 299u);
    EXPECT_TRUE(failure.provider_error->message.ends_with("é"));
    EXPECT_EQ(of_write(refusal(230, "a\\nb\\u0007c")).provider_error->message, "a b c");
}

struct HttpCase {
    int status;
    Slug slug;
    Outcome write;
    bool write_retryable;
    bool read_retryable;
};

TEST(HttpStatus, DecidesWhetherAWriteCanHaveRun) {
    for (const auto& each :
         {HttpCase{400, Slug::provider_contract_violation, Outcome::unknown, false, false},
          HttpCase{403, Slug::provider_contract_violation, Outcome::unknown, false, false},
          HttpCase{429, Slug::provider_throttled, Outcome::none, true, true},
          HttpCase{500, Slug::provider_unavailable, Outcome::unknown, false, true},
          HttpCase{502, Slug::provider_unavailable, Outcome::unknown, false, true},
          HttpCase{503, Slug::provider_unavailable, Outcome::unknown, false, true},
          HttpCase{504, Slug::provider_timeout, Outcome::unknown, false, true},
          HttpCase{304, Slug::provider_contract_violation, Outcome::unknown, false, false}}) {
        const auto write = of_write(always("<html>", each.status));
        EXPECT_EQ(write.slug, each.slug) << each.status;
        EXPECT_EQ(write.outcome, each.write) << each.status;
        EXPECT_EQ(write.retryable, each.write_retryable) << each.status;
        EXPECT_EQ(write.provider_error->code, fmt::format("HTTP {}", each.status));
        EXPECT_EQ(write.provider_error->request_id, kRequestId);
        const auto read = of_read(always("<html>", each.status));
        EXPECT_EQ(read.slug, each.slug) << each.status;
        EXPECT_EQ(read.outcome, Outcome::none) << each.status;
        EXPECT_EQ(read.retryable, each.read_retryable) << each.status;
    }
}

TEST(Refusal, HonoursTheVendorsWait) {
    for (const auto& [body, status] : {std::pair{R"({"RetCode":153,"Message":"slow down"})", 200},
                                       std::pair{"<html>", 429}, std::pair{"<html>", 503}}) {
        const auto failure = of_read([&](const HttpRequest&) -> Result<HttpReply> {
            return HttpReply{status, {{"Retry-After", "7"}}, body};
        });
        EXPECT_EQ(failure.retry_after, std::chrono::seconds(7)) << status << body;
    }
    EXPECT_FALSE(of_read(refusal(153)).retry_after);
}

TEST(BrokenReply, LeavesAWriteUnknown) {
    for (const auto* body : {"", "<html></html>", "[]", "{}", R"({"RetCode":)", R"({"RetCode":null})",
                             R"({"RetCode":"ok"})", R"({"RetCode":{}})", R"({"Message":"success"})"}) {
        const auto write = of_write(always(body));
        EXPECT_EQ(write.slug, Slug::provider_contract_violation) << body;
        EXPECT_EQ(write.outcome, Outcome::unknown) << body;
        EXPECT_FALSE(write.retryable) << body;
        EXPECT_EQ(of_read(always(body)).outcome, Outcome::none) << body;
    }
}

TEST(Transport, FailuresPassThroughUnderTheProvidersName) {
    for (const auto outcome : {Outcome::none, Outcome::unknown}) {
        Failure lost{Slug::provider_timeout, "no answer in time"};
        lost.outcome = outcome;
        const auto failure = of_write([&](const HttpRequest&) -> Result<HttpReply> { return lost; });
        EXPECT_EQ(failure.slug, Slug::provider_timeout);
        EXPECT_EQ(failure.detail, "no answer in time");
        EXPECT_EQ(failure.outcome, outcome);
        EXPECT_EQ(failure.provider, "demo");
    }
}

TEST(Call, ThatIsNotKnownToReadIsAWrite) {
    for (const auto* action : {"CreateX", "ModifyX", "DeleteX", "UpdateX", "RenewX"})
        EXPECT_TRUE(Call{action}.write()) << action;
    for (const auto* action : {"DescribeX", "ListX", "GetX"}) EXPECT_FALSE(Call{action}.write()) << action;
}

}  // namespace
}  // namespace bwgw::ucloud::tests
