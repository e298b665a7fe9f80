#include "gateway/inventory/inventory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <set>

#include "gateway/inventory/fingerprint.h"
#include "tests/inventory/fixture.h"

namespace bwgw::inventory {
namespace {

Query one(std::string native_id) {
    return {.product = "pair", .scope = "net-1", .native_ids = {std::move(native_id)}};
}

Listing of(std::vector<Bandwidth> rows, std::optional<Failure> problem = {}) {
    return {std::move(rows), std::move(problem)};
}

class InventoryTest : public testing::Test {
protected:
    const Account& east() {
        snapshot_ = inventory.snapshot();
        return *snapshot_->account("east");
    }
    ledger::StoredAccount stored(std::vector<StoredRow> rows, std::optional<Moment> as_of = {}) {
        return {as_of, 1, std::move(rows)};
    }
    static StoredRow stored_row(const Bandwidth& bandwidth, std::chrono::milliseconds seen) {
        return {BandwidthId{"east", bandwidth.ref}.text(), render("east", bandwidth), at(seen).at};
    }
    static StoredRow gone(const Bandwidth& bandwidth, std::chrono::milliseconds seen) {
        return {BandwidthId{"east", bandwidth.ref}.text(), "", at(seen).at};
    }
    void restore(std::vector<StoredRow> rows, std::optional<Moment> as_of = {}) {
        inventory.restore("east", stored(std::move(rows), as_of), at(1h));
    }
    Texts unsaved() {
        Texts texts;
        for (const auto& row : inventory.take_changes("east"))
            texts.push_back(fmt::format("{}{}@{}", BandwidthId::parse(row.id)->ref.native_id,
                                        row.json.empty() ? " gone" : "", (row.seen - at(0ms).at).count()));
        return texts;
    }

    Inventory inventory{{"east", "west"}, render};

private:
    std::shared_ptr<const Snapshot> snapshot_;
};

TEST_F(InventoryTest, KnowsNothingOfWhatWasNeverRead) {
    EXPECT_FALSE(east().as_of);
    EXPECT_FALSE(east().tried);
    EXPECT_TRUE(shown(inventory).empty());
    EXPECT_EQ(inventory.snapshot()->account("north"), nullptr);
    EXPECT_THROW(inventory.saw("north", {}, at(1ms), {}), std::logic_error);
}

TEST_F(InventoryTest, ShowsWhatAWholeListingShowsAndDropsWhatItLacks) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("b"), bandwidth("a")}));
    EXPECT_EQ(shown(inventory), (Texts{"a:10", "b:10"}));
    EXPECT_EQ(east().as_of, at(1ms).at);
    inventory.saw("east", {}, at(2ms), of({bandwidth("b", 20), bandwidth("c")}));
    EXPECT_EQ(shown(inventory), (Texts{"b:20", "c:10"}));
    EXPECT_EQ(east().as_of, at(2ms).at);
    EXPECT_TRUE(shown(inventory, "west").empty());
}

TEST_F(InventoryTest, RendersOnlyAListingThatSaysSomethingElseThanTheLast) {
    int rendered = 0;
    std::string more;
    Inventory counting({"east"}, [&](const std::string& provider, const Bandwidth& bandwidth) {
        ++rendered;
        return render(provider, bandwidth) + more;
    });
    const auto last = of({bandwidth("a"), bandwidth("b")});
    counting.saw("east", {}, at(1ms), last);
    const auto before = counting.snapshot()->account("east")->rows;
    counting.saw("east", {}, at(2ms), last);
    EXPECT_EQ(rendered, 2);
    EXPECT_EQ(counting.snapshot()->account("east")->as_of, at(2ms).at);
    EXPECT_EQ(counting.snapshot()->account("east")->rows, before);

    more = " ";
    counting.render_anew();
    counting.saw("east", {}, at(3ms), last);
    EXPECT_EQ(rendered, 4);
    EXPECT_NE(counting.snapshot()->account("east")->rows, before);

    counting.saw("east", one("c"), at(5ms), of({bandwidth("c")}));
    EXPECT_EQ(rendered, 5);
    counting.saw("east", {}, at(4ms), last);
    EXPECT_EQ(shown(counting), (Texts{"a:10", "b:10", "c:10"})) << "seen after that listing began";
    counting.saw("east", {}, at(6ms), last);
    EXPECT_EQ(shown(counting), (Texts{"a:10", "b:10"})) << "and gone after that, though it says the same";
    const auto settled = rendered;
    counting.saw("east", {}, at(7ms), last);
    EXPECT_EQ(rendered, settled);
    counting.saw("east", {}, at(8ms), of({bandwidth("a"), bandwidth("b", 20)}));
    EXPECT_EQ(shown(counting), (Texts{"a:10", "b:20"}));
}

