#include "broker/connections/connection_guard.h"

#include <algorithm>
#include <utility>

namespace relais::broker {

namespace {

constexpr std::size_t kMeasuredAtOnce = 256;
constexpr std::chrono::milliseconds kLookEvery{50};
// Heartbeats belong to no message: some 7 bytes a second as the protocol recommends them.
constexpr std::uint64_t kHeartbeatBytesPerSecond = 16;

// What a part of a message is on the wire: CURVE's command around it (RFC 26), ZMTP's frame around
// that (RFC 23).
std::uint64_t wire_bytes(std::size_t part) {
    const std::uint64_t command = part + 33;
    return command + (command > 255 ? 9 : 2);
}

}  // namespace

ConnectionGuard::ConnectionGuard(const GuardLimits& limits, Measure measure)
    : limits_(limits), measure_(std::move(measure)) {}

void ConnectionGuard::accepted(int descriptor, Moment now) {
    const auto known = connections_.find(descriptor);
    if (known != connections_.end()) {
        if (known->second.socket.alive()) return;  // its first message came before this news
        if (!known->second.ended) ends_.push_back({descriptor, ErrorCode::ok});
        forget(known);
    }
    const auto socket = PeerSocket::of(descriptor);
    if (!socket) return;  // gone already
    Connection connection{*socket, socket->source(), now, ++last_number_};
    strangers_[connection.source].insert({connection.number, descriptor});
    ++strangers_count_;
    connections_.emplace(descriptor, std::move(connection));
    if (strangers_count_ > limits_.strangers_max || connections() > connections_max_) make_room();
}

// Of the strangers, the oldest of the source that has most of them: who comes alone is not pushed
// out by a crowd from elsewhere.
void ConnectionGuard::make_room() {
    const auto most = std::ranges::max_element(
        strangers_, {}, [](const auto& source) { return source.second.size(); });
    if (most == strangers_.end()) return;
    const int descriptor = most->second.begin()->second;
    end(descriptor, connections_.at(descriptor), ErrorCode::busy);
}

void ConnectionGuard::no_stranger(int descriptor, Connection& connection) {
    if (!std::exchange(connection.stranger, false)) return;
    const auto source = strangers_.find(connection.source);
    source->second.erase({connection.number, descriptor});
    if (source->second.empty()) strangers_.erase(source);
    --strangers_count_;
}

void ConnectionGuard::forget(Table::iterator entry) {
    no_stranger(entry->first, entry->second);
    if (entry->second.ended) --ended_;
    connections_.erase(entry);
}

void ConnectionGuard::end(int descriptor, Connection& connection, ErrorCode code) {
    if (std::exchange(connection.ended, true)) return;
    ++ended_;
    no_stranger(descriptor, connection);
    connection.socket.shut_down();
    ends_.push_back({descriptor, code});
}

void ConnectionGuard::disconnected(int descriptor) {
    const auto known = connections_.find(descriptor);
    // Alive: another has the descriptor by now, or libzmq is about to close it; look() will see.
    if (known == connections_.end() || known->second.socket.alive()) return;
    if (!known->second.ended) ends_.push_back({descriptor, ErrorCode::ok});
    forget(known);
}

bool ConnectionGuard::received(int descriptor, std::span<const std::size_t> parts, Moment now) {
    if (!connections_.contains(descriptor)) accepted(descriptor, now);
    const auto known = connections_.find(descriptor);
    if (known == connections_.end()) return true;  // over, and this was its last word
    Connection& connection = known->second;
    if (connection.ended) return false;
    for (const std::size_t part : parts) connection.whole += wire_bytes(part);
    if (limits_.messages_are_trust) no_stranger(descriptor, connection);
    return true;
}

void ConnectionGuard::refuse(int descriptor, ErrorCode code) {
    const auto known = connections_.find(descriptor);
    if (known != connections_.end()) end(descriptor, known->second, code);
}

bool ConnectionGuard::ended(int descriptor) const {
    const auto known = connections_.find(descriptor);
    return known != connections_.end() && known->second.ended;
}

std::string ConnectionGuard::source(int descriptor) const {
    const auto known = connections_.find(descriptor);
    return known == connections_.end() ? "" : known->second.source;
}

bool ConnectionGuard::said(int descriptor, std::size_t bytes) {
    const auto known = connections_.find(descriptor);
    if (known == connections_.end()) return true;
    Connection& connection = known->second;
    connection.said += bytes;
    if (connection.ended) return false;
    if (connection.unread() <= limits_.unread_bytes_max) return true;
    // Much since it was last measured: the peer may have read it meanwhile.
    if (const auto traffic = measure_(connection.socket)) connection.received = traffic->received;
    if (connection.unread() <= limits_.unread_bytes_max) return true;
    end(descriptor, connection, ErrorCode::quota_reached);
    return false;
}

std::optional<ErrorCode> ConnectionGuard::judge(Connection& connection, const Traffic& traffic,
                                                Moment now) const {
    const auto age = now - connection.since;
    if (connection.stranger && age > limits_.first_within) return ErrorCode::timed_out;
    connection.whole = std::min(connection.whole, traffic.taken);
    const auto heartbeats =
        kHeartbeatBytesPerSecond *
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(age).count());
    const auto loose = [&](std::uint64_t taken) {
        const std::uint64_t accounted = connection.whole + heartbeats;
        return taken > accounted ? taken - accounted : 0;
    };
    const std::size_t bytes_max =
        connection.stranger ? limits_.stranger_bytes_max : limits_.unfinished_bytes_max;
    // Of what was taken when it was last measured, no messages have come, though all was read
    // since.
    const bool read_since = drains_ > connection.drains;
    const bool unfinished = read_since && loose(connection.taken) > bytes_max;
    // More than whole messages that wait could be.
    const bool beyond = loose(traffic.taken) > bytes_max + limits_.waiting_bytes_max;
    connection.taken = traffic.taken;
    connection.drains = drains_;
    connection.received = traffic.received;
    if (traffic.received > connection.said + connection.surplus) {
        connection.surplus = traffic.received - connection.said;
    }
    if (unfinished || beyond) return ErrorCode::over_budget;
    if (connection.unread() > limits_.unread_bytes_max) return ErrorCode::quota_reached;
    return std::nullopt;
}

