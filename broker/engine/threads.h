// threads.h: the state of each thread, what an act or the end of a clock brings about, and the
// timers that make clocks end.
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>

#include "broker/engine/registers.h"
#include "broker/engine/rings.h"
#include "schemas/workflow/clock.h"
#include "schemas/workflow/permission.h"

namespace relais::broker {

class Threads {
public:
    Threads(Parts& parts, Registers& registers, Rings& rings)
        : parts_(parts), registers_(registers), rings_(rings) {}

    // The act that moves a thread, or the clock whose end does.
    struct Cause {
        const Envelope* envelope = nullptr;
        EnvelopeNumber number = 0;
        Lane lane = Lane::urgent;
        Accepted accepted{};
        std::optional<workflow::ClockIndex> clock{};
        std::string kind{};  // of the act
        EngineTime due{};    // of the clock
    };

    // Another thread that the thread of an act follows, and what the act brings about there.
    struct Followed {
        std::shared_ptr<const workflow::Kind> kind;
        StoredThread thread;
        workflow::Outcome outcome;
    };

    // What the act would do, nothing written. Errors: act_refused, recipient_refused,
    // wrong_kind_version, register_refused.
    Result<workflow::Outcome> judge(const workflow::Kind& kind,
                                    const std::optional<StoredThread>& thread,
                                    workflow::ActIndex act, const Envelope& envelope) const;
    // What an act of `following` (absent: it opens) would do to the thread that this one follows;
    // none where that one is not here, or nothing of it follows. Errors: recipient_refused  who
    // opens takes no part in it.
    Result<std::optional<Followed>> judge_followed(const workflow::Kind& kind,
                                                   const std::optional<StoredThread>& following,
                                                   workflow::ActIndex act,
                                                   const Envelope& envelope) const;
    // Writes an outcome and its consequences: states, clocks, releases, notices, leaves.
    Result<void> commit(const workflow::Kind& kind, std::optional<StoredThread> before,
                        workflow::Outcome outcome, const Cause& cause);

    // Boxes of delegates that came to wait for an absence, since it was asked last.
    struct Waiting {
        ThreadId thread;
        bool again = false;  // offered again after a restore
    };
    void wait_for_absence(Waiting waiting) { waiting_.push_back(waiting); }
    std::vector<Waiting> take_waiting() { return std::exchange(waiting_, {}); }
    // Hands over what waits in that thread for absences that last, and what comes to delegates that
    // were called in before.
    Result<void> call_delegates_in(const Waiting& waiting);

    Result<void> end_clock(const Timer& timer);
    Result<void> remind(const Timer& timer);

private:
    // One outcome being written.
    struct Change {
        const workflow::Kind& kind;
        StoredThread thread;
        const Cause& cause;
        std::vector<Rings::Arrival> released{};  // by box, of parties that may be called in
        std::set<Address> members{};             // of groups, to whom something was released
    };

    Result<void> run(Change& change, const workflow::StartClock& start);
    Result<void> run(Change& change, const workflow::StopClock& stop);
    Result<void> run(Change& change, const workflow::Withdrawn& withdrawn);
    Result<void> run(Change& change, const workflow::Promoted& promoted);
    Result<void> run(Change& change, const workflow::Told& told);
    Result<void> run(Change& change, const workflow::Released& released);
    Result<void> run(Change& change, const workflow::GroupsReleased& released);
    Result<void> run(Change& change, const workflow::Registered& registered);
    Result<void> run(Change& change, const workflow::Ended& ended);

    [[nodiscard]] workflow::ActInput input_of(const workflow::Kind& kind, workflow::ActIndex act,
                                              const Envelope& envelope,
                                              const workflow::Thread* thread) const;
    [[nodiscard]] static workflow::ClockCause clock_cause(const Change& change);
    [[nodiscard]] std::chrono::seconds length_of(const Change& change,
                                                 const workflow::StartClock& start) const;
    // When a clock of that length, which starts now, ends.
    // clock_end or clock_half, in the engine's time.
    using ClockRule = decltype(&workflow::clock_end);
    [[nodiscard]] EngineTime reckon(const Change& change, const workflow::StartClock& start,
                                    std::chrono::seconds length, ClockRule rule) const;

    // Adds what happened to the course of the thread, from which figures are counted.
    Result<void> note_step(Change& change);
    static void keep_said(Change& change, indicators::Step step);
    [[nodiscard]] indicators::Step step_of(const Change& change) const;
    // How many parties, or members of groups, got with this the first that they know of the thread.
    [[nodiscard]] std::uint16_t first_reached(const Change& change, bool opens) const;
    // Has those rung who got the act that started a clock, or were called in.
    Result<void> ring(const Change& change, const std::vector<RunningClock>& ran,
                      const std::vector<workflow::Party>& before);
    Result<void> ring_recipients(const Change& change, const std::vector<RunningClock>& started);
    Result<void> ring_of(const Change& change, const std::vector<RunningClock>& started,
                         const Address& mailbox);
    Result<void> ring_called(const Change& change, std::span<const Rings::Arrival> arrivals);
    Result<void> await_absence(const Change& change, const workflow::Released& released);
    Result<void> call_delegate_in(Change& change, std::size_t index, bool again);
    Result<void> keep_recent(std::vector<HeldBox>& boxes, WallTime since);
    Result<void> tell_counterpart(const Change& change);
    Result<void> drop_timers(const StoredThread& thread, const RunningClock& clock);
    Result<void> release_boxes(Change& change, const std::vector<HeldBox>& boxes);
    Result<void> release_box(Change& change, const HeldBox& box, const Envelope& envelope,
                             StoredEnvelope& stored);
    // To the opener and the party (or all parties), those who sent or receive the cause excepted;
    // without the act to a party whose part was over.
    Result<void> tell(const Change& change, std::optional<std::size_t> party, const Notice& notice);
    [[nodiscard]] static Notice notice_of(const Change& change, NoticeKind kind);
    // Tells a party in which state it is.
    [[nodiscard]] static Notice place_of(const Change& change, std::size_t party);

    Parts& parts_;
    Registers& registers_;
    Rings& rings_;
    std::vector<Waiting> waiting_;
};

// The mailbox of a party, and its delegate's where that one was called in.
[[nodiscard]] std::vector<Address> readers_of(const workflow::Party& party);

}  // namespace relais::broker
