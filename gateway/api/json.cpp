#include "gateway/api/json.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

namespace bwgw::api {
namespace {

using rapidjson::SizeType;

// Builds the document, and ends the parse at the first thing that RapidJSON lets by.
class Strict {
public:
    explicit Strict(rapidjson::Document& document) : document_(document) {}
    std::optional<FieldError> error;

    bool Null() { return value() && document_.Null(); }
    bool Bool(bool b) { return value() && document_.Bool(b); }
    bool Int(int n) { return value() && document_.Int(n); }
    bool Uint(unsigned n) { return value() && document_.Uint(n); }
    bool Int64(std::int64_t n) { return value() && document_.Int64(n); }
    bool Uint64(std::uint64_t n) { return value() && document_.Uint64(n); }
    bool Double(double n) { return value() && document_.Double(n); }
    bool RawNumber(const char*, SizeType, bool) { return false; }
    bool String(const char* s, SizeType size, bool copy) {
        return value() && whole({s, size}) && document_.String(s, size, copy);
    }
    bool StartObject() { return value() && enter(false) && document_.StartObject(); }
    bool Key(const char* s, SizeType size, bool copy) {
        Level& level = levels_.back();
        level.name.assign(s, size);
        if (!whole({s, size})) return false;
        if (!level.names.insert(level.name).second) return refuse("is there more than once");
        return document_.Key(s, size, copy);
    }
    bool EndObject(SizeType count) {
        levels_.pop_back();
        return document_.EndObject(count);
    }
    bool StartArray() { return value() && enter(true) && document_.StartArray(); }
    bool EndArray(SizeType count) {
        levels_.pop_back();
        return document_.EndArray(count);
    }

private:
    struct Level {
        bool array = false;
        std::size_t next = 0;
        std::string name = {};
        std::set<std::string> names = {};
    };

    bool value() {
        if (!levels_.empty() && levels_.back().array)
            levels_.back().name = std::to_string(levels_.back().next++);
        return true;
    }
    bool enter(bool array) {
        if (levels_.size() == kMaxJsonDepth)
            return refuse(fmt::format("is nested deeper than {} levels", kMaxJsonDepth));
        levels_.push_back({.array = array});
        return true;
    }
    bool whole(std::string_view text) {
        return text.find('\0') == std::string_view::npos || refuse("must not hold U+0000");
    }
    bool refuse(std::string detail) {
        std::string pointer;
        for (const auto& level : levels_) pointer = pointer_to(pointer, level.name);
        error = FieldError{std::move(pointer), std::move(detail)};
        return false;
    }

    rapidjson::Document& document_;
    std::vector<Level> levels_;
};

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr double kExactIntegers = 9007199254740992.0;  // 2^53: above it a double is not one integer

void write_canonical(Writer& to, const rapidjson::Value& value) {
    if (value.IsObject()) {
        std::vector<rapidjson::Value::ConstMemberIterator> members;
        for (auto member = value.MemberBegin(); member != value.MemberEnd(); ++member)
            members.push_back(member);
        std::ranges::sort(members, {}, [](const auto& member) { return text_of(member->name); });
        to.StartObject();
        for (const auto& member : members) {
            to.Key(member->name.GetString(), member->name.GetStringLength());
            write_canonical(to, member->value);
        }
        to.EndObject();
    } else if (value.IsArray()) {
        to.StartArray();
        for (const auto& item : value.GetArray()) write_canonical(to, item);
        to.EndArray();
    } else if (value.IsDouble() && std::trunc(value.GetDouble()) == value.GetDouble() &&
               std::abs(value.GetDouble()) < kExactIntegers) {
        to.Int64(static_cast<std::int64_t>(value.GetDouble()));
    } else {
        value.Accept(to);
    }
}

}  // namespace

Result<rapidjson::Document> parse_json(std::string_view text) {
    rapidjson::Document document;
    Strict strict(document);
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag;
    auto parse = [&](rapidjson::Document&) { return !reader.Parse<kFlags>(stream, strict).IsError(); };
    document.Populate(parse);
    // A NUL ends RapidJSON's reading as if it were the end of the text.
    if (!reader.HasParseError() && stream.Tell() == text.size()) return document;

    Failure failure{.slug = Slug::invalid_request};
    if (strict.error) {
        failure.detail = "The body is not valid; see errors.";
        failure.errors.push_back(std::move(*strict.error));
    } else {
        failure.detail =
            reader.HasParseError()
                ? fmt::format("The body is not JSON in UTF-8: {} (byte {})",
                              rapidjson::GetParseError_En(reader.GetParseErrorCode()),
                              reader.GetErrorOffset())
                : fmt::format("The body is not JSON in UTF-8: text after its end (byte {})", stream.Tell());
    }
    return failure;
}

std::string canonical_json(const rapidjson::Value& value) {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    write_canonical(writer, value);
    return {buffer.GetString(), buffer.GetSize()};
}

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

std::string pointer_to(std::string_view parent, std::string_view member) {
    std::string pointer(parent);
    pointer += '/';
    for (const char c : member) {
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    }
    return pointer;
}

}  // namespace bwgw::api
