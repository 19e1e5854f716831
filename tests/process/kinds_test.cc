// kinds_test.cc: the kinds other than `admission` between real stations, from what opens a case to
// its end: letters and their files, a protocol and what may be dispensed on it, support, advice,
// messages; and a register as a station reads and checks it.
#include <gtest/gtest.h>

#include <algorithm>

#include "clients/station/api/attachments.h"
#include "clients/station/api/registers.h"
#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "tests/process/support/admission.h"

namespace relais::test {
namespace {

using directory::OrganisationKind;

class ExchangedKinds : public testing::Test {
protected:
    void publish(const std::vector<std::string>& kinds) {
        for (const std::string& kind : kinds) {
            must(territory_.cpts.registrar().publish_kind(
                must(compiler::compile_kind(kind_folder(kind)))));
        }
    }
    // A service of the post's organisation that takes these kinds, and that the post serves.
    Address serve(Post& post, const std::string& unit, const std::vector<std::string>& kinds) {
        auto registrar = post.registrar();
        must(registrar.add_unit(
            {must(Name::parse(unit)), "Service " + unit, "", "02 61 91 00 01", kinds}));
        must(registrar.extend_station(post.station().identity().station, {unit}));
        territory_.synchronise_all();
        return post.mailbox(unit);
    }
    void join(Post& post, const OrganisationWanted& wanted) {
        territory_.enrol(post, wanted);
        territory_.confirm(wanted.name);
        territory_.attest(post, post.person());
        post.synchronise();
    }
    // The ward takes these openings besides admissions.
    void ward_takes(const std::string& kind) {
        must(territory_.hospital.registrar().add_unit({must(Name::parse("geriatrie")),
                                                       "Gériatrie aiguë",
                                                       "",
                                                       "02 54 00 00 00",
                                                       {"admission", kind}}));
        territory_.synchronise_all();
    }
    static std::string party_state(Exchange& exchange, Post& post, const Address& mailbox) {
        const auto seen = must(station::view_thread(post.station(), exchange.id, mailbox));
        return seen.kind->kind.party_states[seen.state->parties.at(0).state].name;
    }
    // What the post shows of the act is what was written.
    static void expect_read(Exchange& exchange, const std::string& kind, Post& post,
                            const Address& mailbox, const std::string& act) {
        const auto item = exchange.item(post, mailbox, act);
        ASSERT_TRUE(item) << act;
        EXPECT_EQ(item->opened->form, example_of(kind_folder(kind), act)) << act;
    }

    RunningTerritory territory_;
    Post& practice_ = territory_.practice;
    Post& ward_ = territory_.geriatrie;
    const Address geriatrics_ = territory_.hospital.mailbox("geriatrie");
};

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
    EXPECT_EQ(party_state(letter_, ward_, geriatrics_), "sent") << "what is new is not read";
    auto withdrawal = letter_.prepare_next(ward_, geriatrics_, "withdraw",
                                           {{"withdraw-reason", "WRONG_CONTENT"}});
    withdrawal.answers = letter_.item(ward_, geriatrics_, "correct-discharge")->opened->digest;
    ASSERT_EQ(letter_.send(ward_, withdrawal), ErrorCode::ok);
    for (const auto& [post, mailbox] :
         {std::pair(&practice_, *doctors_), std::pair(&ward_, geriatrics_)}) {
        EXPECT_EQ(corrected(*post, mailbox, "discharge-letter"), workflow::Correction::supersedes);
        EXPECT_EQ(corrected(*post, mailbox, "correct-discharge"), workflow::Correction::retracts);
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

// ---- protocol and substitution

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
    }
    static Publics with(Publics publics, const Publics& more) {
        publics.insert(more.begin(), more.end());
        return publics;
    }
    // Drafted, submitted, approved by three, its first class published.
    void publish_protocol() {
        Post& cpts = territory_.cpts;
        const Address author = cpts.mailbox();
        protocol_.open(cpts, author, "draft", {*agreeing_, *refusing_, *dispensary_}, version_);
        protocol_.act(cpts, author, "submit", version_);
        expect_read(protocol_, "protocol", pharmacy_, *dispensary_, "submit");
        protocol_.act(practice_, *agreeing_, "approve");
        protocol_.act(second_, *refusing_, "approve");
        protocol_.act(practice_, *agreeing_, "approve");
        EXPECT_EQ(protocol_.state(cpts, author), "submitted") << "three times, by two persons";
        EXPECT_EQ(protocol_.send(cpts, protocol_.prepare_next(cpts, author, "publish", class_)),
                  ErrorCode::act_refused);
        protocol_.act(pharmacy_, *dispensary_, "approve");
        EXPECT_EQ(protocol_.state(cpts, author), "approved");
        protocol_.act(cpts, author, "publish", class_);
        EXPECT_EQ(protocol_.state(practice_, *agreeing_), "published");
        protocol_.act(cpts, author, "file-away");
        EXPECT_EQ(protocol_.state(cpts, author), "filed");
    }
    // One doctor agrees to the class, the other refuses.
    void collect_agreements() {
        Post& cpts = territory_.cpts;
        Exchange invitation(kind_folder("protocol"), {&cpts, &practice_, &second_});
        invitation.open(cpts, cpts.mailbox(), "invite", {*agreeing_, *refusing_}, version_);
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
        auto draft = exchange.prepare(pharmacy_, *dispensary_, "protocol-notice", {mailbox},
                                      with(class_, {{"legal-basis", "LOCAL_PROTOCOL"}}));
        draft.attention[mailbox.text()] = doctor.person();
        return draft;
    }

