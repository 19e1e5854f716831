// absences.h: when delegates get what waits for them: at once where the absence has begun, else the
// moment it does. What waits is in the store; here is only where to look, so that a restart looks
// everywhere once. While the machine's time is suspect nobody is called in. Belongs to the engine.
#pragma once

#include <map>
#include <set>

#include "broker/engine/threads.h"

namespace relais::broker {

class Absences {
public:
    Absences(Parts& parts, Threads& threads) : parts_(parts), threads_(threads) {}

    // Within a transaction: what came in this step, and a bounded part of what an absence that has
    // begun since concerns.
    Result<void> call_in();
    // When it has something to do next, if nothing comes meanwhile.
    [[nodiscard]] std::optional<EngineTime> next() const;
    // A step was undone: everything is looked at again.
    void look_again();

private:
    struct Pair {
        Address absent;
        Address delegate;
        auto operator<=>(const Pair&) const = default;
    };
    // Reads from the directory which absences last, where it or the time has changed that.
    void refresh();
    Result<void> scan();

    Parts& parts_;
    Threads& threads_;
    std::set<Pair> lasting_;
    std::map<Address, ThreadId> scans_;  // by delegate: the last thread that was looked at
    std::optional<DirectorySize> seen_;
    std::optional<WallTime> changes_;  // when an absence begins or ends next
};

}  // namespace relais::broker
