#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <string_view>
#include <variant>

namespace bwgw::telemetry {

enum class Level { debug, info, warning, error };

/// One answered request. There is no place here for a header, a query or a body, where secrets travel.
struct RequestLine {
    std::string_view request_id;
    std::string_view trace_id;
    std::string_view method;
    std::string_view operation;  ///< the OpenAPI operationId; empty if no route matched
    std::string_view path;       ///< what follows a `?` is cut off
    int status = 0;
    std::string_view problem = {};  ///< a slug: why it failed, or why a vendor is missing in it
    std::chrono::nanoseconds duration{};
    std::chrono::nanoseconds asked{};  ///< the part of it in which it waited for news, as it was asked to
    std::string_view peer;
    std::string_view principal;
    bool in_sample = true;  ///< false: left out, if it is ordinary
};

/// One ended vendor call.
struct CallLine {
    std::string_view request_id;
    std::string_view trace_id;
    std::string_view provider;
    std::string_view action;
    std::string_view host;
    bool write = false;
    int status = 0;            ///< 0: no answer
    std::string_view failure;  ///< a slug, `cancelled`, or empty
    std::string_view detail;   ///< of a Failure, which never carries a secret
    std::chrono::nanoseconds duration{};
    std::size_t reply_bytes = 0;
    std::string_view provider_request_id;
    bool in_sample = true;  ///< false: left out, if it is ordinary
};

/// GET, HEAD or OPTIONS.
bool only_reads(std::string_view method) noexcept;

struct Field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, bool> value;
};

/// One JSON object a line, written by a thread of its own. Never blocks: a full queue loses its oldest line.
/// Texts are cut at kMaxTextBytes, and bytes that are not UTF-8 become `?`. Safe from any thread.
class Log {
public:
    static constexpr std::size_t kMaxQueuedLines = 8192;
    static constexpr std::size_t kMaxTextBytes = 1024;
    /// Ordinary is what only reads, did not fail, lacks nothing and took less than this, but for the wait
    /// that it asked for; anything else is always kept.
    static constexpr std::chrono::seconds kSlow{1};

    /// To standard error.
    explicit Log(Level least = Level::info);
    Log(Level least, std::ostream& out);
    ~Log();  ///< writes what is queued

    void request(const RequestLine& line);
    void call(const CallLine& line);
    /// `message` is a fixed text; what varies goes into the fields.
    void event(Level level, std::string_view message, std::initializer_list<Field> fields = {});

    /// Lines lost to a full queue, since the start.
    std::size_t dropped() const;
    /// Ordinary lines left out of the sample, since the start.
    std::size_t sampled_out() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bwgw::telemetry
