#include "tests/ledger/store.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <latch>
#include <stdexcept>
#include <thread>

#include "providers/contract/identifiers.h"

namespace bwgw::ledger {
namespace {

class SqliteStore final : public Database {
public:
    SqliteStore() : folder_(std::filesystem::temp_directory_path() / new_operation_id()) {
        std::filesystem::create_directory(folder_);
    }
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;
    ~SqliteStore() override { std::filesystem::remove_all(folder_); }

    std::string url() const override { return "sqlite:" + file(); }
    void run(const std::string& script) override {
        sqlite3* database = nullptr;
        const bool ran = sqlite3_open(file().c_str(), &database) == SQLITE_OK &&
                         sqlite3_exec(database, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
        const std::string reason = ran ? "" : sqlite3_errmsg(database);
        sqlite3_close(database);
        if (!ran) throw std::runtime_error(reason);
    }

private:
    std::string file() const { return folder_ / "ledger.db"; }
    std::filesystem::path folder_;
};

class PostgresStore final : public Database {
public:
    PostgresStore() : name_("test_" + new_operation_id()) { run_at(server(), "CREATE DATABASE " + name_); }
    PostgresStore(const PostgresStore&) = delete;
    PostgresStore& operator=(const PostgresStore&) = delete;
    ~PostgresStore() override {
        try {
            run_at(server(), "DROP DATABASE " + name_ + " WITH (FORCE)");
        } catch (const std::runtime_error& error) {
            ADD_FAILURE() << error.what();
        }
    }

    std::string url() const override { return server().substr(0, server().rfind('/') + 1) + name_; }
    void run(const std::string& script) override { run_at(url(), script); }

private:
    static std::string server() {
        const char* url = std::getenv("BWGW_POSTGRES");
        if (url == nullptr) throw std::runtime_error("run this with `tests/support/postgres run`");
        return url;
    }
    static void run_at(const std::string& url, const std::string& script) {
        const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), script.c_str()),
                                                                   PQclear);
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            throw std::runtime_error(PQerrorMessage(connection.get()));
    }
    const std::string name_;
};

}  // namespace

std::unique_ptr<Database> fresh_store(StoreKind kind) {
    if (kind == StoreKind::sqlite) return std::make_unique<SqliteStore>();
    return std::make_unique<PostgresStore>();
}

std::unique_ptr<Ledger> open(const std::string& url) {
    return open_ledger(url, [](const std::string& reason) { ADD_FAILURE() << reason; });
}

std::unique_ptr<Ledger> open_quietly(const std::string& url) {
    return open_ledger(url, [](const std::string&) {});
}

Operation purchase(const std::string& key, const std::string& lock) {
    Operation operation;
    operation.id = new_operation_id();
    operation.provider = "scloud-sg";
    operation.principal = "anonymous";
    if (!key.empty()) operation.idempotency_key = key;
    operation.fingerprint = "f1";
    operation.request = R"({"kind":"inter_region"})";
    if (!lock.empty()) operation.lock_key = lock;
    operation.target = {"legacy", "ugn-1", ""};
    operation.ends = {"hk", "sg"};
    operation.marker = marker_of(operation.id);
    operation.owner = "me";
    operation.created_at = operation.updated_at = Timestamp(std::chrono::milliseconds(1'781'691'740'123));
    return operation;
}

void at_once(int threads, const std::function<void(int)>& work) {
    std::latch start(threads);
    std::vector<std::jthread> all;
    for (int i = 0; i < threads; ++i)
        all.emplace_back([&, i] {
            start.arrive_and_wait();
            work(i);
        });
}

std::string schema(const std::string& file) {
    std::ifstream in(std::string(BWGW_SCHEMA) + "/" + file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace bwgw::ledger
