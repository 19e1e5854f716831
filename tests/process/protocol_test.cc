// protocol_test.cc: a substitution protocol and what may be dispensed on it, between real stations:
// who approves and agrees, what is said of it before a notice is sent, and what a reference pack
// closes and reopens.
#include <gtest/gtest.h>

#include <set>

#include "clients/station/api/register_copy.h"
#include "clients/station/api/registers.h"
#include "clients/station/api/watched.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/child.h"
#include "tests/process/support/exchanged_kinds.h"

namespace relais::test {
namespace {

using directory::OrganisationKind;

// A CPTS, two practices and a pharmacy; a protocol that the three of them approve.
class Protocols : public ExchangedKinds {
protected:
    Protocols() {
        publish({"protocol", "substitution"});
        join(second_, {"cabinet-durand",
                       "Cabinet du Dr Durand",
                       OrganisationKind::practice,
                       "360000049",
                       {"Dr Diane Durand", "10", "10100000066"}});
        join(pharmacy_, {"pharmacie-des-halles",
                         "Pharmacie des Halles",
                         OrganisationKind::pharmacy,
                         "360000056",
                         {"Paul Pharmacien", "21", "10100000074"}});
        agreeing_ = serve(practice_, "medecins", {"protocol", "substitution"});
        refusing_ = serve(second_, "medecins", {"protocol", "substitution"});
        dispensary_ = serve(pharmacy_, "comptoir", {"protocol"});
        join(elsewhere_post_, {"maison-de-sante",
                               "Maison de santé",
                               OrganisationKind::practice,
                               "360000072",
                               {"Dr Paul Martin", "10", "10100000017"}});
        elsewhere_ = serve(elsewhere_post_, "medecins", {"protocol"});
    }
    static Publics with(Publics publics, const Publics& more) {
        publics.insert(more.begin(), more.end());
        return publics;
    }
    // Drafted, submitted, approved by three, its first class published.
    void publish_protocol() {
        Post& cpts = territory_.cpts;
        const Address author = cpts.mailbox();
        protocol_.open(cpts, author, "draft", {*agreeing_, *refusing_, *dispensary_, *elsewhere_},
                       version_);
        appoint(practice_, *agreeing_);
        appoint(second_, *refusing_);
        protocol_.act(cpts, author, "submit", version_);
        expect_read(protocol_, "protocol", pharmacy_, *dispensary_, "submit");
        refuse_those_not_named();
        appoint(pharmacy_, *dispensary_);
        protocol_.act(practice_, *agreeing_, "approve");
        protocol_.act(second_, *refusing_, "approve");
        protocol_.act(practice_, *agreeing_, "approve");
        EXPECT_EQ(protocol_.state(cpts, author), "submitted") << "three times, by two persons";
        approve_elsewhere();
        EXPECT_EQ(protocol_.state(cpts, author), "submitted") << "one doctor, two affiliations";
        EXPECT_EQ(protocol_.send(cpts, protocol_.prepare_next(cpts, author, "publish", opening_)),
                  ErrorCode::act_refused);
        protocol_.act(pharmacy_, *dispensary_, "approve");
        EXPECT_EQ(protocol_.state(cpts, author), "approved");
        expect_only_classes_of_the_text(protocol_.prepare_next(cpts, author, "publish", opening_),
                                        cpts);
        protocol_.act(cpts, author, "publish", opening_);
        EXPECT_EQ(protocol_.state(practice_, *agreeing_), "published");
        protocol_.act(cpts, author, "file-away");
        EXPECT_EQ(protocol_.state(cpts, author), "filed");
    }
    // The text has classes 1 and 2: nobody of good faith publishes another, or answers for one.
    void expect_only_classes_of_the_text(station::Draft draft, Post& post) {
        for (const auto& [number, unknown] : {std::pair{"1", false}, {"2", false}, {"9", true}}) {
            draft.acts[0].publics["class"] = number;
            EXPECT_EQ(said(post, draft)
                              .find("(!) class: Numéro de la classe dans le protocole 9 : "
                                    "le texte de ce dossier n'en a pas.") != std::string::npos,
                      unknown)
                << number;
        }
    }
    void appoint(Post& post, const Address& mailbox) {
        Post& cpts = territory_.cpts;
        auto draft = protocol_.prepare_next(cpts, cpts.mailbox(), "appoint", {}, {mailbox});
        draft.attention[mailbox.text()] = post.person();
        ASSERT_EQ(protocol_.send(cpts, draft), ErrorCode::ok);
    }
    // Told before it is sent, and by the broker.
    void refuse_those_not_named() {
        const auto draft = protocol_.prepare_next(pharmacy_, *dispensary_, "approve");
        EXPECT_EQ(said(pharmacy_, draft),
                  "(!) approver: Vous n'êtes pas l'un des approbateurs nommés de ce projet : voyez "
                  "avec la CPTS.\n");
        EXPECT_EQ(protocol_.send(pharmacy_, draft), ErrorCode::register_refused);
        EXPECT_EQ(party_state(protocol_, pharmacy_, *dispensary_), "asked");
        const auto items = must(station::view_thread(pharmacy_.station(), protocol_.id)).items;
        EXPECT_NE(items.back().text.find("Vous n'êtes pas l'un des approbateurs nommés"),
                  std::string::npos)
            << items.back().text;
    }
    // The doctor of the first practice, as somebody of another organisation.
    void approve_elsewhere() { protocol_.act(elsewhere_post_, *elsewhere_, "approve"); }
    // What is said of registers before the draft is sent, as the post reads them now.
    std::string said(Post& post, const station::Draft& draft) {
        must(station::refresh_registers(post.station(), draft, kPatience));
        return said_of_copies(post, draft);
    }
    std::string said_of_copies(Post& post, const station::Draft& draft) {
        std::string all;
        for (const auto& item : must(station::check_draft(post.station(), draft, post.person()))) {
            const std::set<std::string> registers = {"agreement", "approver", "class", "trigger"};
            if (!registers.contains(item.finding.path)) continue;
            const bool good = item.finding.severity == forms::Severity::information;
            all += (good ? "" : "(!) ") + item.finding.path + ": " + item.finding.message + "\n";
        }
        return all;
    }
    // The fictitious drug database, with this status of the drug of class 1.
    void write_pack(const std::string& version, const std::string& status) {
        namespace fs = std::filesystem;
        fs::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        fs::copy(RELAIS_TEST_DATA "/packs/fiction", pack_,
                 fs::copy_options::overwrite_existing | fs::copy_options::recursive);
        must(write_file(pack_ / "pack.toml",
                        as_bytes("name = \"fiction\"\nversion = " + version +
                                 "\ntitle = \"Référentiels de fiction\"\n"),
                        0644, Replace::yes));
        must(write_file(pack_ / "CIS_CIP_Dispo_Spec.txt",
                        as_bytes("60000001\t\t" + status +
                                 "\t02/12/2026\t14/12/2026\t\thttps://exemple.invalid/\r\n"),
                        0644, Replace::yes));
    }
    // What was prepared, signed by the CPTS.
    void send_only_draft(const std::string& act, const std::string& reason) {
        Post& cpts = territory_.cpts;
        const auto ids = must(cpts.station().store().drafts());
        ASSERT_EQ(ids.size(), 1U);
        const auto draft =
            must(station::decode_draft(*must(cpts.station().store().draft(ids.front()))));
        EXPECT_EQ(draft.acts[0].act, act);
        EXPECT_EQ(draft.acts[0].publics, with(class_, {{"class-reason", reason}}));
        std::string to;
        for (const Address& mailbox : draft.to) to += mailbox.text() + " ";
        EXPECT_EQ(draft.to.size(), 4U) << "those who were sent the text, not " << to;
        EXPECT_EQ(protocol_.send(cpts, draft), ErrorCode::ok);
        EXPECT_TRUE(must(cpts.station().store().drafts()).empty());
    }
    // One doctor agrees to the class, the other refuses.
    void collect_agreements() {
        Post& cpts = territory_.cpts;
        Exchange invitation(kind_folder("protocol"), {&cpts, &practice_, &second_});
        invitation.open(cpts, cpts.mailbox(), "invite", {*agreeing_, *refusing_}, version_);
        expect_only_classes_of_the_text(
            invitation.prepare_next(practice_, *agreeing_, "answer",
                                    with(class_, {{"decision", "AGREE"}})),
            practice_);
        invitation.act(practice_, *agreeing_, "answer", with(class_, {{"decision", "AGREE"}}));
        invitation.act(second_, *refusing_, "answer", with(class_, {{"decision", "REFUSE"}}));
        invitation.act(cpts, cpts.mailbox(), "close-invitation");
        EXPECT_EQ(invitation.state(second_, *refusing_), "invitation-ended");
    }
    std::vector<station::RegisterLine> agreements() {
        return must(
            station::read_register(pharmacy_.station(), "protocol", "agreement", kPatience));
    }
    // A notice under the protocol, to the doctor's attention.
    station::Draft notice(Exchange& exchange, Post& doctor, const Address& mailbox) {
        auto draft = exchange.prepare(
            pharmacy_, *dispensary_, "protocol-notice", {mailbox},
            with(class_, {{"legal-basis", "LOCAL_PROTOCOL"}, {"supply", "OUT_OF_STOCK"}}));
        name_prescriber(draft, mailbox, doctor);
        return draft;
    }
    // In the header and in the form.
    void name_prescriber(station::Draft& draft, const Address& mailbox, Post& doctor) {
        draft.attention[mailbox.text()] = doctor.person();
        const auto* record = pharmacy_.station().directory().person_ever(doctor.person());
        draft.acts[0].form["prescriber"]["rpps"] = record->person.rpps;
    }

