#include "schemas/workflow/decide.h"

#include <algorithm>
#include <iterator>

#include "core/base/limits.h"
#include "core/codecs/codecs.h"

namespace relais::workflow {

namespace {

// One evaluation: the thread as it was, and who and what moves it.
struct Step {
    const Kind& kind;
    const Thread& thread;
    TriggerKind trigger;
    std::uint8_t index;
    std::optional<std::size_t> subject;
    const ActInput* input;            // null for a clock
    const RegisterReader* registers;  // null: not at hand
    const Opening* opening;           // of a thread that follows
};

bool any_party_in(const Thread& thread, StateMask states) {
    return std::ranges::any_of(thread.parties,
                               [&](const Party& party) { return in_mask(states, party.state); });
}

bool other_party_in(const Step& step, StateMask states) {
    for (std::size_t party = 0; party < step.thread.parties.size(); ++party) {
        if (party != step.subject && in_mask(states, step.thread.parties[party].state)) return true;
    }
    return false;
}

bool all_parties_in(const Thread& thread, StateMask states) {
    return std::ranges::all_of(thread.parties,
                               [&](const Party& party) { return in_mask(states, party.state); });
}

bool public_is(const ActInput* input, std::uint16_t number, std::int64_t value) {
    if (input == nullptr) return false;
    return std::ranges::any_of(input->publics, [&](const PublicField& field) {
        return field.number == number && field.value == value;
    });
}

// Whether what a quorum of this row counts includes an act.
bool counts(const Guard& quorum, std::uint8_t row_act, ActIndex act) {
    if (quorum.acts.empty()) return act == row_act;
    return std::ranges::find(quorum.acts, act) != quorum.acts.end();
}

// One RPPS may have several entries, and an entry get its RPPS later.
bool same_person(const Done& a, const Done& b) {
    return a.by == b.by || (!a.signer.empty() && a.signer == b.signer);
}

// Groups of entries that are linked, directly or through others.
std::size_t count_persons(std::vector<Done> entries) {
    std::size_t persons = 0;
    while (!entries.empty()) {
        std::vector<Done> linked = {entries.back()};
        entries.pop_back();
        for (std::size_t i = 0; i < linked.size(); ++i) {
            const auto others = std::ranges::partition(
                entries, [&](const Done& each) { return !same_person(each, linked[i]); });
            const std::vector<Done> found(others.begin(), others.end());
            entries.erase(others.begin(), others.end());
            linked.insert(linked.end(), found.begin(), found.end());
        }
        ++persons;
    }
    return persons;
}

bool quorum_reached(const Thread& thread, const Guard& guard, const Done& by) {
    std::vector<Done> entries = {by};
    std::ranges::copy_if(thread.done, std::back_inserter(entries),
                         [&](const Done& done) { return counts(guard, by.act, done.act); });
    return count_persons(std::move(entries)) >= guard.count;
}

bool quorum_reached(const Step& step, const Guard& guard) {
    if (step.input == nullptr) return false;
    return quorum_reached(step.thread, guard, {step.index, step.input->by, step.input->signer});
}

std::string key_text(const KeyPart& part, const ThreadId& thread, const ActInput& input) {
    switch (part.source) {
        case KeySource::publics: {
            const auto field = std::ranges::find(input.publics, part.number, &PublicField::number);
            return field == input.publics.end() ? "" : std::to_string(field->value);
        }
        case KeySource::signer: return input.signer;
        case KeySource::attention: return input.attention;
        case KeySource::mailbox: return input.from.text();
        case KeySource::organisation: return std::string(input.from.organisation());
        case KeySource::thread: return format_uuid(thread.view());
        case KeySource::followed: return input.follows ? format_uuid(input.follows->view()) : "";
        case KeySource::constant: return std::to_string(part.number);
    }
    return "";
}

// The text of a key; none where a part of it has no value in this act.
std::optional<std::string> register_key(const std::vector<KeyPart>& parts, const ThreadId& thread,
                                        const ActInput& input) {
    std::string key;
    for (const KeyPart& part : parts) {
        const std::string text = key_text(part, thread, input);
        if (text.empty()) return std::nullopt;
        if (!key.empty()) key += '/';
        key += text;
    }
    if (key.size() > limits::kRegisterKeyBytesMax) return std::nullopt;
    return key;
}

// What a register holds under the guard's key; none also where the act gives no key.
Result<std::optional<std::int64_t>> register_value(const Step& step, const Guard& guard) {
    const RegisterDeclared& declared = step.kind.registers[guard.reg];
    const auto key = register_key(guard.key, step.thread.id, *step.input);
    if (!key) return std::optional<std::int64_t>();
    return step.registers->latest(declared.kind.empty() ? step.kind.name : declared.kind,
                                  declared.name, *key);
}

bool asks_register(const Guard& guard) {
    return guard.op == GuardOp::register_is || guard.op == GuardOp::register_is_not;
}

Result<bool> register_holds(const Step& step, const Guard& guard) {
    if (step.input == nullptr) return false;
    if (step.registers == nullptr) return true;
    RELAIS_ASSIGN(const auto value, register_value(step, guard));
    return (value == guard.value) == (guard.op == GuardOp::register_is);
}

bool within(const Step& step, std::int64_t seconds) {
    if (step.input == nullptr) return false;
    return step.input->time - step.thread.opened <= std::chrono::seconds(seconds);
}

// Any unit of the opener's organisation will do: who asks and who is written to may be two of them.
bool goes_to_opener(const Step& step) {
    return step.input != nullptr && std::ranges::any_of(step.input->to, [&](const Addressee& to) {
               return to.mailbox.domain() == step.thread.opener.domain() &&
                      to.mailbox.organisation() == step.thread.opener.organisation();
           });
}

// Guards that the act and the thread alone decide.
bool holds(const Step& step, const Guard& guard) {
    switch (guard.op) {
        case GuardOp::no_party_in: return !any_party_in(step.thread, guard.states);
        case GuardOp::no_other_party_in: return !other_party_in(step, guard.states);
        case GuardOp::some_party_in: return any_party_in(step.thread, guard.states);
        case GuardOp::all_parties_in: return all_parties_in(step.thread, guard.states);
        case GuardOp::public_is: return public_is(step.input, guard.number, guard.value);
        case GuardOp::quorum: return quorum_reached(step, guard);
        case GuardOp::role_is:
            return step.input != nullptr && (step.input->roles >> guard.number & 1) != 0;
        case GuardOp::within: return within(step, guard.value);
        case GuardOp::to_opener: return goes_to_opener(step);
        case GuardOp::register_is:
        case GuardOp::register_is_not: break;
    }
    return false;
}

struct Holding {
    bool all = true;
    std::string denied{};  // the register that alone stood against it
};

// The registers are asked last, and only where all else holds.
Result<Holding> hold(const Step& step, const std::vector<Guard>& guards) {
    for (const Guard& guard : guards) {
        if (!asks_register(guard) && !holds(step, guard)) return Holding{false};
    }
    for (const Guard& guard : guards) {
        if (!asks_register(guard)) continue;
        RELAIS_ASSIGN(const bool held, register_holds(step, guard));
        if (!held) return Holding{false, step.kind.registers[guard.reg].name};
    }
    return Holding{};
}

bool fits_states(const Row& row, const Thread& thread, std::optional<std::size_t> subject) {
    if (!in_mask(row.threads, thread.state)) return false;
    return !subject || in_mask(row.parties, thread.parties[*subject].state);
}

bool is_of(const Row& row, const Step& step) {
    if (row.trigger != step.trigger) return false;
    if (row.trigger == TriggerKind::followed) return row.opening == *step.opening;
    return row.index == step.index;
}

// The first row that fits. Errors: act_refused, register_refused; those of the registers.
Result<const Row*> find_row(const Step& step, bool opening) {
    std::string denied;
    for (const Row& row : step.kind.rows) {
        const bool state_fits =
            is_of(row, step) &&
            (opening ? row.threads == 0 : fits_states(row, step.thread, step.subject));
        if (!state_fits) continue;
        RELAIS_ASSIGN(const Holding holding, hold(step, row.guards));
        if (holding.all) return &row;
        if (denied.empty()) denied = holding.denied;
    }
    if (!denied.empty()) return fail(ErrorCode::register_refused, denied);
    return fail(ErrorCode::act_refused, "state " + step.kind.thread_states[step.thread.state].name);
}

// Applies one row's effects to a copy of the thread.
class Application {
public:
    Application(const Step& step) : step_(step), outcome_{step.thread, {}} {
        ++outcome_.thread.steps;
    }

