// Durable accepts per second, beside what the engine itself commits: one row of the same size per commit,
// through its own C interface, in the same run and by turns.
//   ledger_bench FOLDER POSTGRES_URL      a folder on the disk that counts; an empty database
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "gateway/ledger/ledger.h"

namespace {

using namespace bwgw;
using Clock = std::chrono::steady_clock;
using Call = std::function<void()>;
/// Makes what one caller does over and over.
using Caller = std::function<Call()>;

constexpr int kRounds = 5;
constexpr auto kTurn = std::chrono::milliseconds(1000);
constexpr std::size_t kRowBytes = 480;  // of text in an accepted operation

ledger::Operation purchase() {
    ledger::Operation operation;
    operation.id = ledger::new_operation_id();
    operation.provider = "scloud-sg";
    operation.principal = "anonymous";
    operation.idempotency_key = "key-" + operation.id;
    operation.fingerprint = std::string(64, 'f');
    operation.request = std::string(200, 'r');
    operation.lock_key = "lock-" + operation.id;
    operation.target = {"legacy", "ugn-1", ""};
    operation.ends = {"hk", "sg"};
    operation.marker = marker_of(operation.id);
    operation.owner = operation.id;
    return operation;
}

void check(bool good, const std::string& what) {
    if (!good) throw std::runtime_error(what);
}

double per_second(int callers, const Caller& caller) {
    std::vector<Call> calls;
    for (int i = 0; i < callers; ++i) calls.push_back(caller());
    std::atomic<long> done = 0;
    const auto begin = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (const auto& call : calls)
            threads.emplace_back([&] {
                for (; Clock::now() - begin < kTurn; ++done) call();
            });
    }
    return static_cast<double>(done) / std::chrono::duration<double>(Clock::now() - begin).count();
}

Caller accepting(ledger::Ledger& ledger) {
    return
        [&ledger]() -> Call { return [&ledger] { check(bool(ledger.accept(purchase())), "not accepted"); }; };
}

std::string insert(std::string_view id) {
    return fmt::format("INSERT INTO raw VALUES ('{}', '{}')", id, std::string(kRowBytes, 'x'));
}

Caller raw_sqlite(const std::string& file) {
    sqlite3* opened = nullptr;
    check(sqlite3_open(file.c_str(), &opened) == SQLITE_OK, "cannot open " + file);
    const std::shared_ptr<sqlite3> database(opened, sqlite3_close);
    const auto run = [database](const std::string& query) {
        check(sqlite3_exec(database.get(), query.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
              sqlite3_errmsg(database.get()));
    };
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE raw (id TEXT PRIMARY KEY, row "
        "TEXT)");
    return [run]() -> Call { return [run] { run(insert(ledger::new_operation_id())); }; };
}

Caller raw_postgres(const std::string& url) {
    const auto connect = [url] {
        const std::shared_ptr<PGconn> connection(PQconnectdb(url.c_str()), PQfinish);
        return [connection](const std::string& query) {
            const std::unique_ptr<PGresult, decltype(&PQclear)> result(
                PQexec(connection.get(), query.c_str()), PQclear);
            check(PQresultStatus(result.get()) == PGRES_COMMAND_OK, PQerrorMessage(connection.get()));
        };
    };
    connect()("CREATE TABLE raw (id TEXT PRIMARY KEY, row TEXT)");
    return [connect]() -> Call { return [run = connect()] { run(insert(ledger::new_operation_id())); }; };
}

std::string spread(std::vector<double> values, int digits) {
    std::sort(values.begin(), values.end());
    return fmt::format("{:.{}f} ({:.{}f}-{:.{}f})", values[values.size() / 2], digits, values.front(), digits,
                       values.back(), digits);
}

// `most` is how many of the engine's own connections commit at the same time.
void measure(std::string_view engine, ledger::Ledger& ledger, const Caller& raw, int most) {
    for (const int callers : {1, 8, 64}) {
        std::vector<double> accepts;
        std::vector<double> commits;
        std::vector<double> ratios;
        for (int round = 0; round < kRounds; ++round) {
            commits.push_back(per_second(std::min(callers, most), raw));
            accepts.push_back(per_second(callers, accepting(ledger)));
            ratios.push_back(accepts.back() / commits.back());
        }
        fmt::print("{:<9} {:>7} {:>24} {:>24} {:>20}\n", engine, callers, spread(accepts, 0),
                   spread(commits, 0), spread(ratios, 2));
    }
}

void run(const std::string& folder, const std::string& url) {
    const auto report = [](const std::string& reason) { fmt::print(stderr, "{}\n", reason); };
    fmt::print("median (lowest-highest) of {} turns of {} ms\n", kRounds, kTurn.count());
    fmt::print("{:<9} {:>7} {:>24} {:>24} {:>20}\n", "engine", "callers", "accepts/s", "raw commits/s",
               "ratio");
    const auto sqlite = ledger::open_ledger("sqlite:" + folder + "/ledger.db", report);
    measure("sqlite", *sqlite, raw_sqlite(folder + "/raw.db"), 1);
    const auto postgres = ledger::open_ledger(url, report);
    measure("postgres", *postgres, raw_postgres(url), static_cast<int>(ledger::kLedgerThreads));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        fmt::print(stderr, "usage: ledger_bench FOLDER POSTGRES_URL\n");
        return 2;
    }
    try {
        run(argv[1], argv[2]);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "ledger_bench: {}\n", error.what());
        return 1;
    }
}
