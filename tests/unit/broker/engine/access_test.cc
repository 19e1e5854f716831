// S1: an unknown or revoked key gets nothing, a station reads only its mailboxes, and an act is
// accepted only from a person who signed it and may.
#include <fstream>

#include "core/merkle/tree.h"
#include "schemas/compiler/compiler.h"
#include "tests/support/folder.h"
#include "tests/support/markers.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Access : public EngineTest {
protected:
    ErrorCode call_by(const test::TestPerson& person, const PersonId& name) {
        Header header = thread.make_header(kOpener, "call");
        header.by = name;
        return code_of(thread.send(kOpener, bench.envelope(header, person)));
    }
    ErrorCode by(int side, const test::TestPerson& person, const std::string& act,
                 std::optional<PersonId> on_behalf_of = {}) {
        Header header = thread.make_header(side, act);
        header.by = person.id;
        header.on_behalf_of = on_behalf_of;
        return code_of(thread.send(side, bench.envelope(header, person)));
    }
    // A ward of a hospital that is admitted and not yet confirmed; with a station of its own.
    std::string provisional_ward() {
        const auto hospital =
            territory.admit_organisation("ch-neuf", directory::OrganisationKind::hospital);
        territory.add_unit(hospital, "medecine", {"admission"});
        territory.add_epoch(hospital, "medecine");
        bench.publish_directory();
        newcomer = hospital;
        return "medecine.ch-neuf@indre";
    }
    test::TestTerritory& territory = bench.territory;
    test::SmallTerritory& small = bench.territory;
    std::optional<test::TestOrganisation> newcomer;
};

TEST_F(Access, AnUnknownStationGetsNoAnswerAndIsCut) {
    test::TestStation unknown = small.cpts_station;
    unknown.id = bench.random.make<StationId>();
    const SessionId session = bench.dial(unknown);
    const std::uint64_t said = bench.outputs_seen();
    bench.step(together(bench.input(session, wire::Hello{wire::kProtocolVersion, "x"})));
    EXPECT_TRUE(bench.was_cut(session));
    EXPECT_EQ(bench.outputs_seen(), said + 1) << "the cut, and not a word";
}

TEST_F(Access, ARevokedStationIsCutAtOnceAndTheOthersAreNot) {
    does(kOpener, "call");
    bench.attach(ward(kGeri), kGeriatrics);
    bench.attach(ward(kCardio), kCardiology);
    bench.take_pushes(ward(kGeri));
    bench.take_pushes(ward(kCardio));
    territory.revoke(small.geriatrics_station);
    bench.publish_directory();
    EXPECT_TRUE(bench.was_cut(ward(kGeri)));
    EXPECT_FALSE(bench.was_cut(ward(kCardio)));
    const auto told = bench.take_pushes(ward(kGeri));
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(std::get<wire::Cut>(told[0]).code, ErrorCode::revoked);
    const Bytes offer = thread.make(kGeri, "offer");
    const std::uint64_t said = bench.outputs_seen();
    bench.step(together(thread.input(kGeri, offer)));
    EXPECT_EQ(bench.outputs_seen(), said + 1) << "cut again, not answered";
    does(kOpener, "answer", kGeri);
    does(kOpener, "answer", kCardio);
    EXPECT_TRUE(bench.take_pushes(ward(kGeri)).empty());
    EXPECT_EQ(bench.take_deliveries(ward(kCardio)).size(), 1u);
    EXPECT_EQ(thread.state_of(kGeri), "called");
}

TEST_F(Access, WhatARevokedStationHadUnderWayInTheSameStepIsDropped) {
    does(kOpener, "call");
    Input late = thread.input(kGeri, thread.make(kGeri, "offer"));
    const auto revocation = territory.revoke(small.geriatrics_station);
    bench.step(
        together(bench.operator_input(wire::AppendEntries{{revocation.bytes}}), std::move(late)));
    EXPECT_EQ(thread.state_of(kGeri), "called");
}

