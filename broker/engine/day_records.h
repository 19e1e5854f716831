// day_records.h: the part of the store that knows what the days of the mailboxes came to: messages
// accepted for a mailbox and from it, by civil day (core/calendar/days.h), what its stations state
// of each day, and when they were last connected. A few rows a mailbox and day, whatever waits.
//
// As the whole Store: within its transactions, from the engine's thread alone.
#pragma once

#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"

namespace relais::broker {

using ChannelId = std::uint32_t;  // of a mailbox, in this store only

// Messages accepted on one day that stand in a mailbox. Boxes that are released later count for the
// day of their message: `before` is what the count was until the day `changed`.
struct DayHeld {
    std::uint64_t count = 0;
    CivilDay changed{};
    std::uint64_t before = 0;
};

// What a station says of a day, by its last statement.
struct DayStated {
    std::uint64_t sent = 0;
    std::uint64_t held = 0;
    std::uint32_t times = 0;  // that it was stated, each time otherwise
    LeafIndex leaf{};         // with the signed statement
};

// The days of one mailbox, in order.
struct MailboxDays {
    struct Held {
        CivilDay day;
        DayHeld held;
    };
    struct Sent {
        CivilDay day;
        StationId station;
        std::uint64_t count;
    };
    struct Stated {
        CivilDay day;
        StationId station;
        DayStated stated;
    };
    std::vector<Held> held;
    std::vector<Sent> sent;
    std::vector<Stated> stated;
};

class DayRecords {
public:
    virtual ~DayRecords() = default;

    virtual Result<DayHeld> held(ChannelId channel, CivilDay day) = 0;
    virtual Result<void> set_held(ChannelId channel, CivilDay day, const DayHeld& held) = 0;
    // Accepted from a station in the mailbox's name.
    virtual Result<std::uint64_t> sent(ChannelId channel, CivilDay day,
                                       const StationId& station) = 0;
    virtual Result<void> set_sent(ChannelId channel, CivilDay day, const StationId& station,
                                  std::uint64_t count) = 0;
    virtual Result<std::optional<DayStated>> stated(ChannelId channel, CivilDay day,
                                                    const StationId& station) = 0;
    virtual Result<void> set_stated(ChannelId channel, CivilDay day, const StationId& station,
                                    const DayStated& stated) = 0;
    // The last day that any station stated.
    virtual Result<std::optional<CivilDay>> last_stated(ChannelId channel) = 0;
    virtual Result<MailboxDays> days(ChannelId channel, CivilDay first, CivilDay last) = 0;
    // What is older goes.
    virtual Result<void> forget_days(ChannelId channel, CivilDay before) = 0;

    // When any station of the mailbox was last known to be connected for it.
    virtual Result<std::optional<WallTime>> last_seen(ChannelId channel) = 0;
    // Never moves back.
    virtual Result<void> set_seen(ChannelId channel, const StationId& station, WallTime at) = 0;
};

}  // namespace relais::broker
