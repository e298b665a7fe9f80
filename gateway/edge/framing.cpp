#include "gateway/edge/framing.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "gateway/edge/policy.h"
#include "providers/contract/bytes.h"

namespace bwgw::edge {

namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using Text = boost::beast::string_view;

std::string_view view(Text text) {
    return {text.data(), text.size()};
}

bool is_hex(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_plain(unsigned char c) noexcept {
    return c >= ' ' && c < 0x7f;
}

// How many bytes at the beginning are plain: mostly the whole line, which is looked at at once.
std::size_t plain_bytes(std::string_view text) noexcept {
    const auto line = text.substr(0, text.find('\r'));
    if (all_bytes(line, is_plain)) return line.size();
    return static_cast<std::size_t>(std::ranges::find_if_not(line, is_plain) - line.begin());
}

// Writes the message straight into our Request, and refuses by policy what Beast would accept.
class Parser final : public beast::basic_parser<true> {
public:
    explicit Parser(const Limits& limits) : limits_(limits) {
        eager(false);
        header_limit(static_cast<std::uint32_t>(limits.max_head_bytes + 4));
        body_limit(limits.max_body_bytes);
    }

    http::Request request;
    std::optional<Refusal> refusal;
    bool http_1_0 = false;
    bool expects_continue = false;
    std::size_t chunk_left = 0;
    bool chunk_seen = false;

private:
    void refuse(Slug slug, std::string_view why, error_code& ec) {
        refusal = Refusal{slug, why};
        ec = beast::error::bad_value;
    }

    void on_request_impl(beast::verb, Text method, Text target, int version, error_code& ec) override {
        request.headers.reserve(8);
        request.method = view(method);
        request.target = view(target);
        http_1_0 = version == 10;
        if (!is_known_method(request.method))
            return refuse(Slug::not_implemented, "the method is not known", ec);
        if (target.size() > limits_.max_target_bytes)
            return refuse(Slug::uri_too_long, "the target is too long", ec);
        if (const auto wrong = check_target(request.method, request.target))
            refuse(wrong->slug, wrong->why, ec);
    }

    void on_field_impl(beast::field field, Text name, Text value, error_code& ec) override {
        if (++headers_ > limits_.max_headers)
            return refuse(Slug::headers_too_large, "there are too many headers", ec);
        if (in_trailer_) return;
        check_field(field, view(value), ec);
        if (!ec) request.headers.emplace_back(std::string(view(name)), std::string(view(value)));
    }

    void check_field(beast::field field, std::string_view value, error_code& ec) {
        switch (field) {
            case beast::field::host:
                if (std::exchange(host_seen_, true))
                    refuse(Slug::invalid_request, "there are two Host headers", ec);
                else if (!is_host(value))
                    refuse(Slug::invalid_request, "the Host header is malformed", ec);
                return;
            case beast::field::content_length:
                if (std::exchange(length_seen_, true) || !is_content_length(value))
                    refuse(Slug::invalid_request, "Content-Length must be one number", ec);
                return;
            case beast::field::transfer_encoding:
                if (http_1_0)
                    refuse(Slug::invalid_request, "HTTP/1.0 has no Transfer-Encoding", ec);
                else if (!http::same_word(value, "chunked"))
                    refuse(Slug::not_implemented, "the only transfer coding is chunked", ec);
                return;
            case beast::field::expect:
                if (http_1_0) return;
                if (!http::same_word(value, "100-continue"))
                    refuse(Slug::expectation_failed, "the only expectation is 100-continue", ec);
                expects_continue = true;
                return;
            default:
                return;
        }
    }

    void on_header_impl(error_code& ec) override {
        in_trailer_ = true;
        if (!http_1_0 && !host_seen_) refuse(Slug::invalid_request, "the Host header is missing", ec);
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
        if (length) request.body.reserve(static_cast<std::size_t>(*length));
    }

    std::size_t on_body_impl(Text bytes, error_code&) override {
        request.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }

    void on_chunk_header_impl(std::uint64_t size, Text, error_code&) override {
        chunk_left = static_cast<std::size_t>(size);
        chunk_seen = true;
    }

    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, error_code&) override {
        request.body.append(bytes.data(), bytes.size());
        chunk_left -= bytes.size();
        return bytes.size();
    }

    void on_finish_impl(error_code&) override {}

    // Requests have no status line, but the base class asks for it.
    void on_response_impl(int, Text, int, error_code&) override {}

    const Limits& limits_;
    std::size_t headers_ = 0;
    bool host_seen_ = false;
    bool length_seen_ = false;
    bool in_trailer_ = false;
};

}  // namespace

