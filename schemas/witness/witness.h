// witness.h: what the directory says of those who cosign the heads of the two logs, and what a head
// that carries their lines is worth: by how many organisations, when, and whether that is what the
// domain asks for. One rule for broker, stations and the auditor's tools.
//
// Organisations are counted, not keys, and only established ones that are not suspended: an
// operator who invents an organisation does not make a witness. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/merkle/checkpoint.h"
#include "schemas/directory/state.h"
#include "schemas/wire/frame.h"

namespace relais::witness {

// "indre/audit", "indre/directory".
[[nodiscard]] std::string log_origin(const Name& domain, wire::LogName log);
// Every one that there ever was. No log's key is among theirs, whatever the directory took: a
// reader who knew it twice could read no head.
[[nodiscard]] std::vector<const directory::WitnessRecord*> known_witnesses(
    const directory::DirectoryState& state);
// "<domain>/witness/<organisation>/<station>", with the witness's key.
[[nodiscard]] merkle::VerifierKey verifier_key(const Name& domain,
                                               const directory::WitnessRecord& record);
// The log's key, as the directory has it, and every witness that there ever was, for the log as the
// note names it: the audit log of a broker that was restored has a name with a number behind it.
// Errors: ahead_of_directory  no domain entry yet; note_invalid  a note of another log.
[[nodiscard]] Result<merkle::LogTrust> log_trust(const directory::DirectoryState& state,
                                                 wire::LogName log, std::string_view note);

struct Line {
    std::string organisation;
    StationId station;
    WallTime time;
    bool counts;  // a witness now, of an organisation that is established and not suspended
};

// What a verified head is worth.
struct Standing {
    std::size_t asked = 0;  // organisations; 0: the domain asks for none
    std::size_t known = 0;  // organisations with a witness that counts
    std::chrono::seconds late_after{0};
    std::vector<Line> lines;  // by organisation, then station
    // Those whose line counts, and the time at which the last one needed had cosigned: of the
    // newest line of each. Without a number asked for, the newest of all.
    std::set<std::string> organisations;
    std::optional<WallTime> as_of;

    [[nodiscard]] bool met() const { return organisations.size() >= asked; }
    // Whether it is asked for and missing, or older than the domain allows.
    [[nodiscard]] bool late(WallTime now) const;
};

// Verifies the note as a head of that log, then judges it. Errors: those of log_trust and
// merkle::verify_checkpoint. A policy that is not met is no error: it is in the standing.
struct Judged {
    merkle::VerifiedCheckpoint head;
    Standing standing;
};
[[nodiscard]] Result<Judged> judge_head(const directory::DirectoryState& state, wire::LogName log,
                                        std::string_view note);

}  // namespace relais::witness
