// connection_guard.h: what a connection may cost. libzmq keeps an unfinished multipart message
// without limit, counts frames and not bytes of what is not read, lets a key that it admitted stay
// silent for ever, and spins at the limit of descriptors. The kernel counts bytes both ways for
// each connection: beside what whole messages came and what was said, they show what libzmq keeps.
// Who is above a bound of core/base/limits.h is ended with shutdown(2), which libzmq notices.
//
// Confined to the thread that owns the ZeroMQ socket; time comes from the caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "broker/connections/peer_socket.h"
#include "core/base/error.h"

namespace relais::broker {

struct GuardLimits {
    std::size_t strangers_max;               // connections that have not said a whole message
    std::chrono::milliseconds first_within;  // how long one may stay a stranger
    // Whether a whole message makes a connection one that stays. Where any key is let in it is
    // worth nothing.
    bool messages_are_trust;
    std::size_t stranger_bytes_max;
    std::size_t unfinished_bytes_max;  // taken since the last whole message
    std::size_t waiting_bytes_max;     // whole messages that may wait to be read by us
    std::size_t unread_bytes_max;      // said to one connection and not received by it
    std::size_t unread_bytes_all_max;
};

class ConnectionGuard {
public:
    using Moment = std::chrono::steady_clock::time_point;
    using Measure = std::function<std::optional<Traffic>(const PeerSocket&)>;

    // An end that the guard made, and why; or, with `ok`, one that it noticed.
    struct End {
        int descriptor;
        ErrorCode code;
    };

    // `measure` asks the kernel, unless a test says otherwise.
    explicit ConnectionGuard(
        const GuardLimits& limits,
        Measure measure = [](const PeerSocket& socket) { return socket.traffic(); });

    // How many connections there may be at all; looked at when one comes.
    void set_connections_max(std::size_t count) { connections_max_ = count; }

    // What the monitor tells, in its order. What is said twice, or late, changes nothing.
    void accepted(int descriptor, Moment now);
    void disconnected(int descriptor);
    // A whole message of this connection was read, its parts of so many bytes. False where the
    // guard has ended it: what it had on the way counts no more.
    [[nodiscard]] bool received(int descriptor, std::span<const std::size_t> parts, Moment now);
    // All that had come was read: what has not become a message by now is no whole one.
    void drained() { ++drains_; }
    // Ends a connection for a reason of its owner's.
    void refuse(int descriptor, ErrorCode code);
    // Whether the guard has ended the connection that has this descriptor.
    [[nodiscard]] bool ended(int descriptor) const;
    // Where it comes from, as PeerSocket::source() says; empty where it is not known.
    [[nodiscard]] std::string source(int descriptor) const;
    // So many bytes were handed to libzmq for this connection. False where that is too much: it has
    // been ended.
    [[nodiscard]] bool said(int descriptor, std::size_t bytes);

    // Measures some connections, in turn, and ends those above a bound. All ends since the last
    // call, the ones that accepted() and said() made included. Cheap when called too early.
    std::vector<End> look(Moment now);

    [[nodiscard]] std::size_t connections() const { return connections_.size() - ended_; }
    [[nodiscard]] std::size_t strangers() const { return strangers_count_; }
    // All that there ever were.
    [[nodiscard]] std::uint64_t seen() const { return last_number_; }

private:
    struct Connection {
        PeerSocket socket;
        std::string source;
        Moment since;
        std::uint64_t number;  // in the order of arrival
        bool stranger = true;
        bool ended = false;
        std::uint64_t taken = 0;     // when it was last measured
        std::uint64_t whole = 0;     // bytes on the wire of the whole messages that were read
        std::uint64_t drains = 0;    // of the guard, when it was last measured
        std::uint64_t said = 0;      // bytes handed to libzmq
        std::uint64_t surplus = 0;   // received beyond `said`: handshake and heartbeats
        std::uint64_t received = 0;  // when it was last measured
        [[nodiscard]] std::uint64_t unread() const {
            return said + surplus > received ? said + surplus - received : 0;
        }
    };
    using Table = std::map<int, Connection>;

    void measure(int descriptor, Connection& connection, Moment now);
    [[nodiscard]] std::optional<ErrorCode> judge(Connection& connection, const Traffic& traffic,
                                                 Moment now) const;
    void end(int descriptor, Connection& connection, ErrorCode code);
    void make_room();
    void no_stranger(int descriptor, Connection& connection);
    void forget(Table::iterator entry);
    void end_of_round();

    GuardLimits limits_;
    Measure measure_;
    std::size_t connections_max_ = SIZE_MAX;
    Table connections_;                                                         // by descriptor
    std::map<std::string, std::set<std::pair<std::uint64_t, int>>> strangers_;  // by source
    std::size_t strangers_count_ = 0;
    std::size_t ended_ = 0;  // of connections_, not gone yet
    std::uint64_t last_number_ = 0;
    std::uint64_t drains_ = 0;
    int next_ = 0;  // descriptor to measure next
    Moment next_look_{};
    std::uint64_t unread_all_ = 0;  // in this round so far
    int greatest_ = -1;
    std::uint64_t greatest_unread_ = 0;
    std::vector<End> ends_;
};

}  // namespace relais::broker