struct Framer::State {
    explicit State(const Limits& in) : limits(in) {}

    Progress refuse(Slug slug, std::string_view why) {
        refusal = {slug, why};
        return Progress::refused;
    }
    Progress refuse(const error_code& ec, std::string_view start_line);
    // Looks at each byte of the head once. The head's length with its empty line, 0 if it has not come whole.
    std::size_t scan(std::string_view bytes);
    Progress parse_head(std::string_view head);
    Progress parse_body(std::string_view bytes, std::size_t& consumed);
    enum class ChunkLine : std::uint8_t { whole, partial, refused };
    ChunkLine chunk_line(std::string_view bytes);

    const Limits& limits;
    std::optional<Parser> parser;
    Refusal refusal = {Slug::internal, {}};
    bool in_body = false;
    bool refused = false;
    std::size_t scanned = 0;
    std::size_t line_bytes = 0;
    bool first_line = true;
    bool after_cr = false;
};

Framer::Progress Framer::State::refuse(const error_code& ec, std::string_view start_line) {
    if (parser->refusal) {
        refusal = *parser->refusal;
    } else if (ec == beast::error::body_limit) {
        refusal = {Slug::payload_too_large, "the body is too large"};
    } else if (ec == beast::error::header_limit) {
        refusal = {Slug::headers_too_large, "the headers are too large"};
    } else if (ec == beast::error::bad_version &&
               is_http_version(start_line.substr(start_line.rfind(' ') + 1))) {
        refusal = {Slug::version_not_supported, "the versions are HTTP/1.1 and HTTP/1.0"};
    } else {
        refusal = {Slug::invalid_request, "the request is not well-formed HTTP"};
    }
    return Progress::refused;
}

std::size_t Framer::State::scan(std::string_view bytes) {
    constexpr std::size_t around_target = 32;  // the longest method, the version and two blanks
    const auto malformed = [this](std::string_view why) {
        refusal = {Slug::invalid_request, why};
        refused = true;
        return std::size_t{0};
    };
    const auto too_long = [this] {
        refusal = {Slug::uri_too_long, "the target is too long"};
        refused = true;
        return std::size_t{0};
    };
    for (; scanned < bytes.size(); ++scanned) {
        if (scanned == limits.max_head_bytes) {
            refusal = {Slug::headers_too_large, "the headers are too large"};
            refused = true;
            return 0;
        }
        const auto c = static_cast<unsigned char>(bytes[scanned]);
        if (line_bytes > 0 && !after_cr && is_plain(c)) {  // most bytes; with them the rest of the line
            const auto plain = plain_bytes(bytes.substr(scanned, limits.max_head_bytes - scanned));
            line_bytes += plain;
            scanned += plain - 1;
            if (first_line && line_bytes > limits.max_target_bytes + around_target) return too_long();
        } else if (after_cr) {
            if (c != '\n') return malformed("a CR stands alone");
            after_cr = false;
            if (line_bytes == 0) return ++scanned;
            line_bytes = 0;
            first_line = false;
        } else if (c == '\r') {
            after_cr = true;
        } else if (c == '\n') {
            return malformed("an LF stands alone");
        } else if ((c < ' ' && c != '\t') || c >= 0x7f) {
            return malformed("the head has a byte outside visible ASCII");
        } else if (line_bytes == 0 && (c == ' ' || c == '\t')) {
            return malformed("a line begins with a blank");
        } else if (++line_bytes > limits.max_target_bytes + around_target && first_line) {
            return too_long();
        }
    }
    return 0;
}

