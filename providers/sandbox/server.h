#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "providers/sandbox/world.h"

namespace bwgw::sandbox {

/// The sockets: one listener for each brand and one for the control endpoint, all in one thread.
class Server {
public:
    /// Listens at once. Throws std::runtime_error naming the brand and the port that is not to be had.
    Server(World& world, const Settings& settings);
    ~Server();

    /// Serves until stop(), or SIGTERM or SIGINT where `on_signals`.
    void run(bool on_signals);
    /// From any thread.
    void stop();

    [[nodiscard]] std::uint16_t control_port() const { return control_port_; }
    [[nodiscard]] const std::map<std::string, std::uint16_t>& brand_ports() const { return brand_ports_; }
    /// `{"ready":true,"control":…,"brands":{…}}`
    [[nodiscard]] std::string ready_line() const;

private:
    struct Shell;
    std::unique_ptr<Shell> shell_;
    std::uint16_t control_port_ = 0;
    std::map<std::string, std::uint16_t> brand_ports_;
};

}  // namespace bwgw::sandbox
