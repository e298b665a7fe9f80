#include "gateway/upstream/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/loop/wait.h"

namespace bwgw::upstream {
namespace {

constexpr std::chrono::seconds kLeastWait{1};  // before a caller who was refused comes back

}  // namespace

Gate::Gate(GateOptions options)
    : options_(std::move(options)),
      bucket_(options_.per_second, options_.burst),
      places_(static_cast<std::size_t>(options_.concurrent), static_cast<std::size_t>(options_.queue)),
      line_(1, static_cast<std::size_t>(options_.concurrent)) {}

Failure Gate::refused(std::string detail) const {
    return {.slug = Slug::rate_limited,
            .detail = fmt::format("the {} are limited: {}", options_.name, detail),
            .retryable = true,
            .ours = true};
}

Failure Gate::too_late(loop::Clock::duration wait) {
    ++refused_rate_;
    auto failure = refused(fmt::format(
        "at most {} may leave in a second, and the next turn is too late for this one", options_.per_second));
    failure.retry_after = std::max(std::chrono::ceil<std::chrono::seconds>(wait), kLeastWait);
    return failure;
}

// The place first: a turn that was taken long before the call leaves would keep no rate.
Task<Gate::Place> Gate::enter(loop::Loop& loop, const RequestContext& context) {
    const auto latest = loop.now() + (context.deadline.at - loop.now()) / 2;
    auto place = co_await places_.take(loop, latest, context.cancelled, context.preferred);
    if (!place) {
        if (!context.cancelled.stop_requested()) ++refused_queue_;
        auto failure = refused(place.failure().detail);
        failure.retry_after = place.failure().retry_after;
        co_return failure;
    }
    auto turn = co_await take_turn(loop, context, latest);
    if (!turn) co_return std::move(turn).failure();
    co_return std::move(place);
}

Task<void> Gate::take_turn(loop::Loop& loop, const RequestContext& context, TokenBucket::Time latest) {
    const auto line = line_.load();
    const auto ahead = context.preferred ? 0 : line.in_flight + line.queued;
    const auto soonest = bucket_.next(loop.now(), ahead);
    if (soonest > latest) co_return too_late(soonest - loop.now());
    auto first = co_await line_.take(loop, latest, context.cancelled, context.preferred);
    while (first) {
        const auto turn = bucket_.reserve(loop.now(), loop.now());
        if (turn.granted) co_return Result<void>{};
        if (turn.at > latest) co_return too_late(turn.at - loop.now());
        auto slept = co_await loop::sleep_until(loop, turn.at, context.cancelled);
        if (!slept || !*slept) break;
    }
    if (context.cancelled.stop_requested()) co_return refused("the caller left before its turn");
    co_return too_late(bucket_.next(loop.now()) - loop.now());
}

GateReading Gate::read(TokenBucket::Time now) const {
    const auto load = places_.load();
    return {bucket_.next(now), load.in_flight, load.queued, refused_rate_, refused_queue_};
}

Task<HttpReply> GatedTransport::send(const RequestContext& context, HttpRequest request) {
    // Too late anyway: the transport says so, and it is not the limits' doing.
    if (context.deadline.at <= loop_.now()) co_return co_await inner_.send(context, std::move(request));
    auto& gate = request.write ? writes_ : reads_;
    auto place = co_await gate.enter(loop_, context);
    if (!place) co_return std::move(place).failure();
    const auto& span = gate.options().call_deadline;
    if (!span || context.deadline.at <= loop_.now() + *span)
        co_return co_await inner_.send(context, std::move(request));
    auto bounded = context;
    bounded.deadline.at = loop_.now() + *span;
    co_return co_await inner_.send(bounded, std::move(request));
}

}  // namespace bwgw::upstream
