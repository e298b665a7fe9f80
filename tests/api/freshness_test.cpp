#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "gateway/api/views.h"
#include "gateway/inventory/inventory.h"
#include "tests/api/world.h"

namespace bwgw::api::tests {
namespace {

using namespace std::chrono_literals;

const Failure kTimeout{.slug = Slug::provider_timeout, .detail = "too late", .retryable = true};

inventory::Sight ago(std::chrono::seconds span) {
    return {loop::Clock::now() - span,
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) - span};
}

std::string id_of(const Bandwidth& row) {
    return fleet::Entry{"east", row}.id();
}

std::vector<std::string> ids(const http::Response& response) {
    std::vector<std::string> ids;
    const auto list = json(response.body);
    for (const auto& item : list["items"].GetArray())
        ids.push_back(BandwidthId::parse(item["id"].GetString())->ref.native_id);
    return ids;
}

class Freshness : public testing::Test {
protected:
    Freshness() {
        world.live = false;
        world.east->rows = {pair_row("a")};
        for (const char* provider : {"east", "west"}) world.refresh(provider);
        world.settle();
    }
    http::Response get(std::string target, std::vector<http::Header> headers = {}) {
        return world.call("GET", std::move(target), "", std::move(headers));
    }
    bool ends(test::Running<http::Response>& request) {
        return world.loop.run_until([&] { return request.done(); });
    }

