#pragma once

#include <rapidjson/document.h>
#include <sys/types.h>

#include <cstdint>
#include <string>

namespace bwgw::conformance {

/// The vendors' emulator as a process of its own, on ports of the kernel's choice. Throws if it does not
/// start, or if a control request is refused.
class Sandbox {
public:
    Sandbox();
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    std::uint16_t port(const std::string& brand) const;

    rapidjson::Document get(const std::string& path) const;
    void post(const std::string& path, const std::string& body) const;
    void heal() const;

    /// What the vendor has really sold, whatever it told its caller.
    std::size_t purchases(const std::string& brand) const;
    /// How often it was asked for this action; for any, if that is empty.
    std::size_t requests(const std::string& brand, const std::string& action = "") const;

private:
    std::string control(const std::string& method, const std::string& path, const std::string& body) const;

    pid_t process_ = -1;
    rapidjson::Document ready_;
};

}  // namespace bwgw::conformance
