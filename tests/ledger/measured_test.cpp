#include <gtest/gtest.h>

#include "gateway/ledger/measured_ledger.h"

namespace bwgw::ledger {
namespace {

/// Fails everything but `renew`, and remembers what it was asked.
class Broken final : public Ledger {
public:
    explicit Broken(std::vector<std::string>& asked) : asked_(asked) {}

    std::string new_id() override { return "the-id"; }
    Result<Acceptance> accept(Operation) override { return fail("accept"); }
    Result<void> record(Operation) override { return fail("record"); }
    Result<Operation> claim(const Operation&, const std::string&) override { return fail("claim"); }
    Result<void> renew(const std::string&, Timestamp) override {
        asked_.emplace_back("renew");
        return {};
    }
    Result<std::vector<Operation>> orphans(Timestamp) override { return fail("orphans"); }
    Result<Operation> find(const std::string&) override { return fail("find"); }
    Result<std::vector<Operation>> list(const OperationFilter&) override { return fail("list"); }
    Result<std::size_t> forget_keys(Timestamp) override { return fail("forget_keys"); }

private:
    Failure fail(std::string call) {
        asked_.push_back(std::move(call));
        return {.slug = Slug::unavailable, .detail = "the disk is gone"};
    }
    std::vector<std::string>& asked_;
};

TEST(MeasuredLedger, CountsAndTimesEachCallAndChangesNoAnswer) {
    std::vector<std::string> asked;
    telemetry::Metrics metrics("1");
    MeasuredLedger ledger(std::make_unique<Broken>(asked), metrics);
    EXPECT_EQ(ledger.new_id(), "the-id");
    EXPECT_FALSE(ledger.accept({}));
    EXPECT_FALSE(ledger.record({}));
    EXPECT_FALSE(ledger.claim({}, "me"));
    EXPECT_TRUE(ledger.renew("me", {}));
    EXPECT_FALSE(ledger.orphans({}));
    EXPECT_FALSE(ledger.find("x"));
    EXPECT_FALSE(ledger.list({}));
    const auto forgotten = ledger.forget_keys({});
    ASSERT_FALSE(forgotten);
    EXPECT_EQ(forgotten.failure().detail, "the disk is gone");
    EXPECT_EQ(asked, (std::vector<std::string>{"accept", "record", "claim", "renew", "orphans", "find",
                                               "list", "forget_keys"}));
    const auto text = metrics.text();
    for (const auto& call : asked) {
        const std::string outcome = call == "renew" ? "ok" : "unavailable";
        for (const auto& line :
             {"bwgw_ledger_calls_total{call=\"" + call + "\",outcome=\"" + outcome + "\"} 1\n",
              "bwgw_ledger_duration_seconds_count{call=\"" + call + "\"} 1\n"})
            EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

}  // namespace
}  // namespace bwgw::ledger
