// stories.h: what the records say, after their hashes are known to be right: the directory's
// entries under its rules, the audit's leaves, the statements they quote, and whether the two logs
// tell one story. Pure.
#pragma once

#include <functional>

#include "core/crypto/p256.h"
#include "schemas/directory/state.h"
#include "tools/evidence/damage.h"
#include "tools/evidence/verify.h"

namespace relais::evidence {

// The directory replayed with every signature checked, as far as the first bad entry. An empty
// record (one that could not be read) ends it without a finding of its own. None without a first
// entry. `authority`: pinned; otherwise the one that the first entry shows.
std::optional<directory::DirectoryState> replay_directory(const std::vector<Bytes>& records,
                                                          const Name& domain,
                                                          const std::optional<Digest>& authority,
                                                          Findings& findings);

// What records of an audit log say. Held back until it is known which of them are right.
struct Told {
    // Of directory entries and of restores, and what was judged by more directory than there is.
    std::vector<TrailEntry> entries{};
    std::vector<TrailEntry> kept{};           // what the reader asked for
    std::vector<std::uint64_t> statements{};  // leaves that quote a good statement of a station
    Findings findings{};                      // records that are no leaves, bad statements
};

// Reads records of an audit log. Thread-safe, each thread with a `told` of its own.
class TaleReader {
public:
    // `state`: the directory; absent: no statement is judged. `directory_size`: its records, good
    // or not. `keep`: which leaves are kept; empty: none. State and `keep` outlive it.
    TaleReader(const std::optional<directory::DirectoryState>& state, std::uint64_t directory_size,
               const std::function<bool(const Leaf&)>& keep)
        : state_(state), directory_size_(directory_size), keep_(keep) {}
    void read(std::uint64_t index, ByteView record, Told& told) const;

private:
    const std::optional<directory::DirectoryState>& state_;
    std::uint64_t directory_size_;
    const std::function<bool(const Leaf&)>& keep_;
    P256Verifier verifier_;
};

// The parts one after the other, without what wrong records said.
[[nodiscard]] Told join_told(std::vector<Told> parts,
                             const std::function<bool(std::uint64_t)>& is_right);

// Each directory entry has its leaf and each such leaf its entry; and nothing was judged by more
// directory than there is. An export goes as far as its audit tells: a directory that ends before
// was cut, whatever head it stands under.
void compare_stories(const std::vector<TrailEntry>& trail, const std::vector<Bytes>& entries,
                     Findings& findings);

}  // namespace relais::evidence
