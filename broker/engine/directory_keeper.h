// directory_keeper.h: takes entries into the directory: applied by the shared rules, appended to
// the log, audited, its head signed at once.
#pragma once

#include "broker/engine/commands.h"
#include "broker/engine/parts.h"

namespace relais::broker {

class DirectoryKeeper {
public:
    explicit DirectoryKeeper(Parts& parts) : parts_(parts) {}

    // Rebuilds the state from the log. Its entries were verified when they came; here the log's
    // signed head vouches for them. Errors: corrupt.
    Result<void> load(const Name& domain, const Digest& authority);

    // All entries or none. A station appends to its own organisation's chain; the registrar's
    // socket to any: signatures decide. Errors: forbidden; those of DirectoryState::apply;
    // unknown_key  the domain would have a broker key that is not here; unknown_kind and
    // invalid_field  of a kind whose bundle is missing or bad; unknown_object  of a pack whose
    // manifest or parts are not here; those that fail the step.
    Result<void> append(const Input& input, const std::vector<Bytes>& entries);
    // After a restore: entries that the log held before, of any chain. A head that the log signed
    // then must cover them. What is here already is passed over. Errors: wrong_position;
    // note_invalid; inconsistent_log, proof_invalid  the head is of another log; those of
    // DirectoryState::apply.
    Result<void> restore(const Input& input, const wire::OfferAgain& offer);
    // Stores a kind's bundle, or a file of a reference pack, which an entry may then publish. Only
    // stations of the anchor and the registrar's socket may. Errors: forbidden, too_large, and
    // those of Kind::load and of bundles::load_forms; malformed  a file that begins as a pack's and
    // is none. `restoring`: and whoever holds the bytes of one that is published.
    Result<void> publish_bundle(const Input& input, const Bytes& bundle, bool restoring);

private:
    Result<void> judge_chain(const Input& input, const directory::SignedEntry& entry) const;
    Result<void> judge_restored(const std::vector<Bytes>& lacking, const wire::OfferAgain& offer);
    Result<void> judge_broker_key(const directory::SignedEntry& entry) const;
    Result<void> judge_kind(const directory::SignedEntry& entry);
    Result<void> judge_pack(const directory::SignedEntry& entry);
    Result<bool> is_published(const Digest& digest);
    Result<void> write(const Input& input, const directory::SignedEntry& entry);

    Parts& parts_;
};

}  // namespace relais::broker
