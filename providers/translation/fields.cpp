#include "providers/translation/fields.h"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <strings.h>

#include <algorithm>
#include <charconv>

#include "providers/contract/bytes.h"
#include "providers/contract/quoted.h"

namespace bwgw::translation {
namespace {

using rapidjson::SizeType;
using rapidjson::Value;

constexpr std::int64_t kUnitsPerWhole = 1'000'000;     // of a Decimal
constexpr std::int64_t kUnitsPerKbps = 1'000;          // of a Decimal in Mbit/s
constexpr std::int64_t kLastSecond = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::size_t kUsualDetails = 256;

// RapidJSON's own 64 KiB for each document would cost more than most replies: malloc tidies up after so much.
constexpr std::size_t kMemoryPerByte = 4;
constexpr std::size_t kLeastMemory = 512;
constexpr std::size_t kMostMemoryAtOnce = std::size_t{64} << 10;

std::string_view bytes_of(const Value& text) {
    return {text.GetString(), text.GetStringLength()};
}

bool is_number(const Value& value) {
    return value.IsString() && bytes_of(value).ends_with('\0');
}

// Hands the events on to the document, bounded and with numbers marked.
struct Bounded {
    rapidjson::Document& document;
    int depth = 0;

    bool Null() { return document.Null(); }
    bool Bool(bool value) { return document.Bool(value); }
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }
    bool RawNumber(const char* digits, SizeType length, bool) {
        std::string marked(digits, length);
        marked += '\0';
        return document.String(marked.data(), length + 1, true);
    }
    bool String(const char* text, SizeType length, bool copy) {
        return !std::string_view(text, length).contains('\0') && document.String(text, length, copy);
    }
    bool Key(const char* text, SizeType length, bool copy) {
        return !std::string_view(text, length).contains('\0') && document.Key(text, length, copy);
    }
    bool StartObject() { return ++depth <= kMaxNesting && document.StartObject(); }
    bool EndObject(SizeType members) {
        --depth;
        return document.EndObject(members);
    }
    bool StartArray() { return ++depth <= kMaxNesting && document.StartArray(); }
    bool EndArray(SizeType elements) {
        --depth;
        return document.EndArray(elements);
    }
};

// A value that `parse` gave, with its numbers as they came.
void append_verbatim(std::string& json, const Value& value) {
    if (value.IsNull()) {
        json += "null";
    } else if (value.IsBool()) {
        json += value.IsTrue() ? "true" : "false";
    } else if (is_number(value)) {
        json.append(value.GetString(), value.GetStringLength() - 1);
    } else if (value.IsString()) {
        append_quoted(json, bytes_of(value));
    } else if (value.IsArray()) {
        json += '[';
        for (const auto& element : value.GetArray()) {
            if (json.back() != '[') json += ',';
            append_verbatim(json, element);
        }
        json += ']';
    } else {
        json += '{';
        for (const auto& [name, member] : value.GetObject()) {
            if (json.back() != '{') json += ',';
            append_quoted(json, bytes_of(name));
            json += ':';
            append_verbatim(json, member);
        }
        json += '}';
    }
}

bool same_key(std::string_view left, std::string_view right, Keys keys) {
    if (keys == Keys::exact) return left == right;
    return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
    const auto decimal = Decimal::parse(text);
    if (!decimal || decimal->units() % kUnitsPerWhole != 0) return std::nullopt;
    return decimal->units() / kUnitsPerWhole;
}

// The number in a fixed-width group of digits, within bounds.
std::optional<int> group(std::string_view text, std::size_t at, std::size_t width, int min, int max) {
    int number = 0;
    for (const char c : text.substr(at, width)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    if (number < min || number > max) return std::nullopt;
    return number;
}

std::optional<Instant> iso_instant(std::string_view text) {
    constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
    if (text.size() <= kShape.size() || !text.ends_with('Z')) return std::nullopt;
    for (std::size_t i = 0; i < kShape.size(); ++i)
        if (kShape[i] != 'd' && text[i] != kShape[i]) return std::nullopt;
    const auto fraction = text.substr(kShape.size(), text.size() - kShape.size() - 1);  // is cut off
    if (!fraction.empty() && (fraction.front() != '.' || fraction.size() == 1 ||
                              fraction.find_first_not_of("0123456789", 1) != std::string_view::npos))
        return std::nullopt;
    const auto year = group(text, 0, 4, 1970, 9999), month = group(text, 5, 2, 1, 12),
               day = group(text, 8, 2, 1, 31), hour = group(text, 11, 2, 0, 23),
               minute = group(text, 14, 2, 0, 59), second = group(text, 17, 2, 0, 60);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

Failure violation(std::string detail) {
    return {.slug = Slug::provider_contract_violation, .detail = std::move(detail)};
}

}  // namespace

// In situ, in a copy that the document keeps.
Result<Document> parse(std::string_view body) {
    constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
    const auto needed = std::min(kMemoryPerByte * body.size() + kLeastMemory, kMostMemoryAtOnce);
    auto memory = std::make_unique<rapidjson::MemoryPoolAllocator<>>(needed);
    auto* const text = static_cast<char*>(memory->Malloc(body.size() + 1));
    *std::copy(body.begin(), body.end(), text) = '\0';
    rapidjson::InsituStringStream stream(text);
    rapidjson::Document document(memory.get());
    rapidjson::ParseResult parsed;
    auto generate = [&](rapidjson::Document& into) {
        rapidjson::Reader reader;
        Bounded bounded{into};
        parsed = all_bytes(body, is_ascii)
                     ? reader.Parse<kFlags>(stream, bounded)
                     : reader.Parse<kFlags | rapidjson::kParseValidateEncodingFlag>(stream, bounded);
        return !parsed.IsError();
    };
    document.Populate(generate);
    if (parsed.Code() == rapidjson::kParseErrorTermination)
        return violation(
            fmt::format("the reply holds NUL or is nested too deeply, at byte {}", parsed.Offset()));
    if (parsed.IsError())
        return violation(fmt::format("the reply is not JSON: {} (byte {})",
                                     rapidjson::GetParseError_En(parsed.Code()), parsed.Offset()));
    if (stream.Tell() != body.size()) return violation("the reply has bytes behind its JSON");
    if (!document.IsObject()) return violation("the reply is not a JSON object");
    return Document{std::move(memory), std::move(document)};
}

std::optional<std::string_view> text_of(const Value& value) {
    if (!value.IsString()) return std::nullopt;
    auto text = bytes_of(value);
    if (is_number(value)) text.remove_suffix(1);
    return text;
}

Fields::Fields(const Value& object, Keys keys, std::string where)
    : object_(object), keys_(keys), where_(std::move(where)) {
    if (!object_.IsObject()) first_wrong_ = fmt::format("{} is not an object", where_);
}

const Value* Fields::member(std::string_view key) const {
    if (!object_.IsObject()) return nullptr;
    for (const auto& found : object_.GetObject())
        if (same_key(bytes_of(found.name), key, keys_)) return found.value.IsNull() ? nullptr : &found.value;
    return nullptr;
}

void Fields::remember(std::string_view key, std::string_view why) {
    if (first_wrong_.empty())
        first_wrong_ = fmt::format("{}{}{} {}", where_, where_.empty() ? "" : ".", key, why);
}

std::optional<Failure> Fields::wrong() const {
    if (first_wrong_.empty()) return std::nullopt;
    return violation(first_wrong_);
}

std::optional<std::string_view> Fields::view_if(std::string_view key) {
    const auto* found = member(key);
    if (!found) return std::nullopt;
    const auto text = text_of(*found);
    if (!text) remember(key, "is neither text nor a number");
    if (!text || text->empty()) return std::nullopt;
    return text;
}

std::optional<std::string> Fields::text_if(std::string_view key) {
    const auto text = view_if(key);
    return text ? std::optional(std::string(*text)) : std::nullopt;
}

std::string Fields::text(std::string_view key) {
    auto text = text_if(key);
    if (!text) remember(key, "is missing or empty");
    return text.value_or("");
}

std::optional<std::int64_t> Fields::integer_if(std::string_view key) {
    const auto text = view_if(key);
    if (!text) return std::nullopt;
    const auto number = whole(*text);
    if (!number) remember(key, "is not a whole number");
    return number;
}

std::int64_t Fields::integer(std::string_view key) {
    const auto number = integer_if(key);
    if (!number) remember(key, "is missing or empty");
    return number.value_or(0);
}

std::optional<Decimal> Fields::decimal_if(std::string_view key) {
    const auto text = view_if(key);
    if (!text) return std::nullopt;
    const auto decimal = Decimal::parse(*text);
    if (!decimal) remember(key, "is not a decimal number of up to 12 digits before and 6 after the point");
    return decimal;
}

std::optional<Mbps> Fields::mbps_if(std::string_view key) {
    const auto decimal = decimal_if(key);
    if (!decimal) return std::nullopt;
    if (decimal->units() % kUnitsPerKbps != 0) {
        remember(key, "is finer than 0.001 Mbit/s");
        return std::nullopt;
    }
    return Mbps{decimal->units() / kUnitsPerKbps};
}

std::optional<Instant> Fields::unix_seconds_if(std::string_view key) {
    const auto seconds = integer_if(key);
    if (!seconds || *seconds == 0) return std::nullopt;
    if (*seconds < 0 || *seconds > kLastSecond) {
        remember(key, "is not a time in Unix seconds");
        return std::nullopt;
    }
    return Instant(std::chrono::seconds(*seconds));
}

std::optional<Instant> Fields::iso_if(std::string_view key) {
    const auto text = view_if(key);
    if (!text) return std::nullopt;
    const auto instant = iso_instant(*text);
    if (!instant) remember(key, "is not a time such as 2026-01-01T00:00:05Z");
    return instant;
}

const Value* Fields::array_if(std::string_view key) {
    const auto* found = member(key);
    if (!found || found->IsArray()) return found;
    remember(key, "is not an array");
    return nullptr;
}

const Value* Fields::object_if(std::string_view key) {
    const auto* found = member(key);
    if (!found || found->IsObject()) return found;
    remember(key, "is not an object");
    return nullptr;
}

std::string details_besides(const Value& object, std::initializer_list<std::string_view> known, Keys keys) {
    std::string json = "{";
    json.reserve(kUsualDetails);
    if (object.IsObject()) {
        for (const auto& [name, value] : object.GetObject()) {
            const auto key = bytes_of(name);
            if (std::any_of(known.begin(), known.end(), [&](auto one) { return same_key(key, one, keys); }))
                continue;
            if (json.size() > 1) json += ',';
            append_quoted(json, key);
            json += ':';
            append_verbatim(json, value);
        }
    }
    return json += '}';
}

}  // namespace bwgw::translation
