#include "broker/engine/overtaken.h"

#include <algorithm>
#include <span>

namespace relais::broker {

namespace {

using workflow::EffectOp;
using workflow::StateIndex;
using workflow::TriggerKind;

// Whether some row of that act meets these states; without a party's: of any.
bool has_place(const workflow::Kind& kind, workflow::ActIndex act, StateIndex state,
               std::optional<StateIndex> party = std::nullopt) {
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        return row.trigger == TriggerKind::act && row.index == act &&
               workflow::in_mask(row.threads, state) &&
               (!party || workflow::in_mask(row.parties, *party));
    });
}

// Whether that act may bring its party from one state to the other.
bool moves_party(const workflow::Kind& kind, workflow::ActIndex act, StateIndex thread,
                 StateIndex from, StateIndex to) {
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        const bool meets = row.trigger == TriggerKind::act && row.index == act &&
                           workflow::in_mask(row.threads, thread) &&
                           workflow::in_mask(row.parties, from);
        return meets && std::ranges::any_of(row.effects, [&](const workflow::Effect& effect) {
                   return effect.op == EffectOp::party_state && effect.state == to;
               });
    });
}

// What stands behind it is out of its order.
std::span<const indicators::Step> course_of(const StoredThread& thread) {
    return std::span(thread.history).first(std::min(thread.history.size(), indicators::kStepsMax));
}

// Whether a step that was an act was this mailbox's. Of an act in another thread the course does
// not tell whose it was.
bool was_of(const workflow::Thread& thread, const indicators::Step& step, const Address& mailbox) {
    if (step.trigger == indicators::Trigger::followed) return false;
    const bool of_party = step.party && *step.party < thread.parties.size();
    return mailbox == (of_party ? thread.parties[*step.party].mailbox : thread.opener);
}

// An act of somebody else led the thread away from a state in which this one had a place.
bool thread_moved(const workflow::Kind& kind, const StoredThread& thread, workflow::ActIndex index,
                  const Header& act, const Header& winner) {
    const bool colleague = winner.from == act.from;
    const std::span<const indicators::Step> course = course_of(thread);
    for (std::size_t i = 1; i < course.size(); ++i) {
        const indicators::Step& step = course[i];
        const StateIndex before = course[i - 1].state;
        const bool moved = step.trigger != indicators::Trigger::clock_end && step.state != before;
        if (!moved || !has_place(kind, index, before)) continue;
        // Of the same mailbox the course does not tell who: only the last step is the winner's.
        const bool others =
            colleague ? i + 1 == course.size() : !was_of(thread.thread, step, act.from);
        if (others) return true;
    }
    return false;
}

// The last act was of the party that this one is about, and can have led it away from a state in
// which this one had a place.
bool party_moved(const workflow::Kind& kind, const workflow::Thread& thread,
                 workflow::ActIndex index, const Header& act, const Header& winner) {
    const bool of_opener = kind.acts[index].side == workflow::Side::opener;
    const bool to_one = kind.acts[index].recipients == workflow::Recipients::one_party;
    if (of_opener && (!to_one || act.to.empty())) return false;
    const auto subject = thread.party(of_opener ? act.to.front().mailbox : act.from);
    const auto last = kind.act(winner.act);
    const bool about =
        subject && last && winner.thread == thread.id && thread.party(winner.from) == subject;
    if (!about) return false;
    const StateIndex now = thread.parties[*subject].state;
    for (StateIndex before = 0; before < kind.party_states.size(); ++before) {
        if (before != now && has_place(kind, index, thread.state, before) &&
            moves_party(kind, *last, thread.state, before, now)) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool is_withdrawn(const workflow::Kind& kind, const workflow::Party& party) {
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        return std::ranges::any_of(row.effects, [&](const workflow::Effect& effect) {
            return effect.op == EffectOp::withdraw && effect.state == party.state;
        });
    });
}

bool withdrew(const workflow::Kind& kind, const StoredThread& thread, const workflow::Party& party,
              const Header& act, WallTime accepted) {
    const std::span<const indicators::Step> course = course_of(thread);
    if (party.since == 0 || party.since > course.size()) return false;
    const indicators::Step& step = course[party.since - 1];
    if (step.trigger == indicators::Trigger::clock_end || step.at != accepted) return false;
    return step.trigger == indicators::Trigger::followed || step.index == kind.act(act.act);
}

bool was_overtaken(const workflow::Kind& kind, const StoredThread& thread, const Header& act,
                   const Header& winner) {
    const auto index = kind.act(act.act);
    if (!index || kind.acts[*index].opens) return false;
    const bool own = winner.from == act.from && winner.by == act.by;
    return !own && (thread_moved(kind, thread, *index, act, winner) ||
                    party_moved(kind, thread.thread, *index, act, winner));
}

}  // namespace relais::broker