TEST_F(Access, ASuspendedOrganisationIsCutAndReceivesNothing) {
    territory.suspend(small.hospital);
    bench.publish_directory();
    EXPECT_TRUE(bench.was_cut(ward(kGeri)));
    EXPECT_TRUE(bench.was_cut(ward(kCardio)));
    EXPECT_FALSE(bench.was_cut(practice()));
    EXPECT_EQ(refused(kOpener, "call"), ErrorCode::suspended);
    territory.suspend(small.hospital, false);
    bench.publish_directory();
    does(kOpener, "call");
}

TEST_F(Access, AStationReadsOnlyItsMailboxes) {
    does(kOpener, "call");
    EXPECT_EQ(code_of(bench.attach(ward(kGeri), kCardiology)), ErrorCode::not_your_mailbox);
    EXPECT_EQ(code_of(bench.attach(ward(kGeri), kPractice)), ErrorCode::not_your_mailbox);
    EXPECT_EQ(code_of(bench.attach(ward(kGeri), "ch-valmont@indre")), ErrorCode::not_your_mailbox);
    EXPECT_EQ(code_of(bench.attach(ward(kGeri), "geriatrie.ch-valmont@ailleurs")),
              ErrorCode::not_your_mailbox);
    EXPECT_TRUE(bench.take_deliveries(ward(kGeri)).empty());
}

TEST_F(Access, AStationThatLeavesAWardReadsItNoMore) {
    bench.attach(ward(kGeri), kGeriatrics);
    directory::Station body = small.geriatrics_station.station;
    body.units = {"cardiologie"};
    territory.append("ch-valmont", *small.hospital.authority, body);
    bench.publish_directory();
    does(kOpener, "call");
    EXPECT_TRUE(bench.take_deliveries(ward(kGeri)).empty());
    EXPECT_EQ(code_of(bench.attach(ward(kGeri), kCardiology)), ErrorCode::ok);
    EXPECT_EQ(bench.take_deliveries(ward(kGeri)).size(), 1u);
}

TEST_F(Access, NothingIsDoneBeforeHello) {
    const SessionId session = bench.dial(small.cpts_station);
    wire::Attach attach{test::address("cpts-indre@indre"), std::nullopt, {}};
    attach.lanes.fill({{1}, 1});
    EXPECT_EQ(code_of(bench.ask(session, attach)), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(session, wire::FollowDirectory{{0}})), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(session, wire::Submit{thread.make(kOpener, "call")})),
              ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(session, wire::Hello{99, "x"})), ErrorCode::unsupported_version);
}

TEST_F(Access, WhoSignsIsWhoTheHeaderNames) {
    EXPECT_EQ(call_by(small.secretary, small.doctor.id), ErrorCode::bad_signature);
    EXPECT_EQ(call_by(small.geriatrician, small.doctor.id), ErrorCode::bad_signature);
    EXPECT_EQ(call_by(small.doctor, bench.random.make<PersonId>()), ErrorCode::unknown_person);
    EXPECT_EQ(call_by(small.geriatrician, small.geriatrician.id), ErrorCode::unknown_person)
        << "of another organisation";
    EXPECT_EQ(call_by(small.doctor, small.doctor.id), ErrorCode::ok);
}

TEST_F(Access, WhoSignsIsRegisteredOnTheStation) {
    const auto colleague = territory.add_person(small.practice);
    territory.attest(colleague);
    bench.publish_directory();
    EXPECT_EQ(call_by(colleague, colleague.id), ErrorCode::not_on_station);
}

TEST_F(Access, ThePersonsKeyIsTheOneOfTheMomentOfAcceptance) {
    // Checked ahead, on a worker thread, while the person was still there.
    Input late = thread.input(kOpener, thread.make(kOpener, "call"));
    const std::uint64_t number = late.number;
    const auto left = territory.revoke(small.doctor);
    bench.step(together(bench.operator_input(wire::AppendEntries{{left.bytes}}), std::move(late)));
    EXPECT_EQ(code_of(bench.answer(practice(), number)), ErrorCode::unknown_person);
}

