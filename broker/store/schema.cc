#include "broker/store/schema.h"

namespace relais::broker {

namespace {

// Keys that rise with time (envelope numbers, UUIDv7, leaf indexes, deadlines) keep inserts at the
// end of their tables. An envelope's bytes stand once; mailboxes refer to them.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE value (
    name TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE channel (
    id INTEGER PRIMARY KEY,
    mailbox TEXT NOT NULL UNIQUE
);

-- Three sequences of records, packed (packed_rows.h). The key's upper bits are the lane of a
-- mailbox, the others the position of the first record.
CREATE TABLE envelope (
    key INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE TABLE log (
    key INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE TABLE audit_leaf (
    key INTEGER PRIMARY KEY,
    count INTEGER NOT NULL,
    bytes BLOB NOT NULL
);

CREATE TABLE remembered (
    id BLOB NOT NULL,
    station BLOB NOT NULL,
    digest BLOB NOT NULL,
    code INTEGER NOT NULL,
    number INTEGER NOT NULL,
    leaf INTEGER NOT NULL,
    forget_at INTEGER NOT NULL,
    detail TEXT NOT NULL,        -- of a refusal
    PRIMARY KEY (id, station)
) WITHOUT ROWID;

CREATE TABLE counter (
    station BLOB NOT NULL,
    channel INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (station, channel, lane)
) WITHOUT ROWID;

CREATE TABLE cursor (
    channel INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    station BLOB NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (channel, lane, station)
) WITHOUT ROWID;

CREATE TABLE thread (
    id BLOB PRIMARY KEY,
    record BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE timer (
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (kind, at, key)
) WITHOUT ROWID;

-- Envelopes that end at the same time: most that were accepted together do.
CREATE TABLE envelope_end (
    at INTEGER NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, first)
) WITHOUT ROWID;

CREATE TABLE held (
    thread BLOB NOT NULL,
    condition INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    old_epoch INTEGER NOT NULL,
    PRIMARY KEY (thread, condition, channel, number)
) WITHOUT ROWID;
CREATE INDEX held_by_envelope ON held (number);

CREATE TABLE directory_entry (
    position INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL,
    committed_ms INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE tile (
    key INTEGER PRIMARY KEY,     -- log, level and index packed (logs.cc)
    hashes BLOB NOT NULL
);

CREATE TABLE checkpoint (
    log INTEGER NOT NULL,
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (log, size)
) WITHOUT ROWID;

CREATE TABLE bundle (
    digest BLOB PRIMARY KEY,
    bytes BLOB NOT NULL
);

CREATE TABLE invitation (
    locator BLOB PRIMARY KEY,
    purpose INTEGER NOT NULL,
    organisation TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE proposal (
    locator BLOB NOT NULL,
    digest BLOB NOT NULL,
    payload BLOB NOT NULL,
    mac BLOB NOT NULL,
    decided INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    answer_mac BLOB NOT NULL,
    PRIMARY KEY (locator, digest)
) WITHOUT ROWID;
)sql";

// Attachments. A row names a chunk whose file is durable: of a station that has not sent the
// envelope yet, or of a stored envelope. `chunk_usage` is their sums by station.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE chunk_upload (
    station BLOB NOT NULL,
    digest BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (station, digest)
) WITHOUT ROWID;
CREATE INDEX chunk_upload_by_time ON chunk_upload (at);
CREATE INDEX chunk_upload_by_digest ON chunk_upload (digest);

CREATE TABLE chunk_ref (
    number INTEGER NOT NULL,     -- envelope
    position INTEGER NOT NULL,
    digest BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    station BLOB NOT NULL,       -- that uploaded it
    PRIMARY KEY (number, position)
) WITHOUT ROWID;
CREATE INDEX chunk_ref_by_digest ON chunk_ref (digest);

CREATE TABLE chunk_usage (
    station BLOB PRIMARY KEY,
    waiting INTEGER NOT NULL,
    kept INTEGER NOT NULL
) WITHOUT ROWID;
)sql";

// What was erased on order, never forgotten: after a restore it is erased again.
constexpr const char* kErasures = R"sql(
CREATE TABLE erasure (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    header BLOB NOT NULL UNIQUE,
    message BLOB NOT NULL,
    statement BLOB NOT NULL
);
)sql";

// Registers: each value that a key ever had. A reader asks for them in order, the engine for the
// last one of a key.
constexpr const char* kRegisters = R"sql(
CREATE TABLE register_entry (
    name TEXT NOT NULL,          -- "<kind>/<register>"
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    value INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (name, position)
) WITHOUT ROWID;
CREATE INDEX register_entry_by_key ON register_entry (name, key, position);
)sql";

// Steps by which mailboxes are told outside that something waits. Few at a time: each goes when it
// was carried out, or is not wanted any more.
constexpr const char* kRings = R"sql(
CREATE TABLE ring (
    thread BLOB NOT NULL,
    channel INTEGER NOT NULL,
    step INTEGER NOT NULL,
    message BLOB NOT NULL,
    number INTEGER NOT NULL,     -- of its envelope
    lane INTEGER NOT NULL,
    clock INTEGER NOT NULL,
    party INTEGER NOT NULL,      -- -1: none
    ends_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    under_way INTEGER NOT NULL,
    PRIMARY KEY (thread, channel, step)
) WITHOUT ROWID;
CREATE INDEX ring_by_time ON ring (under_way, due_at);
)sql";

