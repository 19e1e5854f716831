// witnessing.h: a station as a witness: cosigns heads of both logs, each only once it has verified
// the log's signature, that it continues every head that this station cosigned before, and, for the
// directory, that it is the head of the replica. Where the audit log has another name, since its
// broker was restored, it first has to own up to what this station cosigned of it. What it cosigned
// is stored in the transaction whose commit lets the cosignature leave, so that it never vouches
// for two histories, whatever breaks.
//
// Sans-io, confined to the station's thread.
#pragma once

#include <array>
#include <optional>

#include "clients/station/sync/contradictions.h"
#include "clients/station/sync/identity.h"
#include "clients/station/sync/replica.h"
#include "clients/station/sync/restored_log.h"
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

    // Nothing is cosigned until begin() has said again from where.
    void disconnected();
    // The audit log's name since the broker was restored; empty: never.
    void set_audit_origin(std::string origin);
    // The last head of the audit log that this station cosigned, whatever its name; empty: none.
    [[nodiscard]] Result<std::string> last_cosigned();
    // Whether the audit log has another name than what this station cosigned last, and it has not
    // been judged yet what it says that it lost: nothing begins before.
    [[nodiscard]] Result<bool> loss_is_unjudged();
    // Holds that against what this station cosigned: kept by the backup, or cited as lost. Errors:
    // inconsistent_log  it is neither, both kept, and nothing is cosigned under this name; those
    // of told_loss().
    Result<void> judge_loss(const wire::Proof& proof, WallTime wall);
    // What to say to begin, once a connection; absent where this station is no witness.
    Result<std::optional<wire::FollowCheckpoints>> begin();
    // The broker says that it never signed heads of these sizes: it has less than it had.
    // Kept as a contradiction of each head that it was asked to continue from.
    Result<void> gone_back(WallTime wall);
    // A head to cosign, kept until cosign() takes it; the last of each log.
    void given(wire::NewCheckpoint push);
    // The lines for what was given: at most one of a log every limits::kCosignEvery. A head beyond
    // the replica waits for it. A proof that does not begin at what was cosigned last says nothing,
    // of an honest broker or of another: it is dropped, and following() ends. Within a transaction.
    // Errors: inconsistent_log  the broker contradicts itself, both heads kept; note_invalid,
    // malformed  no head of the log; the store's.
    Result<std::vector<wire::Cosign>> cosign(WallTime wall, BootTime now);
    // Whether this station cosigns in this connection.
    [[nodiscard]] bool following() const { return begun_; }

private:
    struct Given {
        std::optional<wire::NewCheckpoint> head;
        std::optional<BootTime> last;  // when the last line left
    };
    Result<std::optional<wire::Cosign>> cosign(const wire::NewCheckpoint& push, WallTime wall);
    // Errors: inconsistent_log; wrong_position  the proof does not begin where it should.
    Result<void> check_continues(const wire::NewCheckpoint& push,
                                 const merkle::VerifiedCheckpoint& head,
                                 const merkle::LogTrust& trust, WallTime wall);
    [[nodiscard]] Result<merkle::LogTrust> trust(wire::LogName log) const;
    [[nodiscard]] Result<merkle::LogTrust> trust_of(wire::LogName log, std::string_view note) const;
    // What the next head has to continue; empty: nothing.
    [[nodiscard]] Result<std::string> to_continue(wire::LogName log, const std::string& origin);
    [[nodiscard]] bool is_witness() const;
    Result<void> contradicted(const std::string& about, const std::string& first,
                              const std::string& second, WallTime wall);
    [[nodiscard]] Result<std::uint64_t> size_cosigned(wire::LogName log);

    StationStore& store_;
    const Identity& identity_;
    StationKeys& keys_;
    Replica& replica_;
    bool begun_ = false;
    std::string audit_origin_;
    bool loss_judged_ = false;
    std::string kept_;  // what this station cosigned under a former name, which the backup had
    std::array<Given, 2> given_;  // audit, directory
};

}  // namespace relais::station
