#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "gateway/api/handlers/freshness.h"
#include "gateway/api/views.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

const Failure kTimeout{.slug = Slug::provider_timeout, .detail = "too late", .retryable = true};

std::string id_of(const std::string& provider, const Bandwidth& row) {
    return fleet::Entry{provider, row}.id();
}

class Reading : public testing::Test {
protected:
    World world;
};

TEST_F(Reading, MergesEveryProviderOrderedById) {
    world.east->rows = {pair_row("b"), pair_row("a")};
    world.west->rows = {pair_row("c")};
    const auto response = world.call("GET", "/bandwidths");
    ASSERT_EQ(response.status, 200) << response.body;
    const auto list = json(response.body);
    std::vector<std::string> ids;
    for (const auto& item : list["items"].GetArray()) ids.emplace_back(item["id"].GetString());
    EXPECT_EQ(ids.size(), 3u);
    EXPECT_TRUE(std::ranges::is_sorted(ids));
    EXPECT_TRUE(list["complete"].GetBool());
    EXPECT_TRUE(list["next_page_token"].IsNull());
    EXPECT_EQ(list["sources"].Size(), 2u);
}

TEST_F(Reading, PagesThroughAllRowsOnceEach) {
    for (int i = 0; i < 25; ++i)
        (i % 2 ? world.east : world.west)->rows.push_back(pair_row(fmt::format("row-{}", i)));
    std::set<std::string> ids;
    std::string token;
    int pages = 0;
    do {
        const auto list =
            json(world.call("GET", "/bandwidths?page_size=10" + (token.empty() ? "" : "&page_token=" + token))
                     .body);
        for (const auto& item : list["items"].GetArray())
            EXPECT_TRUE(ids.insert(item["id"].GetString()).second);
        token = list["next_page_token"].IsString() ? list["next_page_token"].GetString() : "";
        ++pages;
    } while (!token.empty());
    EXPECT_EQ(ids.size(), 25u);
    EXPECT_EQ(pages, 3);
}

TEST_F(Reading, RefusesAPageTokenOfAListWithOtherFilters) {
    for (auto* provider : {world.east, world.west})
        provider->rows = {pair_row("a"), pair_row("b"), pair_row("c")};
    const std::vector<std::string> filters = {"", "&provider=east", "&provider=west", "&provider=east&name=x",
                                              "&kind=inter_region"};
    for (const auto& of : filters) {
        const auto first = json(world.call("GET", "/bandwidths?page_size=1" + of).body);
        if (first["next_page_token"].IsNull()) continue;  // nothing has that name
        for (const auto& with : filters) {
            const auto next = world.call(
                "GET", std::string("/bandwidths?page_token=") + first["next_page_token"].GetString() + with);
            EXPECT_EQ(next.status, with == of ? 200 : 400) << of << " and then " << with;
            if (with != of) EXPECT_EQ(errors_of(next.body), "?page_token: is of a list with other filters\n");
        }
    }
}

TEST_F(Reading, RefusesForeignPageTokensAndUnknownProviders) {
    for (const char* token : {"x", "AAAA", "%21"}) {
        const auto response = world.call("GET", std::string("/bandwidths?page_token=") + token);
        EXPECT_EQ(response.status, 400);
        EXPECT_EQ(errors_of(response.body), "?page_token: is not a token of this list\n");
    }
    EXPECT_EQ(errors_of(world.call("GET", "/bandwidths?provider=north").body),
              "?provider: is not a configured provider\n");
    EXPECT_EQ(world.call("GET", "/operations?page_token=x").status, 400);
    EXPECT_EQ(world.call("GET", "/operations?provider=north").status, 400);
}

TEST_F(Reading, SaysWhatIsMissingAndRefusesItOnRequest) {
    world.east->rows = {pair_row("a")};
    world.west->listing_fails = kTimeout;
    const auto partial = json(world.call("GET", "/bandwidths").body);
    EXPECT_FALSE(partial["complete"].GetBool());
    EXPECT_EQ(partial["items"].Size(), 1u);
    EXPECT_STREQ(partial["sources"][1]["status"].GetString(), "unavailable");
    EXPECT_STREQ(partial["sources"][1]["problem"]["type"].GetString(), "/problems/provider-timeout");
    const auto denied = world.call("GET", "/bandwidths?partial=deny");
    EXPECT_EQ(denied.status, 502);
    EXPECT_NE(denied.body.find("/problems/partial-result-denied"), std::string::npos);
    EXPECT_EQ(world.call("GET", "/bandwidths?partial=deny&provider=east").status, 200);
    world.west->listing_fails.reset();
    EXPECT_EQ(world.call("GET", "/bandwidths?partial=deny").status, 200) << "recovers";
}

