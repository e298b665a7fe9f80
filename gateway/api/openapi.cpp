#include "gateway/api/openapi.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <regex>
#include <set>
#include <stdexcept>

extern "C" const char embedded_openapi_yaml[];
extern "C" const char embedded_openapi_yaml_end[];

namespace bwgw::api {
namespace {

using Value = rapidjson::Value;
using Allocator = rapidjson::Document::AllocatorType;

Value text(const std::string& text, Allocator& allocator) {
    return Value(text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator);
}

template <class Number>
bool whole(const std::string& text, Number& number) {
    const char* end = text.data() + text.size();
    const char* begin = text.data() + (text.front() == '+' ? 1 : 0);
    return std::from_chars(begin, end, number).ptr == end;
}

Value plain_scalar(const std::string& scalar, Allocator& allocator) {
    static const std::regex null("~|null|Null|NULL|");
    static const std::regex boolean("true|True|TRUE|false|False|FALSE");
    static const std::regex integer("[-+]?[0-9]+");
    static const std::regex real(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
    static const std::regex not_json(R"(0[ox][0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))");
    if (std::regex_match(scalar, null)) return Value();
    if (std::regex_match(scalar, boolean)) return Value(scalar[0] == 't' || scalar[0] == 'T');
    std::int64_t number = 0;
    if (std::regex_match(scalar, integer) && whole(scalar, number)) return Value(number);
    double fraction = 0;
    if (std::regex_match(scalar, real) && whole(scalar, fraction)) return Value(fraction);
    if (std::regex_match(scalar, not_json)) throw std::runtime_error("a number that JSON has no form for");
    return text(scalar, allocator);
}

Value json_of(const YAML::Node& node, Allocator& allocator) {
    switch (node.Type()) {
        case YAML::NodeType::Scalar:
            return node.Tag() == "?" ? plain_scalar(node.Scalar(), allocator)
                                     : text(node.Scalar(), allocator);
        case YAML::NodeType::Sequence: {
            Value array(rapidjson::kArrayType);
            for (const auto& item : node) array.PushBack(json_of(item, allocator), allocator);
            return array;
        }
        case YAML::NodeType::Map: {
            Value object(rapidjson::kObjectType);
            std::set<std::string> names;
            for (const auto& member : node) {
                const auto& name = member.first.Scalar();
                if (!names.insert(name).second)
                    throw std::runtime_error(
                        fmt::format("line {}: the key {} is repeated", member.first.Mark().line + 1, name));
                object.AddMember(text(name, allocator), json_of(member.second, allocator), allocator);
            }
            return object;
        }
        default:
            return Value();
    }
}

}  // namespace

std::string_view openapi_yaml() noexcept {
    return {embedded_openapi_yaml, embedded_openapi_yaml_end};
}

rapidjson::Document yaml_to_json(std::string_view yaml) {
    rapidjson::Document document;
    try {
        auto root = json_of(YAML::Load(std::string(yaml)), document.GetAllocator());
        static_cast<Value&>(document) = std::move(root);
    } catch (const std::exception& error) {
        throw std::runtime_error(fmt::format("the OpenAPI document is not usable: {}", error.what()));
    }
    return document;
}

}  // namespace bwgw::api