    Result<void> run(const Effect& effect) {
        if (effect.op == EffectOp::set_register) return set_register(effect);
        apply(effect);
        return {};
    }

private:
    void apply(const Effect& effect) {
        switch (effect.op) {
            case EffectOp::thread_state: return set_thread(effect.state);
            case EffectOp::party_state: return set_party(*step_.subject, effect.state);
            case EffectOp::withdraw: return withdraw(effect);
            case EffectOp::promote: return promote(effect);
            case EffectOp::start_clock: return add(StartClock{*effect.clock, clock_party(effect)});
            case EffectOp::stop_clock: return add(StopClock{*effect.clock, clock_party(effect)});
            case EffectOp::release: return release(effect);
            case EffectOp::parties: return move_parties(effect);
            case EffectOp::tell: return add(Told{step_.subject});
            case EffectOp::set_register: break;  // run()
        }
    }

public:
    Outcome finish() && {
        if (step_.input != nullptr && counts_for_quorum()) remember_person();
        if (step_.input != nullptr && changed_) outcome_.thread.last_change = step_.input->header;
        return std::move(outcome_);
    }

private:
    void add(Consequence consequence) { outcome_.consequences.push_back(std::move(consequence)); }

    // Without a subject: every party's, and what is held for the groups.
    void release(const Effect& effect) {
        if (step_.subject) return hand_over(*step_.subject, effect.release);
        Thread& thread = outcome_.thread;
        for (std::size_t party = 0; party < thread.parties.size(); ++party) {
            hand_over(party, effect.release);
        }
        if (thread.groups.empty()) return;
        if (thread.groups_wait == effect.release) thread.groups_wait = Release::at_once;
        add(GroupsReleased{effect.release});
    }

