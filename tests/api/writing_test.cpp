#include <gtest/gtest.h>

#include "gateway/api/fields.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

const Failure kRefused{.slug = Slug::insufficient_funds, .detail = "no balance"};
const Failure kAmbiguous{.slug = Slug::provider_timeout, .detail = "late", .outcome = Outcome::unknown};

class Writing : public testing::Test {
protected:
    std::string held(const std::string& native_id) {
        world.east->rows.push_back(pair_row(native_id));
        return "/bandwidths/" + fleet::Entry{"east", world.east->rows.back()}.id();
    }
    http::Response patch(const std::string& target, const std::string& body,
                         std::vector<http::Header> headers = {}) {
        headers.push_back({"Content-Type", "application/merge-patch+json"});
        return world.call("PATCH", target, body, headers);
    }
    World world;
};

TEST_F(Writing, BuysAndSaysWhere) {
    const auto response = world.buy(order_with(R"(,"name":"edge")"), "k1");
    ASSERT_EQ(response.status, 201) << response.body;
    const auto bought = json(response.body);
    EXPECT_EQ(header(response, "Location"), std::string("/bandwidths/") + bought["id"].GetString());
    EXPECT_EQ(header(response, "ETag"), etag_of(response.body));
    EXPECT_STREQ(bought["name"].GetString(), "edge");
    EXPECT_EQ(header(response, "Idempotency-Replayed"), "");
    world.settle();
    EXPECT_EQ(world.call("GET", header(response, "Location")).status, 200);
    EXPECT_EQ(world.east->writes.size(), 1u);
}

TEST_F(Writing, BuysOnceForTheSameKeyWhateverItsSpelling) {
    const auto first = world.buy(order_with(), "k1");
    world.settle();
    const auto again = world.buy(" " + order_with(), "\"k1\"");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
    EXPECT_EQ(header(again, "Location"), header(first, "Location"));
    const auto other = world.buy(order_with(R"(,"name":"other")"), "k1");
    EXPECT_EQ(other.status, 422);
    EXPECT_NE(other.body.find("/problems/idempotency-key-reused"), std::string::npos);
    EXPECT_EQ(world.east->writes.size(), 1u);
}

TEST_F(Writing, NeedsAKeyToBuyButNotToLook) {
    const std::vector<http::Header> headers = {{"Content-Type", "application/json"}};
    const auto missing = world.call("POST", "/bandwidths", order_with(), headers);
    EXPECT_EQ(missing.status, 400);
    EXPECT_NE(missing.body.find("/problems/idempotency-key-missing"), std::string::npos);
    EXPECT_NE(world.buy(order_with(), "\"\"").body.find("/problems/idempotency-key-missing"),
              std::string::npos);
    const auto looked = world.call("POST", "/bandwidths?validate_only=true", order_with(), headers);
    ASSERT_EQ(looked.status, 200) << looked.body;
    const auto preview = json(looked.body);
    EXPECT_STREQ(preview["order"]["region_a"].GetString(), "hkg");
    EXPECT_STREQ(preview["order"]["provider_regions"][0].GetString(), "hk");
    EXPECT_STREQ(preview["quote"]["problem"]["type"].GetString(), "/problems/price-unavailable");
    EXPECT_TRUE(world.east->writes.empty());
    EXPECT_EQ(json(world.call("GET", "/operations").body)["items"].Size(), 0u);
}

TEST_F(Writing, ShowsAPurchaseThatNoListingShowsYet) {
    world.east->hides_new = true;
    const auto bought = world.buy(order_with(), "k1");
    ASSERT_EQ(bought.status, 201) << bought.body;
    EXPECT_STREQ(json(bought.body)["state"].GetString(), "creating");
    EXPECT_EQ(world.call("GET", header(bought, "Location")).status, 200);
    EXPECT_EQ(json(world.call("GET", "/bandwidths").body)["items"].Size(), 1u);
    EXPECT_EQ(json(world.call("GET", "/bandwidths?provider=west").body)["items"].Size(), 0u);
    auto row = pair_row("new-1");
    world.east->rows.push_back(row);
    world.settle();
    EXPECT_EQ(json(world.call("GET", "/bandwidths").body)["items"].Size(), 1u)
        << "and once when it is listed";
}

TEST_F(Writing, RefusesWithTheOperationWhereSurelyNothingWasBought) {
    world.east->write_fails = kRefused;
    const auto refused = world.buy(order_with(), "k1");
    EXPECT_EQ(refused.status, 402);
    const auto problem = json(refused.body);
    EXPECT_STREQ(problem["outcome"].GetString(), "none");
    const auto operation =
        world.call("GET", std::string("/operations/") + problem["operation_id"].GetString());
    EXPECT_STREQ(json(operation.body)["state"].GetString(), "failed");
}

TEST_F(Writing, AnswersAnUnclearPurchaseWithItsOperation) {
    world.east->write_fails = kAmbiguous;
    const auto unclear = world.buy(order_with(), "k1", {{"Prefer", "wait=0"}});
    ASSERT_EQ(unclear.status, 202) << unclear.body;
    EXPECT_EQ(header(unclear, "Retry-After"), "2");
    const auto operation = json(world.call("GET", header(unclear, "Location")).body);
    EXPECT_STREQ(operation["idempotency_key"].GetString(), "k1");
    EXPECT_STREQ(operation["request"]["network_id"].GetString(), "net-1");
    EXPECT_EQ(world.east->writes.size(), 1u);
}

