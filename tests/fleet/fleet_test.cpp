#include "gateway/fleet/fleet.h"

#include <gtest/gtest.h>

#include "tests/support/poll_loop.h"

namespace bwgw::fleet {
namespace {

using namespace std::chrono_literals;

// An account that answers as its members say.
class FakeAccount final : public Provider {
public:
    explicit FakeAccount(std::string name, Kind kind = Kind::inter_region) {
        profile_ = {std::move(name),
                    "fake",
                    {{"p",
                      kind,
                      {Action::create, Action::list, Action::quote, Action::regions},
                      {BillingModel::fixed},
                      10,
                      100,
                      PurchaseSafety::marker}}};
    }
    const Profile& profile() const noexcept override { return profile_; }
    Task<Listing> list(const RequestContext& context, Query query) override {
        asked = query;
        left = context.deadline.remaining();
        cancelled = context.cancelled;
        ++calls;
        if (thrown) throw std::logic_error("a bug");
        if (failure) co_return *failure;
        Listing listing{rows, problem};
        const VendorTime::Wait waiting(context.trace.vendor_time);
        if (held && !*co_await held->wait_until(context.deadline.at, context.cancelled))
            co_return Failure{.slug = Slug::provider_timeout, .detail = "hangs"};
        co_return std::move(listing);
    }
    Task<Receipt> create(const RequestContext&, Order) override { return counted(); }
    Task<Receipt> change(const RequestContext&, ResourceRef, Change) override { return counted(); }
    Task<Receipt> release(const RequestContext&, ResourceRef) override { return counted(); }
    Task<Price> quote(const RequestContext&, Wish) override {
        ++calls;
        co_return Price{{*Decimal::parse("1"), "USD"}, {}, {}};
    }
    Task<std::vector<Region>> regions(const RequestContext&) override {
        if (failure) co_return *failure;
        co_return std::vector<Region>{{"r1", "hkg", std::nullopt}};
    }

    void add(std::string id, std::string a = "hk", std::string b = "sg", Kind kind = Kind::inter_region) {
        Bandwidth row;
        row.ref = {"p", "net", std::move(id)};
        row.kind = kind;
        row.network_id = "net";
        row.ends = Ends{std::move(a), std::move(b)};
        row.state = State::active;
        rows.push_back(std::move(row));
    }

    std::vector<Bandwidth> rows;
    std::optional<Failure> failure;
    std::optional<Failure> problem;
    loop::Event* held = nullptr;  ///< until then it says nothing
    bool thrown = false;
    Query asked;
    std::chrono::milliseconds left{};
    std::stop_token cancelled;
    int calls = 0;

private:
    Task<Receipt> counted() {
        ++calls;
        co_return failure ? Result<Receipt>(*failure) : Result<Receipt>(Receipt{});
    }
    Profile profile_;
};

class FleetTest : public testing::Test {
protected:
    FakeAccount& add(std::string name, Kind kind = Kind::inter_region) {
        auto account = std::make_unique<FakeAccount>(std::move(name), kind);
        auto& added = *account;
        accounts_.push_back(std::move(account));
        return added;
    }
    Fleet& fleet() {
        if (!fleet_)
            fleet_.emplace(
                std::move(accounts_),
                std::make_shared<const Crosswalk>(std::vector<Crosswalk::Row>{{"a", {"hk", "hkg", {}}}}),
                health_, std::nullopt,
                [this](std::string provider, Query query, std::chrono::steady_clock::time_point began,
                       const Listing& listing) -> Task<void> {
                    EXPECT_LE(began, std::chrono::steady_clock::now());
                    for (const auto& row : listing.items) seen_.push_back(provider + ":" + row.ref.native_id);
                    asked_.push_back(std::move(query));
                    if (not_taken_in_) co_return *not_taken_in_;
                    co_return Result<void>{};
                });
        return *fleet_;
    }
    std::vector<Source> look(Filter filter = {}, std::vector<std::string> providers = {"a", "b"}) {
        seen_.clear();
        return *loop_.run(fleet().look(context_, std::move(filter), std::move(providers)));
    }