    World world;
};

TEST_F(Freshness, AnswersFromTheInventoryAndAsksNobody) {
    world.east->listing_fails = world.west->listing_fails = kTimeout;
    const auto list = get("/bandwidths");
    EXPECT_EQ(ids(list), std::vector<std::string>{"a"});
    EXPECT_TRUE(json(list.body)["complete"].GetBool());
    EXPECT_EQ(header(list, "Age"), "0");
    EXPECT_EQ(header(list, "Cache-Control"), "no-cache");
    EXPECT_TRUE(header(list, "ETag").starts_with("W/\""));
    const auto one = get("/bandwidths/" + id_of(pair_row("a")));
    EXPECT_EQ(one.status, 200);
    EXPECT_EQ(header(one, "Age"), "0");
    EXPECT_EQ(one.body, list.body.substr(list.body.find('[') + 1, one.body.size())) << "the very same text";
    EXPECT_EQ(world.refreshed, 0);
}

TEST_F(Freshness, SaysHowOldTheOldestIs) {
    world.inventory->saw("west", {}, ago(0s), {});
    World other;
    other.live = false;
    other.inventory->saw("east", {}, ago(100s), {{pair_row("a")}, {}});
    other.inventory->saw("west", {}, ago(20s), {});
    const auto response = other.call("GET", "/bandwidths");
    EXPECT_EQ(header(response, "Age"), "100");
    EXPECT_EQ(header(other.call("GET", "/bandwidths?provider=west"), "Age"), "20");
    EXPECT_EQ(header(other.call("GET", "/bandwidths/" + id_of(pair_row("a"))), "Age"), "100");
    EXPECT_TRUE(json(response.body)["complete"].GetBool());
}

TEST_F(Freshness, CallsStaleWhatWasReadTooLongAgoOrNotLastTime) {
    World other;
    other.live = false;
    other.inventory->saw("east", {}, ago(500s), {{pair_row("a")}, {}});
    other.inventory->saw("west", {}, ago(20s), {});
    other.inventory->failed("west", ago(1s), kTimeout);
    const auto list = json(other.call("GET", "/bandwidths").body);
    EXPECT_FALSE(list["complete"].GetBool());
    EXPECT_EQ(list["items"].Size(), 1U);
    for (const auto& source : list["sources"].GetArray()) {
        EXPECT_STREQ(source["status"].GetString(), "stale");
        EXPECT_TRUE(source["as_of"].IsString());
    }
    EXPECT_STREQ(list["sources"][1]["problem"]["type"].GetString(), "/problems/provider-timeout");
    EXPECT_EQ(other.call("GET", "/bandwidths?partial=deny").status, 502);
    for (const char* provider : {"east", "west"}) other.refresh(provider);
    other.settle();
    EXPECT_TRUE(json(other.call("GET", "/bandwidths").body)["complete"].GetBool()) << "and recovers";
}

TEST_F(Freshness, CallsStaleWhatIsHeldOfAnAccountThatWasNeverReadWhole) {
    World other;
    other.live = false;
    other.inventory->saw("west", {}, ago(1s), {});
    const fleet::Entry row{"east", pair_row("a")};
    other.inventory->restore(
        "east", {{}, 1, {{row.id(), bandwidth_json(fleet::Crosswalk({}), row), ago(9s).at}}}, ago(0s));
    other.inventory->failed("east", ago(0s), kTimeout);
    for (const auto& more : {std::vector<http::Header>{}, {{"Cache-Control", "no-cache"}}}) {
        other.east->listing_fails = kTimeout;
        const auto response = other.call("GET", "/bandwidths", "", more);
        ASSERT_EQ(response.status, 200);
        EXPECT_EQ(ids(response), std::vector<std::string>{"a"});
        const auto list = json(response.body);
        EXPECT_FALSE(list["complete"].GetBool());
        EXPECT_STREQ(list["sources"][0]["status"].GetString(), "stale");
        EXPECT_TRUE(list["sources"][0]["as_of"].IsNull());
    }
}

TEST_F(Freshness, AsksTheProvidersWhenTheCallerWillHaveNoCache) {
    for (const char* value : {"no-cache", "max-age=0", "No-Store, NO-CACHE"}) {
        world.east->rows.push_back(pair_row("more"));
        EXPECT_EQ(ids(get("/bandwidths", {{"Cache-Control", value}})).size(), 2U) << value;
        world.east->rows.pop_back();
        EXPECT_EQ(ids(get("/bandwidths", {{"Cache-Control", "max-stale"}})).size(), 2U) << "as it was seen";
        EXPECT_EQ(ids(get("/bandwidths", {{"Cache-Control", value}})).size(), 1U) << value;
    }
    EXPECT_EQ(world.refreshed, 0);
    const auto path = "/bandwidths/" + id_of(pair_row("a"));
    world.east->rows[0].bandwidth = Mbps::of(77);
    EXPECT_EQ(json(get(path).body)["bandwidth_mbps"].GetInt(), 10);
    const auto live = get(path, {{"Cache-Control", "no-cache"}});
    EXPECT_EQ(json(live.body)["bandwidth_mbps"].GetInt(), 77);
    EXPECT_EQ(header(get(path), "ETag"), header(live, "ETag")) << "and the inventory has heard it";
}

TEST_F(Freshness, ShowsWhatIsHeldOfAProviderThatIsSilentNow) {
    world.east->listing_fails = kTimeout;
    const auto list = get("/bandwidths", {{"Cache-Control", "no-cache"}});
    EXPECT_EQ(ids(list), std::vector<std::string>{"a"});
    const auto body = json(list.body);
    EXPECT_FALSE(body["complete"].GetBool());
    EXPECT_STREQ(body["sources"][0]["status"].GetString(), "stale");
    EXPECT_STREQ(body["sources"][1]["status"].GetString(), "fresh");
    EXPECT_EQ(get("/bandwidths/" + id_of(pair_row("a")), {{"Cache-Control", "no-cache"}}).status, 504);
    world.east->listing_fails.reset();
    EXPECT_TRUE(json(get("/bandwidths", {{"Cache-Control", "no-cache"}}).body)["complete"].GetBool());
}

TEST_F(Freshness, RefreshesWhatIsOlderThanTheCallerWants) {
    World other;
    other.live = false;
    other.inventory->saw("east", {}, ago(50s), {});
    other.inventory->saw("west", {}, ago(5s), {});
    other.east->rows = {pair_row("a")};
    EXPECT_TRUE(ids(other.call("GET", "/bandwidths", "", {{"Cache-Control", "max-age=60"}})).empty());
    EXPECT_EQ(other.refreshed, 0);
    EXPECT_EQ(ids(other.call("GET", "/bandwidths", "", {{"Cache-Control", "max-age=30"}})).size(), 1U);
    EXPECT_EQ(other.refreshed, 1) << "of east alone";
    other.settle();
}

TEST_F(Freshness, TriesAgainWhatFailedWhenTheCallerWantsItNewerButNotAtOnce) {
    for (const auto failed : {0s, 3s}) {
        World other;
        other.live = false;
        other.inventory->saw("east", {}, ago(50s), {});
        other.inventory->saw("west", {}, ago(5s), {});
        other.inventory->failed("east", ago(failed), kTimeout);
        other.east->rows = {pair_row("a")};
        const auto list = other.call("GET", "/bandwidths", "", {{"Cache-Control", "max-age=30"}});
        EXPECT_EQ(other.refreshed, failed > 1s ? 1 : 0);
        EXPECT_EQ(ids(list).size(), failed > 1s ? 1U : 0U);
        EXPECT_EQ(json(list.body)["complete"].GetBool(), failed > 1s);
        other.settle();
    }
}

TEST_F(Freshness, WaitsForWhatWasNeverReadAndSaysAtTheDeadlineWhatIsMissing) {
    World other;
    other.live = false;
    other.refreshes = false;
    other.inventory->saw("west", {}, ago(1s), {{pair_row("w")}, {}});
    auto request = other.begin("/bandwidths", {{"Cache-Control", "max-age=60"}});
    EXPECT_FALSE(request.done());
    other.loop.skip(2s);
    EXPECT_FALSE(other.loop.run_until([&] { return request.done(); }, 20ms));
    EXPECT_EQ(other.refreshed, 1);
    other.loop.skip(6s);
    ASSERT_TRUE(other.loop.run_until([&] { return request.done(); }));
    const auto list = json(request.take()->body);
    EXPECT_EQ(list["items"].Size(), 1U);
    EXPECT_FALSE(list["complete"].GetBool());
    EXPECT_STREQ(list["sources"][0]["status"].GetString(), "unavailable");
    EXPECT_STREQ(list["sources"][0]["problem"]["type"].GetString(), "/problems/provider-timeout");
    other.inventory->saw("east", {}, ago(0s), {{pair_row("e")}, {}});
    EXPECT_TRUE(json(other.call("GET", "/bandwidths").body)["complete"].GetBool());
}

TEST_F(Freshness, WaitsASecondForWhatWasNeverReadWhereAnyAgeWillDo) {
    World other;
    other.live = false;
    other.refreshes = false;
    other.inventory->saw("west", {}, ago(1s), {{pair_row("w")}, {}});
    auto request = other.begin("/bandwidths");
    EXPECT_FALSE(other.loop.run_until([&] { return request.done(); }, 20ms));
    other.loop.skip(1s);
    ASSERT_TRUE(other.loop.run_until([&] { return request.done(); }, 2s));
    const auto response = *request.take();
    EXPECT_EQ(ids(response), std::vector<std::string>{"w"});
    const auto list = json(response.body);
    EXPECT_FALSE(list["complete"].GetBool());
    EXPECT_STREQ(list["sources"][0]["status"].GetString(), "unavailable");
    EXPECT_STREQ(list["sources"][0]["problem"]["type"].GetString(), "/problems/provider-unavailable");
    EXPECT_STREQ(list["sources"][1]["status"].GetString(), "fresh");
    EXPECT_EQ(other.seen.back().missing, "") << "it asked nobody";
}

TEST_F(Freshness, WaitsNoLongerThanUntilWhatWasNeverReadIs) {
    World other;
    other.live = false;
    other.refreshes = false;
    auto request = other.begin("/bandwidths");
    EXPECT_EQ(other.refreshed, 2);
    other.inventory->saw("east", {}, ago(0s), {{pair_row("e")}, {}});
    EXPECT_FALSE(other.loop.run_until([&] { return request.done(); }, 10ms));
    other.inventory->failed("west", ago(0s), kTimeout);
    ASSERT_TRUE(other.loop.run_until([&] { return request.done(); }));
    EXPECT_EQ(ids(*request.take()), std::vector<std::string>{"e"});
    EXPECT_GE(other.seen.back().vendors, 10ms) << "others read them for it";
    EXPECT_EQ(other.seen.back().asked, 0s);
}

TEST_F(Freshness, HasATagForWhatTheSourcesHoldButNotForWhenTheyWereRead) {
    const auto first = get("/bandwidths");
    const auto etag = header(first, "ETag");
    world.refresh("east");
    world.settle();
    const auto same = get("/bandwidths", {{"If-None-Match", "\"x\", " + etag}});
    EXPECT_EQ(same.status, 304);
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(header(same, "ETag"), etag);
    EXPECT_EQ(header(same, "Age"), "0");
    EXPECT_EQ(get("/bandwidths", {{"If-None-Match", "*"}}).status, 304);
    world.inventory->failed("east", ago(0s), kTimeout);
    EXPECT_EQ(get("/bandwidths", {{"If-None-Match", etag}}).status, 200) << "it is not complete any more";
    world.refresh("east");
    world.settle();
    EXPECT_EQ(header(get("/bandwidths"), "ETag"), etag);
    world.east->rows.push_back(pair_row("b"));
    world.refresh("east");
    world.settle();
    EXPECT_EQ(get("/bandwidths", {{"If-None-Match", etag}}).status, 200);
}

TEST_F(Freshness, WaitsForAChangeOfTheList) {
    const auto etag = header(get("/bandwidths"), "ETag");
    const std::vector<http::Header> poll = {{"If-None-Match", etag}, {"Prefer", "wait=30"}};
    auto waiting = world.begin("/bandwidths", poll);
    world.refresh("west");  // nothing new
    EXPECT_FALSE(world.loop.run_until([&] { return waiting.done(); }, 20ms));
    world.east->rows.push_back(pair_row("b"));
    world.refresh("east");
    ASSERT_TRUE(ends(waiting));
    EXPECT_EQ(ids(*waiting.take()), (std::vector<std::string>{"a", "b"}));
    const auto& poll_seen = world.seen.back();
    EXPECT_GE(poll_seen.asked, 20ms) << "no fault of ours";
    EXPECT_GE(poll_seen.vendors, poll_seen.asked);

    auto late = world.begin("/bandwidths",
                            {{"If-None-Match", header(get("/bandwidths"), "ETag")}, {"Prefer", "wait=30"}});
    world.loop.skip(31s);
    ASSERT_TRUE(ends(late));
    EXPECT_EQ(late.take()->status, 304);

    auto open = world.begin("/bandwidths",
                            {{"If-None-Match", header(get("/bandwidths"), "ETag")}, {"Prefer", "wait=30"}});
    world.reader->stop();
    ASSERT_TRUE(ends(open)) << "the service ends";
    EXPECT_EQ(open.take()->status, 304);
}

TEST_F(Freshness, WaitsForAChangeOfOneAndForItsEnd) {
    const auto path = "/bandwidths/" + id_of(pair_row("a"));
    const auto poll = [&] {
        return std::vector<http::Header>{{"If-None-Match", header(get(path), "ETag")}, {"Prefer", "wait=60"}};
    };
    EXPECT_EQ(get(path, {{"If-None-Match", header(get(path), "ETag")}}).status, 304);
    auto waiting = world.begin(path, poll());
    world.west->rows.push_back(pair_row("w"));
    world.refresh("west");
    EXPECT_FALSE(world.loop.run_until([&] { return waiting.done(); }, 20ms)) << "not this one";
    world.east->rows[0].bandwidth = Mbps::of(20);
    world.refresh("east");
    ASSERT_TRUE(ends(waiting));
    EXPECT_EQ(json(waiting.take()->body)["bandwidth_mbps"].GetInt(), 20);
    EXPECT_GE(world.seen.back().asked, 20ms);

    auto gone = world.begin(path, poll());
    world.east->listing_fails = kTimeout;
    world.inventory->saw("east", {}, ago(0s), {});
    ASSERT_TRUE(ends(gone));
    EXPECT_EQ(gone.take()->status, 404) << "a listing lacked it: nobody asks for it once more";
}

TEST_F(Freshness, ShowsAnOwnPurchaseBeforeAnyListingDoes) {
    world.east->rows = {pair_row("a", "net-2")};  // another network, so that the pair is free
    world.refresh("east");
    world.settle();
    world.east->hides_new = true;
    const auto etag = header(get("/bandwidths"), "ETag");
    auto waiting = world.begin("/bandwidths", {{"If-None-Match", etag}, {"Prefer", "wait=30"}});
    ASSERT_EQ(world.buy(order_with(), "k").status, 201);
    ASSERT_TRUE(ends(waiting));
    EXPECT_EQ(ids(*waiting.take()), (std::vector<std::string>{"new-1", "a"}));
    EXPECT_EQ(ids(get("/bandwidths")).size(), 2U);
    world.east->hides_new = false;
    auto row = pair_row("new-1");
    row.bandwidth = Mbps::of(10);
    world.east->rows.push_back(row);
    world.settle();
    EXPECT_EQ(ids(get("/bandwidths")).size(), 2U);
}

TEST_F(Freshness, PagesThroughTheSnapshotOfTheFirstPage) {
    world.east->rows = {pair_row("a"), pair_row("b"), pair_row("c"), pair_row("d")};
    for (const auto& more : {std::vector<http::Header>{}, {{"Cache-Control", "no-cache"}}}) {
        world.refresh("east");
        world.settle();
        const auto first = get("/bandwidths?page_size=2", more);
        EXPECT_EQ(ids(first), (std::vector<std::string>{"a", "b"}));
        const auto target = std::string("/bandwidths?page_size=2&page_token=") +
                            json(first.body)["next_page_token"].GetString();
        const auto rows = world.east->rows;
        world.east->rows = {pair_row("aa"), pair_row("d"), pair_row("e")};
        world.refresh("east");
        world.settle();
        const auto second = get(target, more);
        EXPECT_EQ(ids(second), (std::vector<std::string>{"c", "d"}));
        EXPECT_EQ(header(second, "ETag"), header(first, "ETag"));
        EXPECT_TRUE(json(second.body)["next_page_token"].IsNull());
        EXPECT_EQ(get(target, {{"If-None-Match", header(first, "ETag")}}).status, 304);
        auto poll = world.begin(target, {{"If-None-Match", header(first, "ETag")}, {"Prefer", "wait=60"}});
        ASSERT_TRUE(poll.done()) << "what is past does not change";
        EXPECT_EQ(poll.take()->status, 200) << "nor is it asked for again and again";
        world.east->rows = rows;
    }
}

TEST_F(Freshness, AsksAgainForAPageOfAListThatTheInventoryDoesNotBearOut) {
    World other;
    other.live = false;
    other.refreshes = false;
    other.inventory->failed("east", ago(0s), kTimeout);  // whole; what the filter names can be read
    other.east->rows = {pair_row("a"), pair_row("b"), pair_row("c")};
    const std::string target = "/bandwidths?provider=east&network_id=net-1&page_size=2";
    const std::vector<http::Header> live = {{"Cache-Control", "no-cache"}};
    const auto first = other.call("GET", target, "", live);
    ASSERT_TRUE(json(first.body)["complete"].GetBool());
    const auto second = other.call(
        "GET", target + "&page_token=" + json(first.body)["next_page_token"].GetString(), "", live);
    ASSERT_EQ(second.status, 200) << second.body;
    EXPECT_EQ(ids(second), std::vector<std::string>{"c"});
    EXPECT_TRUE(json(second.body)["complete"].GetBool());
    EXPECT_EQ(header(second, "ETag"), header(first, "ETag"));
}

TEST_F(Freshness, GoesOnByIdWhereThatSnapshotIsNot) {
    world.east->rows = {pair_row("a"), pair_row("b"), pair_row("c")};
    world.refresh("east");
    world.settle();
    const std::string token = json(get("/bandwidths?page_size=2").body)["next_page_token"].GetString();
    World other;
    other.live = false;
    other.east->rows = {pair_row("a"), pair_row("bb"), pair_row("c")};
    for (const char* provider : {"east", "west"}) other.refresh(provider);
    other.settle();
    EXPECT_EQ(ids(other.call("GET", "/bandwidths?page_token=" + token)),
              (std::vector<std::string>{"bb", "c"}));
}

// -- every mixture of sources ----------------------------------------------------------------------------

// The last reading; `part`: the vendor told of more than it gave.
enum class How : std::uint8_t { fresh, stale, failed, unsupported, part };
constexpr std::array kHow = {How::fresh, How::stale, How::failed, How::unsupported, How::part};
const Failure kCut{.slug = Slug::provider_contract_violation, .detail = "3 of 9 rows", .retryable = true};
const Listing kTwoRows{{pair_row("r"), pair_row("s")}, {}};

// What an answer must say of a mixture.
struct Told {
    explicit Told(const std::vector<How>& accounts) {
        for (std::size_t i = 0; i < accounts.size(); ++i) {
            const auto how = accounts[i];
            const bool holds = how == How::fresh || how == How::stale || how == How::part;
            asked += how != How::unsupported;
            held += holds;
            whole += how == How::fresh;
            const bool was_whole = how == How::fresh || how == How::stale || (how == How::part && i % 2 != 0);
            const bool lacks = how != How::fresh && how != How::unsupported;
            static constexpr std::array kWords = {"fresh", "stale", "unavailable", "unsupported", "stale"};
            sources += fmt::format("p{} {} {} {}\n", i, kWords[static_cast<std::size_t>(how)],
                                   was_whole ? "dated" : "undated", lacks ? "lacks" : "well");
        }
    }
    std::size_t asked = 0, held = 0, whole = 0;
    std::string sources;
    bool nothing() const { return asked > 0 && held == 0; }
    bool complete() const { return whole == asked; }
};

std::string sources_of(const rapidjson::Document& list) {
    std::string sources;
    for (const auto& source : list["sources"].GetArray())
        sources +=
            fmt::format("{} {} {} {}\n", source["provider"].GetString(), source["status"].GetString(),
                        source["as_of"].IsString() ? "dated" : "undated",
                        source.HasMember("problem") && source["problem"].IsObject() ? "lacks" : "well");
    return sources;
}

std::string text_of(const rapidjson::Value& value) {
    rapidjson::StringBuffer out;
    rapidjson::Writer<rapidjson::StringBuffer> writer(out);
    value.Accept(writer);
    return out.GetString();
}

class Mixture : public testing::Test {
protected:
    // An API over accounts that are so, and will be so if they are asked.
    struct Accounts {
        Accounts(World& world, const std::vector<How>& accounts)
            : loop(world.loop),
              known(names(accounts.size()),
                    [](const auto& provider, const auto& row) {
                        return bandwidth_json(fleet::Crosswalk({}), {provider, row});
                    }),
              fleet(providers(accounts),
                    std::make_shared<const fleet::Crosswalk>(std::vector<fleet::Crosswalk::Row>{}),
                    std::make_shared<fleet::HealthBoard>(), {},
                    [this](std::string provider, Query query, loop::Clock::time_point,
                           const Listing& listing) -> Task<void> {
                        known.saw(provider, query, ago(0s), listing);
                        co_return Result<void>{};
                    }),
              reader(known, world.loop),
              api(world.api_of(contract(), fleet, reader)) {
            for (std::size_t i = 0; i < accounts.size(); ++i)
                hears("p" + std::to_string(i), accounts[i], i % 2);
        }

