#pragma once

#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace bwgw::edge {

/// What the connection knows and the application does not.
struct Envelope {
    std::string_view request_id;
    std::string_view date;  ///< as date_of() gives it
    bool close = false;
    bool http_1_0 = false;
};

/// Appends status line, headers and the empty line. A header that is ours (Date, Content-Length, Connection,
/// Transfer-Encoding, X-Request-Id) or that holds a control byte is left out, so that no answer can be split.
void append_head(std::string& out, const http::Response& response, const Envelope& envelope);

/// A status that never has a body: 1xx, 204, 304.
bool is_bodiless(int status) noexcept;

/// RFC 9110's IMF-fixdate of a Unix time in seconds.
std::string date_of(long seconds);

/// 26 random base32 characters: 130 bits. Unique, not secret.
std::string new_request_id();

}  // namespace bwgw::edge
