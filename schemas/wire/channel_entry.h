// channel_entry.h: what stands in a mailbox: an envelope with the reader's key box, a notice of the
// broker, a mark of a colleague, or the tombstone of an erased entry.
#pragma once

#include <optional>
#include <variant>

#include "schemas/envelope/envelope.h"

namespace relais {

// Where and when the broker recorded an envelope; validity is judged at `directory_size`.
struct Accepted {
    WallTime time;
    DirectorySize directory_size;
    LeafIndex leaf;
    Digest leaf_hash;
};

struct EnvelopeEntry {
    SignedHeader header;
    Bytes content;
    KeyBox box;
    Accepted accepted;
    bool old_epoch = false;
    std::vector<Digest> chunks{};
};
struct NoticeEntry {
    Bytes statement;
};
struct MarkedEntry {
    Bytes statement;
};
struct Tombstone {
    Digest digest;
    std::optional<MessageId> message;
};

using ChannelEntry = std::variant<EnvelopeEntry, NoticeEntry, MarkedEntry, Tombstone>;

// What a DeliveredStatement's tree holds for it; a tombstone has the digest of what it replaces.
[[nodiscard]] Digest entry_digest(const ChannelEntry& entry);

}  // namespace relais