    const std::filesystem::path credentials_ = territory_.folder("credentials");
    // The agreement is that of the doctor in the header: nobody else may stand in the form.
    void refuse_another_prescriber() {
        auto draft = notice(told_, practice_, *agreeing_);
        name_prescriber(draft, *refusing_, second_);
        draft.attention.erase(refusing_->text());
        auto signer = pharmacy_.signer();
        const auto sent = [&] {
            return station::send_draft(pharmacy_.station(), draft, signer).code();
        };
        EXPECT_EQ(sent(), ErrorCode::invalid_field);
        draft.acts[0].form["prescriber"].erase("rpps");
        EXPECT_EQ(sent(), ErrorCode::missing_field);
        EXPECT_EQ(station::view_thread(pharmacy_.station(), draft.thread).code(),
                  ErrorCode::unknown_thread)
            << "nothing of it was sent";
    }

    // A correction asks the same registers as what it corrects.
    void correct_for_the_doctor_who_agreed_alone(const Digest& corrected) {
        auto draft = told_.prepare_next(
            pharmacy_, *dispensary_, "correct-protocol",
            with(class_, {{"legal-basis", "LOCAL_PROTOCOL"}, {"supply", "OUT_OF_STOCK"}}));
        draft.answers = corrected;
        EXPECT_EQ(told_.send(pharmacy_, draft), ErrorCode::register_refused)
            << "to nobody's attention";
        draft = told_.prepare_next(
            pharmacy_, *dispensary_, "correct-protocol",
            with(class_, {{"legal-basis", "LOCAL_PROTOCOL"}, {"supply", "OUT_OF_STOCK"}}));
        draft.answers = corrected;
        name_prescriber(draft, *agreeing_, practice_);
        EXPECT_EQ(told_.send(pharmacy_, draft), ErrorCode::ok);
    }

