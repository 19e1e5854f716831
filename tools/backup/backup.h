// backup.h: the encrypted backup of a broker's data folder, and its way back. A backup is taken
// while the broker runs: a consistent copy of the database without its free pages, then every other
// file of the folder (keys, chunks, ...), one archive sealed to the operator's backup key
// (sealed_file.h). Its last member is the list of digests of all others.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "core/crypto/p256.h"
#include "tools/backup/archive.h"
#include "tools/backup/sealed_file.h"

namespace relais::backup {

inline constexpr const char* kDatabaseMember = "relais.db";
inline constexpr const char* kAboutMember = "backup.json";
inline constexpr const char* kDigestsMember = "SHA256SUMS";  // last, as sha256sum(1) reads it

// What was written or read so far, for whoever waits.
using Progress = std::function<void(std::uint64_t bytes)>;

struct MakeRequest {
    std::filesystem::path data;  // of the broker
    std::filesystem::path file;
    std::filesystem::path work;  // folder for the copy of the database; empty: in `data`
    Name domain;
    P256Public recipient;
};
struct Made {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;  // of the backup
    std::uint64_t leaves = 0;
    std::uint64_t directory_entries = 0;
    // Chunks of attachments that the database names, then and still, and whose files are not there:
    // damage that the backup has as well. It is better than none, and not whole.
    std::vector<Digest> missing;
};
// Errors: locked  another backup is being made; already_exists; storage_full; those of files and of
// the database. None leaves a file.
Result<Made> make_backup(const MakeRequest& request, const Progress& progress);

// Of an unpacked backup: the chunks that its database names and whose envelopes ended while it was
// taken, so that their files were gone. Errors: malformed; those of files.
Result<std::set<Digest>> ended_chunks(const std::filesystem::path& folder);

struct Unpacked {
    Name domain;
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;  // of their contents
};
// Writes the members of a backup into an empty private folder and holds them to their digests.
// Errors: box_unopenable  another key; content_undecryptable, evidence_altered  altered or cut;
// malformed; those of files. What was written so far stays in the folder.
Result<Unpacked> unpack_backup(const std::filesystem::path& file, const P256Key& key,
                               const std::filesystem::path& folder, const Progress& progress);

struct RestoreRequest {
    std::filesystem::path file;
    std::filesystem::path folder;      // absent or empty
    std::filesystem::path checkpoint;  // a later head of the audit log; may be empty
    std::filesystem::path erasures;    // the journal of erasures; may be empty
};
struct Restored {
    Name domain;
    std::uint64_t files = 0;
    std::uint64_t erasures = 0;  // of the journal, that the backup lacks
    std::string cited;           // "<origin> <size>": the last head known of the lost log
};
// Puts a backup back: the folder appears whole, marked so that its next start is that of a restored
// broker, or not at all. Errors: already_exists  the folder is not empty; note_invalid  the
// checkpoint is none of this log; bad_signature, malformed  an erasure; those of unpack_backup.
Result<Restored> restore_backup(const RestoreRequest& request, const P256Key& key,
                                const Progress& progress);

}  // namespace relais::backup
