#include "gateway/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>

namespace bwgw::telemetry {

namespace {

using prometheus::MetricType;

struct Declared {
    MetricType type;
    const char* name;
    const char* help;
    const char* label;  // or null
};

// In the order of Reading.
constexpr std::array kReadings{
    Declared{MetricType::Gauge, "bwgw_http_connections", "Open connections of callers.", nullptr},
    Declared{MetricType::Counter, "bwgw_http_connections_accepted_total", "Accepted connections.", nullptr},
    Declared{MetricType::Counter, "bwgw_http_refused_total", "Requests refused by the framing rules.",
             nullptr},
    Declared{MetricType::Counter, "bwgw_http_timeouts_total",
             "Head, body, handler or write deadlines that passed.", nullptr},
    Declared{MetricType::Counter, "bwgw_http_abandoned_total", "Callers that left before their answer.",
             nullptr},
    Declared{MetricType::Gauge, "bwgw_operations", "Operations in the ledger.", "state"},
    Declared{MetricType::Gauge, "bwgw_operation_oldest_unknown_age_seconds",
             "Age of the oldest operation whose outcome is unknown; 0 without one.", nullptr},
    Declared{MetricType::Counter, "bwgw_operations_taken_over_total",
             "Operations that another process had left and this one took over.", nullptr},
    Declared{MetricType::Counter, "bwgw_purchases_sent_again_total",
             "Purchases sent a second time, which only the class natural_key allows.", nullptr},
    Declared{MetricType::Gauge, "bwgw_ledger_up", "Whether the ledger could be written when last tried.",
             nullptr},
    Declared{MetricType::Counter, "bwgw_log_lines_dropped_total", "Log lines lost to a full queue.", nullptr},
};
static_assert(kReadings.size() == static_cast<std::size_t>(Reading::log_lines_dropped) + 1);

// Own answers take microseconds, vendors 50 ms to a minute and a half.
const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                       0.5,   1,      2.5,   5,    10,    30,   75};

using Counters = prometheus::Family<prometheus::Counter>;
using Histograms = prometheus::Family<prometheus::Histogram>;

class LabelledTiming final : public Timing {
public:
    LabelledTiming(Counters& counters, Histograms& histograms, prometheus::Labels labels, const char* outcome)
        : counters_(counters),
          labels_(std::move(labels)),
          outcome_label_(outcome),
          histogram_(histograms.Add(labels_, kSeconds)),
          overflow_(counter_for("other")) {}

    void ended(std::string_view outcome, std::chrono::nanoseconds duration) override {
        histogram_.Observe(std::chrono::duration<double>(duration).count());
        counter(outcome).Increment();
    }

private:
    struct Slot {
        std::string outcome;
        prometheus::Counter& counter;
    };
    static constexpr std::size_t kMaxOutcomes = 32;

    // Found without a lock: there are few, and they only grow.
    prometheus::Counter& counter(std::string_view outcome) {
        for (const auto& slot : slots_) {
            const Slot* const known = slot.load(std::memory_order_acquire);
            if (!known) return add(outcome);
            if (known->outcome == outcome) return known->counter;
        }
        return overflow_;
    }

    prometheus::Counter& add(std::string_view outcome) {
        const std::lock_guard lock(mutex_);
        for (const auto& slot : owned_)
            if (slot.outcome == outcome) return slot.counter;
        if (owned_.size() == slots_.size()) return overflow_;
        auto& slot = owned_.emplace_back(std::string(outcome), counter_for(outcome));
        slots_[owned_.size() - 1].store(&slot, std::memory_order_release);
        return slot.counter;
    }

    prometheus::Counter& counter_for(std::string_view outcome) {
        auto labels = labels_;
        labels.emplace(outcome_label_, outcome);
        return counters_.Add(labels);
    }

    Counters& counters_;
    const prometheus::Labels labels_;
    const char* const outcome_label_;
    prometheus::Histogram& histogram_;
    prometheus::Counter& overflow_;
    std::mutex mutex_;
    std::deque<Slot> owned_;
    std::array<std::atomic<const Slot*>, kMaxOutcomes> slots_{};
};

class Readings {
public:
    void feed(Reading reading, std::function<std::vector<Sample>()> read) {
        const std::lock_guard lock(mutex_);
        sources_[static_cast<std::size_t>(reading)] = std::move(read);
    }

