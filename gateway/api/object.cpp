#include "gateway/api/object.h"

#include <fmt/format.h>

#include "providers/contract/money.h"
#include "providers/contract/quoted.h"

namespace bwgw::api {

std::string& Object::key(std::string_view name) {
    if (json_.size() > 1) json_ += ',';
    return json_.append(1, '"').append(name).append("\":");
}

Object& Object::text(std::string_view name, std::string_view value) {
    append_quoted(key(name), value);
    return *this;
}

Object& Object::maybe(std::string_view name, const std::optional<std::string>& value) {
    return value ? text(name, *value) : null(name);
}

Object& Object::text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? null(name) : text(name, value);
}

Object& Object::number(std::string_view name, std::int64_t value) {
    return json(name, fmt::format_int(value).c_str());
}

Object& Object::mbps(std::string_view name, const std::optional<Mbps>& value) {
    constexpr std::int64_t kUnitsPerKbps = 1000;  // of a Decimal in Mbit/s
    return value ? json(name, Decimal::from_units(value->kbps * kUnitsPerKbps).text()) : null(name);
}

Object& Object::flag(std::string_view name, bool value) {
    return json(name, value ? "true" : "false");
}

Object& Object::time(std::string_view name, const std::optional<Instant>& value) {
    return value ? text(name, time_text(*value)) : null(name);
}

Object& Object::null(std::string_view name) {
    return json(name, "null");
}

Object& Object::json(std::string_view name, std::string_view json) {
    key(name) += json;
    return *this;
}

Object& Object::texts(std::string_view name, const std::vector<std::string>& values) {
    key(name) += '[';
    for (const auto& value : values) {
        if (&value != &values.front()) json_ += ',';
        append_quoted(json_, value);
    }
    json_ += ']';
    return *this;
}

std::string Object::end() {
    json_ += '}';
    return std::move(json_);
}

std::string array_of(const std::vector<std::string>& items) {
    std::string json = "[";
    for (const auto& item : items) {
        if (&item != &items.front()) json += ',';
        json += item;
    }
    json += ']';
    return json;
}

}  // namespace bwgw::api
