#include "tests/simulation/world.h"

#include <algorithm>

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;
using ledger::OperationState;
using ledger::OperationType;

constexpr auto kLongest = 400s;  // from the healing to the end of what was begun
constexpr auto kCheckEvery = 500ms;
constexpr auto kAftermath = 20s;  // the longest that a vendor still executes what it was sent
constexpr auto kStrangersLeave = 80s;
constexpr int kRounds = 6;  // of waiting, and a person's word
const std::vector<std::int64_t> kSizes{10, 20};

}  // namespace

World::World(std::uint64_t seed, Store& store)
    : stage_(seed), store_(store), outside_(stage_.scheduler, stage_.chance, std::make_shared<Host>(), {}) {
    store_.wipe();
    auto& chance = stage_.chance;
    accounts_.push_back(std::make_unique<Account>(stage_, "natural", PurchaseSafety::natural_key));
    accounts_.push_back(std::make_unique<Account>(stage_, "marker", PurchaseSafety::marker));
    accounts_.push_back(std::make_unique<Account>(stage_, "none", PurchaseSafety::none));
    for (const auto& account : accounts_) stage_.oracle.knows(*account);
    slots_.resize(1 + chance.below(3));
    incarnations_.resize(slots_.size());
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) start(slot);
    if (chance.percent(30))
        stage_.scheduler.after(nullptr, chance.between(1s, 25s),
                               [this] { stop(stage_.chance.below(slots_.size())); });

    std::vector<Client::Wish> wishes;
    const auto clients = 2 + chance.below(3);
    for (std::uint64_t i = 0; i < clients; ++i) {
        auto& account =
            *accounts_[chance.below(accounts_.size() + 1) % accounts_.size()];  // most often the first
        const bool same = !wishes.empty() && chance.percent(25);  // the same request comes twice
        if (!same && !wishes.empty() && chance.percent(40)) {     // another wants the same
            for (std::size_t n = 0; n < wishes.size(); ++n) wishes[n].key = fmt::format("key-{}-{}", i, n);
        } else if (!same) {
            wishes.clear();
            for (std::uint64_t n = 0; n <= chance.below(2); ++n)
                wishes.push_back({fmt::format("key-{}-{}", i, n), account.name(), chance.pick(pairs()),
                                  chance.pick(kSizes)});
        }
        auto& asks = **std::find_if(accounts_.begin(), accounts_.end(), [&](const auto& each) {
            return each->name() == wishes.front().provider;
        });
        clients_.push_back(std::make_unique<Client>(stage_, outside_, *this, wishes, asks));
        outside_.spawn(clients_.back()->live());
    }
    strangers();
}

World::~World() {
    outside_.drop();
}

Process* World::any() {
    std::vector<Process*> living;
    for (const auto& process : slots_)
        if (process) living.push_back(process.get());
    return living.empty() ? nullptr : stage_.chance.pick(living);
}

void World::start(std::size_t slot) {
    const int incarnation = ++incarnations_[slot];
    slots_[slot] =
        std::make_unique<Process>(stage_, store_.ledger(), accounts_,
                                  fmt::format("gateway-{}.{}", slot, incarnation), [this, slot, incarnation] {
                                      stage_.scheduler.next([this, slot, incarnation] {
                                          if (incarnations_[slot] == incarnation && slots_[slot]) crash(slot);
                                      });
                                  });
}

void World::crash(std::size_t slot) {
    slots_[slot].reset();
    stage_.scheduler.after(nullptr, stage_.chance.between(50ms, 12s), [this, slot] {
        if (!slots_[slot]) start(slot);
    });
}

void World::stop(std::size_t slot) {
    if (!slots_[slot]) return;
    auto& process = *slots_[slot];
    stage_.record.met(Met::graceful_stop);
    stage_.line("{} stops", process.name());
    stage_.scheduler.after(process.host(), 0s, [&process] { process.stop(); });
    stage_.scheduler.after(process.host(), stage_.chance.between(10ms, 8s), [this, slot, &process] {
        stage_.line("{} ends", process.name());
        process.end_lease();
        stage_.scheduler.next([this, slot, incarnation = incarnations_[slot]] {
            if (incarnations_[slot] == incarnation && slots_[slot]) crash(slot);
        });
    });
}

