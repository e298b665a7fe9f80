#include <fmt/format.h>
#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "gateway/ledger/engine.h"
#include "gateway/ledger/sessions.h"
#include "gateway/ledger/watchdog.h"

namespace bwgw::ledger {
namespace {

using Clock = Watchdog::Clock;

constexpr auto kCallDeadline = std::chrono::seconds(8);
constexpr auto kMigrationDeadline = std::chrono::minutes(10);
constexpr long long kMigrationLock = 0x62776777;  // any number that nobody else takes
// The server's own bounds are shorter than the call's, so that a slow one can say so; a transaction whose
// gateway froze ends soon after.
constexpr std::string_view kServerOptions =
    "-c synchronous_commit=on -c statement_timeout=5s -c lock_timeout=4s "
    "-c idle_in_transaction_session_timeout=10s -c client_min_messages=error";

PGconn* connection(soci::session& sql) {
    return static_cast<soci::postgresql_session_backend*>(sql.get_backend())->conn_;
}

bool lost(soci::session& sql) {
    return PQstatus(connection(sql)) != CONNECTION_OK;
}

// libpq cuts a URL wherever it first can: what stands raw in a password would come back as the name of a
// host.
bool ambiguous(std::string_view url) {
    const auto begin = url.find("://") + 3;
    const auto end = url.rfind('@');
    if (end == std::string_view::npos) return false;
    return end < begin || url.substr(begin, end - begin).find_first_of("@/?# ") != std::string_view::npos;
}

std::string quoted(std::string_view value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

// The URL as `key='value'`, with what this engine insists on.
std::string parameters(const std::string& url) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        ambiguous(url) ? nullptr : PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
    if (!options)
        throw std::runtime_error("not a URL as libpq takes it; special characters are percent-encoded");
    std::string text;
    std::string given;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const std::string_view keyword = option->keyword;
        if (keyword == "port" &&
            std::string_view(option->val).find_first_not_of("0123456789,") != std::string_view::npos)
            throw std::runtime_error("the port is not a number");
        if (keyword == "options")
            given = option->val;
        else
            text += fmt::format("{}={} ", keyword, quoted(option->val));
    }
    // The last word on a keyword is the one that counts.
    return text + fmt::format("options={} connect_timeout=3 tcp_user_timeout=5000 client_encoding=UTF8",
                              quoted(fmt::format("{} {}", given, kServerOptions)));
}

void open(soci::session& sql, const std::string& parameters) {
    sql.open(soci::postgresql, parameters);
    auto* raw = connection(sql);
    PQsetErrorVerbosity(raw, PQERRORS_TERSE);  // the details hold values of rows
    PQsetNoticeProcessor(
        raw, [](void*, const char*) {}, nullptr);
}

// The server syncs its disk once for all that commit at the same time, so each write has a connection of its
// own.
class PostgresEngine final : public Engine {
public:
    explicit PostgresEngine(const std::string& url)
        : sessions_([text = parameters(url)](soci::session& sql) { open(sql, text); }) {}

    void write(const Write& work) override { transact(work, kCallDeadline); }

    void read(const Read& work) override { Call(*this, kCallDeadline).begin(work); }

    bool commits_late() const noexcept override { return true; }

    void migrate(const Read& work) override {
        const auto limit = std::chrono::milliseconds(kMigrationDeadline).count();
        const auto alone = [&](soci::session& sql) {
            sql << fmt::format("SET LOCAL statement_timeout = {}", limit);
            sql << fmt::format("SET LOCAL lock_timeout = {}", limit);
            sql << fmt::format("SELECT pg_advisory_xact_lock({})", kMigrationLock);
            std::string encoding;
            sql << "SHOW server_encoding", soci::into(encoding);
            if (encoding != "UTF8") throw std::runtime_error("the database's encoding is not UTF8");
            work(sql);
            return true;
        };
        transact(alone, kMigrationDeadline);
    }

private:
    // One call on one connection, which is cut when the call takes too long.
    class Call {
    public:
        Call(PostgresEngine& engine, Clock::duration longest)
            : watchdog_(engine.watchdog_), session_(engine.sessions_), deadline_(Clock::now() + longest) {}
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        ~Call() {
            watch_.reset();
            if (session_.is_open() && PQtransactionStatus(connection(session_.open())) != PQTRANS_IDLE)
                session_.close();
        }

        // The server may have gone away since the last call; nothing is lost by beginning again.
        soci::session& begin(const Read& work) {
            const bool reused = session_.is_open();
            auto& sql = open_watched();
            try {
                work(sql);
                return sql;
            } catch (const soci::soci_error&) {
                if (!reused || !lost(sql) || Clock::now() >= deadline_) throw;
            }
            watch_.reset();
            session_.close();
            work(open_watched());
            return sql;
        }

    private:
        soci::session& open_watched() {
            auto& sql = session_.open();
            watch_.emplace(watchdog_, PQsocket(connection(sql)), deadline_);
            return sql;
        }

        Watchdog& watchdog_;
        Sessions::Borrowed session_;
        const Clock::time_point deadline_;
        std::optional<Watchdog::Watch> watch_;
    };

    void transact(const Write& work, Clock::duration longest) {
        Call call(*this, longest);
        auto& sql = call.begin([](soci::session& fresh) { fresh << "BEGIN"; });
        try {
            if (!work(sql)) return roll_back(sql);
        } catch (...) {
            roll_back(sql);
            throw;
        }
        try {
            sql << "COMMIT";
        } catch (const soci::soci_error&) {
            if (lost(sql)) throw CommitUnknown(fault());
            throw;
        }
    }

    // A connection that cannot even do this is closed, which rolls back as well.
    static void roll_back(soci::session& sql) {
        try {
            sql << "ROLLBACK";
        } catch (const soci::soci_error&) {
        }
    }

    Watchdog watchdog_;
    Sessions sessions_;
};

}  // namespace

std::unique_ptr<Engine> postgres_engine(const std::string& url) {
    return std::make_unique<PostgresEngine>(url);
}

}  // namespace bwgw::ledger