TEST_F(Reading, IsNeverAnEmptyListWhenNobodyCouldBeRead) {
    world.east->listing_fails = world.west->listing_fails = kTimeout;
    EXPECT_EQ(world.call("GET", "/bandwidths").status, 503);
    EXPECT_EQ(world.call("GET", "/bandwidths?provider=west").status, 503);
    world.east->listing_fails = world.west->listing_fails = std::nullopt;
    EXPECT_EQ(world.call("GET", "/bandwidths").status, 200) << "and recovers";
}

TEST_F(Reading, FiltersByOurWords) {
    world.east->rows = {pair_row("a"), pair_row("b", "net-2")};
    world.west->rows = {pair_row("c", "net-1", "asia-1", "eu-1")};
    const auto count = [&](const std::string& query) {
        return json(world.call("GET", "/bandwidths?" + query).body)["items"].Size();
    };
    EXPECT_EQ(count("network_id=net-1"), 2u);
    EXPECT_EQ(count("region=hkg"), 3u);
    EXPECT_EQ(count("region=eu-1"), 1u);
    EXPECT_EQ(count("provider=east&network_id=net-2"), 1u);
    EXPECT_EQ(count("provider_resource_id=c"), 1u);
    EXPECT_EQ(count("state=suspended"), 0u);
    EXPECT_EQ(count("kind=inter_region_default"), 0u);
}

TEST_F(Reading, GivesOneWithAnEtagAndNothingNewForTheSame) {
    world.east->rows = {pair_row("a")};
    const auto target = "/bandwidths/" + id_of("east", world.east->rows[0]);
    const auto first = world.call("GET", target);
    ASSERT_EQ(first.status, 200);
    const auto etag = header(first, "ETag");
    const auto same = world.call("GET", target, "", {{"If-None-Match", "\"x\", W/" + etag}});
    EXPECT_EQ(same.status, 304);
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(header(same, "ETag"), etag);
    world.east->rows[0].bandwidth = Mbps::of(11);
    EXPECT_EQ(world.call("GET", target, "", {{"If-None-Match", etag}}).status, 200);
}

TEST_F(Reading, TellsAbsentFromUnreadable) {
    const auto id = id_of("east", pair_row("a"));
    EXPECT_EQ(world.call("GET", "/bandwidths/" + id).status, 404);
    EXPECT_EQ(world.call("GET", "/bandwidths/not-an-id").status, 404);
    EXPECT_EQ(world.call("GET", "/bandwidths/" + id_of("north", pair_row("a"))).status, 404);
    world.east->listing_fails = kTimeout;
    EXPECT_EQ(world.call("GET", "/bandwidths/" + id).status, 504);
}

TEST_F(Reading, AsksForPricesSideBySide) {
    world.east->price = Price{{*Decimal::parse("9"), "USD"}, std::nullopt, Per::month};
    const std::vector<http::Header> headers = {{"Content-Type", "application/json"}};
    const std::string wish =
        R"({"kind":"inter_region","region_a":"hkg","region_b":"sg","bandwidth_mbps":5,"billing":{"model":"fixed"})";
    const auto all = world.call("POST", "/quotes", wish + "}", headers);
    ASSERT_EQ(all.status, 200) << all.body;
    const auto quotes = json(all.body);
    ASSERT_EQ(quotes["items"].Size(), 2u);
    EXPECT_STREQ(quotes["items"][0]["amount"].GetString(), "9");
    EXPECT_STREQ(quotes["items"][1]["problem"]["type"].GetString(), "/problems/price-unavailable");
    EXPECT_EQ(
        json(world.call("POST", "/quotes", wish + R"(,"providers":["east"]})", headers).body)["items"].Size(),
        1u);
    EXPECT_EQ(
        errors_of(world.call("POST", "/quotes", wish + R"(,"providers":["east","north"]})", headers).body),
        "/providers/1: is not a configured provider\n");
    world.east->rows = {pair_row("a")};
    const auto resize = world.call(
        "POST", "/quotes",
        R"({"bandwidth_mbps":20,"bandwidth_id":")" + id_of("east", world.east->rows[0]) + "\"}", headers);
    EXPECT_EQ(json(resize.body)["items"].Size(), 1u) << resize.body;
    EXPECT_TRUE(world.east->writes.empty());
}

