#include "gateway/api/schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "gateway/api/json.h"
#include "gateway/http/message.h"
#include "providers/contract/bytes.h"

namespace bwgw::api {
namespace {

using rapidjson::Value;

constexpr std::size_t kMaxNesting = 16;        // of request schemas; a loop of $refs ends here
constexpr std::size_t kMaxPatternText = 1024;  // bytes: std::regex recurses over the text

constexpr std::array<std::string_view, 6> kTypes = {"object",  "array",  "string",
                                                    "integer", "number", "boolean"};
constexpr std::array<std::string_view, 6> kMust = {"must be an object", "must be an array",
                                                   "must be a string",  "must be an integer",
                                                   "must be a number",  "must be true or false"};

std::size_t code_points(std::string_view text) {
    if (all_bytes(text, is_ascii)) return text.size();
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool add(std::vector<FieldError>& errors, const std::string& pointer, std::string detail) {
    if (errors.size() < Schema::kMaxErrors) errors.push_back({pointer, std::move(detail)});
    return errors.size() < Schema::kMaxErrors;
}

}  // namespace

// Reads one schema object keyword by keyword; the table says which type gives each its meaning.
class Schema::Compiler {
public:
    Compiler(const Value& document, std::string where, std::size_t depth)
        : document_(document), where_(std::move(where)), depth_(depth) {}

    Schema compile(const Value& given) {
        const Value& schema = resolved(given);
        const auto type = schema.FindMember("type");
        if (type == schema.MemberEnd() || !type->value.IsString()) fail("must have one type");
        const auto found = std::ranges::find(kTypes, text_of(type->value));
        if (found == kTypes.end()) fail(fmt::format("has the type {}", text_of(type->value)));
        out_.type_ = static_cast<Type>(found - kTypes.begin());
        for (const auto& member : schema.GetObject()) keyword(text_of(member.name), member.value);
        for (const auto& name : out_.required_)
            if (std::ranges::find(out_.properties_, name, [](const auto& p) { return p.first; }) ==
                out_.properties_.end())
                fail(fmt::format("requires {}, which is not among its properties", name));
        if (out_.type_ == Type::array && !out_.items_) fail("has no items");
        return std::move(out_);
    }

private:
    [[noreturn]] void fail(std::string_view what) const {
        throw std::runtime_error(fmt::format("the OpenAPI document: {} {}", where_, what));
    }

    const Value& resolved(const Value& given) const {
        const Value* schema = &given;
        for (std::size_t hops = depth_; hops < kMaxNesting; ++hops) {
            if (!schema->IsObject()) fail("is not a schema object");
            const auto ref = schema->FindMember("$ref");
            if (ref == schema->MemberEnd()) return *schema;
            if (schema->MemberCount() != 1) fail("has siblings of $ref");
            schema = target(ref->value);
        }
        fail("is nested too deep, or refers to itself");
    }

    const Value* target(const Value& ref) const {
        constexpr std::string_view kLocal = "#/components/schemas/";
        if (!ref.IsString() || !text_of(ref).starts_with(kLocal)) fail("has a $ref that is not local");
        const Value* at = &document_;
        for (const char* step : {"components", "schemas", ref.GetString() + kLocal.size()}) {
            const auto member = at->FindMember(step);
            if (member == at->MemberEnd() || !member->value.IsObject())
                fail(fmt::format("has a dangling $ref: {}", text_of(ref)));
            at = &member->value;
        }
        return at;
    }

    Schema child(std::string_view name, const Value& schema) const {
        return Compiler(document_, fmt::format("{}/{}", where_, name), depth_ + 1).compile(schema);
    }

    void keyword(std::string_view name, const Value& value) {
        struct Keyword {
            std::string_view name;
            std::initializer_list<Type> types;  // empty: any
            void (Compiler::*read)(const Value&);
        };
        static const Keyword kKeywords[] = {
            {"type", {}, &Compiler::annotation},
            {"title", {}, &Compiler::annotation},
            {"description", {}, &Compiler::annotation},
            {"examples", {}, &Compiler::annotation},
            {"default", {Type::string, Type::integer, Type::boolean}, &Compiler::read_default},
            {"properties", {Type::object}, &Compiler::read_properties},
            {"required", {Type::object}, &Compiler::read_required},
            {"additionalProperties", {Type::object}, &Compiler::read_additional},
            {"items", {Type::array}, &Compiler::read_items},
            {"minItems", {Type::array}, &Compiler::read_min_size},
            {"maxItems", {Type::array}, &Compiler::read_max_size},
            {"enum", {Type::string}, &Compiler::read_words},
            {"minLength", {Type::string}, &Compiler::read_min_size},
            {"maxLength", {Type::string}, &Compiler::read_max_size},
            {"pattern", {Type::string}, &Compiler::read_pattern},
            {"minimum", {Type::integer, Type::number}, &Compiler::read_minimum},
            {"maximum", {Type::integer, Type::number}, &Compiler::read_maximum},
        };
        for (const auto& known : kKeywords) {
            if (known.name != name) continue;
            if (known.types.size() != 0 && std::ranges::find(known.types, out_.type_) == known.types.end())
                fail(fmt::format("uses {}, which means nothing for its type", name));
            keyword_ = name;
            (this->*known.read)(value);
            return;
        }
        fail(fmt::format("uses {}, which nothing would check", name));
    }

    void must(bool right) const {
        if (!right) fail(fmt::format("has a wrong {}", keyword_));
    }
    std::vector<std::string> texts(const Value& value) const {
        must(value.IsArray() && !value.Empty());
        std::vector<std::string> texts;
        for (const auto& item : value.GetArray()) {
            must(item.IsString());
            texts.emplace_back(text_of(item));
        }
        return texts;
    }
    std::int64_t integer(const Value& value) const {
        must(value.IsInt64());
        return value.GetInt64();
    }
    std::size_t size(const Value& value) const {
        must(value.IsUint());
        return value.GetUint();
    }

