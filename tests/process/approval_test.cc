// approval_test.cc: invitations that are answered late, twice, or by more than one program at once:
// what fails for a reason that passes is no refusal, and what the directory took is never refused.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clients/station/api/enrol_entries.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"
#include "tests/process/support/running_territory.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

station::EnrolmentRequest request_of(const std::string& name, const std::string& identifier) {
    station::EnrolmentRequest request;
    request.station_title = "Poste d'essai";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    request.organisation =
        station::NewOrganisation{must(Name::parse(name)), "Cabinet d'essai",
                                 directory::OrganisationKind::practice, identifier};
    return request;
}

// The operator alone: no territory is needed to be let into one.
class Approval : public testing::Test {
protected:
    Secret invite(admin::DomainSigner& signer) {
        const auto file = broker_.folder() / ("token-" + std::to_string(++invited_));
        admin::InviteRequest request;
        request.token_file = file;
        auto op = broker_.connect();
        must(admin::invite(op, signer, request, {}));
        return must(read_secret_file(file, 1 << 16));
    }
    // Proposed, and nothing decided.
    void propose(Post& post, const Secret& token, const std::string& name,
                 const std::string& identifier) {
        must(post.begin(token, request_of(name, identifier)));
        EXPECT_EQ(must(post.go_on()), station::EnrolmentState::waiting);
    }
    Result<void> approve(admin::DomainSigner& signer) {
        auto op = broker_.connect();
        return admin::approve(op, signer, std::chrono::seconds(0), {});
    }
    Result<void> approve() {
        auto signer = broker_.registrar();
        return approve(signer);
    }
    // What whoever approves does first, before it could answer: it was cut off there.
    void admit_without_an_answer() {
        auto op = broker_.connect();
        auto signer = broker_.registrar();
        const auto waiting = must(op.client().ask_for<wire::Proposals>(wire::FetchProposals{}));
        ASSERT_EQ(waiting.proposals.size(), 1U);
        const auto proposal = must(parse_proposal(waiting.proposals.front().payload));
        const auto first = must(directory::parse_signed_entry(proposal.entries.front()));
        const auto& body = std::get<directory::Organisation>(first.entry.body);
        const auto admission = must(op.sign(
            signer.key, directory::Admission{must(Name::parse(proposal.organisation)), body.kind,
                                             body.identifier, fingerprint(body.authority), false}));
        std::vector<Bytes> entries = {admission.bytes};
        entries.insert(entries.end(), proposal.entries.begin(), proposal.entries.end());
        must(op.append(entries));
    }
    // The domain as it was just now, put back from a backup.
    void restore() {
        admin::BackupKeyRequest keys;
        keys.key_file = broker_.folder() / "backup-private.json";
        keys.public_file = broker_.folder() / "backup-public";
        keys.passphrase = given("backup key of the tests");
        keys.scrypt_log2_n = kWeakScrypt;
        must(admin::new_backup_key(keys, {}));
        const auto file = broker_.folder() / "relais.backup";
        {
            auto op = broker_.connect();
            must(admin::make_backup(op, {file, keys.public_file, {}}, {}));
        }
        broker_.kill();
        std::filesystem::remove_all(broker_.data());
        const admin::SignerFile key{keys.key_file, given("backup key of the tests")};
        must(admin::restore({file, broker_.data(), key, {}, {}}, {}));
        broker_.start();
    }

    RunningBroker broker_;
    int invited_ = 0;
};

TEST_F(Approval, AnOrganisationThatWasAdmittedButNotAnsweredIsApproved) {
    auto signer = broker_.registrar();
    Post post(broker_.folder() / "oudin");
    propose(post, invite(signer), "cabinet-oudin", "360000049");
    admit_without_an_answer();
    EXPECT_TRUE(approve().ok());
    EXPECT_EQ(must(post.go_on()), station::EnrolmentState::approved);
}

// The name is held by another: that will not pass, and the answer is no.
TEST_F(Approval, ANameThatAnotherHasIsRefused) {
    auto signer = broker_.registrar();
    Post first(broker_.folder() / "oudin");
    Post second(broker_.folder() / "autre");
    propose(first, invite(signer), "cabinet-oudin", "360000049");
    ASSERT_TRUE(approve().ok());
    propose(second, invite(signer), "cabinet-oudin", "360000056");
    EXPECT_EQ(approve().code(), ErrorCode::name_taken);
    EXPECT_EQ(second.go_on().code(), ErrorCode::enrolment_refused);
}

// It could not be handed over, nor closed by a locator that nobody was told.
TEST_F(Approval, AnInvitationWhoseFileIsThereAlreadyIsNotOpened) {
    auto signer = broker_.registrar();
    admin::InviteRequest request;
    request.token_file = broker_.folder() / "token";
    must(write_file(request.token_file, as_bytes("another's"), 0600, Replace::no));
    auto op = broker_.connect();
    EXPECT_EQ(admin::invite(op, signer, request, {}).code(), ErrorCode::already_exists);
    EXPECT_EQ(must(op.status()).value("invitations_open", -1), 0);
    EXPECT_EQ(as_text(must(read_file(request.token_file, 100))), "another's");
}

// One job waits with the key file open, while invitations are made and answered with it elsewhere.
TEST_F(Approval, InvitationsMadeWhileAnotherProgramWaitsAreKeptAndApproved) {
    auto inviting = broker_.registrar();
    auto waiting = broker_.registrar();
    Post first(broker_.folder() / "oudin");
    Post second(broker_.folder() / "autre");
    propose(first, invite(inviting), "cabinet-oudin", "360000049");
    const Secret token = invite(inviting);
    EXPECT_TRUE(approve(waiting).ok()) << "the job sees what was opened after it began";
    EXPECT_EQ(must(first.go_on()), station::EnrolmentState::approved);
    propose(second, token, "cabinet-autre", "360000056");
    EXPECT_TRUE(approve().ok()) << "and takes none of what it had not seen";
    EXPECT_EQ(must(second.go_on()), station::EnrolmentState::approved);
}

