#include "clients/station/api/thread_replay.h"

#include <algorithm>
#include <set>

#include "schemas/workflow/permission.h"

namespace relais::station {

void ThreadReplay::act(const Opened& opened) {
    // States and clocks are places in the tables of one kind and version: those of another one are
    // none of this thread's.
    if (state_ && state_->kind != opened.kind->kind.digest) return;
    kind_ = opened.kind;
    const workflow::Kind& kind = kind_->kind;
    const workflow::ActInput input = workflow::act_input(
        directory_, kind, opened.act, opened.header, opened.digest, opened.accepted.directory_size,
        opened.accepted.time, state_ ? &*state_ : nullptr);
    const StepCause cause{opened.accepted.time, &opened.header, opened.accepted.directory_size};
    if (!state_ && !kind.acts[opened.act].opens) return join(input, cause);
    if (state_) call_in(opened.header.from);
    const auto outcome = state_ ? workflow::apply_act(kind, *state_, input, nullptr)
                                : workflow::open_thread(kind, id_, input, nullptr);
    if (outcome.ok()) {
        clocks_.note(kind, outcome->thread, opened.act, opened.header);
        if (opened.header.from == mailbox_) {
            holds_.sent(kind, outcome->thread, opened.act, opened.header, opened.digest);
        }
        apply(*outcome, cause);
        call_in(mailbox_);
    } else if (state_ && outcome.code() == ErrorCode::act_refused) {
        catch_up(kind, opened.act);
    }
}

// Whoever becomes a member of a group while a thread goes on gets what the opener sends next, and
// may answer it. Of the states that admit that act, the first of the kind's is taken for the one
// that the thread was in: which it was, is not said to members.
void ThreadReplay::join(const workflow::ActInput& input, const StepCause& cause) {
    const workflow::Kind& kind = kind_->kind;
    if (kind.acts[input.act].recipients != workflow::Recipients::groups) return;
    workflow::Thread thread{.id = id_, .kind = kind.digest, .opener = input.from};
    for (const workflow::Addressee& group : input.to) thread.groups.push_back(group.mailbox);
    for (workflow::StateIndex state = 0; state < kind.thread_states.size(); ++state) {
        if (kind.thread_states[state].terminal) continue;
        thread.state = state;
        auto outcome = workflow::apply_act(kind, thread, input, nullptr);
        if (outcome.ok()) return apply(*std::move(outcome), cause);
    }
}

void ThreadReplay::apply(workflow::Outcome outcome, const StepCause& cause) {
    clocks_.follow(kind_->kind, outcome, cause);
    holds_.follow(outcome);
    state_ = std::move(outcome.thread);
}

std::vector<Deadline> ThreadReplay::deadlines() const {
    return state_ ? clocks_.deadlines(kind_->kind, *state_) : std::vector<Deadline>();
}

std::optional<Held> ThreadReplay::held(const Digest& act, const Address& reader) const {
    if (!state_) return std::nullopt;
    const Release until = holds_.of(act, reader);
    if (until == Release::at_once) return std::nullopt;
    const workflow::Kind& kind = kind_->kind;
    Held held{until, clocks_.releases_at(kind, *state_, until), false};
    held.over = kind.thread_states[state_->state].terminal ||
                !may_release(kind, *state_, state_->party(reader), until);
    return held;
}

void ThreadReplay::quoted(const QuotedAct& quoted, const Notice& notice) {
    act(Opened{.header = quoted.header,
               .digest = header_digest(notice.act->bytes),
               .kind = quoted.kind,
               .act = quoted.act,
               .form = {},
               .warnings = {},
               .accepted = {notice.time, quoted.header.head.size, {}, {}},
               .old_epoch = false});
}

// A delegate that acts, or that sees the thread, was called in.
void ThreadReplay::call_in(const Address& delegate) {
    if (const auto party = state_->stood_in_for(delegate)) state_->parties[*party].delegated = true;
}

// The broker accepted the act in a state that acts of others had led to: it is known all the same
// where every row of the act leads to one state.
void ThreadReplay::catch_up(const workflow::Kind& kind, workflow::ActIndex act) {
    const workflow::StateIndex from = state_->state;
    std::set<workflow::StateIndex> targets;
    for (const workflow::Row& row : kind.rows) {
        if (row.trigger != workflow::TriggerKind::act || row.index != act) continue;
        targets.insert(row.target(from));
    }
    const bool known = targets.size() == 1 && !kind.thread_states[from].terminal;
    clocks_.forget_touched(kind, act);
    if (known) state_->state = *targets.begin();
}

void ThreadReplay::turn(const Notice& notice) {
    if (!state_) return;
    switch (notice.kind) {
        case NoticeKind::ended:
        case NoticeKind::overdue: return end(notice);
        case NoticeKind::promoted:
        case NoticeKind::placed: return place(notice);
        case NoticeKind::delegated:
            for (workflow::Party& party : state_->parties) {
                if (party.mailbox.text() == notice.mailbox) {
                    party.delegated = party.delegate.has_value();
                }
            }
            return;
        default: return;
    }
}

namespace {

// The party that a notice is about: one's own place; or, in a thread that one opened, that of a
// party of which another thread decided. What acts and promotions do there is exact already.
std::optional<std::size_t> placed_party(const Notice& notice, const workflow::Thread& thread,
                                        const Address& mailbox) {
    const auto found = std::ranges::find(thread.parties, notice.mailbox,
                                         [](const auto& party) { return party.mailbox.text(); });
    if (found == thread.parties.end()) return std::nullopt;
    const auto named = static_cast<std::size_t>(found - thread.parties.begin());
    const bool own = thread.party(mailbox) == named;
    const bool decided_elsewhere = notice.kind == NoticeKind::placed && mailbox == thread.opener;
    return own || decided_elsewhere ? std::optional(named) : std::nullopt;
}

}  // namespace

// Where one stands among others: said by name, or promoted to the one state that the kind has for
// it.
void ThreadReplay::place(const Notice& notice) {
    const auto own = placed_party(notice, *state_, mailbox_);
    if (!own) return;
    const workflow::Kind& kind = kind_->kind;
    std::set<workflow::StateIndex> states;
    std::set<std::optional<workflow::ClockIndex>> clocks;
    const workflow::StateIndex before = state_->parties[*own].state;
    if (notice.kind == NoticeKind::placed) {
        const auto named =
            std::ranges::find(kind.party_states, notice.state, &workflow::State::name);
        if (named != kind.party_states.end()) {
            states.insert(static_cast<workflow::StateIndex>(named - kind.party_states.begin()));
        }
    } else {
        for (const workflow::Row& row : kind.rows) {
            for (const workflow::Effect& effect : row.effects) {
                const bool promotes = effect.op == workflow::EffectOp::promote &&
                                      workflow::in_mask(effect.states, before);
                if (!promotes) continue;
                states.insert(effect.state);
                clocks.insert(effect.clock);
            }
        }
    }
    if (states.size() != 1) return;
    state_->parties[*own].state = *states.begin();
    if (notice.kind == NoticeKind::placed && *states.begin() != before) clocks_.forget_own(*own);
    const bool one = clocks.size() == 1 && clocks.begin()->has_value();
    if (one) start_for(*own, **clocks.begin(), notice);
}

// The act that promoted is quoted; where it was the end of a clock, none is.
void ThreadReplay::start_for(std::size_t party, workflow::ClockIndex clock, const Notice& notice) {
    std::optional<Header> header;
    if (notice.act) {
        auto parsed = parse_header(notice.act->bytes);
        if (!parsed.ok()) return;
        header = *std::move(parsed);
    }
    const StepCause cause{notice.time, header ? &*header : nullptr, std::nullopt};
    clocks_.start(kind_->kind, *state_, {clock, party}, cause);
}

// The state is the broker's word. What else the end of the clock does is computed, where the table
// leads to that state from what is seen here.
void ThreadReplay::end(const Notice& notice) {
    const workflow::Kind& kind = kind_->kind;
    const auto named = std::ranges::find(kind.thread_states, notice.state, &workflow::State::name);
    if (named == kind.thread_states.end()) return;
    const auto state = static_cast<workflow::StateIndex>(named - kind.thread_states.begin());
    const auto clock = std::ranges::find(kind.clocks, notice.clock, &workflow::Clock::name);
    if (clock != kind.clocks.end()) {
        const auto index = static_cast<workflow::ClockIndex>(clock - kind.clocks.begin());
        for (const auto& owner : owners_of(*clock, index)) {
            const auto ended = workflow::apply_clock_end(kind, *state_, index, owner);
            if (!ended.ok() || ended->thread.state != state) continue;
            clocks_.stop({index, owner});
            apply(*ended, {notice.time, nullptr, std::nullopt});
            return;
        }
        clocks_.stop({index, std::nullopt});
    }
    state_->state = state;
}

// Whose clock it may be: a party is told of its own alone; of the others', those that run first.
std::vector<std::optional<std::size_t>> ThreadReplay::owners_of(const workflow::Clock& clock,
                                                                workflow::ClockIndex index) const {
    if (!clock.per_party) return {std::nullopt};
    if (const auto own = state_->party(mailbox_)) return {own};
    std::vector<std::optional<std::size_t>> all;
    for (std::size_t i = 0; i < state_->parties.size(); ++i) all.emplace_back(i);
    std::ranges::stable_partition(all,
                                  [&](const auto& owner) { return clocks_.runs(index, owner); });
    return all;
}

}  // namespace relais::station
