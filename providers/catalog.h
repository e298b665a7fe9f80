#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/limits.h"
#include "providers/contract/provider.h"
#include "providers/contract/settings_reader.h"

namespace bwgw {

/// Makes one worker's adapter for a configured account, over that worker's transport.
using MakeProvider = std::function<std::unique_ptr<Provider>(HttpTransport&)>;

/// The families this build speaks, by the word in the settings.
std::vector<std::string> families();

/// What a family's vendors bear, unless an account's settings say otherwise.
CallLimits limits_of(std::string_view family);

/// Reads one account of a family from its section of the settings; mistakes go to the reader. The result is
/// only to be used if there were none.
MakeProvider read_provider(std::string_view family, std::string name, SettingsReader& settings);

}  // namespace bwgw
