#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "gateway/api/api.h"
#include "gateway/telemetry/log.h"
#include "gateway/telemetry/metrics.h"

namespace bwgw {

/// Counts, times and logs every answered request. One per worker: what it remembers has no lock.
class RequestRecorder {
public:
    RequestRecorder(telemetry::Metrics& metrics, telemetry::Log& log) : metrics_(metrics), log_(log) {}

    void answered(const api::RequestSummary& summary);

private:
    telemetry::HttpOperation& measured(std::string_view operation);

    telemetry::Metrics& metrics_;
    telemetry::Log& log_;
    std::map<std::string, telemetry::HttpOperation*, std::less<>> operations_;  // the contract's, and none
};

}  // namespace bwgw