    test::PollLoop loop_;
    RequestContext context_{Deadline::in(5s), {}, {}, {}};
    std::vector<std::unique_ptr<Provider>> accounts_;
    std::shared_ptr<HealthBoard> health_ = std::make_shared<HealthBoard>();
    std::optional<Fleet> fleet_;
    std::optional<Failure> not_taken_in_;  ///< by the observer
    std::vector<std::string> seen_;        ///< rows that the observer was given by the last look
    std::vector<Query> asked_;
};

const Failure kDown{.slug = Slug::provider_unavailable, .detail = "down", .retryable = true};

TEST_F(FleetTest, GivesTheRowsOfAllNamedProvidersToItsObserver) {
    add("b").add("2");
    add("a").add("1");
    add("c").add("3");
    const auto sources = look();
    EXPECT_EQ(seen_, (std::vector<std::string>{"b:2", "a:1"}));
    EXPECT_TRUE(complete(sources));
    ASSERT_EQ(sources.size(), 2U);
    EXPECT_EQ(sources[0].provider, "b");
    EXPECT_FALSE(asked_[0].product) << "without a filter it is asked for all it has";
}

TEST_F(FleetTest, SaysOfALiveListAloneThatItsObserverCouldNotTakeItIn) {
    add("a").add("1");
    not_taken_in_ = Failure{.slug = Slug::unavailable, .detail = "too much work is waiting"};
    const auto sources = look({}, {"a"});
    EXPECT_EQ(seen_, std::vector<std::string>{"a:1"});
    EXPECT_EQ(sources[0].status, SourceStatus::stale);
    ASSERT_TRUE(sources[0].problem);
    EXPECT_EQ(sources[0].problem->slug, Slug::unavailable);
    EXPECT_EQ(sources[0].problem->provider, "a");
    EXPECT_FALSE(health_->of("a").failing) << "it is not the vendor's fault";
    EXPECT_TRUE(loop_.run(fleet().list(context_, "a", {}))->complete()) << "what orders go by";
    EXPECT_TRUE(loop_.run(fleet().get(context_, {"a", {"p", "net", "1"}})));
    EXPECT_EQ(loop_.run(fleet().get(context_, {"a", {"p", "net", "2"}})).failure().slug, Slug::not_found);
}

// Every mixture of two sources that are whole, partial, silent or do not sell what was asked for.
TEST_F(FleetTest, SaysExactlyWhatIsMissing) {
    enum { whole, partial, silent, unsold };
    for (const int left : {whole, partial, silent, unsold}) {
        for (const int right : {whole, partial, silent, unsold}) {
            accounts_.clear();
            fleet_.reset();
            int readable = 0, missing = 0, selling = 0;
            for (const auto& [name, how] : {std::pair{"a", left}, {"b", right}}) {
                auto& account = add(name, how == unsold ? Kind::eip_boost : Kind::inter_region);
                account.add("1");
                if (how == partial) account.problem = kDown;
                if (how == silent) account.failure = kDown;
                readable += how == whole || how == partial;
                missing += how == partial || how == silent;
                selling += how != unsold;
            }
            const auto sources = look({.kind = Kind::inter_region});
            EXPECT_EQ(complete(sources), missing == 0) << left << right;
            EXPECT_EQ(bwgw::fleet::readable(sources), readable > 0 || selling == 0) << left << right;
            EXPECT_EQ(seen_.size(), static_cast<std::size_t>(readable)) << left << right;
            for (const auto& source : sources) {
                const int how = source.provider == "a" ? left : right;
                EXPECT_EQ(source.status, how == unsold    ? SourceStatus::unsupported
                                         : how == silent  ? SourceStatus::unavailable
                                         : how == partial ? SourceStatus::stale
                                                          : SourceStatus::fresh);
                EXPECT_EQ(source.problem.has_value(), how == partial || how == silent);
                EXPECT_EQ(source.as_of.has_value(), how == whole);
            }
        }
    }
}

TEST_F(FleetTest, AsksForNoMoreThanTheFilterLeavesIn) {
    auto& account = add("a");
    account.add("1");
    add("b");
    (void)look({.network_id = "other"});
    EXPECT_EQ(account.asked.scope, "other");
    EXPECT_EQ(account.asked.product, "p");
    (void)look({.kind = Kind::inter_region});
    EXPECT_EQ(account.asked.product, "p");
    EXPECT_FALSE(account.asked.scope);
    account.calls = 0;
    EXPECT_EQ(look({.provider = "b"}).size(), 1U);
    EXPECT_EQ(look({.provider = "nobody"}).size(), 0U);
    EXPECT_EQ(look({.kind = Kind::eip_boost})[0].status, SourceStatus::unsupported);
    EXPECT_EQ(look({}, {"b"}).size(), 1U);
    EXPECT_EQ(account.calls, 0);
}

TEST_F(FleetTest, TakesANetworkThatAnAccountRefusesForAnotherAccounts) {
    add("a").add("1");
    add("b").failure = Failure{.slug = Slug::not_found, .detail = "no such network"};
    EXPECT_TRUE(complete(look({.network_id = "net"})));
    EXPECT_EQ(seen_, std::vector<std::string>{"a:1"});
    EXPECT_FALSE(complete(look())) << "without the filter the same answer is a fault";
}

TEST_F(FleetTest, SaysNotFoundOnlyFromACompleteListing) {
    auto& account = add("a");
    account.add("1");
    const auto get = [&](std::string provider, std::string native_id) {
        return loop_.run(
            fleet().get(context_, BandwidthId{std::move(provider), {"p", "net", std::move(native_id)}}));
    };
    EXPECT_TRUE(get("a", "1"));
    EXPECT_EQ(get("a", "2").failure().slug, Slug::not_found);
    EXPECT_EQ(get("b", "1").failure().slug, Slug::not_found);
    account.problem = kDown;
    EXPECT_EQ(get("a", "2").failure().slug, Slug::provider_unavailable);
    EXPECT_TRUE(get("a", "1")) << "what is there is there";
    account.failure = kDown;
    EXPECT_EQ(get("a", "1").failure().slug, Slug::provider_unavailable);
}

TEST_F(FleetTest, ChecksCapabilitiesBeforeAnyCall) {
    auto& account = add("a");
    Order order;
    order.billing.model = BillingModel::fixed;
    order.bandwidth_mbps = 50;
    const auto slug = [&](const Order& wanted) {
        const auto result = loop_.run(fleet().create(context_, "a", wanted));
        return result ? std::optional<Slug>() : result.failure().slug;
    };
    auto other = order;
    other.kind = Kind::eip_boost;
    EXPECT_EQ(slug(other), Slug::unsupported);
    other = order;
    other.billing.model = BillingModel::traffic;
    EXPECT_EQ(slug(other), Slug::unsupported);
    other = order;
    other.bandwidth_mbps = 9;
    EXPECT_EQ(slug(other), Slug::unsupported);
    const BandwidthId id{"a", {"p", "net", "1"}};
    EXPECT_EQ(loop_.run(fleet().release(context_, id)).failure().slug, Slug::unsupported);
    EXPECT_EQ(loop_.run(fleet().change(context_, id, Resize{20, {}})).failure().slug, Slug::unsupported);
    EXPECT_EQ(account.calls, 0);
    EXPECT_FALSE(slug(order));
    EXPECT_EQ(account.calls, 1);
}

TEST_F(FleetTest, RemembersHowAnAccountAnsweredButNotWhatACallerDidWrong) {
    auto& account = add("a");
    (void)look();
    EXPECT_TRUE(health_->of("a").last_success_at);
    EXPECT_FALSE(health_->of("a").failing);
    account.failure = Failure{.slug = Slug::invalid_request};
    (void)look();
    EXPECT_FALSE(health_->of("a").failing);
    account.failure = kDown;
    (void)look();
    EXPECT_TRUE(health_->of("a").failing);
    EXPECT_EQ(health_->of("a").last_problem->slug, Slug::provider_unavailable);
    account.failure.reset();
    (void)look();
    EXPECT_FALSE(health_->of("a").failing) << "and it recovers";
}

TEST_F(FleetTest, TakesARefusalOfOurOwnNeitherForAnEmptyNetworkNorForTheVendorsFault) {
    auto& account = add("a");
    account.add("1");
    account.failure = Failure{.slug = Slug::rate_limited, .detail = "full", .retryable = true, .ours = true};
    const auto sources = look({.network_id = "net"});
    ASSERT_TRUE(sources.at(0).problem);
    EXPECT_EQ(sources[0].problem->slug, Slug::rate_limited);
    EXPECT_FALSE(complete(sources));
    const BandwidthId id{"a", {"p", "net", "1"}};
    EXPECT_EQ(loop_.run(fleet().get(context_, id)).failure().slug, Slug::rate_limited);
    account.problem = std::exchange(account.failure, std::nullopt);
    EXPECT_EQ(look()[0].problem->slug, Slug::rate_limited);
    EXPECT_FALSE(health_->of("a").failing);
}

TEST_F(FleetTest, OfGuardedAccountsLetsOneThatHangsAloneAndNobodyElse) {
    const Guards guards({{.provider = "a"}, {.provider = "b"}});
    add("a").failure = Failure{.slug = Slug::provider_timeout, .detail = "hangs"};
    add("b").add("1");
    Fleet guarded(std::move(accounts_), std::make_shared<const Crosswalk>(std::vector<Crosswalk::Row>{}),
                  health_, Guarding{guards, loop_});
    EXPECT_TRUE(guarded.refused({"a", "b"}).empty());
    for (int i = 0; i < 7; ++i) {
        const auto sources = loop_.run(guarded.look(context_, Filter{}, {"a", "b"}));
        EXPECT_EQ((*sources)[0].problem->ours, i >= 5) << i;
        EXPECT_FALSE((*sources)[1].problem) << i;
    }
    EXPECT_EQ(health_->of("a").last_problem->detail, "hangs") << "not what the breaker said";
    const auto refused = guarded.refused({"a", "b"});
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].provider, "a");
    EXPECT_EQ(refused[0].status, SourceStatus::unavailable);
    EXPECT_TRUE(refused[0].problem->ours);
    EXPECT_EQ(guards.read()[0].refused_breaker, 3U);
}

