// router.h: the broker's socket: ROUTER over CURVE. Reads frames into the pipeline, sends what the
// engine says, cuts those it no longer wants. Identity is the ZAP User-Id of each frame; routing
// ids are only those that libzmq gives, and one that changes hands is its new holder's end.
//
// One thread, its own, which owns every ZeroMQ object.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "broker/server/outbox.h"
#include "broker/server/pipeline.h"
#include "broker/server/session_numbers.h"
#include "core/crypto/x25519.h"

namespace relais::broker {

struct RouterOptions {
    std::string endpoint;  // tcp://address:port; port 0 or * for any
    int sessions_max = 4096;
};

class Router {
public:
    // Binds. Errors: io_failed  address in use or not ours; bad_configuration  this libzmq has no
    // CURVE.
    static Result<std::unique_ptr<Router>> start(const RouterOptions& options,
                                                 const CurveKeyPair& keys,
                                                 const SharedDirectory& directory,
                                                 SessionNumbers& numbers, Pipeline& pipeline);
    ~Router();

    // The endpoint with the port that was given.
    [[nodiscard]] const std::string& endpoint() const;
    [[nodiscard]] Outbox& outbox();
    // Reads no more; what the engine still says is sent.
    void stop_reading();

private:
    struct State;
    explicit Router(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace relais::broker