TEST(Fingerprint, OfAListingDiffersWithEveryWordOfItAndWithTheirOrder) {
    const auto print = [](std::vector<Bandwidth> rows) { return fingerprint_of(rows, 0); };
    const auto row = bandwidth("a");
    std::set<std::uint64_t> prints{print({}),
                                   print({row}),
                                   print({row, row}),
                                   print({row, bandwidth("b")}),
                                   print({bandwidth("b"), row}),
                                   fingerprint_of({row}, 1)};
    EXPECT_EQ(prints.size(), 6U);
    EXPECT_EQ(print({row}), print({bandwidth("a")}));
    const std::vector<std::function<void(Bandwidth&)>> changes = {
        [](Bandwidth& b) { b.ref.product += "x"; },
        [](Bandwidth& b) { b.ref.scope += "x"; },
        [](Bandwidth& b) { b.kind = Kind::eip_boost; },
        [](Bandwidth& b) { b.name = "other"; },
        [](Bandwidth& b) { b.marker = "other"; },
        [](Bandwidth& b) { b.network_id = "other"; },
        [](Bandwidth& b) {
            b.ends = Ends{"other", ""};
        },
        [](Bandwidth& b) {
            b.ends = Ends{"", "other"};
        },
        [](Bandwidth& b) { b.region = "other"; },
        [](Bandwidth& b) { b.eip_id = "other"; },
        [](Bandwidth& b) { b.bandwidth = Mbps{7}; },
        [](Bandwidth& b) { b.burst = Mbps{7}; },
        [](Bandwidth& b) { b.billing.model = BillingModel::traffic; },
        [](Bandwidth& b) { b.billing.payment = Payment::prepaid; },
        [](Bandwidth& b) {
            b.billing.term = Term{TermUnit::year, 3};
        },
        [](Bandwidth& b) { b.service_tier = ServiceTier::gold; },
        [](Bandwidth& b) { b.path_policy = PathPolicy::standard; },
        [](Bandwidth& b) { b.state = State::failed; },
        [](Bandwidth& b) { b.created_at = Instant(7s); },
        [](Bandwidth& b) { b.starts_at = Instant(7s); },
        [](Bandwidth& b) { b.expires_at = Instant(7s); },
        [](Bandwidth& b) { b.provider_state = "other"; },
        [](Bandwidth& b) { b.provider_details = "{\"other\":1}"; },
    };
    for (const auto& change : changes) {
        auto changed = row;
        change(changed);
        prints.insert(print({changed}));
    }
    EXPECT_EQ(prints.size(), 6 + changes.size());
}

TEST_F(InventoryTest, KeepsTheFirstOfARowThatAListingShowsTwice) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a", 1), bandwidth("a", 2)}));
    EXPECT_EQ(shown(inventory), Texts{"a:1"});
}

TEST_F(InventoryTest, DropsNothingOnTheWordOfAPartialListing) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a"), bandwidth("b")}));
    inventory.saw("east", {}, at(2ms), of({bandwidth("b", 20), bandwidth("c")}, kDown));
    EXPECT_EQ(shown(inventory), (Texts{"a:10", "b:20", "c:10"}));
    EXPECT_EQ(east().as_of, at(1ms).at) << "it is as old as its last whole listing";
    EXPECT_EQ(east().tried, at(2ms).at);
    EXPECT_EQ(east().problem->slug, Slug::provider_unavailable);
    inventory.saw("east", one("a"), at(3ms), of({}, kDown));
    EXPECT_EQ(shown(inventory).size(), 3U);
    inventory.saw("east", {}, at(4ms), of({bandwidth("b", 20)}));
    EXPECT_EQ(shown(inventory), Texts{"b:20"}) << "and a whole one may";
    EXPECT_FALSE(east().problem);
}

TEST_F(InventoryTest, HasNoTimeWhereNoListingWasWhole) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a")}, kDown));
    EXPECT_EQ(shown(inventory), Texts{"a:10"});
    EXPECT_FALSE(east().as_of);
    EXPECT_EQ(east().tried, at(1ms).at);
}