        http::Response get(std::string more, bool live) {
            http::Request request;
            request.id = "r1";
            request.method = "GET";
            request.target = "/bandwidths?kind=inter_region" + std::move(more);
            if (live) request.headers.push_back({"Cache-Control", "no-cache"});
            return *loop.run(api(std::move(request)));
        }

        test::PollLoop& loop;
        inventory::Inventory known;
        fleet::Fleet fleet;
        inventory::Reader reader;
        Api api;

    private:
        static std::vector<std::string> names(std::size_t count) {
            std::vector<std::string> names;
            for (std::size_t i = 0; i < count; ++i) names.push_back("p" + std::to_string(i));
            return names;
        }
        static std::vector<std::unique_ptr<Provider>> providers(const std::vector<How>& accounts) {
            std::vector<std::unique_ptr<Provider>> providers;
            for (std::size_t i = 0; i < accounts.size(); ++i) {
                auto profile = pair_profile("p" + std::to_string(i));
                if (accounts[i] == How::unsupported) profile.products[0].kind = Kind::eip_boost;
                auto provider = std::make_unique<FakeProvider>(std::move(profile));
                provider->rows = kTwoRows.items;
                if (accounts[i] == How::stale || accounts[i] == How::failed)
                    provider->listing_fails = kTimeout;
                if (accounts[i] == How::part) provider->listing_cut = kCut;
                providers.push_back(std::move(provider));
            }
            return providers;
        }
        // What is stale is so by its age, or (`other`) because it failed after that; what was read in part
        // was never read whole, or once.
        void hears(const std::string& name, How how, bool other) {
            if (how == How::fresh) known.saw(name, {}, ago(1s), kTwoRows);
            if (how == How::stale) known.saw(name, {}, ago(other ? 10s : 500s), kTwoRows);
            if (how == How::part && other) known.saw(name, {}, ago(10s), kTwoRows);
            if (how == How::part) known.saw(name, {}, ago(1s), {kTwoRows.items, of(name, kCut)});
            if (how == How::failed || (how == How::stale && other))
                known.failed(name, ago(1s), of(name, kTimeout));
        }
        static Failure of(const std::string& name, Failure failure) {
            failure.provider = name;
            return failure;
        }
    };

