#include "clients/station/api/thread_clocks.h"

#include <algorithm>

#include "core/calendar/calendar.h"

namespace relais::station {

using workflow::ClockHours;
using workflow::EffectOp;
using workflow::Kind;
using workflow::Row;
using workflow::Side;
using workflow::StartClock;
using workflow::StopClock;
using workflow::Thread;
using workflow::TriggerKind;

void ThreadClocks::note(const Kind& kind, const Thread& after, workflow::ActIndex act,
                        const Header& header) {
    const auto party = after.party(header.from);
    if (party && !kind.acts[act].publics.empty()) said_.push_back({*party, act, header.publics});
}

void ThreadClocks::follow(const Kind& kind, const workflow::Outcome& outcome,
                          const StepCause& cause) {
    if (cause.size) known_size_ = cause.size;
    for (const workflow::Consequence& each : outcome.consequences) {
        if (const auto* started = std::get_if<StartClock>(&each)) {
            start(kind, outcome.thread, *started, cause);
        } else if (const auto* stopped = std::get_if<StopClock>(&each)) {
            stop(*stopped);
        } else if (std::holds_alternative<workflow::Ended>(each)) {
            running_.clear();
        }
    }
}

void ThreadClocks::start(const Kind& kind, const Thread& thread, const StartClock& start,
                         const StepCause& cause) {
    stop({start.clock, start.party});
    running_.push_back({start.clock, start.party, end_of(kind, thread, start, cause)});
}

void ThreadClocks::stop(const StopClock& stop) {
    std::erase_if(running_, [&](const Running& each) {
        return each.clock == stop.clock && (!stop.party || each.party == stop.party);
    });
}

namespace {

bool touches(const Row& row, workflow::ClockIndex clock) {
    return std::ranges::any_of(row.effects,
                               [&](const auto& effect) { return effect.clock == clock; });
}

bool hands_over(const Row& row) {
    return std::ranges::any_of(
        row.effects, [](const workflow::Effect& effect) { return effect.op == EffectOp::release; });
}

}  // namespace

void ThreadClocks::forget_touched(const Kind& kind, workflow::ActIndex act) {
    std::erase_if(running_, [&](const Running& each) {
        return std::ranges::any_of(kind.rows, [&](const Row& row) {
            return row.trigger == TriggerKind::act && row.index == act && touches(row, each.clock);
        });
    });
}

bool ThreadClocks::runs(workflow::ClockIndex clock, std::optional<std::size_t> party) const {
    return std::ranges::any_of(
        running_, [&](const Running& each) { return each.clock == clock && each.party == party; });
}

// Of an act: as they stood when it was accepted. Of the end of a clock, of which it is not said how
// large the directory was: where they have not changed since the last act.
std::optional<calendar::Hours> ThreadClocks::hours_of(
    const Address& mailbox, const std::optional<DirectorySize>& size) const {
    const auto at = [&](DirectorySize when) {
        const auto* unit = directory_.unit(mailbox.organisation(), mailbox.unit(), when);
        return unit == nullptr ? calendar::Hours{} : unit->hours;
    };
    const calendar::Hours hours = at(size.value_or(directory::kNow));
    const bool unchanged = size || (known_size_ && at(*known_size_) == hours);
    // In a zone that is not known here the broker may reckon all the same.
    if (!unchanged || !calendar::knows_zone(hours.zone)) return std::nullopt;
    return hours;
}

std::optional<WallTime> ThreadClocks::end_of(const Kind& kind, const Thread& thread,
                                             const StartClock& start,
                                             const StepCause& cause) const {
    // Which parties have been called by then is known from the start alone, or to the opener.
    const bool opens = cause.header != nullptr && thread.steps == 1;
    const bool known = opens || mailbox_ == thread.opener || thread.parties.size() <= 1;
    const bool of_all = !start.party && kind.clocks[start.clock].hours == ClockHours::opening;
    if (of_all && !known) return std::nullopt;
    const workflow::ClockCause started{kind, thread, cause.header};
    const auto length =
        workflow::clock_length(started, start, [&](std::size_t party, std::uint16_t number) {
            const auto last = std::find_if(said_.rbegin(), said_.rend(), [&](const Said& said) {
                return said.party == party && workflow::may_say(kind.acts[said.act], number);
            });
            return last == said_.rend() ? nullptr : &last->publics;
        });
    return workflow::clock_end(started, start, cause.at, length, [&](const Address& mailbox) {
        return hours_of(mailbox, cause.size);
    });
}

// Whether the mailbox hears of it when the row applies: it sees the act, or gets a notice.
bool ThreadClocks::heard(const Kind& kind, const Thread& thread, const Row& row) const {
    const bool ends = std::ranges::any_of(row.effects, [&](const workflow::Effect& effect) {
        return effect.op == EffectOp::thread_state && kind.thread_states[effect.state].terminal;
    });
    if (ends) return true;
    const bool opener = mailbox_ == thread.opener;
    const auto own = thread.party(mailbox_);
    const bool withdrawn = own && std::ranges::any_of(row.effects, [&](const auto& effect) {
                               return effect.op == EffectOp::withdraw &&
                                      workflow::in_mask(effect.states, thread.parties[*own].state);
                           });
    if (withdrawn) return true;
    const bool alone = own && thread.parties.size() == 1;
    switch (row.trigger) {
        case TriggerKind::followed: return false;
        case TriggerKind::clock_end:
            return opener || alone || (own && !kind.clocks[row.index].per_party) ||
                   (!own && hands_over(row));
        case TriggerKind::act: break;
    }
    if (opener) return true;
    const workflow::Act& act = kind.acts[row.index];
    switch (act.recipients) {
        case workflow::Recipients::all_parties: return own.has_value();
        case workflow::Recipients::groups: return !own;
        case workflow::Recipients::nobody: return false;
        case workflow::Recipients::opener: return alone && act.side == Side::party;
        default: return alone;
    }
}

// A clock of a party is moved by what its own party does, and by promotions, of which it is told.
bool ThreadClocks::sure(const Kind& kind, const Thread& thread, const Running& running) const {
    return std::ranges::none_of(kind.rows, [&](const Row& row) {
        const bool possible = row.threads != 0 && workflow::in_mask(row.threads, thread.state) &&
                              touches(row, running.clock);
        const bool own_alone =
            running.party && kind.has_subject(row) && row.trigger != TriggerKind::followed;
        return possible && !own_alone && !heard(kind, thread, row);
    });
}

std::vector<Deadline> ThreadClocks::deadlines(const Kind& kind, const Thread& thread) const {
    std::vector<Deadline> list;
    if (kind.thread_states[thread.state].terminal) return list;
    const auto own = thread.party(mailbox_);
    for (const Running& running : running_) {
        const bool of_another = running.party && mailbox_ != thread.opener && running.party != own;
        const workflow::Clock& clock = kind.clocks[running.clock];
        if (clock.backstop || !running.end || of_another) continue;
        if (!sure(kind, thread, running)) continue;
        list.push_back({clock.name, clock.label, *running.end, std::nullopt});
        if (running.party) list.back().mailbox = thread.parties[*running.party].mailbox;
    }
    std::ranges::stable_sort(list, {}, &Deadline::end);
    return list;
}

std::optional<WallTime> ThreadClocks::releases_at(const Kind& kind, const Thread& thread,
                                                  Release condition) const {
    std::optional<WallTime> first;
    for (const Running& running : running_) {
        const bool releases = std::ranges::any_of(kind.rows, [&](const Row& row) {
            return row.trigger == TriggerKind::clock_end && row.index == running.clock &&
                   workflow::in_mask(row.threads, thread.state) && row.releases(condition);
        });
        if (!releases || !running.end || !sure(kind, thread, running)) continue;
        if (!first || *running.end < *first) first = running.end;
    }
    return first;
}

}  // namespace relais::station
