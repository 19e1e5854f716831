// again.cc: what a station keeps for a broker that may be restored from a backup: notices of
// erasures, which it says again, and the acceptance of what it sent.
#include "clients/station/store/station_store.h"
#include "schemas/envelope/envelope.h"

namespace relais::station {

// What was sent goes where it is what stands under that header: another station's message may have
// the same id. So does the row of attachments, which is the id's, once no envelope of it is left.
// The bytes of the row's former text are overwritten in the file.
Result<void> StationStore::erase_message(const MessageId& message, const Digest& header) {
    RELAIS_TRY(erased_bytes_.erased());
    RELAIS_ASSIGN(const auto entries, entries_of_message(message));
    for (const StoredEntry& entry : entries) {
        if (entry.digest != header) continue;
        if (!std::holds_alternative<EnvelopeEntry>(entry.delivery.entry)) continue;
        RELAIS_TRY(bury(entry));
    }
    RELAIS_ASSIGN(const auto sent, outgoing(message));
    bool kept = false;
    if (sent) {
        const auto envelope = Envelope::parse(Bytes(sent->envelope));
        kept = envelope.ok() && envelope->digest() != header;
    }
    if (sent && !kept) {
        Query query = database_.query("DELETE FROM outgoing WHERE message = ?");
        RELAIS_TRY(query.bind(message.view()).run());
    }
    for (const StoredEntry& entry : entries) {
        const bool envelope = std::holds_alternative<EnvelopeEntry>(entry.delivery.entry);
        kept = kept || (envelope && entry.digest != header);
    }
    return kept ? Result<void>{} : remove_attachment(message);
}

Result<void> StationStore::add_erasure(const Digest& header, const Bytes& statement) {
    Query query = database_.query("INSERT OR IGNORE INTO erasure (header, sealed) VALUES (?, ?)");
    const Bytes sealed = sealer_.seal("erasure", header.view(), statement);
    return query.bind(header.view()).bind(sealed).run();
}

Result<bool> StationStore::has_erasure(const Digest& header) {
    Query query = database_.query("SELECT 1 FROM erasure WHERE header = ?");
    return query.bind(header.view()).row();
}

Result<std::vector<Bytes>> StationStore::erasures() {
    Query query = database_.query("SELECT header, sealed FROM erasure ORDER BY rowid");
    std::vector<Bytes> statements;
    for (;;) {
        RELAIS_ASSIGN(const bool more, query.row());
        if (!more) return statements;
        RELAIS_ASSIGN(Bytes statement, sealer_.open("erasure", query.blob(0), query.blob(1)));
        statements.push_back(std::move(statement));
    }
}

Result<void> StationStore::keep_accepted(const MessageId& message, ErrorCode code) {
    Query query = database_.query("UPDATE outgoing SET state = 1, code = ? WHERE message = ?");
    return query.bind(static_cast<int>(code)).bind(message.view()).run();
}

Result<void> StationStore::offer_lacking_again() {
    Query query = database_.query("UPDATE outgoing SET state = 0 WHERE state = 1 AND code = ?");
    return query.bind(static_cast<int>(ErrorCode::not_restored_yet)).run();
}

Result<std::size_t> StationStore::count_not_taken_up_unnoted() {
    Query query = database_.query(
        "SELECT COUNT(*) FROM outgoing WHERE state = 1 AND code <> 0 AND noted = 0");
    RELAIS_TRY(query.row());
    return std::size_t{query.number(0)};
}

}  // namespace relais::station