TEST_F(InventoryTest, TakesANarrowListingForWhatItNames) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a"), bandwidth("b"), bandwidth("c", 10, "net-2")}));
    inventory.saw("east", one("a"), at(2ms), of({}));
    EXPECT_EQ(shown(inventory), (Texts{"b:10", "c:10"}));
    inventory.saw("east", {.scope = "net-1"}, at(3ms), of({bandwidth("d")}));
    EXPECT_EQ(shown(inventory), (Texts{"d:10", "c:10"})) << "by id, in which the network comes first";
    inventory.saw("east", {.product = "other"}, at(4ms), of({}));
    EXPECT_EQ(shown(inventory).size(), 2U);
    inventory.saw("east", {.product = "pair"}, at(5ms), of({}));
    EXPECT_TRUE(shown(inventory).empty());
    EXPECT_EQ(east().as_of, at(1ms).at);
}

TEST_F(InventoryTest, NeverUndoesALaterSight) {
    inventory.saw("east", {}, at(10ms), of({bandwidth("a"), bandwidth("b"), bandwidth("c")}));
    inventory.saw("east", one("a"), at(30ms), of({bandwidth("a", 30)}));
    inventory.saw("east", one("b"), at(30ms), of({}));
    inventory.saw("east", one("d"), at(30ms), of({bandwidth("d")}));
    // These began before that.
    inventory.saw("east", one("a"), at(20ms), of({}));
    inventory.saw("east", {}, at(20ms), of({bandwidth("a", 20), bandwidth("b", 20), bandwidth("c", 20)}));
    EXPECT_EQ(shown(inventory), (Texts{"a:30", "c:20", "d:10"}));
    inventory.saw("east", {}, at(15ms), of({}));
    inventory.failed("east", at(15ms), kDown);
    EXPECT_EQ(shown(inventory), (Texts{"a:30", "c:20", "d:10"}));
    EXPECT_FALSE(east().problem);
    inventory.saw("east", {}, at(40ms), of({bandwidth("b", 40)}));
    EXPECT_EQ(shown(inventory), Texts{"b:40"}) << "and what began later has the last word";
}

TEST_F(InventoryTest, RemembersThatWhatItNeverSawIsGone) {
    inventory.saw("east", one("a"), at(30ms), of({}));
    inventory.saw("east", {}, at(20ms), of({bandwidth("a")}));
    EXPECT_TRUE(shown(inventory).empty());
    inventory.saw("east", {}, at(40ms), of({bandwidth("a")}));
    EXPECT_EQ(shown(inventory), Texts{"a:10"});
}

TEST_F(InventoryTest, BoundsTheAbsencesItRemembersAndForgetsTheOldest) {
    Known known;
    known.provider = "east";
    const auto absent = [&](int number) {
        const auto changes = known.saw(one("n" + std::to_string(number)), at(1s + number * 1ms), {}, true);
        EXPECT_TRUE(changes.empty());
    };
    const auto remembers = [&](int number) {
        return known.seen(BandwidthId{"east", bandwidth("n" + std::to_string(number)).ref}.text())
            .has_value();
    };
    const auto a = row("east", bandwidth("a"));
    known.apply(known.saw(one("a"), at(1ms), std::array{a}, true));
    constexpr int kMany = 5 * Known::kMostGone;
    for (int i = 0; i < kMany; ++i) absent(i);
    EXPECT_LE(known.later.size(), 2 * Known::kMostGone + 3);
    EXPECT_FALSE(remembers(0));
    EXPECT_TRUE(remembers(kMany - static_cast<int>(Known::kMostGone)));
    EXPECT_TRUE(known.seen(a->id())) << "what is there keeps its time";
}

TEST_F(InventoryTest, OrdersPartialListingsToo) {
    inventory.saw("east", {}, at(30ms), of({bandwidth("a", 30)}, kDown));
    inventory.saw("east", {}, at(20ms), of({bandwidth("a", 20), bandwidth("b", 20)}));
    EXPECT_EQ(shown(inventory), (Texts{"a:30", "b:20"}));
}

TEST_F(InventoryTest, SaysWhyAnAccountCouldNotBeRead) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a")}));
    inventory.failed("east", at(2ms), kDown);
    EXPECT_EQ(shown(inventory), Texts{"a:10"});
    EXPECT_EQ(east().as_of, at(1ms).at);
    EXPECT_EQ(east().tried, at(2ms).at);
    EXPECT_TRUE(east().problem);
}

