#include "broker/store/day_table.h"

namespace relais::broker {

namespace {

constexpr std::size_t kDayRowsKept = 4096;

Result<StationId> read_signer(const Query& query, int column) {
    if (query.blob(column).size() != StationId::kSize) return fail(ErrorCode::corrupt, "day");
    return StationId::from(query.blob(column));
}

CivilDay read_day(const Query& query, int column) {
    return {static_cast<std::int32_t>(query.integer(column))};
}

Result<std::optional<CivilDay>> last_of(Query& query) {
    RELAIS_TRY(query.row());
    if (query.is_null(0)) return std::optional<CivilDay>();
    return std::optional(read_day(query, 0));
}

}  // namespace

DayTable::DayTable(Database& database)
    : database_(database), held_(kDayRowsKept), sent_(kDayRowsKept) {}

Result<DayHeld> DayTable::held(ChannelId channel, CivilDay day) {
    const HeldKey key{channel, day};
    if (const DayHeld* known = held_.find(key)) return *known;
    Query query = database_.query(
        "SELECT count, changed, before FROM day_held WHERE channel = ? AND day = ?");
    RELAIS_ASSIGN(const bool found, query.bind(channel).bind(day.number).row());
    DayHeld held;
    if (found) held = {query.number(0), read_day(query, 1), query.number(2)};
    held_.keep(key, held);
    return held;
}

Result<void> DayTable::set_held(ChannelId channel, CivilDay day, const DayHeld& held) {
    held_.put({channel, day}, held);
    return {};
}

Result<std::uint64_t> DayTable::sent(ChannelId channel, CivilDay day, const StationId& station) {
    const SentKey key{channel, day, station};
    if (const std::uint64_t* known = sent_.find(key)) return *known;
    Query query =
        database_.query("SELECT count FROM day_sent WHERE channel = ? AND day = ? AND station = ?");
    query.bind(channel).bind(day.number).bind(station.view());
    RELAIS_ASSIGN(const bool found, query.row());
    const std::uint64_t count = found ? query.number(0) : std::uint64_t{0};
    sent_.keep(key, count);
    return count;
}

Result<void> DayTable::set_sent(ChannelId channel, CivilDay day, const StationId& station,
                                std::uint64_t count) {
    sent_.put({channel, day, station}, count);
    return {};
}

Result<void> DayTable::flush() {
    RELAIS_TRY(held_.flush([this](const HeldKey& key, const DayHeld& held) {
        Query query = database_.query(
            "INSERT OR REPLACE INTO day_held (channel, day, count, changed, before)"
            " VALUES (?, ?, ?, ?, ?)");
        query.bind(key.first).bind(key.second.number).bind(held.count);
        return query.bind(held.changed.number).bind(held.before).run();
    }));
    return sent_.flush([this](const SentKey& key, std::uint64_t count) {
        const auto& [channel, day, station] = key;
        Query query = database_.query(
            "INSERT OR REPLACE INTO day_sent (channel, day, station, count) VALUES (?, ?, ?, ?)");
        return query.bind(channel).bind(day.number).bind(station.view()).bind(count).run();
    });
}

void DayTable::forget() {
    held_.forget();
    sent_.forget();
}

Result<std::optional<DayStated>> DayTable::stated(ChannelId channel, CivilDay day,
                                                  const StationId& station) {
    Query query = database_.query(
        "SELECT sent, held, times, leaf FROM day_stated"
        " WHERE channel = ? AND day = ? AND station = ?");
    query.bind(channel).bind(day.number).bind(station.view());
    RELAIS_ASSIGN(const bool found, query.row());
    if (!found) return std::optional<DayStated>();
    return std::optional(DayStated{query.number(0),
                                   query.number(1),
                                   static_cast<std::uint32_t>(query.number(2)),
                                   {query.number(3)}});
}

Result<void> DayTable::set_stated(ChannelId channel, CivilDay day, const StationId& station,
                                  const DayStated& stated) {
    Query query = database_.query(
        "INSERT OR REPLACE INTO day_stated (channel, day, station, sent, held, times, leaf)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)");
    query.bind(channel).bind(day.number).bind(station.view()).bind(stated.sent).bind(stated.held);
    return query.bind(std::uint64_t{stated.times}).bind(stated.leaf.value).run();
}

Result<std::optional<CivilDay>> DayTable::last_stated(ChannelId channel) {
    Query query = database_.query("SELECT MAX(day) FROM day_stated WHERE channel = ?");
    query.bind(channel);
    return last_of(query);
}

Result<void> DayTable::read_held(ChannelId channel, CivilDay first, CivilDay last,
                                 MailboxDays& days) {
    Query query = database_.query(
        "SELECT day, count, changed, before FROM day_held"
        " WHERE channel = ? AND day >= ? AND day <= ? ORDER BY day");
    query.bind(channel).bind(first.number).bind(last.number);
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        days.held.push_back(
            {read_day(query, 0), {query.number(1), read_day(query, 2), query.number(3)}});
    }
}

