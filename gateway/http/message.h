#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bwgw::http {

struct Header {
    std::string name;
    std::string value;
};

/// One complete request as the edge framed it: limits kept, no ambiguity left, path and query still raw.
struct Request {
    std::string id;      ///< ours, one per request; goes out as X-Request-Id
    std::string method;  ///< upper case
    std::string target;  ///< origin form, e.g. `/bandwidths?page_size=5`; `*` for OPTIONS
    std::vector<Header> headers;
    std::string body;
    std::string peer;              ///< address of the caller, for the access log
    std::stop_token disconnected;  ///< the caller has left

    /// The first header of that name, ignoring case; null if there is none.
    const std::string* header(std::string_view name) const noexcept;
    std::string_view path() const noexcept;   ///< raw, before `?`
    std::string_view query() const noexcept;  ///< raw, after `?`
};

/// What to answer. The edge adds Date, Content-Length, Connection and X-Request-Id, and leaves the body out
/// for HEAD.
struct Response {
    int status = 200;
    std::vector<Header> headers;
    std::string body;
    std::string_view problem = {};  ///< the slug that it is about; empty: no problem
    std::string_view missing = {};  ///< the slug of why a vendor that was asked is not in it, for the log

    void set(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
};

/// Equal but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b) noexcept;

/// RFC 9110's reason phrase; "Unknown" for a status that this gateway never sends.
std::string_view reason(int status) noexcept;

/// Percent-decoding of one path segment or one query part (`+` is a space in a query). Nothing if it is
/// malformed or not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

/// The decoded pairs of a query, in order, duplicates kept. Nothing if malformed.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace bwgw::http
