#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tests/simulation/process.h"

namespace bwgw::simulation {

/// Whoever is asked: some living process, as a load balancer picks it. Null while there is none.
class Gateways {
public:
    virtual ~Gateways() = default;
    virtual Process* any() = 0;
};

/// What is asked of a process, on its loop.
template <class T>
using Work = std::function<Task<T>(Process&, const RequestContext&)>;

/// Asks one process and waits for a while. No process, a crash, a lost answer: request-timeout, and nobody
/// knows what was done. One who leaves early is not told either.
template <class T>
Task<T> ask(Stage& stage, loop::Loop& outside, Gateways& gateways, Work<T> work, bool leaves_early = false);

/// One caller: buys, changes and releases, each under its own key, and asks again until it knows.
class Client {
public:
    struct Wish {
        std::string key;
        std::string provider;
        Ends ends;
        std::int64_t mbps = 0;
    };

    Client(Stage& stage, loop::Loop& outside, Gateways& gateways, std::vector<Wish> wishes, Account& account)
        : stage_(stage),
          outside_(outside),
          gateways_(gateways),
          wishes_(std::move(wishes)),
          account_(account) {}

    Task<void> live();
    bool done() const noexcept { return done_; }
    /// The operation that it waits for.
    const std::string& waits_for() const noexcept { return waits_for_; }
    /// What became of its last purchase.
    const std::optional<ledger::Operation>& last() const noexcept { return last_; }

private:
    using Request = std::function<Task<orders::Placement>(Process&, const RequestContext&, orders::Intake)>;

    Task<bool> pause(Time low, Time high);
    Task<void> fulfil(Wish wish);
    Task<void> amend(Wish wish, ResourceRef ref);
    Task<std::optional<ledger::Operation>> pursue(std::string key, std::string request_text, Request request);
    Task<std::optional<ledger::Operation>> follow(std::string id);
    Task<void> read_back(ledger::Operation operation);

    Stage& stage_;
    loop::Loop& outside_;
    Gateways& gateways_;
    std::vector<Wish> wishes_;
    Account& account_;
    bool done_ = false;
    std::string waits_for_;
    std::optional<ledger::Operation> last_;
};

template <class T>
Task<void> serve(Stage& stage, Process& process, Work<T> work, std::stop_token cancelled,
                 std::shared_ptr<Answer<T>> answer) {
    const auto context = process.context(std::move(cancelled));
    auto result = co_await work(process, context);
    if (stage.bad(stage.faults.answers_lost)) {
        stage.record.met(Met::answer_lost);
        co_return Result<void>{};
    }
    stage.scheduler.after(
        nullptr, stage.chance.between(std::chrono::milliseconds{1}, std::chrono::milliseconds{50}),
        [answer, said = std::make_shared<Result<T>>(std::move(result))] { answer->give(std::move(*said)); });
    co_return Result<void>{};
}

template <class T>
Task<T> ask(Stage& stage, loop::Loop& outside, Gateways& gateways, Work<T> work, bool leaves_early) {
    using namespace std::chrono_literals;
    constexpr auto kPatience = 25s;
    const Failure lost{.slug = Slug::request_timeout, .detail = "no answer", .outcome = Outcome::unknown};
    auto* process = gateways.any();
    if (!process) {
        static_cast<void>(co_await loop::sleep_until(outside, outside.now() + 300ms));
        co_return lost;
    }
    const auto answer = std::make_shared<Answer<T>>();
    std::stop_source leaving;
    auto& scheduler = stage.scheduler;
    const auto arrives = stage.chance.between(1ms, 50ms);
    scheduler.after(process->host(), arrives,
                    [&stage, process, work = std::move(work), token = leaving.get_token(), answer] {
                        process->loop().spawn(serve<T>(stage, *process, work, token, answer));
                    });
    process->at_end([&scheduler, answer, lost] {
        scheduler.after(nullptr, 1ms, [answer, lost] { answer->give(lost); });
    });
    if (leaves_early) {
        const auto leaves = arrives + stage.chance.between(0ms, 2s);
        scheduler.after(process->host(), leaves, [leaving]() mutable { leaving.request_stop(); });
        scheduler.after(nullptr, leaves, [answer, lost] { answer->give(lost); });
    }
    scheduler.after(nullptr, kPatience, [answer, lost] { answer->give(lost); });
    co_return co_await Answer<T>::wait(answer);
}

}  // namespace bwgw::simulation