Framer::Progress Framer::State::parse_head(std::string_view head) {
    parser.emplace(limits);
    error_code ec;
    std::size_t used = 0;
    while (used < head.size() && !ec && !parser->is_header_done())
        used += parser->put(boost::asio::buffer(head.data() + used, head.size() - used), ec);
    if (ec) return refuse(ec, head.substr(0, head.find('\r')));
    in_body = true;
    return parser->is_done() ? Progress::complete : Progress::body;
}

// Beast is given whole chunk lines only, and the last one with its trailer: it bounds neither digits nor
// extensions nor trailer, and asserts when a last chunk comes in pieces of less than five bytes.
Framer::State::ChunkLine Framer::State::chunk_line(std::string_view bytes) {
    const std::string_view line =
        bytes.substr(std::min(bytes.size(), std::size_t{parser->chunk_seen ? 2U : 0U}));
    const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(line, is_hex) - line.begin());
    const std::size_t end = line.find('\n');
    if (digits > 8) {
        refuse(Slug::payload_too_large, "the chunk is too large");
        return ChunkLine::refused;
    }
    if (std::min(end, line.size()) > kMaxChunkLineBytes) {
        refuse(Slug::invalid_request, "the chunk's extensions are too long");
        return ChunkLine::refused;
    }
    if (end == std::string_view::npos) return ChunkLine::partial;
    if (end == 0 || line[end - 1] != '\r') {
        refuse(Slug::invalid_request, "an LF stands alone");
        return ChunkLine::refused;
    }
    const bool last = digits > 0 && line.find_first_not_of('0') >= digits;
    if (!last) return ChunkLine::whole;
    const std::size_t trailer = line.find("\r\n\r\n");
    if (std::min(trailer, line.size()) > kMaxTrailerBytes) {
        refuse(Slug::headers_too_large, "the trailer is too large");
        return ChunkLine::refused;
    }
    return trailer == std::string_view::npos ? ChunkLine::partial : ChunkLine::whole;
}

Framer::Progress Framer::State::parse_body(std::string_view bytes, std::size_t& consumed) {
    while (!parser->is_done()) {
        const std::string_view rest = bytes.substr(consumed);
        if (rest.empty()) return Progress::body;
        if (parser->chunked() && parser->chunk_left == 0) {
            const ChunkLine line = chunk_line(rest);
            if (line != ChunkLine::whole)
                return line == ChunkLine::partial ? Progress::body : Progress::refused;
        }
        error_code ec;
        consumed += parser->put(boost::asio::buffer(rest.data(), rest.size()), ec);
        if (ec) return refuse(ec, {});
    }
    return Progress::complete;
}

Framer::Framer(const Limits& limits) : state_(std::make_unique<State>(limits)) {}
Framer::~Framer() = default;

Framer::Progress Framer::feed(std::string_view bytes, std::size_t& consumed) {
    State& state = *state_;
    consumed = 0;
    if (state.in_body) return state.parse_body(bytes, consumed);
    if (state.scanned == 0) {
        // RFC 9112, 2.2: empty lines before a request are ignored.
        while (bytes.substr(consumed).starts_with("\r\n")) consumed += 2;
    }
    const std::string_view rest = bytes.substr(consumed);
    if (rest.empty() || rest == "\r") return Progress::idle;
    const std::size_t head = state.scan(rest);
    if (state.refused) return Progress::refused;
    if (head == 0) return Progress::head;
    const Progress progress = state.parse_head(rest.substr(0, head));
    if (progress == Progress::refused) return progress;
    consumed += head;
    return progress == Progress::body ? state.parse_body(bytes, consumed) : progress;
}

http::Request Framer::take() {
    State& state = *state_;
    state.in_body = false;
    state.scanned = 0;
    state.line_bytes = 0;
    state.first_line = true;
    return std::move(state.parser->request);
}

Slug Framer::refusal() const noexcept {
    return state_->refusal.slug;
}
std::string_view Framer::why() const noexcept {
    return state_->refusal.why;
}
bool Framer::keep_alive() const noexcept {
    return state_->parser->keep_alive();
}
bool Framer::http_1_0() const noexcept {
    return state_->parser && state_->parser->http_1_0;
}
bool Framer::expects_continue() const noexcept {
    return state_->parser->expects_continue;
}

}  // namespace bwgw::edge
