// replica.h: the station's replica of the directory: every entry verified by the shared rules,
// every signed head compared with the tree over what was received. Whoever shows this station
// another directory than its correspondents is found out when their heads meet.
#pragma once

#include <map>

#include "clients/station/store/station_store.h"
#include "schemas/directory/state.h"
#include "schemas/envelope/header.h"

namespace relais::station {

class Replica {
public:
    Replica(const Name& domain, const Digest& authority);

    // What is stored, taken up again. Errors: corrupt.
    Result<void> load(StationStore& store);
    // Entries that follow the present end, within a store transaction; `checkpoint`, where not
    // empty, is the head that covers them. Errors: chain_broken and the others of
    // DirectoryState::apply; note_invalid; inconsistent_log  the head is not that of what was
    // received. Nothing is kept then.
    Result<void> append(StationStore& store, DirectorySize from, const std::vector<Bytes>& entries,
                        const std::string& checkpoint, const Verifier& verifier);

    [[nodiscard]] const directory::DirectoryState& state() const { return state_; }
    [[nodiscard]] DirectorySize size() const { return state_.size(); }
    [[nodiscard]] DirectoryHead head();
    // Requires size <= size().
    [[nodiscard]] Digest root_at(DirectorySize size);
    // The proof that the first `size` entries are those of the last signed head.
    // Errors: wrong_position  beyond that head.
    [[nodiscard]] Result<std::vector<Digest>> consistency_from(DirectorySize size) const;
    // That a checkpoint, shown by anyone, is of this directory. Errors: note_invalid;
    // inconsistent_log; ahead_of_directory  not as far yet.
    Result<void> check_checkpoint(const std::string& note);
    // The last head that the log signed; empty before the first.
    [[nodiscard]] const std::string& checkpoint() const { return checkpoint_; }
    // When the entry that made the directory this size was signed, as its signer said.
    [[nodiscard]] WallTime entry_time(DirectorySize size) const {
        return entries_[size.value - 1].time;
    }
    // Every entry, in the order of the log.
    [[nodiscard]] const std::vector<directory::Entry>& entries() const { return entries_; }
    // Entries about `organisation` in chains that are not its own: suspensions, attestations.
    [[nodiscard]] std::vector<directory::Entry> entries_about(
        const std::string& organisation) const;

private:
    directory::DirectoryState state_;
    std::vector<Digest> leaf_hashes_;
    std::vector<directory::Entry> entries_;
    std::map<std::uint64_t, Digest> roots_;
    std::string checkpoint_;
};

}  // namespace relais::station
