#include "tests/support/kinds.h"

#include "schemas/flat/flat.h"

namespace relais::test {

namespace {

using directory::OrganisationKind;

template <typename T, typename U>
int place_of(std::vector<std::unique_ptr<T>>& list, U item) {
    list.push_back(std::make_unique<T>(std::move(item)));
    return static_cast<int>(list.size() - 1);
}

fb::GuardDeclaredT guard(fb::GuardOp op, std::uint16_t states) {
    fb::GuardDeclaredT guard;
    guard.op = op;
    guard.states = states;
    return guard;
}

fb::EffectDeclaredT effect(fb::EffectOp op, int state = 0, std::uint16_t states = 0) {
    fb::EffectDeclaredT effect;
    effect.op = op;
    effect.state = static_cast<std::uint8_t>(state);
    effect.states = states;
    return effect;
}

fb::EffectDeclaredT clock_effect(fb::EffectOp op, int clock) {
    fb::EffectDeclaredT result = effect(op);
    result.clock = static_cast<std::uint8_t>(clock);
    result.has_clock = true;
    return result;
}

fb::RowDeclaredT row(fb::TriggerKind trigger, int index, std::uint16_t threads,
                     std::uint16_t parties, std::vector<fb::GuardDeclaredT> guards,
                     std::vector<fb::EffectDeclaredT> effects) {
    fb::RowDeclaredT row;
    row.trigger = trigger;
    row.index = static_cast<std::uint8_t>(index);
    row.threads = threads;
    row.parties = parties;
    for (auto& each : guards) place_of(row.guards, std::move(each));
    for (auto& each : effects) place_of(row.effects, std::move(each));
    return row;
}

}  // namespace

std::uint16_t states(std::initializer_list<int> places) {
    unsigned mask = 0;
    for (const int place : places) mask |= 1U << place;
    return static_cast<std::uint16_t>(mask);
}

fb::GuardDeclaredT no_party_in(std::uint16_t states) {
    return guard(fb::GuardOp::no_party_in, states);
}

fb::GuardDeclaredT no_other_party_in(std::uint16_t states) {
    return guard(fb::GuardOp::no_other_party_in, states);
}
fb::GuardDeclaredT some_party_in(std::uint16_t states) {
    return guard(fb::GuardOp::some_party_in, states);
}
fb::GuardDeclaredT all_parties_in(std::uint16_t states) {
    return guard(fb::GuardOp::all_parties_in, states);
}
fb::GuardDeclaredT public_is(std::uint16_t number, std::int64_t value) {
    fb::GuardDeclaredT result = guard(fb::GuardOp::public_is, 0);
    result.number = number;
    result.value = value;
    return result;
}
fb::GuardDeclaredT quorum(std::uint8_t count, std::vector<std::uint8_t> acts) {
    fb::GuardDeclaredT result = guard(fb::GuardOp::quorum, 0);
    result.count = count;
    result.acts = std::move(acts);
    return result;
}

fb::EffectDeclaredT to_thread_state(int state) { return effect(fb::EffectOp::thread_state, state); }
fb::EffectDeclaredT to_party_state(int state) { return effect(fb::EffectOp::party_state, state); }
fb::EffectDeclaredT withdraw(std::uint16_t from, int state) {
    return effect(fb::EffectOp::withdraw, state, from);
}
fb::EffectDeclaredT promote(std::uint16_t from, int state) {
    return effect(fb::EffectOp::promote, state, from);
}
fb::EffectDeclaredT promote(std::uint16_t from, int state, int clock) {
    fb::EffectDeclaredT result = promote(from, state);
    result.clock = static_cast<std::uint8_t>(clock);
    result.has_clock = true;
    return result;
}
fb::EffectDeclaredT start_clock(int clock) {
    return clock_effect(fb::EffectOp::start_clock, clock);
}
fb::EffectDeclaredT stop_clock(int clock) { return clock_effect(fb::EffectOp::stop_clock, clock); }
fb::EffectDeclaredT release_boxes(fb::Release condition) {
    fb::EffectDeclaredT result = effect(fb::EffectOp::release);
    result.release = condition;
    return result;
}

fb::EffectDeclaredT move_parties(std::uint16_t from, int state) {
    fb::EffectDeclaredT result = effect(fb::EffectOp::parties);
    result.states = from;
    result.state = static_cast<std::uint8_t>(state);
    return result;
}

fb::EffectDeclaredT move_parties(std::uint16_t from, int state, fb::Release condition) {
    fb::EffectDeclaredT result = move_parties(from, state);
    result.release = condition;
    return result;
}

KindBuilder::KindBuilder(const std::string& name, std::uint32_t version) {
    bundle.format = 2;
    bundle.name = name;
    bundle.version = version;
    bundle.title = "Essai";
    bundle.summary = "Un type d'échange pour les tests.";
    bundle.patient = fb::PatientData::sealed;
    bundle.basis = fb::Basis::care_team;
    bundle.retention_s = 30 * 24 * 3600;
}

int KindBuilder::add_role(const std::string& name, std::vector<OrganisationKind> kinds,
                          std::vector<std::string> professions, bool attested) {
    fb::RoleDeclaredT role;
    role.name = name;
    role.label = "Rôle " + name;
    for (const OrganisationKind kind : kinds) {
        role.organisation_kinds.push_back(static_cast<std::uint8_t>(kind));
    }
    role.professions = std::move(professions);
    role.attested = attested;
    return place_of(bundle.roles, std::move(role));
}

namespace {

fb::StateDeclaredT state(const std::string& name, bool terminal) {
    fb::StateDeclaredT state;
    state.name = name;
    state.label = "État " + name;
    state.terminal = terminal;
    return state;
}

}  // namespace

int KindBuilder::add_thread_state(const std::string& name, bool terminal) {
    return place_of(bundle.thread_states, state(name, terminal));
}

int KindBuilder::add_party_state(const std::string& name) {
    return place_of(bundle.party_states, state(name, false));
}

int KindBuilder::add_public(std::uint16_t number, const std::string& name, fb::PublicType type) {
    fb::PublicDeclaredT declared;
    declared.number = number;
    declared.name = name;
    declared.label = "Champ " + name;
    declared.type = type;
    return place_of(bundle.publics, std::move(declared));
}

int KindBuilder::add_clock(const std::string& name, std::uint32_t seconds, bool per_party) {
    fb::ClockDeclaredT clock;
    clock.name = name;
    clock.label = "Délai " + name;
    clock.seconds = clock.min_s = clock.max_s = seconds;
    clock.per_party = per_party;
    return place_of(bundle.clocks, std::move(clock));
}

int KindBuilder::add_act(const std::string& name, fb::Side side, fb::Recipients recipients,
                         bool opens) {
    fb::ActDeclaredT act;
    act.name = name;
    act.label = "Faire " + name;
    act.past = "Fait : " + name;
    act.side = side;
    act.opens = opens;
    act.recipients = recipients;
    act.roles = {0};
    act.lanes = 0b111;
    return place_of(bundle.acts, std::move(act));
}

int KindBuilder::on_act(int act, std::uint16_t threads, std::uint16_t parties,
                        std::vector<fb::GuardDeclaredT> guards,
                        std::vector<fb::EffectDeclaredT> effects) {
    return place_of(bundle.rows, row(fb::TriggerKind::act, act, threads, parties, std::move(guards),
                                     std::move(effects)));
}

int KindBuilder::on_clock(int clock, std::uint16_t threads, std::uint16_t parties,
                          std::vector<fb::GuardDeclaredT> guards,
                          std::vector<fb::EffectDeclaredT> effects) {
    return place_of(bundle.rows, row(fb::TriggerKind::clock_end, clock, threads, parties,
                                     std::move(guards), std::move(effects)));
}

Bytes KindBuilder::bytes() const {
    flatbuffers::FlatBufferBuilder builder(4096);
    builder.Finish(fb::KindBundle::Pack(builder, &bundle));
    return to_bytes(flat::finished(builder));
}

KindBuilder least_kind() {
    KindBuilder kind;
    kind.add_role("soignant", {OrganisationKind::practice, OrganisationKind::hospital});
    kind.add_thread_state("asked");
    kind.add_thread_state("answered", true);
    kind.add_thread_state("expired", true);
    kind.add_party_state("asked");
    const int life = kind.add_clock("life", 3600);
    const int ask = kind.add_act("ask", fb::Side::opener, fb::Recipients::parties, true);
    const int answer = kind.add_act("answer", fb::Side::party, fb::Recipients::opener);
    kind.on_act(ask, 0, kAnyParty, {}, {to_thread_state(0), start_clock(life)});
    kind.on_act(answer, states({0}), kAnyParty, {}, {to_thread_state(1)});
    kind.on_clock(life, states({0}), kAnyParty, {}, {to_thread_state(2)});
    return kind;
}

namespace {

void declare_bed_request(KindBuilder& kind) {
    kind.add_role("requester", {OrganisationKind::practice}, {"10"}, true);
    kind.add_role("ward", {OrganisationKind::hospital}, {"10", "60"});
    for (const char* each : {"called", "overdue", "chosen"}) kind.add_thread_state(each);
    for (const char* each : {"closed", "expired"}) kind.add_thread_state(each, true);
    for (const char* each :
         {"called", "held", "standby", "lapsed", "declined", "chosen", "withdrawn"}) {
        kind.add_party_state(each);
    }
    const int urgency = kind.add_public(1, "urgency", fb::PublicType::code);
    for (std::int64_t value = 1; value <= 3; ++value) {
        fb::PublicValueT code;
        code.value = value;
        code.code = "U" + std::to_string(value);
        code.label = "Urgence " + std::to_string(value);
        kind.bundle.publics[static_cast<std::size_t>(urgency)]->values.push_back(
            std::make_unique<fb::PublicValueT>(code));
    }
    const int beds = kind.add_public(2, "beds", fb::PublicType::integer);
    kind.bundle.publics[static_cast<std::size_t>(beds)]->min = 1;
    kind.bundle.publics[static_cast<std::size_t>(beds)]->max = 10;
    kind.add_public(3, "favourable", fb::PublicType::boolean);
    const int answer = kind.add_clock("answer", 4 * 3600);
    fb::ClockDeclaredT& clock = *kind.bundle.clocks[static_cast<std::size_t>(answer)];
    clock.from_header = clock.remind_half = true;
    clock.min_s = 300;
    clock.max_s = 48 * 3600;
    kind.add_clock("hold", 20 * 60, true);
    kind.add_clock("life", 14 * 24 * 3600);
}

void use_public(fb::ActDeclaredT& act, std::uint16_t number, bool mandatory) {
    fb::PublicUseT use;
    use.number = number;
    use.mandatory = mandatory;
    act.public_.push_back(std::make_unique<fb::PublicUseT>(use));
}

void add_bed_acts(KindBuilder& kind) {
    kind.add_act("call", fb::Side::opener, fb::Recipients::parties, true);
    kind.add_act("deposit", fb::Side::opener, fb::Recipients::all_parties);
    kind.add_act("offer", fb::Side::party, fb::Recipients::opener);
    kind.add_act("decline", fb::Side::party, fb::Recipients::opener);
    kind.add_act("choose", fb::Side::opener, fb::Recipients::one_party);
    kind.add_act("close", fb::Side::opener, fb::Recipients::one_party);
    auto& acts = kind.bundle.acts;
    use_public(*acts[0], 1, true);
    use_public(*acts[0], 3, false);
    use_public(*acts[2], 2, true);
    acts[0]->together = {"deposit"};
    acts[0]->lanes = 0b010;
    acts[1]->release = fb::Release::chosen;
    acts[2]->roles = acts[3]->roles = {1};
    acts[5]->mandate = true;
}

}  // namespace

KindBuilder bed_request(const std::string& name) {
    KindBuilder kind(name);
    declare_bed_request(kind);
    add_bed_acts(kind);
    const std::uint16_t open = states({0, 1});
    kind.on_act(0, 0, kAnyParty, {}, {to_thread_state(0), start_clock(0), start_clock(2)});
    kind.on_act(1, open, kAnyParty, {}, {});
    kind.on_act(2, open, states({0, 3}), {no_party_in(states({1}))},
                {to_party_state(1), start_clock(1)});
    kind.on_act(2, open, states({0, 3}), {}, {to_party_state(2)});
    kind.on_act(3, open, states({1}), {},
                {to_party_state(4), stop_clock(1), promote(states({2}), 1, 1)});
    kind.on_act(3, open, states({0, 2, 3}), {}, {to_party_state(4)});
    kind.on_act(4, open, states({1, 2}), {},
                {to_thread_state(2), to_party_state(5), stop_clock(1), stop_clock(0),
                 withdraw(states({0, 1, 2, 3}), 6), release_boxes(fb::Release::chosen)});
    kind.on_act(5, states({2}), states({5}), {}, {to_thread_state(3)});
    kind.on_clock(0, states({0}), kAnyParty, {all_parties_in(states({0, 3, 4}))},
                  {to_thread_state(1)});
    kind.on_clock(0, states({0}), kAnyParty, {}, {});
    kind.on_clock(1, open, states({1}), {}, {to_party_state(3), promote(states({2}), 1, 1)});
    kind.on_clock(2, open, kAnyParty, {}, {to_thread_state(4)});
    kind.on_clock(2, states({2}), kAnyParty, {}, {to_thread_state(3)});
    return kind;
}

KindBuilder double_approval() {
    KindBuilder kind("decision");
    kind.add_role("soignant", {OrganisationKind::practice, OrganisationKind::hospital});
    kind.add_thread_state("asked");
    kind.add_thread_state("approved", true);
    kind.add_thread_state("expired", true);
    kind.add_party_state("asked");
    kind.add_party_state("voted");
    kind.add_public(1, "urgent", fb::PublicType::boolean);
    kind.add_clock("life", 3600);
    kind.add_act("ask", fb::Side::opener, fb::Recipients::parties, true);
    kind.add_act("approve", fb::Side::party, fb::Recipients::opener);
    kind.add_act("urge", fb::Side::opener, fb::Recipients::parties);
    use_public(*kind.bundle.acts[2], 1, false);
    kind.on_act(0, 0, kAnyParty, {}, {to_thread_state(0), start_clock(0)});
    kind.on_act(1, states({0}), kAnyParty, {quorum(2)}, {to_party_state(1), to_thread_state(1)});
    kind.on_act(1, states({0}), kAnyParty, {}, {to_party_state(1)});
    kind.on_act(2, states({0}), kAnyParty, {public_is(1, 1)}, {to_thread_state(1)});
    kind.on_clock(0, states({0}), kAnyParty, {}, {to_thread_state(2)});
    return kind;
}

namespace {

// Declares the register, and sets it to 1 under the thread and the mailbox that acts.
fb::EffectDeclaredT set_register(KindBuilder& kind, const std::string& name) {
    fb::RegisterDeclaredT declared;
    declared.name = name;
    declared.label = "Registre " + name;
    fb::EffectDeclaredT result = effect(fb::EffectOp::set_register);
    result.reg = static_cast<std::uint8_t>(place_of(kind.bundle.registers, std::move(declared)));
    result.value = 1;
    for (const fb::KeySource source : {fb::KeySource::thread, fb::KeySource::mailbox}) {
        fb::KeyPartT part;
        part.source = source;
        result.key.push_back(std::make_unique<fb::KeyPartT>(part));
    }
    return result;
}

}  // namespace

KindBuilder circular() {
    KindBuilder kind("circular");
    kind.bundle.patient = fb::PatientData::never;
    kind.bundle.basis = fb::Basis::none;
    kind.add_role("anyone",
                  {OrganisationKind::cpts, OrganisationKind::practice, OrganisationKind::hospital});
    for (const char* each : {"open", "waiting"}) kind.add_thread_state(each);
    for (const char* each : {"closed", "expired"}) kind.add_thread_state(each, true);
    const int life = kind.add_clock("life", 30 * 24 * 3600);
    const int second = kind.add_clock("second", 600);
    const auto groups = fb::Recipients::groups;
    const int tell = kind.add_act("tell", fb::Side::opener, groups, true);
    const int held = kind.add_act("tell-held", fb::Side::opener, groups, true);
    kind.bundle.acts[static_cast<std::size_t>(held)]->release = fb::Release::confirmed;
    const int confirm = kind.add_act("confirm", fb::Side::opener, groups);
    const int answer = kind.add_act("answer", fb::Side::member, fb::Recipients::opener);
    const int update = kind.add_act("update", fb::Side::opener, groups);
    const int close = kind.add_act("close", fb::Side::opener, groups);
    const auto both = {static_cast<std::uint8_t>(held), static_cast<std::uint8_t>(confirm)};
    kind.on_act(tell, 0, kAnyParty, {}, {to_thread_state(0), start_clock(life)});
    kind.on_act(held, 0, kAnyParty, {},
                {to_thread_state(1), start_clock(life), start_clock(second)});
    kind.on_act(confirm, states({1}), kAnyParty, {quorum(2, both)},
                {to_thread_state(0), stop_clock(second), release_boxes(fb::Release::confirmed)});
    kind.on_act(answer, states({0}), kAnyParty, {}, {set_register(kind, "answered")});
    kind.on_act(update, states({0, 1}), kAnyParty, {}, {});
    kind.on_act(close, states({0, 1}), kAnyParty, {}, {to_thread_state(2)});
    kind.on_clock(life, states({0, 1}), kAnyParty, {}, {to_thread_state(3)});
    kind.on_clock(second, states({1}), kAnyParty, {},
                  {to_thread_state(0), release_boxes(fb::Release::confirmed)});
    return kind;
}

Bytes circular_with_form(fb::PatientData patient, const Bytes& schema) {
    KindBuilder kind = circular();
    kind.bundle.patient = patient;
    auto form = std::make_unique<fb::FormDeclaredT>();
    form->name = kind.bundle.acts[0]->form = "Message";
    form->label = "Message";
    form->schema = schema;
    kind.bundle.forms.push_back(std::move(form));
    return kind.bytes();
}

}  // namespace relais::test
