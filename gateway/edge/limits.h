#pragma once

#include <chrono>
#include <cstddef>

namespace bwgw::edge {

/// Bounds of one connection and one worker; every one is a setting (deploy/settings.example.yaml, `edge`).
struct Limits {
    std::size_t max_head_bytes = 16UL * 1024;
    std::size_t max_target_bytes = 8UL * 1024;
    std::size_t max_headers = 100;
    std::size_t max_body_bytes = 64UL * 1024;         ///< an order is under 2 KiB
    std::size_t max_connections = 10'000;             ///< per worker
    std::size_t max_connections_per_address = 4'096;  ///< per worker
    std::chrono::milliseconds head{5'000};            ///< first byte of a request to the end of its head
    std::chrono::milliseconds body{15'000};
    std::chrono::milliseconds handler{150'000};  ///< above the longest wait a caller can ask for
    std::chrono::milliseconds write{15'000};     ///< without progress
    std::chrono::milliseconds idle{60'000};
    std::chrono::milliseconds linger{1'000};  ///< between our FIN and our close after a refusal
};

}  // namespace bwgw::edge
