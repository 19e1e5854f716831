// erasures.h: erases messages on order, for good: their bytes, attachments and held boxes, every
// place where they stood; what is left is a tombstone, a leaf and a signed notice to each mailbox
// that had them. The notices are kept, and said again by stations or read from a journal after a
// restore, so that nothing that was erased comes back with a backup. Belongs to the engine.
#pragma once

#include <functional>

#include "broker/engine/chunk_keeper.h"

namespace relais::broker {

class Erasures {
public:
    Erasures(Parts& parts, ChunkKeeper& chunks) : parts_(parts), chunks_(chunks) {}

    // Erases what is stored under this id and was sent from that mailbox; absent: from the only one
    // that sent any. Within a transaction. The places where it stood. Errors: unknown_object
    // nothing is; erased  it was before; missing_field  several mailboxes sent a message of that
    // id, and it is to be said whose; those of the store.
    Result<std::vector<Place>> order(const MessageId& message, const std::optional<Address>& from,
                                     wire::ErasureReason reason);
    // What such a statement says. Errors: those of a notice that is not this broker's.
    [[nodiscard]] Result<Notice> judge(const Bytes& statement) const;
    // Does again what a notice of this broker once said: erases where the message is stored, and
    // keeps it from being accepted. Errors: malformed, invalid_field, bad_signature  none of ours.
    Result<std::vector<Place>> repeat(const Bytes& statement);
    // Adds what such a notice says to the store's own list, for repeat_all(). Errors: as repeat().
    Result<void> enter(const Bytes& statement);
    // Does again all that the store's own list says; after a restore.
    Result<void> repeat_all();
    // Says it again to the mailboxes of a message that was erased and is not here, which may have
    // it: a backup lacked it, and who was told before the restore is not known. Within a
    // transaction.
    Result<void> tell_again(const Envelope& envelope);

    // Notices of the step under way, for the journal.
    std::vector<Bytes> take_said() { return std::exchange(said_, {}); }
    void forget_said() { said_.clear(); }

private:
    struct Found {
        EnvelopeNumber number;
        StoredEnvelope stored;
        Envelope envelope;
    };
    Result<std::vector<Found>> find(const MessageId& message);
    Result<std::vector<Found>> find_of(const MessageId& message,
                                       const std::optional<Address>& from);
    Result<std::optional<StoredErasure>> first_order(
        const std::function<bool(const StoredErasure&)>& meant);
    Result<std::vector<Place>> erase(const Found& found, const Bytes& statement,
                                     const std::string& reason);

    Parts& parts_;
    ChunkKeeper& chunks_;
    std::vector<Bytes> said_;
};

}  // namespace relais::broker