TEST_F(InventoryTest, ShowsPurchasesUntilAListingDoesOrTheyAreLetGo) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("b")}));
    const auto empty = east().content;
    inventory.hold({{"east", bandwidth("a", 5)}, {"west", bandwidth("w")}}, {});
    EXPECT_EQ(shown(inventory), (Texts{"a:5", "b:10"}));
    EXPECT_EQ(shown(inventory, "west"), Texts{"w:10"});
    EXPECT_NE(east().content, empty);
    EXPECT_TRUE(inventory.snapshot()->find(BandwidthId{"east", bandwidth("a").ref}.text()).row);
    inventory.saw("east", one("a"), at(2ms), of({bandwidth("a", 6)}));
    EXPECT_EQ(shown(inventory), (Texts{"a:6", "b:10"})) << "what is listed wins";
    inventory.hold({{"east", bandwidth("a", 5)}}, {});
    EXPECT_EQ(shown(inventory), (Texts{"a:6", "b:10"}));
    EXPECT_TRUE(shown(inventory, "west").empty());
    inventory.saw("east", {}, at(3ms), of({}));
    EXPECT_EQ(shown(inventory), Texts{"a:5"}) << "not settled yet";
    inventory.hold({}, {});
    EXPECT_TRUE(shown(inventory).empty());
    EXPECT_TRUE(inventory.take_changes("west").empty()) << "the ledger has them";
}

TEST_F(InventoryTest, PassesOnTheDoubtOfTheLedger) {
    const auto before = inventory.version();
    inventory.hold({}, kDown);
    EXPECT_TRUE(inventory.snapshot()->doubt());
    EXPECT_NE(inventory.version(), before);
    inventory.hold({}, {});
    EXPECT_FALSE(inventory.snapshot()->doubt());
}

TEST_F(InventoryTest, KeepsARowWhoseTextIsTheSame) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a")}));
    const auto* first = (*east().rows)[0].get();
    (void)unsaved();
    inventory.saw("east", {}, at(2ms), of({bandwidth("a")}));
    EXPECT_EQ((*east().rows)[0].get(), first);
    EXPECT_TRUE(unsaved().empty());
}

TEST_F(InventoryTest, HasTheSameContentWhateverTheOrderOfSights) {
    std::mt19937 random(7);
    std::vector<Bandwidth> rows;
    for (int i = 0; i < 20; ++i) rows.push_back(bandwidth("n" + std::to_string(i), i));
    inventory.saw("east", {}, at(1ms), of(rows));
    Inventory other({"east"}, render);
    other.saw("east", {}, at(2ms), of({bandwidth("n3", 99), bandwidth("gone")}));
    std::ranges::shuffle(rows, random);
    for (const auto& row : rows) other.saw("east", one(row.ref.native_id), at(3ms), of({row}));
    EXPECT_NE(other.snapshot()->account("east")->content, east().content);
    other.saw("east", one("gone"), at(4ms), of({}));
    EXPECT_EQ(other.snapshot()->account("east")->content, east().content);
}

TEST_F(InventoryTest, TellsWhatIsToBeStoredOnce) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a"), bandwidth("b")}));
    EXPECT_EQ(unsaved(), (Texts{"a@1", "b@1"}));
    EXPECT_TRUE(unsaved().empty());
    inventory.saw("east", {}, at(5ms), of({bandwidth("b")}));
    inventory.saw("east", one("c"), at(7ms), of({bandwidth("c")}));
    EXPECT_EQ(unsaved(), (Texts{"a gone@5", "c@7"}));
}

TEST_F(InventoryTest, LosesNothingThatCouldNotBeStored) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a"), bandwidth("b")}));
    const auto taken = inventory.take_changes("east");
    inventory.saw("east", {}, at(2ms), of({bandwidth("a", 2)}));
    inventory.give_back("east", taken);
    auto rows = inventory.take_changes("east");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].json, render("east", bandwidth("a", 2))) << "and what is newer stays newer";
    EXPECT_TRUE(rows[1].json.empty());
}

TEST_F(InventoryTest, RestoresWhatItsPredecessorKnew) {
    restore({stored_row(bandwidth("a"), 1ms), stored_row(bandwidth("b"), 3ms), gone(bandwidth("c"), 2ms)},
            at(2ms).at);
    EXPECT_EQ(shown(inventory), (Texts{"a:10", "b:10"}));
    EXPECT_EQ(east().as_of, at(2ms).at);
    EXPECT_FALSE(east().tried);
    EXPECT_TRUE(unsaved().empty());
    restore({{"nonsense", "{}", at(9ms).at}}, at(9ms).at);
    EXPECT_EQ(shown(inventory).size(), 2U) << "what cannot be read is left out";
}