    // What is held for the party goes out: from now on it hears of the thread.
    void hand_over(std::size_t party, Release condition) {
        Party& reached = outcome_.thread.parties[party];
        if (reached.waits == condition) reached.waits = Release::at_once;
        add(Released{condition, party});
    }

    void move_parties(const Effect& effect) {
        for (std::size_t party = 0; party < outcome_.thread.parties.size(); ++party) {
            if (!in_mask(effect.states, outcome_.thread.parties[party].state)) continue;
            set_party(party, effect.state);
            if (effect.release != Release::at_once) hand_over(party, effect.release);
        }
    }

    Result<void> set_register(const Effect& effect) {
        if (step_.input == nullptr) return {};
        auto entry = registered_by(effect, step_.thread.id, *step_.input);
        if (!entry) {
            const std::string& name = step_.kind.registers[effect.reg].name;
            return fail(ErrorCode::register_refused, name + ": no key or value");
        }
        add(*std::move(entry));
        return {};
    }

    void set_thread(StateIndex state) {
        changed_ = true;
        outcome_.thread.state = state;
        if (step_.kind.thread_states[state].terminal) add(Ended{});
    }

    void set_party(std::size_t party, StateIndex state) {
        changed_ = true;
        outcome_.thread.parties[party].state = state;
        outcome_.thread.parties[party].since = outcome_.thread.steps;
    }

    // Nothing is waited for from who is withdrawn: neither is it reminded.
    void withdraw(const Effect& effect) {
        for (std::size_t party = 0; party < outcome_.thread.parties.size(); ++party) {
            if (party == step_.subject) continue;
            if (!in_mask(effect.states, outcome_.thread.parties[party].state)) continue;
            set_party(party, effect.state);
            add(Withdrawn{party});
            stop_clocks_of(party);
        }
    }

    void stop_clocks_of(std::size_t party) {
        for (std::size_t clock = 0; clock < step_.kind.clocks.size(); ++clock) {
            if (!step_.kind.clocks[clock].per_party) continue;
            add(StopClock{static_cast<ClockIndex>(clock), party});
        }
    }

    void promote(const Effect& effect) {
        std::optional<std::size_t> first;
        for (std::size_t party = 0; party < outcome_.thread.parties.size(); ++party) {
            const Party& candidate = outcome_.thread.parties[party];
            if (!in_mask(effect.states, candidate.state)) continue;
            if (!first || candidate.since < outcome_.thread.parties[*first].since) first = party;
        }
        if (!first) return;
        set_party(*first, effect.state);
        if (effect.release != Release::at_once) hand_over(*first, effect.release);
        add(Promoted{*first});
        if (effect.clock) add(StartClock{*effect.clock, first});
    }

    // A clock of a party is the subject's; stopping one without a subject stops every party's.
    std::optional<std::size_t> clock_party(const Effect& effect) const {
        return step_.kind.clocks[*effect.clock].per_party ? step_.subject : std::nullopt;
    }

    // Once: a thread must not grow with an act that is repeated.
    void remember_person() {
        const auto known = [&](const Done& done) {
            return done.act == step_.index && done.by == step_.input->by &&
                   done.signer == step_.input->signer;
        };
        std::vector<Done>& done = outcome_.thread.done;
        if (std::ranges::any_of(done, known)) return;
        done.push_back({step_.index, step_.input->by, step_.input->signer});
    }

