#include "gateway/telemetry/metrics.h"

#include <fmt/format.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "gateway/telemetry/declared.h"

namespace bwgw::telemetry {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr double seconds(nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

// Own answers take microseconds, vendors 50 ms to a minute and a half.
constexpr std::array<nanoseconds, 15> kCallBounds{1ms,   2500us, 5ms, 10ms, 25ms, 50ms, 100ms, 250ms,
                                                  500ms, 1s,     2s,  5s,   10s,  30s,  75s};
constexpr std::array<nanoseconds, 16> kOwnBounds{25us, 50us, 100us, 250us, 500us, 1ms,   2500us, 5ms,
                                                 10ms, 25ms, 50ms,  100ms, 250ms, 500ms, 1s,     10s};

/// By an owner (a provider, or nobody) and a name; each owner's names have a bound.
template <class T>
class Named {
public:
    template <class Make>
    T& find_or_add(std::string_view owner, std::string_view name, Make make) {
        const std::lock_guard lock(mutex_);
        auto& names = owners_[std::string(owner)];
        if (const auto known = names.find(name); known != names.end()) return *known->second;
        const std::string bounded(names.size() + 1 < Metrics::kMaxNames ? name : "other");
        auto& one = names[bounded];
        if (!one) one = make();
        return *one;
    }

    template <class Read>
    void each(Read read) const {
        const std::lock_guard lock(mutex_);
        for (const auto& [owner, names] : owners_)
            for (const auto& [name, one] : names) {
                std::vector<std::string> labels;
                if (!owner.empty()) labels.push_back(owner);
                labels.push_back(name);
                read(labels, *one);
            }
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::string, std::unique_ptr<T>, std::less<>>> owners_;
};

class Readings {
public:
    void feed(Reading reading, std::function<std::vector<Sample>()> read) {
        const std::lock_guard lock(mutex_);
        sources_[static_cast<std::size_t>(reading)] = std::move(read);
    }

    std::array<std::function<std::vector<Sample>()>, kReadings.size()> sources() const {
        const std::lock_guard lock(mutex_);
        return sources_;
    }

private:
    mutable std::mutex mutex_;
    std::array<std::function<std::vector<Sample>()>, kReadings.size()> sources_;
};

/// The families of one scrape; one without a sample is left out.
class Scrape {
public:
    template <class... Declarations>
    explicit Scrape(const Declarations&... declared) : families_{family_of(declared)...} {}

    prometheus::MetricFamily& operator[](std::size_t index) { return families_[index]; }
    void append_to(std::vector<prometheus::MetricFamily>& all) && {
        for (auto& family : families_)
            if (!family.metric.empty()) all.push_back(std::move(family));
    }

private:
    std::vector<prometheus::MetricFamily> families_;
};

void put(prometheus::MetricFamily& family, const Declared& declared, const std::vector<std::string>& labels,
         const Durations& durations) {
    auto& histogram = add_sample(family, declared, labels).histogram;
    const auto total = durations.total();
    for (std::size_t i = 0; i < total.counts.size(); ++i) {
        histogram.sample_count += total.counts[i];
        const bool last = i == durations.bounds().size();
        const double bound = last ? std::numeric_limits<double>::infinity() : seconds(durations.bounds()[i]);
        histogram.bucket.push_back({histogram.sample_count, bound});
    }
    histogram.sample_sum = seconds(total.sum);
}

void put(prometheus::MetricFamily& family, const Declared& declared, const std::vector<std::string>& labels,
         const Outcomes& outcomes) {
    for (const auto& [outcome, count] : outcomes.totals()) {
        auto all = labels;
        all.push_back(outcome);
        add_sample(family, declared, std::move(all)).counter.value = static_cast<double>(count);
    }
}

}  // namespace

prometheus::MetricFamily family_of(const Declared& declared) {
    return {.name = declared.name, .help = declared.help, .type = declared.type, .metric = {}};
}

prometheus::ClientMetric& add_sample(prometheus::MetricFamily& family, const Declared& declared,
                                     std::vector<std::string> labels) {
    const auto end = std::ranges::find(declared.labels, nullptr);
    if (std::cmp_not_equal(end - declared.labels.begin(), labels.size()))
        throw std::logic_error(fmt::format("{} was given {} labels", declared.name, labels.size()));
    auto& metric = family.metric.emplace_back();
    metric.label.reserve(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i)
        metric.label.push_back({declared.labels[i], std::move(labels[i])});
    return metric;
}

struct Metrics::State {
    std::string version;
    Readings readings;
    Named<HttpOperation> operations;
    Named<Timing> actions;
    Named<Timing> ledger_calls;

    std::vector<prometheus::MetricFamily> timed() const {
        std::vector<prometheus::MetricFamily> all;
        Scrape http(kHttpRequests, kHttpSeconds, kHttpOverhead, kHttpProblems);
        operations.each([&](const auto& labels, const HttpOperation& operation) {
            put(http[0], kHttpRequests, labels, operation.answers.outcomes());
            put(http[1], kHttpSeconds, labels, operation.answers.durations());
            put(http[2], kHttpOverhead, labels, operation.overhead);
            put(http[3], kHttpProblems, labels, operation.problems);
        });
        std::move(http).append_to(all);
        const auto calls = [&](const Named<Timing>& timings, const Declared& count, const Declared& time) {
            Scrape scrape(count, time);
            timings.each([&](const auto& labels, const Timing& timing) {
                put(scrape[0], count, labels, timing.outcomes());
                put(scrape[1], time, labels, timing.durations());
            });
            std::move(scrape).append_to(all);
        };
        calls(actions, kUpstreamRequests, kUpstreamSeconds);
        calls(ledger_calls, kLedgerCalls, kLedgerSeconds);
        return all;
    }
};

Metrics::Metrics(std::string_view version) : state_(std::make_unique<State>()) {
    state_->version = version;
}

Metrics::~Metrics() = default;

HttpOperation& Metrics::http_operation(std::string_view operation) {
    return state_->operations.find_or_add(
        "", operation, [] { return std::make_unique<HttpOperation>(kCallBounds, kOwnBounds); });
}

Timing& Metrics::upstream_action(std::string_view provider, std::string_view action) {
    return state_->actions.find_or_add(provider, action,
                                       [] { return std::make_unique<Timing>(kCallBounds); });
}

Timing& Metrics::ledger_call(std::string_view call) {
    return state_->ledger_calls.find_or_add("", call, [] { return std::make_unique<Timing>(kOwnBounds); });
}

void Metrics::feed(Reading reading, std::function<std::vector<Sample>()> read) {
    state_->readings.feed(reading, std::move(read));
}

std::string Metrics::text() const {
    auto families = state_->timed();
    auto build = family_of(kBuildInfo);
    add_sample(build, kBuildInfo, {state_->version}).gauge.value = 1;
    families.push_back(std::move(build));
    const auto sources = state_->readings.sources();
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (!sources[i]) continue;
        const auto& declared = kReadings[i].declared;
        auto& family = families.emplace_back(family_of(declared));
        for (auto& sample : sources[i]()) {
            auto& metric = add_sample(family, declared, std::move(sample.labels));
            metric.counter.value = metric.gauge.value = sample.value;
        }
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace bwgw::telemetry
