// thread_clocks.h: the clocks of a thread that run and until when, as one mailbox can know: the
// consequences of what it sees, measured as the broker measures them. An end that cannot be known
// exactly is none, never a guess. Plain values; one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schemas/directory/state.h"
#include "schemas/workflow/clock.h"

namespace relais::station {

// The end of a clock that runs.
struct Deadline {
    std::string clock;
    std::string label;  // French
    WallTime end;
    std::optional<Address> mailbox{};  // whose it is; none: of the whole thread
    bool operator==(const Deadline&) const = default;
};

// What brought a step about, and when.
struct StepCause {
    WallTime at;
    const Header* header = nullptr;     // null: the end of a clock
    std::optional<DirectorySize> size;  // of the directory then, where it is known
};

class ThreadClocks {
public:
    // `mailbox`: whose view it is.
    ThreadClocks(const directory::DirectoryState& directory, const Address& mailbox)
        : directory_(directory), mailbox_(mailbox) {}

    // An act was accepted: what it says may measure a later clock of its party.
    void note(const workflow::Kind& kind, const workflow::Thread& after, workflow::ActIndex act,
              const Header& header);
    // What a step did to the clocks; `outcome.thread` is what it led to.
    void follow(const workflow::Kind& kind, const workflow::Outcome& outcome,
                const StepCause& cause);
    void start(const workflow::Kind& kind, const workflow::Thread& thread,
               const workflow::StartClock& start, const StepCause& cause);
    void stop(const workflow::StopClock& stop);
    // An act did what is not known here: none of the clocks that it may touch is known any more.
    void forget_touched(const workflow::Kind& kind, workflow::ActIndex act);
    // Of that party, none is known any more.
    void forget_own(std::size_t party) {
        std::erase_if(running_, [&](const Running& each) { return each.party == party; });
    }

    [[nodiscard]] bool runs(workflow::ClockIndex clock, std::optional<std::size_t> party) const;

    // Those that somebody has to keep and that may be shown, the earliest first: of a party, its
    // own and the thread's alone, and no clock that acts or ends which it does not hear of may stop
    // or start anew.
    [[nodiscard]] std::vector<Deadline> deadlines(const workflow::Kind& kind,
                                                  const workflow::Thread& thread) const;
    // The end of a clock that runs and whose end hands over what waits for this condition.
    [[nodiscard]] std::optional<WallTime> releases_at(const workflow::Kind& kind,
                                                      const workflow::Thread& thread,
                                                      Release condition) const;

private:
    struct Running {
        workflow::ClockIndex clock;
        std::optional<std::size_t> party;
        std::optional<WallTime> end;  // none: not known
    };
    struct Said {
        std::size_t party;
        workflow::ActIndex act;
        std::vector<PublicField> publics;
    };

    [[nodiscard]] std::optional<WallTime> end_of(const workflow::Kind& kind,
                                                 const workflow::Thread& thread,
                                                 const workflow::StartClock& start,
                                                 const StepCause& cause) const;
    [[nodiscard]] std::optional<calendar::Hours> hours_of(
        const Address& mailbox, const std::optional<DirectorySize>& size) const;
    [[nodiscard]] bool heard(const workflow::Kind& kind, const workflow::Thread& thread,
                             const workflow::Row& row) const;
    [[nodiscard]] bool sure(const workflow::Kind& kind, const workflow::Thread& thread,
                            const Running& running) const;

    const directory::DirectoryState& directory_;
    Address mailbox_;
    std::vector<Running> running_;
    std::vector<Said> said_;
    std::optional<DirectorySize> known_size_;  // of the directory, when the last act was accepted
};

}  // namespace relais::station
