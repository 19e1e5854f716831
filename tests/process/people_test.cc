// people_test.cc: stations and persons as organisations have them: two posts of one ward, two
// persons on one post, a secretary and a doctor; invitations that go wrong; an organisation that
// nobody confirmed; one that lost everything but its recovery sheet.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "clients/station/api/duties.h"
#include "clients/station/seal/recovery.h"
#include "core/calendar/days.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/speaker.h"

namespace relais::test {
namespace {

class People : public testing::Test {
protected:
    RunningTerritory territory_;
    Admission admission_{territory_};
};

TEST_F(People, TwoPostsOfOneWardSeeTheSame) {
    Post second(territory_.folder("geriatrie-2"));
    territory_.enrol_station(second, territory_.hospital, {{"geriatrie"}, {}, true}, "Second poste",
                             station::NewPerson{"Dr Odile Oudin", "10", "10100000041"});
    territory_.attest(second, second.person());
    admission_.call();
    second.synchronise();
    EXPECT_TRUE(admission_.reads(second, "call"));
    admission_.act(second, "geriatrie", "offer", {}, {{"bed", "full"}});
    const auto first_view = admission_.view(territory_.geriatrie);
    second.synchronise();
    EXPECT_EQ(first_view.state_label, admission_.view(second).state_label);
    EXPECT_TRUE(admission_.reads(territory_.geriatrie, "offer"));
    // "Ouvert" by one is seen by the other.
    auto signer = territory_.geriatrie.signer();
    const auto entries =
        must(territory_.geriatrie.station().store().entries_of_thread(admission_.id));
    must(station::mark_message(territory_.geriatrie.station(), entries.front(), Word::opened,
                               signer));
    territory_.geriatrie.synchronise();
    second.synchronise();
    const auto items = admission_.view(second).items;
    EXPECT_TRUE(std::ranges::any_of(items, [&](const station::TimelineItem& item) {
        return item.mark && item.mark->person == signer.id;
    }));
}

// ---- a locum

// Acts for some days at the practice of somebody who is away, under a name and an RPPS of their
// own; without an end at another practice. Clocks of broker and stations are put forward together,
// or apart.
class Locum : public People {
protected:
    Locum() {
        std::filesystem::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        territory_.enrol_station(post_, territory_.practice, {{""}, {}, true},
                                 "Poste du remplaçant", kPerson);
        territory_.attest(post_, post_.person());
        territory_.enrol(elsewhere_, {"cabinet-durand", "Cabinet du Dr Durand",
                                      directory::OrganisationKind::practice, "360000056", kPerson});
        territory_.confirm("cabinet-durand");
        territory_.attest(elsewhere_, elsewhere_.person());
        territory_.synchronise_all();
        elsewhere_.synchronise();
        it_is(day_);
    }
    static WallTime wall_now() { return SystemClock().read().wall; }
    // Noon of that day: of the broker, of the programs that stations run.
    void broker_at(CivilDay day) {
        const Milliseconds ahead = ahead_of(day);
        territory_.broker.set_clocks(ahead, ahead);
    }
    void stations_at(CivilDay day) {
        const std::string ahead = std::to_string(ahead_of(day).count());
        const std::string text = ahead + " " + ahead;
        must(write_file(clock_, as_bytes(text), 0600, Replace::yes));
    }
    void it_is(CivilDay day) {
        broker_at(day);
        stations_at(day);
    }
    Said relais(Post& post, std::vector<std::string> arguments) {
        post.close();
        arguments.insert(arguments.begin(), {"--station", post.folder().path.string()});
        return run_program(program("relais"), arguments, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string(), "TZ=Europe/Paris",
                            "LD_PRELOAD=" + std::string(RELAIS_CLOCK_SHIM),
                            "RELAIS_TEST_CLOCK=" + clock_.string()});
    }
    Said call(Post& post) {
        const std::string examples =
            std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission/examples/";
        return relais(post, {"new", "admission", "--to", "geriatrie.ch-valmont", "--public",
                             "urgency=stat", "--form", "call=" + examples + "call.json", "--form",
                             "deposit=" + examples + "deposit.json", "--send"});
    }
    void expect_refused(const Said& said) {
        EXPECT_EQ(said.code, 4) << said.text;
        EXPECT_TRUE(said.says("L'affiliation de cette personne n'a pas commencé ou est terminée"))
            << said.text;
    }

private:
    static Milliseconds ahead_of(CivilDay day) {
        return calendar::start_of(day) + std::chrono::hours(12) - wall_now();
    }

protected:
    inline static const station::NewPerson kPerson{"Dr Rémi Remplaçant", "10", "10100000082"};
    std::filesystem::path credentials_ = territory_.folder("credentials");
    std::filesystem::path clock_ = territory_.folder("clock-of-the-stations");
    Post post_{territory_.folder("remplacant")};
    Post elsewhere_{territory_.folder("cabinet-durand")};
    CivilDay day_ = calendar::day_of(wall_now()) + 1;  // noon of it is to come
};

TEST_F(Locum, ActsWithinTheDatesOfTheirAffiliationAndNeitherBeforeNorAfter) {
    const CivilDay first = day_ + 2;
    const CivilDay last = day_ + 4;
    const Said set = relais(territory_.practice, {"org", "affiliation", "Remplaçant", "--from",
                                                  format_day(first), "--until", format_day(last)});
    ASSERT_EQ(set.code, 0) << set.text;
    EXPECT_EQ(relais(post_, {"sync"}).code, 0);
    EXPECT_TRUE(relais(territory_.geriatrie, {"directory", "Remplaçant"}).says("ici à partir du"));

    it_is(first + -1);
    expect_refused(call(post_));
    stations_at(first);  // a station whose clock is wrong is refused by the broker
    expect_refused(call(post_));

    it_is(first + 1);
    const Said sent = call(post_);
    EXPECT_EQ(sent.code, 0) << sent.text;
    it_is(last);  // the last day is one
    EXPECT_EQ(call(post_).code, 0);

    it_is(last + 1);
    expect_refused(call(post_));
    stations_at(last);
    expect_refused(call(post_));
    stations_at(last + 1);
    // What was signed in time is read afterwards; what was refused never arrived.
    EXPECT_EQ(relais(territory_.geriatrie, {"sync"}).code, 0);
    const Said inbox = relais(territory_.geriatrie, {"inbox", "--json", "--offline"});
    const auto threads = nlohmann::json::parse(inbox.text.substr(inbox.text.find('{')))["threads"];
    EXPECT_EQ(threads.size(), 2U) << inbox.text;

    // One RPPS, two affiliations: the other one goes on, and its dates are its own.
    const Said other = call(elsewhere_);
    EXPECT_EQ(other.code, 0) << other.text;
    // Prolonged, the first one holds again.
    const Said longer =
        relais(territory_.practice, {"org", "affiliation", "Remplaçant", "--from",
                                     format_day(first), "--until", format_day(last + 5)});
    EXPECT_EQ(longer.code, 0) << longer.text;
    EXPECT_EQ(relais(post_, {"sync"}).code, 0);
    EXPECT_EQ(call(post_).code, 0);
}

// The word was said in time and without the network; the service hears of it too late.
TEST_F(Locum, WhoseWordComesTooLateIsToldThatItIsNotKept) {
    const CivilDay last = day_ + 2;
    ASSERT_EQ(relais(territory_.practice, {"org", "affiliation", "Remplaçant", "--from",
                                           format_day(day_), "--until", format_day(last)})
                  .code,
              0);
    EXPECT_EQ(relais(post_, {"sync"}).code, 0);
    it_is(last);
    const Said sent = call(post_);
    ASSERT_EQ(sent.code, 0) << sent.text;
    ASSERT_EQ(relais(territory_.geriatrie, {"sync"}).code, 0);
    const Said inbox = relais(territory_.geriatrie, {"inbox", "--json", "--offline"});
    const auto threads = nlohmann::json::parse(inbox.text.substr(inbox.text.find('{')))["threads"];
    ASSERT_EQ(threads.size(), 1U) << inbox.text;
    const std::string thread = threads[0]["thread"];
    const std::string question =
        std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission/examples/ask.json";
    const Said asked = relais(territory_.geriatrie, {"act", thread, "ask", "--form", question});
    ASSERT_EQ(asked.code, 0) << asked.text;
    EXPECT_EQ(relais(post_, {"sync"}).code, 0);

    const Said shown = relais(post_, {"show", thread, "--offline"});
    EXPECT_EQ(shown.code, 0) << shown.text;
    it_is(last + 1);
    const Said late = relais(post_, {"sync"});
    EXPECT_EQ(late.code, 0) << late.text;
    EXPECT_TRUE(late.says("le service ne retient pas que le message")) << late.text;
    EXPECT_TRUE(late.says("est ouvert. L'affiliation de cette personne")) << late.text;
    EXPECT_FALSE(relais(post_, {"sync"}).says("ne retient pas")) << "it is said once";
    const Said seen = relais(territory_.geriatrie, {"show", thread});
    EXPECT_FALSE(seen.says("Ouvert par Dr Rémi Remplaçant")) << seen.text;
}

// ---- two posts of one ward, and the practice that it answers

class TwoPosts : public People {
protected:
    TwoPosts() {
        territory_.enrol_station(second_, territory_.hospital, {{"geriatrie"}, {}, true},
                                 "Second poste",
                                 station::NewPerson{"Dr Odile Oudin", "10", "10100000041"});
        territory_.attest(second_, second_.person());
        admission_.call({"geriatrie"});
        second_.synchronise();
    }
    // A person of the post says the word of the last such act in its mailbox; all hear of it.
    void mark(Post& post, const std::string& act, Word word) {
        const auto entries = must(post.station().store().entries_of_thread(admission_.id));
        for (const auto& entry : std::views::reverse(entries)) {
            const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
            if (envelope == nullptr || must(parse_header(envelope->header.bytes)).act != act) {
                continue;
            }
            auto signer = post.signer();
            must(station::mark_message(post.station(), entry, word, signer));
            break;
        }
        post.synchronise();
        territory_.synchronise_all();
        second_.synchronise();
    }
    // Who said what, as the post shows it: "Ouvert par Dr Gilles Gérard (…)".
    std::vector<std::string> marks(Post& post) {
        std::vector<std::string> lines;
        for (const auto& item : admission_.view(post).items) {
            if (item.mark) lines.push_back(item.title);
        }
        return lines;
    }
    // What the post shows of who has an act of its mailbox: held, opened, taken in charge,
    // answered.
    std::string receipts(Post& post, const std::string& act) {
        std::string said;
        for (const auto& item : admission_.view(post).items) {
            if (!item.opened || item.opened->header.act != act) continue;
            for (const auto& receipt : item.receipts) {
                said += receipt.mailbox + (receipt.delivered ? " remis" : "") +
                        (receipt.opened ? " ouvert" : "") + (receipt.taken ? " pris" : "") +
                        (receipt.answered ? " répondu" : "");
            }
        }
        return said;
    }