// Key boxes of delegates, by whom they are for: what is handed over when an absence begins.
constexpr const char* kAbsences = R"sql(
CREATE INDEX held_by_delegate ON held (channel, thread) WHERE condition = 3;
)sql";

// What members of groups did in a thread, for figures. A row each: an alert has as many answers as
// members, and its own record is written with every act.
constexpr const char* kMemberSteps = R"sql(
CREATE TABLE member_step (
    thread BLOB NOT NULL,
    channel INTEGER NOT NULL,
    step INTEGER NOT NULL,       -- of this member, from 0
    record BLOB NOT NULL,
    PRIMARY KEY (thread, channel, step)
) WITHOUT ROWID;
)sql";

// Reconciliation: what each day of a mailbox came to, as the broker counts and as stations state.
constexpr const char* kDays = R"sql(
CREATE TABLE day_held (
    channel INTEGER NOT NULL,
    day INTEGER NOT NULL,        -- since 1970-01-01
    count INTEGER NOT NULL,      -- of messages accepted that day, in the mailbox
    changed INTEGER NOT NULL,    -- the day of the last change but those before a statement
    before INTEGER NOT NULL,     -- the count until then
    PRIMARY KEY (channel, day)
) WITHOUT ROWID;

CREATE TABLE day_sent (
    channel INTEGER NOT NULL,
    day INTEGER NOT NULL,
    station BLOB NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (channel, day, station)
) WITHOUT ROWID;

CREATE TABLE day_stated (
    channel INTEGER NOT NULL,
    day INTEGER NOT NULL,
    station BLOB NOT NULL,
    sent INTEGER NOT NULL,
    held INTEGER NOT NULL,
    times INTEGER NOT NULL,
    leaf INTEGER NOT NULL,       -- of the last statement
    PRIMARY KEY (channel, day, station)
) WITHOUT ROWID;

-- When a station was last known to be connected for a mailbox.
CREATE TABLE mailbox_seen (
    channel INTEGER NOT NULL,
    station BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (channel, station)
) WITHOUT ROWID;
)sql";

// Rings that are due and have no room, lane by lane, in the order in which they go. `under_way` is
// their stage: 0 planned, 1 under way, 2 waiting.
constexpr const char* kRingsThatWait = R"sql(
ALTER TABLE ring ADD COLUMN receiver TEXT NOT NULL DEFAULT '';      -- known once it is due
ALTER TABLE ring ADD COLUMN organisation TEXT NOT NULL DEFAULT '';
CREATE INDEX ring_waiting ON ring (lane, due_at, receiver, organisation) WHERE under_way = 2;
)sql";

}  // namespace

std::vector<Migration> store_migrations() {
    return {[](Database& database) { return database.execute(kVersion1); },
            [](Database& database) { return database.execute(kVersion2); },
            [](Database& database) { return database.execute(kErasures); },
            [](Database& database) { return database.execute(kRegisters); },
            [](Database& database) { return database.execute(kRings); },
            [](Database& database) { return database.execute(kAbsences); },
            [](Database& database) { return database.execute(kMemberSteps); },
            [](Database& database) { return database.execute(kDays); },
            [](Database& database) { return database.execute(kRingsThatWait); }};
}

}  // namespace relais::broker