class SharedLooks : public FleetTest {
protected:
    auto ask(const std::string& native_id, const std::string& network = "net") {
        return test::start(fleet_of_one.get(context_, {"a", {"p", network, native_id}}, Look::shared));
    }
    /// What each of them was answered: "" for its row.
    std::vector<std::string> answers(std::vector<test::Running<Entry>>& asking) {
        std::vector<std::string> slugs;
        for (auto& one : asking) {
            EXPECT_TRUE(loop_.run_until([&] { return one.done(); }, 2s));
            auto entry = one.take();
            slugs.emplace_back(entry ? "" : word(entry.failure().slug));
        }
        return slugs;
    }

    const Guards guards{{{.provider = "a"}}};
    FakeAccount& account = add("a");
    Fleet fleet_of_one{std::move(accounts_), std::make_shared<const Crosswalk>(std::vector<Crosswalk::Row>{}),
                       health_, Guarding{guards, loop_}};
    loop::Event answering{loop_};
};

TEST_F(SharedLooks, FollowEachOtherAndTheNextIsForAllWhoAskedMeanwhile) {
    account.add("1");
    account.held = &answering;
    std::vector<test::Running<Entry>> asking;
    asking.push_back(ask("2"));
    EXPECT_EQ(account.asked.native_ids, std::vector<std::string>{"2"}) << "who is alone asks for no more";
    account.add("2");
    for (const char* id : {"1", "2", "3", "4"}) asking.push_back(ask(id));
    EXPECT_EQ(account.calls, 1);
    answering.set();
    EXPECT_EQ(answers(asking), (std::vector<std::string>{"not-found", "", "", "not-found", "not-found"}));
    EXPECT_EQ(account.calls, 2);
    EXPECT_EQ(account.asked.scope, "net");
    EXPECT_TRUE(account.asked.native_ids.empty());
    asking.clear();
    asking.push_back(ask("1"));
    EXPECT_EQ(answers(asking), std::vector<std::string>{""}) << "and so it goes on";
    EXPECT_EQ(account.calls, 3);
}