    const std::filesystem::path pack_ = territory_.folder("pack");
    Post second_{territory_.folder("cabinet-2")};
    Post pharmacy_{territory_.folder("pharmacie")};
    Post elsewhere_post_{territory_.folder("maison")};
    std::optional<Address> agreeing_;
    std::optional<Address> refusing_;
    std::optional<Address> dispensary_;
    std::optional<Address> elsewhere_;
    const Publics version_ = {{"protocol", "12"}, {"version", "1"}};
    const Publics class_ = {{"protocol", "12"}, {"version", "1"}, {"class", "1"}};
    const Publics opening_ = with(class_, {{"on-out-of-stock", "true"},
                                           {"on-tension", "false"},
                                           {"on-discontinued", "false"},
                                           {"on-local", "false"}});
    Exchange protocol_{kind_folder("protocol"),
                       {&territory_.cpts, &practice_, &second_, &pharmacy_, &elsewhere_post_}};
    Exchange told_{kind_folder("substitution"), {&pharmacy_, &practice_}};
    Exchange asked_{kind_folder("substitution"), {&pharmacy_, &second_}};
};

TEST_F(Protocols, WhatMayBeDispensedOnOneIsWhatItsDoctorAgreedToAndTheOthersAreAsked) {
    publish_protocol();
    EXPECT_EQ(told_.send(pharmacy_, notice(told_, practice_, *agreeing_)),
              ErrorCode::register_refused)
        << "nobody has agreed yet";
    collect_agreements();

    refuse_another_prescriber();
    told_.open(pharmacy_, notice(told_, practice_, *agreeing_));
    const std::string told = told_.item(practice_, *agreeing_, "protocol-notice")->text;
    EXPECT_TRUE(told.starts_with("À l'attention de : ")) << told;
    EXPECT_NE(told.find("(" + agreeing_->text() + ")\n"), std::string::npos) << told;
    const auto notice_read = told_.item(practice_, *agreeing_, "protocol-notice");
    ASSERT_TRUE(notice_read);
    for (const forms::Finding& warning : notice_read->opened->warnings) {
        EXPECT_FALSE(warning.message.starts_with("Contradiction")) << warning.path;
    }
    told_.act(practice_, *agreeing_, "acknowledge");
    EXPECT_EQ(told_.state(pharmacy_, *dispensary_), "acknowledged");
    correct_for_the_doctor_who_agreed_alone(notice_read->opened->digest);
    EXPECT_EQ(told_.state(pharmacy_, *dispensary_), "notified") << "it is to be noted again";
    told_.act(practice_, *agreeing_, "acknowledge");
    told_.act(pharmacy_, *dispensary_, "close");
    EXPECT_EQ(told_.state(practice_, *agreeing_), "closed");

    const auto refused = notice(asked_, second_, *refusing_);
    ASSERT_EQ(asked_.send(pharmacy_, refused), ErrorCode::register_refused);
    const auto shown = must(station::view_thread(pharmacy_.station(), refused.thread)).items;
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].type, station::TimelineItem::Type::refused);
    EXPECT_NE(shown[0].title.find("Un registre ne le permet pas"), std::string::npos);
    EXPECT_NE(shown[0].text.find("Pas d'accord actif du prescripteur pour cette classe : demandez "
                                 "l'autorisation."),
              std::string::npos)
        << shown[0].text;
    EXPECT_EQ(station::view_thread(second_.station(), refused.thread).code(),
              ErrorCode::unknown_thread)
        << "nothing of it was delivered";

