#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <mutex>
#include <stdexcept>

#include "gateway/ledger/ledger.h"
#include "gateway/ledger/migrations.h"
#include "gateway/ledger/sql_operation.h"

namespace bwgw::ledger {
namespace {

constexpr std::size_t kReaders = 4;       // as many as the blocking pool has threads
constexpr std::size_t kMaxOpen = 10'000;  // of one look at what is open; beyond it something else is wrong
constexpr std::string_view kSqlite = "sqlite:";

Failure busy(const Operation& wanted, const Operation& holder) {
    const bool buying = wanted.type == OperationType::create;
    const bool waits = holder.state == OperationState::needs_attention;
    return {.slug = buying ? Slug::already_exists : Slug::conflict,
            .detail = fmt::format("{} {}", buying ? "a purchase of this" : "another write on this bandwidth",
                                  waits ? "needs a person's word" : "is under way"),
            .retryable = !waits,
            .provider = wanted.provider,
            .operation_id = holder.id,
            .bandwidth_id = holder.bandwidth_id().value_or("")};
}

// One transaction, rolled back unless committed. SQLite takes the write lock at once, so that a busy store is
// found at the beginning and not in the middle.
class WriteTransaction {
public:
    explicit WriteTransaction(soci::session& sql) : sql_(sql) { sql_ << "BEGIN IMMEDIATE"; }
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    ~WriteTransaction() {
        if (committed_) return;
        try {
            sql_ << "ROLLBACK";
        } catch (const soci::soci_error&) {  // the first error is the one that is told
        }
    }
    void commit() {
        sql_ << "COMMIT";
        committed_ = true;
    }

private:
    soci::session& sql_;
    bool committed_ = false;
};

class SqlLedger final : public Ledger {
public:
    SqlLedger(const std::string& path, Report report) : pool_(kReaders), report_(std::move(report)) {
        for (std::size_t i = 0; i < kReaders; ++i) {
            auto& sql = pool_.at(i);
            sql.open(soci::sqlite3, fmt::format("db={} timeout=5", path));
            std::string mode;
            sql << "PRAGMA journal_mode = WAL", soci::into(mode);
            sql << "PRAGMA synchronous = FULL";
        }
        migrate(pool_.at(0));
    }

    Result<Acceptance> accept(Operation operation) override {
        return writing([&](soci::session& sql) -> Result<Acceptance> {
            WriteTransaction transaction(sql);
            if (operation.idempotency_key) {
                if (auto earlier = by_key(sql, operation)) {
                    if (earlier->fingerprint != operation.fingerprint)
                        return Failure{.slug = Slug::idempotency_key_reused,
                                       .detail = "this Idempotency-Key came with another request before",
                                       .operation_id = earlier->id};
                    const bool anew = earlier->state == OperationState::failed &&
                                      earlier->outcome == Outcome::none && earlier->problem &&
                                      earlier->problem->retryable;
                    if (!anew) return Acceptance{std::move(*earlier), true};
                    sql << "UPDATE operations SET idempotency_key = NULL WHERE id = :id",
                        soci::use(earlier->id);
                }
            }
            if (operation.lock_key) {
                if (const auto holder = one(sql, "lock_key", *operation.lock_key))
                    return busy(operation, *holder);
            }
            insert(sql, operation);
            transaction.commit();
            return Acceptance{std::move(operation), false};
        });
    }

    Result<Operation> record(Operation operation) override {
        return writing([&](soci::session& sql) -> Result<Operation> {
            if (ended(operation.state)) operation.lock_key.reset();
            WriteTransaction transaction(sql);
            if (update(sql, operation) != 1)
                return Failure{.slug = Slug::conflict,
                               .detail = "the operation has moved on meanwhile",
                               .operation_id = operation.id};
            transaction.commit();
            ++operation.revision;
            return std::move(operation);
        });
    }

    Result<Operation> find(const std::string& id) override {
        return reading([&](soci::session& sql) -> Result<Operation> {
            auto found = one(sql, "id", id);
            if (!found) return Failure{.slug = Slug::not_found, .detail = "no such operation"};
            return std::move(*found);
        });
    }

    Result<std::vector<Operation>> list(const OperationFilter& filter) override {
        return reading([&](soci::session& sql) -> Result<std::vector<Operation>> {
            std::string query = "SELECT * FROM operations WHERE 1 = 1";
            std::vector<std::string> bound;
            const auto narrow = [&](const char* condition, std::optional<std::string> value) {
                if (!value) return;
                query += condition;
                bound.push_back(std::move(*value));
            };
            narrow(" AND state = :state",
                   filter.state ? std::optional(std::string(word(*filter.state))) : std::nullopt);
            narrow(" AND provider = :provider", filter.provider);
            narrow(" AND idempotency_key = :key", filter.idempotency_key);
            narrow(" AND principal = :principal", filter.principal);
            narrow(" AND id < :before", filter.before);
            query += fmt::format(" ORDER BY id DESC LIMIT {}", filter.limit);
            return rows(sql, query, bound);
        });
    }

