#include "broker/engine/mailboxes.h"

#include <utility>

namespace relais::broker {

std::uint64_t Mailbox::undelivered() const {
    std::uint64_t count = 0;
    for (const LaneEnds& ends : lanes) count += ends.last.value - ends.delivered.value;
    return count;
}

Result<void> Mailboxes::load() {
    by_channel_.clear();
    by_address_.clear();
    grown_.clear();
    RELAIS_ASSIGN(const auto channels, store_.channels());
    for (const auto& [address, channel] : channels) {
        Mailbox mailbox{channel, address, {}};
        for (const Lane lane : kLanesByUrgency) {
            RELAIS_ASSIGN(mailbox.lane(lane).last, store_.last_seq(channel, lane));
            RELAIS_ASSIGN(mailbox.lane(lane).delivered, store_.furthest_cursor(channel, lane));
        }
        by_address_.emplace(address, channel);
        by_channel_.emplace(channel, std::move(mailbox));
    }
    return {};
}

Result<Mailbox*> Mailboxes::open(const Address& address) {
    if (Mailbox* known = find(address)) return known;
    RELAIS_ASSIGN(const ChannelId channel, store_.add_channel(address));
    by_address_.emplace(address, channel);
    return &by_channel_.emplace(channel, Mailbox{channel, address, {}}).first->second;
}

Mailbox* Mailboxes::find(const Address& address) {
    const auto found = by_address_.find(address);
    return found == by_address_.end() ? nullptr : &by_channel(found->second);
}

Mailbox& Mailboxes::by_channel(ChannelId channel) {
    const auto found = by_channel_.find(channel);
    RELAIS_CHECK(found != by_channel_.end());
    return found->second;
}

Result<Place> Mailboxes::append(Mailbox& mailbox, Lane lane, const LogRecord& record) {
    const Place place{mailbox.channel, lane, mailbox.lane(lane).last.next()};
    RELAIS_TRY(store_.put_log(place, record));
    mailbox.lane(lane).last = place.seq;
    grown_.insert(mailbox.channel);
    return place;
}

std::set<ChannelId> Mailboxes::take_grown() { return std::exchange(grown_, {}); }

std::uint64_t Mailboxes::undelivered() const {
    std::uint64_t count = 0;
    for (const auto& [channel, mailbox] : by_channel_) count += mailbox.undelivered();
    return count;
}

}  // namespace relais::broker