    // What a station says that it holds may reach the sender a moment later.
    void expect_receipts(Post& post, const std::string& act, const std::string& text) {
        post.until([&] { return receipts(post, act) == text; });
        EXPECT_EQ(receipts(post, act), text);
    }

    Post second_{territory_.folder("geriatrie-2")};
    Post& first_ = territory_.geriatrie;
    Post& practice_ = territory_.practice;
};

TEST_F(TwoPosts, AgreeOnWhoHasOpenedAndWhoHasTakenInChargeBothWays) {
    EXPECT_TRUE(marks(first_).empty());
    mark(first_, "call", Word::opened);
    mark(second_, "call", Word::taken);
    const auto shown = marks(first_);
    ASSERT_EQ(shown.size(), 2U);
    EXPECT_TRUE(shown[0].starts_with("Ouvert par Dr Gilles Gérard")) << shown[0];
    EXPECT_TRUE(shown[1].starts_with("Pris en charge par Dr Odile Oudin")) << shown[1];
    EXPECT_EQ(marks(second_), shown);
    // The other way round, of another message.
    admission_.act(practice_, "", "answer", {"geriatrie"});
    second_.synchronise();
    mark(second_, "answer", Word::opened);
    mark(first_, "answer", Word::taken);
    EXPECT_EQ(marks(first_).size(), 4U);
    EXPECT_EQ(marks(second_), marks(first_));
    // The practice sees the service, and no person of it.
    const std::string ward = first_.mailbox("geriatrie").text();
    expect_receipts(practice_, "call", ward + " remis ouvert pris");
    expect_receipts(practice_, "answer", ward + " remis ouvert pris");
    EXPECT_TRUE(marks(practice_).empty());
}

TEST_F(TwoPosts, AgreeOnWhatThePracticeHasOfTheirAnswersWhicheverWroteThem) {
    const std::string practice = practice_.mailbox().text();
    admission_.act(first_, "geriatrie", "ask");
    admission_.act(second_, "geriatrie", "offer", {}, {{"bed", "full"}});
    first_.synchronise();
    for (Post* post : {&first_, &second_}) {
        expect_receipts(*post, "ask", practice + " remis");
        expect_receipts(*post, "offer", practice + " remis");
        EXPECT_TRUE(admission_.reads(*post, "offer"));
    }
    mark(practice_, "ask", Word::opened);
    mark(practice_, "offer", Word::taken);
    admission_.act(practice_, "", "choose", {"geriatrie"});
    second_.synchronise();
    for (Post* post : {&first_, &second_}) {
        expect_receipts(*post, "ask", practice + " remis ouvert");
        expect_receipts(*post, "offer", practice + " remis pris répondu");
        EXPECT_TRUE(admission_.reads(*post, "deposit"));
    }
}

// ---- a post that comes after the call

TEST_F(People, APostEnrolledAfterTheCallReadsWhatItsOrganisationStillHolds) {
    admission_.call({"geriatrie"});
    admission_.act(territory_.geriatrie, "geriatrie", "ask");
    Post desk(territory_.folder("secretariat"));
    territory_.enrol_station(desk, territory_.practice, {{""}, {}, true}, "Secrétariat",
                             station::NewPerson{"Sam Secrétaire", "secretary", ""});
    for (const char* act : {"call", "deposit", "ask"}) EXPECT_TRUE(admission_.reads(desk, act));
    EXPECT_EQ(admission_.view(desk).state_label, admission_.view(territory_.practice).state_label);
}

// The hospital's first station serves no ward: it cannot hand over keys that it has not.
TEST_F(People, WhereTheInviterDoesNotServeTheUnitWhatCameBeforeIsShownAsWaitingForItsKey) {
    admission_.call({"geriatrie"});
    Post late(territory_.folder("geriatrie-2"));
    territory_.enrol_station(late, territory_.hospital, {{"geriatrie"}, {}, true}, "Second poste",
                             station::NewPerson{"Dr Odile Oudin", "10", "10100000041"});
    const auto before = admission_.view(late).items;
    ASSERT_FALSE(before.empty());
    EXPECT_EQ(before[0].type, station::TimelineItem::Type::problem);
    EXPECT_EQ(before[0].code, ErrorCode::not_granted);
    EXPECT_EQ(before[0].title,
              "En attente : Ce poste n'a pas la clé sous laquelle ce message est scellé.");
    EXPECT_NE(before[0].text.find("sur un poste qui desservait déjà ce service"), std::string::npos)
        << before[0].text << ": that another one connects would bring nothing";
    EXPECT_FALSE(admission_.reads(late, "call"));
    // Once the others know of its key it reads what comes, as the other post does.
    territory_.practice.synchronise();
    admission_.act(territory_.practice, "", "answer", {"geriatrie"});
    late.synchronise();
    EXPECT_TRUE(admission_.reads(late, "answer"));
    EXPECT_TRUE(admission_.reads(territory_.geriatrie, "answer"));
    EXPECT_FALSE(admission_.reads(late, "call"));
}

// The signed header says what lets out a content that was held, to whoever cannot read it too.
TEST_F(People, APostThatLacksTheKeyOfTheChoiceSeesThatItLetsTheDepositOut) {
    admission_.call({"geriatrie"});
    admission_.act(territory_.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    territory_.practice.synchronise();
    admission_.act(territory_.practice, "", "choose", {"geriatrie"});
    territory_.geriatrie.until([&] { return admission_.reads(territory_.geriatrie, "deposit"); });
    Post late(territory_.folder("geriatrie-2"));
    territory_.enrol_station(late, territory_.hospital, {{"geriatrie"}, {}, true}, "Second poste",
                             station::NewPerson{"Dr Odile Oudin", "10", "10100000041"});
    auto& store = late.station().store();
    EXPECT_EQ(must(store.entries_with(ErrorCode::not_granted, 100)).size(), 4U);
    EXPECT_EQ(must(store.entries_with(ErrorCode::release_unproven, 100)).size(), 0U);
}

TEST_F(People, TwoPersonsOfOnePostSignEachWithTheirOwnKey) {
    const PersonId doctor = territory_.geriatrie.person();
    Post second(territory_.folder("partage"));
    territory_.enrol_station(second, territory_.hospital, {{"geriatrie"}, {doctor}, true},
                             "Poste partagé",
                             station::NewPerson{"Iris Infirmier", "60", "10100000058"});
    const auto& persons = second.station().self()->station.persons;
    ASSERT_EQ(persons.size(), 2U);
    const auto nurse = *std::ranges::find_if(persons, [&](auto id) { return id != doctor; });
    admission_.call();
    second.synchronise();
    // The doctor's key is not here: nobody can sign for them.
    EXPECT_EQ(station::unlock_person(second.station(), doctor, passphrase(kPostPassphrase)).code(),
              ErrorCode::not_here);
    EXPECT_EQ(
        station::unlock_person(second.station(), nurse, passphrase("wrong words here")).code(),
        ErrorCode::wrong_passphrase);
    territory_.attest(second, nurse);
    second.synchronise();
    // And the nurse, attested, asks and offers but gives no medical opinion.
    const auto seen = must(station::view_thread(second.station(), admission_.id));
    auto signer = second.sign_as(nurse);
    station::Draft draft{
        .id = make_uuid_v7<MessageId>(second.station().random(), second.station().now()),
        .kind = seen.kind->kind.name,
        .kind_digest = seen.kind->kind.digest,
        .thread = admission_.id,
        .answers = seen.last_act(),
        .from = second.mailbox("geriatrie"),
        .to = {territory_.practice.mailbox()},
        .acts = {{"opinion", example("opinion"), {{"favourable", "true"}}}}};
    EXPECT_EQ(station::send_draft(second.station(), draft, signer).code(), ErrorCode::role_refused);
    draft.acts = {{"ask", example("ask"), {}}};
    must(station::send_draft(second.station(), draft, signer));
    second.synchronise();
    territory_.practice.synchronise();
    EXPECT_TRUE(admission_.reads(territory_.practice, "ask"));
}

TEST_F(People, ASecretaryPreparesAndTheDoctorSigns) {
    const PersonId doctor = territory_.practice.person();
    Post desk(territory_.folder("secretariat"));
    territory_.enrol_station(desk, territory_.practice, {{""}, {}, true}, "Secrétariat",
                             station::NewPerson{"Sam Secrétaire", "secretary", ""});
    auto draft = must(station::new_thread_draft(desk.station(), "admission", desk.mailbox()));
    draft.to = {territory_.hospital.mailbox("geriatrie")};
    draft.acts = {{"call", example("call"), {{"urgency", "stat"}}}};
    draft.prepared_by = desk.person();
    auto secretary = desk.signer();
    EXPECT_EQ(station::send_draft(desk.station(), draft, secretary).code(),
              ErrorCode::role_refused);
    draft.on_behalf_of = doctor;
    EXPECT_FALSE(station::send_draft(desk.station(), draft, secretary).ok())
        << "no mandate makes a secretary sign a call";
    // The doctor has a key on the post of the desk as well: the same RPPS, a second affiliation.
    Post both(territory_.folder("poste-commun"));
    territory_.enrol_station(both, territory_.practice, {{""}, {}, true}, "Poste commun",
                             station::NewPerson{"Dr Dominique Dupont", "10", "10100000017"});
    territory_.attest(both, both.person());
    both.synchronise();
    draft.on_behalf_of.reset();
    must(both.station().store().put_draft(draft.id, must(station::encode_draft(draft))));
    const auto kept = must(station::decode_draft(*must(both.station().store().draft(draft.id))));
    EXPECT_EQ(kept.prepared_by, desk.person());
    auto signer = both.signer();
    must(station::send_draft(both.station(), kept, signer));
    both.synchronise();
    territory_.geriatrie.synchronise();
    admission_.id = draft.thread;
    EXPECT_TRUE(admission_.reads(territory_.geriatrie, "call"));
}

TEST_F(People, AMandateLetsASecretaryAnswerForTheDoctorAndItsRevocationEndsIt) {
    Post desk(territory_.folder("secretariat"));
    territory_.enrol_station(desk, territory_.practice, {{""}, {}, true}, "Secrétariat",
                             station::NewPerson{"Sam Secrétaire", "secretary", ""});
    admission_.call();
    desk.synchronise();
    const auto answer = [&](std::optional<PersonId> behalf) {
        const auto seen = must(station::view_thread(desk.station(), admission_.id));
        station::Draft draft{
            .id = make_uuid_v7<MessageId>(desk.station().random(), desk.station().now()),
            .kind = seen.kind->kind.name,
            .kind_digest = seen.kind->kind.digest,
            .thread = admission_.id,
            .answers = seen.last_act(),
            .from = desk.mailbox(),
            .to = {territory_.hospital.mailbox("geriatrie")},
            .acts = {{"answer", example("answer"), {}}},
            .on_behalf_of = behalf};
        auto signer = desk.signer();
        return station::send_draft(desk.station(), draft, signer);
    };
    const PersonId doctor = territory_.practice.person();
    EXPECT_EQ(answer(doctor).code(), ErrorCode::no_mandate);
    const directory::Mandate mandate{
        make_uuid_v7<MandateId>(desk.station().random(), desk.station().now()),
        desk.person(),
        doctor,
        {"admission/answer"},
        {}};
    must(territory_.practice.registrar().add_mandate(mandate));
    desk.synchronise();
    must(answer(doctor));
    desk.synchronise();
    territory_.geriatrie.synchronise();
    EXPECT_TRUE(admission_.reads(territory_.geriatrie, "answer"));
    must(territory_.practice.registrar().revoke(directory::RevokedObject::mandate,
                                                mandate.id.view(), "",
                                                directory::RevocationReason::other));
    desk.synchronise();
    EXPECT_EQ(answer(doctor).code(), ErrorCode::no_mandate);
}

TEST_F(People, AnExpiredInvitationIsRefusedByAllSides) {
    Post late(territory_.folder("late"));
    auto registrar = territory_.hospital.registrar();
    station::StationInvitation invitation{{"geriatrie"}, {}, true, std::chrono::hours(1)};
    const Secret token =
        must(station::invite_station(territory_.hospital.station(), registrar, invitation));
    station::EnrolmentRequest request;
    request.station_title = "Trop tard";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    must(late.begin(token, std::move(request)));
    territory_.invite();  // another, that stays open: there is still somebody to ask
    const auto two_hours = std::chrono::hours(2);
    territory_.broker.set_clocks(two_hours, two_hours);
    EXPECT_EQ(late.go_on().code(), ErrorCode::invitation_unknown);
    // What the broker no longer has cannot be approved.
    territory_.hospital.close();
    auto again = territory_.hospital.registrar();
    EXPECT_TRUE(must(station::approve_waiting(territory_.hospital.station(), again)).empty());
}

// The broker knows the locator and may put keys of its own into the proposal; it has not the
// authenticator, so the inviter refuses.
TEST_F(People, ASubstitutedProposalIsRefusedByTheInviter) {
    auto registrar = territory_.hospital.registrar();
    const Secret token = must(station::invite_station(territory_.hospital.station(), registrar,
                                                      {{"geriatrie"}, {}, true}));
    auto forged = must(parse_invitation(as_text(token.expose())));
    forged.authenticator = Secret(16);  // all the broker could do is guess
    Post impostor(territory_.folder("impostor"));
    station::EnrolmentRequest request;
    request.station_title = "Imposteur";
    request.person = station::NewPerson{"Dr Odile Oudin", "10", "10100000041"};
    must(impostor.begin(encode_invitation(forged), std::move(request)));
    must(impostor.go_on());
    const auto outcomes = must(station::approve_waiting(territory_.hospital.station(), registrar));
    ASSERT_EQ(outcomes.size(), 1U);
    EXPECT_EQ(outcomes.front().verdict.code(), ErrorCode::authenticator_wrong);
    EXPECT_FALSE(impostor.go_on().ok());
    for (const auto* record :
         territory_.hospital.station().directory().stations_of(std::string_view("ch-valmont"))) {
        EXPECT_NE(record->station.title, "Imposteur");
    }
}

TEST_F(People, NothingClinicalIsSealedToAnOrganisationNotYetConfirmed) {
    Post clinic(territory_.folder("clinique"));
    territory_.enrol(clinic, {"clinique-neuve",
                              "Clinique Neuve",
                              directory::OrganisationKind::hospital,
                              "360000049",
                              {"Dr Nina Nouvel", "10", "10100000066"}});
    must(clinic.registrar().add_unit(
        {must(Name::parse("court-sejour")), "Court séjour", "", "", {"admission"}}));
    must(clinic.registrar().extend_station(clinic.station().identity().station, {"court-sejour"}));
    clinic.synchronise();
    territory_.practice.synchronise();
    auto draft = admission_.draft({});
    draft.to = {clinic.mailbox("court-sejour")};
    auto signer = territory_.practice.signer();
    EXPECT_EQ(station::send_draft(territory_.practice.station(), draft, signer).code(),
              ErrorCode::provisional);
    territory_.confirm("clinique-neuve");
    territory_.practice.synchronise();
    must(station::send_draft(territory_.practice.station(), draft, signer));
    territory_.practice.synchronise();
    clinic.synchronise();
    admission_.id = draft.thread;
    EXPECT_TRUE(admission_.reads(clinic, "call"));
}

// Every station of the practice burnt. The sheet from the safe, the registrar's invitation, a new
// machine: its old exchanges can be read, its new ones too, and the old station is out.
TEST_F(People, AnOrganisationComesBackFromItsRecoverySheet) {
    Post cabinet(territory_.folder("cabinet-2"));
    auto begun = territory_.enrol(cabinet, {"cabinet-durand",
                                            "Cabinet du Dr Durand",
                                            directory::OrganisationKind::practice,
                                            "360000056",
                                            {"Dr Denis Durand", "10", "10100000074"}});
    territory_.confirm("cabinet-durand");
    territory_.attest(cabinet, cabinet.person());
    cabinet.synchronise();
    auto draft = must(station::new_thread_draft(cabinet.station(), "admission", cabinet.mailbox()));
    draft.to = {territory_.hospital.mailbox("geriatrie")};
    draft.acts = {{"call", example("call"), {{"urgency", "stat"}}}};
    auto signer = cabinet.signer();
    must(station::send_draft(cabinet.station(), draft, signer));
    cabinet.synchronise();
    admission_.id = draft.thread;
    territory_.geriatrie.synchronise();
    const CurveKeyPair& lost = cabinet.station().keys().curve;
    const CurveKeyPair lost_keys{lost.public_key, lost.secret_key.duplicate()};
    const auto broker_curve = cabinet.station().identity().broker_curve;
    cabinet.close();
    std::filesystem::remove_all(cabinet.folder().path);

    const Secret printed = seal::recovery_code(begun.recovery_secret);
    station::EnrolmentRequest request;
    request.station_title = "Nouveau poste";
    request.person = station::NewPerson{"Dr Denis Durand", "10", "10100000074"};
    request.recovery_secret = must(seal::parse_recovery_code(as_text(printed.expose())));
    Post renewed(territory_.folder("cabinet-3"));
    must(renewed.begin(territory_.invite(false, "cabinet-durand"), std::move(request)));
    must(renewed.go_on());
    must(territory_.approve());
    renewed.complete();
    renewed.synchronise();
    EXPECT_TRUE(admission_.reads(renewed, "call")) << "its own call of before";
    territory_.geriatrie.synchronise();
    const auto ward_view = must(station::view_thread(territory_.geriatrie.station(), draft.thread));
    EXPECT_FALSE(ward_view.items.empty());
    EXPECT_TRUE(station::pending_duties(renewed.station()).empty());
    // What was lost is revoked by the new authority, and is out.
    for (const auto* record :
         renewed.station().directory().stations_of(std::string_view("cabinet-durand"))) {
        if (record->station.curve != lost_keys.public_key) continue;
        must(renewed.registrar().revoke(directory::RevokedObject::station,
                                        record->station.id.view(), "",
                                        directory::RevocationReason::lost));
        break;
    }
    Speaker thief(renewed.station().identity().endpoint, broker_curve, lost_keys);
    EXPECT_FALSE(thief.greet()) << "the old station";
    EXPECT_TRUE(station::pending_duties(renewed.station()).empty()) << "new epochs without it";
}

}  // namespace
}  // namespace relais::test