    Result<std::vector<Operation>> open() override {
        return reading([&](soci::session& sql) -> Result<std::vector<Operation>> {
            return rows(sql,
                        fmt::format("SELECT * FROM operations WHERE state NOT IN ('settled', 'failed') "
                                    "ORDER BY id LIMIT {}",
                                    kMaxOpen),
                        {});
        });
    }

    Result<void> probe() override {
        return writing([&](soci::session& sql) -> Result<void> {
            WriteTransaction transaction(sql);
            sql << "DELETE FROM schema_version WHERE version < 0";  // touches nothing, needs the write lock
            transaction.commit();
            return {};
        });
    }

private:
    static void insert(soci::session& sql, const Operation& operation) {
        auto columns = columns_of(operation);
        std::string names = "revision";
        std::string values = "0";
        for (auto& column : columns) {
            names += fmt::format(", {}", column.name);
            values += fmt::format(", :{}", column.name);
        }
        soci::statement statement(sql);
        for (auto& column : columns) bind(statement, column);
        run(statement, fmt::format("INSERT INTO operations ({}) VALUES ({})", names, values));
    }

    // The rows changed: none if the stored revision is another.
    static long long update(soci::session& sql, const Operation& operation) {
        auto columns = columns_of(operation);
        std::string changes = "revision = revision + 1";
        soci::statement statement(sql);
        for (auto& column : columns) {
            if (!column.changes) continue;
            changes += fmt::format(", {0} = :{0}", column.name);
            bind(statement, column);
        }
        const auto revision = static_cast<long long>(operation.revision);
        statement.exchange(soci::use(operation.id, "id"));
        statement.exchange(soci::use(revision, "revision"));
        run(statement,
            fmt::format("UPDATE operations SET {} WHERE id = :id AND revision = :revision", changes));
        return statement.get_affected_rows();
    }

    static void run(soci::statement& statement, const std::string& query) {
        statement.alloc();
        statement.prepare(query);
        statement.define_and_bind();
        statement.execute(true);
    }

    static std::optional<Operation> one(soci::session& sql, std::string_view column,
                                        const std::string& value) {
        auto found = rows(sql, fmt::format("SELECT * FROM operations WHERE {} = :value", column), {value});
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
    }

    static std::optional<Operation> by_key(soci::session& sql, const Operation& wanted) {
        auto found =
            rows(sql, "SELECT * FROM operations WHERE principal = :principal AND idempotency_key = :key",
                 {wanted.principal, *wanted.idempotency_key});
        if (found.empty()) return std::nullopt;
        return std::move(found.front());
    }

    static std::vector<Operation> rows(soci::session& sql, const std::string& query,
                                       const std::vector<std::string>& bound) {
        Operation row;
        soci::statement statement(sql);
        for (const auto& value : bound) statement.exchange(soci::use(value));
        statement.exchange(soci::into(row));
        statement.alloc();
        statement.prepare(query);
        statement.define_and_bind();
        std::vector<Operation> found;
        for (bool more = statement.execute(true); more; more = statement.fetch()) found.push_back(row);
        return found;
    }

    template <class Work>
    auto reading(Work work) -> std::invoke_result_t<Work&, soci::session&> {
        try {
            soci::session sql(pool_);
            return work(sql);
        } catch (const soci::soci_error& error) {
            report_(error.get_error_message());  // what() would print every bound value
        } catch (const std::exception& error) {
            report_(error.what());
        }
        return Failure{.slug = Slug::unavailable, .detail = "the ledger cannot be used", .retryable = true};
    }

    // One writer at a time: SQLite has one anyway, and waiting here is fairer than its busy handler.
    template <class Work>
    auto writing(Work work) -> std::invoke_result_t<Work&, soci::session&> {
        const std::lock_guard lock(writer_);
        return reading(std::move(work));
    }

    soci::connection_pool pool_;
    std::mutex writer_;
    Report report_;
};

}  // namespace

std::unique_ptr<Ledger> open_ledger(const std::string& url, Report report) {
    if (!url.starts_with(kSqlite) || url.size() == kSqlite.size())
        throw std::runtime_error("the ledger must be sqlite:PATH");
    try {
        return std::make_unique<SqlLedger>(url.substr(kSqlite.size()), std::move(report));
    } catch (const soci::soci_error& error) {
        throw std::runtime_error(fmt::format("{}: {}", url, error.get_error_message()));
    }
}

}  // namespace bwgw::ledger
