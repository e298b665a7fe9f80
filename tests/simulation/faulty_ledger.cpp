#include "tests/simulation/faulty_ledger.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;
using ledger::Operation;

std::filesystem::path new_folder() {
    const std::filesystem::path memory = "/dev/shm";
    auto name = ((std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path()) /
                 "bwgw-simulation-XXXXXX")
                    .string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no folder for the ledger");
    return name;
}

Failure unavailable(Outcome outcome) {
    return {.slug = Slug::unavailable, .detail = "the ledger", .outcome = outcome, .retryable = true};
}

}  // namespace

Store::Store() : folder_(new_folder()) {
    const auto path = (folder_ / "ledger.db").string();
    ledger_ = ledger::open_ledger("sqlite:" + path,
                                  [](const std::string& reason) { fmt::print(stderr, "{}\n", reason); });
    if (sqlite3_open(path.c_str(), &sql_) != SQLITE_OK)
        throw std::runtime_error("the ledger cannot be opened");
}

Store::~Store() {
    sqlite3_close(sql_);
    ledger_.reset();
    std::filesystem::remove_all(folder_);
}

void Store::wipe() {
    char* error = nullptr;
    if (sqlite3_exec(sql_, "BEGIN IMMEDIATE; DELETE FROM operations; DELETE FROM gateways; COMMIT", nullptr,
                     nullptr, &error) != SQLITE_OK)
        throw std::runtime_error(error);
}

bool FaultyLedger::refuses(std::string_view what) {
    bool out = false;
    if (!stage_.faults.healed)
        for (const auto& [from, to] : stage_.faults.ledger_outages)
            out = out || (from <= stage_.now() && stage_.now() < to);
    if (out) stage_.record.met(Met::ledger_outage);
    if (!out && !stage_.bad(stage_.faults.ledger_refuses)) return false;
    stage_.record.met(Met::ledger_refused);
    stage_.line("  the ledger refuses {}: {}", process_, what);
    return true;
}

bool FaultyLedger::forgets_to_answer(std::string_view what) {
    if (!stage_.bad(stage_.faults.ledger_forgets_to_answer)) return false;
    stage_.record.met(Met::unknown_commit);
    stage_.line("  the ledger does not answer {}: {}", process_, what);
    return true;
}

template <class Work>
auto FaultyLedger::written(std::string_view what, Work work) -> std::invoke_result_t<Work&> {
    if (refuses(what)) return unavailable(Outcome::none);
    auto result = work();
    trouble_(what);
    if (forgets_to_answer(what)) return unavailable(Outcome::unknown);
    return result;
}

// Whatever has become of the process by then.
bool FaultyLedger::comes_late(std::string_view what, const Operation& operation,
                              std::function<void()> commit) {
    if (!stage_.bad(stage_.faults.ledger_forgets_to_answer / 2)) return false;
    stage_.record.met(Met::late_commit);
    stage_.line("  {} gives the ledger up: {} {}; its commit is under way", process_, what, operation.id);
    const auto number = ++stage_.commits;
    stage_.committing.emplace(number, Stage::Committing{operation, what == "claim"});
    stage_.scheduler.after(std::make_shared<Host>(), stage_.chance.between(1ms, 3s),
                           [&stage = stage_, number, commit = std::move(commit)] {
                               stage.committing.erase(number);
                               commit();
                           });
    return true;
}

// As a unique index lets nobody by until it is known. Nobody waits that long.
bool FaultyLedger::waits_behind_accept(const Operation& operation) const {
    return std::ranges::any_of(stage_.committing, [&](const auto& each) {
        const auto& other = each.second.operation;
        const bool key = operation.idempotency_key && other.idempotency_key == operation.idempotency_key;
        const bool lock = operation.lock_key && other.lock_key == operation.lock_key;
        return !each.second.claim && (other.id == operation.id || key || lock);
    });
}

bool FaultyLedger::waits_behind_claim(const std::string& id) const {
    return std::ranges::any_of(stage_.committing, [&](const auto& each) {
        return each.second.claim && each.second.operation.id == id;
    });
}

template <class Work>
auto FaultyLedger::read(std::string_view what, Work work) -> std::invoke_result_t<Work&> {
    if (refuses(what)) return unavailable(Outcome::none);
    return work();
}

// Ordered by time, and never the same in one world: the marker is its last characters.
std::string FaultyLedger::new_id() {
    return stage_.next_id();
}

Result<ledger::Acceptance> FaultyLedger::accept(Operation operation) {
    const auto accept = [&real = real_, &oracle = stage_.oracle, operation] {
        auto accepted = real.accept(operation);
        if (accepted && !accepted->replayed) oracle.accepted(accepted->operation);
        return accepted;
    };
    if (waits_behind_accept(operation)) return unavailable(Outcome::none);
    if (comes_late("accept", operation, [accept] { static_cast<void>(accept()); }))
        return unavailable(Outcome::unknown);
    return written("accept", [&] {
        auto accepted = accept();
        if (!accepted && accepted.failure().slug != Slug::unavailable) {
            if (accepted.failure().slug == Slug::idempotency_key_reused)
                stage_.broken("a key came back with another request: {}", operation.request);
            stage_.record.met(Met::lock_refused);
        }
        return accepted;
    });
}

Result<void> FaultyLedger::record(Operation operation) {
    if (waits_behind_claim(operation.id)) return unavailable(Outcome::none);
    return written("record", [&] {
        auto recorded = real_.record(operation);
        if (recorded) {
            stage_.oracle.recorded(owner_, operation);
        } else {
            stage_.line("ledger refuses {} to {}", operation.id, process_);
            if (recorded.failure().slug == Slug::conflict) stage_.record.met(Met::stale_fence_refused);
        }
        return recorded;
    });
}

Result<Operation> FaultyLedger::claim(const Operation& operation, const std::string& owner) {
    const auto claim = [&real = real_, &oracle = stage_.oracle, operation, owner] {
        auto claimed = real.claim(operation, owner);
        if (claimed) oracle.claimed(*claimed);
        return claimed;
    };
    if (waits_behind_claim(operation.id)) return unavailable(Outcome::none);
    if (comes_late("claim", operation, [claim] { static_cast<void>(claim()); }))
        return unavailable(Outcome::unknown);
    return written("claim", claim);
}

Result<void> FaultyLedger::renew(const std::string& owner, ledger::Timestamp until) {
    return written("renew", [&] { return real_.renew(owner, until); });
}

Result<std::vector<Operation>> FaultyLedger::orphans(ledger::Timestamp now) {
    return read("orphans", [&] { return real_.orphans(now); });
}

Result<Operation> FaultyLedger::find(const std::string& id) {
    return read("find", [&] { return real_.find(id); });
}

Result<std::vector<Operation>> FaultyLedger::list(const ledger::OperationFilter& filter) {
    return read("list", [&] { return real_.list(filter); });
}

Result<std::size_t> FaultyLedger::forget_keys(ledger::Timestamp ended_before) {
    return written("forget keys", [&] { return real_.forget_keys(ended_before); });
}

}  // namespace bwgw::simulation
