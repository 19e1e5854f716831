// attachments.cc: which messages have sealed chunks in the station's folder, and why. A row's text:
// the sizes, 4 bytes each; before them, where one is named, kNamed and the header's digest, which
// no row of before has the length of.
#include "clients/station/store/ids.h"
#include "clients/station/store/station_store.h"

namespace relais::station {

namespace {

constexpr std::uint8_t kNamed = 1;
constexpr std::size_t kNamedBytes = 1 + Digest::kSize;

}  // namespace

Result<void> StationStore::put_attachment(const StoredAttachment& attachment) {
    Bytes plain;
    if (attachment.header) {
        plain.push_back(kNamed);
        append(plain, attachment.header->view());
    }
    for (const std::uint32_t size : attachment.sizes) append_u32(plain, size);
    Query query = database_.query(
        "INSERT OR REPLACE INTO attachment (message, state, sealed) VALUES (?, ?, ?)");
    const Bytes sealed = sealer_.seal("attachment", attachment.message.view(), plain);
    query.bind(attachment.message.view()).bind(static_cast<int>(attachment.state));
    return query.bind(sealed).run();
}

Result<std::optional<StoredAttachment>> StationStore::attachment(const MessageId& message) {
    Query query = database_.query("SELECT state, sealed FROM attachment WHERE message = ?");
    RELAIS_ASSIGN(const bool found, query.bind(message.view()).row());
    if (!found) return std::optional<StoredAttachment>();
    RELAIS_ASSIGN(const Bytes plain, sealer_.open("attachment", message.view(), query.blob(1)));
    StoredAttachment stored{message, static_cast<AttachmentState>(query.integer(0)), {}};
    ByteView rest = plain;
    if (rest.size() % sizeof(std::uint32_t) != 0) {
        if (rest.size() < kNamedBytes || rest[0] != kNamed) {
            return fail(ErrorCode::corrupt, "attachment");
        }
        stored.header = Digest::from(rest.subspan(1, Digest::kSize));
        rest = rest.subspan(kNamedBytes);
    }
    while (rest.size() >= sizeof(std::uint32_t)) {
        stored.sizes.push_back(read_u32(rest));
        rest = rest.subspan(sizeof(std::uint32_t));
    }
    return std::optional<StoredAttachment>(std::move(stored));
}

Result<std::vector<MessageId>> StationStore::attachments_with(AttachmentState state) {
    Query query = database_.query("SELECT message FROM attachment WHERE state = ?");
    query.bind(static_cast<int>(state));
    return read_ids<MessageId>(query, "attachment");
}

Result<std::vector<MessageId>> StationStore::stray_attachments() {
    Query query = database_.query(
        "SELECT message FROM attachment AS held"
        " WHERE NOT EXISTS (SELECT 1 FROM outgoing WHERE message = held.message)"
        " AND NOT EXISTS (SELECT 1 FROM entry WHERE message = held.message AND type = ?)");
    query.bind(static_cast<int>(ChannelEntry(EnvelopeEntry{}).index()));
    return read_ids<MessageId>(query, "attachment");
}

Result<void> StationStore::remove_attachment(const MessageId& message) {
    Query query = database_.query("DELETE FROM attachment WHERE message = ?");
    return query.bind(message.view()).run();
}

}  // namespace relais::station
