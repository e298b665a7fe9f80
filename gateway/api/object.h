#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/bandwidth.h"

namespace bwgw::api {

/// Builds the text of one JSON object, its members in the order of the calls. An absent value is null.
class Object {
public:
    Object& text(std::string_view name, std::string_view value);
    Object& maybe(std::string_view name, const std::optional<std::string>& value);
    /// Null if empty.
    Object& text_or_null(std::string_view name, std::string_view value);
    template <class Enum>
    Object& word(std::string_view name, const std::optional<Enum>& value) {
        return value ? text(name, bwgw::word(*value)) : null(name);
    }
    Object& number(std::string_view name, std::int64_t value);
    Object& mbps(std::string_view name, const std::optional<Mbps>& value);
    Object& flag(std::string_view name, bool value);
    Object& time(std::string_view name, const std::optional<Instant>& value);
    Object& null(std::string_view name);
    /// A JSON text as it is.
    Object& json(std::string_view name, std::string_view json);
    Object& texts(std::string_view name, const std::vector<std::string>& values);

    std::string end();

private:
    std::string& key(std::string_view name);

    std::string json_ = "{";
};

/// A JSON array of JSON texts.
std::string array_of(const std::vector<std::string>& items);

}  // namespace bwgw::api
