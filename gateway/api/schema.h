#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "providers/contract/failure.h"

namespace bwgw::api {

/// A schema for what callers send, compiled once and shared by all workers. It knows a few keywords and
/// checks all of them; RapidJSON's own validator is not used: its patterns keep mutable state (a race between
/// workers) and stop at U+0000, it compares enums by hash, and it reports one mistake without its name.
class Schema {
public:
    /// Resolves local `$ref`s in `document`. Throws std::runtime_error naming `where` for every keyword that
    /// would go unchecked: any other, one that its type gives no meaning, siblings of `$ref`, a dangling or
    /// endless `$ref`.
    static Schema compile(const rapidjson::Value& document, const rapidjson::Value& schema,
                          std::string where);

    /// Adds every mistake, at most kMaxErrors in all.
    void check(const rapidjson::Value& value, const std::string& pointer,
               std::vector<FieldError>& errors) const;
    /// The same for a parameter, which comes as a text; `pointer` is its whole name.
    void check_text(std::string_view text, const std::string& pointer, std::vector<FieldError>& errors) const;

    /// What stands for an absent parameter.
    const std::optional<std::string>& otherwise() const noexcept { return default_; }
    bool is_scalar() const noexcept { return type_ != Type::object && type_ != Type::array; }

    static constexpr std::size_t kMaxErrors = 50;  ///< an answer to hostile input stays small

private:
    enum class Type : std::uint8_t { object, array, string, integer, number, boolean };
    class Compiler;
    struct Pattern {
        std::string text;
        std::regex regex;
    };

    void check_object(const rapidjson::Value& value, const std::string& pointer,
                      std::vector<FieldError>& errors) const;
    void check_array(const rapidjson::Value& value, const std::string& pointer,
                     std::vector<FieldError>& errors) const;
    std::string wrong_string(std::string_view text) const;
    std::string wrong_number(double number) const;
    bool has_type(const rapidjson::Value& value) const;

    Type type_ = Type::object;
    std::vector<std::pair<std::string, Schema>> properties_;
    std::vector<std::string> required_;
    bool additional_ = true;
    std::unique_ptr<Schema> items_;
    std::vector<std::string> words_;
    std::optional<std::int64_t> minimum_;
    std::optional<std::int64_t> maximum_;
    std::size_t min_size_ = 0;  ///< code points of a string, items of an array
    std::optional<std::size_t> max_size_;
    std::optional<Pattern> pattern_;
    std::optional<std::string> default_;
};

}  // namespace bwgw::api