    asked_.open(pharmacy_, *dispensary_, "ask", {*refusing_}, {{"urgency", "waiting"}});
    expect_read(asked_, "substitution", second_, *refusing_, "ask");
    asked_.act(second_, *refusing_, "authorise");
    expect_read(asked_, "substitution", pharmacy_, *dispensary_, "authorise");
    EXPECT_EQ(asked_.state(pharmacy_, *dispensary_), "authorised");
    asked_.act(pharmacy_, *dispensary_, "close");
    expect_read(asked_, "substitution", second_, *refusing_, "close");
    EXPECT_EQ(asked_.state(second_, *refusing_), "closed");
}

// Kept by RPPS: a patient of the locum's is not a patient of the doctor whom the locum replaces, at
// the same practice, by the same mailbox.
TEST_F(Protocols, TheAgreementOfTheDoctorReplacedDoesNotCoverTheLocum) {
    publish_protocol();
    collect_agreements();
    Post locum(territory_.folder("remplacant"));
    territory_.enrol_station(locum, practice_, {{"medecins"}, {}, true}, "Poste du remplaçant",
                             station::NewPerson{"Dr Rémi Remplaçant", "10", "10100000082"});
    territory_.attest(locum, locum.person());
    pharmacy_.synchronise();
    auto under_the_other = notice(told_, practice_, *agreeing_);
    name_prescriber(under_the_other, *agreeing_, locum);
    EXPECT_NE(said(pharmacy_, under_the_other)
                  .find("(!) agreement: Pas d'accord actif du prescripteur pour cette classe"),
              std::string::npos);
    EXPECT_EQ(told_.send(pharmacy_, under_the_other), ErrorCode::register_refused);
    told_.open(pharmacy_, notice(told_, practice_, *agreeing_));
    locum.synchronise();
    // Nor does the locum speak for the doctor: what they say is of their own RPPS.
    Exchange invitation(kind_folder("protocol"), {&territory_.cpts, &practice_, &locum});
    invitation.open(territory_.cpts, territory_.cpts.mailbox(), "invite", {*agreeing_}, version_);
    invitation.act(locum, *agreeing_, "answer", with(class_, {{"decision", "REFUSE"}}));
    EXPECT_EQ(told_.send(pharmacy_, notice(told_, practice_, *agreeing_)), ErrorCode::ok)
        << "the doctor's stands";
    auto to_locum = notice(told_, practice_, *agreeing_);
    name_prescriber(to_locum, *agreeing_, locum);
    EXPECT_EQ(told_.send(pharmacy_, to_locum), ErrorCode::register_refused);
}

