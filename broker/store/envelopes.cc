// envelopes.cc: stored envelopes and the answers kept for their ids.
#include "broker/store/record_codec.h"
#include "broker/store/sqlite_store.h"

namespace relais::broker {

Result<EnvelopeNumber> SqliteStore::add_envelope(const StoredEnvelope& envelope) {
    Query query = database_.query(
        "INSERT INTO envelope (bytes, accepted_ms, directory_size, leaf, leaf_hash, places)"
        " VALUES (?, ?, ?, ?, ?, ?)");
    const Bytes places = encode_places(envelope.places);
    const Accepted& accepted = envelope.accepted;
    query.bind(envelope.bytes).bind(accepted.time.ms).bind(accepted.directory_size.value);
    query.bind(accepted.leaf.value).bind(accepted.leaf_hash.view()).bind(places);
    RELAIS_TRY(query.run());
    return static_cast<EnvelopeNumber>(database_.last_row());
}

Result<StoredEnvelope> SqliteStore::envelope(EnvelopeNumber number) {
    Query query = database_.query(
        "SELECT bytes, accepted_ms, directory_size, leaf, leaf_hash, places FROM envelope"
        " WHERE number = ?");
    RELAIS_ASSIGN(const bool found, query.bind(number).row());
    if (!found) return fail(ErrorCode::not_found, "envelope " + std::to_string(number));
    if (query.blob(4).size() != Digest::kSize) return fail(ErrorCode::corrupt, "envelope");
    RELAIS_ASSIGN(auto places, decode_places(query.blob(5)));
    return StoredEnvelope{
        to_bytes(query.blob(0)),
        {{query.integer(1)}, {query.number(2)}, {query.number(3)}, Digest::from(query.blob(4))},
        std::move(places)};
}

Result<std::vector<Place>> SqliteStore::places(EnvelopeNumber number) {
    Query query = database_.query("SELECT places FROM envelope WHERE number = ?");
    RELAIS_ASSIGN(const bool found, query.bind(number).row());
    if (!found) return std::vector<Place>();
    return decode_places(query.blob(0));
}

Result<void> SqliteStore::set_places(EnvelopeNumber number, const std::vector<Place>& places) {
    Query query = database_.query("UPDATE envelope SET places = ? WHERE number = ?");
    const Bytes bytes = encode_places(places);
    return query.bind(bytes).bind(number).run();
}

Result<void> SqliteStore::remove_envelope(EnvelopeNumber number) {
    Query query = database_.query("DELETE FROM envelope WHERE number = ?");
    return query.bind(number).run();
}

Result<std::optional<Remembered>> SqliteStore::remembered(const MessageId& id,
                                                          const StationId& station) {
    Query query = database_.query(
        "SELECT digest, code, number, leaf, forget_at, detail FROM remembered"
        " WHERE id = ? AND station = ?");
    RELAIS_ASSIGN(const bool found, query.bind(id.view()).bind(station.view()).row());
    if (!found) return std::optional<Remembered>();
    if (query.blob(0).size() != Digest::kSize) return fail(ErrorCode::corrupt, "remembered");
    return std::optional<Remembered>(Remembered{Digest::from(query.blob(0)),
                                                static_cast<ErrorCode>(query.integer(1)),
                                                query.number(2),
                                                {query.number(3)},
                                                {query.integer(4)},
                                                std::string(query.text(5))});
}

Result<void> SqliteStore::remember(const MessageId& id, const StationId& station,
                                   const Remembered& answer) {
    Query query = database_.query(
        "INSERT INTO remembered (id, station, digest, code, number, leaf, forget_at, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query.bind(id.view()).bind(station.view()).bind(answer.envelope.view());
    query.bind(static_cast<int>(answer.code)).bind(answer.number).bind(answer.leaf.value);
    return query.bind(answer.forget_at.ms).bind(answer.detail).run();
}

Result<void> SqliteStore::forget(const MessageId& id, const StationId& station) {
    Query query = database_.query("DELETE FROM remembered WHERE id = ? AND station = ?");
    return query.bind(id.view()).bind(station.view()).run();
}

Result<std::vector<EnvelopeNumber>> SqliteStore::envelopes_of(const MessageId& id) {
    Query query = database_.query("SELECT number FROM remembered WHERE id = ? AND code = 0");
    query.bind(id.view());
    std::vector<EnvelopeNumber> numbers;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return numbers;
        numbers.push_back(query.number(0));
    }
}

}  // namespace relais::broker