    void judge(const std::vector<How>& how, bool live, const std::string& name) {
        const Told told(how);
        Accounts accounts(world, how);
        const auto size = "&page_size=" + std::to_string(std::max<std::size_t>(told.held, 1));
        const auto denied = accounts.get("&partial=deny", live);
        ASSERT_EQ(denied.status, told.nothing() ? 503 : told.complete() ? 200 : 502) << name;
        const auto first = accounts.get(size, live);
        ASSERT_EQ(first.status, told.nothing() ? 503 : 200) << name;
        if (told.nothing()) return;
        const auto one = json(first.body);
        ASSERT_EQ(one["complete"].GetBool(), told.complete()) << name;
        ASSERT_EQ(one["items"].Size(), told.held) << name;
        ASSERT_EQ(sources_of(one), told.sources) << name;
        ASSERT_EQ(world.seen.back().missing.empty(), told.complete() || !live) << name;
        ASSERT_EQ(one["next_page_token"].IsString(), told.held > 0) << name;
        if (told.held == 0) return;
        const auto second = accounts.get(size + "&page_token=" + one["next_page_token"].GetString(), live);
        ASSERT_EQ(second.status, 200) << name;
        const auto two = json(second.body);
        ASSERT_EQ(two["complete"].GetBool(), told.complete()) << name;
        ASSERT_EQ(two["items"].Size(), told.held) << name;
        ASSERT_EQ(sources_of(two), told.sources) << name;
        ASSERT_EQ(header(second, "ETag"), header(first, "ETag")) << name;
    }

