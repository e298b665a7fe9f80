// The write path in many small worlds, each drawn from one seed: see world.h.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/simulation/world.h"

extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using namespace bwgw::simulation;

constexpr std::uint64_t kEnough = 10'000;        // worlds in which all must have been met
constexpr std::uint64_t kTwice = 10;             // each so many is run again, and must be the same
constexpr std::uint64_t kWorldsPerFile = 1'000;  // then a new ledger file
constexpr auto kProgressEvery = std::chrono::seconds(30);

std::atomic<std::uint64_t> current_seed;

void say_seed() {
    fmt::print(stderr, "it was the seed {}\n", current_seed.load());
}

std::unique_ptr<World> world_of(std::uint64_t seed, Store& store) {
    current_seed = seed;
    return std::make_unique<World>(seed, store);
}

void report(std::uint64_t seed, const Record& record, const char* program, bool with_trace) {
    if (with_trace) fmt::print("{}", record.text());
    for (const auto& violation : record.violations()) fmt::print("seed {}: {}\n", seed, violation);
    if (with_trace) fmt::print("again: {} --seed {} --trace\n", program, seed);
}

int trace(std::uint64_t seed) {
    Store store;
    auto world = world_of(seed, store);
    const auto& record = world->run();
    fmt::print("{}hash {:016x}, {} broken promises\n", record.text(), record.hash(),
               record.violations().size());
    return record.violations().empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool tell(const Tally& tally, std::uint64_t worlds) {
    bool all = true;
    for (std::size_t i = 0; i < tally.size(); ++i) {
        fmt::print("{:>10}  {}\n", tally[i], word(static_cast<Met>(i)));
        all = all && tally[i] > 0;
    }
    if (all || worlds < kEnough) return true;
    fmt::print("what was met in no world at all was not tested\n");
    return false;
}

int run(std::uint64_t first, std::uint64_t seeds, bool keep_going, const char* program) {
    const auto begun = std::chrono::steady_clock::now();
    auto told = begun;
    Tally tally{};
    std::uint64_t broken = 0;
    std::unique_ptr<Store> store;
    for (std::uint64_t n = 0; n < seeds; ++n) {
        const auto seed = first + n;
        if (n % kWorldsPerFile == 0) {
            store.reset();
            store = std::make_unique<Store>();
        }
        const auto world = world_of(seed, *store);
        const auto& record = world->run();
        if (!record.violations().empty()) {
            report(seed, record, program, !keep_going);
            if (!keep_going) return EXIT_FAILURE;
            ++broken;
        }
        for (std::size_t i = 0; i < tally.size(); ++i)
            if (record.has_met(static_cast<Met>(i))) ++tally[i];
        if (n % kTwice == 0 && world_of(seed, *store)->run().hash() != record.hash()) {
            fmt::print("seed {}: the same seed gave two different worlds\n", seed);
            return EXIT_FAILURE;
        }
        if (const auto now = std::chrono::steady_clock::now(); now - told >= kProgressEvery) {
            told = now;
            fmt::print(stderr, "{} of {}\n", n + 1, seeds);
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    const bool all = tell(tally, seeds);
    fmt::print("{} worlds in {:.1f} s, {:.0f} a second; promises were broken in {}\n", seeds, took.count(),
               static_cast<double>(seeds) / took.count(), broken);
    return all && broken == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"The write path under a seeded scheduler, with simulated crashes, ledgers and vendors."};
    std::uint64_t first = 1;
    std::uint64_t seeds = kEnough;
    std::uint64_t seed = 0;
    bool with_trace = false;
    app.add_option("--seeds", seeds, "How many worlds");
    app.add_option("--first", first, "The first seed");
    auto* one = app.add_option("--seed", seed, "Only this one");
    bool keep_going = false;
    app.add_flag("--keep-going", keep_going, "Do not end at the first broken promise");
    app.add_flag("--trace", with_trace, "Say what happened, in order")->needs(one);
    CLI11_PARSE(app, argc, argv);
    std::set_terminate([] {
        say_seed();
        std::abort();
    });
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(say_seed);
    try {
        if (with_trace) return trace(seed);
        return one->count() > 0 ? run(seed, 1, false, argv[0]) : run(first, seeds, keep_going, argv[0]);
    } catch (const std::exception& error) {
        say_seed();
        fmt::print(stderr, "simulation: {}\n", error.what());
        return EXIT_FAILURE;
    }
}
