// ring_records.h: what the store keeps of a step by which a mailbox is to be told outside that a
// message of a thread waits there (rings.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/engine/remembered.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "schemas/workflow/thread.h"

namespace relais::broker {

enum class RingStage : std::uint8_t {
    planned,
    under_way,  // handed out; its outcome has not come
    waiting,    // due, and no room for it
};

// Thread, channel and step are its identity.
struct StoredRing {
    ThreadId thread;
    ChannelId channel;
    std::uint8_t step;  // place in the unit's list
    MessageId message;
    EnvelopeNumber number;
    Lane lane;
    workflow::ClockIndex clock;  // the delay that it is about, and when that ends
    std::optional<std::size_t> party;
    EngineTime end;
    EngineTime due;
    std::uint8_t attempts = 0;
    RingStage stage = RingStage::planned;
    // Known once it is due: what it needs room of (rings.h).
    std::string receiver{};
    std::string organisation{};
};

// Names that have no room for another call.
struct RingsSpent {
    std::vector<std::string> receivers;
    std::vector<std::string> organisations;
};

}  // namespace relais::broker
