// speaker.h: a peer that says whatever a test wants over CURVE, with any key: what a client of
// another maker, or an attacker, could send.
#pragma once

#include <functional>
#include <optional>

#include "clients/station/link/link.h"
#include "schemas/wire/frame.h"

namespace relais::test {

class Speaker {
public:
    Speaker(const std::string& endpoint, const CurvePublic& server, const CurveKeyPair& own);

    // True once the CURVE handshake succeeded; false where the broker ended it.
    bool connected();
    // Hello and its reply.
    std::optional<wire::Body> greet();
    // Sends a frame; the reply to it, or nothing where the connection broke instead. Pushes that
    // come before are kept.
    std::optional<wire::Body> ask(wire::Body request);
    void say(wire::Body request);
    void say_bytes(ByteView frame);
    // The next push, or nothing where the connection broke.
    std::optional<wire::Body> next_push();
    // Whether the broker has ended the connection; waits for it.
    bool broken();

private:
    bool wait_for(const std::function<bool()>& done);
    std::unique_ptr<station::Link> link_;
    std::uint64_t number_ = 0;
    bool connected_ = false;
    bool broken_ = false;
    std::vector<wire::Frame> replies_;
    std::vector<wire::Body> pushes_;
};

}  // namespace relais::test
