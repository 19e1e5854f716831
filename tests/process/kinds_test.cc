// kinds_test.cc: kinds other than `admission` between real stations, from what opens a case to its
// end: letters and their files, support, advice, messages. (protocol_test.cc has the others.)
#include <gtest/gtest.h>

#include "clients/station/api/attachments.h"
#include "clients/station/api/carried.h"
#include "clients/station/api/registers.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/child.h"
#include "tests/process/support/exchanged_kinds.h"

namespace relais::test {
namespace {

using directory::OrganisationKind;

// ---- liaison

class Letters : public ExchangedKinds {
protected:
    Letters() {
        publish({"liaison"});
        doctors_ = serve(practice_, "medecins", {"liaison"});
    }
    void mark_opened(const MessageId& message) {
        const auto entries = must(practice_.station().store().entries_of_message(message));
        auto signer = practice_.signer();
        must(station::mark_message(practice_.station(), entries.front(), Word::opened, signer));
        practice_.synchronise();
        ward_.synchronise();
    }
    bool seen_as_opened() {
        const auto item = letter_.item(ward_, geriatrics_, "discharge-letter");
        return item && item->receipts.at(0).opened;
    }
    workflow::Correction corrected(Post& post, const Address& mailbox, const std::string& act) {
        return letter_.item(post, mailbox, act)->corrected;
    }

