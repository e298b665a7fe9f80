#include "tests/simulation/stage.h"

namespace bwgw::simulation {
namespace {
using namespace std::chrono_literals;
}

Faults Faults::drawn(Chance& chance) {
    const auto one_of = [&](unsigned calm, unsigned some, unsigned many) {
        const auto draw = chance.below(10);
        return draw < 3 ? calm : draw < 8 ? some : many;
    };
    Faults faults;
    faults.vendor_writes = one_of(0, 500, 850);
    faults.vendor_lists = one_of(0, 150, 500);
    faults.ledger_refuses = one_of(0, 10, 80);
    faults.ledger_forgets_to_answer = one_of(0, 15, 80);
    faults.answers_lost = one_of(0, 50, 300);
    faults.crash = one_of(0, 20, 80);
    faults.stall = one_of(0, 10, 40);
    faults.crashes_left = static_cast<int>(chance.below(8));
    faults.stalls_left = static_cast<int>(chance.below(6));
    for (auto outages = chance.below(3); outages > 0; --outages) {
        const auto from = chance.between(0s, 30s);
        faults.ledger_outages.emplace_back(from, from + chance.between(100ms, 25s));
    }
    return faults;
}

std::string Stage::next_id() {
    const auto time =
        static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(now()).count());
    return fmt::format("{:010}{:016}", time, ++ids);  // digits are base32 too
}

}  // namespace bwgw::simulation
