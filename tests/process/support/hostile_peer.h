// hostile_peer.h: a peer that keeps no rule of the protocol: several parts, parts without an end,
// routing ids of its choice, answers that it never reads; and TCP connections that say nothing.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/sanitizer.h"
#include "core/crypto/x25519.h"
#include "schemas/wire/frame.h"

namespace relais::test {

// How a peer takes what it is sent: one that does not, or takes a message when it is told to,
// leaves the rest in the network.
enum class Reads { everything, one_at_a_time, nothing };

class HostilePeer {
public:
    HostilePeer(const std::string& endpoint, const CurvePublic& server, const CurveKeyPair& own,
                Reads reads = Reads::everything, const std::string& routing_id = "");
    ~HostilePeer();
    HostilePeer(const HostilePeer&) = delete;
    HostilePeer& operator=(const HostilePeer&) = delete;

    // Waits until the handshake succeeded; false where it was refused.
    bool connected();
    // Hands one part over, waiting for room; false where the connection was ended.
    bool say(ByteView part, bool more = false);
    bool ask(wire::Body request) {
        return say(wire::encode_frame({++number_, std::move(request)}));
    }
    // A message of so many parts, all the same bytes, of which the first goes when the last is
    // here: libzmq sends no unfinished message. Nothing is copied: `part` has to stay.
    void say_parts(ByteView part, std::size_t count);
    // Waits for a message and takes it; false where the connection was ended.
    bool read();
    // How many it has taken so far.
    [[nodiscard]] std::size_t messages() const;
    // The last of them, where it is a frame of some 4 KB at most.
    [[nodiscard]] std::optional<wire::Body> heard() const;
    // Waits until the other end has ended it.
    bool ended();
    // Whether it has been ended by now.
    bool over();

private:
    struct State;
    std::unique_ptr<State> state_;
    std::uint64_t number_ = 0;
};

// TCP connections to "tcp://127.0.0.1:port" that say nothing, or `greeting` and no more; closed at
// the end.
class SilentConnections {
public:
    SilentConnections(const std::string& endpoint, std::size_t count, ByteView greeting = {});
    ~SilentConnections();
    SilentConnections(const SilentConnections&) = delete;
    SilentConnections& operator=(const SilentConnections&) = delete;
    // How many the other end has ended by now.
    [[nodiscard]] std::size_t ended() const;

private:
    std::vector<int> sockets_;
};

// Of a process, as /proc tells: memory in KiB ("VmRSS", or "VmHWM", the most it ever was).
[[nodiscard]] long memory_kib(pid_t process, const std::string& field);
// What it may grow by: that, and under a sanitizer, which keeps a shadow of all memory and what was
// freed, 512 MiB more.
[[nodiscard]] constexpr long may_grow_kib(long kib) {
    return kUnderSanitizer ? kib + (512 << 10) : kib;
}
[[nodiscard]] std::size_t descriptors_of(pid_t process);
// The only child of a process: of a broker, the one that enrols. Nothing where it has none now.
[[nodiscard]] std::optional<pid_t> child_of(pid_t process);

}  // namespace relais::test
