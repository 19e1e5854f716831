// thread_replay.h: the state of a thread, from what one mailbox sees of it: the table of its kind
// applied to acts and ends of clocks in the broker's order. Exact for the opener; partial for a
// party or a member of a group, which does not see the others' acts.
#pragma once

#include <optional>
#include <vector>

#include "clients/station/sync/judge.h"
#include "schemas/workflow/thread.h"

namespace relais::station {

class ThreadReplay {
public:
    // `mailbox`: whose view it is.
    ThreadReplay(const directory::DirectoryState& directory, const ThreadId& id,
                 const Address& mailbox)
        : directory_(directory), id_(id), mailbox_(mailbox) {}

    void act(const Opened& opened);
    // An act that this mailbox did not get, of its delegate or of whom it stands in for, which a
    // notice quotes; it was checked.
    void quoted(const QuotedAct& quoted, const Notice& notice);
    // The broker's word on what no act shows: the end of a clock or of the thread, one's own place.
    // Other notices change nothing.
    void turn(const Notice& notice);

    // None before the opening act, or where that is not seen here.
    [[nodiscard]] const std::optional<workflow::Thread>& state() const { return state_; }

private:
    void call_in(const Address& delegate);
    void end(const Notice& notice);
    void place(const Notice& notice);
    void catch_up(const workflow::Kind& kind, workflow::ActIndex act);
    [[nodiscard]] std::vector<std::optional<std::size_t>> owners_of(
        const workflow::Clock& clock) const;

    const directory::DirectoryState& directory_;
    ThreadId id_;
    Address mailbox_;
    std::shared_ptr<const LoadedKind> kind_;
    std::optional<workflow::Thread> state_;
};

}  // namespace relais::station
