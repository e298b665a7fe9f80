#include <fmt/format.h>
#include <soci/soci.h>

#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "gateway/ledger/engine.h"
#include "gateway/ledger/ledger.h"
#include "gateway/ledger/migrations.h"
#include "gateway/ledger/sql_inventory.h"
#include "gateway/ledger/sql_operation.h"
#include "gateway/ledger/sql_store.h"

namespace bwgw::ledger {
namespace {

constexpr std::size_t kMostOrphans = 10'000;  // of one look; the next one sees the rest
constexpr std::size_t kForgottenAtOnce = 1000;
constexpr int kRaces = 8;  // lost in a row against others who take and free the same key or lock
constexpr auto kRemembered = std::chrono::days(1);  // a gateway whose life ended
constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kPostgres = "postgresql://";
constexpr std::string_view kOpen = "state NOT IN ('settled', 'failed')";

Failure moved_on(const std::string& id) {
    return {.slug = Slug::conflict, .detail = "the operation has moved on meanwhile", .operation_id = id};
}

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

bool may_try_anew(const Operation& earlier) {
    return earlier.state == OperationState::failed && earlier.outcome == Outcome::none && earlier.problem &&
           earlier.problem->retryable;
}

bool same_key(const Operation& one, const Operation& other) {
    return one.idempotency_key && one.idempotency_key == other.idempotency_key &&
           one.principal == other.principal;
}

long long milliseconds(Timestamp at) {
    return at.time_since_epoch().count();
}

class SqlLedger final : public Ledger, private SqlStore {
public:
    using SqlStore::SqlStore;

    Result<Acceptance> accept(Operation operation) override {
        operation.fence = 0;
        auto accepted = writing([&](soci::session& sql) -> Result<Acceptance> {
            // Inserting first and asking why it did not work is what two gateways can do at the same time.
            for (int race = 0; race < kRaces; ++race) {
                if (insert(sql, operation)) return Acceptance{operation, false};
                if (auto answer = in_the_way(sql, operation)) return std::move(*answer);
            }
            return unavailable(Outcome::none);
        });
        // What only a crash can bring back has no driver then, and is ended as never sent.
        if (!accepted && !commits_late()) accepted.failure().outcome = Outcome::none;
        return accepted;
    }

    Result<void> record(Operation operation) override {
        return writing([&](soci::session& sql) -> Result<void> {
            auto columns = columns_of(operation);
            std::erase_if(columns, [](const Column& column) { return !column.changes; });
            // A lock that was given up stays so, whatever the caller still has in hand.
            std::string changes =
                ended(operation.state) || !operation.lock_key ? "lock_key = NULL" : "lock_key = lock_key";
            for (const auto& column : columns) changes += fmt::format(", {0} = :{0}", column.name);
            columns.push_back({"id", operation.id});
            columns.push_back({"fence", static_cast<long long>(operation.fence)});
            const auto query =
                fmt::format("UPDATE operations SET {} WHERE id = :id AND fence = :fence", changes);
            if (run(sql, query, std::move(columns)) == 0) return moved_on(operation.id);
            return {};
        });
    }

    Result<Operation> claim(const Operation& operation, const std::string& owner) override {
        return writing([&](soci::session& sql) -> Result<Operation> {
            const auto claimed = run(
                sql,
                fmt::format("UPDATE operations SET owner = :owner, fence = fence + 1 "
                            "WHERE id = :id AND fence = :fence AND {}",
                            kOpen),
                {{"owner", owner}, {"id", operation.id}, {"fence", static_cast<long long>(operation.fence)}});
            if (claimed == 0) return moved_on(operation.id);
            return *one(sql, {{"id", operation.id}});
        });
    }

    Result<void> renew(const std::string& owner, Timestamp until) override {
        return writing([&](soci::session& sql) -> Result<void> {
            run(sql,
                "INSERT INTO gateways (owner, alive_until) VALUES (:owner, :until) "
                "ON CONFLICT (owner) DO UPDATE SET alive_until = excluded.alive_until",
                {{"owner", owner}, {"until", milliseconds(until)}});
            run(sql, "DELETE FROM gateways WHERE alive_until < :past",
                {{"past", milliseconds(until - kRemembered)}});
            return {};
        });
    }

    Result<std::vector<Operation>> orphans(Timestamp now) override {
        return reading([&](soci::session& sql) -> Result<std::vector<Operation>> {
            return rows(sql,
                        fmt::format("SELECT * FROM operations WHERE {} AND state <> 'needs_attention' "
                                    "AND NOT EXISTS (SELECT 1 FROM gateways WHERE gateways.owner = "
                                    "operations.owner AND alive_until > :now) ORDER BY id LIMIT {}",
                                    kOpen, kMostOrphans),
                        {{"now", milliseconds(now)}});
        });
    }

    Result<Operation> find(const std::string& id) override {
        return reading([&](soci::session& sql) -> Result<Operation> {
            auto found = one(sql, {{"id", id}});
            if (!found) return Failure{.slug = Slug::not_found, .detail = "no such operation"};
            return std::move(*found);
        });
    }