TEST_F(Access, OutsideOfTheirDatesNobodySignsWhichIsNotForGoodWhileTheClockIsSuspect) {
    directory::Person later = small.doctor.person;
    later.from = {test::kTestTime.ms + 10 * 86'400'000};
    const test::TestKey key = territory.authority_of(small.doctor.organisation);
    territory.append(small.doctor.organisation, *key, later);
    bench.publish_directory();
    EXPECT_EQ(code_of(thread.act(kOpener, "call")), ErrorCode::not_affiliated);
    bench.step_wall_clock(std::chrono::hours(1));
    const wire::Body doubted = thread.sibling().act(kOpener, "call");
    ASSERT_TRUE(bench.engine().clock_suspect());
    EXPECT_EQ(code_of(doubted), ErrorCode::busy);
    EXPECT_EQ(std::get<wire::Refusal>(doubted).retry, Retry::later);
}

TEST_F(Access, NorDoesTheEndOfAMandateWhileTheClockIsSuspect) {
    const auto locum = territory.add_person(small.practice);
    territory.attest(locum);
    territory.add_mandate(small.practice, small.secretary, locum, {"admission/answer"},
                          {test::kTestTime.ms - 1});
    bench.publish_directory();
    does(kOpener, "call");
    EXPECT_EQ(by(kOpener, small.secretary, "answer", locum.id), ErrorCode::no_mandate);
    bench.step_wall_clock(std::chrono::hours(1));
    EXPECT_EQ(by(kOpener, small.secretary, "answer", locum.id), ErrorCode::busy);
    ASSERT_TRUE(bench.engine().clock_suspect());
}

TEST_F(Access, AStationSpeaksForItselfAndItsOwnMailbox) {
    EXPECT_EQ(call_with([&](Header& h) { h.station = small.geriatrics_station.id; }),
              ErrorCode::forbidden);
    EXPECT_EQ(call_with([&](Header& h) { h.from = test::address(kGeriatrics); }),
              ErrorCode::not_your_mailbox);
    EXPECT_EQ(call_with([&](Header& h) { h.from = test::address("cabinet@ailleurs"); }),
              ErrorCode::not_your_mailbox);
}

TEST_F(Access, AnActNeedsTheRightProfession) {
    does(kOpener, "call");
    EXPECT_EQ(by(kGeri, small.nurse, "opinion"), ErrorCode::role_refused);
    EXPECT_EQ(by(kGeri, small.nurse, "offer"), ErrorCode::ok) << "as the ward's staff";
    EXPECT_EQ(by(kOpener, small.secretary, "choose"), ErrorCode::role_refused);
}

TEST_F(Access, ADeclaredProfessionGivesNothingUntilItIsAttested) {
    const auto newcomer_doctor = territory.add_person(small.practice);
    directory::Station body = small.practice_station.station;
    body.persons.push_back(newcomer_doctor.id);
    territory.append("cabinet", *small.practice.authority, body);
    bench.publish_directory();
    EXPECT_EQ(call_by(newcomer_doctor, newcomer_doctor.id), ErrorCode::not_attested);
    territory.attest(newcomer_doctor);
    bench.publish_directory();
    EXPECT_EQ(call_by(newcomer_doctor, newcomer_doctor.id), ErrorCode::ok);
}

TEST_F(Access, ASecretaryActsForTheDoctorWhereTheActAndAMandateLetHer) {
    does(kOpener, "call");
    does(kGeri, "ask");
    EXPECT_EQ(by(kOpener, small.secretary, "answer", small.doctor.id), ErrorCode::ok);
    EXPECT_EQ(by(kOpener, small.secretary, "choose", small.doctor.id), ErrorCode::no_mandate)
        << "choosing is the doctor's own";
    EXPECT_EQ(by(kGeri, small.nurse, "opinion", small.geriatrician.id), ErrorCode::no_mandate);
}

TEST_F(Access, ForWhomIsAPersonOfTheSameOrganisationUnderALivingMandate) {
    does(kOpener, "call");
    EXPECT_EQ(by(kOpener, small.secretary, "answer", small.geriatrician.id),
              ErrorCode::unknown_person);
    const auto locum = territory.add_person(small.practice);
    bench.publish_directory();
    EXPECT_EQ(by(kOpener, small.secretary, "answer", locum.id), ErrorCode::no_mandate);
    const auto& mandate = std::get<directory::Mandate>(
        std::ranges::find_if(territory.log(), [](const directory::SignedEntry& entry) {
            return std::holds_alternative<directory::Mandate>(entry.entry.body);
        })->entry.body);
    territory.revoke_mandate(small.practice, mandate.id);
    bench.publish_directory();
    EXPECT_EQ(by(kOpener, small.secretary, "cancel", small.doctor.id), ErrorCode::no_mandate);
}

