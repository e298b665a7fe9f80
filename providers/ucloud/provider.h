#pragma once

#include <functional>
#include <memory>
#include <string>

#include "providers/contract/limits.h"
#include "providers/contract/provider.h"
#include "providers/contract/settings_reader.h"
#include "providers/ucloud/product.h"
#include "providers/ucloud/settings.h"

namespace bwgw::ucloud {

/// The vendor publishes no figure; five calls a second for each key and one create at a time are borne.
inline constexpr CallLimits kLimits{.reads_per_second = 4, .writes_per_second = 1, .concurrent_writes = 1};

/// Reads one account of any brand of the family; mistakes go to the reader, whose `finish` is left to the
/// caller. What it returns makes one worker's adapter, and is only to be used if there were none.
std::function<std::unique_ptr<Provider>(HttpTransport&)> read(std::string name, SettingsReader& reader);

/// The same with a clock of the caller's choice: the state of a boost follows from its times.
std::unique_ptr<Provider> make_provider(std::shared_ptr<const Settings> settings, HttpTransport& transport,
                                        Clock now);

}  // namespace bwgw::ucloud
