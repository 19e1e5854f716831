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

namespace {

// With the civil day of its owner, but not before its length.
std::optional<WallTime> end_of_its_day(const ClockCause& cause, const StartClock& start,
                                       WallTime from, std::chrono::seconds length,
                                       const HoursOf& hours_of) {
    const Thread& thread = cause.thread;
    const auto hours = hours_of(start.party ? thread.parties[*start.party].mailbox : thread.opener);
    if (!hours) return std::nullopt;
    const auto day = calendar::end_of_day(*hours, from);
    return day.ok() ? std::max(*day, from + length) : from + length;
}

// When so much time has passed at which one of those is open whose clock it is, `at_most` after
// `from` at the latest. No walk goes further than the one that ended first.
std::optional<WallTime> after_opening(const ClockCause& cause, const StartClock& start,
                                      WallTime from, std::chrono::seconds length,
                                      Milliseconds at_most, const HoursOf& hours_of) {
    const Thread& thread = cause.thread;
    std::optional<WallTime> first;
    for (std::size_t party = 0; party < thread.parties.size(); ++party) {
        const bool reached = thread.parties[party].waits == Release::at_once;
        if (start.party ? *start.party != party : !reached) continue;
        const auto hours = hours_of(thread.parties[party].mailbox);
        if (!hours) return std::nullopt;
        const auto open =
            calendar::after_open_time(*hours, from, length, first ? *first - from : at_most);
        const WallTime end = open.ok() ? *open : from + length;
        if (!first || end < *first) first = end;
    }
    return first.value_or(from + length);
}

// When `length` of what the clock counts has passed; `at_most` of all time at the latest.
std::optional<WallTime> after(const ClockCause& cause, const StartClock& start, WallTime from,
                              std::chrono::seconds length, Milliseconds at_most,
                              const HoursOf& hours_of) {
    const bool counts_all = cause.kind.clocks[start.clock].hours == ClockHours::all;
    const auto end = counts_all ? std::optional(from + length)
                                : after_opening(cause, start, from, length, at_most, hours_of);
    return end ? std::optional(std::min(*end, from + at_most)) : std::nullopt;
}

// Of a clock that declares no ceiling, a year: who opens for minutes a day would have it end after
// as many years as it has hours, and whoever keeps it walk through all their days.
Milliseconds ceiling_of(const Clock& declared) {
    return declared.at_most.count() != 0 ? Milliseconds(declared.at_most) : kClockEndsWithin;
}

}  // namespace

std::optional<WallTime> clock_end(const ClockCause& cause, const StartClock& start, WallTime from,
                                  std::chrono::seconds length, const HoursOf& hours_of) {
    const Clock& declared = cause.kind.clocks[start.clock];
    if (declared.hours == ClockHours::day) {
        return end_of_its_day(cause, start, from, length, hours_of);
    }
    return after(cause, start, from, length, ceiling_of(declared), hours_of);
}

std::optional<WallTime> clock_half(const ClockCause& cause, const StartClock& start, WallTime from,
                                   std::chrono::seconds length, const HoursOf& hours_of) {
    const Clock& declared = cause.kind.clocks[start.clock];
    // A day has no half of its own: that of its length would be its end too.
    if (declared.hours == ClockHours::day) {
        const auto end = end_of_its_day(cause, start, from, length, hours_of);
        return end ? std::optional(from + (*end - from) / 2) : std::nullopt;
    }
    return after(cause, start, from, length / 2, ceiling_of(declared) / 2, hours_of);
}

}  // namespace relais::workflow
