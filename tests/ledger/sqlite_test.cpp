// What only SQLite does.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/ledger/store.h"

namespace bwgw::ledger {
namespace {

class SqliteLedger : public testing::Test {
protected:
    std::string file() const { return store_->url().substr(std::string("sqlite:").size()); }
    std::unique_ptr<Database> store_ = fresh_store(StoreKind::sqlite);
};

// While it stands, no file can grow: a full disk.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t size) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit full{size, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &full);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST_F(SqliteLedger, AnswersUnavailableWhileTheStoreIsLockedAndRecoversWithoutARestart) {
    std::vector<std::string> reports;
    const auto ledger =
        open_ledger(store_->url(), [&](const std::string& reason) { reports.push_back(reason); });
    sqlite3* intruder = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &intruder), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(intruder, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto refused = ledger->accept(purchase("key", ""));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().slug, Slug::unavailable);
    EXPECT_EQ(refused.failure().outcome, Outcome::none);
    EXPECT_FALSE(reports.empty());
    sqlite3_close(intruder);
    EXPECT_TRUE(ledger->accept(purchase("key", "")));
}

TEST_F(SqliteLedger, LetsNoWriterWaitLongerThanOneThatWaitsAlone) {
    const auto ledger = open_quietly(store_->url());
    sqlite3* intruder = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &intruder), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(intruder, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto begin = std::chrono::steady_clock::now();
    at_once(12, [&](int) { EXPECT_FALSE(ledger->accept(purchase("", ""))); });
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
    sqlite3_close(intruder);
}

TEST_F(SqliteLedger, RefusesWritesOnAFullDiskGoesOnReadingAndRecoversWithoutARestart) {
    const auto ledger = open_quietly(store_->url());
    const auto known = purchase("", "");
    ASSERT_TRUE(ledger->accept(known));
    auto big = purchase("", "");
    big.request = std::string(1'000'000, 'x');
    {
        const FullDisk disk(std::filesystem::file_size(file() + "-wal"));
        at_once(4, [&](int) {
            auto mine = big;
            mine.id = new_operation_id();
            const auto refused = ledger->accept(mine);
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.failure().slug, Slug::unavailable);
            EXPECT_EQ(refused.failure().outcome, Outcome::none);
        });
        EXPECT_FALSE(ledger->renew("me", Timestamp{}));
        EXPECT_TRUE(ledger->find(known.id));
        EXPECT_EQ(ledger->list({})->size(), 1U);
    }
    EXPECT_TRUE(ledger->accept(big));
    EXPECT_EQ(ledger->list({})->size(), 2U);
}

TEST_F(SqliteLedger, TakesAPathWithSpaces) {
    const auto folder = std::filesystem::path(file()).parent_path() / "a folder of two";
    std::filesystem::create_directory(folder);
    const auto url = "sqlite:" + (folder / "the ledger.db").string();
    const auto operation = purchase("", "");
    ASSERT_TRUE(open(url)->accept(operation));
    EXPECT_TRUE(open(url)->find(operation.id));
    EXPECT_TRUE(std::filesystem::exists(folder / "the ledger.db"));
}

TEST_F(SqliteLedger, SaysWhyItCannotOpen) {
    EXPECT_THROW(open("mysql://x"), std::runtime_error);
    EXPECT_THROW(open("sqlite:/no/such/folder/ledger.db"), std::runtime_error);
    std::ofstream(file()) << "this is not a database, and long enough to be seen as none at all........";
    EXPECT_THROW(open(store_->url()), std::runtime_error);
}

}  // namespace
}  // namespace bwgw::ledger