TEST_F(InventoryTest, TakesFromOthersWhatTheySawLater) {
    inventory.saw("east", {}, at(10ms), of({bandwidth("a"), bandwidth("b")}));
    (void)unsaved();
    restore(
        {stored_row(bandwidth("a", 20), 20ms), gone(bandwidth("b"), 20ms), stored_row(bandwidth("c"), 20ms)},
        at(10ms).at);
    EXPECT_EQ(shown(inventory), (Texts{"a:20", "c:10"}));
    EXPECT_EQ(east().as_of, at(10ms).at);
    inventory.saw("east", {}, at(15ms), of({bandwidth("a"), bandwidth("b")}));
    EXPECT_EQ(shown(inventory), (Texts{"a:20", "c:10"})) << "an own listing that began before is older";
    restore({}, at(30ms).at);
    EXPECT_EQ(east().as_of, at(30ms).at);
    inventory.saw("east", {}, at(25ms), of({}));
    EXPECT_EQ(shown(inventory).size(), 2U) << "so is one before another's whole listing";
}

TEST_F(InventoryTest, DoesNotCallWholeWhatTheStoreHasLostRowsOf) {
    auto lossy = stored({stored_row(bandwidth("a"), 5ms)}, at(10ms).at);
    lossy.whole = false;
    inventory.restore("east", lossy, at(20ms));
    EXPECT_EQ(shown(inventory), Texts{"a:10"});
    EXPECT_FALSE(east().as_of);
    restore({}, at(10ms).at);
    EXPECT_FALSE(east().as_of) << "nor when it tells that time again";
    restore({stored_row(bandwidth("b"), 30ms)}, at(30ms).at);
    EXPECT_EQ(east().as_of, at(30ms).at);
}

TEST_F(InventoryTest, StoresAllAnewWhenTheStoreHasLostSomething) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a"), bandwidth("b")}));
    (void)unsaved();
    inventory.saw("east", one("b"), at(2ms), of({}));
    inventory.store_anew("east");
    EXPECT_EQ(unsaved(), (Texts{"a@1", "b gone@2"}));
}

TEST_F(InventoryTest, TakesWhatAFastClockHasStoredForSeenNow) {
    inventory.restore("east", stored({stored_row(bandwidth("a"), 1h)}, at(1h).at), at(10ms));
    EXPECT_EQ(east().as_of, at(10ms).at);
    inventory.saw("east", {}, at(20ms), of({bandwidth("a", 20)}));
    EXPECT_EQ(shown(inventory), Texts{"a:20"});
    inventory.restore("east", stored({}, at(1h).at), at(30ms));
    EXPECT_EQ(east().as_of, at(20ms).at) << "the same time, heard again, is no later sight";
    inventory.restore("east", stored({stored_row(bandwidth("a", 40), 40ms)}, at(35ms).at), at(50ms));
    EXPECT_EQ(shown(inventory), Texts{"a:40"});
    EXPECT_EQ(east().as_of, at(35ms).at) << "and the clock was put right";
}

TEST_F(InventoryTest, OrdersSightsByItsOwnClockWhenTheWallClockWasSetBack) {
    inventory.saw("east", {}, {at(10ms).began, at(1h).at}, of({bandwidth("a")}));
    inventory.restore("east", stored({stored_row(bandwidth("a", 20), 20ms)}, at(20ms).at), at(30ms));
    EXPECT_EQ(shown(inventory), Texts{"a:20"});
    EXPECT_EQ(east().as_of, at(20ms).at);
    inventory.saw("east", one("a"), {at(40ms).began, at(15ms).at}, of({bandwidth("a", 40)}));
    inventory.restore("east", stored({stored_row(bandwidth("a", 20), 20ms)}), at(50ms));
    EXPECT_EQ(shown(inventory), Texts{"a:40"});
}

TEST_F(InventoryTest, StoresAnewWhatOthersSawEarlier) {
    inventory.saw("east", {}, at(10ms), of({bandwidth("a"), bandwidth("b")}));
    (void)unsaved();
    restore({stored_row(bandwidth("a", 5), 5ms), gone(bandwidth("b"), 5ms), stored_row(bandwidth("c"), 5ms)});
    EXPECT_EQ(shown(inventory), (Texts{"a:10", "b:10"}));
    EXPECT_EQ(unsaved(), (Texts{"a@10", "b@10", "c gone@10"}));
    restore({stored_row(bandwidth("a"), 10ms)});
    EXPECT_TRUE(unsaved().empty()) << "what is the same is not";
}

