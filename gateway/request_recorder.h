#pragma once

#include <map>
#include <string>

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
    telemetry::HttpOperation& measured(const std::string& operation);

    telemetry::Metrics& metrics_;
    telemetry::Log& log_;
    std::map<std::string, telemetry::HttpOperation*> operations_;  // those of the contract, and none
};

}  // namespace bwgw
