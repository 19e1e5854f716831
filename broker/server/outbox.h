// outbox.h: what the engine wants said, on its way to the thread that says it. A descriptor becomes
// readable when something waits, so that a poll can watch it beside sockets.
//
// Thread rule: put from any thread, the rest from one consumer's.
#pragma once

#include <mutex>
#include <vector>

#include "broker/engine/commands.h"

namespace relais::broker {

class Outbox {
public:
    Outbox();
    ~Outbox();
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    void put(std::vector<Output> outputs);
    // Everything that waits; the descriptor is quiet again.
    std::vector<Output> take();
    // Makes the descriptor readable without anything to take.
    void wake();
    [[nodiscard]] int descriptor() const { return event_; }

private:
    int event_;  // eventfd
    std::mutex mutex_;
    std::vector<Output> waiting_;
};

}  // namespace relais::broker
