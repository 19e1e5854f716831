// session_numbers.h: session ids, unique in a run, that say which transport carries the session.
#pragma once

#include <atomic>

#include "broker/engine/commands.h"

namespace relais::broker {

enum class Transport : std::uint8_t { router = 0, local = 1 };

class SessionNumbers {
public:
    [[nodiscard]] SessionId next(Transport transport) {
        return last_.fetch_add(1, std::memory_order_relaxed) << 1 |
               static_cast<SessionId>(transport);
    }
    static Transport transport_of(SessionId id) { return static_cast<Transport>(id & 1); }

private:
    std::atomic<SessionId> last_{1};
};

}  // namespace relais::broker
