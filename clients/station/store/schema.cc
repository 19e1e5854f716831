#include "clients/station/store/schema.h"

namespace relais::station {

namespace {

// Clear: random ids, positions, states. Everything else is sealed; `mailbox` is a blind tag.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE value (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE directory (
    position INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
);

CREATE TABLE bundle (
    digest BLOB PRIMARY KEY,
    sealed BLOB NOT NULL
);

CREATE TABLE epoch (
    mailbox BLOB NOT NULL,
    number INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (mailbox, number)
) WITHOUT ROWID;

CREATE TABLE lane (
    mailbox BLOB NOT NULL,
    lane INTEGER NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (mailbox, lane)
) WITHOUT ROWID;

CREATE TABLE entry (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox BLOB NOT NULL,
    incarnation BLOB NOT NULL,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest BLOB NOT NULL,
    type INTEGER NOT NULL,
    thread BLOB,
    message BLOB,
    status INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (mailbox, incarnation, lane, seq)
);
CREATE INDEX entry_by_digest ON entry (mailbox, digest);
CREATE INDEX entry_by_thread ON entry (thread);
CREATE INDEX entry_by_message ON entry (message);
CREATE INDEX entry_by_status ON entry (status) WHERE status <> 0;

-- Which entries are notices that say `message` was delivered.
CREATE TABLE delivered (
    message BLOB NOT NULL,
    serial INTEGER NOT NULL,
    PRIMARY KEY (message, serial)
) WITHOUT ROWID;

CREATE TABLE seen (
    station BLOB NOT NULL,
    mailbox BLOB NOT NULL,
    lane INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (station, mailbox, lane)
) WITHOUT ROWID;

CREATE TABLE counter (
    mailbox BLOB NOT NULL,
    lane INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (mailbox, lane)
) WITHOUT ROWID;

CREATE TABLE outgoing (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    message BLOB NOT NULL UNIQUE,
    thread BLOB NOT NULL,
    state INTEGER NOT NULL,
    code INTEGER NOT NULL DEFAULT 0,
    sealed BLOB NOT NULL,
    receipt BLOB
);
CREATE INDEX outgoing_by_state ON outgoing (state);
CREATE INDEX outgoing_by_thread ON outgoing (thread);

CREATE TABLE outgoing_mark (
    serial INTEGER PRIMARY KEY AUTOINCREMENT,
    sealed BLOB NOT NULL
);

CREATE TABLE draft (
    id BLOB PRIMARY KEY,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
)sql";

// Attachments: the files of chunks in the station's folder (chunk_shelf.h).
constexpr const char* kVersion2 = R"sql(
CREATE TABLE attachment (
    message BLOB PRIMARY KEY,
    state INTEGER NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX attachment_by_state ON attachment (state);
)sql";

// Notices of erasures, kept to be said again to a broker that was restored.
constexpr const char* kErasures = R"sql(
CREATE TABLE erasure (
    header BLOB PRIMARY KEY,
    sealed BLOB NOT NULL
);
)sql";

// What each day came to, to be stated; and which entries are reckonings.
constexpr const char* kDays = R"sql(
CREATE TABLE day (
    mailbox BLOB NOT NULL,
    day INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (mailbox, day)
) WITHOUT ROWID;

-- The first day of a mailbox that is counted whole.
CREATE TABLE day_begun (
    mailbox BLOB PRIMARY KEY,
    sealed BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE reckoning (
    serial INTEGER PRIMARY KEY
);
)sql";

// Refusals that somebody has seen: they are shown no more as something to look at.
constexpr const char* kNoted = "ALTER TABLE outgoing ADD COLUMN noted INTEGER NOT NULL DEFAULT 0";

}  // namespace

std::vector<Migration> station_migrations() {
    return {[](Database& database) { return database.execute(kVersion1); },
            [](Database& database) { return database.execute(kVersion2); },
            [](Database& database) { return database.execute(kErasures); },
            [](Database& database) { return database.execute(kDays); },
            [](Database& database) { return database.execute(kNoted); }};
}

}  // namespace relais::station