void World::strangers() {
    if (stage_.now() > kStrangersLeave) return;
    stage_.scheduler.after(nullptr, stage_.chance.between(2s, 12s), [this] {
        auto& account = *stage_.chance.pick(accounts_);
        if (stage_.chance.percent(50))
            account.stranger_buys();
        else
            account.stranger_releases();
        strangers();
    });
}

void World::heal() {
    stage_.line("all heals");
    stage_.faults.healed = true;
}

// True if it came to be by then.
template <class Condition>
bool World::run_until(Time limit, Condition condition) {
    Time checked{0};
    while (stage_.now() < limit && stage_.record.violations().empty()) {
        if (stage_.now() >= checked + kCheckEvery) {
            checked = stage_.now();
            if (condition()) return true;
        }
        if (!stage_.scheduler.step()) return condition();
    }
    return false;
}

// All is decided, and whoever waits waits for a person.
bool World::quiet() const {
    return persons_ == 0 && stage_.oracle.all_decided() &&
           std::all_of(clients_.begin(), clients_.end(), [&](const auto& client) {
               const auto& id = client->waits_for();
               return client->done() ||
                      (!id.empty() && stage_.oracle.durable(id).state == OperationState::needs_attention);
           });
}

const Record& World::run() {
    const auto never = [] { return false; };
    // Most worlds heal before a settle window closes, some after.
    run_until(stage_.chance.percent(70) ? stage_.chance.between(8s, 25s) : stage_.chance.between(25s, 100s),
              never);
    heal();
    for (int round = 0; round < kRounds && stage_.record.violations().empty(); ++round) {
        const bool came_to_rest = run_until(stage_.now() + kLongest, [this] { return quiet(); });
        run_until(stage_.oracle.last_send() + kAftermath, never);
        if (!stage_.record.violations().empty()) break;
        if (came_to_rest && !quiet()) continue;
        stage_.oracle.judge(store_.ledger());
        if (quiet() && stage_.oracle.all_ended()) break;
        resolve_all();
    }
    if (!stage_.record.violations().empty()) return stage_.record;
    if (!quiet() || !stage_.oracle.all_ended()) stage_.broken("somebody waits for ever");
    buy_once_more();
    return stage_.record;
}

void World::resolve_all() {
    for (const auto& operation : stage_.oracle.in_state(OperationState::needs_attention))
        outside_.spawn(resolve(operation.id));
}

// A person who has looked, and says what is true.
Task<void> World::resolve(std::string id) {
    ++persons_;
    const bool applied = stage_.oracle.was_executed(id);
    const auto native_id = applied ? stage_.oracle.bought(id) : "";
    for (;;) {
        const Work<ledger::Operation> find = [id](Process& process, const RequestContext&) {
            return process.orders().find(id);
        };
        auto found = co_await ask<ledger::Operation>(stage_, outside_, *this, find);
        if (found && found->state != OperationState::needs_attention) break;
        if (found) {
            const Work<ledger::Operation> say = [operation = *found, applied, native_id](
                                                    Process& process, const RequestContext& context) {
                return process.orders().resolve(context, operation, applied, native_id);
            };
            auto said = co_await ask<ledger::Operation>(stage_, outside_, *this, say);
            if (said) stage_.record.met(applied ? Met::resolved_applied : Met::resolved_not_run);
            if (!said) stage_.line("  a person is refused: {}", said.failure().detail);
        }
        static_cast<void>(co_await loop::sleep_until(outside_, outside_.now() + 2s));
    }
    --persons_;
    co_return Result<void>{};
}

// Healed is not only quiet: the next purchase works.
void World::buy_once_more() {
    auto& account = *stage_.chance.pick(accounts_);
    const std::vector<Client::Wish> wishes{{"key-after", account.name(), {"mad", "par"}, 10}};
    auto& client = *clients_.emplace_back(std::make_unique<Client>(stage_, outside_, *this, wishes, account));
    outside_.spawn(client.live());
    run_until(stage_.now() + kLongest, [this] { return quiet(); });
    if (!stage_.record.violations().empty()) return;
    if (!client.last() || client.last()->state != OperationState::settled)
        stage_.broken("after all had healed, a purchase did not settle");
    stage_.oracle.judge(store_.ledger());
}

}  // namespace bwgw::simulation