    Result<std::vector<Operation>> list(const OperationFilter& filter) override {
        return reading([&](soci::session& sql) -> Result<std::vector<Operation>> {
            std::string from = "FROM operations WHERE 1 = 1";
            Columns bound;
            const auto equal = [&](const char* column, const std::optional<std::string>& value) {
                if (!value) return;
                from += fmt::format(" AND {0} = :{0}", column);
                bound.push_back({column, *value});
            };
            if (filter.state) equal("state", std::string(word(*filter.state)));
            equal("provider", filter.provider);
            equal("idempotency_key", filter.idempotency_key);
            equal("principal", filter.principal);
            equal("native_id", filter.native_id);
            if (filter.before) {
                from += " AND id < :before";
                bound.push_back({"before", *filter.before});
            }
            if (filter.open) from += fmt::format(" AND {}", kOpen);
            if (filter.named_purchase) from += " AND type = 'create' AND native_id <> ''";
            // Most often nothing is open; and that is found for a quarter of what a whole row costs.
            if (filter.open && !any(sql, fmt::format("SELECT 1 {} LIMIT 1", from), bound))
                return std::vector<Operation>();
            return rows(sql, fmt::format("SELECT * {} ORDER BY id DESC LIMIT {}", from, filter.limit),
                        std::move(bound));
        });
    }

    Result<std::size_t> forget_keys(Timestamp ended_before) override {
        std::size_t freed = 0;
        for (;;) {  // in steps, so that nobody waits long
            const auto step = writing([&](soci::session& sql) -> Result<std::size_t> {
                return forget_some_keys(sql, milliseconds(ended_before));
            });
            if (!step) return step.failure();
            freed += *step;
            if (*step < kForgottenAtOnce) return freed;
        }
    }

private:
    static std::size_t forget_some_keys(soci::session& sql, long long before) {
        const auto query = fmt::format(
            "UPDATE operations SET idempotency_key = NULL WHERE id IN (SELECT id FROM operations AS old "
            "WHERE idempotency_key IS NOT NULL AND state IN ('settled', 'failed') AND updated_at < :before "
            "AND (type = 'release' OR state = 'failed' OR EXISTS (SELECT 1 FROM operations AS gone WHERE "
            "gone.type = 'release' AND gone.state = 'settled' AND gone.updated_at < :before AND "
            "gone.provider = old.provider AND gone.product = old.product AND gone.scope = old.scope AND "
            "gone.native_id = old.native_id)) LIMIT {})",
            kForgottenAtOnce);
        return static_cast<std::size_t>(run(sql, query, {{"before", before}}));
    }

    // Whether it is there now: nothing else has its id, its key or its lock.
    static bool insert(soci::session& sql, const Operation& operation) {
        auto columns = columns_of(operation);
        std::string names = "fence";
        std::string values = "0";
        for (const auto& column : columns) {
            names += fmt::format(", {}", column.name);
            values += fmt::format(", :{}", column.name);
        }
        return run(sql,
                   fmt::format("INSERT INTO operations ({}) VALUES ({}) ON CONFLICT DO NOTHING", names,
                               values),
                   std::move(columns)) == 1;
    }

    static bool give_key_away(soci::session& sql, const Operation& operation) {
        return run(sql,
                   "UPDATE operations SET idempotency_key = NULL WHERE id = :id AND idempotency_key IS NOT "
                   "NULL",
                   {{"id", operation.id}}) == 1;
    }

    // Why it could not be inserted; nothing if the reason is gone.
    static std::optional<Result<Acceptance>> in_the_way(soci::session& sql, const Operation& operation) {
        if (auto same = one(sql, {{"id", operation.id}})) {
            if (same->fence != operation.fence) return moved_on(operation.id);
            return Acceptance{std::move(*same), false};
        }
        if (operation.idempotency_key) {
            const Columns key = {{"principal", operation.principal},
                                 {"idempotency_key", *operation.idempotency_key}};
            if (auto earlier = one(sql, key)) {
                if (earlier->fingerprint != operation.fingerprint)
                    return Failure{.slug = Slug::idempotency_key_reused,
                                   .detail = "this Idempotency-Key came with another request before",
                                   .operation_id = earlier->id};
                if (!may_try_anew(*earlier)) return Acceptance{std::move(*earlier), true};
                if (!give_key_away(sql, *earlier)) return std::nullopt;
            }
        }
        if (operation.lock_key) {
            const auto holder = one(sql, {{"lock_key", *operation.lock_key}});
            // The same request, which began since its key was looked for, is asked after once more.
            if (holder && !same_key(*holder, operation)) return busy(operation, *holder);
        }
        return std::nullopt;
    }
};

std::unique_ptr<Engine> engine_of(const std::string& url) {
    if (url.starts_with(kSqlite) && url.size() > kSqlite.size())
        return sqlite_engine(url.substr(kSqlite.size()));
    if (url.starts_with(kPostgres)) return postgres_engine(url);
    throw std::runtime_error("it must be sqlite:PATH or postgresql://…");
}

}  // namespace

Failure unavailable(Outcome outcome) {
    return {.slug = Slug::unavailable,
            .detail = "the ledger cannot be used",
            .outcome = outcome,
            .retryable = true};
}

Store open_store(const std::string& url, Report report) {
    try {
        const std::shared_ptr<Engine> engine = engine_of(url);
        engine->migrate(migrate);
        return {std::make_unique<SqlLedger>(engine, report), sql_inventory(engine, report)};
    } catch (const std::runtime_error&) {
        throw std::runtime_error(fmt::format("the ledger: {}", fault()));
    }
}

std::unique_ptr<Ledger> open_ledger(const std::string& url, Report report) {
    return open_store(url, std::move(report)).ledger;
}

}  // namespace bwgw::ledger
