// For ThreadSanitizer, beside what they assert.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/inventory/fixture.h"

namespace bwgw::inventory {
namespace {

constexpr int kRounds = 300;
constexpr int kRows = 40;

// Every row of one whole listing has the same bandwidth: a torn snapshot would show two.
TEST(InventoryThreads, ReadersSeeWholeSnapshotsWhileWritersPublish) {
    Inventory inventory({"east", "west"}, render);
    std::atomic<int> writing = 3;
    std::vector<std::jthread> threads;
    for (const char* provider : {"east", "west"})
        threads.emplace_back([&, provider] {
            for (int round = 1; round <= kRounds; ++round) {
                Listing listing;
                for (int i = 0; i < kRows; ++i)
                    listing.items.push_back(bandwidth("n" + std::to_string(i), round));
                inventory.saw(provider, {}, at(std::chrono::milliseconds(round)), listing);
            }
            --writing;
        });
    threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
            inventory.hold({{"east", bandwidth("held", round)}}, {});
            (void)inventory.take_changes("west");
            inventory.sweep();
        }
        inventory.hold({}, {});
        --writing;
    });
    for (int reader = 0; reader < 2; ++reader)
        threads.emplace_back([&] {
            std::uint64_t version = 0;
            std::shared_ptr<const Snapshot> snapshot;
            while (writing.load() > 0) {
                if (inventory.version() == version) continue;
                version = inventory.version();
                snapshot = inventory.snapshot();
                snapshot->keep();
                for (const auto& account : snapshot->accounts()) {
                    if (account->rows->empty()) continue;
                    EXPECT_EQ(account->rows->size(), static_cast<std::size_t>(kRows));
                    for (const auto& row : *account->rows)
                        EXPECT_EQ(row->bandwidth(), (*account->rows)[0]->bandwidth());
                }
                EXPECT_EQ(inventory.named(snapshot->name()), snapshot);
            }
        });
    threads.clear();
    for (const char* provider : {"east", "west"}) {
        const auto last = shown(inventory, provider);
        ASSERT_EQ(last.size(), static_cast<std::size_t>(kRows));
        for (const auto& one : last) EXPECT_TRUE(one.ends_with(fmt::format(":{}", kRounds))) << one;
    }
}

}  // namespace
}  // namespace bwgw::inventory