// Whatever order the store hands them about in, all gateways end with what was seen last.
TEST_F(InventoryTest, AgreesAmongGatewaysThatShareAStore) {
    for (unsigned seed = 0; seed < 200; ++seed) {
        std::mt19937 random(seed);
        const auto below = [&](int bound) { return std::uniform_int_distribution(0, bound - 1)(random); };
        Inventory gateways[3] = {{{"east"}, render}, {{"east"}, render}, {{"east"}, render}};
        std::map<std::string, StoredRow> store;
        std::map<std::string, std::int64_t> vendor;
        const auto exchange = [&](Inventory& gateway) {
            for (auto& row : gateway.take_changes("east")) store.insert_or_assign(row.id, row);
            std::vector<StoredRow> rows;
            for (const auto& [id, row] : store) rows.push_back(row);
            gateway.restore("east", {{}, 1, rows}, at(1h));
        };
        const auto look = [&](Inventory& gateway, std::chrono::milliseconds when) {
            const auto id = "n" + std::to_string(below(5));
            const auto known = vendor.find(id);
            gateway.saw("east", one(id), at(when),
                        of(known == vendor.end() ? std::vector<Bandwidth>{}
                                                 : std::vector{bandwidth(id, known->second)}));
        };
        auto when = 1ms;
        for (int step = 0; step < 60; ++step, ++when) {
            auto& gateway = gateways[below(3)];
            switch (below(4)) {
                case 0:
                    vendor["n" + std::to_string(below(5))] = step;
                    break;
                case 1:
                    vendor.erase("n" + std::to_string(below(5)));
                    break;
                case 2:
                    look(gateway, when);
                    break;
                default:
                    exchange(gateway);
            }
        }
        std::vector<Bandwidth> rows;
        for (const auto& [id, mbps] : vendor) rows.push_back(bandwidth(id, mbps));
        gateways[0].saw("east", {}, at(when), of(rows));
        for (int round = 0; round < 6; ++round)  // each objects once to what is older than its own
            for (auto& gateway : gateways) exchange(gateway);
        for (const auto& gateway : gateways) ASSERT_EQ(shown(gateway), shown(gateways[0])) << seed;
        ASSERT_EQ(shown(gateways[0]).size(), vendor.size()) << seed;
    }
}

TEST_F(InventoryTest, KeepsSnapshotsThatFurtherPagesMayBeAskedOf) {
    inventory.saw("east", {}, at(1ms), of({bandwidth("a")}));
    const auto first = inventory.snapshot()->name();
    inventory.snapshot()->keep();
    const auto plain = [&] {
        inventory.saw("east", {}, at(2ms), of({}));
        return inventory.snapshot()->name();
    }();
    inventory.saw("east", {}, at(3ms), of({bandwidth("b")}));
    inventory.sweep();
    ASSERT_TRUE(inventory.named(first));
    EXPECT_EQ(shown(*inventory.named(first)), Texts{"a:10"});
    EXPECT_FALSE(inventory.named(plain)) << "nobody will ask for it";
    EXPECT_EQ(inventory.named(inventory.snapshot()->name()), inventory.snapshot());
    EXPECT_FALSE(Inventory({"east"}, render).named(first)) << "no other process has it";
    const auto held = inventory.named(first);
    for (int i = 0; i < 40; ++i) {
        inventory.snapshot()->keep();
        inventory.saw("east", {}, at(4ms + i * 1ms), of({}));
    }
    inventory.sweep();
    EXPECT_TRUE(inventory.named(first)) << "in use";
}

TEST_F(InventoryTest, BoundsTheSnapshotsItKeeps) {
    Texts names;
    for (int i = 0; i < 40; ++i) {
        inventory.snapshot()->keep();
        names.push_back(inventory.snapshot()->name());
        inventory.saw("east", {}, at(1ms + i * 1ms), of({}));
    }
    inventory.sweep();
    const auto kept = [&](const std::string& name) { return inventory.named(name) != nullptr; };
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(names, kept)), Inventory::kMostKept);
    EXPECT_TRUE(kept(names.back()));
}

TEST_F(InventoryTest, TellsWhoSubscribed) {
    int told = 0;
    const auto subscription = inventory.subscribe([&] { ++told; });
    inventory.saw("east", {}, at(1ms), of({}));
    inventory.failed("west", at(1ms), kDown);
    EXPECT_EQ(told, 2);
    inventory.unsubscribe(subscription);
    inventory.saw("east", {}, at(2ms), of({}));
    EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace bwgw::inventory