TEST_F(Reading, ShowsProvidersAndRegions) {
    const auto providers = json(world.call("GET", "/providers").body);
    EXPECT_STREQ(providers["items"][0]["health"]["status"].GetString(), "unknown");
    world.east->listing_fails = kTimeout;
    (void)world.call("GET", "/bandwidths");
    EXPECT_STREQ(json(world.call("GET", "/providers/east").body)["health"]["status"].GetString(), "failing");
    EXPECT_STREQ(json(world.call("GET", "/providers/west").body)["health"]["status"].GetString(), "healthy");
    EXPECT_EQ(world.call("GET", "/providers/north").status, 404);
    const auto regions = json(world.call("GET", "/regions").body);
    EXPECT_STREQ(regions["items"][0]["metro"].GetString(), "hkg");
    EXPECT_TRUE(regions["items"][regions["items"].Size() - 1]["metro"].IsNull());
}

TEST_F(Reading, AnswersForTheServiceItself) {
    EXPECT_EQ(world.call("GET", "/healthz").body, R"({"status":"ok"})");
    EXPECT_EQ(world.call("GET", "/readyz").body, R"({"status":"ready"})");
    EXPECT_EQ(world.call("GET", "/metrics").body, "bwgw_up 1\n");
    EXPECT_EQ(world.call("GET", "/metrics/bandwidths").body, "bwgw_bandwidths_not_shown 0\n");
    EXPECT_EQ(world.call("GET", "/openapi.yaml").body, contract().yaml());
    EXPECT_EQ(world.call("HEAD", "/openapi.json").body, contract().json()) << "the edge leaves the body out";
    world.draining = true;
    EXPECT_EQ(world.call("GET", "/readyz").status, 503);
    EXPECT_EQ(world.call("GET", "/healthz").status, 200);
    EXPECT_EQ(world.buy(order_with(), "k").status, 503);
    EXPECT_TRUE(world.east->writes.empty());
}

