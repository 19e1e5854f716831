// mailboxes.cc: channels, their logs, counters and cursors.
#include "broker/store/record_codec.h"
#include "broker/store/sqlite_store.h"

namespace relais::broker {

namespace {

// A lane of a mailbox as the owner of a packed sequence.
PackedRows::Owner owner_of(ChannelId channel, Lane lane) {
    return channel * 4 + static_cast<PackedRows::Owner>(lane);
}

int lane_number(Lane lane) { return static_cast<int>(lane); }

}  // namespace

Result<std::map<Address, ChannelId>> SqliteStore::channels() {
    Query query = database_.query("SELECT id, mailbox FROM channel");
    std::map<Address, ChannelId> channels;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return channels;
        auto mailbox = Address::parse_recipient(query.text(1));
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
    RELAIS_ASSIGN(const auto end, log_.end(owner_of(channel, lane)));
    return ChannelSeq{end.value_or(1) - 1};
}

Result<void> SqliteStore::put_log(const Place& place, const LogRecord& record) {
    const PackedRows::Owner owner = owner_of(place.channel, place.lane);
    RELAIS_ASSIGN(const auto end, log_.end(owner));
    const bool stands = place.seq.value < end.value_or(1);
    const Bytes bytes = encode_log_record(record);
    return stands ? log_.replace(owner, place.seq.value, bytes)
                  : log_.append(owner, place.seq.value, bytes);
}

Result<std::vector<std::pair<Place, LogRecord>>> SqliteStore::read_log(const Place& place,
                                                                       std::size_t count) {
    RELAIS_ASSIGN(const auto records,
                  log_.read(owner_of(place.channel, place.lane), place.seq.value, count));
    std::vector<std::pair<Place, LogRecord>> entries;
    entries.reserve(records.size());
    for (const PackedRows::Record& packed : records) {
        RELAIS_ASSIGN(LogRecord record, decode_log_record(packed.bytes));
        entries.emplace_back(Place{place.channel, place.lane, {packed.position}},
                             std::move(record));
    }
    return entries;
}

Result<std::uint64_t> SqliteStore::counter(const StationId& station, ChannelId channel, Lane lane) {
    const CounterKey key{station, channel, lane};
    if (const std::uint64_t* known = counters_.find(key)) return *known;
    Query query =
        database_.query("SELECT value FROM counter WHERE station = ? AND channel = ? AND lane = ?");
    query.bind(station.view()).bind(channel).bind(lane_number(lane));
    RELAIS_ASSIGN(const bool found, query.row());
    const std::uint64_t value = found ? query.number(0) : std::uint64_t{0};
    counters_.keep(key, value);
    return value;
}

Result<void> SqliteStore::set_counter(const StationId& station, ChannelId channel, Lane lane,
                                      std::uint64_t value) {
    counters_.put({station, channel, lane}, value);
    return {};
}

Result<void> SqliteStore::flush_counters() {
    return counters_.flush([this](const CounterKey& key, std::uint64_t value) {
        const auto& [station, channel, lane] = key;
        Query query = database_.query(
            "INSERT OR REPLACE INTO counter (station, channel, lane, value) VALUES (?, ?, ?, ?)");
        return query.bind(station.view()).bind(channel).bind(lane_number(lane)).bind(value).run();
    });
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
