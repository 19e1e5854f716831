// day_table.h: the DayRecords port on SQLite. Counts that a transaction raises many times over are
// written once, at its commit.
#pragma once

#include <tuple>

#include "broker/engine/day_records.h"
#include "broker/store/write_behind.h"
#include "core/database/database.h"

namespace relais::broker {

class DayTable final : public DayRecords {
public:
    explicit DayTable(Database& database);

    Result<DayHeld> held(ChannelId channel, CivilDay day) override;
    Result<void> set_held(ChannelId channel, CivilDay day, const DayHeld& held) override;
    Result<std::uint64_t> sent(ChannelId channel, CivilDay day, const StationId& station) override;
    Result<void> set_sent(ChannelId channel, CivilDay day, const StationId& station,
                          std::uint64_t count) override;
    Result<std::optional<DayStated>> stated(ChannelId channel, CivilDay day,
                                            const StationId& station) override;
    Result<void> set_stated(ChannelId channel, CivilDay day, const StationId& station,
                            const DayStated& stated) override;
    Result<std::optional<CivilDay>> last_stated(ChannelId channel) override;
    Result<MailboxDays> days(ChannelId channel, CivilDay first, CivilDay last) override;
    Result<void> forget_days(ChannelId channel, CivilDay before) override;
    Result<std::optional<WallTime>> last_seen(ChannelId channel) override;
    Result<void> set_seen(ChannelId channel, const StationId& station, WallTime at) override;

    // Writes what the transaction has kept back.
    Result<void> flush();
    void forget();

private:
    using HeldKey = std::pair<ChannelId, CivilDay>;
    using SentKey = std::tuple<ChannelId, CivilDay, StationId>;

    Result<void> read_held(ChannelId channel, CivilDay first, CivilDay last, MailboxDays& days);
    Result<void> read_sent(ChannelId channel, CivilDay first, CivilDay last, MailboxDays& days);
    Result<void> read_stated(ChannelId channel, CivilDay first, CivilDay last, MailboxDays& days);

    Database& database_;
    WriteBehind<HeldKey, DayHeld> held_;
    WriteBehind<SentKey, std::uint64_t> sent_;
};

// For a checker: every row.
struct DayRows {
    struct Sent {
        ChannelId channel;
        CivilDay day;
        StationId station;
        std::uint64_t count;
    };
    struct Held {
        ChannelId channel;
        CivilDay day;
        std::uint64_t count;
    };
    struct Stated {
        ChannelId channel;
        CivilDay day;
        StationId station;
        DayStated stated;
    };
    std::vector<Sent> sent;
    std::vector<Held> held;
    std::vector<Stated> stated;
};
Result<DayRows> list_days(Database& database);

}  // namespace relais::broker