// One doctor, two affiliations: what waits on the post of the one is sent after they have said
// otherwise at the other.
TEST_F(Protocols, AnAgreementThatWaitedOnAPostDoesNotUndoWhatItsDoctorRevokedElsewhere) {
    publish_protocol();
    Exchange decision(kind_folder("protocol"), {&pharmacy_, &elsewhere_post_});
    const auto agreement = decision.prepare(practice_, *agreeing_, "decide", {*dispensary_},
                                            with(class_, {{"decision", "AGREE"}}));
    auto signer = practice_.signer();
    const auto ids = must(station::send_draft(practice_.station(), agreement, signer));
    decision.open(elsewhere_post_, *elsewhere_, "decide", {*dispensary_},
                  with(class_, {{"decision", "REVOKE"}}));
    territory_.broker.set_clocks(std::chrono::minutes(11), std::chrono::minutes(11));
    practice_.synchronise();
    EXPECT_EQ(must(practice_.station().store().outgoing(ids.front()))->code, ErrorCode::conflict);
    const auto shown = must(station::view_thread(practice_.station(), agreement.thread)).items;
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_TRUE(
        shown[0].text.starts_with("Signée depuis : Décision enregistrée — " + elsewhere_->text()))
        << shown[0].text;
    for (const char* said : {"Je retire l'accord que j'avais donné",
                             "Le registre « Accords des prescripteurs, par classe » tient déjà"}) {
        EXPECT_NE(shown[0].text.find(said), std::string::npos) << shown[0].text;
    }
    const auto lines = agreements();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].value, 3);
    const auto copy =
        must(station::refresh_register(pharmacy_.station(), "protocol", "agreement", kPatience));
    EXPECT_EQ(copy.latest.at(lines[0].key), 3);
}

