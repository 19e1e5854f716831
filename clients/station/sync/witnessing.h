// witnessing.h: a station as a witness: cosigns heads of both logs, each only once it has verified
// the log's signature, that it continues every head that this station cosigned before, and, for the
// directory, that it is the head of the replica. What it cosigned is stored in the transaction
// whose commit lets the cosignature leave, so that it never vouches for two histories, whatever
// breaks.
//
// Sans-io, confined to the station's thread.
#pragma once

#include <array>
#include <optional>

#include "clients/station/sync/contradictions.h"
#include "clients/station/sync/identity.h"
#include "clients/station/sync/replica.h"
#include "core/merkle/checkpoint.h"

namespace relais::station {

// The head of a log that this station last held the broker to, as a reader; empty: none yet.
Result<std::string> known_head(StationStore& store, const std::string& origin);
Result<void> set_known_head(StationStore& store, const std::string& origin,
                            const std::string& note);

class Witnessing {
public:
    Witnessing(StationStore& store, const Identity& identity, StationKeys& keys, Replica& replica)
        : store_(store), identity_(identity), keys_(keys), replica_(replica) {}

    void disconnected();
    // The audit log's name since the broker was restored; empty: never. A log of another name is
    // cosigned from its beginning: that it says what it lost is for readers to judge.
    void set_audit_origin(std::string origin) { audit_origin_ = std::move(origin); }
    // What to say to begin, once a connection; absent where this station is no witness.
    Result<std::optional<wire::FollowCheckpoints>> begin();
    // The broker says that it never signed heads of these sizes: it has less than it had.
    // Kept as a contradiction of each head that it was asked to continue from.
    Result<void> gone_back(WallTime wall);
    // A head to cosign, kept until cosign() takes it; the last of each log.
    void given(wire::NewCheckpoint push);
    // The lines for what was given: at most one of a log every limits::kCosignEvery. A head beyond
    // the replica waits for it. Within a transaction. Errors: inconsistent_log  the broker
    // contradicts itself, both heads kept; note_invalid, malformed  no head of the log; the
    // store's.
    Result<std::vector<wire::Cosign>> cosign(WallTime wall, BootTime now);
    // Whether this station cosigns in this connection.
    [[nodiscard]] bool following() const { return begun_; }

private:
    struct Given {
        std::optional<wire::NewCheckpoint> head;
        std::optional<BootTime> last;  // when the last line left
    };
    Result<std::optional<wire::Cosign>> cosign(const wire::NewCheckpoint& push, WallTime wall);
    Result<void> check_continues(const wire::NewCheckpoint& push,
                                 const merkle::VerifiedCheckpoint& head,
                                 const merkle::LogTrust& trust, WallTime wall);
    [[nodiscard]] Result<merkle::LogTrust> trust(wire::LogName log) const;
    Result<void> contradicted(const std::string& about, const std::string& first,
                              const std::string& second, WallTime wall);
    [[nodiscard]] Result<std::uint64_t> size_cosigned(wire::LogName log);

    StationStore& store_;
    const Identity& identity_;
    StationKeys& keys_;
    Replica& replica_;
    bool begun_ = false;
    std::string audit_origin_;
    std::array<Given, 2> given_;  // audit, directory
};

}  // namespace relais::station
