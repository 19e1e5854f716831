// mailboxes.h: the ends of every mailbox's lanes, and appending to them. Memory: a few words a
// mailbox, whatever waits in it (D6).
#pragma once

#include <array>
#include <map>
#include <set>

#include "broker/engine/store.h"

namespace relais::broker {

struct LaneEnds {
    ChannelSeq last;       // last entry; 0: empty
    ChannelSeq delivered;  // the furthest that any station of the mailbox acknowledged
};

struct Mailbox {
    ChannelId channel;
    Address address;
    std::array<LaneEnds, kLanes> lanes;

    [[nodiscard]] LaneEnds& lane(Lane l) { return lanes[static_cast<std::size_t>(l)]; }
    [[nodiscard]] const LaneEnds& lane(Lane l) const { return lanes[static_cast<std::size_t>(l)]; }
    // Entries that no station has acknowledged.
    [[nodiscard]] std::uint64_t undelivered() const;
};

class Mailboxes {
public:
    explicit Mailboxes(Store& store) : store_(store) {}

    // Reads all ends again, forgetting what was here.
    Result<void> load();
    // Makes the mailbox where it is new. Within a transaction.
    Result<Mailbox*> open(const Address& address);
    [[nodiscard]] Mailbox* find(const Address& address);
    [[nodiscard]] Mailbox& by_channel(ChannelId channel);

    // Within a transaction. The place it got.
    Result<Place> append(Mailbox& mailbox, Lane lane, const LogRecord& record);

    // Mailboxes that got entries since the last call.
    std::set<ChannelId> take_grown();
    [[nodiscard]] const std::map<Address, ChannelId>& all() const { return by_address_; }
    [[nodiscard]] std::size_t count() const { return by_channel_.size(); }
    [[nodiscard]] std::uint64_t undelivered() const;

private:
    Store& store_;
    std::map<ChannelId, Mailbox> by_channel_;
    std::map<Address, ChannelId> by_address_;
    std::set<ChannelId> grown_;
};

}  // namespace relais::broker
