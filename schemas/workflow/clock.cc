#include "schemas/workflow/clock.h"

#include <algorithm>

#include "core/calendar/calendar.h"

namespace relais::workflow {

bool may_say(const Act& act, std::uint16_t number) {
    return std::ranges::find(act.publics, number, &PublicUse::number) != act.publics.end();
}

std::chrono::seconds clock_length(const ClockCause& cause, const StartClock& start,
                                  const LastSaid& last_said) {
    const Clock& declared = cause.kind.clocks[start.clock];
    const Header* const header = cause.header;
    const auto acting = header == nullptr ? std::nullopt : cause.thread.party(header->from);
    if (start.party && (header == nullptr || (acting && acting != start.party))) {
        return declared.length_for(last_said(*start.party, declared.by_public));
    }
    const bool asked =
        declared.from_header && header != nullptr && header->respond_within.count() != 0;
    if (asked) return header->respond_within;
    return declared.length_for(header == nullptr ? nullptr : &header->publics);
}

std::optional<WallTime> clock_end(const ClockCause& cause, const StartClock& start, WallTime from,
                                  std::chrono::seconds length, const HoursOf& hours_of) {
    const ClockHours counted = cause.kind.clocks[start.clock].hours;
    const Thread& thread = cause.thread;
    const WallTime running = from + length;
    if (counted == ClockHours::all) return running;
    if (counted == ClockHours::day) {
        const auto hours =
            hours_of(start.party ? thread.parties[*start.party].mailbox : thread.opener);
        if (!hours) return std::nullopt;
        const auto day = calendar::end_of_day(*hours, from);
        return day.ok() ? std::max(*day, running) : running;
    }
    std::optional<WallTime> first;
    for (std::size_t party = 0; party < thread.parties.size(); ++party) {
        const bool reached = thread.parties[party].waits == Release::at_once;
        if (start.party ? *start.party != party : !reached) continue;
        const auto hours = hours_of(thread.parties[party].mailbox);
        if (!hours) return std::nullopt;
        const auto open = calendar::after_open_time(*hours, from, length);
        const WallTime end = open.ok() ? *open : running;
        if (!first || end < *first) first = end;
    }
    return first.value_or(running);
}

}  // namespace relais::workflow
