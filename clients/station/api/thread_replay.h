// thread_replay.h: the state of a thread, from what one mailbox sees of it: the table of its kind
// applied to acts and ends of clocks in the broker's order. Exact for the opener; partial for a
// party or a member of a group, which does not see the others' acts, nor what came before it was a
// member. With it, the clocks that run and what of one's own acts is held back.
#pragma once

#include <optional>
#include <vector>

#include "clients/station/api/thread_clocks.h"
#include "clients/station/api/thread_holds.h"
#include "clients/station/sync/judge.h"
#include "schemas/workflow/thread.h"

namespace relais::station {

class ThreadReplay {
public:
    // `mailbox`: whose view it is.
    ThreadReplay(const directory::DirectoryState& directory, const ThreadId& id,
                 const Address& mailbox)
        : directory_(directory),
          id_(id),
          mailbox_(mailbox),
          clocks_(directory, mailbox),
          holds_(directory) {}

    // An act of another kind or version than the state's changes nothing.
    void act(const Opened& opened);
    // An act that this mailbox did not get, of its delegate or of whom it stands in for, which a
    // notice quotes; it was checked.
    void quoted(const QuotedAct& quoted, const Notice& notice);
    // The broker's word on what no act shows: the end of a clock or of the thread, one's own place.
    // Other notices change nothing.
    void turn(const Notice& notice);

    // None before the opening act, or the first that this mailbox got as a member of a group.
    [[nodiscard]] const std::optional<workflow::Thread>& state() const { return state_; }
    // That the state is of; null before any act.
    [[nodiscard]] const std::shared_ptr<const LoadedKind>& kind() const { return kind_; }
    [[nodiscard]] std::vector<Deadline> deadlines() const;
    // What holds this act of ours back from that reader; none where nothing does.
    [[nodiscard]] std::optional<Held> held(const Digest& act, const Address& reader) const;

private:
    void join(const workflow::ActInput& input, const StepCause& cause);
    void apply(workflow::Outcome outcome, const StepCause& cause);
    void start_for(std::size_t party, workflow::ClockIndex clock, const Notice& notice);
    void call_in(const Address& delegate);
    void end(const Notice& notice);
    void place(const Notice& notice);
    void catch_up(const workflow::Kind& kind, workflow::ActIndex act);
    [[nodiscard]] std::vector<std::optional<std::size_t>> owners_of(
        const workflow::Clock& clock, workflow::ClockIndex index) const;

    const directory::DirectoryState& directory_;
    ThreadId id_;
    Address mailbox_;
    std::shared_ptr<const LoadedKind> kind_;
    std::optional<workflow::Thread> state_;
    ThreadClocks clocks_;
    ThreadHolds holds_;
};

}  // namespace relais::station