TEST_F(Writing, RefusesWhatTheProviderDoesNotSellBeforeAnyCall) {
    const auto dear = world.buy(
        R"({"provider":"east","kind":"inter_region","network_id":"n","region_a":"hk","region_b":"sg",)"
        R"("bandwidth_mbps":801,"billing":{"model":"fixed"}})",
        "k1");
    EXPECT_EQ(dear.status, 422);
    EXPECT_NE(dear.body.find("/problems/unsupported"), std::string::npos);
    EXPECT_TRUE(world.east->writes.empty());
}

TEST_F(Writing, ChangesTheBandwidthAndCallsNobodyWhenItIsInForce) {
    const auto target = held("a");
    EXPECT_EQ(patch(target, R"({"bandwidth_mbps":10})").status, 200);
    EXPECT_TRUE(world.east->writes.empty());
    const auto changed = patch(target, R"({"bandwidth_mbps":20})");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(json(changed.body)["bandwidth_mbps"].GetInt(), 20);
    EXPECT_EQ(header(changed, "ETag"), etag_of(changed.body));
    EXPECT_EQ(json(patch(target, R"({"name":"new"})").body)["name"], "new");
    EXPECT_EQ(world.east->writes.size(), 2u);
}

TEST_F(Writing, HonoursIfMatch) {
    const auto target = held("a");
    EXPECT_EQ(patch(target, R"({"bandwidth_mbps":20})", {{"If-Match", "\"stale\""}}).status, 412);
    EXPECT_EQ(world.call("DELETE", target, "", {{"If-Match", "\"stale\""}}).status, 412);
    EXPECT_TRUE(world.east->writes.empty());
    const auto etag = header(world.call("GET", target), "ETag");
    EXPECT_EQ(patch(target, R"({"bandwidth_mbps":20})", {{"If-Match", etag}}).status, 200);
}

TEST_F(Writing, RefusesNullsAndMixedPatches) {
    const auto target = held("a");
    EXPECT_EQ(errors_of(patch(target, R"({"name":null})").body), "/name: must be a string\n");
    EXPECT_EQ(errors_of(patch(target, "{}").body), ": needs bandwidth_mbps, burst_mbps or name\n");
    EXPECT_EQ(patch("/bandwidths/none", R"({"name":"a"})").status, 404);
}

TEST_F(Writing, ReleasesOnceAndThenKnowsNothing) {
    const auto target = held("a");
    EXPECT_EQ(world.call("DELETE", target).status, 204);
    EXPECT_EQ(world.call("DELETE", target).status, 404);
    EXPECT_EQ(world.east->writes, std::vector<std::string>{"release a"});
}

TEST_F(Writing, ListsOperationsNewestFirstAndByKey) {
    const auto target = held("a");
    for (const int mbps : {20, 30, 40})
        EXPECT_EQ(patch(target, R"({"bandwidth_mbps":)" + std::to_string(mbps) + "}").status, 200);
    EXPECT_EQ(
        world
            .buy(
                R"({"provider":"west","kind":"inter_region","network_id":"n","region_a":"asia-1","region_b":"eu-1",)"
                R"("bandwidth_mbps":1,"billing":{"model":"fixed"}})",
                "mine")
            .status,
        201);
    world.settle();
    const auto page = json(world.call("GET", "/operations?page_size=3").body);
    ASSERT_EQ(page["items"].Size(), 3u);
    EXPECT_STREQ(page["items"][0]["type"].GetString(), "create");
    const auto rest = json(world
                               .call("GET", std::string("/operations?page_size=3&page_token=") +
                                                page["next_page_token"].GetString())
                               .body);
    EXPECT_EQ(rest["items"].Size(), 1u);
    EXPECT_TRUE(rest["next_page_token"].IsNull());
    EXPECT_EQ(json(world.call("GET", "/operations?idempotency_key=mine").body)["items"].Size(), 1u);
    EXPECT_EQ(json(world.call("GET", "/operations?state=settled&provider=east").body)["items"].Size(), 3u);
    EXPECT_EQ(world.call("GET", "/operations/none").status, 404);
}

TEST_F(Writing, TakesAPersonsWordOnAPurchaseThatNeedsAttention) {
    ledger::Operation unclear;
    unclear.id = ledger::new_operation_id();
    unclear.provider = "east";
    unclear.principal = "anonymous";
    unclear.request = "{}";
    unclear.target = {"pair", "net-1", ""};
    ASSERT_TRUE(world.ledger->accept(unclear));
    unclear.state = ledger::OperationState::needs_attention;
    unclear.outcome = Outcome::unknown;
    ASSERT_TRUE(world.ledger->record(unclear));
    const auto path = "/operations/" + unclear.id + ":resolve";
    const std::vector<http::Header> as_json = {{"Content-Type", "application/json"}};

    EXPECT_EQ(world.call("POST", path, R"({"outcome":"applied"})", as_json).status, 400);
    EXPECT_EQ(world.call("POST", path, R"({"outcome":"none","provider_resource_id":"x"})", as_json).status,
              400);
    EXPECT_EQ(world.call("POST", path, R"({"outcome":"maybe"})", as_json).status, 400);
    EXPECT_EQ(world.call("POST", path, R"({"outcome":"applied","provider_resource_id":"x"})", as_json).status,
              404);
    const auto resolved = world.call("POST", path, R"({"outcome":"none"})", as_json);
    ASSERT_EQ(resolved.status, 200) << resolved.body;
    EXPECT_STREQ(json(resolved.body)["state"].GetString(), "failed");
    EXPECT_EQ(world.call("POST", path, R"({"outcome":"none"})", as_json).status, 409);
}

}  // namespace
}  // namespace bwgw::api::tests
