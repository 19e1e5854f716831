// restoration.h: what a domain does after it was put back from a backup. Its audit log goes on
// under a new name, since its end is lost and it must not be said twice: a leaf says so, and cites
// the last head that is known of what was lost. The directory takes nothing new until the operator
// settles it; meanwhile stations offer what the backup lacks, and the logs' own signed heads prove
// that it was there. Belongs to the engine.
#pragma once

#include "broker/engine/directory_keeper.h"
#include "broker/engine/erasures.h"

namespace relais::broker {

class Restoration {
public:
    Restoration(Parts& parts, DirectoryKeeper& directory, Erasures& erasures)
        : parts_(parts),
          directory_(directory),
          erasures_(erasures),
          first_name_(parts.audit_log.origin()) {}

    // Reads how the log is called, and calls it so. Errors: corrupt.
    Result<void> load();
    // Begins: a new name for the log, the leaf, erasures done again. `note`: a later head of the
    // log under its former name than the backup has; may be empty. Within a transaction.
    // Errors: note_invalid  not one of this log; those of the store.
    Result<void> begin(const std::string& note);

    // What a station offers. Gives the places of messages that were erased by it.
    // Errors: forbidden  nothing was restored, or it is settled; malformed; those of the checks.
    Result<std::vector<Place>> take(const Input& input, const wire::OfferAgain& offer);
    // The directory takes new entries again. Errors: forbidden  it does.
    Result<void> settle();

    [[nodiscard]] bool open() const { return record_ && record_->open; }
    // Until when clocks wait of threads that the backup held: what stopped them may be among what
    // stations offer again. None: they run.
    [[nodiscard]] std::optional<EngineTime> clocks_wait_until() const;
    // Whether it held the thread. Requires that something was restored.
    [[nodiscard]] bool in_backup(const workflow::Thread& thread) const;

    // Of an act that is offered again and refused: whether what it lacks may still come with
    // another station. `soon`: what its sender does next waits behind it. `some_day`: that goes on,
    // nothing is kept of the refusal, and the act may be offered again until the restore is
    // settled.
    enum class MayCome : std::uint8_t { never, soon, some_day };
    [[nodiscard]] MayCome may_come(ErrorCode refused) const;
    [[nodiscard]] std::optional<wire::Restored> told() const;

private:
    struct Record {
        LeafRef leaf;
        std::uint64_t first = 0;  // leaves under the former names
        std::uint64_t cited_size = 0;
        Digest cited_root;
        std::uint64_t citations = 0;  // leaves that cite
        EngineTime at;
        bool open = true;
        std::string origin;
        std::string former;
    };
    Result<void> cite(const StationId& station, const std::string& note);
    Result<void> count_citation(const StationId& station);
    Result<void> record_leaf(const std::string& note, const merkle::Checkpoint& head);
    [[nodiscard]] Result<merkle::Checkpoint> judge(const std::string& note,
                                                   const std::string& origin) const;
    Result<void> save();
    static Bytes encode(const Record& record);
    static Result<Record> decode(ByteView bytes);

    Parts& parts_;
    DirectoryKeeper& directory_;
    Erasures& erasures_;
    std::string first_name_;  // of the audit log, before any restore
    std::optional<Record> record_;
};

}  // namespace relais::broker