    bool counts_for_quorum() const {
        return std::ranges::any_of(step_.kind.rows, [&](const Row& row) {
            return row.trigger == TriggerKind::act &&
                   std::ranges::any_of(row.guards, [&](const Guard& guard) {
                       return guard.op == GuardOp::quorum && counts(guard, row.index, step_.index);
                   });
        });
    }

    const Step& step_;
    Outcome outcome_;
    bool changed_ = false;
};

Result<Outcome> evaluate(const Step& step, bool opening) {
    RELAIS_ASSIGN(const Row* const row, find_row(step, opening));
    Application application(step);
    for (const Effect& effect : row->effects) RELAIS_TRY(application.run(effect));
    return std::move(application).finish();
}

// Whether an act to every party leaves one out that could hear of it. Those that are there no more,
// or are suspended, do not keep the others from what is said to all.
bool leaves_one_out(const Thread& thread, const ActInput& input) {
    return std::ranges::any_of(thread.parties, [&](const Party& party) {
        return std::ranges::find(input.to, party.mailbox, &Addressee::mailbox) == input.to.end() &&
               std::ranges::find(input.gone, party.mailbox) == input.gone.end();
    });
}

// The party that an act is about, where it is about one.
Result<std::optional<std::size_t>> subject_of(const Act& act, const Thread& thread,
                                              const ActInput& input) {
    const auto refused = [](const char* why) { return fail(ErrorCode::recipient_refused, why); };
    if (act.side != Side::opener) {
        const auto own = thread.party(input.from);
        if (act.side == Side::party && !own)
            return refused("the sender is no party of this thread");
        if (act.side == Side::member && (!input.member || input.from == thread.opener)) {
            return refused("the sender is no member of the groups of this thread");
        }
        if (input.to.size() != 1 || input.to[0].mailbox != thread.opener) {
            return refused("goes to the opener alone");
        }
        return own;
    }
    if (input.from != thread.opener) return refused("the sender did not open this thread");
    if (act.recipients == Recipients::groups) {
        if (!std::ranges::equal(input.to, thread.groups, {}, &Addressee::mailbox)) {
            return refused("goes to the groups of the thread, in their order");
        }
        return std::optional<std::size_t>();
    }
    for (const Addressee& addressee : input.to) {
        const auto party = thread.party(addressee.mailbox);
        if (!party) return refused("recipient is no party of this thread");
        // A delegate is no second party.
        const bool itself = thread.parties[*party].mailbox == addressee.mailbox;
        if (act.recipients == Recipients::all_parties && !itself) {
            return refused("goes to every party");
        }
    }
    if (act.recipients == Recipients::one_party) {
        if (input.to.size() != 1) return refused("goes to one party");
        return thread.party(input.to[0].mailbox);
    }
    if (act.recipients == Recipients::all_parties && leaves_one_out(thread, input)) {
        return refused("goes to every party");
    }
    return std::optional<std::size_t>();
}

// An act to nobody has no recipient, every other one at least one; but one to every party of a
// thread has as many as are left, which may be none.
Result<void> check_count(const Act& act, const ActInput& input) {
    if (!act.opens && act.recipients == Recipients::all_parties) return {};
    if (input.to.empty() == (act.recipients == Recipients::nobody)) return {};
    return fail(ErrorCode::recipient_refused, "recipients of " + act.name);
}

// A fallback waits in its own state, and hears nothing until it is called in.
Result<Party> new_party(const Kind& kind, const Act& act, const Addressee& addressee) {
    if (addressee.standing == Standing::fallback) {
        if (!act.fallback) return fail(ErrorCode::recipient_refused, "this act has no fallback");
        return Party{addressee.mailbox, *kind.fallback_state, 0, Release::overdue};
    }
    return Party{addressee.mailbox, 0, 0, act.release, addressee.delegate};
}

}  // namespace

Result<Outcome> open_thread(const Kind& kind, const ThreadId& id, const ActInput& input,
                            const RegisterReader* registers) {
    const Act& act = kind.acts[input.act];
    if (!act.opens) return fail(ErrorCode::act_refused, "does not open a thread");
    RELAIS_TRY(check_count(act, input));
    Thread thread{.id = id,
                  .kind = kind.digest,
                  .opener = input.from,
                  .last_change = input.header,
                  .opened = input.time,
                  .follows = input.follows};
    const bool to_groups = act.recipients == Recipients::groups;
    if (to_groups) thread.groups_wait = act.release;
    for (const Addressee& addressee : input.to) {
        if (addressee.mailbox == input.from) {
            return fail(ErrorCode::recipient_refused, "the opener is no party");
        }
        if (addressee.mailbox.is_group() != to_groups) {
            return fail(ErrorCode::recipient_refused,
                        act.name + (to_groups ? " goes to groups" : " goes to no group"));
        }
        if (to_groups) {
            thread.groups.push_back(addressee.mailbox);
            continue;
        }
        RELAIS_ASSIGN(Party party, new_party(kind, act, addressee));
        thread.parties.push_back(std::move(party));
    }
    return evaluate(
        {kind, thread, TriggerKind::act, input.act, std::nullopt, &input, registers, nullptr},
        true);
}

Result<Outcome> apply_act(const Kind& kind, const Thread& thread, const ActInput& input,
                          const RegisterReader* registers) {
    const Act& act = kind.acts[input.act];
    if (act.opens) return fail(ErrorCode::act_refused, "the thread is open already");
    RELAIS_TRY(check_count(act, input));
    RELAIS_ASSIGN(const auto subject, subject_of(act, thread, input));
    return evaluate(
        {kind, thread, TriggerKind::act, input.act, subject, &input, registers, nullptr}, false);
}

Result<Outcome> apply_followed(const Kind& kind, const Thread& thread, const Opening& opening,
                               const ActInput& input, const RegisterReader* registers) {
    const auto subject = thread.party(input.from);
    if (!subject) return fail(ErrorCode::recipient_refused, "no party of what it follows");
    return evaluate({kind, thread, TriggerKind::followed, 0, subject, &input, registers, &opening},
                    false);
}

std::optional<Registered> registered_by(const Effect& effect, const ThreadId& thread,
                                        const ActInput& input) {
    auto key = register_key(effect.key, thread, input);
    if (!key) return std::nullopt;
    if (effect.number == 0) return Registered{effect.reg, *std::move(key), effect.value};
    const auto field = std::ranges::find(input.publics, effect.number, &PublicField::number);
    if (field == input.publics.end()) return std::nullopt;
    return Registered{effect.reg, *std::move(key), field->value};
}

Result<Outcome> apply_clock_end(const Kind& kind, const Thread& thread, ClockIndex clock,
                                std::optional<std::size_t> party) {
    RELAIS_CHECK(clock < kind.clocks.size());
    RELAIS_CHECK(kind.clocks[clock].per_party == party.has_value());
    RELAIS_CHECK(!party || *party < thread.parties.size());
    return evaluate({kind, thread, TriggerKind::clock_end, clock, party, nullptr, nullptr, nullptr},
                    false);
}

std::vector<ActIndex> possible_acts(const Kind& kind, const Thread& thread, const Address& mailbox,
                                    bool member) {
    const auto own = thread.party(mailbox);
    const auto is_of_side = [&](Side side) {
        switch (side) {
            case Side::opener: return mailbox == thread.opener;
            case Side::party: return own.has_value();
            case Side::member: return member;
        }
        return false;
    };
    std::vector<ActIndex> acts;
    for (ActIndex index = 0; index < kind.acts.size(); ++index) {
        const Act& act = kind.acts[index];
        if (act.opens || !is_of_side(act.side)) continue;
        const bool possible = std::ranges::any_of(kind.rows, [&](const Row& row) {
            if (row.trigger != TriggerKind::act || row.index != index) return false;
            if (act.side != Side::opener) return fits_states(row, thread, own);
            if (act.recipients != Recipients::one_party) {
                return fits_states(row, thread, std::nullopt);
            }
            for (std::size_t party = 0; party < thread.parties.size(); ++party) {
                if (fits_states(row, thread, party)) return true;
            }
            return false;
        });
        if (possible) acts.push_back(index);
    }
    return acts;
}

bool lacks_persons(const Kind& kind, const Thread& thread, const Done& by) {
    bool lacks = false;
    for (const Row& row : kind.rows) {
        const bool fits = row.trigger == TriggerKind::act && row.index == by.act &&
                          in_mask(row.threads, thread.state);
        if (!fits) continue;
        lacks = std::ranges::any_of(row.guards, [&](const Guard& guard) {
            return guard.op == GuardOp::quorum && !quorum_reached(thread, guard, by);
        });
        if (!lacks) return false;
    }
    return lacks;
}

}  // namespace relais::workflow
