#include "tests/simulation/client.h"

#include <algorithm>

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;
using ledger::Operation;
using ledger::OperationState;

constexpr int kTries = 4;  // of what surely did not run

Order order_of(const Client::Wish& wish) {
    Order order;
    order.name = wish.key;
    order.network_id = kNetwork;
    order.ends = wish.ends;
    order.bandwidth_mbps = wish.mbps;
    order.billing.model = BillingModel::fixed;
    return order;
}

// Canonical, as the API makes it.
std::string text_of(const Client::Wish& wish) {
    return fmt::format(
        R"({{"bandwidth_mbps":{},"billing":{{"model":"fixed"}},"kind":"inter_region","name":"{}",)"
        R"("network_id":"{}","provider":"{}","region_a":"{}","region_b":"{}"}})",
        wish.mbps, wish.key, kNetwork, wish.provider, wish.ends.a, wish.ends.b);
}

}  // namespace

Task<bool> Client::pause(Time low, Time high) {
    return loop::sleep_until(outside_, outside_.now() + stage_.chance.between(low, high));
}

Task<void> Client::live() {
    static_cast<void>(co_await pause(0s, stage_.faults.healed ? 1s : 10s));
    for (const auto& wish : wishes_) static_cast<void>(co_await fulfil(wish));
    done_ = true;
    co_return Result<void>{};
}

Task<void> Client::fulfil(Wish wish) {
    auto bought = co_await pursue(
        wish.key, text_of(wish),
        [wish](Process& process, const RequestContext& context, orders::Intake intake) {
            return process.orders().buy(context, wish.provider, order_of(wish), std::move(intake));
        });
    last_.reset();
    if (!bought || !*bought) co_return Result<void>{};
    last_ = **bought;
    if (last_->problem && last_->problem->slug == Slug::already_exists && stage_.chance.percent(60)) {
        static_cast<void>(co_await pause(500ms, 5s));  // who holds it may have let it go meanwhile
        wish.key += "-again";
        co_return co_await fulfil(std::move(wish));
    }
    if (last_->state != OperationState::settled) co_return Result<void>{};
    if (stage_.chance.percent(50)) static_cast<void>(co_await amend(wish, last_->target));
    if (!stage_.chance.percent(60)) co_return Result<void>{};
    const BandwidthId id{wish.provider, last_->target};
    static_cast<void>(co_await pursue(
        wish.key + "-release", R"({"release":true})",
        [id](Process& process, const RequestContext& context,
             orders::Intake intake) -> Task<orders::Placement> {
            // The parameters live as long as the frame; what the lambda holds lives in `pursue`'s copy.
            return [](Process& p, const RequestContext& c, orders::Intake i,
                      BandwidthId of) -> Task<orders::Placement> {
                auto current = co_await p.fleet().get(c, of);
                if (!current) co_return std::move(current).failure();
                if (current->bandwidth.state == State::recycled)
                    co_return Failure{.slug = Slug::not_found, .detail = "in the recycle bin"};
                co_return co_await p.orders().release(c, std::move(*current), std::move(i));
            }(process, context, std::move(intake), id);
        }));
    co_return Result<void>{};
}

Task<void> Client::amend(Wish wish, ResourceRef ref) {
    const auto size = wish.mbps + 5;
    const BandwidthId id{wish.provider, ref};
    static_cast<void>(
        co_await pursue(wish.key + "-change", fmt::format(R"({{"bandwidth_mbps":{}}})", size),
                        [id, size](Process& process, const RequestContext& context, orders::Intake intake) {
                            return [](Process& p, const RequestContext& c, orders::Intake i, BandwidthId of,
                                      std::int64_t mbps) -> Task<orders::Placement> {
                                auto current = co_await p.fleet().get(c, of);
                                if (!current) co_return std::move(current).failure();
                                if (current->bandwidth.state != State::active ||
                                    current->bandwidth.bandwidth == Mbps::of(mbps))
                                    co_return Failure{.slug = Slug::not_found, .detail = "nothing to change"};
                                co_return co_await p.orders().change(
                                    c, std::move(*current), Resize{mbps, std::nullopt}, std::move(i));
                            }(process, context, std::move(intake), id, size);
                        }));
    co_return Result<void>{};
}

