// reckoner.h: once a day, at six in the morning of Europe/Paris, tells the coordinator what the
// days of all mailboxes came to: one signed notice, that all has arrived included, since no notice
// at all is what a broker that has fallen silent looks like. The coordinator is the anchor
// organisation, whose own mailbox gets it, or where no station serves that one, the first of its
// units that one does.
//
// A bounded number of mailboxes a step; what a crash interrupts begins anew. While the clock is
// suspect nothing is reckoned. The days of a longer stop of the broker itself are not held against
// stations that could not connect.
#pragma once

#include "broker/engine/parts.h"
#include "broker/engine/reckoning_rules.h"

namespace relais::broker {

class Reckoner {
public:
    explicit Reckoner(Parts& parts) : parts_(parts) {}

    // The first day to be reckoned. Within a transaction, as all that follow.
    Result<void> begin_with(CivilDay first);
    // The broker ran until `stopped`, and does again: or its clock can be trusted again.
    Result<void> resumed(WallTime stopped);
    Result<void> interrupted();
    // A statement differs from the counts: where its day was reckoned, that is done again soon.
    Result<void> differs(CivilDay day);
    // What is due of a reckoning, a bounded part.
    Result<void> go_on();
    // When go_on() has something to do next; absent while the clock is suspect.
    Result<std::optional<EngineTime>> next();
    // The step is undone.
    void roll_back();

    // The last reckoning, for the operator.
    Result<std::string> json();

private:
    struct State {
        CivilDay last;                    // reckoned
        CivilDay interrupted{-1};         // the last day on which not every station could connect
        std::optional<EngineTime> again;  // when to reckon that day again
        WallTime due;                     // the next one
    };
    struct Work {
        Reckoning reckoning;
        std::vector<Address> mailboxes;  // by address
        std::size_t next = 0;
        std::map<Address, std::vector<Finding>> before;
        CivilDay first_day;
    };

    Result<State*> state();
    Result<void> keep(const State& state);
    Result<std::optional<Notice>> last_notice();
    Result<bool> begin_if_due();
    Result<void> begin(CivilDay first, CivilDay last, std::uint16_t revision);
    Result<void> look_at(const Address& mailbox);
    [[nodiscard]] std::optional<CivilDay> due_from(const Address& mailbox) const;
    [[nodiscard]] std::optional<WallTime> opens(const Address& mailbox, CivilDay day) const;
    [[nodiscard]] std::optional<WallTime> opens(const Address& mailbox, const directory::Unit& unit,
                                                CivilDay day) const;
    Result<void> finish();
    Result<void> post(const Reckoning& reckoning);

    Parts& parts_;
    std::optional<State> state_;  // as the store has it
    std::optional<Work> work_;
};

}  // namespace relais::broker