// A domain that was restored takes no entries yet: that passes, and the invitee is not sent away.
TEST_F(Approval, WhileTheDirectoryTakesNothingAProposalStaysOpen) {
    restore();
    auto signer = broker_.registrar();
    Post post(broker_.folder() / "oudin");
    propose(post, invite(signer), "cabinet-oudin", "360000049");
    EXPECT_EQ(approve().code(), ErrorCode::not_restored_yet);
    EXPECT_EQ(must(post.go_on()), station::EnrolmentState::waiting);
    auto op = broker_.connect();
    must(admin::settle(op, {}));
    EXPECT_TRUE(approve().ok());
    EXPECT_EQ(must(post.go_on()), station::EnrolmentState::approved);
}

TEST(ApprovalErrors, WhatMayPassIsNoRefusal) {
    for (const ErrorInfo& info : error_table()) {
        if (info.retry == Retry::never) continue;
        EXPECT_FALSE(station::ends_proposal(info.code)) << info.name;
    }
    using enum ErrorCode;
    for (const ErrorCode code : {io_failed, corrupt, internal, forbidden, suspended, chain_broken,
                                 not_a_signer, wrong_passphrase, unsupported_version}) {
        EXPECT_FALSE(station::ends_proposal(code)) << error_name(code);
    }
    for (const ErrorCode code :
         {authenticator_wrong, invitation_unknown, name_taken, identifier_taken, key_taken,
          bad_entry, malformed, bad_signature}) {
        EXPECT_TRUE(station::ends_proposal(code)) << error_name(code);
    }
}

// The same of a station, which its organisation's registrar lets in.
TEST(StationApproval, AStationThatWasAdmittedButNotAnsweredIsApproved) {
    RunningTerritory territory;
    auto registrar = territory.hospital.registrar();
    auto& inviter = territory.hospital.station();
    const Secret token = must(station::invite_station(inviter, registrar, {{""}, {}, true}));
    Post post(territory.folder("poste"));
    station::EnrolmentRequest request;
    request.station_title = "Poste d'essai";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    must(post.begin(token, std::move(request)));
    must(post.go_on());

    const auto body = must(inviter.ask(wire::FetchProposals{}, station::kAnswerPatience));
    const auto proposal =
        must(parse_proposal(std::get<wire::Proposals>(body).proposals.front().payload));
    const auto person =
        std::get<directory::Person>(must(directory::parse_entry(proposal.person)).body);
    auto proposed =
        std::get<directory::Station>(must(directory::parse_entry(proposal.station)).body);
    proposed.units = {""};
    proposed.persons = {person.id};
    must(registrar.admit_station(person, proposed));

    const auto outcomes = must(station::approve_waiting(inviter, registrar));
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_TRUE(outcomes.front().verdict.ok());
    EXPECT_TRUE(outcomes.front().decided);
    EXPECT_EQ(must(post.go_on()), station::EnrolmentState::approved);
}

// A client that was changed proposes its own key for somebody who is in the directory already: an
// attested doctor, whose attestation would then be the invitee's.
TEST(StationApproval, APersonOfTheDirectoryIsNotTakenOverByWhoeverWasInvited) {
    RunningTerritory territory;
    auto registrar = territory.hospital.registrar();
    auto& inviter = territory.hospital.station();
    territory.hospital.synchronise();
    const directory::Person doctor =
        inviter.directory().person(territory.geriatrie.person())->person;
    ASSERT_TRUE(inviter.directory().attested(doctor.id));
    const Secret token = must(station::invite_station(inviter, registrar, {{""}, {}, true}));
    const auto invitation = must(parse_invitation(as_text(token.expose())));
    const auto kept = must(inviter.store().value("invitations"));
    EXPECT_EQ(as_text(*kept).find(hex(invitation.authenticator.expose())), std::string_view::npos)
        << "no secret goes through the strings of a JSON document";
    SystemRandom random;
    station::EnrolmentRequest request;
    request.station_title = "Secrétariat";
    request.person = station::NewPerson{doctor.title, doctor.profession, doctor.rpps};
    auto prepared =
        must(station::prepare_enrolment(invitation, request, random, SystemClock().read().wall));
    directory::Person taken = doctor;
    taken.key = prepared.person_key->public_key();
    prepared.proposal.person = directory::encode_entry(
        {invitation.domain, invitation.organisation, 0, {}, {}, {}, std::move(taken)});
    const Bytes payload = encode_proposal(prepared.proposal);
    Speaker invitee(invitation.enrolment_endpoint, invitation.enrolment_curve,
                    generate_curve_keys());
    ASSERT_TRUE(invitee.connected());
    const auto said = invitee.ask(
        wire::Enrol{invitation.locator, payload,
                    station::proposal_mac(invitation.authenticator, invitation.locator, payload)});
    ASSERT_TRUE(said && std::holds_alternative<wire::Done>(*said));

    const DirectorySize size = inviter.directory().size();
    const auto outcomes = must(station::approve_waiting(inviter, registrar));
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes.front().verdict.code(), ErrorCode::bad_entry);
    EXPECT_TRUE(outcomes.front().decided);
    territory.hospital.synchronise();
    EXPECT_EQ(inviter.directory().size(), size);
    EXPECT_EQ(inviter.directory().person(doctor.id)->person.key, doctor.key);
}

}  // namespace
}  // namespace relais::test
