#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "providers/sandbox/server.h"
#include "providers/sandbox/session.h"

namespace {

using namespace bwgw::sandbox;

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(fmt::format("cannot read {}", path));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Many callers at once need many descriptors; the hard limit is ours to use.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    std::string config, ready_file;
    CLI::App app("Emulates the vendors' bandwidth APIs on loopback ports");
    app.add_option("--config", config, "YAML file; without it the four brands of the shipped sandbox.yaml");
    app.add_option("--ready-file", ready_file, "where to write the ready line, too");
    CLI11_PARSE(app, argc, argv);
    try {
        raise_descriptor_limit();
        const auto settings = parse_settings(config.empty() ? default_settings() : read_file(config));
        World world(settings, wall_clock_ms());
        Server server(world, settings);
        if (!ready_file.empty()) std::ofstream(ready_file) << server.ready_line() << '\n';
        fmt::print("{}\n", server.ready_line());
        std::fflush(stdout);
        server.run(true);
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "bandwidth-sandbox: {}\n", error.what());
        return 1;
    }
}
