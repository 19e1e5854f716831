// threads.h: the state of each thread, what an act or the end of a clock brings about, and the
// timers that make clocks end.
#pragma once

#include "broker/engine/parts.h"
#include "schemas/workflow/decide.h"
#include "schemas/workflow/permission.h"

namespace relais::broker {

class Threads {
public:
    explicit Threads(Parts& parts) : parts_(parts) {}

    // The act that moves a thread; all null for the end of a clock.
    struct Cause {
        const Envelope* envelope = nullptr;
        EnvelopeNumber number = 0;
        Lane lane = Lane::urgent;
    };

    // What the act would do, nothing written. Errors: act_refused, recipient_refused,
    // wrong_kind_version.
    Result<workflow::Outcome> judge(const workflow::Kind& kind,
                                    const std::optional<StoredThread>& thread,
                                    workflow::ActIndex act, const Envelope& envelope) const;
    // Writes an outcome and its consequences: states, clocks, releases, notices, leaves.
    Result<void> commit(const workflow::Kind& kind, std::optional<StoredThread> before,
                        workflow::Outcome outcome, const Cause& cause);

    Result<void> end_clock(const Timer& timer);
    Result<void> remind(const Timer& timer);

private:
    // One outcome being written.
    struct Change {
        const workflow::Kind& kind;
        StoredThread thread;
        const Cause& cause;
    };

    Result<void> run(Change& change, const workflow::StartClock& start);
    Result<void> run(Change& change, const workflow::StopClock& stop);
    Result<void> run(Change& change, const workflow::Withdrawn& withdrawn);
    Result<void> run(Change& change, const workflow::Promoted& promoted);
    Result<void> run(Change& change, const workflow::Released& released);
    Result<void> run(Change& change, const workflow::Ended& ended);

    Result<void> drop_timers(const StoredThread& thread, const RunningClock& clock);
    Result<void> release_box(Change& change, const HeldBox& box, Mailbox& mailbox);
    // To the opener and the party (or all parties), those who sent or receive the cause excepted.
    Result<void> tell(const Change& change, std::optional<std::size_t> party, const Notice& notice);
    [[nodiscard]] static Notice notice_of(const Change& change, NoticeKind kind);

    Parts& parts_;
};

}  // namespace relais::broker
