// What only a server does: it goes away, freezes, and loses a connection in the middle. Run by
// `tests/support/postgres run`.
#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "tests/ledger/store.h"

namespace bwgw::ledger {
namespace {

constexpr auto kLongestCall = std::chrono::seconds(12);

int shell(const std::string& command) {
    return std::system(command.c_str());
}

class PostgresLedger : public testing::Test {
protected:
    static void server(const std::string& command) {
        ASSERT_EQ(shell(BWGW_SUPPORT "/postgres " + command + " >/dev/null"), 0);
    }
    static void signal_server(const std::string& name) {
        ASSERT_EQ(shell("pid=$(" BWGW_SUPPORT "/postgres pid $BWGW_POSTGRES_DIR) && kill -" + name +
                        " $pid $(cat /proc/$pid/task/$pid/children)"),
                  0);
    }
    static void expect_unavailable(const auto& result, Outcome outcome = Outcome::none) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.failure().slug, Slug::unavailable);
        EXPECT_EQ(result.failure().outcome, outcome);
        EXPECT_TRUE(result.failure().retryable);
    }

    std::unique_ptr<Database> store_ = fresh_store(StoreKind::postgres);
    std::unique_ptr<Ledger> ledger_ = open_quietly(store_->url());
};

TEST_F(PostgresLedger, AnswersUnavailableWhileTheServerIsGoneAndGoesOnAtOnceWhenItIsBack) {
    const auto known = purchase("", "");
    at_once(8, [&](int) { EXPECT_TRUE(ledger_->accept(purchase("", ""))); });
    ASSERT_TRUE(ledger_->accept(known));
    server("stop $BWGW_POSTGRES_DIR immediate");
    expect_unavailable(ledger_->accept(purchase("", "")));
    expect_unavailable(ledger_->find(known.id));
    expect_unavailable(ledger_->renew("me", Timestamp{}));
    server("start $BWGW_POSTGRES_DIR");
    at_once(8, [&](int) { EXPECT_TRUE(ledger_->accept(purchase("", ""))); });
    EXPECT_TRUE(ledger_->find(known.id));
    EXPECT_EQ(ledger_->list({})->size(), 17U);
}

TEST_F(PostgresLedger, NoticesNothingOfARestartBetweenTwoCalls) {
    const auto quiet = open(store_->url());
    ASSERT_TRUE(quiet->accept(purchase("", "")));
    server("stop $BWGW_POSTGRES_DIR fast");
    server("start $BWGW_POSTGRES_DIR");
    EXPECT_TRUE(quiet->accept(purchase("", "")));
    server("stop $BWGW_POSTGRES_DIR fast");
    server("start $BWGW_POSTGRES_DIR");
    EXPECT_EQ(quiet->list({})->size(), 2U);
}

TEST_F(PostgresLedger, IsHeldByAFrozenServerNoLongerThanItsDeadlineAndGoesOnWhenItThaws) {
    ASSERT_TRUE(ledger_->accept(purchase("", "")));
    signal_server("STOP");
    for (int i = 0; i < 2; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        at_once(4, [&](int caller) {
            if (caller % 2 == 0)
                expect_unavailable(ledger_->accept(purchase("", "")));
            else
                expect_unavailable(ledger_->list({}));
        });
        EXPECT_LT(std::chrono::steady_clock::now() - begin, kLongestCall);
    }
    signal_server("CONT");
    EXPECT_TRUE(ledger_->accept(purchase("", "")));
    EXPECT_EQ(ledger_->list({})->size(), 2U);
}

TEST_F(PostgresLedger, WaitsForALockNoLongerThanItsDeadline) {
    std::thread intruder(
        [&] { store_->run("BEGIN; LOCK TABLE operations IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(6)"); });
    store_->run(
        "DO $$ BEGIN WHILE NOT EXISTS (SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND "
        "relation = 'operations'::regclass) LOOP PERFORM pg_sleep(0.01); END LOOP; END $$");
    expect_unavailable(ledger_->accept(purchase("", "")));
    intruder.join();
    EXPECT_TRUE(ledger_->accept(purchase("", "")));
}

// Cuts the ledger's connection while it runs what begins so.
std::string cut_while(const std::string& statement) {
    return "DO $$ BEGIN LOOP PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
           "current_database() AND state = 'active' AND query LIKE '" +
           statement +
           "%'; EXIT WHEN FOUND; PERFORM pg_stat_clear_snapshot(); PERFORM pg_sleep(0.01); END LOOP; END $$";
}

TEST_F(PostgresLedger, SaysThatItDoesNotKnowWhenTheConnectionIsLostInACommitAndOnlyThen) {
    store_->run(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_sleep(4); RETURN NULL; END';"
        "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON operations DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION slow()");
    std::thread first([&] { store_->run(cut_while("COMMIT")); });
    expect_unavailable(ledger_->accept(purchase("", "")), Outcome::unknown);
    first.join();

    store_->run(
        "DROP TRIGGER slow ON operations;"
        "CREATE TRIGGER slow AFTER INSERT ON operations FOR EACH ROW EXECUTE FUNCTION slow()");
    std::thread second([&] { store_->run(cut_while("INSERT")); });
    expect_unavailable(ledger_->accept(purchase("", "")));
    second.join();
    store_->run("DROP TRIGGER slow ON operations");
    EXPECT_TRUE(ledger_->accept(purchase("", "")));
    EXPECT_EQ(ledger_->list({})->size(), 1U);
}

TEST_F(PostgresLedger, IsDurableWhateverTheDatabaseIsSetTo) {
    store_->run(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', "
        "current_database()); END $$");
    const auto ledger = open(store_->url() + "?options=-c%20synchronous_commit%3Doff");
    store_->run(
        "CREATE FUNCTION durable() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
        "ASSERT current_setting(''synchronous_commit'') = ''on''; RETURN NEW; END';"
        "CREATE TRIGGER durable BEFORE INSERT ON operations FOR EACH ROW EXECUTE FUNCTION durable()");
    EXPECT_TRUE(ledger->accept(purchase("", "")));
}

TEST_F(PostgresLedger, TellsNoValueOfARow) {
    std::string reports;
    const auto ledger = open_ledger(store_->url(), [&](const std::string& reason) { reports += reason; });
    store_->run("ALTER TABLE operations ADD CONSTRAINT never CHECK (principal <> 'anonymous')");
    expect_unavailable(ledger->accept(purchase("s3cret", "")));
    EXPECT_NE(reports.find("never"), std::string::npos) << reports;
    EXPECT_EQ(reports.find("s3cret"), std::string::npos) << reports;
}

TEST(PostgresUrl, NeverComesBackWithItsPassword) {
    for (const std::string rest :
         {"s3cret@127.0.0.1:1/none", "s3cret@127.0.0.1:1/none?connect_timeout=x", "x/s3cret@127.0.0.1/none",
          "x@s3cret@127.0.0.1/none", "x?s3cret@127.0.0.1/none", "x#s3cret@127.0.0.1/none", "s3cret",
          "s3cret@[::1/none", "s3cret@127.0.0.1:1/none?nonsense=s3cret", "%zzs3cret@h/none",
          "s3cret @127.0.0.1:1/none"}) {
        try {
            open("postgresql://user:" + rest);
            ADD_FAILURE() << rest;
        } catch (const std::runtime_error& error) {
            EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace bwgw::ledger