    Exchange letter_{kind_folder("liaison"), {&practice_, &ward_}};
    std::optional<Address> doctors_;
};

TEST_F(Letters, ADischargeLetterIsReadWithItsFileAnsweredCorrectedAndWithdrawn) {
    const auto file = territory_.folder("compte-rendu.pdf");
    const std::string pdf = "%PDF-1.7\n" + std::string(20'000, 'x');
    must(write_file(file, as_bytes(pdf), 0600, Replace::yes));
    auto draft = letter_.prepare(ward_, geriatrics_, "discharge-letter", {*doctors_},
                                 {{"timing", "same_day"}});
    draft.acts[0].attachments = {must(station::examine_file(file))};
    letter_.open(ward_, draft);
    expect_read(letter_, "liaison", practice_, *doctors_, "discharge-letter");
    const auto first = letter_.item(practice_, *doctors_, "discharge-letter");
    must(station::want_attachments(practice_.station(), *first->opened));
    practice_.until([&] {
        return must(station::attachment_progress(practice_.station(), *first->opened)).complete();
    });
    const auto saved = territory_.folder("recu.pdf");
    must(station::save_attachment(practice_.station(), *first->opened, 0, saved, Replace::no));
    EXPECT_EQ(as_text(must(read_file(saved, 1 << 20))), pdf);

    EXPECT_FALSE(seen_as_opened());
    mark_opened(first->opened->header.id);
    EXPECT_TRUE(seen_as_opened());
    letter_.act(practice_, *doctors_, "read");
    EXPECT_EQ(party_state(letter_, ward_, geriatrics_), "read");
    letter_.act(practice_, *doctors_, "reply");
    expect_read(letter_, "liaison", ward_, geriatrics_, "reply");

    auto correction = letter_.prepare_next(ward_, geriatrics_, "correct-discharge");
    correction.answers = first->opened->digest;
    ASSERT_EQ(letter_.send(ward_, correction), ErrorCode::ok);
    expect_read(letter_, "liaison", practice_, *doctors_, "correct-discharge");
    EXPECT_EQ(corrected(practice_, *doctors_, "discharge-letter"),
              workflow::Correction::supersedes);
    EXPECT_EQ(letter_.item(practice_, *doctors_, "discharge-letter")->corrected_by,
              letter_.item(practice_, *doctors_, "correct-discharge")->message);
    EXPECT_EQ(party_state(letter_, ward_, geriatrics_), "sent") << "what is new is not read";
    auto withdrawal = letter_.prepare_next(ward_, geriatrics_, "withdraw",
                                           {{"withdraw-reason", "WRONG_CONTENT"}});
    withdrawal.answers = letter_.item(ward_, geriatrics_, "correct-discharge")->opened->digest;
    ASSERT_EQ(letter_.send(ward_, withdrawal), ErrorCode::ok);
    for (const auto& [post, mailbox] :
         {std::pair(&practice_, *doctors_), std::pair(&ward_, geriatrics_)}) {
        const auto withdrawn = letter_.item(*post, mailbox, "withdraw");
        for (const char* version : {"discharge-letter", "correct-discharge"}) {
            EXPECT_EQ(corrected(*post, mailbox, version), workflow::Correction::retracts);
            const auto former = letter_.item(*post, mailbox, version);
            EXPECT_EQ(former->corrected_by, withdrawn->message);
            EXPECT_TRUE(former->title.ends_with(" — RETIRÉ depuis par le message n° " +
                                                uuid(*withdrawn->message)))
                << former->title;
        }
        EXPECT_EQ(letter_.state(*post, mailbox), "withdrawn");
    }
    EXPECT_EQ(letter_.send(practice_, letter_.prepare_next(practice_, *doctors_, "reply")),
              ErrorCode::act_refused);
}

TEST_F(Letters, ADischargeStartsTheClockOfItsLetterAndTheLetterThatFollowsStopsIt) {
    Admission in_time(territory_);
    Admission late(territory_);
    for (Admission* stay : {&in_time, &late}) {
        stay->call({"geriatrie"});
        stay->act(ward_, "geriatrie", "offer", {}, {{"bed", "full"}});
        stay->act(practice_, "", "choose", {"geriatrie"});
        stay->act(ward_, "geriatrie", "admitted");
        stay->act(ward_, "geriatrie", "discharged", {}, {{"destination", "HOME"}});
        EXPECT_TRUE(stay->view(practice_).state_label.starts_with("Patient sorti"))
            << stay->view(practice_).state_label;
    }
    const auto state = [&](Admission& stay, Post& post) {
        const auto view = stay.view(post);
        return view.kind->kind.thread_states[view.state->state].name;
    };
    const auto follow = [&](Admission& stay) {
        auto draft = letter_.prepare(ward_, geriatrics_, "discharge-letter", {*doctors_},
                                     {{"timing", "same_day"}});
        draft.follows = stay.id;
        letter_.open(ward_, draft);
    };
    follow(in_time);
    EXPECT_EQ(letter_.item(practice_, *doctors_, "discharge-letter")->opened->header.follows,
              in_time.id);
    // A day later both are due; only one is awaited.
    territory_.broker.set_clocks(std::chrono::hours(26), std::chrono::hours(26));
    practice_.until([&] { return state(late, practice_) == "letter-overdue"; });
    territory_.synchronise_all();
    for (Post* post : {&practice_, &ward_}) {
        EXPECT_EQ(state(in_time, *post), "closed");
        EXPECT_EQ(state(late, *post), "letter-overdue");
        EXPECT_EQ(letter_.state(*post, post == &ward_ ? geriatrics_ : *doctors_), "discharge");
    }
    follow(late);
    for (Post* post : {&practice_, &ward_}) EXPECT_EQ(state(late, *post), "closed");
}

// ---- an identity is typed once

// The practice asks for an admission, the ward writes the letter of discharge, the practice asks
// for support: three cases of which the first alone names the patient.
class OneIdentity : public ExchangedKinds {
protected:
    OneIdentity() {
        publish({"liaison", "coordination", "protocol"});
        join(dac_, {"dac-brenne",
                    "DAC de la Brenne",
                    OrganisationKind::dac,
                    "360000064",
                    {"Irène Référente", "60", "10100000082"}});
        team_ = serve(dac_, "equipe", {"coordination"});
        doctors_ = serve(practice_, "medecins", {"liaison"});
        stay_.call({"geriatrie"});
        stay_.act(ward_, "geriatrie", "offer", {}, {{"bed", "full"}});
    }
    // The example form of an act without its identity, or with this one; as a file.
    std::string form(const std::string& kind, const std::string& act,
                     const nlohmann::json& patient = nullptr) {
        nlohmann::json values = example_of(kind_folder(kind), act);
        values.erase("patient");
        if (!patient.is_null()) values["patient"] = patient;
        const auto file = territory_.folder(act + ".json");
        const std::string text = values.dump();
        must(write_file(file, as_bytes(text), 0600, Replace::yes));
        return file.string();
    }
    std::vector<std::string> letter(const std::string& file) {
        return {"new",          "liaison", "--act",          "discharge-letter", "--follows",
                uuid(stay_.id), "--to",    doctors_->text(), "--public",         "timing=same_day",
                "--form",       file,      "--from",         geriatrics_.text(), "--send"};
    }
    static nlohmann::json identity(Post& post, const std::string& thread, const Address& mailbox) {
        const ThreadId id = must(uuid_from<ThreadId>(thread));
        const auto view = must(station::view_thread(post.station(), id, mailbox));
        return view.items.back().opened->form["patient"];
    }
    // Without what another organisation must not vouch for.
    static nlohmann::json provisional(nlohmann::json patient) {
        patient["status"] = "PROV";
        patient.erase("matricule");
        patient.erase("oid");
        return patient;
    }

    Post dac_{territory_.folder("dac")};
    std::optional<Address> team_;
    std::optional<Address> doctors_;
    Admission stay_{territory_};
    const nlohmann::json typed_ = example_of(kind_folder("admission"), "deposit")["patient"];
};

TEST_F(OneIdentity, GoesWithEachCaseThatFollowsAndIntoCorrections) {
    // Before the choice the ward cannot open the record: nothing is known, and nothing is filled.
    const auto early = relais(ward_, letter(form("liaison", "discharge-letter")), 3);
    EXPECT_TRUE(early["carried"].empty());
    EXPECT_EQ(early["error"]["name"], "missing_field") << early.dump(2);
    stay_.act(practice_, "", "choose", {"geriatrie"});
    stay_.act(ward_, "geriatrie", "admitted");

    // Its own status makes the identity the ward's own; without one it is provisional there.
    const auto sent = relais(ward_, letter(form("liaison", "discharge-letter")));
    ASSERT_EQ(sent["carried"].size(), 1U) << sent.dump(2);
    EXPECT_EQ(sent["carried"][0]["thread"], uuid(stay_.id));
    EXPECT_EQ(sent["carried"][0]["from"], practice_.mailbox().text());
    EXPECT_TRUE(sent["carried"][0]["status_lowered"].get<bool>());
    practice_.synchronise();
    EXPECT_EQ(identity(practice_, sent["thread"], *doctors_), provisional(typed_));
    auto with_file = letter(form("liaison", "discharge-letter", {{"status", "QUAL"}}));
    const auto pdf = territory_.folder("lettre.pdf");
    must(write_file(pdf, as_bytes("%PDF-1.7 lettre"), 0600, Replace::yes));
    with_file.insert(with_file.end(), {"--attach", pdf.string()});
    const auto qualified = relais(ward_, with_file);
    EXPECT_FALSE(qualified["carried"][0]["status_lowered"].get<bool>());
    practice_.synchronise();
    const std::string thread = qualified["thread"];
    EXPECT_EQ(identity(practice_, thread, *doctors_), typed_);

    // A correction begins as the letter, and one word for word is none.
    relais(ward_, {"act", thread, "correct-discharge"}, 2);
    const auto draft = relais(ward_, {"act", thread, "correct-discharge", "--draft"});
    EXPECT_EQ(draft["acts"][0]["form"]["patient"], typed_);
    EXPECT_EQ(draft["acts"][0]["form"].size(),
              example_of(kind_folder("liaison"), "discharge-letter").size());
    ASSERT_EQ(draft["attachments_left_out"].size(), 1U) << "without its files, which is said";
    EXPECT_NE(draft["attachments_left_out"][0].get<std::string>().find("lettre.pdf"),
              std::string::npos);
    const auto corrected = relais(ward_, {"act", thread, "correct-discharge", "--form",
                                          form("liaison", "correct-discharge")});
    EXPECT_EQ(corrected["carried"][0]["field"], "patient");
    practice_.synchronise();
    nlohmann::json shown = relais(practice_, {"show", thread, "--no-mark"});
    EXPECT_EQ(shown["follows"], uuid(stay_.id));
    EXPECT_EQ(shown["items"][0]["corrected"]["how"], "superseded") << shown.dump(2);
    EXPECT_EQ(shown["items"][0]["corrected"]["by"], shown["items"][1]["message"]) << shown.dump(2);
    EXPECT_EQ(identity(practice_, thread, *doctors_), typed_);

    // The practice's letter of support follows the ward's: the identity comes from there.
    const auto support =
        relais(practice_, {"new", "coordination", "--follows", thread, "--from", doctors_->text(),
                           "--to", team_->text(), "--public", "patient-agrees=true", "--public",
                           "doctor-informed=true", "--public", "urgency=days", "--form",
                           form("coordination", "request"), "--send"});
    EXPECT_EQ(support["carried"][0]["thread"], thread);
    dac_.synchronise();
    EXPECT_EQ(identity(dac_, support["thread"], *team_), provisional(typed_));
}

TEST_F(OneIdentity, IsNeverTakenFromWhatWasWithdrawnNorIntoAKindWithoutPatients) {
    stay_.act(practice_, "", "choose", {"geriatrie"});
    stay_.act(ward_, "geriatrie", "admitted");
    const nlohmann::json other = {{"status", "PROV"},
                                  {"birth_name", "AUTRE"},
                                  {"birth_given_names", {"PERSONNE"}},
                                  {"birth_date", "1950-01-01"},
                                  {"sex", "M"}};
    // Of somebody else than the stay that it follows: nothing is sent, unless it is said.
    auto line = letter(form("liaison", "discharge-letter", other));
    const auto refused = relais(ward_, line, 3);
    EXPECT_EQ(refused["error"]["name"], "invalid_field") << refused.dump(2);
    EXPECT_NE(refused.dump().find("« Nom de naissance », « Date de naissance » diffèrent"),
              std::string::npos)
        << refused.dump(2);
    EXPECT_EQ(refused["error"].dump().find("AUTRE"), std::string::npos);
    line.push_back("--same-patient");
    const auto wrong = relais(ward_, line);
    EXPECT_TRUE(wrong["carried"].empty()) << "what is typed stays";
    const std::string thread = wrong["thread"];
    relais(ward_, {"act", thread, "withdraw", "--public", "withdraw-reason=WRONG_PATIENT", "--form",
                   "withdraw=" + (kind_folder("liaison") / "examples/withdraw.json").string()});
    practice_.synchronise();
    // The letter is withdrawn, and the stay was another mailbox's of the same practice.
    Exchange support(kind_folder("coordination"), {&practice_, &dac_});
    auto request = support.prepare(practice_, *doctors_, "request", {*team_});
    request.acts.front().form = nullptr;
    request.follows = must(uuid_from<ThreadId>(thread));
    EXPECT_TRUE(must(station::carry_over(practice_.station(), request)).empty());
    EXPECT_TRUE(request.acts.front().form.is_null());
    // Of the ward, which was in both, it is the identity of the stay.
    auto again = must(
        station::new_thread_draft(ward_.station(), "liaison", geriatrics_, "discharge-letter"));
    again.follows = request.follows;
    const auto carried = must(station::carry_over(ward_.station(), again));
    ASSERT_EQ(carried.size(), 1U);
    EXPECT_EQ(carried.front().thread, stay_.id);
    EXPECT_EQ(again.acts.front().form["patient"], provisional(typed_));

    auto protocol =
        must(station::new_thread_draft(practice_.station(), "protocol", *doctors_, "draft"));
    protocol.follows = stay_.id;
    EXPECT_TRUE(must(station::carry_over(practice_.station(), protocol)).empty());
    EXPECT_TRUE(protocol.acts.front().form.is_null());
}

// Word for word, by whatever file: it would be read as news.
TEST_F(OneIdentity, ACorrectionIsOfSomethingThatChanged) {
    const std::string same = (kind_folder("liaison") / "examples/simple.json").string();
    const auto sent = relais(ward_, {"new", "liaison", "--act", "simple", "--to", doctors_->text(),
                                     "--from", geriatrics_.text(), "--form", same, "--send"});
    const auto file = territory_.folder("simple.json");
    const std::string thread = sent["thread"];
    const std::vector<std::string> correct = {"act", thread, "correct-simple", "--form", file};
    auto values = example_of(kind_folder("liaison"), "simple");  // in other bytes
    must(write_file(file, as_bytes(values.dump()), 0600, Replace::yes));
    EXPECT_EQ(relais(ward_, correct, 2)["error"]["name"], "usage");
    values["text"] = "Plaie du talon droit.";
    must(write_file(file, as_bytes(values.dump()), 0600, Replace::yes));
    relais(ward_, correct);
    relais(ward_, correct, 2);
}

// The record goes with the call, or later; and a code that is not one is answered with those that
// are.
TEST_F(OneIdentity, GoesLaterThanTheCallWhereTheRecordIsNotReady) {
    const auto call = [&](const std::string& urgency) {
        return std::vector<std::string>{
            "new",      "admission",
            "--from",   practice_.mailbox().text(),
            "--to",     geriatrics_.text(),
            "--public", "urgency=" + urgency,
            "--form",   "call=" + (kind_folder("admission") / "examples/call.json").string(),
            "--send"};
    };
    EXPECT_EQ(relais(practice_, call("asap"), 3)["error"]["name"], "missing_field");
    auto alone = call("never");
    alone.insert(alone.end(), {"--without", "deposit"});
    const auto never = relais(practice_, alone, 3);
    EXPECT_EQ(never["error"]["name"], "invalid_field");
    EXPECT_NE(never.dump().find("Valeurs admises : "), std::string::npos) << never.dump(2);
    EXPECT_NE(never.dump().find("asap (Dans les 12 heures)"), std::string::npos) << never.dump(2);
    alone = call("asap");
    alone.insert(alone.end(), {"--without", "deposit"});
    EXPECT_EQ(relais(practice_, alone)["messages"].size(), 1U);
    alone.back() = "call";
    relais(practice_, alone, 2);
}

// ---- coordination, advice, note

TEST_F(ExchangedKinds, ASupportIsAskedForAnalysedTakenOnAndEnded) {
    publish({"coordination"});
    Post dac(territory_.folder("dac"));
    join(dac, {"dac-brenne",
               "DAC de la Brenne",
               OrganisationKind::dac,
               "360000064",
               {"Irène Référente", "60", "10100000082"}});
    const Address team = serve(dac, "equipe", {"coordination"});
    const Address doctor = practice_.mailbox();
    Exchange support(kind_folder("coordination"), {&practice_, &dac});
    Publics publics = {
        {"patient-agrees", "false"}, {"doctor-informed", "true"}, {"urgency", "days"}};
    const auto without = support.prepare(practice_, doctor, "request", {team}, publics);
    auto signer = practice_.signer();
    EXPECT_EQ(station::send_draft(practice_.station(), without, signer).code(),
              ErrorCode::agreement_missing);
    publics["patient-agrees"] = "true";
    support.open(practice_, doctor, "request", {team}, publics);
    expect_read(support, "coordination", dac, team, "request");
    support.act(dac, team, "receive");
    support.act(dac, team, "ask");
    support.act(practice_, doctor, "answer");
    support.act(dac, team, "analyse");
    expect_read(support, "coordination", practice_, doctor, "analyse");
    EXPECT_EQ(support.state(practice_, doctor), "analysed");
    support.act(dac, team, "accept", {{"level", "sustained"}});
    EXPECT_EQ(party_state(support, practice_, doctor), "in-charge");
    support.act(dac, team, "report");
    support.act(dac, team, "close", {{"outcome", "GOAL_REACHED"}});
    expect_read(support, "coordination", practice_, doctor, "close");
    EXPECT_EQ(support.state(practice_, doctor), "closed");
    EXPECT_EQ(support.state(dac, team), "closed");
}

TEST_F(ExchangedKinds, AnAdviceIsAskedForCompletedGivenAndClosed) {
    publish({"advice"});
    ward_takes("advice");
    const Address doctor = practice_.mailbox();
    Exchange advice(kind_folder("advice"), {&practice_, &ward_});
    advice.open(practice_, doctor, "question", {geriatrics_},
                {{"patient-agrees", "true"}, {"urgency", "days"}});
    expect_read(advice, "advice", ward_, geriatrics_, "question");
    advice.act(ward_, geriatrics_, "receive");
    advice.act(ward_, geriatrics_, "ask");
    EXPECT_EQ(advice.state(practice_, doctor), "information");
    advice.act(practice_, doctor, "complete", {{"urgency", "today"}});
    EXPECT_EQ(advice.state(ward_, geriatrics_), "asked");
    // Four hours at most: whoever waits and whoever was asked see that it is late, and go on.
    territory_.broker.set_clocks(std::chrono::hours(5), std::chrono::hours(5));
    for (Post* post : {&practice_, &ward_}) {
        const Address& own = post == &ward_ ? geriatrics_ : doctor;
        post->until([&] { return advice.state(*post, own) == "overdue"; });
    }
    advice.act(ward_, geriatrics_, "answer");
    expect_read(advice, "advice", practice_, doctor, "answer");
    EXPECT_EQ(advice.state(practice_, doctor), "answered");
    EXPECT_EQ(advice.send(practice_, advice.prepare_next(practice_, doctor, "cancel",
                                                         {{"cancel-reason", "RESOLVED"}})),
              ErrorCode::act_refused);
    advice.act(practice_, doctor, "close", {{"outcome", "HOSPITALISATION_AVOIDED"}});
    EXPECT_EQ(advice.state(practice_, doctor), "closed");
    EXPECT_EQ(advice.state(ward_, geriatrics_), "closed");
}

TEST_F(ExchangedKinds, AMessageIsAnsweredAndClosed) {
    publish({"note"});
    ward_takes("note");
    const Address doctor = practice_.mailbox();
    Exchange note(kind_folder("note"), {&practice_, &ward_});
    note.open(practice_, doctor, "message", {geriatrics_});
    expect_read(note, "note", ward_, geriatrics_, "message");
    note.act(ward_, geriatrics_, "reply");
    expect_read(note, "note", practice_, doctor, "reply");
    EXPECT_EQ(party_state(note, practice_, doctor), "replied");
    note.act(practice_, doctor, "write");
    expect_read(note, "note", ward_, geriatrics_, "write");
    note.act(practice_, doctor, "close");
    EXPECT_EQ(note.state(practice_, doctor), "closed");
    EXPECT_EQ(note.state(ward_, geriatrics_), "closed");
    EXPECT_EQ(note.send(ward_, note.prepare_next(ward_, geriatrics_, "reply")),
              ErrorCode::act_refused);
}

// ---- one case after another

// The letter follows the stay, the support at home follows the letter: each names the one before it
// and nobody reads more for that.
TEST_F(ExchangedKinds, AStayLeadsToItsLetterAndTheLetterToSupportAtHome) {
    publish({"liaison", "coordination"});
    Post dac(territory_.folder("dac"));
    join(dac, {"dac-brenne",
               "DAC de la Brenne",
               OrganisationKind::dac,
               "360000064",
               {"Irène Référente", "60", "10100000082"}});
    const Address team = serve(dac, "equipe", {"coordination"});
    const Address doctors = serve(practice_, "medecins", {"liaison"});
    Admission stay(territory_);
    stay.call({"geriatrie"});
    stay.act(ward_, "geriatrie", "offer", {}, {{"bed", "full"}});
    stay.act(practice_, "", "choose", {"geriatrie"});
    stay.act(ward_, "geriatrie", "admitted");

    Exchange letter(kind_folder("liaison"), {&ward_, &practice_, &dac});
    const auto letter_after = [&](Post& post, const char* unit, const ThreadId& before) {
        auto draft = letter.prepare(post, post.mailbox(unit), "discharge-letter", {doctors},
                                    {{"timing", "same_day"}});
        draft.follows = before;
        return draft;
    };
    EXPECT_EQ(
        letter.send(territory_.medecine, letter_after(territory_.medecine, "medecine", stay.id)),
        ErrorCode::recipient_refused)
        << "it had no part in the stay";
    letter.open(ward_, letter_after(ward_, "geriatrie", stay.id));
    EXPECT_EQ(letter.item(practice_, doctors, "discharge-letter")->opened->header.follows, stay.id);
    letter.act(practice_, doctors, "read");

    Exchange support(kind_folder("coordination"), {&practice_, &dac});
    auto request = support.prepare(
        practice_, doctors, "request", {team},
        {{"patient-agrees", "true"}, {"doctor-informed", "true"}, {"urgency", "days"}});
    request.follows = letter.id;
    support.open(practice_, request);
    expect_read(support, "coordination", dac, team, "request");
    EXPECT_EQ(support.item(dac, team, "request")->opened->header.follows, letter.id);
    for (const ThreadId& before : {letter.id, stay.id}) {
        EXPECT_EQ(station::view_thread(dac.station(), before).code(), ErrorCode::unknown_thread);
    }
    support.act(dac, team, "accept", {{"level", "sustained"}});
    support.act(dac, team, "close", {{"outcome", "GOAL_REACHED"}});

    // Each goes its own way: the letter moved the stay, the support moved neither.
    EXPECT_EQ(letter.state(practice_, doctors), "discharge");
    EXPECT_EQ(stay.view(practice_).state_label, "Patient admis");
    stay.act(ward_, "geriatrie", "discharged", {}, {{"destination", "HOME"}});
    for (Post* post : {&practice_, &ward_}) {
        EXPECT_EQ(stay.view(*post).state_label, "Dossier clos") << "its letter had come before";
    }
}

// ---- capacity

class FreeBeds : public ExchangedKinds {
protected:
    FreeBeds() {
        publish({"capacity"});
        ward_takes("capacity");
        must(write_file(words_, as_bytes(std::string(kPostPassphrase) + "\n"), 0600, Replace::yes));
    }
    // The first time a thread is opened.
    void declare(const std::string& free) {
        const Publics publics = {{"bed", "full"}, {"free", free}};
        if (!declared_) {
            beds_.open(ward_, geriatrics_, "declare", {}, publics);
        } else {
            auto next = draft_of(ward_, beds_.id, geriatrics_, "update", {}, publics,
                                 kind_folder("capacity"));
            ASSERT_EQ(beds_.send(ward_, next), ErrorCode::ok);
        }
        declared_ = true;
    }
    // What `relais register` says on that station.
    Said shown(Post& post, std::vector<std::string> options) {
        post.close();
        options.insert(options.begin(), {"--station", post.folder().path.string(),
                                         "--passphrase-fd", "3", "register", "capacity", "beds"});
        return run_program(program("relais"), options, words_);
    }
    static std::string free_beds(const char* count) {
        return "Hospitalisation complète = Places libres : " + std::string(count) + "  depuis le ";
    }

    Exchange beds_{kind_folder("capacity"), {&ward_}};

private:
    const std::filesystem::path words_ = territory_.folder("words");
    bool declared_ = false;
};

// A ward says how many beds it has; others read it with the command, as it is and as it was.
TEST_F(FreeBeds, AreDeclaredReadAndReadAgainAsTheyWere) {
    for (const char* free : {"3", "0", "2"}) declare(free);
    const auto lines =
        must(station::read_register(practice_.station(), "capacity", "beds", kPatience));
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[2].act.by, ward_.person());
    practice_.synchronise();
    EXPECT_EQ(station::view_thread(practice_.station(), beds_.id).code(), ErrorCode::unknown_thread)
        << "what the ward notes beside it is its own";

    const Said now = shown(practice_, {});
    EXPECT_EQ(now.code, 0) << now.text;
    EXPECT_TRUE(now.says(free_beds("2"))) << now.text;
    EXPECT_TRUE(now.says("(" + geriatrics_.text() + ")")) << now.text;
    const auto at = [](const station::RegisterLine& line) {
        return std::to_string(line.accepted.leaf.value);
    };
    const Said before = shown(practice_, {"--at", at(lines[2])});
    EXPECT_TRUE(before.says(free_beds("0"))) << before.text;
    const Said first = shown(practice_, {"--at", at(lines[1])});
    EXPECT_TRUE(first.says(free_beds("3"))) << first.text;
    EXPECT_TRUE(shown(practice_, {"--at", at(lines[0])}).says("Registre vide."));
    EXPECT_TRUE(shown(practice_, {"--at", "01/01/2024 08:00"}).says("Registre vide."));
    const Said beyond = shown(practice_, {"--at", "999999999"});
    EXPECT_EQ(beyond.code, 2);
    EXPECT_TRUE(beyond.says("le journal n'a que")) << beyond.text;
    EXPECT_TRUE(shown(territory_.cpts, {}).says(free_beds("2")));

    Post pharmacy(territory_.folder("pharmacie"));
    join(pharmacy, {"pharmacie-des-halles",
                    "Pharmacie des Halles",
                    OrganisationKind::pharmacy,
                    "360000056",
                    {"Paul Pharmacien", "21", "10100000074"}});
    EXPECT_EQ(station::read_register(pharmacy.station(), "capacity", "beds", kPatience).code(),
              ErrorCode::forbidden);
}

// What was read last, with its age; nothing where nothing was.
TEST_F(FreeBeds, AreReadFromTheCopyWithoutTheService) {
    declare("2");
    // A copy that does not say what set its values, as an older version kept it, is read anew.
    must(practice_.station().store().set_value(
        "register/capacity/beds",
        as_bytes(R"({"read": 1, "position": 1, "latest": {"geriatrie/1": 9}})")));
    const Said now = shown(practice_, {});
    EXPECT_TRUE(now.says(free_beds("2"))) << now.text;
    EXPECT_FALSE(now.says("= 9") || now.says("Registre lu le ")) << now.text;
    const Said offline = shown(practice_, {"--offline"});
    EXPECT_EQ(offline.code, 0) << offline.text;
    EXPECT_TRUE(offline.says("Registre lu le ")) << offline.text;
    EXPECT_TRUE(offline.says(free_beds("2"))) << offline.text;
    const Said never = shown(ward_, {"--offline"});
    EXPECT_TRUE(never.says("jamais lu sur ce poste")) << never.text;
    territory_.broker.stop();
    const Said away = shown(practice_, {"--wait", "2s"});
    EXPECT_EQ(away.code, 0) << away.text;
    EXPECT_TRUE(away.says("Registre lu le ") && away.says(free_beds("2"))) << away.text;
}

}  // namespace
}  // namespace relais::test