TEST_F(Access, AnOrganisationNotYetConfirmedReceivesNothingClinical) {
    const std::string provisional = provisional_ward();
    const auto to_it = [&](Header& h) { h.to = {{test::address(provisional), 1}}; };
    EXPECT_EQ(call_with(to_it), ErrorCode::provisional);
    const auto to_both = [&](Header& h) { h.to.push_back({test::address(provisional), 1}); };
    EXPECT_EQ(call_with(to_both), ErrorCode::provisional);
    EXPECT_TRUE(bench.log_of(provisional).empty());
    EXPECT_TRUE(bench.log_of(kGeriatrics).empty());
    territory.confirm(small.cpts, *newcomer);
    bench.publish_directory();
    EXPECT_EQ(call_with(to_both), ErrorCode::ok);
}

TEST_F(Access, AnOrganisationNotYetConfirmedSendsNothingClinical) {
    auto practice_b =
        territory.admit_organisation("cabinet-b", directory::OrganisationKind::practice);
    const auto doctor = territory.add_person(practice_b);
    const auto station = territory.add_station(practice_b, {doctor.id}, {""});
    territory.attest(doctor);
    territory.add_epoch(practice_b, "");
    bench.publish_directory();
    const SessionId session = bench.connect(station);
    const Header header = bench.header(session, {.from = "cabinet-b@indre",
                                                 .kind = admission_kind().digest,
                                                 .by = doctor.id,
                                                 .publics = {{1, 1}}});
    EXPECT_EQ(code_of(bench.ask(session, wire::Submit{bench.envelope(header, doctor)})),
              ErrorCode::provisional);
}

TEST_F(Access, TheKindIsThePublishedOneAndAThreadKeepsItsVersion) {
    EXPECT_EQ(call_with([&](Header& h) { h.kind = bench.random.make<Digest>(); }),
              ErrorCode::unknown_kind);
    does(kOpener, "call");
    territory.publish_kind(small.cpts, "admission", 1, admission_kind().digest, true);
    bench.publish_directory();
    does(kGeri, "offer");
    AdmissionCase later(bench);
    EXPECT_EQ(code_of(later.act(kOpener, "call")), ErrorCode::wrong_kind_version)
        << "withdrawn: nothing new begins under it";
}

// The kind `admission` under another version number: the same rules under another digest.
Bytes bundle_of_version(const std::string& version) {
    const test::TestFolder folder;
    const auto copy = folder.path() / "kinds" / "admission";
    std::filesystem::copy(RELAIS_SOURCE_DIR "/schemas/kinds", folder.path() / "kinds",
                          std::filesystem::copy_options::recursive);
    for (const auto& item : std::filesystem::directory_iterator(copy)) {
        if (item.path().extension() != ".toml") continue;
        std::string text = test::whole_file(item.path());
        const std::string number = "version = 1\n";
        text.replace(text.find(number), number.size(), "version = " + version + "\n");
        std::ofstream(item.path()) << text;
    }
    return compiler::compile_kind(copy.string()).value();
}

TEST_F(Access, AnActUnderAnotherVersionThanItsThreadsIsRefused) {
    does(kOpener, "call");
    const Bytes second = bundle_of_version("2");
    const Digest digest = workflow::Kind::load(second).value().digest;
    ASSERT_EQ(code_of(bench.ask_as_operator(wire::PublishBundle{second})), ErrorCode::ok);
    territory.publish_kind(small.cpts, "admission", 2, digest);
    bench.publish_directory();
    Header offer = thread.make_header(kGeri, "offer");
    const Digest first = std::exchange(offer.kind, digest);
    EXPECT_EQ(refused(kGeri, offer), ErrorCode::wrong_kind_version);
    offer = thread.make_header(kGeri, "offer");
    EXPECT_EQ(offer.kind, first);
    EXPECT_EQ(refused(kGeri, offer), ErrorCode::ok)
        << "its own goes on, though a newer is in force";
}

