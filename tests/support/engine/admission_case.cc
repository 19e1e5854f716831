#include "tests/support/engine/admission_case.h"

namespace relais::broker {

namespace {

std::vector<PublicField> mandatory_publics(const workflow::Act& act) {
    std::vector<PublicField> publics;
    for (const workflow::PublicUse& use : act.publics) {
        if (!use.mandatory) continue;
        const auto* declared = admission_kind().public_field(use.number);
        publics.push_back(
            {use.number, declared->values.empty() ? 1 : declared->values.front().value});
    }
    return publics;
}

}  // namespace

AdmissionCase::AdmissionCase(EngineBench& bench)
    : id(make_uuid_v7<ThreadId>(bench.random, test::kTestTime)), bench_(bench) {
    reconnect();
}

void AdmissionCase::reconnect() {
    practice_ = bench_.connect(bench_.territory.practice_station);
    wards_[0] = bench_.connect(bench_.territory.geriatrics_station);
    wards_[1] = bench_.connect(bench_.territory.cardiology_station);
}

AdmissionCase AdmissionCase::sibling() const {
    AdmissionCase other = *this;
    other.id = make_uuid_v7<ThreadId>(bench_.random, test::kTestTime);
    return other;
}

void AdmissionCase::speak_through(int side, SessionId session) {
    (side == kOpener ? practice_ : wards_[side]) = session;
}

SessionId AdmissionCase::session(int side) const {
    return side == kOpener ? practice_ : wards_[side];
}

const test::TestPerson& AdmissionCase::person(int side) const {
    if (side == kOpener) return bench_.territory.doctor;
    return side == 0 ? bench_.territory.geriatrician : bench_.territory.cardiologist;
}

const char* AdmissionCase::mailbox(int side) {
    if (side == kOpener) return kPractice;
    return side == 0 ? kGeriatrics : kCardiology;
}

Header AdmissionCase::make_header(int side, const std::string& act, int to) {
    const workflow::Act& declared = admission_kind().acts[*admission_kind().act(act)];
    std::vector<std::string> recipients = {kGeriatrics, kCardiology};
    if (declared.recipients == workflow::Recipients::opener) recipients = {kPractice};
    if (declared.recipients == workflow::Recipients::one_party) recipients = {mailbox(to)};
    if (declared.recipients == workflow::Recipients::nobody) recipients.clear();
    return bench_.header(session(side), {.from = mailbox(side),
                                         .to = std::move(recipients),
                                         .act = act,
                                         .kind = admission_kind().digest,
                                         .by = person(side).id,
                                         .thread = id,
                                         .lane = first_lane(declared),
                                         .publics = mandatory_publics(declared)});
}

Bytes AdmissionCase::seal(int side, const Header& header) {
    const auto act = admission_kind().act(header.act);
    return bench_.envelope(header, person(side),
                           act ? admission_kind().acts[*act].release : Release::at_once);
}

Bytes AdmissionCase::make(int side, const std::string& act, int to) {
    return seal(side, make_header(side, act, to));
}

Input AdmissionCase::input(int side, Bytes envelope) {
    return bench_.input(session(side), wire::Submit{std::move(envelope)});
}

wire::Body AdmissionCase::send(int side, Bytes envelope) {
    return bench_.ask(input(side, std::move(envelope)));
}

wire::Body AdmissionCase::act(int side, const std::string& name, int to) {
    return send(side, make(side, name, to));
}

std::optional<StoredThread> AdmissionCase::stored() { return bench_.sqlite().thread(id).value(); }

std::string AdmissionCase::state() {
    const auto thread = stored();
    return thread ? admission_kind().thread_states[thread->thread.state].name : "";
}

std::string AdmissionCase::state_of(int ward) {
    const auto thread = stored();
    if (!thread) return "";
    const auto party = thread->thread.party(test::address(mailbox(ward)));
    return admission_kind().party_states[thread->thread.parties[*party].state].name;
}

bool AdmissionCase::over() {
    const auto thread = stored();
    return thread && admission_kind().thread_states[thread->thread.state].terminal;
}

}  // namespace relais::broker
