#include "clients/station/api/withdrawals.h"

#include <algorithm>

namespace relais::station {

namespace {

// A party, or who stands in for one, called in or not.
std::optional<std::size_t> place_in(const workflow::Thread& thread, const Address& mailbox) {
    const auto party = thread.party(mailbox);
    return party ? party : thread.stood_in_for(mailbox);
}

bool is_delegate_of(const Recipient& to) { return to.standing == Standing::delegate; }

// Whether the act took nothing back from that place: it is about it, or its sender could not do it
// in this thread. The table never takes anything back from whom an act is about.
bool spares(const workflow::Act& act, const Header& header, const workflow::Thread& thread,
            std::size_t place) {
    if (act.side != workflow::Side::opener) {
        const auto subject = place_in(thread, header.from);
        return !subject || subject == place;
    }
    if (header.from != thread.opener) return true;
    if (act.recipients != workflow::Recipients::one_party) return false;
    const auto to = std::ranges::find_if_not(header.to, is_delegate_of);
    if (to == header.to.end()) return true;
    const auto subject = place_in(thread, to->mailbox);
    return !subject || subject == place;
}

bool may_hold(const workflow::Guard& guard, const Header& header) {
    if (guard.op != workflow::GuardOp::public_is) return true;
    return std::ranges::any_of(header.publics, [&](const PublicField& field) {
        return field.number == guard.number && field.value == guard.value;
    });
}

bool withdraws_from(const workflow::Row& row, workflow::StateIndex state) {
    return std::ranges::any_of(row.effects, [&](const workflow::Effect& effect) {
        return effect.op == workflow::EffectOp::withdraw && workflow::in_mask(effect.states, state);
    });
}

}  // namespace

bool withdraws(const QuotedAct& quoted, const workflow::Thread& thread, workflow::ActIndex opening,
               const Address& mailbox) {
    const Header& header = quoted.header;
    const workflow::Kind& kind = quoted.kind->kind;
    const auto place = place_in(thread, mailbox);
    if (!place || header.thread != thread.id || header.kind != thread.kind) return false;
    if (spares(kind.acts[quoted.act], header, thread, *place)) return false;
    const workflow::StateMask states = kind.reachable_from(opening);
    return std::ranges::any_of(kind.rows, [&](const workflow::Row& row) {
        const bool of_it = row.trigger == workflow::TriggerKind::act && row.index == quoted.act &&
                           (row.threads & states) != 0;
        const bool holds = std::ranges::all_of(
            row.guards, [&](const workflow::Guard& guard) { return may_hold(guard, header); });
        return of_it && holds && withdraws_from(row, thread.parties[*place].state);
    });
}

Withdrawal judge_withdrawal(const Result<QuotedAct>& quoted,
                            const std::optional<workflow::Thread>& thread,
                            std::optional<workflow::ActIndex> opening, const Address& mailbox) {
    if (!quoted.ok()) {
        return may_pass(quoted.code()) ? Withdrawal::unchecked : Withdrawal::unproven;
    }
    if (!thread || !opening) return Withdrawal::unchecked;
    return withdraws(*quoted, *thread, *opening, mailbox) ? Withdrawal::proven
                                                          : Withdrawal::unproven;
}

}  // namespace relais::station
