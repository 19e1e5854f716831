// rings.h: how a mailbox hears, outside of Relais, that something with a delay waits for it: when,
// by which of the steps that its unit declares, and until when. What is carried out, by whom, is
// the server's (Ring, Rung); each attempt leaves a leaf.
//
// Who is rung: whom an act that starts a clock was sent to, and whom the table calls in later (its
// turn, a fallback). The table does not say who has to answer, so that is all who may know of it.
// Where all that the act sends is held back nobody may, and its sender's unit is rung: it waits for
// somebody there (a second signature).
// Each step is due at its own time, the sum of the delays up to it, and is carried out at the first
// moment from then on within its hours: at night the step for nights goes at once, the one for days
// in the morning. While the machine's time is suspect no hours hold it back. All of it is over when
// the clock stops or ends, the mailbox acts in the thread, a person there opens the message or
// takes it in charge, the message is erased, or the unit or step is no more.
//
// Calls that are under way at once are few, in all, to one receiver and of one organisation (the
// limits of "Ringing"): whatever else is due waits in its row for the end of one of them, the most
// urgent first, then the longest due. A receiver that hangs, or an organisation with many targets,
// takes the room of no other; and a part of it all is for the more urgent lanes alone.
//
// At least once: an attempt that was under way when the process died is made again.
#pragma once

#include "broker/engine/commands.h"
#include "broker/engine/parts.h"

namespace relais::broker {

class Rings {
public:
    explicit Rings(Parts& parts) : parts_(parts) {}

    // What came to a mailbox, and the clock that runs for it.
    struct Arrival {
        ThreadId thread;
        Address mailbox;
        MessageId message;
        EnvelopeNumber number;
        Lane lane;
        RunningClock clock;
    };
    // Plans every step of the mailbox's unit, instead of what was planned for it in that thread.
    Result<void> begin(const Arrival& arrival);
    // The mailbox has acted in the thread; or has opened the message.
    Result<void> stop(const ThreadId& thread, const Address& mailbox);
    Result<void> stop(const ThreadId& thread, const Address& mailbox, const MessageId& message);
    // Hands out what is due and has room, and lets the rest wait; a bounded number of either. The
    // calls are to be carried out after the commit.
    Result<void> call_due();
    Result<void> finished(const Rung& rung);
    // What a former run left under way is due again.
    Result<void> resume() { return parts_.store.interrupt_rings(); }

    // When call_due() has something to do next.
    Result<std::optional<EngineTime>> next();
    // What the steps since the last call handed out; and what a step did that is undone.
    std::vector<Ring> take_calls();
    void forget_calls();

private:
    // Handed out, and no outcome yet; its row may be gone.
    struct UnderWay {
        ThreadId thread;
        MessageId message;
        Address mailbox;
        std::uint8_t step;
        std::uint8_t attempt;
        std::string receiver;
    };
    Result<void> look_at(StoredRing ring);
    Result<void> begin_call(StoredRing ring, const Address& mailbox,
                            const directory::RingStep& step, const std::string& zone);
    Result<std::optional<StoredRing>> first_with_room();
    [[nodiscard]] std::optional<RingsSpent> spent_for(Lane lane) const;
    [[nodiscard]] bool has_room(const StoredRing& ring) const;
    void leave_room(const Rung& rung);
    Result<void> record(const Rung& rung);
    Result<bool> wanted(const StoredRing& ring);
    [[nodiscard]] Result<std::string> urgency_of(const StoredRing& ring,
                                                 const workflow::Kind& kind) const;
    // The first moment from now on within these hours; absent where none comes.
    [[nodiscard]] std::optional<EngineTime> within(directory::RingHours hours,
                                                   const calendar::Hours& opening) const;

    Parts& parts_;
    std::vector<Ring> calls_;
    std::vector<UnderWay> under_way_;         // at most limits::kRingCallsMax
    bool room_made_ = false;                  // since one that waits was last looked for
    std::vector<UnderWay> under_way_before_;  // this step
    bool room_made_before_ = false;
};

}  // namespace relais::broker