TEST_F(Protocols, WhetherADoctorAgreesIsSaidBeforeTheNoticeIsSent) {
    publish_protocol();
    const std::string no =
        "(!) agreement: Pas d'accord actif du prescripteur pour cette classe : demandez "
        "l'autorisation.\n";
    const std::string yes =
        "agreement: Accord du prescripteur actif pour cette classe.\nclass: Classe ouverte.\n";
    const auto draft = [&](Post& doctor, const Address& mailbox) {
        return notice(told_, doctor, mailbox);
    };
    const auto never = said_of_copies(pharmacy_, draft(practice_, *agreeing_));
    EXPECT_EQ(never,
              "(!) class: Ouverture de la classe à confirmer : registre jamais lu sur ce poste.\n");
    EXPECT_EQ(said(pharmacy_, draft(practice_, *agreeing_)), no) << "nobody has agreed yet";
    collect_agreements();
    EXPECT_EQ(said_of_copies(pharmacy_, draft(practice_, *agreeing_)), no) << "not read since";
    EXPECT_EQ(said(pharmacy_, draft(practice_, *agreeing_)), yes);
    EXPECT_EQ(said(pharmacy_, draft(second_, *refusing_)), no);
    auto tension = draft(practice_, *agreeing_);
    tension.acts[0].publics["supply"] = "TENSION";
    EXPECT_EQ(said(pharmacy_, tension),
              "(!) trigger: Cette disponibilité n'est pas une situation déclenchante de la "
              "classe.\n");

    // A suspension reaches the copy with the next reading, and what it holds is sealed.
    Exchange suspension(kind_folder("protocol"), {&territory_.cpts, &practice_, &pharmacy_});
    const Address author = territory_.cpts.mailbox();
    suspension.open(territory_.cpts, author, "suspend", {*dispensary_},
                    with(class_, {{"class-reason", "SUPPLY_RESTORED"}}));
    EXPECT_EQ(said(pharmacy_, draft(practice_, *agreeing_)),
              "(!) class: Cette classe n'est pas ouverte (suspendue ou retirée) : demandez "
              "l'autorisation.\n");
    const auto copy =
        must(station::register_copy(pharmacy_.station().store(), "protocol", "agreement"));
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->position, 2U);
    EXPECT_EQ(copy->latest.at("12/1/1/10100000066"), 2);
    for (const auto& each :
         std::filesystem::recursive_directory_iterator(pharmacy_.folder().path)) {
        if (!each.is_regular_file()) continue;
        const Bytes bytes = must(read_file(each.path(), 1 << 26));
        EXPECT_EQ(as_text(bytes).find("12/1/1/10100000066"), std::string::npos) << each.path();
    }
}

// Offline, and after a while without news, an agreement is to be confirmed, whatever the copy says.
TEST_F(Protocols, AnAgreementReadBeforeIsToBeConfirmedWhereTheBrokerCannotBeReached) {
    publish_protocol();
    collect_agreements();
    const auto agreed = notice(told_, practice_, *agreeing_);
    const auto refused = notice(told_, second_, *refusing_);
    EXPECT_EQ(said(pharmacy_, agreed).find("(!)"), std::string::npos);
    const auto read =
        must(station::register_copy(pharmacy_.station().store(), "protocol", "agreement"))->read;
    territory_.broker.stop();
    pharmacy_.close();
    const std::string unsure = said_of_copies(pharmacy_, agreed);
    EXPECT_TRUE(
        unsure.starts_with("(!) agreement: Accord du prescripteur à confirmer : registre "
                           "lu le "))
        << unsure;
    EXPECT_NE(unsure.find("(!) class: Ouverture de la classe à confirmer"), std::string::npos)
        << unsure;
    EXPECT_EQ(
        must(station::register_copy(pharmacy_.station().store(), "protocol", "agreement"))->read,
        read);
    EXPECT_NE(said_of_copies(pharmacy_, refused)
                  .find(", qui disait : Pas d'accord actif du prescripteur pour cette classe : "
                        "demandez l'autorisation.\n"),
              std::string::npos)
        << said_of_copies(pharmacy_, refused);
}

