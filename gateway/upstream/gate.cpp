#include "gateway/upstream/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/loop/wait.h"

namespace bwgw::upstream {

Gate::Gate(GateOptions options)
    : options_(std::move(options)),
      bucket_(options_.per_second, options_.burst),
      places_(static_cast<std::size_t>(options_.concurrent), static_cast<std::size_t>(options_.queue)) {}

Failure Gate::refused(std::string detail) const {
    return {.slug = Slug::rate_limited,
            .detail = fmt::format("the {} are limited: {}", options_.name, detail),
            .retryable = true,
            .ours = true};
}

// The place first: a turn that was taken long before the call leaves would keep no rate.
Task<Gate::Place> Gate::enter(loop::Loop& loop, const RequestContext& context) {
    const auto latest = loop.now() + (context.deadline.at - loop.now()) / 2;
    auto place = co_await places_.take(loop, latest, context.cancelled);
    if (!place) {
        if (!context.cancelled.stop_requested()) ++refused_queue_;
        auto failure = refused(place.failure().detail);
        failure.retry_after = place.failure().retry_after;
        co_return failure;
    }
    const auto turn = bucket_.reserve(loop.now(), latest);
    if (!turn.granted) {
        ++refused_rate_;
        auto failure =
            refused(fmt::format("at most {} may leave in a second, and the next turn is too late "
                                "for this one",
                                options_.per_second));
        failure.retry_after = std::chrono::ceil<std::chrono::seconds>(turn.at - loop.now());
        co_return failure;
    }
    if (turn.at > loop.now()) {
        auto slept = co_await loop::sleep_until(loop, turn.at, context.cancelled);
        if (!slept || !*slept) co_return refused("the caller left before its turn");
    }
    co_return std::move(place);
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
    co_return co_await inner_.send(context, std::move(request));
}

}  // namespace bwgw::upstream
