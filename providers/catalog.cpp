#include "providers/catalog.h"

#include <array>

#include "providers/ucloud/provider.h"
#include "providers/zenlayer/provider.h"

namespace bwgw {
namespace {

struct Family {
    std::string_view name;
    MakeProvider (*read)(std::string name, SettingsReader& settings);
    CallLimits limits;
};

// A new family is one line here and one folder beside this file.
constexpr std::array kFamilies = {
    Family{"ucloud", ucloud::read, ucloud::kLimits},
    Family{"zenlayer", zenlayer::read, zenlayer::kLimits},
};

}  // namespace

std::vector<std::string> families() {
    std::vector<std::string> names;
    names.reserve(kFamilies.size());
    for (const auto& family : kFamilies) names.emplace_back(family.name);
    return names;
}

CallLimits limits_of(std::string_view family) {
    for (const auto& known : kFamilies)
        if (known.name == family) return known.limits;
    return {};
}

MakeProvider read_provider(std::string_view family, std::string name, SettingsReader& settings) {
    for (const auto& known : kFamilies)
        if (known.name == family) return known.read(std::move(name), settings);
    return {};
}

}  // namespace bwgw
