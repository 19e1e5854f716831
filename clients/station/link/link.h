// link.h: one connection to a broker: DEALER over CURVE, watched by a monitor so that a break is
// known at once. It never reconnects by itself and never queues across a break: what was not
// answered is sent again by who keeps it (sync). Confined to one thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/crypto/x25519.h"

namespace relais::station {

class Link {
public:
    // Begins to connect. Errors: bad_configuration  this libzmq has no CURVE, or not an endpoint.
    static Result<std::unique_ptr<Link>> open(const std::string& endpoint,
                                              const CurvePublic& server, const CurveKeyPair& own);
    ~Link();

    struct Arrivals {
        bool connected = false;  // the handshake succeeded since the last call
        bool broken = false;     // the connection is over, or was refused: make another link
        bool refused = false;    // the broker does not let this key in
        std::vector<Bytes> frames;
    };
    // Waits until something arrives, at most `patience`. `extra` (a descriptor, or -1) ends the
    // wait too.
    Arrivals wait(std::chrono::milliseconds patience, int extra = -1);

    // The same wait without a link.
    static void pause(std::chrono::milliseconds patience, int extra = -1);

    // False where the frame cannot be taken now (nothing is read at the other end).
    bool send(ByteView frame);

private:
    struct State;
    explicit Link(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace relais::station
