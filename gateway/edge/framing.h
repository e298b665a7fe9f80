#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "gateway/edge/limits.h"
#include "gateway/http/message.h"
#include "providers/contract/failure.h"

namespace bwgw::edge {

/// Turns the bytes of one connection into requests, one at a time, or into a refusal: Boost.Beast's parser
/// without its I/O, and our policy for what that lets by. Pure: no sockets, no clock. After a refusal nothing
/// more may be fed.
class Framer {
public:
    /// Of one chunk's size line with its extensions, and of all that follows the last chunk's size.
    static constexpr std::size_t kMaxChunkLineBytes = 256;
    static constexpr std::size_t kMaxTrailerBytes = 4096;

    enum class Progress : std::uint8_t {
        idle,      ///< nothing of a request has come yet
        head,      ///< more of the head is needed
        body,      ///< the head is whole, more of the body is needed
        complete,  ///< take() it
        refused,   ///< answer refusal() once and close
    };

    explicit Framer(const Limits& limits);
    ~Framer();

    /// Says how many bytes it consumed; gives the rest again, with more behind it, at the next call.
    Progress feed(std::string_view bytes, std::size_t& consumed);

    /// The complete request; the framer is ready for the next.
    http::Request take();

    Slug refusal() const noexcept;
    std::string_view why() const noexcept;

    /// Of the request whose head is whole, also after take() and until the next feed().
    bool keep_alive() const noexcept;
    bool http_1_0() const noexcept;
    bool expects_continue() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace bwgw::edge