// A pack in which the drug is available again: the class is suspended by whoever may sign, and
// reopened with the next shortage. Nothing is sent by itself.
TEST_F(Protocols, AClassClosesAndOpensWithWhatAPackSaysOfItsDrug) {
    publish_protocol();
    collect_agreements();
    Post& cpts = territory_.cpts;
    const auto import = [&](const std::string& version, const std::string& status) {
        write_pack(version, status);
        cpts.close();
        return run_program(
            program("relais-admin"),
            {"pack", "import", pack_.string(), "--yes", "--station", cpts.folder().path.string()},
            {}, {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    };
    const auto out_of_stock = import("20261101", "1\tRupture de stock");
    ASSERT_EQ(out_of_stock.code, 0) << out_of_stock.text;
    EXPECT_FALSE(out_of_stock.says("draft kept")) << out_of_stock.text;
    const auto listed = [&] {
        std::string all;
        const auto draft = notice(told_, practice_, *agreeing_);
        for (const auto& item : must(station::listed_findings(pharmacy_.station(), draft))) {
            all += item.finding.path + ": " + item.finding.message + "\n";
        }
        return all;
    };
    territory_.synchronise_all();
    pharmacy_.synchronise();
    EXPECT_EQ(listed(), "");

    const auto back = import("20261102", "4\tRemise a disposition");
    EXPECT_TRUE(back.says("protocol suspend 12/1/1")) << back.text;
    EXPECT_TRUE(back.says("Remise à disposition (fiction, version 20261102)")) << back.text;
    const Said again =
        run_program(program("relais"), {"pack", "review", "--station", cpts.folder().path.string()},
                    {}, {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    EXPECT_TRUE(again.says("les brouillons sont déjà préparés")) << again.text;
    pharmacy_.synchronise();
    EXPECT_EQ(listed(),
              "supply: Le référentiel (fiction, version 20261102) dit de ce médicament : Remise à "
              "disposition.\n");
    EXPECT_EQ(told_.send(pharmacy_, notice(told_, practice_, *agreeing_)), ErrorCode::ok)
        << "the class is open until somebody signs";
    send_only_draft("suspend", "SUPPLY_RESTORED");
    EXPECT_EQ(told_.send(pharmacy_, notice(told_, practice_, *agreeing_)),
              ErrorCode::register_refused);

    const auto short_again = import("20261103", "2\tTension d'approvisionnement");
    EXPECT_TRUE(short_again.says("protocol resume 12/1/1")) << short_again.text;
    send_only_draft("resume", "SHORTAGE");
    EXPECT_EQ(told_.send(pharmacy_, notice(told_, practice_, *agreeing_)), ErrorCode::ok);

    // A suspension for what the pack no longer says is warned of.
    const auto late = Exchange(kind_folder("protocol"), {&cpts})
                          .prepare(cpts, cpts.mailbox(), "suspend", {*dispensary_},
                                   with(class_, {{"class-reason", "SUPPLY_RESTORED"}}));
    EXPECT_NE(said(cpts, late).find("Le référentiel ne le demande pas"), std::string::npos);
    EXPECT_EQ(said(cpts, Exchange(kind_folder("protocol"), {&cpts})
                             .prepare(cpts, cpts.mailbox(), "suspend", {*dispensary_},
                                      with(class_, {{"class-reason", "SAFETY"}})))
                  .find("Le référentiel"),
              std::string::npos);

    // Suspended for the safety of patients: no pack reopens it.
    Exchange suspension(kind_folder("protocol"), {&cpts, &pharmacy_});
    suspension.open(cpts, cpts.mailbox(), "suspend", {*dispensary_},
                    with(class_, {{"class-reason", "SAFETY"}}));
    const auto unsafe = import("20261104", "1\tRupture de stock");
    EXPECT_EQ(unsafe.code, 0) << unsafe.text;
    EXPECT_FALSE(unsafe.says("draft kept")) << unsafe.text;
}

// Whatever packs say; here there is none.
TEST_F(Protocols, AClassWhoseTextHasEndedIsPreparedToBeRetired) {
    publish_protocol();
    Post& cpts = territory_.cpts;
    const auto due = [&] {
        std::string all;
        for (const auto& turn : must(station::watched_turns(cpts.station(), kPatience))) {
            all += turn.draft.acts[0].act + " " + turn.entry + ": " + turn.why + "\n";
        }
        return all;
    };
    EXPECT_EQ(due(), "") << "the text is in force";
    Exchange announced(kind_folder("protocol"), {&cpts, &pharmacy_});
    auto text = announced.prepare(cpts, cpts.mailbox(), "announce", {*dispensary_}, version_);
    text.acts[0].form["valid_from"] = "2026-01-01";
    text.acts[0].form["review_due"] = "2026-01-15";
    text.acts[0].form["valid_to"] = "2026-01-31";
    ASSERT_EQ(announced.send(cpts, text), ErrorCode::ok);
    EXPECT_EQ(due(), "retire 12/1/1: Texte valable jusqu'au 31/01/2026\n");
    must(station::keep_turns(cpts.station(),
                             must(station::watched_turns(cpts.station(), kPatience))));
    send_only_draft("retire", "END_OF_VALIDITY");
    EXPECT_EQ(due(), "") << "it is neither open nor suspended";
}

TEST_F(Protocols, ARegisterIsReadWithTheActsThatSetItAsItIsAndAsItWas) {
    publish_protocol();
    EXPECT_TRUE(agreements().empty());
    collect_agreements();
    const std::string first = "12/1/1/10100000017";
    const std::string second = "12/1/1/10100000066";
    const auto values = [](const std::vector<station::RegisterLine>& lines) {
        std::map<std::string, std::int64_t> all;
        for (const auto& line : lines) all[line.key] = line.value;
        return all;
    };
    using Values = std::map<std::string, std::int64_t>;
    EXPECT_EQ(values(station::latest_lines(agreements())), (Values{{first, 1}, {second, 2}}));

    // Withdrawn whenever one likes; what was agreed then stays readable.
    Exchange decision(kind_folder("protocol"), {&territory_.cpts, &practice_});
    const Address desk = serve(territory_.cpts, "protocoles", {"protocol"});
    const auto revoking = [&](Publics publics) {
        publics["decision"] = "REVOKE";
        return decision.prepare(practice_, *agreeing_, "decide", {desk}, publics);
    };
    EXPECT_NE(said(practice_, revoking(class_)).find("inscrit jusqu'ici : « J'accepte"),
              std::string::npos);
    EXPECT_NE(said(practice_, revoking(with(version_, {{"class", "2"}}))).find("rien d'inscrit"),
              std::string::npos)
        << "a wrong number withdraws nothing, and is told";
    decision.open(practice_, *agreeing_, "decide", {desk}, with(class_, {{"decision", "REVOKE"}}));
    EXPECT_EQ(decision.state(practice_, *agreeing_), "said");
    const auto lines = agreements();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(values(station::latest_lines(lines)), (Values{{first, 3}, {second, 2}}));
    EXPECT_EQ(values(station::latest_lines(lines, lines[2].accepted.leaf)),
              (Values{{first, 1}, {second, 2}}));
    EXPECT_EQ(values(station::latest_lines(lines, lines[1].accepted.leaf)), (Values{{first, 1}}));
    EXPECT_EQ(lines[2].act.thread, decision.id);
    EXPECT_EQ(lines[2].act.by, practice_.person());
    EXPECT_EQ(told_.send(pharmacy_, notice(told_, practice_, *agreeing_)),
              ErrorCode::register_refused)
        << "the doctor agrees no more";

    const auto file = station::read_register(pharmacy_.station(), "protocol", "file", kPatience);
    EXPECT_EQ(file.code(), ErrorCode::forbidden) << "that one is the CPTS's own";
    EXPECT_EQ(must(station::read_register(territory_.cpts.station(), "protocol", "file", kPatience))
                  .size(),
              1U);
}

}  // namespace
}  // namespace relais::test