    void annotation(const Value&) {}
    void read_default(const Value& value) {
        must(value.IsString() || value.IsInt64() || value.IsBool());
        if (value.IsString()) out_.default_ = std::string(text_of(value));
        if (value.IsInt64()) out_.default_ = std::to_string(value.GetInt64());
        if (value.IsBool()) out_.default_ = value.GetBool() ? "true" : "false";
    }
    void read_properties(const Value& value) {
        must(value.IsObject());
        for (const auto& member : value.GetObject())
            out_.properties_.emplace_back(std::string(text_of(member.name)),
                                          child(text_of(member.name), member.value));
    }
    void read_required(const Value& value) { out_.required_ = texts(value); }
    void read_additional(const Value& value) {
        must(value.IsBool());
        out_.additional_ = value.GetBool();
    }
    void read_items(const Value& value) { out_.items_ = std::make_unique<Schema>(child("items", value)); }
    void read_min_size(const Value& value) { out_.min_size_ = size(value); }
    void read_max_size(const Value& value) { out_.max_size_ = size(value); }
    void read_words(const Value& value) { out_.words_ = texts(value); }
    void read_minimum(const Value& value) { out_.minimum_ = integer(value); }
    void read_maximum(const Value& value) { out_.maximum_ = integer(value); }
    void read_pattern(const Value& value) {
        must(value.IsString());
        try {
            out_.pattern_ =
                Pattern{std::string(text_of(value)),
                        std::regex(value.GetString(), std::regex::ECMAScript | std::regex::optimize)};
        } catch (const std::regex_error&) {
            must(false);
        }
    }

    const Value& document_;
    std::string where_;
    std::size_t depth_;
    std::string_view keyword_;
    Schema out_;
};

Schema Schema::compile(const Value& document, const Value& schema, std::string where) {
    return Compiler(document, std::move(where), 0).compile(schema);
}

bool Schema::has_type(const Value& value) const {
    switch (type_) {
        case Type::object:
            return value.IsObject();
        case Type::array:
            return value.IsArray();
        case Type::string:
            return value.IsString();
        case Type::integer:
            return value.IsInt64();
        case Type::number:
            return value.IsNumber();
        case Type::boolean:
            return value.IsBool();
    }
    return false;
}

void Schema::check(const Value& value, const std::string& pointer, std::vector<FieldError>& errors) const {
    if (!has_type(value)) {
        add(errors, pointer, std::string(kMust[static_cast<std::size_t>(type_)]));
        return;
    }
    std::string wrong;
    if (type_ == Type::object) check_object(value, pointer, errors);
    if (type_ == Type::array) check_array(value, pointer, errors);
    if (type_ == Type::string) wrong = wrong_string(text_of(value));
    if (value.IsNumber()) wrong = wrong_number(value.GetDouble());
    if (!wrong.empty()) add(errors, pointer, std::move(wrong));
}

void Schema::check_object(const Value& value, const std::string& pointer,
                          std::vector<FieldError>& errors) const {
    for (const auto& name : required_)
        if (!value.HasMember(name.c_str())) add(errors, pointer_to(pointer, name), "is required");
    for (const auto& member : value.GetObject()) {
        const auto name = text_of(member.name);
        const auto known = std::ranges::find(properties_, name, [](const auto& p) { return p.first; });
        const auto at = pointer_to(pointer, name);
        if (known != properties_.end()) {
            known->second.check(member.value, at, errors);
        } else if (!additional_ && !add(errors, at, "is not a known member")) {
            return;
        }
    }
}

void Schema::check_array(const Value& value, const std::string& pointer,
                         std::vector<FieldError>& errors) const {
    if (value.Size() < min_size_) add(errors, pointer, fmt::format("must have at least {} items", min_size_));
    if (max_size_ && value.Size() > *max_size_) {
        add(errors, pointer, fmt::format("must have at most {} items", *max_size_));
        return;
    }
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
        items_->check(value[i], pointer_to(pointer, std::to_string(i)), errors);
}

std::string Schema::wrong_string(std::string_view text) const {
    if (text.find('\0') != std::string_view::npos) return "must not hold U+0000";
    if (!words_.empty() && std::ranges::find(words_, text) == words_.end())
        return fmt::format("must be one of {}", fmt::join(words_, ", "));
    const auto length = code_points(text);
    if (length < min_size_)
        return min_size_ == 1 ? "must not be empty"
                              : fmt::format("must have at least {} characters", min_size_);
    if (max_size_ && length > *max_size_) return fmt::format("must have at most {} characters", *max_size_);
    if (!pattern_) return {};
    const bool matched =
        text.size() <= kMaxPatternText && std::regex_search(text.begin(), text.end(), pattern_->regex);
    return matched ? std::string() : fmt::format("must match {}", pattern_->text);
}

std::string Schema::wrong_number(double number) const {
    if (minimum_ && number < static_cast<double>(*minimum_))
        return fmt::format("must be at least {}", *minimum_);
    if (maximum_ && number > static_cast<double>(*maximum_))
        return fmt::format("must be at most {}", *maximum_);
    return {};
}

void Schema::check_text(std::string_view text, const std::string& pointer,
                        std::vector<FieldError>& errors) const {
    Value value;
    if (type_ == Type::integer) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size()) value.SetInt64(number);
    } else if (type_ == Type::boolean) {
        if (text == "true" || text == "false") value.SetBool(text == "true");
    } else {
        value.SetString(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    }
    check(value, pointer, errors);
}

}  // namespace bwgw::api
