#include "gateway/ledger/sql_inventory.h"

#include <algorithm>
#include <span>

#include "gateway/ledger/sql_operation.h"

namespace bwgw::ledger {
namespace {

constexpr std::size_t kSavedAtOnce = 200;  // a purchase that is accepted meanwhile waits for as many

long long milliseconds(Timestamp at) {
    return at.time_since_epoch().count();
}

class SqlInventory final : public InventoryStore, private SqlStore {
public:
    using SqlStore::SqlStore;

    Result<StoredAccount> load(const std::string& provider, std::int64_t since) override {
        // The account first: what is stored in between is read again next time.
        auto account = reading([&](soci::session& sql) -> Result<StoredAccount> {
            StoredAccount read;
            long long as_of = 0, version = 0;
            sql << "SELECT as_of, version FROM inventory_accounts WHERE provider = :provider",
                soci::use(provider), soci::into(as_of), soci::into(version);
            read.version = version;
            if (as_of > 0) read.as_of = Timestamp(std::chrono::milliseconds(as_of));
            return read;
        });
        if (!account || account->version <= since) return account;
        auto changes = reading([&](soci::session& sql) -> Result<std::vector<StoredRow>> {
            std::vector<StoredRow> read;
            StoredRow row;
            long long seen = 0;
            const long long after = since;
            soci::statement statement = (sql.prepare << "SELECT id, body, seen_at FROM inventory_rows "
                                                        "WHERE provider = :provider AND version > :after",
                                         soci::use(provider), soci::use(after), soci::into(row.id),
                                         soci::into(row.json), soci::into(seen));
            statement.execute();
            while (statement.fetch()) {
                row.seen = Timestamp(std::chrono::milliseconds(seen));
                read.push_back(row);
            }
            return read;
        });
        if (!changes) return std::move(changes).failure();
        account->changes = std::move(*changes);
        return account;
    }

    Result<void> save(const std::string& provider, std::optional<Timestamp> as_of,
                      const std::vector<StoredRow>& changes, Timestamp now) override {
        std::span<const StoredRow> left(changes);
        while (!left.empty()) {
            const auto step = left.first(std::min(left.size(), kSavedAtOnce));
            auto saved = writing([&](soci::session& sql) { return save_some(sql, provider, step); });
            if (!saved) return saved;
            left = left.subspan(step.size());
        }
        if (!as_of) return {};
        return writing([&](soci::session& sql) -> Result<void> {
            touch(sql, provider);
            run(sql,
                "UPDATE inventory_accounts SET as_of = :as_of "
                "WHERE provider = :provider AND (as_of < :as_of OR as_of > :now)",
                {{"as_of", milliseconds(*as_of)}, {"provider", provider}, {"now", milliseconds(now)}});
            run(sql,
                "DELETE FROM inventory_rows WHERE provider = :provider AND body = '' AND seen_at < :past",
                {{"provider", provider}, {"past", milliseconds(*as_of - kTellOfGone)}});
            return {};
        });
    }

    Result<bool> lead(const std::string& provider, const std::string& owner, Timestamp now,
                      Timestamp until) override {
        return writing([&](soci::session& sql) -> Result<bool> {
            touch(sql, provider);
            return run(sql,
                       "UPDATE inventory_accounts SET refresher = :owner, refresh_until = :until "
                       "WHERE provider = :provider AND (refresher = :owner OR refresh_until < :now)",
                       {{"owner", owner},
                        {"until", milliseconds(until)},
                        {"provider", provider},
                        {"now", milliseconds(now)}}) == 1;
        });
    }

private:
    static void touch(soci::session& sql, const std::string& provider) {
        run(sql,
            "INSERT INTO inventory_accounts (provider, as_of, version, refresher, refresh_until) "
            "VALUES (:provider, 0, 0, '', 0) ON CONFLICT (provider) DO NOTHING",
            {{"provider", provider}});
    }

    // One version for all of them: whoever stores for this account at the same time waits for the row.
    static Result<void> save_some(soci::session& sql, const std::string& provider,
                                  std::span<const StoredRow> changes) {
        touch(sql, provider);
        run(sql, "UPDATE inventory_accounts SET version = version + 1 WHERE provider = :provider",
            {{"provider", provider}});
        long long version = 0;
        sql << "SELECT version FROM inventory_accounts WHERE provider = :provider", soci::use(provider),
            soci::into(version);
        for (const auto& [id, json, seen] : changes)
            run(sql,
                "INSERT INTO inventory_rows (provider, id, version, seen_at, body) "
                "VALUES (:provider, :id, :version, :seen, :body) ON CONFLICT (provider, id) DO UPDATE SET "
                "version = excluded.version, seen_at = excluded.seen_at, body = excluded.body",
                {{"provider", provider},
                 {"id", id},
                 {"version", version},
                 {"seen", milliseconds(seen)},
                 {"body", json}});
        return {};
    }
};

}  // namespace

std::unique_ptr<InventoryStore> sql_inventory(std::shared_ptr<Engine> engine, Report report) {
    return std::make_unique<SqlInventory>(std::move(engine), std::move(report));
}

}  // namespace bwgw::ledger
