#include "tests/simulation/vendor.h"

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;

Failure no_answer(Chance& chance, bool in_time) {
    static const std::vector<Slug> kAtOnce{Slug::provider_unavailable, Slug::provider_contract_violation,
                                           Slug::provider_timeout};
    return {.slug = in_time ? chance.pick(kAtOnce) : Slug::provider_timeout,
            .detail = "no answer",
            .outcome = Outcome::unknown,
            .retryable = chance.percent(50)};
}

Failure refused(Stage& stage) {
    static const std::vector<Slug> kFinal{Slug::quota_exceeded, Slug::insufficient_funds,
                                          Slug::provider_permission_denied, Slug::invalid_request};
    if (stage.chance.percent(50)) {
        stage.record.met(Met::throttled);
        return {.slug = Slug::provider_throttled,
                .detail = "slower",
                .retryable = true,
                .retry_after = std::chrono::seconds(1 + stage.chance.below(5))};
    }
    stage.record.met(Met::refused_by_vendor);
    return {.slug = stage.chance.pick(kFinal), .detail = "refused"};
}

// Our own limits, or the breaker: the vendor never hears of it.
std::optional<Failure> held_back(Stage& stage, unsigned permille) {
    if (!stage.bad(permille) || stage.chance.percent(80)) return std::nullopt;
    stage.record.met(Met::held_back);
    return Failure{.slug = stage.chance.percent(50) ? Slug::rate_limited : Slug::provider_unavailable,
                   .detail = "held back",
                   .retryable = true,
                   .retry_after = std::chrono::seconds(1),
                   .ours = true};
}

template <class T>
Task<T> failed(Failure failure) {
    co_return failure;
}

}  // namespace

/// What becomes of one request.
struct SimProvider::Fate {
    std::optional<Time> executed;  ///< if at all
    Time answered{0};
    std::optional<Failure> answer;  ///< in place of what its execution gave
    bool provides = true;
};

SimProvider::Fate SimProvider::fate_of_write(Time deadline) {
    auto& chance = stage_.chance;
    const auto now = stage_.now();
    const auto arrives = now + chance.between(5ms, 300ms);
    Fate fate{.executed = arrives, .answered = arrives + chance.between(1ms, 200ms)};
    if (!stage_.bad(stage_.faults.vendor_writes)) return fate;
    const bool at_once = chance.percent(60);
    const auto gives_up = at_once ? fate.answered : deadline;
    switch (chance.below(7)) {
        case 0:
            fate.executed.reset();
            fate.answer = refused(stage_);
            return fate;
        case 1:  // slow: executed, and its answer may come too late
            fate.answered = arrives + chance.between(1s, deadline - now + 2s);
            return fate;
        case 2:
            fate.provides = false;
            return fate;
        case 3:  // never arrived
            fate.executed.reset();
            break;
        case 4:
        case 5:
            if (chance.percent(20)) fate.provides = false;
            break;
        default:
            stage_.record.met(Met::late_execution);
            fate.executed = gives_up + chance.between(1ms, kLatest);
    }
    stage_.record.met(Met::send_without_answer);
    fate.answered = gives_up;
    fate.answer = no_answer(chance, at_once);
    return fate;
}

Task<Receipt> SimProvider::write(const RequestContext& context, std::string operation, Execute execute) {
    const auto deadline = SimLoop::time_of(context.deadline.at);
    auto fate = fate_of_write(deadline);
    const auto answer = std::make_shared<Answer<Receipt>>();
    const auto executed = std::make_shared<std::optional<Result<Receipt>>>();
    if (fate.executed)
        stage_.scheduler.at(nullptr, *fate.executed,
                            [execute = std::move(execute), executed, provides = fate.provides] {
                                executed->emplace(execute(provides));
                            });
    stage_.scheduler.at(host_, fate.answered, [answer, executed, said = std::move(fate.answer)] {
        answer->give(said ? Result<Receipt>(*said) : std::move(**executed));
    });
    stage_.scheduler.at(host_, deadline, [answer, this] { answer->give(no_answer(stage_.chance, false)); });
    trouble_("after a send");
    auto reply = co_await Answer<Receipt>::wait(answer);
    stage_.line(
        "  {} answers {}: {}", account_.name(), operation,
        reply ? "done" : fmt::format("{}, {}", word(reply.failure().slug), word(reply.failure().outcome)));
    co_return std::move(reply);
}

