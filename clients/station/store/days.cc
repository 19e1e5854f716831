// days.cc: what each day of a mailbox came to on this station.
#include "clients/station/store/station_store.h"

namespace relais::station {

namespace {

constexpr std::size_t kNumbers = 6;

Bytes row_key(ByteView tag, CivilDay day) {
    Bytes key = to_bytes(tag);
    append_u32(key, static_cast<std::uint32_t>(day.number));
    return key;
}

Bytes encode(const StoredDay& day) {
    Bytes bytes{static_cast<std::uint8_t>(day.state)};
    for (const std::uint64_t number : {day.sent, day.held, day.stated_sent, day.stated_held,
                                       day.counted_sent, day.counted_held}) {
        append_u64(bytes, number);
    }
    return bytes;
}

Result<StoredDay> decode(CivilDay day, ByteView bytes) {
    if (bytes.size() != 1 + 8 * kNumbers ||
        bytes[0] > static_cast<std::uint8_t>(DayState::not_compared)) {
        return fail(ErrorCode::corrupt, "day");
    }
    const auto number = [&](std::size_t i) { return read_u64(bytes.subspan(1 + 8 * i)); };
    return StoredDay{day,       number(0), number(1), static_cast<DayState>(bytes[0]),
                     number(2), number(3), number(4), number(5)};
}

}  // namespace

Result<StoredDay> StationStore::day(const Address& mailbox, CivilDay day) {
    RELAIS_ASSIGN(const auto found, days(mailbox, day, day));
    return found.empty() ? StoredDay{.day = day} : found.front();
}

Result<std::vector<StoredDay>> StationStore::days(const Address& mailbox, CivilDay first,
                                                  CivilDay last) {
    Query query = database_.query(
        "SELECT day, sealed FROM day WHERE mailbox = ? AND day >= ? AND day <= ? ORDER BY day");
    const Bytes tag = sealer_.tag(mailbox.text());
    query.bind(tag).bind(first.number).bind(last.number);
    std::vector<StoredDay> days;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return days;
        const CivilDay day{static_cast<std::int32_t>(query.integer(0))};
        RELAIS_ASSIGN(const Bytes plain, sealer_.open("day", row_key(tag, day), query.blob(1)));
        RELAIS_ASSIGN(const StoredDay stored, decode(day, plain));
        days.push_back(stored);
    }
}

Result<void> StationStore::put_day(const Address& mailbox, const StoredDay& day) {
    Query query =
        database_.query("INSERT OR REPLACE INTO day (mailbox, day, sealed) VALUES (?, ?, ?)");
    const Bytes tag = sealer_.tag(mailbox.text());
    const Bytes sealed = sealer_.seal("day", row_key(tag, day.day), encode(day));
    return query.bind(tag).bind(day.day.number).bind(sealed).run();
}

Result<void> StationStore::forget_days(CivilDay before) {
    return database_.query("DELETE FROM day WHERE day < ?").bind(before.number).run();
}

Result<std::optional<CivilDay>> StationStore::counted_from(const Address& mailbox) {
    Query query = database_.query("SELECT sealed FROM day_begun WHERE mailbox = ?");
    const Bytes tag = sealer_.tag(mailbox.text());
    RELAIS_ASSIGN(const bool found, query.bind(tag).row());
    if (!found) return std::optional<CivilDay>();
    RELAIS_ASSIGN(const Bytes plain, sealer_.open("day_begun", tag, query.blob(0)));
    if (plain.size() != 4) return fail(ErrorCode::corrupt, "day_begun");
    return std::optional(CivilDay{static_cast<std::int32_t>(read_u32(plain))});
}

Result<void> StationStore::count_from(const Address& mailbox, CivilDay day) {
    Query query =
        database_.query("INSERT OR REPLACE INTO day_begun (mailbox, sealed) VALUES (?, ?)");
    const Bytes tag = sealer_.tag(mailbox.text());
    Bytes plain;
    append_u32(plain, static_cast<std::uint32_t>(day.number));
    const Bytes sealed = sealer_.seal("day_begun", tag, plain);
    return query.bind(tag).bind(sealed).run();
}

}  // namespace relais::station