TEST_F(Reading, AnswersForMethodsAndPathsThatItDoesNotHave) {
    const auto options = world.call("OPTIONS", "/bandwidths/x");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(header(options, "Allow"), "DELETE, GET, HEAD, OPTIONS, PATCH");
    const auto wrong = world.call("PUT", "/regions");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(header(wrong, "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(header(wrong, "Content-Type"), "application/problem+json");
    EXPECT_EQ(world.call("GET", "/nothing").status, 404);
    EXPECT_EQ(world.seen.back().operation, "");
}

TEST_F(Reading, ReportsEveryAnswerOnceAndWithoutTheQuery) {
    (void)world.call("GET", "/bandwidths?name=secret", "",
                     {{"traceparent", "00-" + std::string(32, 'a') + "-" + std::string(16, 'b') + "-01"}});
    ASSERT_EQ(world.seen.size(), 1u);
    const auto& seen = world.seen[0];
    EXPECT_EQ(seen.operation, "listBandwidths");
    EXPECT_EQ(seen.status, 200);
    EXPECT_EQ(seen.path, "/bandwidths");
    EXPECT_EQ(seen.principal, "anonymous");
    EXPECT_NE(seen.traceparent.find(std::string(32, 'a')), std::string::npos);
    EXPECT_EQ(seen.fault, "");
}

TEST_F(Reading, NamesTheProblemItAnsweredWith) {
    (void)world.call("GET", "/bandwidths");
    EXPECT_EQ(world.seen.back().problem, "");
    EXPECT_EQ(world.seen.back().vendors.count(), 0) << "a provider in memory is not waited for";
    (void)world.call("GET", "/nothing");
    EXPECT_EQ(world.seen.back().problem, "not-found");
    world.east->listing_fails = world.west->listing_fails = kTimeout;
    (void)world.call("GET", "/bandwidths?partial=deny");
    EXPECT_EQ(world.seen.back().problem, "partial-result-denied");
}

TEST_F(Reading, NamesWhyAProviderThatItAskedIsMissing) {
    (void)world.call("GET", "/bandwidths");
    EXPECT_EQ(world.seen.back().missing, "");
    world.east->listing_fails = kTimeout;
    EXPECT_EQ(world.call("GET", "/bandwidths").status, 200);
    EXPECT_EQ(world.seen.back().missing, "provider-timeout");
    EXPECT_EQ(world.seen.back().problem, "");
    (void)world.call("GET", "/bandwidths", "", {{"Cache-Control", "max-stale"}});
    EXPECT_EQ(world.seen.back().missing, "") << "the refresh failed, not this";
}

TEST_F(Reading, AsksNeitherWhomItsBreakerKeepsFromNorThenTheLedger) {
    const fleet::BreakerOptions opens{.open_first = std::chrono::hours(1),
                                      .open_most = std::chrono::hours(1)};
    const fleet::Guards guards({{.provider = "slow", .breaker = opens}, {.provider = "well"}});
    std::vector<std::unique_ptr<Provider>> providers;
    for (const auto* name : {"slow", "well"})
        providers.push_back(std::make_unique<FakeProvider>(pair_profile(name)));
    auto& slow = dynamic_cast<FakeProvider&>(*providers.front());
    fleet::Fleet guarded(std::move(providers),
                         std::make_shared<const fleet::Crosswalk>(std::vector<fleet::Crosswalk::Row>{}),
                         std::make_shared<fleet::HealthBoard>(), fleet::Guarding{guards, world.loop});
    inventory::Inventory known({"slow", "well"}, [](const auto& provider, const auto& row) {
        return bandwidth_json(fleet::Crosswalk({}), {provider, row});
    });
    known.saw("slow", {}, {loop::Clock::now(), this_moment()}, {{pair_row("a")}, std::nullopt});
    inventory::Reader reader(known, world.loop);
    auto api = world.api_of(contract(), guarded, reader);
    const auto begin = [&](const std::string& filter) {
        http::Request request;
        request.method = "GET";
        request.target = "/bandwidths" + filter;
        request.headers.push_back({"Cache-Control", "no-cache"});
        return test::start(api(std::move(request)));
    };
    const auto ended = [&](test::Running<http::Response> list) {
        EXPECT_TRUE(world.loop.run_until([&] { return list.done(); }));
        return json(list.take()->body);
    };
    slow.listing_fails = Failure{.slug = Slug::provider_timeout, .detail = "hangs"};
    for (int i = 0; i < opens.faults; ++i) {
        EXPECT_STREQ(ended(begin("?provider=slow"))["sources"][0]["problem"]["type"].GetString(),
                     "/problems/provider-timeout");
        EXPECT_EQ(world.seen.back().missing, "provider-timeout");
    }
    slow.listing_fails.reset();  // and nobody notices

    std::promise<void> works;
    ASSERT_TRUE(world.pool().submit([&] { works.get_future().wait(); }));  // and the ledger hangs
    auto list = begin("?provider=slow");
    EXPECT_TRUE(list.done()) << "it waited for nobody";
    const auto refused = ended(std::move(list));
    EXPECT_EQ(refused["items"].Size(), 1U);
    EXPECT_FALSE(refused["complete"].GetBool());
    EXPECT_STREQ(refused["sources"][0]["status"].GetString(), "stale");
    EXPECT_NE(std::string_view(refused["sources"][0]["problem"]["detail"].GetString()).find("breaker"),
              std::string_view::npos);
    EXPECT_EQ(world.seen.back().missing, "") << "a vendor that is down is no line for each read";

    auto both = begin("");
    EXPECT_FALSE(both.done()) << "the ledger is asked where a provider is";
    works.set_value();
    const auto sources = ended(std::move(both));
    EXPECT_STREQ(sources["sources"][0]["status"].GetString(), "stale");
    EXPECT_STREQ(sources["sources"][1]["status"].GetString(), "fresh");
}

TEST_F(Reading, IsLoggedIfItsTraceIsInTheSampleOrItWrites) {
    World half(0.5);
    const auto in_sample = [](World& of, std::string method, std::string traceparent) {
        (void)of.call(std::move(method), "/bandwidths", "", {{"traceparent", std::move(traceparent)}});
        return of.seen.back().in_sample;
    };
    const std::string low = "00-00000000000000aa7000000000000000-00f067aa0ba902b7-0";
    EXPECT_TRUE(in_sample(world, "GET", low + "0"));
    EXPECT_FALSE(in_sample(half, "GET", low + "0"));
    EXPECT_TRUE(in_sample(half, "GET", low + "1")) << "its caller records it";
    EXPECT_TRUE(in_sample(half, "POST", low + "0"));
    EXPECT_TRUE(in_sample(half, "GET", "00-00000000000000aa7080000000000000-00f067aa0ba902b7-00"));
}

TEST_F(Reading, TurnsABugIntoAnInternalProblemWithoutItsText) {
    world.metrics = []() -> std::string { throw std::runtime_error("a detail of ours"); };
    const auto response = world.call("GET", "/metrics");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("a detail of ours"), std::string::npos);
    EXPECT_EQ(world.seen.back().fault, "a detail of ours");
    EXPECT_EQ(world.call("GET", "/healthz").status, 200);
}

}  // namespace
}  // namespace bwgw::api::tests
