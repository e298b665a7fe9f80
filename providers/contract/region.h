#pragma once

#include <optional>
#include <string>

namespace bwgw {

/// One region as its provider names it. `metro` is a lower-case IATA city code, only where the provider or a
/// cited source gives it.
struct Region {
    std::string code;
    std::optional<std::string> metro;
    std::optional<std::string> name;
};

}  // namespace bwgw
