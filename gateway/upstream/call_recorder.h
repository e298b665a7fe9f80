#pragma once

#include <functional>
#include <map>
#include <string>

#include "gateway/telemetry/log.h"
#include "gateway/telemetry/metrics.h"
#include "gateway/upstream/call_observer.h"

namespace bwgw::upstream {

/// Counts, times and logs every vendor call. One per worker: what it remembers has no lock.
class CallRecorder final : public CallObserver {
public:
    CallRecorder(telemetry::Metrics& metrics, telemetry::Log& log) : metrics_(metrics), log_(log) {}

    void finished(const RequestContext& context, const CallRecord& record) override;

private:
    using Timings = std::map<std::string, telemetry::Timing*, std::less<>>;
    telemetry::Timing& timing(std::string_view provider, std::string_view action);

    telemetry::Metrics& metrics_;
    telemetry::Log& log_;
    std::map<std::string, Timings, std::less<>> timings_;  // by provider, then action
};

}  // namespace bwgw::upstream