void ConnectionGuard::measure(int descriptor, Connection& connection, Moment now) {
    if (connection.ended) return;
    const auto traffic = measure_(connection.socket);
    if (!traffic) return;
    if (const auto code = judge(connection, *traffic, now)) {
        return end(descriptor, connection, *code);
    }
    unread_all_ += connection.unread();
    if (connection.unread() > greatest_unread_) {
        greatest_unread_ = connection.unread();
        greatest_ = descriptor;
    }
}

void ConnectionGuard::end_of_round() {
    if (unread_all_ > limits_.unread_bytes_all_max) {
        const auto greatest = connections_.find(greatest_);
        if (greatest != connections_.end()) {
            end(greatest_, greatest->second, ErrorCode::quota_reached);
        }
    }
    unread_all_ = 0;
    greatest_ = -1;
    greatest_unread_ = 0;
    next_ = 0;
}

std::vector<ConnectionGuard::End> ConnectionGuard::look(Moment now) {
    if (now < next_look_) return std::exchange(ends_, {});
    next_look_ = now + kLookEvery;
    auto entry = connections_.lower_bound(next_);
    for (std::size_t i = 0; i < kMeasuredAtOnce && entry != connections_.end(); ++i) {
        if (!entry->second.socket.alive()) {  // its end was told too early, or not at all
            if (!entry->second.ended) ends_.push_back({entry->first, ErrorCode::ok});
            forget(entry++);
            continue;
        }
        measure(entry->first, entry->second, now);
        ++entry;
    }
    if (entry == connections_.end()) {
        end_of_round();
    } else {
        next_ = entry->first;
    }
    return std::exchange(ends_, {});
}

}  // namespace relais::broker
