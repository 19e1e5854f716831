// local_socket.h: sessions over local stream sockets: the operator's (a Unix socket in the data
// folder, for this user and root alone) and the enrolment process's (a socket pair). Frames are
// those of the wire, each behind its length as four bytes, big-endian.
//
// One thread a session, and one that accepts.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "broker/server/outbox.h"
#include "broker/server/pipeline.h"
#include "broker/server/session_numbers.h"

namespace relais::broker {

class LocalSockets {
public:
    LocalSockets(SessionNumbers& numbers, Pipeline& pipeline);
    // Stops the pipeline: whoever collects from it may be gone, and a session wait for room in it.
    ~LocalSockets();

    // Listens for the operator. Errors: io_failed.
    Result<void> listen(const std::filesystem::path& path);
    // Serves a connected descriptor, which it owns from now on, until its peer is gone.
    void serve(int descriptor, Principal principal);
    // From the engine's thread: puts outputs of local sessions into their outboxes.
    void put(std::vector<Output> outputs);

private:
    struct Connection {
        SessionId session;
        Principal principal;
        int descriptor;
        Outbox outbox;
        std::atomic<bool> over{false};
        std::thread thread;
        ~Connection();
    };

    void accept_loop();
    void run(Connection& connection);
    bool read_some(Connection& connection, Bytes& pending);
    void reap();

    SessionNumbers& numbers_;
    Pipeline& pipeline_;
    std::filesystem::path path_;
    int listener_ = -1;
    std::atomic<bool> running_{true};
    std::thread acceptor_;
    std::mutex mutex_;
    std::map<SessionId, std::unique_ptr<Connection>> connections_;
};

}  // namespace relais::broker
