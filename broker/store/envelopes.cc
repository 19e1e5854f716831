// envelopes.cc: stored envelopes and the answers kept for their ids.
#include "broker/store/record_codec.h"
#include "broker/store/sqlite_store.h"
#include "core/merkle/tree.h"

namespace relais::broker {

Result<EnvelopeNumber> SqliteStore::add_envelope(ByteView bytes, const Accepted& accepted,
                                                 const std::vector<Place>& places) {
    RELAIS_ASSIGN(const auto end, envelopes_.end(0));
    const EnvelopeNumber number = end.value_or(1);
    const Bytes before = encode_stored_front(accepted, places);
    RELAIS_TRY(envelopes_.append(0, number, before, bytes));
    return number;
}

Result<StoredEnvelope> SqliteStore::envelope(EnvelopeNumber number) {
    RELAIS_ASSIGN(const ByteView record, envelopes_.get(0, number));
    if (record.empty()) return fail(ErrorCode::not_found, "envelope " + std::to_string(number));
    RELAIS_ASSIGN(StoredEnvelope stored, decode_stored(record));
    // The hash of its leaf is the leaf's own: it is not kept twice.
    RELAIS_ASSIGN(const ByteView leaf, leaves_.get(0, stored.accepted.leaf.value));
    if (leaf.empty()) return fail(ErrorCode::corrupt, "leaf of an envelope");
    stored.accepted.leaf_hash = merkle::leaf_hash(leaf);
    return stored;
}

Result<std::vector<Place>> SqliteStore::places(EnvelopeNumber number) {
    RELAIS_ASSIGN(const ByteView record, envelopes_.get(0, number));
    if (record.empty()) return std::vector<Place>();
    RELAIS_ASSIGN(StoredEnvelope stored, decode_stored(record));
    return std::move(stored.places);
}

Result<void> SqliteStore::set_places(EnvelopeNumber number, const std::vector<Place>& places) {
    RELAIS_ASSIGN(StoredEnvelope stored, envelope(number));
    return envelopes_.replace(0, number, encode_stored(stored.bytes, stored.accepted, places));
}

Result<void> SqliteStore::remove_envelope(EnvelopeNumber number) {
    return envelopes_.replace(0, number, {});
}

Result<EnvelopeTag> tag_at(ByteView stored) {
    if (stored.size() != EnvelopeTag::kSize && stored.size() != Digest::kSize) {
        return fail(ErrorCode::corrupt, "remembered");
    }
    return EnvelopeTag::from(stored.first(EnvelopeTag::kSize));
}

Result<std::optional<Remembered>> SqliteStore::remembered(const MessageId& id,
                                                          const StationId& station) {
    if (const Remembered* pending = remembered_.find({id, station})) return std::optional(*pending);
    Query query = database_.query(
        "SELECT digest, code, number, leaf, forget_at, detail FROM remembered"
        " WHERE id = ? AND station = ?");
    RELAIS_ASSIGN(const bool found, query.bind(id.view()).bind(station.view()).row());
    if (!found) return std::optional<Remembered>();
    RELAIS_ASSIGN(const EnvelopeTag tag, tag_at(query.blob(0)));
    return std::optional<Remembered>(Remembered{tag,
                                                static_cast<ErrorCode>(query.integer(1)),
                                                query.number(2),
                                                {query.number(3)},
                                                {query.integer(4)},
                                                std::string(query.text(5))});
}

Result<void> SqliteStore::remember(const MessageId& id, const StationId& station,
                                   const Remembered& answer) {
    remembered_.put({id, station}, answer);
    return {};
}

Result<void> SqliteStore::write_remembered(const MessageId& id, const StationId& station,
                                           const Remembered& answer) {
    Query query = database_.query(
        "INSERT INTO remembered (id, station, digest, code, number, leaf, forget_at, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    query.bind(id.view()).bind(station.view()).bind(answer.envelope.view());
    query.bind(static_cast<int>(answer.code)).bind(answer.number).bind(answer.leaf.value);
    return query.bind(answer.forget_at.ms).bind(answer.detail).run();
}

Result<void> SqliteStore::forget(const MessageId& id, const StationId& station) {
    remembered_.drop({id, station});
    Query query = database_.query("DELETE FROM remembered WHERE id = ? AND station = ?");
    return query.bind(id.view()).bind(station.view()).run();
}

Result<std::vector<EnvelopeNumber>> SqliteStore::envelopes_of(const MessageId& id) {
    RELAIS_TRY(flush_remembered());
    Query query = database_.query("SELECT number FROM remembered WHERE id = ? AND code = 0");
    query.bind(id.view());
    std::vector<EnvelopeNumber> numbers;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return numbers;
        numbers.push_back(query.number(0));
    }
}

Result<void> SqliteStore::flush_remembered() {
    return remembered_.flush([this](const auto& key, const Remembered& answer) {
        return write_remembered(key.first, key.second, answer);
    });
}

}  // namespace relais::broker
