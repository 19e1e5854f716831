// day_counts.h: counts the messages of each day: for each mailbox what stands in it, for each
// station what was accepted from it. A message is of the civil day on which the broker accepted it,
// which its receipt and its entry both say; so that stations count alike.
#pragma once

#include "broker/engine/mailboxes.h"
#include "broker/engine/time_keeper.h"

namespace relais::broker {

class DayCounts {
public:
    DayCounts(Store& store, const TimeKeeper& time) : store_(store), time_(time) {}

    [[nodiscard]] CivilDay today() { return day_of(time_.wall()); }
    // Cheap for times of the day that was asked for last.
    [[nodiscard]] CivilDay day_of(WallTime at);

    // An envelope of this moment, sent from a mailbox by a station.
    Result<void> sent(ChannelId from, const StationId& station);
    // An envelope that was accepted at `accepted` now stands in the mailbox of its recipient.
    Result<void> arrived(ChannelId mailbox, WallTime accepted);
    // It was erased, and no station had it.
    Result<void> erased(ChannelId mailbox, WallTime accepted);

    // The first day that is counted whole; days before it are not compared.
    Result<CivilDay> first_day();
    Result<void> begin_with(CivilDay day);
    [[nodiscard]] Result<bool> counts();  // whether it ever began

private:
    Result<void> change(ChannelId mailbox, WallTime accepted, bool more);

    Store& store_;
    const TimeKeeper& time_;
    CivilDay known_{};  // lasts from known_from_ to known_until_
    WallTime known_from_{};
    WallTime known_until_{};
};

}  // namespace relais::broker