    World world;
};

// Up to four in every order, and of five and six every mixture once: no source depends on its neighbours.
TEST_F(Mixture, OfUpToSixSourcesIsToldAsItIs) {
    constexpr std::size_t kInEveryOrder = 4;
    for (std::size_t sources = 1; sources <= 6; ++sources) {
        std::vector<std::size_t> digits(sources, 0);
        for (bool more = true; more;) {
            std::vector<How> accounts;
            std::string name;
            for (const auto digit : digits) {
                accounts.push_back(kHow[digit]);
                name += "fsxup"[digit];
            }
            for (const bool live : {false, true}) {
                if (sources > kInEveryOrder && !std::ranges::is_sorted(digits)) continue;
                judge(accounts, live, name + (live ? " asked" : " known"));
                if (HasFatalFailure()) return;
            }
            std::size_t place = 0;
            while (place < sources && ++digits[place] == kHow.size()) digits[place++] = 0;
            more = place < sources;
        }
    }
}

TEST_F(Freshness, SaysOnALaterPageWhatTheFirstOneSaid) {
    World other;
    other.live = false;
    auto nearly_stale = ago(179s);
    nearly_stale.at -= 500ms;
    other.inventory->saw("east", {}, nearly_stale, {{pair_row("a"), pair_row("b"), pair_row("c")}, {}});
    other.inventory->saw("west", {}, ago(1s), {});
    const auto first = other.call("GET", "/bandwidths?page_size=1");
    const auto begun = json(first.body);
    ASSERT_TRUE(begun["complete"].GetBool()) << "not yet";
    const auto most = loop::Clock::now() + 10s;
    while (json(other.call("GET", "/bandwidths").body)["complete"].GetBool())
        ASSERT_LT(loop::Clock::now(), most) << "it must get stale";
    for (std::string token = begun["next_page_token"].GetString(); !token.empty();) {
        const auto page = other.call("GET", "/bandwidths?page_size=1&partial=deny&page_token=" + token);
        ASSERT_EQ(page.status, 200) << page.body;
        const auto list = json(page.body);
        EXPECT_EQ(text_of(list["sources"]), text_of(begun["sources"]));
        EXPECT_EQ(header(page, "ETag"), header(first, "ETag"));
        token = list["next_page_token"].IsString() ? list["next_page_token"].GetString() : "";
    }
}

TEST_F(Freshness, SaysOnALaterPageThatTheFirstOneWasAskedLive) {
    const std::vector<http::Header> live = {{"Cache-Control", "no-cache"}};
    World other;
    other.live = false;
    for (const char* provider : {"east", "west"}) other.inventory->saw(provider, {}, ago(100s), {});
    other.east->rows = {pair_row("a"), pair_row("b")};
    const std::string target = "/bandwidths?kind=inter_region&page_size=1";
    const auto first = json(other.call("GET", target, "", live).body);
    other.east->rows.clear();
    const auto second =
        other.call("GET", target + "&page_token=" + first["next_page_token"].GetString(), "", live);
    EXPECT_EQ(ids(second), std::vector<std::string>{"b"}) << "the rows of the first page's moment";
    EXPECT_EQ(text_of(json(second.body)["sources"]), text_of(first["sources"]));
    EXPECT_LT(std::stoi(header(second, "Age")), 50);
}

TEST_F(Freshness, GoesOnByIdWhereATokenNamesNoMomentThatHasBeen) {
    world.east->rows = {pair_row("a"), pair_row("b")};
    world.refresh("east");
    world.settle();
    const auto snapshot = world.inventory->snapshot();
    snapshot->keep();
    const auto after = id_of(pair_row("a"));
    for (const char* at : {"", "@", "@-1", "@x", "@99999999999999", "@99999999999999999999", "!"}) {
        const auto page =
            get("/bandwidths?page_token=" + base64url_encode(snapshot->name() + at + ' ' + after));
        ASSERT_EQ(page.status, 200) << at;
        EXPECT_EQ(ids(page), std::vector<std::string>{"b"}) << at;
        EXPECT_TRUE(json(page.body)["complete"].GetBool()) << at;
    }
}

}  // namespace
}  // namespace bwgw::api::tests
