#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bwgw::sandbox {

using Parameters = std::map<std::string, std::string>;

/// One HTTP request as read from a socket. Header names are lower-case.
struct Request {
    std::string method;
    std::string path;
    std::string query;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::uint64_t connection = 0;

    /// The first value of that header, or empty.
    [[nodiscard]] std::string_view header(std::string_view lower_case_name) const;
};

struct Reply {
    int status = 200;
    std::string body;
    std::int64_t blanks = 0;  ///< before the body on the wire; never held in memory
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
};

/// Unix milliseconds. `wall_ms` judges signatures; `vendor_ms` also carries the virtual clock's offset and
/// drives states.
struct Instant {
    std::int64_t wall_ms = 0;
    std::int64_t vendor_ms = 0;

    [[nodiscard]] std::int64_t seconds() const { return vendor_ms / 1000; }
};

/// Percent-decoding of a query or form component; `+` is a space. A broken escape is kept as it stands.
std::string decode_component(std::string_view encoded);

/// Adds the pairs of `a=b&c=d`; a later pair replaces an earlier one of the same name.
void decode_form(std::string_view encoded, Parameters& into);

std::string lower_case(std::string_view text);

}  // namespace bwgw::sandbox
