// bare.h: what CurveZMQ alone costs, and CurveZMQ with SQLite: a router without rule, check or
// audit, as a process of its own as a broker is, and many connections to one or the other. Confined
// to one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/crypto/x25519.h"
#include "tests/process/support/child.h"

namespace relais::bench {

// Runs the bare router in this process until its parent ends; says where it is on standard error.
// A frame "e..." comes back to its sender; "b..." goes to every other connection; "s..." is kept in
// a table in that folder, as R keeps its rows, with all that had arrived by then up to 256, and
// answered once it is durable; at "d..." its sender is sent every frame that was kept.
void run_bare_router(const std::filesystem::path& folder);

class BareRouter {
public:
    // `folder`: where frames are kept, if any are.
    explicit BareRouter(const std::filesystem::path& folder = {});
    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
    [[nodiscard]] const CurvePublic& curve() const { return curve_; }

private:
    test::Child child_;
    std::string endpoint_;
    CurvePublic curve_;
};

// Many connections under one context and one I/O thread.
class Crowd {
public:
    // Begins to connect one for each key. The keys outlive it.
    Crowd(const std::string& endpoint, const CurvePublic& server,
          const std::vector<const CurveKeyPair*>& keys);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    // Called for each frame that arrives, with the connection's place.
    std::function<void(std::size_t, ByteView)> on_frame;
    void send(std::size_t who, ByteView frame);
    // Reads all that is there; waits for something at most so long.
    void turn(std::chrono::milliseconds patience);
    // Turns until `done`; fails where nothing arrives for too long.
    void until(const std::function<bool()>& done);
    [[nodiscard]] std::size_t size() const { return sockets_.size(); }

private:
    void drain(std::size_t who);

    void* context_;
    int ready_;  // epoll
    std::vector<void*> sockets_;
    bool heard_ = false;
};

// One connection's round trip of a frame of that size: the median of so many.
double curve_round_trip_seconds(std::size_t bytes, int times);

}  // namespace relais::bench
