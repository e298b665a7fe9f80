#include "tests/simulation/process.h"

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;

constexpr auto kAttendEvery = 7s;
constexpr auto kRequestDeadline = 20s;

std::chrono::milliseconds wall_error(Chance& chance) {
    return std::chrono::floor<std::chrono::milliseconds>(chance.between(-kWallError, kWallError));
}

fleet::Fleet fleet_of(Stage& stage, std::vector<std::unique_ptr<Account>>& accounts, const HostPtr& host,
                      const ledger::Lease& lease, const Trouble& trouble) {
    std::vector<std::unique_ptr<Provider>> providers;
    for (const auto& account : accounts)
        providers.push_back(std::make_unique<SimProvider>(stage, *account, host, lease, trouble));
    return {std::move(providers),
            std::make_shared<const fleet::Crosswalk>(std::vector<fleet::Crosswalk::Row>{}),
            std::make_shared<fleet::HealthBoard>()};
}

}  // namespace

Process::Process(Stage& stage, ledger::Ledger& store, std::vector<std::unique_ptr<Account>>& accounts,
                 std::string name, std::function<void()> struck)
    : stage_(stage),
      name_(std::move(name)),
      struck_(std::move(struck)),
      trouble_([this](std::string_view where) { strike(where); }),
      ledger_(stage, store, name_, trouble_),
      loop_(stage.scheduler, stage.chance, host_, wall_error(stage.chance)),
      pool_(stage.scheduler, stage.chance, host_, [this] { strike("a job"); }),
      lease_(ledger_, kLeaseSpan, [this] { return loop_.now(); }),
      fleet_(fleet_of(stage, accounts, host_, lease_, trouble_)),
      orders_(loop_, {pool_, ledger_, lease_, unlisted_, tally_}, fleet_, kPace) {
    ledger_.belongs_to(lease_.owner());
    stage_.oracle.knows(lease_.owner(), name_);
    stage_.line("{} starts", name_);
    renew_lease();
    loop_.post([this] { loop_.spawn(attend()); });
}

Process::~Process() {
    stage_.oracle.crashing(lease_.owner());
    host_->alive = false;
    loop_.drop();  // before what the frames hold on to
    for (const auto& callback : at_end_) callback();
}

RequestContext Process::context(std::stop_token cancelled) const {
    return {{loop_.now() + kRequestDeadline}, {"request", ""}, {"caller"}, std::move(cancelled)};
}

// Crashes and stalls come where they hurt.
void Process::strike(std::string_view where) {
    auto& faults = stage_.faults;
    if (faults.crashes_left > 0 && stage_.bad(faults.crash)) {
        --faults.crashes_left;
        stage_.line("{} is killed: {}", name_, where);
        struck_();
    } else if (faults.stalls_left > 0 && stage_.bad(faults.stall)) {
        --faults.stalls_left;
        const bool past_lease = stage_.chance.percent(60);
        const auto span = past_lease ? stage_.chance.between(kLeaseSpan, 6 * kLeaseSpan)
                                     : stage_.chance.between(10ms, kLeaseSpan / 2);
        stage_.record.met(past_lease ? Met::stall_past_lease : Met::stall);
        stage_.line("{} stalls for {:.3f} s: {}", name_, static_cast<double>(span.count()) / 1e6, where);
        host_->frozen_until = stage_.now() + span;
    }
}

// As ledger::LeaseKeeper does on its thread; between reading the clock and the commit anything may pass.
void Process::renew_lease() {
    const auto now = loop_.now();
    const auto wall = std::chrono::floor<std::chrono::milliseconds>(loop_.wall());
    stage_.scheduler.after(host_, stage_.chance.between(10us, 3ms), [this, now, wall] {
        static_cast<void>(lease_.renew(now, wall));
        stage_.scheduler.after(host_, kLeaseSpan / 3, [this] { renew_lease(); });
    });
}

Task<void> Process::attend() {
    for (;;) {
        static_cast<void>(co_await orders_.attend());
        static_cast<void>(co_await loop::sleep_until(loop_, loop_.now() + kAttendEvery));
    }
}

}  // namespace bwgw::simulation