TEST_F(SharedLooks, OfOtherNetworksStandInLine) {
    account.add("1");
    account.held = &answering;
    std::vector<test::Running<Entry>> asking;
    for (const char* network : {"a", "b", "a", "net", "b", "a"}) asking.push_back(ask("1", network));
    asking.push_back(ask("2"));
    EXPECT_EQ(account.calls, 1);
    answering.set();
    EXPECT_EQ(answers(asking), (std::vector<std::string>{"not-found", "not-found", "not-found", "",
                                                         "not-found", "not-found", "not-found"}));
    EXPECT_EQ(account.calls, 4);
    EXPECT_EQ(account.asked.scope, "net");
}

TEST_F(SharedLooks, AreRefusedToWhoeverComesWhereTooManyStandInLine) {
    constexpr int kMost = Fleet::kMostSearches;
    account.held = &answering;
    std::vector<test::Running<Entry>> asking;
    asking.push_back(ask("1", "0"));
    std::stop_source leaving;
    context_.cancelled = leaving.get_token();
    std::vector<test::Running<Entry>> left;
    for (int i = 1; i < kMost; ++i) left.push_back(ask("1", std::to_string(i)));
    context_.cancelled = {};
    leaving.request_stop();
    EXPECT_TRUE(
        loop_.run_until([&] { return std::ranges::all_of(left, [](auto& one) { return one.done(); }); }));
    for (int i = 1; i < kMost; ++i) asking.push_back(ask("1", std::to_string(i)));
    asking.push_back(ask("1", "more"));
    asking.push_back(ask("1", "7"));
    answering.set();
    const auto said = answers(asking);
    EXPECT_EQ(said[kMost], "rate-limited");
    EXPECT_EQ(std::ranges::count(said, "not-found"), kMost + 1) << "who joins one is let by";
    EXPECT_EQ(account.calls, kMost);
}

