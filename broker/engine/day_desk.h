// day_desk.h: what stations say of the days that are over, and when they were last connected.
// Each statement is an audit leaf with the signed bytes, and is answered with the broker's own
// counts: whoever counts otherwise knows at once.
#pragma once

#include "broker/engine/commands.h"
#include "broker/engine/parts.h"
#include "broker/engine/reckoner.h"
#include "broker/engine/sessions.h"

namespace relais::broker {

class DayDesk {
public:
    DayDesk(Parts& parts, Sessions& sessions, Reckoner& reckoner)
        : parts_(parts), sessions_(sessions), reckoner_(reckoner) {}

    // Said again with the same counts it changes nothing. With others it replaces what the station
    // said before. Errors: malformed, bad_signature, forbidden, not_your_mailbox; day_not_over also
    // while the clock is suspect; wrong_position  a day before those that are compared;
    // quota_reached  it was stated otherwise too often; those that fail the step.
    Result<wire::DayCounted> state(const Session& session, const DayStating& stating);

    // A station connected for a mailbox.
    Result<void> connected(const Mailbox& mailbox, const StationId& station);
    // It was, until now, for all of its mailboxes.
    Result<void> seen(const Session& session);
    // Where a day has begun, notes who is connected in it. Gives that day, to be told with turned()
    // once the step is committed.
    Result<std::optional<CivilDay>> turn();
    void turned(CivilDay day) { turned_ = day; }
    // When turn() has something to do next; absent while the clock is suspect.
    [[nodiscard]] std::optional<EngineTime> next();

private:
    Result<Mailbox*> judge(const Session& session, const DayStating& stating) const;
    Result<void> judge_day(CivilDay day) const;
    Result<void> note(const Mailbox& mailbox, const DayStating& stating);

    Parts& parts_;
    Sessions& sessions_;
    Reckoner& reckoner_;
    std::optional<CivilDay> turned_;
};

}  // namespace relais::broker
