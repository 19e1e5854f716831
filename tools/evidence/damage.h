// damage.h: what a check of evidence can find, each kind under a stable name. Scripts read the
// names; people read the sentence and the place. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relais::evidence {

enum class Damage : std::uint8_t {
    // Of one record, named by the index it should have in its log.
    record_altered,   // its bytes are not those that the signed head covers
    record_missing,   // it is not there; the others are
    record_extra,     // a record that the signed head does not cover
    record_moved,     // it stands at another index
    records_cut,      // the file that holds it ends before or within it, or goes on after the last
    record_disputed,  // record and tile differ, and the signed head is neither's
    record_invalid,   // what the signed head covers is no record of this log's form or rules

    // Of what is derived from records.
    tile_altered,
    tile_missing,
    checkpoint_missing,
    checkpoint_altered,       // not a signed note, or not signed by the log's key
    checkpoint_contradicted,  // well signed, and the log is not the one it describes
    log_truncated,            // shorter than a head that was signed

    statement_invalid,  // a leaf quotes a statement that its station did not sign
    logs_disagree,      // audit and directory tell different stories
    keys_untrusted,     // the evidence's keys are not those that are trusted
    file_missing,
    file_altered,     // manifest or key list: not what the rest says
    file_unexpected,  // no part of the evidence
};

// "record_altered"
[[nodiscard]] std::string_view damage_name(Damage damage);
// "record altered": for people.
[[nodiscard]] std::string_view damage_text(Damage damage);

// Names of logs in findings.
inline constexpr const char* kAudit = "audit";
inline constexpr const char* kDirectory = "directory";

struct Finding {
    Damage damage;
    std::string log;  // "audit", "directory"; empty: of the whole
    std::optional<std::uint64_t> index{};
    std::string detail{};     // file, and what differs; never content
    std::uint64_t count = 1;  // of leaves from `index` on that share it

    // "audit, leaf 17: record altered: tile/entries/000.p/20"
    [[nodiscard]] std::string describe() const;
    bool operator==(const Finding&) const = default;
};

using Findings = std::vector<Finding>;

// Adds it, or counts it with the last one, where it is the same damage one leaf further.
void add(Findings& findings, Finding finding);

}  // namespace relais::evidence