TEST_F(Access, TheHeadIsOneThatTheDirectoryHad) {
    EXPECT_EQ(call_with([&](Header& h) { h.head.root = bench.random.make<Digest>(); }),
              ErrorCode::head_contradiction);
    EXPECT_EQ(call_with([&](Header& h) {
                  h.head = {{0}, merkle::empty_root()};
              }),
              ErrorCode::head_contradiction);
    const DirectoryHead early{{1}, merkle::leaf_hash(territory.log()[0].bytes)};
    EXPECT_EQ(call_with([&](Header& h) { h.head = early; }), ErrorCode::ok)
        << "old is not contradictory";
}

TEST_F(Access, RecipientsExistAndTakeTheKind) {
    const auto unit = territory.add_unit(small.hospital, "pediatrie");
    territory.add_epoch(small.hospital, "pediatrie");
    bench.publish_directory();
    const auto to = [](const char* mailbox) {
        return [mailbox](Header& h) { h.to = {{test::address(mailbox), 1}}; };
    };
    EXPECT_EQ(call_with(to("pediatrie.ch-valmont@indre")), ErrorCode::recipient_refused);
    EXPECT_EQ(call_with(to("nulle-part.ch-valmont@indre")), ErrorCode::unknown_recipient);
    EXPECT_EQ(call_with(to("geriatrie.ch-valmont@ailleurs")), ErrorCode::unknown_recipient);
    EXPECT_EQ(call_with(to(kPractice)), ErrorCode::recipient_refused) << "to itself";
}

TEST_F(Access, WhatIsPublishedIsWhatTheActDeclares) {
    EXPECT_EQ(call_with([](Header& h) { h.publics.clear(); }), ErrorCode::public_field_refused);
    EXPECT_EQ(call_with([](Header& h) { h.publics = {{1, 9}}; }), ErrorCode::public_field_refused);
    EXPECT_EQ(call_with([](Header& h) {
                  h.publics = {{1, 1}, {3, 1}};
              }),
              ErrorCode::public_field_refused);
    EXPECT_EQ(call_with([](Header& h) { h.lane = Lane::crisis; }), ErrorCode::lane_refused);
    EXPECT_EQ(call_with([](Header& h) { h.respond_within = std::chrono::minutes(4); }),
              ErrorCode::duration_refused);
}

TEST_F(Access, BoxesAreHeldExactlyAsTheActDeclares) {
    Header header = thread.make_header(kOpener, "call");
    EXPECT_EQ(code_of(thread.send(kOpener, bench.envelope(header, small.doctor, Release::chosen))),
              ErrorCode::boxes_mismatch);
    does(kOpener, "call");
    header = thread.make_header(kOpener, "deposit");
    EXPECT_EQ(code_of(thread.send(kOpener, bench.envelope(header, small.doctor))),
              ErrorCode::boxes_mismatch)
        << "identity in the open";
}

TEST_F(Access, TheEpochBeforePassesForSevenDaysFlaggedThenReseals) {
    territory.add_epoch(small.hospital, "geriatrie");
    bench.publish_directory();
    does(kOpener, "call");
    const auto log = bench.log_of(kGeriatrics);
    const auto* ref = std::get_if<EnvelopeRef>(&log.at(0));
    ASSERT_NE(ref, nullptr);
    EXPECT_TRUE(ref->old_epoch);
    EXPECT_FALSE(std::get<EnvelopeRef>(bench.log_of(kCardiology)[0]).old_epoch);
    bench.idle(std::chrono::days(7) + Milliseconds(1));
    AdmissionCase late(bench);
    EXPECT_EQ(code_of(late.act(kOpener, "call")), ErrorCode::reseal);
    territory.add_epoch(small.hospital, "cardiologie");
    territory.add_epoch(small.hospital, "cardiologie");
    bench.publish_directory();
    AdmissionCase later(bench);
    Header to_cardiology = later.make_header(kOpener, "call");
    to_cardiology.to.erase(to_cardiology.to.begin());
    EXPECT_EQ(code_of(later.send(kOpener, later.seal(kOpener, to_cardiology))), ErrorCode::reseal)
        << "two behind is too old at once";
}

