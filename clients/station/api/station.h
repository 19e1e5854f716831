// station.h: a station of an organisation, as a software vendor embeds it: open its folder, connect
// it, give it turns, and use what stands beside this header: compose.h to send, threads.h to read,
// registrar.h for the organisation's entries, proofs.h for evidence, enrol.h to begin.
//
// Everything works without a connection: what is to be sent is queued durably, what was received
// stays readable. One process connects at a time (connect() takes a lock); others may open the same
// folder beside it, read, and queue. Not thread-safe.
#pragma once

#include <filesystem>
#include <optional>

#include "clients/station/link/link.h"
#include "clients/station/sync/pack_shelf.h"
#include "clients/station/sync/sync.h"
#include "core/base/system.h"
#include "core/files/lock.h"
#include "core/identifiers/ins_transmission.h"

namespace relais::station {

// How long what the broker is asked in the course of a command may take.
inline constexpr std::chrono::seconds kAnswerPatience{30};
// How often what others have yet to do is looked for again.
inline constexpr std::chrono::milliseconds kAskAgain{500};

// Files of a station's folder.
struct StationFolder {
    std::filesystem::path path;
    [[nodiscard]] std::filesystem::path vault() const { return path / "vault.json"; }
    [[nodiscard]] std::filesystem::path database() const { return path / "station.db"; }
    [[nodiscard]] std::filesystem::path chunks() const { return path / "attachments"; }
    [[nodiscard]] std::filesystem::path link_lock() const { return path / "link.lock"; }
};

class Station {
public:
    // Errors: not_found  no enrolled station there; wrong_passphrase; wrong_permissions; corrupt.
    static Result<std::unique_ptr<Station>> open(const StationFolder& folder,
                                                 const Secret& passphrase);

    // Begins to connect, and goes on trying with growing pauses. Errors: locked  another process of
    // this station is connected: it will send what is queued here.
    Result<void> connect();
    [[nodiscard]] bool connected() const;

    // One turn: what arrived is stored, acknowledged, answered; what is queued is sent. Waits at
    // most `patience` for something to happen (or for `extra`, a descriptor, to be readable).
    // Errors: the store's; an alarm of the broker (inconsistent_log, chain_broken, ...): stop using
    // it; revoked, suspended, superseded  the broker ended this station's session; unknown_key  it
    // does not let it in (any more).
    // Gives what happened since it last gave something: also what did while synchronise(), ask() or
    // append() took the turns, or in a turn that failed.
    Result<SyncEvents> turn(std::chrono::milliseconds patience, int extra = -1);
    // Turns until nothing waits. Errors: as turn; unreachable  not in time; busy  not in time since
    // the service takes none of what waits for now, and the detail says why in French.
    Result<void> synchronise(std::chrono::milliseconds patience);
    // Turns until the reply is there. A Refusal becomes an error.
    Result<wire::Body> ask(wire::Body request, std::chrono::milliseconds patience);
    // Appends entries to the directory and waits until the replica holds them.
    Result<void> append(const std::vector<directory::SignedEntry>& entries,
                        std::chrono::milliseconds patience);

    [[nodiscard]] const StationFolder& folder() const { return folder_; }
    [[nodiscard]] const Identity& identity() const { return identity_; }
    [[nodiscard]] const directory::DirectoryState& directory() const { return replica_.state(); }
    [[nodiscard]] const directory::StationRecord* self() const;
    [[nodiscard]] Replica& replica() { return replica_; }
    [[nodiscard]] StationStore& store() { return *store_; }
    [[nodiscard]] ChunkShelf& chunks() { return chunks_; }
    [[nodiscard]] KindShelf& kinds() { return kinds_; }
    [[nodiscard]] const PackShelf& packs() const { return packs_; }
    [[nodiscard]] Keyring& keyring() { return keyring_; }
    [[nodiscard]] Judge& judge() { return judge_; }
    [[nodiscard]] Vault& vault() { return vault_; }
    [[nodiscard]] StationKeys& keys() { return keys_; }
    [[nodiscard]] Sync& sync() { return sync_; }
    [[nodiscard]] Random& random() { return random_; }
    [[nodiscard]] const Verifier& verifier() const { return verifier_; }
    [[nodiscard]] WallTime now() { return clock_.read().wall; }
    [[nodiscard]] BootTime boot_time() { return clock_.read().boot; }  // only ever goes on
    [[nodiscard]] InsEnvironment environment() const;
    // Entries that other processes of this station may have added to the replica since.
    Result<void> refresh();

private:
    Station(StationFolder folder, Vault vault, Identity identity, StationKeys keys,
            std::unique_ptr<StationStore> store);
    // One turn; what happened in it, which stays to be told.
    Result<SyncEvents> take_turn(std::chrono::milliseconds patience, int extra = -1);
    Result<void> take_arrivals(const Link::Arrivals& arrivals);
    Result<void> forget_unkept();
    [[nodiscard]] bool send_frames();
    Result<void> tidy_if_due();  // once a day, however long this process runs
    Result<void> reconnect_if_due();
    void break_link();

    StationFolder folder_;
    SystemRandom random_;
    SystemClock clock_;
    P256Verifier verifier_;
    Vault vault_;
    Identity identity_;
    StationKeys keys_;
    std::unique_ptr<StationStore> store_;
    ChunkShelf chunks_;
    Replica replica_;
    KindShelf kinds_;
    PackShelf packs_;
    Keyring keyring_;
    Judge judge_;
    Sync sync_;
    SyncEvents untold_;  // what no turn() has given yet
    std::optional<FileLock> link_lock_;
    std::unique_ptr<Link> link_;
    bool link_up_ = false;
    int failures_ = 0;
    BootTime connect_at_{};
    BootTime tidy_at_{};
};

// What a database of a station is opened with.
Result<std::unique_ptr<StationStore>> open_store(const StationFolder& folder, const Vault& vault,
                                                 Database::Mode mode, Random& random);

}  // namespace relais::station
