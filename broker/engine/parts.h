// parts.h: what the engine's parts share, and the small services over it: kinds by digest, notices.
// Everything here belongs to the engine and lives as long as it.
#pragma once

#include <memory>

#include "broker/engine/auditor.h"
#include "broker/engine/broker_signer.h"
#include "broker/engine/day_counts.h"
#include "broker/engine/mailboxes.h"
#include "core/base/limits.h"
#include "schemas/envelope/notice.h"
#include "schemas/workflow/kind.h"

namespace relais::broker {

// Whether an error means that the step cannot be committed, rather than that a request is refused.
[[nodiscard]] bool fails_step(ErrorCode code);

// Kinds by digest, loaded from their bundles once.
class Kinds {
public:
    explicit Kinds(Store& store) : store_(store) {}
    // Errors: unknown_kind  no such bundle here; invalid_field  not a valid one.
    Result<std::shared_ptr<const workflow::Kind>> get(const Digest& digest);
    void forget_all() { loaded_.clear(); }

private:
    Store& store_;
    std::map<Digest, std::shared_ptr<const workflow::Kind>> loaded_;
};

// How much of attachments a station may leave here.
struct ChunkLimits {
    std::uint64_t envelope_bytes = limits::kAttachmentBytesDefault;  // padded, of one envelope
    std::uint64_t waiting_bytes = 256 << 20;                         // uploaded, not yet sent
    std::uint64_t kept_bytes = std::uint64_t{4} << 30;               // of envelopes that are kept
};

struct Parts {
    Store& store;
    Random& random;
    const Verifier& verifier;
    BrokerSigner& broker_signer;  // of notices and the health probe
    SharedDirectory& directory;
    TimeKeeper& time;
    MerkleLog& audit_log;
    MerkleLog& directory_log;
    Auditor& auditor;
    Mailboxes& mailboxes;
    Kinds& kinds;
    Incarnation& incarnation;
    DayCounts& days;

    [[nodiscard]] const directory::DirectoryState& state() const { return directory.mine(); }
    // Signs the notice, stamps its time and appends it to a mailbox.
    Result<void> post(const Address& mailbox, Lane lane, Notice notice);
};

[[nodiscard]] inline Leaf leaf_of(Event event) { return {.event = event}; }

}  // namespace relais::broker
