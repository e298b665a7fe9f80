#pragma once

#include <functional>
#include <memory>
#include <string>

#include "providers/contract/http.h"
#include "providers/contract/limits.h"
#include "providers/contract/provider.h"
#include "providers/contract/settings_reader.h"
#include "providers/zenlayer/settings.h"

namespace bwgw::zenlayer {

/// The vendor's figures could not be had; two calls a second for each key are borne.
inline constexpr CallLimits kLimits{.reads_per_second = 1, .writes_per_second = 1, .concurrent_writes = 4};

/// Zenlayer's cross-region bandwidth (service zec, version 2025-09-01) as one product `crb`.
std::unique_ptr<Provider> make_provider(std::shared_ptr<const Settings> settings, HttpTransport& transport);

/// For the catalog: reads an account from its settings; the result makes one worker's adapter.
std::function<std::unique_ptr<Provider>(HttpTransport&)> read(std::string name, SettingsReader& reader);

}  // namespace bwgw::zenlayer
