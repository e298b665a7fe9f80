#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

#include "gateway/ledger/engine.h"
#include "gateway/ledger/sessions.h"

namespace bwgw::ledger {
namespace {

constexpr int kBusySeconds = 5;  // while another process writes
constexpr std::ptrdiff_t kLargestBatch = 64;

void open(soci::session& sql, const std::string& path) {
    sql.open(soci::sqlite3, fmt::format("db=\"{}\" timeout={}", path, kBusySeconds));
    std::string mode;
    sql << "PRAGMA journal_mode = WAL", soci::into(mode);
    if (mode != "wal") throw std::runtime_error("this file system cannot hold SQLite's WAL");
    sql << "PRAGMA synchronous = FULL";
}

sqlite_api::sqlite3* connection(soci::session& sql) {
    return static_cast<soci::sqlite3_session_backend*>(sql.get_backend())->conn_;
}

// SQLite itself takes a transaction back after some errors: the disk is full, the memory, I/O.
bool in_transaction(soci::session& sql) {
    return sqlite_api::sqlite3_get_autocommit(connection(sql)) == 0;
}

// What was opened while the file could only be read stays so. Any other session is kept: on a full disk no
// new one could be opened, not even to read.
bool is_read_only(soci::session& sql) {
    return sqlite_api::sqlite3_db_readonly(connection(sql), "main") == 1;
}

// The commit is in the file, and whether it survives nobody knows: a crash may bring it back.
bool sync_failed(soci::session& sql) {
    constexpr int kIoErrorFsync = 10 | (4 << 8);  // SQLITE_IOERR_FSYNC, which SOCI's own header has not
    return sqlite_api::sqlite3_extended_errcode(connection(sql)) == kIoErrorFsync;
}

// SQLite has one writer, and each commit costs a sync of the disk. So writers queue, and whoever finds nobody
// at work does all that is queued in one transaction: one sync for all of it.
class SqliteEngine final : public Engine {
public:
    explicit SqliteEngine(const std::string& path)
        : sessions_([path](soci::session& sql) { open(sql, path); }) {}

    void write(const Write& work) override {
        Queued mine{work};
        std::unique_lock lock(mutex_);
        queue_.push_back(&mine);
        while (!mine.done) {
            if (leading_)
                ended_.wait(lock);
            else
                lead(lock);
        }
        if (mine.unknown) throw CommitUnknown(*mine.fault);
        if (mine.fault) throw std::runtime_error(*mine.fault);
    }

    void read(const Read& work) override {
        Sessions::Borrowed session(sessions_);
        work(session.open());
    }

    bool commits_late() const noexcept override { return false; }

    void migrate(const Read& work) override {
        write([&](soci::session& sql) {
            work(sql);
            return true;
        });
    }

private:
    struct Queued {
        const Write& work;
        std::optional<std::string> fault = {};
        bool unknown = false;
        bool done = false;
    };
    using Batch = std::vector<Queued*>;

    void lead(std::unique_lock<std::mutex>& lock) noexcept {
        leading_ = true;
        const auto end = queue_.begin() + std::min(std::ssize(queue_), kLargestBatch);
        Batch batch(queue_.begin(), end);
        queue_.erase(queue_.begin(), end);
        lock.unlock();
        bool begun = false;
        bool unknown = false;
        std::optional<std::string> reason;
        try {
            Sessions::Borrowed session(sessions_);
            run(session, batch, begun);
        } catch (const CommitUnknown& lost) {
            reason = lost.what();
            unknown = true;
        } catch (...) {
            reason = fault();
        }
        lock.lock();
        if (!begun) {  // who has queued meanwhile shall not wait as long again
            batch.insert(batch.end(), queue_.begin(), queue_.end());
            queue_.clear();
        }
        for (auto* each : batch) {
            if (reason) each->fault = reason;
            each->unknown = unknown;
            each->done = true;
        }
        leading_ = false;
        ended_.notify_all();
    }

    // Throws if the whole batch failed. Then even what was only refused was perhaps refused for the sake of
    // another that is not there now.
    static void run(Sessions::Borrowed& session, const Batch& batch, bool& begun) {
        auto& sql = session.open();
        try {
            sql << "BEGIN IMMEDIATE";
            begun = true;
            for (auto* each : batch) run(sql, *each);
            commit(sql);
        } catch (...) {
            if (in_transaction(sql)) sql << "ROLLBACK";
            if (is_read_only(sql)) session.close();
            throw;
        }
    }

    static void commit(soci::session& sql) {
        try {
            sql << "COMMIT";
        } catch (const std::exception&) {
            if (sync_failed(sql)) throw CommitUnknown(fault());
            throw;
        }
    }

    static void run(soci::session& sql, Queued& one) {
        sql << "SAVEPOINT one";
        bool keep = false;
        try {
            keep = one.work(sql);
        } catch (...) {
            if (!in_transaction(sql)) throw;
            one.fault = fault();
        }
        if (!keep) sql << "ROLLBACK TO one";
        sql << "RELEASE one";
    }

    Sessions sessions_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::deque<Queued*> queue_;
    bool leading_ = false;
};

}  // namespace

std::unique_ptr<Engine> sqlite_engine(const std::string& path) {
    return std::make_unique<SqliteEngine>(path);
}

}  // namespace bwgw::ledger
