#include "tests/support/engine/unpacked.h"

#include <functional>

#include "broker/store/record_codec.h"
#include "core/base/check.h"

namespace relais::broker {

namespace {

constexpr const char* kTables = R"sql(
CREATE TEMP TABLE envelope (number INTEGER PRIMARY KEY, bytes BLOB, accepted_ms INTEGER,
    directory_size INTEGER, leaf INTEGER, leaf_hash BLOB, places BLOB);
CREATE TEMP TABLE log (channel INTEGER, lane INTEGER, seq INTEGER, type INTEGER, number INTEGER,
    position INTEGER, old_epoch INTEGER, body BLOB, message BLOB,
    PRIMARY KEY (channel, lane, seq)) WITHOUT ROWID;
CREATE TEMP TABLE audit_leaf (position INTEGER PRIMARY KEY, bytes BLOB);
CREATE TEMP TABLE timer (kind INTEGER, at INTEGER, key BLOB, PRIMARY KEY (kind, at, key))
    WITHOUT ROWID;
INSERT INTO temp.timer SELECT kind, at, key FROM main.timer;
)sql";

constexpr std::int64_t kPositions = std::int64_t{1} << 40;

struct Row {
    std::int64_t key;
    Bytes record;
};

// Every record of a table with its key, as if each had a row.
std::vector<Row> unpack(Database& database, const char* sql) {
    std::vector<Row> rows;
    Query query = database.query(sql);
    while (query.row().value()) {
        std::int64_t key = query.integer(0);
        const ByteView bytes = query.blob(1);
        for (std::size_t at = 0; at < bytes.size(); ++key) {
            std::size_t length = 0;
            for (unsigned shift = 0;; shift += 7) {
                length |= static_cast<std::size_t>(bytes[at] & 0x7F) << shift;
                if ((bytes[at++] & 0x80) == 0) break;
            }
            RELAIS_CHECK(length <= bytes.size() - at);
            if (length != 0) rows.push_back({key, to_bytes(bytes.subspan(at, length))});
            at += length;
        }
    }
    return rows;
}

void put(Database& database, const char* sql, std::int64_t key, const Bytes& record) {
    Bytes pack;
    std::size_t length = record.size();
    for (; length >= 0x80; length >>= 7) pack.push_back(static_cast<std::uint8_t>(length | 0x80));
    pack.push_back(static_cast<std::uint8_t>(length));
    append(pack, record);
    database.query(sql).bind(key).bind(1).bind(pack).run().value();
}

// Places as 13 bytes each: channel, lane, sequence.
Bytes plain_places(const std::vector<Place>& places) {
    Bytes out;
    for (const Place& place : places) {
        append_u32(out, place.channel);
        out.push_back(static_cast<std::uint8_t>(place.lane));
        append_u64(out, place.seq.value);
    }
    return out;
}

std::vector<Place> places_of(ByteView bytes) {
    std::vector<Place> places;
    for (; bytes.size() >= 13; bytes = bytes.subspan(13)) {
        places.push_back(
            {read_u32(bytes), static_cast<Lane>(bytes[4]), {read_u64(bytes.subspan(5))}});
    }
    return places;
}

void unpack_envelopes(Database& database) {
    for (const Row& row : unpack(database, "SELECT key, bytes FROM main.envelope ORDER BY key")) {
        const StoredEnvelope stored = decode_stored(row.record).value();
        const Bytes places = plain_places(stored.places);
        Query query = database.query("INSERT INTO temp.envelope VALUES (?, ?, ?, ?, ?, ?, ?)");
        query.bind(row.key).bind(stored.bytes).bind(stored.accepted.time.ms);
        query.bind(stored.accepted.directory_size.value).bind(stored.accepted.leaf.value);
        query.bind(stored.accepted.leaf_hash.view()).bind(places).run().value();
    }
}

void bind_entry(Query& query, const LogRecord& record) {
    if (const auto* ref = std::get_if<EnvelopeRef>(&record)) {
        query.bind(0).bind(ref->number).bind(int{ref->position}).bind(ref->old_epoch);
        query.bind_null().bind_null();
        return;
    }
    const auto* notice = std::get_if<NoticeEntry>(&record);
    const auto* mark = std::get_if<MarkedEntry>(&record);
    const auto* stone = std::get_if<Tombstone>(&record);
    query.bind(notice != nullptr ? 1 : mark != nullptr ? 2 : 3);
    query.bind_null().bind_null().bind_null();
    if (notice != nullptr) query.bind(notice->statement).bind_null();
    if (mark != nullptr) query.bind(mark->statement).bind_null();
    if (stone == nullptr) return;
    query.bind(stone->digest.view());
    stone->message ? query.bind(stone->message->view()) : query.bind_null();
}

void unpack_log(Database& database) {
    for (const Row& row : unpack(database, "SELECT key, bytes FROM main.log ORDER BY key")) {
        const LogRecord record = decode_log_record(row.record).value();
        const std::int64_t owner = row.key / kPositions;
        Query query = database.query("INSERT INTO temp.log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
        query.bind(owner / 4).bind(owner % 4).bind(row.key % kPositions);
        bind_entry(query, record);
        query.run().value();
    }
}

LogRecord entry_of(const Query& query) {
    switch (query.integer(3)) {
        case 0:
            return EnvelopeRef{query.number(4), static_cast<std::uint16_t>(query.integer(5)),
                               query.integer(6) != 0};
        case 1: return NoticeEntry{to_bytes(query.blob(7))};
        case 2: return MarkedEntry{to_bytes(query.blob(7))};
        default: break;
    }
    Tombstone stone{Digest::from(query.blob(7)), std::nullopt};
    if (!query.is_null(8)) stone.message = MessageId::from(query.blob(8));
    return stone;
}

void unpack_ends(Database& database) {
    Query ends = database.query("SELECT at, first, count FROM main.envelope_end");
    while (ends.row().value()) {
        for (std::uint64_t i = 0; i < ends.number(2); ++i) {
            Bytes key;
            append_u64(key, ends.number(1) + i);
            Query query = database.query("INSERT INTO temp.timer VALUES (3, ?, ?)");
            query.bind(ends.integer(0)).bind(key).run().value();
        }
    }
}

void pack_envelopes(Database& database) {
    database.execute("DELETE FROM main.envelope").value();
    Query query = database.query("SELECT * FROM temp.envelope ORDER BY number");
    while (query.row().value()) {
        const StoredEnvelope stored{
            to_bytes(query.blob(1)),
            {{query.integer(2)}, {query.number(3)}, {query.number(4)}, Digest::from(query.blob(5))},
            places_of(query.blob(6))};
        put(database, "INSERT INTO main.envelope VALUES (?, ?, ?)", query.integer(0),
            encode_stored(stored.bytes, stored.accepted, stored.places));
    }
}

void pack_log(Database& database) {
    database.execute("DELETE FROM main.log").value();
    Query query = database.query("SELECT * FROM temp.log");
    while (query.row().value()) {
        const std::int64_t owner = query.integer(0) * 4 + query.integer(1);
        put(database, "INSERT INTO main.log VALUES (?, ?, ?)",
            owner * kPositions + query.integer(2), encode_log_record(entry_of(query)));
    }
}

void pack_leaves(Database& database) {
    database.execute("DELETE FROM main.audit_leaf").value();
    Query query = database.query("SELECT position, bytes FROM temp.audit_leaf");
    while (query.row().value()) {
        put(database, "INSERT INTO main.audit_leaf VALUES (?, ?, ?)", query.integer(0),
            to_bytes(query.blob(1)));
    }
}

void pack_timers(Database& database) {
    database
        .execute(
            "DELETE FROM main.timer; DELETE FROM main.envelope_end;"
            "INSERT INTO main.timer (kind, at, key) SELECT kind, at, key FROM temp.timer"
            " WHERE kind <> 3")
        .value();
    Query query = database.query("SELECT at, key FROM temp.timer WHERE kind = 3");
    while (query.row().value()) {
        Query end = database.query("INSERT INTO main.envelope_end VALUES (?, ?, 1)");
        end.bind(query.integer(0)).bind(read_u64(query.blob(1))).run().value();
    }
}

}  // namespace

Unpacked::Unpacked(Database& database) : database_(database) {
    database_.execute(kTables).value();
    unpack_envelopes(database_);
    unpack_log(database_);
    unpack_ends(database_);
    for (const Row& row :
         unpack(database_, "SELECT key, bytes FROM main.audit_leaf ORDER BY key")) {
        Query query = database_.query("INSERT INTO temp.audit_leaf VALUES (?, ?)");
        query.bind(row.key).bind(row.record).run().value();
    }
}

Unpacked::~Unpacked() {
    database_
        .execute(
            "DROP TABLE temp.envelope; DROP TABLE temp.log; DROP TABLE temp.audit_leaf;"
            "DROP TABLE temp.timer")
        .value();
}

void Unpacked::pack() {
    pack_envelopes(database_);
    pack_log(database_);
    pack_leaves(database_);
    pack_timers(database_);
}

}  // namespace relais::broker