Task<Receipt> SimProvider::create(const RequestContext& context, Order order) {
    if (auto held = held_back(stage_, stage_.faults.vendor_writes)) return failed<Receipt>(*std::move(held));
    const auto operation = stage_.oracle.operation_of(order.marker);
    stage_.oracle.sent(lease_.owner(), operation, order);
    return write(context, operation,
                 [&account = account_, order = std::move(order), operation](bool provides) {
                     return account.create(order, operation, provides);
                 });
}

Task<Receipt> SimProvider::change(const RequestContext& context, ResourceRef ref, Change change) {
    if (auto held = held_back(stage_, stage_.faults.vendor_writes)) return failed<Receipt>(*std::move(held));
    const auto operation = stage_.oracle.operation_of(account_.name(), ref);
    stage_.oracle.sent(lease_.owner(), operation);
    return write(context, operation, [&account = account_, ref, change, operation](bool) {
        return account.change(ref, change, operation);
    });
}

Task<Receipt> SimProvider::release(const RequestContext& context, ResourceRef ref) {
    if (auto held = held_back(stage_, stage_.faults.vendor_writes)) return failed<Receipt>(*std::move(held));
    const auto operation = stage_.oracle.operation_of(account_.name(), ref);
    stage_.oracle.sent(lease_.owner(), operation);
    return write(context, operation,
                 [&account = account_, ref, operation](bool) { return account.release(ref, operation); });
}

Task<Listing> SimProvider::list(const RequestContext& context, Query query) {
    if (auto held = held_back(stage_, stage_.faults.vendor_lists)) co_return *std::move(held);
    auto& chance = stage_.chance;
    const auto begun = stage_.now();
    const auto deadline = SimLoop::time_of(context.deadline.at);
    const auto seen = begun + chance.between(5ms, stage_.faults.healed ? 50ms : 800ms);
    const auto answer = std::make_shared<Answer<Listing>>();
    const auto shown = std::make_shared<Listing>();
    const auto kind = stage_.bad(stage_.faults.vendor_lists) ? chance.below(4) : 4;
    if (kind == 0) {
        stage_.record.met(Met::list_failed);
        stage_.scheduler.at(host_, seen, [answer, failure = refused(stage_)] { answer->give(failure); });
    } else if (kind != 1) {
        stage_.scheduler.at(nullptr, seen, [&stage = stage_, &account = account_, shown, query, kind] {
            *shown = account.list(query);
            auto& rows = shown->items;
            if (kind == 2) {
                stage.record.met(Met::list_partial);
                shown->problem = no_answer(stage.chance, true);
                std::erase_if(rows, [&](const auto&) { return stage.chance.percent(50); });
            } else if (kind == 3 && !rows.empty()) {
                stage.record.met(Met::row_twice);
                const auto again = rows[stage.chance.below(rows.size())];
                rows.push_back(again);
            }
        });
        stage_.scheduler.at(host_, seen + chance.between(1ms, 100ms),
                            [answer, shown] { answer->give(std::move(*shown)); });
    }
    stage_.scheduler.at(host_, deadline, [answer, this] { answer->give(no_answer(stage_.chance, false)); });
    const auto scope_only = query.native_ids.empty();
    auto listing = co_await Answer<Listing>::wait(answer);
    if (listing && listing->complete() && scope_only)
        stage_.oracle.looked(lease_.owner(), account_.name(), query, begun);
    co_return std::move(listing);
}

Task<Price> SimProvider::quote(const RequestContext&, Wish) {
    co_return Failure{.slug = Slug::unsupported, .detail = "no prices here"};
}

Task<std::vector<Region>> SimProvider::regions(const RequestContext&) {
    co_return std::vector<Region>{};
}

}  // namespace bwgw::simulation