Result<void> DayTable::read_sent(ChannelId channel, CivilDay first, CivilDay last,
                                 MailboxDays& days) {
    Query query = database_.query(
        "SELECT day, station, count FROM day_sent"
        " WHERE channel = ? AND day >= ? AND day <= ? ORDER BY day, station");
    query.bind(channel).bind(first.number).bind(last.number);
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        RELAIS_ASSIGN(const StationId station, read_signer(query, 1));
        days.sent.push_back({read_day(query, 0), station, query.number(2)});
    }
}

Result<void> DayTable::read_stated(ChannelId channel, CivilDay first, CivilDay last,
                                   MailboxDays& days) {
    Query query = database_.query(
        "SELECT day, station, sent, held, times, leaf FROM day_stated"
        " WHERE channel = ? AND day >= ? AND day <= ? ORDER BY day, station");
    query.bind(channel).bind(first.number).bind(last.number);
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        RELAIS_ASSIGN(const StationId station, read_signer(query, 1));
        const DayStated stated{query.number(2),
                               query.number(3),
                               static_cast<std::uint32_t>(query.number(4)),
                               {query.number(5)}};
        days.stated.push_back({read_day(query, 0), station, stated});
    }
}

// What the transaction has kept back is read with the rest.
Result<MailboxDays> DayTable::days(ChannelId channel, CivilDay first, CivilDay last) {
    RELAIS_TRY(flush());
    MailboxDays days;
    RELAIS_TRY(read_held(channel, first, last, days));
    RELAIS_TRY(read_sent(channel, first, last, days));
    RELAIS_TRY(read_stated(channel, first, last, days));
    return days;
}

Result<void> DayTable::forget_days(ChannelId channel, CivilDay before) {
    RELAIS_TRY(flush());
    forget();
    for (const char* sql : {"DELETE FROM day_held WHERE channel = ? AND day < ?",
                            "DELETE FROM day_sent WHERE channel = ? AND day < ?",
                            "DELETE FROM day_stated WHERE channel = ? AND day < ?"}) {
        RELAIS_TRY(database_.query(sql).bind(channel).bind(before.number).run());
    }
    return {};
}

Result<std::optional<WallTime>> DayTable::last_seen(ChannelId channel) {
    Query query = database_.query("SELECT MAX(at) FROM mailbox_seen WHERE channel = ?");
    RELAIS_TRY(query.bind(channel).row());
    if (query.is_null(0)) return std::optional<WallTime>();
    return std::optional(WallTime{query.integer(0)});
}

Result<void> DayTable::set_seen(ChannelId channel, const StationId& station, WallTime at) {
    Query query = database_.query(
        "INSERT INTO mailbox_seen (channel, station, at) VALUES (?, ?, ?)"
        " ON CONFLICT (channel, station) DO UPDATE SET at = max(at, excluded.at)");
    return query.bind(channel).bind(station.view()).bind(at.ms).run();
}

namespace {

ChannelId read_channel(const Query& query) { return static_cast<ChannelId>(query.number(0)); }

Result<void> list_sent(Database& database, DayRows& rows) {
    Query query = database.query(
        "SELECT channel, day, station, count FROM day_sent ORDER BY channel, day, station");
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        RELAIS_ASSIGN(const StationId station, read_signer(query, 2));
        rows.sent.push_back({read_channel(query), read_day(query, 1), station, query.number(3)});
    }
}

Result<void> list_held(Database& database, DayRows& rows) {
    Query query = database.query("SELECT channel, day, count FROM day_held ORDER BY channel, day");
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        rows.held.push_back({read_channel(query), read_day(query, 1), query.number(2)});
    }
}

Result<void> list_stated(Database& database, DayRows& rows) {
    Query query = database.query(
        "SELECT channel, day, station, sent, held, times, leaf FROM day_stated"
        " ORDER BY channel, day, station");
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return {};
        RELAIS_ASSIGN(const StationId station, read_signer(query, 2));
        const DayStated stated{query.number(3),
                               query.number(4),
                               static_cast<std::uint32_t>(query.number(5)),
                               {query.number(6)}};
        rows.stated.push_back({read_channel(query), read_day(query, 1), station, stated});
    }
}

}  // namespace

Result<DayRows> list_days(Database& database) {
    DayRows rows;
    RELAIS_TRY(list_sent(database, rows));
    RELAIS_TRY(list_held(database, rows));
    RELAIS_TRY(list_stated(database, rows));
    return rows;
}

}  // namespace relais::broker