TEST_F(SharedLooks, AreWaitedForByEachNoLongerThanItMay) {
    account.held = &answering;
    std::vector<test::Running<Entry>> asking;
    asking.push_back(ask("1"));
    context_.deadline = Deadline::in(20ms);
    asking.push_back(ask("1"));
    EXPECT_TRUE(loop_.run_until([&] { return asking[1].done(); }));
    EXPECT_FALSE(asking[0].done());
    answering.set();
    EXPECT_EQ(answers(asking), (std::vector<std::string>{"not-found", "provider-timeout"}));
}

TEST_F(SharedLooks, AreNotMadeForNobodyAndHaveTheirFullTime) {
    account.held = &answering;
    std::stop_source leaving;
    context_.cancelled = leaving.get_token();
    std::vector<test::Running<Entry>> asking;
    for (const char* network : {"a", "b"}) asking.push_back(ask("1", network));
    context_ = {Deadline::in(1s), {}, {}, {}};
    asking.push_back(ask("1", "c"));
    EXPECT_FALSE(account.cancelled.stop_requested());
    leaving.request_stop();
    EXPECT_TRUE(loop_.run_until([&] { return asking[0].done() && asking[1].done(); }));
    EXPECT_TRUE(account.cancelled.stop_requested()) << "who waited for what is under way";
    answering.set();
    EXPECT_EQ(answers(asking),
              (std::vector<std::string>{"provider-timeout", "provider-timeout", "not-found"}));
    EXPECT_EQ(account.calls, 2);
    EXPECT_EQ(account.asked.scope, "c");
    EXPECT_GT(account.left, 5s) << "not what its caller had left";
}

class LooksOfOneTurn : public SharedLooks {
protected:
    auto look(Filter filter = {}) {
        return test::start(fleet_of_one.look(context_, std::move(filter), {"a"}));
    }
    bool begun(int calls) {
        return loop_.run_until([&] { return account.calls == calls; }, 2s);
    }
    SourceStatus status(test::Running<std::vector<Source>>& looking) {
        EXPECT_TRUE(loop_.run_until([&] { return looking.done(); }, 2s));
        return looking.take()->at(0).status;
    }
};

TEST_F(LooksOfOneTurn, AreOneForWhoAsksTheSame) {
    std::vector<test::Running<std::vector<Source>>> looking;
    for (int i = 0; i < 3; ++i) looking.push_back(look());
    for (int i = 0; i < 2; ++i) looking.push_back(look({.network_id = "net"}));
    looking.push_back(look({.region = "hk"}));  // is no matter of the vendor's
    EXPECT_EQ(account.calls, 0) << "the turn is not over";
    for (auto& one : looking) EXPECT_EQ(status(one), SourceStatus::fresh);
    EXPECT_EQ(account.calls, 2);
}

TEST_F(LooksOfOneTurn, AreNotForWhoComesOnceTheyHaveBegun) {
    account.held = &answering;
    auto first = look();
    ASSERT_TRUE(begun(1));
    auto second = look();
    EXPECT_TRUE(begun(2)) << "and does not stand in line for it";
    answering.set();
    EXPECT_EQ(status(first), SourceStatus::fresh);
    EXPECT_EQ(status(second), SourceStatus::fresh);
}

TEST_F(LooksOfOneTurn, EndOnlyWhenTheLastCallerHasLeft) {
    account.held = &answering;
    std::stop_source first, second;
    context_.cancelled = first.get_token();
    auto one = look();
    context_.cancelled = second.get_token();
    auto other = look();
    ASSERT_TRUE(begun(1));
    first.request_stop();
    EXPECT_EQ(status(one), SourceStatus::unavailable);
    EXPECT_FALSE(account.cancelled.stop_requested());
    second.request_stop();
    EXPECT_EQ(status(other), SourceStatus::unavailable);
    EXPECT_TRUE(account.cancelled.stop_requested());
    EXPECT_TRUE(loop_.run_until([&] { return loop_.spawned() == 0; }, 2s));
    EXPECT_FALSE(health_->of("a").failing) << "it was not the vendor that gave up";
}

