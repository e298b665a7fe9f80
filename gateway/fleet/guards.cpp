#include "gateway/fleet/guards.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>

#include "providers/contract/bandwidth.h"

namespace bwgw::fleet {
namespace {

using namespace std::chrono_literals;

constexpr int kMostTries = 3;
constexpr auto kFirstPause = 100ms;  // at most; doubled for each try …
constexpr auto kMostPause = 2s;      // … up to this
constexpr auto kLeastTry = 100ms;    // of the deadline, for a further try to make sense
constexpr auto kMostHold = 60s;      // on a vendor's word, before it is asked again

// The vendor does not work, as against: it works, and refuses.
bool is_breakdown(Slug slug) {
    return slug == Slug::provider_unavailable || slug == Slug::provider_timeout ||
           slug == Slug::provider_contract_violation;
}

bool says_nothing(const Failure& failure) {
    return failure.ours || failure.slug == Slug::internal || failure.slug == Slug::unavailable;
}

bool is_momentary(const Failure& failure) {
    return failure.retryable && !failure.ours &&
           (failure.slug == Slug::provider_unavailable || failure.slug == Slug::provider_timeout ||
            failure.slug == Slug::provider_throttled);
}

// Full jitter: callers that failed together do not come back together.
std::chrono::nanoseconds pause_after(int tries) {
    thread_local std::minstd_rand chance(std::random_device{}());
    const std::chrono::nanoseconds most =
        std::min<std::chrono::milliseconds>(kFirstPause * (1 << (tries - 1)), kMostPause);
    return std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(chance));
}

upstream::GateOptions limits_of(const GuardOptions& options, Verb verb) {
    const auto& limits = options.limits;
    const bool read = verb == Verb::read;
    return {.name = fmt::format("{}s of {}", word(verb), options.provider),
            .per_second = read ? limits.reads_per_second : limits.writes_per_second,
            .burst = limits.burst,
            .concurrent = read ? limits.concurrent_reads : limits.concurrent_writes,
            .queue = limits.queue,
            .call_deadline = read ? options.read_deadline : std::nullopt};
}

}  // namespace

std::string_view word(Verb verb) noexcept {
    return verb == Verb::read ? "read" : "write";
}

AccountGuards::AccountGuards(GuardOptions options)
    : options_(std::move(options)),
      reads_(limits_of(options_, Verb::read), options_.breaker),
      writes_(limits_of(options_, Verb::write), options_.breaker) {}

// A request's own deadline bounds its reads; a write has none but this. What the gateway reads for itself may
// take many calls: the gate bounds each.
void AccountGuards::bound(const loop::Loop& loop, Verb verb, RequestContext& context) const {
    const auto& span = deadline(verb);
    if (!span || (verb == Verb::read && context.preferred)) return;
    const auto at = loop.now() + *span;
    context.deadline.at = verb == Verb::read ? std::min(context.deadline.at, at) : at;
}

// While it lasts nobody else is let by.
void AccountGuards::bound_probe(Time began, RequestContext& context) const {
    const auto span = std::min(options_.breaker.probe_most, options_.breaker.open_most);
    context.deadline.at = std::min<Time>(context.deadline.at, began + span);
}

std::optional<Failure> AccountGuards::refuses(const loop::Loop& loop, Verb verb) {
    if (!of(verb).breaker.refuses(loop.now())) return std::nullopt;
    return refusal(loop, verb);
}

Failure AccountGuards::refusal(const loop::Loop& loop, Verb verb) {
    auto& guard = of(verb);
    ++guard.refused;
    const auto now = loop.now();
    const auto breaker = guard.breaker.read(now);
    const auto since = std::chrono::floor<std::chrono::seconds>(
        loop.wall() - std::chrono::duration_cast<std::chrono::system_clock::duration>(now - breaker.since));
    return {
        .slug = Slug::provider_unavailable,
        .detail = fmt::format("the circuit breaker for {} has been open since {}, for the provider failed {} "
                              "times in a row; nothing was sent",
                              guard.gate.options().name, time_text(since), options_.breaker.faults),
        .retryable = true,
        .retry_after = std::max<std::chrono::seconds>(
            1s, std::chrono::ceil<std::chrono::seconds>(breaker.retry_at - now)),
        .provider = options_.provider,
        .ours = true};
}

// What the call says of the vendor; and when to ask again, if at all.
std::optional<AccountGuards::Time> AccountGuards::ended(const Try& tried, CircuitBreaker::Pass& pass,
                                                        const Failure* failure) {
    if (!failure) {
        pass.answered();
        budget_.succeeded();
        return std::nullopt;
    }
    if (tried.abandoned || says_nothing(*failure)) return std::nullopt;
    if (is_breakdown(failure->slug))
        pass.failed(tried.now);
    else
        pass.answered();
    const bool asks_for_rest =
        failure->slug == Slug::provider_throttled || failure->slug == Slug::provider_unavailable;
    if (asks_for_rest && failure->retry_after)
        of(tried.verb)
            .gate.hold_until(tried.now + std::min<Time::duration>(*failure->retry_after, kMostHold));
    return retry_at(tried, *failure);
}

std::optional<AccountGuards::Time> AccountGuards::retry_at(const Try& tried, const Failure& failure) {
    if (tried.verb != Verb::read || tried.tries >= kMostTries || !is_momentary(failure)) return std::nullopt;
    if (reads_.breaker.read(tried.now).state != BreakerState::closed) return std::nullopt;
    const auto pause =
        std::max<std::chrono::nanoseconds>(pause_after(tried.tries), failure.retry_after.value_or(0s));
    const auto least = std::max<Time::duration>(kLeastTry, tried.now - tried.began);
    if (tried.now + pause + least > tried.deadline || !budget_.take()) return std::nullopt;
    ++retries_;
    return tried.now + pause;
}

GuardReading AccountGuards::read(Verb verb) const {
    const auto now = loop::Clock::now();
    const auto& guard = of(verb);
    GuardReading reading{.provider = options_.provider,
                         .verb = word(verb),
                         .breaker = guard.breaker.read(now),
                         .limits = guard.gate.options(),
                         .gate = guard.gate.read(now),
                         .deadline = deadline(verb),
                         .refused_breaker = guard.refused};
    if (verb == Verb::read) {
        reading.retries = retries_;
        reading.retry_budget = budget_.left();
    }
    return reading;
}

std::vector<GuardReading> AccountGuards::read() const {
    return {read(Verb::read), read(Verb::write)};
}

Guards::Guards(std::vector<GuardOptions> accounts) {
    for (auto& options : accounts) {
        auto name = options.provider;
        accounts_.emplace_back(std::move(name), std::make_unique<AccountGuards>(std::move(options)));
    }
}

AccountGuards* Guards::of(std::string_view provider) const {
    for (const auto& [name, guards] : accounts_)
        if (name == provider) return guards.get();
    return nullptr;
}

std::vector<GuardReading> Guards::read() const {
    std::vector<GuardReading> readings;
    for (const auto& [name, guards] : accounts_)
        std::ranges::move(guards->read(), std::back_inserter(readings));
    return readings;
}

}  // namespace bwgw::fleet
