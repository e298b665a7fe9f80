#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

#include "providers/sandbox/world.h"

namespace bwgw::sandbox {

inline constexpr std::size_t kBodyMaximum = 1 << 20;
inline constexpr std::uint32_t kHeadMaximum = 16 << 10;
inline constexpr int kIdleSeconds = 300;  // between requests, and for reading or writing one message

std::int64_t wall_clock_ms();

/// Serves one connection to its end. A null brand is the control endpoint.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, World& world, Brand* brand,
                                   std::uint64_t connection);

}  // namespace bwgw::sandbox
