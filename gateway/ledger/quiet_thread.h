#pragma once

#include <functional>
#include <thread>

namespace bwgw::ledger {

/// A thread that no signal is delivered to: those are the main loop's.
std::thread quiet_thread(std::function<void()> work);

}  // namespace bwgw::ledger