    Post second_{territory_.folder("cabinet-2")};
    Post pharmacy_{territory_.folder("pharmacie")};
    std::optional<Address> agreeing_;
    std::optional<Address> refusing_;
    std::optional<Address> dispensary_;
    const Publics version_ = {{"protocol", "12"}, {"version", "1"}};
    const Publics class_ = {{"protocol", "12"}, {"version", "1"}, {"class", "1"}};
    Exchange protocol_{kind_folder("protocol"),
                       {&territory_.cpts, &practice_, &second_, &pharmacy_}};
    Exchange told_{kind_folder("substitution"), {&pharmacy_, &practice_}};
    Exchange asked_{kind_folder("substitution"), {&pharmacy_, &second_}};
};

TEST_F(Protocols, WhatMayBeDispensedOnOneIsWhatItsDoctorAgreedToAndTheOthersAreAsked) {
    publish_protocol();
    EXPECT_EQ(told_.send(pharmacy_, notice(told_, practice_, *agreeing_)),
              ErrorCode::register_refused)
        << "nobody has agreed yet";
    collect_agreements();

    told_.open(pharmacy_, notice(told_, practice_, *agreeing_));
    expect_read(told_, "substitution", practice_, *agreeing_, "protocol-notice");
    told_.act(practice_, *agreeing_, "acknowledge");
    EXPECT_EQ(told_.state(pharmacy_, *dispensary_), "acknowledged");
    told_.act(pharmacy_, *dispensary_, "close");
    EXPECT_EQ(told_.state(practice_, *agreeing_), "closed");

    const auto refused = notice(asked_, second_, *refusing_);
    ASSERT_EQ(asked_.send(pharmacy_, refused), ErrorCode::register_refused);
    const auto shown = must(station::view_thread(pharmacy_.station(), refused.thread)).items;
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].type, station::TimelineItem::Type::refused);
    EXPECT_NE(shown[0].title.find("accord absent, refusé ou retiré"), std::string::npos);
    EXPECT_NE(shown[0].text.find("Demandez l'autorisation à la personne concernée"),
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

// A ward says how many beds it has; others read it with the command, as it is and as it was.
TEST_F(ExchangedKinds, FreeBedsAreDeclaredReadAndReadAgainAsTheyWere) {
    publish({"capacity"});
    ward_takes("capacity");
    Exchange beds(kind_folder("capacity"), {&ward_});
    const auto declare = [&](const char* free) {
        const Publics publics = {{"bed", "full"}, {"free", free}};
        if (free == std::string("3")) {
            beds.open(ward_, geriatrics_, "declare", {}, publics);
        } else {
            auto next = draft_of(ward_, beds.id, geriatrics_, "update", {}, publics,
                                 kind_folder("capacity"));
            ASSERT_EQ(beds.send(ward_, next), ErrorCode::ok);
        }
    };
    declare("3");
    declare("0");
    declare("2");
    const auto lines =
        must(station::read_register(practice_.station(), "capacity", "beds", kPatience));
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[2].act.by, ward_.person());
    practice_.synchronise();
    EXPECT_EQ(station::view_thread(practice_.station(), beds.id).code(), ErrorCode::unknown_thread)
        << "what the ward notes beside it is its own";

    const std::string key = geriatrics_.text() + "/1";
    const auto words = territory_.folder("words");
    must(write_file(words, as_bytes(std::string(kPostPassphrase) + "\n"), 0600, Replace::yes));
    const auto shown = [&](Post& post, std::vector<std::string> options) {
        post.close();
        options.insert(options.begin(), {"--station", post.folder().path.string(),
                                         "--passphrase-fd", "3", "register", "capacity", "beds"});
        return run_program(program("relais"), options, words);
    };
    const Said now = shown(practice_, {});
    EXPECT_EQ(now.code, 0) << now.text;
    EXPECT_TRUE(now.says(key + " = 2  depuis ")) << now.text;
    EXPECT_TRUE(now.says("(" + geriatrics_.text() + ")")) << now.text;
    const auto at = [](const station::RegisterLine& line) {
        return std::to_string(line.accepted.leaf.value);
    };
    const Said before = shown(practice_, {"--at", at(lines[2])});
    EXPECT_TRUE(before.says(key + " = 0  depuis ")) << before.text;
    const Said first = shown(practice_, {"--at", at(lines[1])});
    EXPECT_TRUE(first.says(key + " = 3  depuis ")) << first.text;
    EXPECT_TRUE(shown(practice_, {"--at", at(lines[0])}).says("Registre vide."));
    EXPECT_TRUE(shown(territory_.cpts, {}).says(key + " = 2"));

    Post pharmacy(territory_.folder("pharmacie"));
    join(pharmacy, {"pharmacie-des-halles",
                    "Pharmacie des Halles",
                    OrganisationKind::pharmacy,
                    "360000056",
                    {"Paul Pharmacien", "21", "10100000074"}});
    EXPECT_EQ(station::read_register(pharmacy.station(), "capacity", "beds", kPatience).code(),
              ErrorCode::forbidden);
}

}  // namespace
}  // namespace relais::test
