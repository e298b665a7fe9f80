#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "providers/contract/bandwidth.h"
#include "providers/contract/money.h"
#include "providers/contract/result.h"

namespace bwgw::translation {

enum class Keys : std::uint8_t { exact, any_case };

constexpr int kMaxNesting = 32;  ///< objects and arrays within each other; vendors' replies need seven

/// A parsed reply, and the memory of all its values.
struct Document {
    std::unique_ptr<rapidjson::MemoryPoolAllocator<>> memory;
    rapidjson::Document root;
};

/// Parses a vendor's reply, whose root must be an object. Numbers become strings of the digits as sent, so
/// that 450.0 stays 450.0, with a NUL behind them by which details_besides tells 5 from "5"; so read values
/// through Fields or text_of. Bad UTF-8, NUL in a text and deeper nesting than kMaxNesting are refused. Fails
/// with provider-contract-violation.
Result<Document> parse(std::string_view body);

/// The text of a string or the digits of a number; nothing for any other type. Lives as long as the value.
std::optional<std::string_view> text_of(const rapidjson::Value& value);

/// Reads the members of one object and remembers the first that is missing or wrong, so that a mapping reads
/// straight down and is judged once at its end. Numbers may be written as text and text as numbers; null is
/// absent. An `object` that is none has no members and is wrong itself.
class Fields {
public:
    Fields(const rapidjson::Value& object, Keys keys, std::string where);

    std::string text(std::string_view key);                    ///< required, not empty
    std::optional<std::string> text_if(std::string_view key);  ///< absent, null and "" alike are nothing
    std::int64_t integer(std::string_view key);
    std::optional<std::int64_t> integer_if(std::string_view key);
    std::optional<Decimal> decimal_if(std::string_view key);
    std::optional<Mbps> mbps_if(std::string_view key);
    /// Unix seconds; 0 is nothing.
    std::optional<Instant> unix_seconds_if(std::string_view key);
    /// `2026-01-01T00:00:05Z`.
    std::optional<Instant> iso_if(std::string_view key);
    /// An array member; null if absent. A member of another type is remembered as wrong.
    const rapidjson::Value* array_if(std::string_view key);
    const rapidjson::Value* object_if(std::string_view key);
    const rapidjson::Value* member(std::string_view key) const;  ///< null if absent or null

    /// The first wrong member as provider-contract-violation, if there was one.
    std::optional<Failure> wrong() const;

private:
    std::optional<std::string_view> view_if(std::string_view key);
    void remember(std::string_view key, std::string_view why);

    const rapidjson::Value& object_;
    Keys keys_;
    std::string where_;
    std::string first_wrong_;
};

/// The members of `object` that are not in `known`, as a JSON object, verbatim: provider_details.
std::string details_besides(const rapidjson::Value& object, std::initializer_list<std::string_view> known,
                            Keys keys);

}  // namespace bwgw::translation
