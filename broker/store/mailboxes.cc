// mailboxes.cc: channels, their logs, counters and cursors.
#include "broker/store/sqlite_store.h"

namespace relais::broker {

namespace {

enum LogType : int { kEnvelope = 0, kNotice = 1, kMark = 2, kTombstone = 3 };

void bind_record(Query& query, const EnvelopeRef& ref) {
    query.bind(kEnvelope).bind(ref.number).bind(int{ref.position}).bind(ref.old_epoch);
    query.bind_null().bind_null();
}
void bind_statement(Query& query, LogType type, const Bytes& statement) {
    query.bind(int{type}).bind_null().bind_null().bind_null().bind(statement).bind_null();
}
void bind_record(Query& query, const NoticeEntry& entry) {
    bind_statement(query, kNotice, entry.statement);
}
void bind_record(Query& query, const MarkedEntry& entry) {
    bind_statement(query, kMark, entry.statement);
}
void bind_record(Query& query, const Tombstone& stone) {
    query.bind(int{kTombstone}).bind_null().bind_null().bind_null().bind(stone.digest.view());
    if (stone.message)
        query.bind(stone.message->view());
    else
        query.bind_null();
}

Result<LogRecord> read_tombstone(ByteView digest, ByteView message) {
    if (digest.size() != Digest::kSize) return fail(ErrorCode::corrupt, "tombstone");
    Tombstone stone{Digest::from(digest), std::nullopt};
    if (message.size() == MessageId::kSize) stone.message = MessageId::from(message);
    return LogRecord(stone);
}

// Columns: type, number, position, old_epoch, body, message, from column 1 on.
Result<LogRecord> read_record(const Query& query) {
    switch (query.integer(1)) {
        case kEnvelope:
            return LogRecord(EnvelopeRef{query.number(2),
                                         static_cast<std::uint8_t>(query.integer(3)),
                                         query.integer(4) != 0});
        case kNotice: return LogRecord(NoticeEntry{to_bytes(query.blob(5))});
        case kMark: return LogRecord(MarkedEntry{to_bytes(query.blob(5))});
        case kTombstone: return read_tombstone(query.blob(5), query.blob(6));
        default: return fail(ErrorCode::corrupt, "log entry type");
    }
}

int lane_number(Lane lane) { return static_cast<int>(lane); }

}  // namespace

Result<std::map<Address, ChannelId>> SqliteStore::channels() {
    Query query = database_.query("SELECT id, mailbox FROM channel");
    std::map<Address, ChannelId> channels;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return channels;
        auto mailbox = Address::parse(query.text(1));
        if (!mailbox.ok()) return fail(ErrorCode::corrupt, "channel");
        channels.emplace(std::move(mailbox).value(), static_cast<ChannelId>(query.number(0)));
    }
}

Result<ChannelId> SqliteStore::add_channel(const Address& mailbox) {
    Query query = database_.query("INSERT INTO channel (mailbox) VALUES (?)");
    RELAIS_TRY(query.bind(mailbox.text()).run());
    return static_cast<ChannelId>(database_.last_row());
}

Result<ChannelSeq> SqliteStore::last_seq(ChannelId channel, Lane lane) {
    Query query = database_.query("SELECT MAX(seq) FROM log WHERE channel = ? AND lane = ?");
    RELAIS_TRY(query.bind(channel).bind(lane_number(lane)).row());
    return ChannelSeq{query.number(0)};
}

Result<void> SqliteStore::put_log(const Place& place, const LogRecord& record) {
    Query query = database_.query(
        "INSERT OR REPLACE INTO log (channel, lane, seq, type, number, position, old_epoch, body,"
        " message) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query.bind(place.channel).bind(lane_number(place.lane)).bind(place.seq.value);
    std::visit([&](const auto& each) { bind_record(query, each); }, record);
    return query.run();
}

Result<std::vector<std::pair<Place, LogRecord>>> SqliteStore::read_log(const Place& place,
                                                                       std::size_t count) {
    Query query = database_.query(
        "SELECT seq, type, number, position, old_epoch, body, message FROM log"
        " WHERE channel = ? AND lane = ? AND seq >= ? ORDER BY seq LIMIT ?");
    query.bind(place.channel).bind(lane_number(place.lane)).bind(place.seq.value).bind(count);
    std::vector<std::pair<Place, LogRecord>> entries;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return entries;
        RELAIS_ASSIGN(LogRecord record, read_record(query));
        entries.emplace_back(Place{place.channel, place.lane, {query.number(0)}},
                             std::move(record));
    }
}

Result<std::uint64_t> SqliteStore::counter(const StationId& station, ChannelId channel, Lane lane) {
    Query query =
        database_.query("SELECT value FROM counter WHERE station = ? AND channel = ? AND lane = ?");
    query.bind(station.view()).bind(channel).bind(lane_number(lane));
    RELAIS_ASSIGN(const bool found, query.row());
    return found ? query.number(0) : std::uint64_t{0};
}

Result<void> SqliteStore::set_counter(const StationId& station, ChannelId channel, Lane lane,
                                      std::uint64_t value) {
    Query query = database_.query(
        "INSERT OR REPLACE INTO counter (station, channel, lane, value) VALUES (?, ?, ?, ?)");
    return query.bind(station.view()).bind(channel).bind(lane_number(lane)).bind(value).run();
}

Result<ChannelSeq> SqliteStore::cursor(ChannelId channel, const StationId& station, Lane lane) {
    Query query =
        database_.query("SELECT seq FROM cursor WHERE channel = ? AND lane = ? AND station = ?");
    query.bind(channel).bind(lane_number(lane)).bind(station.view());
    RELAIS_ASSIGN(const bool found, query.row());
    return ChannelSeq{found ? query.number(0) : 0};
}

Result<ChannelSeq> SqliteStore::furthest_cursor(ChannelId channel, Lane lane) {
    Query query = database_.query("SELECT MAX(seq) FROM cursor WHERE channel = ? AND lane = ?");
    RELAIS_TRY(query.bind(channel).bind(lane_number(lane)).row());
    return ChannelSeq{query.number(0)};
}

Result<void> SqliteStore::set_cursor(ChannelId channel, const StationId& station, Lane lane,
                                     ChannelSeq seq) {
    Query query = database_.query(
        "INSERT OR REPLACE INTO cursor (channel, lane, station, seq) VALUES (?, ?, ?, ?)");
    return query.bind(channel).bind(lane_number(lane)).bind(station.view()).bind(seq.value).run();
}

}  // namespace relais::broker
