#pragma once

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <concepts>
#include <string>
#include <string_view>

namespace bwgw::sandbox {

using Json = rapidjson::Document;
using JsonValue = rapidjson::Value;

inline JsonValue json_text(std::string_view text, Json::AllocatorType& allocator) {
    return {text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator};
}

inline std::string_view text_of(const JsonValue& value) {
    return {value.GetString(), value.GetStringLength()};
}

/// Writes members of one JSON object, in order.
class Fields {
public:
    Fields(JsonValue& object, Json::AllocatorType& allocator) : object_(object), allocator_(allocator) {
        if (!object_.IsObject()) object_.SetObject();
    }

    Fields& set(std::string_view name, JsonValue value) {
        object_.AddMember(json_text(name, allocator_), value, allocator_);
        return *this;
    }
    Fields& set(std::string_view name, std::string_view text) {
        return set(name, json_text(text, allocator_));
    }
    Fields& set(std::string_view name, const char* text) { return set(name, std::string_view{text}); }
    Fields& set(std::string_view name, const std::string& text) { return set(name, std::string_view{text}); }
    template <class T>
        requires std::integral<T> || std::floating_point<T>
    Fields& set(std::string_view name, T value) {
        if constexpr (std::same_as<T, bool> || std::floating_point<T>) {
            return set(name, JsonValue(value));
        } else if constexpr (std::unsigned_integral<T>) {
            return set(name, JsonValue(static_cast<std::uint64_t>(value)));
        } else {
            return set(name, JsonValue(static_cast<std::int64_t>(value)));
        }
    }
    Fields& null(std::string_view name) { return set(name, JsonValue()); }

    /// An array with one element for each of `items`, made by `make(item)`.
    template <class Items, class Make>
    Fields& list(std::string_view name, const Items& items, Make make) {
        JsonValue array(rapidjson::kArrayType);
        for (const auto& item : items) array.PushBack(make(item), allocator_);
        return set(name, std::move(array));
    }
    Fields& texts(std::string_view name, const auto& items) {
        return list(name, items, [this](std::string_view text) { return json_text(text, allocator_); });
    }

    [[nodiscard]] Json::AllocatorType& allocator() const { return allocator_; }

private:
    JsonValue& object_;
    Json::AllocatorType& allocator_;
};

inline std::string to_text(const JsonValue& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

/// Whether brackets nest deeper than anything a caller has to say; deeper values would exhaust the stack on
/// writing.
inline bool too_deep(std::string_view text) {
    constexpr int kDeepest = 64;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && quoted) ++i;
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if ((c == '[' || c == '{') && ++depth > kDeepest) return true;
        if (c == ']' || c == '}') --depth;
    }
    return false;
}

/// A failed parse, or too deep a text, leaves HasParseError() set.
inline Json parse_json(std::string_view text) {
    Json json;
    if (too_deep(text)) text = {};
    json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                                                       text.size());
    return json;
}

}  // namespace bwgw::sandbox
