#include "clients/station/api/thread_holds.h"

#include <algorithm>

#include "schemas/workflow/permission.h"

namespace relais::station {

using workflow::EffectOp;
using workflow::StateMask;

// As the broker decides it: by the box, then by what the party has not been told of yet.
void ThreadHolds::sent(const workflow::Kind& kind, const workflow::Thread& after,
                       workflow::ActIndex act, const Header& header, const Digest& digest) {
    const Release declared = kind.acts[act].release;
    auto& waiting = waiting_[digest];
    const auto recipients = header.mailboxes();
    for (std::size_t i = 0; i < recipients.size(); ++i) {
        if (recipients[i].standing == Standing::delegate) continue;
        Release until = box_release(header, i + 1, declared);
        const auto party = after.party(recipients[i].mailbox);
        if (until == Release::at_once && party) until = after.parties[*party].waits;
        if (until == Release::at_once) continue;
        waiting.emplace(recipients[i].mailbox.text(), Waiting{until, false});
    }
    const Release members = declared == Release::at_once ? after.groups_wait : declared;
    if (members == Release::at_once) return;
    for (const Address& reader : workflow::group_readers(directory_, kind, header)) {
        waiting.emplace(reader.text(), Waiting{members, true});
    }
}

void ThreadHolds::follow(const workflow::Outcome& outcome) {
    for (const workflow::Consequence& each : outcome.consequences) {
        const auto* one = std::get_if<workflow::Released>(&each);
        const auto* all = std::get_if<workflow::GroupsReleased>(&each);
        if (one == nullptr && all == nullptr) continue;
        const Release condition = one != nullptr ? one->condition : all->condition;
        const std::string mailbox =
            one != nullptr ? outcome.thread.parties[one->party].mailbox.text() : std::string();
        for (auto& [act, waiting] : waiting_) {
            std::erase_if(waiting, [&](const auto& each_reader) {
                const auto& [reader, held] = each_reader;
                return held.until == condition &&
                       (one != nullptr ? reader == mailbox : held.of_member);
            });
        }
    }
}

Release ThreadHolds::of(const Digest& act, const Address& mailbox) const {
    const auto waiting = waiting_.find(act);
    if (waiting == waiting_.end()) return Release::at_once;
    const auto held = waiting->second.find(mailbox.text());
    return held == waiting->second.end() ? Release::at_once : held->second.until;
}

namespace {

StateMask with(StateMask mask, workflow::StateIndex state) {
    return static_cast<StateMask>(mask | 1U << state);
}

// States that the thread and one of its parties can come to, guards apart.
struct Ahead {
    StateMask threads;
    StateMask parties;  // none: without a party
    bool operator==(const Ahead&) const = default;
};

// Whether the row may be about this party.
bool may_concern(const workflow::Kind& kind, const workflow::Row& row, const Ahead& ahead) {
    return kind.has_subject(row) && (row.parties & ahead.parties) != 0;
}

void step_ahead(const workflow::Kind& kind, const workflow::Row& row, Ahead& ahead) {
    for (const workflow::Effect& effect : row.effects) {
        const bool meant = effect.op == EffectOp::party_state
                               ? may_concern(kind, row, ahead)
                               : (effect.states & ahead.parties) != 0;
        switch (effect.op) {
            case EffectOp::thread_state: ahead.threads = with(ahead.threads, effect.state); break;
            case EffectOp::party_state:
            case EffectOp::withdraw:
            case EffectOp::promote:
            case EffectOp::parties:
                if (meant) ahead.parties = with(ahead.parties, effect.state);
                break;
            default: break;
        }
    }
}

bool releases_to(const workflow::Kind& kind, const workflow::Row& row, const Ahead& ahead,
                 Release condition) {
    return std::ranges::any_of(row.effects, [&](const workflow::Effect& effect) {
        if (effect.release != condition) return false;
        switch (effect.op) {
            case EffectOp::release: return !kind.has_subject(row) || may_concern(kind, row, ahead);
            case EffectOp::promote:
            case EffectOp::parties: return (effect.states & ahead.parties) != 0;
            default: return false;
        }
    });
}

}  // namespace

bool may_release(const workflow::Kind& kind, const workflow::Thread& thread,
                 std::optional<std::size_t> party, Release condition) {
    Ahead ahead{with(0, thread.state),
                party ? with(0, thread.parties[*party].state) : StateMask{0}};
    for (Ahead before{}; before != ahead;) {
        before = ahead;
        for (const workflow::Row& row : kind.rows) {
            if ((row.threads & before.threads) == 0) continue;
            if (releases_to(kind, row, before, condition)) return true;
            step_ahead(kind, row, ahead);
        }
    }
    return false;
}

}  // namespace relais::station