TEST_F(Access, AMailboxWithoutAKeyIsSentNothingAndThatIsItsOwnCode) {
    small.add_unit(small.hospital, "pneumologie", {"admission"});
    bench.publish_directory();
    Header header = thread.make_header(kOpener, "call");
    header.to.pop_back();
    header.to[0].mailbox = test::address("pneumologie.ch-valmont@indre");
    EXPECT_EQ(code_of(thread.send(kOpener, thread.seal(kOpener, header))),
              ErrorCode::no_mailbox_key);
}

// The winning act is for those who take part: a stranger who knows a thread's id learns nothing.
TEST_F(Access, AStrangerToAThreadIsNotShownItsActs) {
    does(kOpener, "call");
    const SessionId stranger = bench.connect(small.cpts_station);
    const auto shown = [&](const std::string& from, const std::string& act) {
        const Header header = bench.header(stranger, {.from = from,
                                                      .act = act,
                                                      .kind = admission_kind().digest,
                                                      .by = small.coordinator.id,
                                                      .thread = thread.id,
                                                      .publics = {}});
        const wire::Body body =
            bench.ask(stranger, wire::Submit{bench.envelope(header, small.coordinator)});
        EXPECT_NE(code_of(body), ErrorCode::ok);
        return std::get<wire::Refusal>(body).winning.has_value();
    };
    for (const char* act : {"call", "offer", "no-such-act"}) {
        EXPECT_FALSE(shown("cpts-indre@indre", act)) << act;
        EXPECT_FALSE(shown(kPractice, act)) << act << " in another's name";
    }
    const Header again = thread.make_header(kOpener, "call");
    const wire::Body own = thread.send(kOpener, thread.seal(kOpener, again));
    EXPECT_EQ(code_of(own), ErrorCode::act_refused) << "nobody else acted";
    EXPECT_FALSE(std::get<wire::Refusal>(own).winning.has_value());
}

TEST_F(Access, TheOperatorsRequestsAreForItsSocketAlone) {
    const std::vector<wire::Body> requests = {
        wire::AskStatus{}, wire::Probe{}, wire::FetchLeaves{wire::LogName::audit, 0},
        wire::FetchCheckpoints{wire::LogName::audit, 0},
        wire::Administer{wire::Command::trust_clock, std::nullopt}};
    for (const wire::Body& request : requests) {
        EXPECT_EQ(code_of(bench.ask(practice(), request)), ErrorCode::forbidden);
        EXPECT_EQ(code_of(bench.ask_as_stranger(request)), ErrorCode::forbidden);
        EXPECT_EQ(code_of(bench.ask_as_operator(request)), ErrorCode::ok);
    }
}

TEST_F(Access, StrangersMayOnlyEnrolAndStationsMayNot) {
    wire::Attach attach{test::address(kPractice), std::nullopt, {}};
    attach.lanes.fill({{1}, 1});
    const std::vector<wire::Body> requests = {
        wire::Hello{wire::kProtocolVersion, "x"},
        attach,
        wire::Submit{thread.make(kOpener, "call")},
        wire::AppendEntries{{Bytes{1}}},
        wire::PublishBundle{admission_bundle()},
        wire::FollowDirectory{{0}},
        wire::OpenInvitation{{}, wire::InvitationPurpose::station, std::chrono::seconds(60)},
        wire::FetchProposals{}};
    for (std::size_t i = 0; i < requests.size(); ++i) {
        EXPECT_EQ(code_of(bench.ask_as_stranger(requests[i])), ErrorCode::forbidden) << i;
    }
    EXPECT_EQ(code_of(bench.ask(practice(), wire::Enrol{{}, Bytes{1}, {}})), ErrorCode::forbidden);
    EXPECT_EQ(code_of(bench.ask(practice(), wire::EnrolmentStatus{{}, {}})), ErrorCode::forbidden);
}

TEST_F(Access, WhatOnlyABrokerSaysIsRefusedFromAStation) {
    EXPECT_EQ(code_of(bench.ask(practice(), wire::Done{})), ErrorCode::malformed);
    EXPECT_EQ(code_of(bench.ask(practice(), wire::Submit{Bytes{1, 2, 3}})), ErrorCode::malformed);
}

}  // namespace
}  // namespace relais::broker
