#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>

#include "providers/contract/task.h"

namespace bwgw::loop {

using Clock = std::chrono::steady_clock;

/// The port to one worker's event loop. Every method but `post` is called on the worker's own thread, and
/// every callback runs there. Callbacks may call any method, also for the descriptor that they serve.
class Loop {
public:
    /// Told when a watched descriptor is ready; an error or a hang-up is both readable and writable.
    class Watcher {
    public:
        virtual ~Watcher() = default;
        virtual void ready(bool readable, bool writable) = 0;
    };
    using TimerId = std::uint64_t;  ///< never 0, never used twice

    virtual ~Loop() = default;

    /// The time that timers go by, and the time that is written down.
    virtual Clock::time_point now() const { return Clock::now(); }
    virtual std::chrono::system_clock::time_point wall() const { return std::chrono::system_clock::now(); }

    /// Level-triggered. Watching a watched descriptor changes what is watched for.
    virtual void watch(int fd, bool read, bool write, Watcher& watcher) = 0;
    virtual void unwatch(int fd) = 0;

    virtual TimerId call_at(Clock::time_point at, std::function<void()> callback) = 0;
    /// No effect on a timer that has fired.
    virtual void cancel(TimerId timer) = 0;

    /// From any thread: runs on the worker soon, in order. Refused (false) once the loop has ended.
    virtual bool post(std::function<void()> callback) = 0;

    /// Runs a task that outlives its caller: a write that goes on, background work. Its result is dropped, so
    /// it must have recorded it; the drain waits for it. An exception in it ends the process.
    void spawn(Task<void> task);
    /// Spawned tasks that have not ended.
    std::size_t spawned() const noexcept { return spawned_.size(); }

protected:
    /// Destroys the spawned tasks where they wait, as a crash does. Nothing may resume them any more.
    void abandon() noexcept;

private:
    std::set<const void*> spawned_;  // their frames: one that never ends is kept with the loop, not lost
};

}  // namespace bwgw::loop