    std::vector<prometheus::MetricFamily> collect() const {
        const auto sources = [this] {
            const std::lock_guard lock(mutex_);
            return sources_;
        }();
        std::vector<prometheus::MetricFamily> families;
        for (std::size_t i = 0; i < sources.size(); ++i)
            if (sources[i]) families.push_back(family(kReadings[i], sources[i]()));
        return families;
    }

private:
    static prometheus::MetricFamily family(const Declared& declared, const std::vector<Sample>& samples) {
        prometheus::MetricFamily family;
        family.name = declared.name;
        family.help = declared.help;
        family.type = declared.type;
        for (const auto& sample : samples) {
            auto& metric = family.metric.emplace_back();
            if (declared.label) metric.label.push_back({declared.label, sample.label});
            metric.counter.value = metric.gauge.value = sample.value;
        }
        return family;
    }

    mutable std::mutex mutex_;
    std::array<std::function<std::vector<Sample>()>, kReadings.size()> sources_;
};

Counters& counters(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Histograms& histograms(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::State {
    using Timings = std::map<std::string, std::unique_ptr<LabelledTiming>, std::less<>>;

    prometheus::Registry registry;
    Readings readings;
    Counters& http_requests = counters(registry, "bwgw_http_requests_total", "Answered requests.");
    Histograms& http_seconds = histograms(registry, "bwgw_http_request_duration_seconds",
                                          "From the complete request to its answer.");
    Counters& upstream_requests =
        counters(registry, "bwgw_upstream_requests_total",
                 "Calls to providers, by the class of the HTTP status or the reason there is none.");
    Histograms& upstream_seconds = histograms(registry, "bwgw_upstream_request_duration_seconds",
                                              "From the call to the provider's complete answer.");
    std::mutex mutex;
    Timings operations;
    std::map<std::string, Timings, std::less<>> actions;

    template <class Make>
    static Timing& find_or_add(Timings& timings, std::string_view name, Make make) {
        if (const auto known = timings.find(name); known != timings.end()) return *known->second;
        const std::string bounded(timings.size() + 1 < kMaxNames ? name : "other");
        auto& timing = timings[bounded];
        if (!timing) timing = make(bounded);
        return *timing;
    }
};

Metrics::Metrics(std::string_view version) : state_(std::make_unique<State>()) {
    prometheus::BuildGauge()
        .Name("bwgw_build_info")
        .Help("Always 1; the labels tell what runs.")
        .Register(state_->registry)
        .Add({{"version", std::string(version)}})
        .Set(1);
}

Metrics::~Metrics() = default;

Timing& Metrics::http_operation(std::string_view operation) {
    const std::lock_guard lock(state_->mutex);
    return State::find_or_add(state_->operations, operation, [&](const std::string& name) {
        return std::make_unique<LabelledTiming>(state_->http_requests, state_->http_seconds,
                                                prometheus::Labels{{"operation", name}}, "status");
    });
}

Timing& Metrics::upstream_action(std::string_view provider, std::string_view action) {
    const std::lock_guard lock(state_->mutex);
    auto& actions = state_->actions[std::string(provider)];
    return State::find_or_add(actions, action, [&](const std::string& name) {
        return std::make_unique<LabelledTiming>(
            state_->upstream_requests, state_->upstream_seconds,
            prometheus::Labels{{"provider", std::string(provider)}, {"action", name}}, "outcome");
    });
}

void Metrics::feed(Reading reading, std::function<std::vector<Sample>()> read) {
    state_->readings.feed(reading, std::move(read));
}

std::string Metrics::text() const {
    auto families = state_->registry.Collect();
    auto read = state_->readings.collect();
    families.insert(families.end(), std::make_move_iterator(read.begin()),
                    std::make_move_iterator(read.end()));
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace bwgw::telemetry