TEST_F(LooksOfOneTurn, AreNotSpoiltByWhoHasLeftAlready) {
    std::stop_source left;
    left.request_stop();
    context_.cancelled = left.get_token();
    auto gone = look();
    context_.cancelled = {};
    auto other = look();
    EXPECT_EQ(status(gone), SourceStatus::unavailable);
    EXPECT_EQ(status(other), SourceStatus::fresh);
    EXPECT_EQ(account.calls, 2);
}

TEST_F(LooksOfOneTurn, ThrowForEachWhoWaitsWhatWasThrown) {
    account.thrown = true;
    auto one = look({.network_id = "net"});
    auto other = look({.network_id = "net"});
    for (auto* looking : {&one, &other}) {
        ASSERT_TRUE(loop_.run_until([&] { return looking->done(); }, 2s));
        EXPECT_THROW((void)looking->take(), std::logic_error);
    }
    EXPECT_EQ(account.calls, 1);
}

TEST_F(LooksOfOneTurn, EndAtTheLastDeadlineAndAreTheVendorsFault) {
    account.held = &answering;
    auto patient = look();  // before the others, so that `left` is theirs
    context_.deadline = Deadline::in(100ms);
    auto one = look();
    context_.deadline.at += 90ms;
    auto other = look();
    EXPECT_EQ(status(one), SourceStatus::unavailable);
    EXPECT_EQ(status(other), SourceStatus::unavailable);
    EXPECT_GT(account.left, 100ms) << "nobody loses time to who came before";
    EXPECT_LE(account.left, 190ms);
    EXPECT_TRUE(health_->of("a").failing);
    EXPECT_EQ(health_->of("a").last_problem->detail, "hangs");
    EXPECT_FALSE(patient.done()) << "who has more time does not lose it to them";
    EXPECT_EQ(account.calls, 2);
    answering.set();
    EXPECT_EQ(status(patient), SourceStatus::fresh);
}

TEST_F(LooksOfOneTurn, AreVendorTimeOfEachWhoWaits) {
    std::vector<std::shared_ptr<VendorTime>> times;
    std::vector<test::Running<std::vector<Source>>> looking;
    for (int i = 0; i < 2; ++i) {
        times.push_back(context_.trace.vendor_time = std::make_shared<VendorTime>());
        looking.push_back(look());
    }
    for (auto& one : looking) (void)status(one);
    EXPECT_EQ(account.calls, 1);
    for (const auto& time : times) EXPECT_GT(time->until(loop_.now()), 0s);
}

TEST_F(FleetTest, DoesNotBlameAVendorForACallerWhoLeft) {
    add("a").failure = kDown;
    std::stop_source caller;
    caller.request_stop();
    context_.cancelled = caller.get_token();
    (void)look();
    EXPECT_FALSE(health_->of("a").failing);
}

TEST_F(FleetTest, LearnsRegionsAndKeepsWhatItKnewOfASilentProvider) {
    auto& account = add("a");
    auto learned = loop_.run(fleet().regions(context_));
    ASSERT_TRUE(learned);
    EXPECT_TRUE(learned->complete);
    EXPECT_EQ(learned->crosswalk.rows().size(), 2U);
    account.failure = kDown;
    learned = loop_.run(fleet().regions(context_));
    EXPECT_FALSE(learned->complete);
    EXPECT_EQ(learned->crosswalk.rows().size(), 1U);
}

TEST_F(FleetTest, LearnsRegionsAgainOfThoseThatFailedOnly) {
    auto& silent = add("a");
    auto& answers = add("b");
    silent.failure = kDown;
    auto learned = loop_.run(fleet().regions(context_));
    ASSERT_TRUE(learned);
    EXPECT_FALSE(learned->complete);
    EXPECT_EQ(learned->answered, std::vector<std::string>{"b"});
    answers.failure = kDown;  // would be heard of
    silent.failure.reset();
    learned = loop_.run(fleet().regions(context_, learned->answered));
    EXPECT_TRUE(learned->complete);
    EXPECT_EQ(learned->answered, std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace bwgw::fleet
