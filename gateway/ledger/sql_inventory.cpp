#include "gateway/ledger/sql_inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include <boost/crc.hpp>

#include "gateway/ledger/sql_operation.h"

namespace bwgw::ledger {
namespace {

constexpr std::size_t kSavedAtOnce = 200;  // a purchase that is accepted meanwhile waits for as many

long long milliseconds(Timestamp at) {
    return at.time_since_epoch().count();
}

// Sums of it tell how many rows there are, and which.
long long weight_of(const std::string& json) {
    if (json.empty()) return 0;
    boost::crc_32_type sum;
    sum.process_bytes(json.data(), json.size());
    return (1LL << 32) + sum.checksum();
}

constexpr const char* kSum =
    "SELECT CAST(COALESCE(SUM(weight), 0) AS BIGINT) FROM inventory_rows WHERE provider = :provider";

class SqlInventory final : public InventoryStore, private SqlStore {
public:
    using SqlStore::SqlStore;

    Result<StoredAccount> load(const std::string& provider, std::int64_t since) override {
        auto stored = load_after(provider, since);
        if (!stored || stored->version >= since) return stored;
        return load_after(provider, 0);
    }

    Result<bool> save(const std::string& provider, std::optional<Timestamp> as_of,
                      const std::vector<StoredRow>& changes, Timestamp now) override {
        std::span<const StoredRow> left(changes);
        while (!left.empty()) {
            const auto step = left.first(std::min(left.size(), kSavedAtOnce));
            auto saved = writing([&](soci::session& sql) { return save_some(sql, provider, step); });
            if (!saved) return std::move(saved).failure();
            left = left.subspan(step.size());
        }
        if (!as_of) return true;
        // Only read: a purchase does not wait for it.
        auto lost = reading([&](soci::session& sql) -> Result<bool> {
            return any(
                sql,
                fmt::format("SELECT 1 FROM inventory_accounts WHERE provider = :provider AND content <> ({})",
                            kSum),
                {{"provider", provider}});
        });
        if (!lost) return lost;
        auto saved = writing([&](soci::session& sql) -> Result<void> {
            touch(sql, provider);
            if (*lost)
                count_anew(sql, provider);
            else
                save_time(sql, provider, *as_of, now);
            return {};
        });
        if (!saved) return std::move(saved).failure();
        return !*lost;
    }

    Result<Lead> lead(const std::string& provider, const std::string& owner, Timestamp now, Timestamp until,
                      const Lead& silent) override {
        return writing([&](soci::session& sql) -> Result<Lead> {
            touch(sql, provider);
            run(sql,
                "UPDATE inventory_accounts SET refresher = :owner, refresh_until = :until "
                "WHERE provider = :provider AND (refresher = :owner OR refresh_until < :now "
                "OR (refresher = :silent AND refresh_until = :silent_until))",
                {{"owner", owner},
                 {"until", milliseconds(until)},
                 {"provider", provider},
                 {"now", milliseconds(now)},
                 {"silent", silent.owner},
                 {"silent_until", milliseconds(silent.until)}});
            Lead leads;
            long long left = 0;
            sql << "SELECT refresher, refresh_until FROM inventory_accounts WHERE provider = :provider",
                soci::use(provider), soci::into(leads.owner), soci::into(left);
            leads.until = Timestamp(std::chrono::milliseconds(left));
            return leads;
        });
    }

private:
    // One statement: rows and account are of one moment.
    Result<StoredAccount> load_after(const std::string& provider, std::int64_t since) {
        return reading([&](soci::session& sql) -> Result<StoredAccount> {
            StoredAccount read;
            StoredRow row;
            const long long after = since;
            long long as_of = 0, version = 0, content = 0, seen = 0, weight = 0, sum = 0;
            soci::statement statement =
                (sql.prepare
                     << "SELECT a.as_of, a.version, a.content, COALESCE(r.id, ''), COALESCE(r.body, ''), "
                        "COALESCE(r.seen_at, 0), COALESCE(r.weight, 0) FROM inventory_accounts a "
                        "LEFT JOIN inventory_rows r ON r.provider = a.provider AND r.version > :after "
                        "WHERE a.provider = :provider",
                 soci::use(after), soci::use(provider), soci::into(as_of), soci::into(version),
                 soci::into(content), soci::into(row.id), soci::into(row.json), soci::into(seen),
                 soci::into(weight));
            statement.execute();
            while (statement.fetch()) {
                if (row.id.empty()) continue;
                sum += weight;
                row.seen = Timestamp(std::chrono::milliseconds(seen));
                read.changes.push_back(row);
            }
            read.version = version;
            read.whole = since > 0 || sum == content;
            if (as_of > 0) read.as_of = Timestamp(std::chrono::milliseconds(as_of));
            return read;
        });
    }

    static void save_time(soci::session& sql, const std::string& provider, Timestamp as_of, Timestamp now) {
        run(sql,
            "UPDATE inventory_accounts SET as_of = :as_of "
            "WHERE provider = :provider AND (as_of < :as_of OR as_of > :now)",
            {{"as_of", milliseconds(as_of)}, {"provider", provider}, {"now", milliseconds(now)}});
        run(sql, "DELETE FROM inventory_rows WHERE provider = :provider AND body = '' AND seen_at < :past",
            {{"provider", provider}, {"past", milliseconds(as_of - kTellOfGone)}});
    }

    // The first locks it, so that the second counts what all have stored.
    static void count_anew(soci::session& sql, const std::string& provider) {
        run(sql, "UPDATE inventory_accounts SET as_of = 0 WHERE provider = :provider",
            {{"provider", provider}});
        run(sql, fmt::format("UPDATE inventory_accounts SET content = ({}) WHERE provider = :provider", kSum),
            {{"provider", provider}});
    }

    static void touch(soci::session& sql, const std::string& provider) {
        run(sql,
            "INSERT INTO inventory_accounts (provider, as_of, version, refresher, refresh_until, content) "
            "VALUES (:provider, 0, 0, '', 0, 0) ON CONFLICT (provider) DO NOTHING",
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
                "INSERT INTO inventory_rows (provider, id, version, seen_at, body, weight, replaced) "
                "VALUES (:provider, :id, :version, :seen, :body, :weight, 0) "
                "ON CONFLICT (provider, id) DO UPDATE SET version = excluded.version, "
                "seen_at = excluded.seen_at, body = excluded.body, weight = excluded.weight, "
                "replaced = inventory_rows.weight",
                {{"provider", provider},
                 {"id", id},
                 {"version", version},
                 {"seen", milliseconds(seen)},
                 {"body", json},
                 {"weight", weight_of(json)}});
        run(sql,
            "UPDATE inventory_accounts SET content = content + (SELECT CAST(COALESCE(SUM(weight - replaced), "
            "0) "
            "AS BIGINT) FROM inventory_rows WHERE provider = :provider AND version = :version) "
            "WHERE provider = :provider",
            {{"provider", provider}, {"version", version}});
        return {};
    }
};

}  // namespace

std::unique_ptr<InventoryStore> sql_inventory(std::shared_ptr<Engine> engine, Report report) {
    return std::make_unique<SqlInventory>(std::move(engine), std::move(report));
}

}  // namespace bwgw::ledger