// The same key again until it is known what became of it; nothing if it was refused for good.
Task<std::optional<Operation>> Client::pursue(std::string key, std::string request_text, Request request) {
    static const std::vector<std::chrono::milliseconds> kWaits{0s, 2s, 10s};
    for (int tries = 0; tries < kTries;) {
        const orders::Intake intake{key, "fingerprint of " + request_text, request_text, std::nullopt,
                                    stage_.chance.pick(kWaits)};
        const bool leaves = stage_.bad(100);
        if (leaves) stage_.record.met(Met::caller_left);
        const Work<orders::Placement> work = [&stage = stage_, request, intake](
                                                 Process& process, const RequestContext& context) {
            return [](Stage& on, Task<orders::Placement> asked) -> Task<orders::Placement> {
                auto placed = co_await std::move(asked);
                if (placed) on.oracle.told(*placed);
                co_return std::move(placed);
            }(stage, request(process, context, intake));
        };
        auto placed = co_await ask<orders::Placement>(stage_, outside_, gateways_, work, leaves);
        if (leaves && stage_.chance.percent(30)) co_return std::optional<Operation>{};
        if (!placed) {
            const auto& problem = placed.failure();
            stage_.line("  {} is refused: {}, {}", key, word(problem.slug), problem.detail);
            if (problem.slug == Slug::idempotency_key_in_flight) stage_.record.met(Met::key_in_flight);
            const bool unsure = problem.slug == Slug::request_timeout || problem.outcome == Outcome::unknown;
            if (!unsure && !problem.retryable) co_return std::optional<Operation>{};
            if (!unsure) ++tries;
            static_cast<void>(co_await pause(200ms, 4s));
            continue;
        }
        auto operation = placed->operation;
        if (operation.type == ledger::OperationType::create && operation.outcome == Outcome::applied &&
            !operation.target.native_id.empty())
            static_cast<void>(co_await read_back(operation));
        if (!ended(operation.state)) {
            auto followed = co_await follow(operation.id);
            if (!followed || !*followed) co_return std::optional<Operation>{};
            operation = std::move(**followed);
        }
        const bool anew = operation.state == OperationState::failed && operation.outcome == Outcome::none &&
                          operation.problem && operation.problem->retryable;
        if (!anew) co_return std::optional(std::move(operation));
        ++tries;
        static_cast<void>(co_await pause(200ms, 4s));
    }
    co_return std::optional<Operation>{};
}

Task<std::optional<Operation>> Client::follow(std::string id) {
    waits_for_ = id;
    for (;;) {
        const Work<Operation> work = [id](Process& process, const RequestContext&) {
            return process.orders().find(id);
        };
        auto found = co_await ask<Operation>(stage_, outside_, gateways_, work);
        if (found && ended(found->state)) {
            waits_for_.clear();
            co_return std::optional(std::move(*found));
        }
        if (found && !stage_.faults.healed && stage_.chance.percent(5)) break;
        static_cast<void>(co_await pause(2s, 9s));
    }
    waits_for_.clear();
    co_return std::optional<Operation>{};
}

// What a caller was told of as bought is in every whole read, be it listed yet or not.
Task<void> Client::read_back(Operation operation) {
    struct Seen {
        bool whole = false;
        bool unlisted = false;
        bool listed = false;
    };
    const Work<Seen> work = [operation](Process& process, const RequestContext& context) {
        return [](Process& p, const RequestContext& c, Operation bought) -> Task<Seen> {
            Seen seen;
            const auto unlisted = co_await p.orders().unlisted();
            const auto listing = co_await p.fleet().list(
                c, bought.provider, Query{.product = bought.target.product, .scope = bought.target.scope});
            if (!unlisted || unlisted->problem || !listing || !listing->complete()) co_return seen;
            seen.whole = true;
            for (const auto& entry : unlisted->entries)
                seen.unlisted = seen.unlisted || entry.bandwidth.ref == bought.target;
            for (const auto& row : listing->items) seen.listed = seen.listed || row.ref == bought.target;
            co_return seen;
        }(process, context, operation);
    };
    const auto seen = co_await ask<Seen>(stage_, outside_, gateways_, work);
    if (!seen || !seen->whole) co_return Result<void>{};
    if (seen->unlisted && !seen->listed) stage_.record.met(Met::read_back);
    const auto* row = account_.row(operation.target.native_id);
    if (!seen->unlisted && !seen->listed && row && row->gone_from == Time::max())
        stage_.broken("{} was told as bought, and a whole read lacks it", operation.target.native_id);
    co_return Result<void>{};
}

}  // namespace bwgw::simulation
