#include "gateway/ledger/quiet_thread.h"

#include <signal.h>

#include <utility>

namespace bwgw::ledger {

std::thread quiet_thread(std::function<void()> work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited, so that it never runs without
    std::thread thread(std::move(work));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace bwgw::ledger
