#include "gateway/api/object.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "providers/contract/money.h"

namespace bwgw::api {
namespace {

rapidjson::SizeType size_of(std::string_view text) {
    return static_cast<rapidjson::SizeType>(text.size());
}

}  // namespace

Object& Object::key(std::string_view name) {
    writer_.Key(name.data(), size_of(name));
    return *this;
}

Object& Object::text(std::string_view name, std::string_view value) {
    key(name).writer_.String(value.data(), size_of(value));
    return *this;
}

Object& Object::maybe(std::string_view name, const std::optional<std::string>& value) {
    return value ? text(name, *value) : null(name);
}

Object& Object::text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? null(name) : text(name, value);
}

Object& Object::number(std::string_view name, std::int64_t value) {
    key(name).writer_.Int64(value);
    return *this;
}

Object& Object::mbps(std::string_view name, const std::optional<Mbps>& value) {
    constexpr std::int64_t kUnitsPerKbps = 1000;  // of a Decimal in Mbit/s
    return value ? json(name, Decimal::from_units(value->kbps * kUnitsPerKbps).text()) : null(name);
}

Object& Object::flag(std::string_view name, bool value) {
    key(name).writer_.Bool(value);
    return *this;
}

Object& Object::time(std::string_view name, const std::optional<Instant>& value) {
    return value ? text(name, time_text(*value)) : null(name);
}

Object& Object::null(std::string_view name) {
    key(name).writer_.Null();
    return *this;
}

Object& Object::json(std::string_view name, std::string_view json) {
    key(name).writer_.RawValue("", 0, rapidjson::kObjectType);  // which copies letter by letter
    std::ranges::copy(json, buffer_.Push(json.size()));
    return *this;
}

Object& Object::texts(std::string_view name, const std::vector<std::string>& values) {
    key(name).writer_.StartArray();
    for (const auto& value : values) writer_.String(value.data(), size_of(value));
    writer_.EndArray();
    return *this;
}

std::string Object::end() {
    writer_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
}

std::string array_of(const std::vector<std::string>& items) {
    return fmt::format("[{}]", fmt::join(items, ","));
}

std::string time_text(Instant instant) {
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(instant - day);
    std::string text = "0000-00-00T00:00:00Z";
    const auto put = [&text](std::size_t begin, std::size_t width, std::int64_t number) {
        for (auto at = begin + width; at > begin; number /= 10)
            text[--at] = static_cast<char>('0' + number % 10);
    };
    put(0, 4, static_cast<int>(date.year()));
    put(5, 2, static_cast<unsigned>(date.month()));
    put(8, 2, static_cast<unsigned>(date.day()));
    put(11, 2, time.hours().count());
    put(14, 2, time.minutes().count());
    put(17, 2, time.seconds().count());
    return text;
}

}  // namespace bwgw::api
