// The kinds liaison, coordination, advice, note and alert: cases from their opening to each of
// their ends, and what they refuse on the way.
#include <gtest/gtest.h>

#include <set>

#include "schemas/workflow/permission.h"
#include "tests/support/envelopes.h"
#include "tests/unit/schemas/compiler/compiled_kind.h"
#include "tests/unit/schemas/compiler/walk.h"

namespace relais::compiler {
namespace {

using Steps = std::vector<std::string>;

// Each step accepted; the walk as it then stands.
Walk walked(const std::string& kind, const Steps& steps) {
    Walk walk(CompiledKind::of(kind).kind);
    for (const std::string& step : steps) {
        const Result<void> done = walk.step(step);
        EXPECT_TRUE(done.ok()) << kind << ": " << step << ": " << done.error().describe();
        if (!done.ok()) break;
    }
    return walk;
}

struct Ending {
    const char* state;
    Steps steps;
};

// Every terminal state is the end of one walk at least, and each walk ends where it says.
void expect_endings(const std::string& name, const std::vector<Ending>& endings) {
    std::set<std::string> declared;
    for (const workflow::State& state : CompiledKind::of(name).kind.thread_states) {
        if (state.terminal) declared.insert(state.name);
    }
    std::set<std::string> reached;
    for (const Ending& ending : endings) {
        const Walk walk = walked(name, ending.steps);
        EXPECT_EQ(walk.state().name, ending.state) << name << ": " << ending.steps.back();
        EXPECT_TRUE(walk.state().terminal) << ending.state;
        reached.insert(walk.state().name);
    }
    EXPECT_EQ(reached, declared);
}

// The last step, after the others, is refused.
void expect_refused(const std::string& name, const Steps& before, const std::string& step) {
    Walk walk = walked(name, before);
    EXPECT_EQ(walk.step(step).code(), ErrorCode::act_refused)
        << name << ": " << before.back() << ", " << step;
}

// ---- liaison

TEST(Liaison, EachCaseEnds) {
    expect_endings(
        "liaison",
        {
            {"closed", {"entry-letter", "0 read", "1 reply", "opener write", "opener close"}},
            {"closed", {"discharge", "opener letter", "0 read", "opener close"}},
            {"withdrawn", {"ehpad-transfer", "opener withdraw withdraw-reason=WRONG_RECIPIENT"}},
            {"ended", {"simple", "clock reading", "clock life"}},
            {"ended", {"ehpad-return", "opener correct-return", "clock life"}},
            {"without-letter", {"discharge", "clock due", "clock life"}},
            {"not-handed", {"discharge-letter-outside", "clock due", "clock life"}},
            {"ended", {"simple-outside", "opener slip-outside", "clock life"}},
        });
}

TEST(Liaison, TheLetterThatWasAnnouncedIsDueTheSameDayAndMayStillComeLate) {
    EXPECT_EQ(walked("liaison", {"discharge"}).state().name, "awaited");
    EXPECT_EQ(walked("liaison", {"discharge", "clock due"}).state().name, "late");
    EXPECT_EQ(walked("liaison", {"discharge", "clock due", "opener letter"}).state().name,
              "discharge");
    const workflow::Kind& kind = CompiledKind::of("liaison").kind;
    EXPECT_EQ(kind.clocks[0].name, "due");
    EXPECT_EQ(kind.clocks[0].hours, workflow::ClockHours::day);
    Walk after = walked("liaison", {"discharge", "opener letter"});
    EXPECT_EQ(after.step("clock due").code(), ErrorCode::act_refused) << "closed by the letter";
}

TEST(Liaison, ALetterIsCorrectedByOneOfItsOwnForm) {
    const std::vector<std::pair<std::string, std::string>> pairs = {
        {"entry-letter", "correct-entry"},      {"discharge-letter", "correct-discharge"},
        {"ehpad-transfer", "correct-transfer"}, {"ehpad-return", "correct-return"},
        {"simple", "correct-simple"},
    };
    const workflow::Kind& kind = CompiledKind::of("liaison").kind;
    for (const auto& [letter, own] : pairs) {
        for (const auto& [other, correction] : pairs) {
            if (own != correction) expect_refused("liaison", {letter}, "opener " + correction);
        }
        walked("liaison", {letter, "opener " + own});
        const workflow::Act& act = kind.acts[*kind.act(own)];
        EXPECT_EQ(act.form, kind.acts[*kind.act(letter)].form);
        EXPECT_EQ(act.correction, workflow::Correction::supersedes);
    }
    EXPECT_EQ(kind.acts[*kind.act("withdraw")].correction, workflow::Correction::retracts);
}

TEST(Liaison, OffTheNetworkTooALetterIsCorrectedByOneOfItsOwnForm) {
    const std::string handed = "opener slip-outside";
    for (const Steps& written : {Steps{"simple-outside"}, Steps{"simple-outside", handed}}) {
        expect_refused("liaison", written, "opener correct-discharge");
    }
    for (const Steps& written :
         {Steps{"discharge-letter-outside"}, Steps{"discharge-letter-outside", handed}}) {
        expect_refused("liaison", written, "opener correct-simple");
    }
    Steps again = {"discharge-letter-outside", handed, "opener correct-discharge"};
    EXPECT_EQ(walked("liaison", again).started(), Steps{"due"});
}

TEST(Liaison, WhatIsNewHasNotBeenRead) {
    EXPECT_EQ(walked("liaison", {"entry-letter", "0 read"}).party_state(0), "read");
    EXPECT_EQ(walked("liaison", {"entry-letter", "clock reading"}).party_state(1), "unread");
    const Walk corrected =
        walked("liaison", {"entry-letter", "0 read", "clock reading", "opener correct-entry"});
    EXPECT_EQ(corrected.party_state(0), "sent");
    EXPECT_EQ(corrected.party_state(1), "sent");
    EXPECT_EQ(corrected.started(), Steps{"reading"});
}

TEST(Liaison, WhatIsOutOfPlaceIsRefused) {
    expect_refused("liaison", {"entry-letter"}, "opener letter");
    expect_refused("liaison", {"discharge"}, "opener correct-discharge");
    expect_refused("liaison", {"discharge"}, "opener close");
    expect_refused("liaison", {"simple", "0 read"}, "0 read");
    expect_refused("liaison", {"simple", "opener withdraw"}, "0 reply");
    expect_refused("liaison", {"simple", "opener close"}, "opener correct-simple");
}

TEST(Liaison, ItsFormsAskWhatTheNationalDocumentsAsk) {
    const CompiledKind& of = CompiledKind::of("liaison");
    expect_mandatory(
        of, "entry-letter",
        {"/patient", "/reason", "/treatments", "/allergies", "/other", "/treatments/status"});
    for (const char* act : {"discharge-letter", "letter", "correct-discharge"}) {
        expect_mandatory(
            of, act,
            {"/letter/status", "/letter/reason", "/letter/treatments", "/letter/synthesis/text",
             "/letter/synthesis/micro_organisms", "/letter/synthesis/transfusion",
             "/letter/synthesis/blood_products", "/letter/stay/entry_mode",
             "/letter/stay/exit_mode", "/letter/given_to_patient"});
    }
    expect_mandatory(of, "ehpad-transfer",
                     {"/transfer/leaves_at", "/transfer/service", "/vital_signs", "/consciousness",
                      "/last_dose", "/last_meal", "/belongings"});
    expect_mandatory(of, "ehpad-return", {"/diagnosis", "/prescription"});
}

// Once a case: with what opens it, and again with what replaces that whole.
TEST(Liaison, TheIdentityIsEnteredWithWhatOpens) {
    const CompiledKind& of = CompiledKind::of("liaison");
    for (const workflow::Act& act : of.kind.acts) {
        if (act.form.empty()) continue;
        const bool replaces = act.correction == workflow::Correction::supersedes;
        EXPECT_EQ(of.form(act.form).holds_identity(), act.opens || replaces) << act.name;
    }
}

TEST(Liaison, WhoeverHasNoMailboxIsTelephonedOrHandedThePage) {
    for (const std::string act : {"opener phone-outside", "opener slip-outside"}) {
        const Steps written = {"discharge-letter-outside"};
        EXPECT_EQ(walked("liaison", written).started(), (Steps{"due", "life"}));
        EXPECT_EQ(walked("liaison", {written[0], act + " outside-answer=NOT_REACHED"}).state().name,
                  "outside");
        Walk told = walked("liaison", {written[0], "clock due", act, act});
        EXPECT_EQ(told.state().name, "handed");
        EXPECT_EQ(told.step("clock due").code(), ErrorCode::act_refused) << "nothing is due";
        // In a case between mailboxes it is said beside, and changes nothing.
        EXPECT_EQ(walked("liaison", {"discharge", act}).state().name, "awaited");
    }
}

// ---- coordination

TEST(Coordination, EachCaseEnds) {
    expect_endings(
        "coordination",
        {
            {"closed",
             {"request", "0 receive", "0 ask", "opener answer to=0", "0 analyse", "0 accept",
              "0 report", "0 close outcome=GOAL_REACHED"}},
            {"redirected", {"request", "0 receive", "0 redirect redirected-to=PSYCHIATRY"}},
            {"redirected", {"request", "0 accept", "0 redirect"}},
            {"refused", {"request", "0 refuse refusal-reason=OUT_OF_TERRITORY"}},
            {"cancelled", {"request", "0 accept", "opener cancel"}},
            {"unanswered", {"request", "clock receipt", "clock decision", "clock life"}},
            {"lapsed", {"request", "0 accept level=intensive", "clock life"}},
        });
}

TEST(Coordination, ItNeedsThePatientsAgreement) {
    const workflow::Kind& kind = CompiledKind::of("coordination").kind;
    const workflow::Act& act = kind.acts[*kind.act("request")];
    test::SeededRandom random{1};
    const auto verdict = [&](std::vector<PublicField> publics) {
        return workflow::check_shape(kind, act,
                                     test::make_header({.publics = std::move(publics)}, random))
            .code();
    };
    EXPECT_EQ(verdict({{1, 1}, {2, 0}, {3, 1}}), ErrorCode::ok);
    EXPECT_EQ(verdict({{1, 0}, {2, 1}, {3, 1}}), ErrorCode::agreement_missing);
    EXPECT_EQ(verdict({{2, 1}, {3, 1}}), ErrorCode::public_field_refused);
}

TEST(Coordination, TheFallbackIsCalledWhenNobodyAnswersAndMayThenTakeItOn) {
    expect_refused("coordination", {"request"}, "2 receive");
    for (const std::string clock : {"clock receipt", "clock decision"}) {
        const Walk late = walked("coordination", {"request", clock});
        EXPECT_EQ(late.state().name, clock == "clock receipt" ? "overdue" : "undecided");
        EXPECT_EQ(late.party_state(2), "called");
        EXPECT_EQ(late.party(2).waits, Release::at_once);
    }
    const Walk taken = walked("coordination", {"request", "clock receipt", "2 accept"});
    EXPECT_EQ(taken.state().name, "accepted");
    EXPECT_EQ(taken.party_state(0), "withdrawn");
}

TEST(Coordination, AFallbackThatWasNotNeededNeverReads) {
    const Walk taken = walked("coordination", {"request", "0 accept"});
    EXPECT_EQ(taken.party_state(1), "withdrawn");
    EXPECT_EQ(taken.party_state(2), "reserve");
    EXPECT_EQ(taken.party(2).waits, Release::overdue);
    Walk received = walked("coordination", {"request", "0 receive"});
    EXPECT_EQ(received.step("clock receipt").code(), ErrorCode::act_refused);
}

TEST(Coordination, WhatIsOutOfPlaceIsRefused) {
    expect_refused("coordination", {"request"}, "0 close");
    expect_refused("coordination", {"request"}, "0 report");
    expect_refused("coordination", {"request", "0 receive"}, "0 receive");
    expect_refused("coordination", {"request", "0 accept"}, "1 accept");
    expect_refused("coordination", {"request", "0 accept"}, "0 refuse");
    expect_refused("coordination", {"request", "0 refuse"}, "0 accept");
}

// ---- advice

TEST(Advice, EachCaseEnds) {
    expect_endings("advice",
                   {
                       {"closed",
                        {"question", "0 receive", "0 ask", "opener complete to=0", "0 answer",
                         "0 answer", "opener close outcome=HOSPITALISATION_AVOIDED"}},
                       {"closed", {"question", "0 answer", "clock life"}},
                       {"declined", {"question", "0 decline", "1 transfer", "opener cancel"}},
                       {"declined", {"question", "0 decline", "1 decline", "clock life"}},
                       {"cancelled", {"question", "opener cancel"}},
                       {"cancelled", {"question", "0 decline", "opener cancel"}},
                       {"unanswered", {"question urgency=weeks", "clock answer", "clock life"}},
                       {"closed",
                        {"question", "opener phone-outside outside-answer=ANSWERED",
                         "opener close outcome=CONSULTATION"}},
                   });
}

TEST(Advice, AdviceObtainedOffTheNetworkIsAnAnswer) {
    for (const std::string act : {"opener phone-outside", "opener slip-outside"}) {
        for (const char* answer : {"TOLD", "DECLINED", "NOT_REACHED"}) {
            const Walk walk = walked("advice", {"question", act + " outside-answer=" + answer});
            EXPECT_EQ(walk.state().name, "asked");
            EXPECT_EQ(walk.party_state(0), "called");
        }
        const Steps answered = {"question", "clock answer", act + " outside-answer=ANSWERED"};
        const Walk walk = walked("advice", answered);
        EXPECT_EQ(walk.state().name, "answered");
        EXPECT_EQ(walk.party_state(0), "withdrawn");
        EXPECT_EQ(walk.party_state(2), "withdrawn") << "the fallback that was called in";
        expect_refused("advice", answered, "0 answer");
    }
}

TEST(Advice, TheUrgencyChoosesTheClock) {
    EXPECT_EQ(walked("advice", {"question urgency=waiting"}).started(), (Steps{"waiting", "life"}));
    EXPECT_EQ(walked("advice", {"question urgency=days"}).started(),
              (Steps{"answer", "latest", "life"}));
    const workflow::Kind& kind = CompiledKind::of("advice").kind;
    EXPECT_EQ(kind.clocks[0].length, std::chrono::minutes(10));
    const std::vector<PublicField> today = {{2, 2}};
    const std::vector<PublicField> weeks = {{2, 4}};
    EXPECT_EQ(kind.clocks[1].length_for(&today), std::chrono::hours(4));
    EXPECT_EQ(kind.clocks[1].length_for(&weeks), std::chrono::hours(90));
    EXPECT_TRUE(kind.clocks[1].from_header);
}

TEST(Advice, TheTimeStandsStillWhileSomethingIsMissing) {
    const Steps asked = {"question urgency=days", "1 decline", "0 ask"};
    const Walk walk = walked("advice", asked);
    EXPECT_EQ(walk.state().name, "information");
    EXPECT_EQ(walk.started(), Steps{"information"});
    EXPECT_EQ(walk.stopped(), (Steps{"waiting", "answer", "latest"}));
    const auto after = [&](const std::string& step) {
        Steps steps = asked;
        steps.push_back(step);
        return walked("advice", steps);
    };
    EXPECT_EQ(after("opener complete to=0 urgency=waiting").started(), Steps{"waiting"});
    const Walk missing = after("clock information");
    EXPECT_EQ(missing.state().name, "overdue");
    EXPECT_EQ(missing.party_state(2), "called") << "the fallback, as at the end of any other";
}

TEST(Advice, TheTimeGoesOnForAnotherWhoLacksNothing) {
    const Walk walk = walked("advice", {"question urgency=days", "0 ask"});
    EXPECT_EQ(walk.state().name, "information");
    EXPECT_EQ(walk.stopped(), Steps{});
    const Walk late = walked("advice", {"question urgency=days", "0 ask", "clock answer"});
    EXPECT_EQ(late.state().name, "overdue");
    EXPECT_EQ(late.party_state(2), "called");
}

// What is overdue stays so while another could answer: no case is asked without a delay.
TEST(Advice, WhoeverAsksForMoreAfterTheDelayDoesNotHoldTheOthersUp) {
    const Steps late = {"question urgency=days", "clock answer", "0 ask"};
    EXPECT_EQ(walked("advice", late).started(), Steps{});
    for (const char* leaves : {"0 decline", "0 transfer"}) {
        const Walk walk = walked("advice", {late[0], late[1], late[2], leaves});
        EXPECT_EQ(walk.state().name, "overdue");
        EXPECT_EQ(walk.started(), Steps{});
    }
    const Walk completed =
        walked("advice", {late[0], late[1], late[2], "opener complete to=0 urgency=days"});
    EXPECT_EQ(completed.state().name, "asked");
    EXPECT_EQ(completed.started(), (Steps{"answer", "latest"}));
}

TEST(Advice, WhoeverAskedForMoreAndLeavesGivesTheOthersNoOtherDelay) {
    for (const char* leaves : {"0 decline", "0 transfer"}) {
        const Walk walk = walked("advice", {"question urgency=today", "0 ask", leaves});
        EXPECT_EQ(walk.state().name, "asked");
        EXPECT_EQ(walk.started(), Steps{}) << "that of the question still runs";
        EXPECT_EQ(walk.stopped(), Steps{"information"});
    }
}

TEST(Advice, TheFallbackAnswersWhenNobodyElseDid) {
    expect_refused("advice", {"question"}, "2 answer");
    const Walk late = walked("advice", {"question urgency=waiting", "clock waiting", "2 answer"});
    EXPECT_EQ(late.state().name, "answered");
    EXPECT_EQ(late.party_state(0), "withdrawn");
    EXPECT_EQ(late.party_state(2), "answered");
}

TEST(Advice, WhatIsOutOfPlaceIsRefused) {
    expect_refused("advice", {"question"}, "opener close");
    expect_refused("advice", {"question", "0 answer"}, "1 answer");
    expect_refused("advice", {"question", "0 answer"}, "opener cancel");
    expect_refused("advice", {"question", "0 decline"}, "0 answer");
    expect_refused("advice", {"question", "opener cancel"}, "0 answer");
}

TEST(Advice, ItAsksAQuestionATimeAndTheConsentToPhotographs) {
    expect_mandatory(CompiledKind::of("advice"), "question",
                     {"/patient", "/question", "/reply_by", "/anamnesis", "/treatments",
                      "/photo_consent", "/phone"});
}

// ---- note

TEST(Note, EachCaseEnds) {
    expect_endings("note",
                   {
                       {"closed", {"message", "0 reply", "opener write to=1", "opener close"}},
                       {"ended", {"message", "clock life"}},
                   });
}

TEST(Note, NothingIsSaidAfterItsEnd) {
    for (const char* step : {"0 reply", "opener write", "opener close", "clock life"}) {
        expect_refused("note", {"message", "opener close"}, step);
    }
}

// ---- what the four share

TEST(Cases, ThePatientIsToldHowTheyAreUsed) {
    for (const char* name : {"liaison", "coordination", "advice", "note"}) {
        EXPECT_GE(CompiledKind::of(name).kind.information.size(), 2u) << name;
    }
}

// Whatever kind declares one: whom, when and what was answered is asked, sealed; in clear a code.
TEST(Cases, WhatIsToldOffTheNetworkSaysWhomWhenAndTheAnswer) {
    std::set<std::string> kinds;
    for (const std::string& name : CompiledKind::names()) {
        const CompiledKind& of = CompiledKind::of(name);
        for (const workflow::Act& act : of.kind.acts) {
            const bool call = act.form == "TelephoneCall";
            EXPECT_EQ(act.off_network, call || act.form == "PaperSlip") << name << act.name;
            if (!act.off_network) continue;
            kinds.insert(name);
            expect_mandatory(of, act.name, {"/role", "/organisation"});
            expect_mandatory(of, act.name,
                             call ? Steps{"/called_at", "/caller", "/said", "/answer"}
                                  : Steps{"/given_at", "/giver", "/way", "/digest"});
            ASSERT_EQ(act.publics.size(), 1u);
            EXPECT_EQ(of.kind.public_field(act.publics[0].number)->type,
                      workflow::PublicType::code);
        }
    }
    EXPECT_EQ(kinds, (std::set<std::string>{"admission", "advice", "liaison", "substitution"}));
}

// A secretary signs only by mandate what only a regulated profession may sign.
TEST(Cases, WhatIsClinicalIsSignedByAnAttestedProfession) {
    for (const char* name : {"liaison", "coordination", "advice"}) {
        for (const workflow::Role& role : CompiledKind::of(name).kind.roles) {
            EXPECT_TRUE(role.attested) << name << " " << role.name;
            EXPECT_FALSE(role.professions.empty()) << name << " " << role.name;
        }
    }
}

// ---- alert

TEST(Alert, EachCaseEnds) {
    expect_endings(
        "alert",
        {
            {"alert-cancelled",
             {"alert severity=Severe", "member acknowledge", "opener update severity=Minor",
              "other cancel"}},
            {"alert-cancelled", {"alert-extreme", "other withdraw"}},
            {"alert-over", {"alert severity=Minor", "clock answers", "clock life"}},
            {"alert-over", {"alert-extreme", "clock life"}},
            {"exercise-cancelled",
             {"exercise-extreme status=Exercise", "other confirm",
              "opener cancel-exercise status=Exercise"}},
            {"exercise-reported",
             {"exercise status=Exercise severity=Moderate", "member acknowledge-exercise",
              "opener report"}},
            {"exercise-over",
             {"exercise-extreme status=Exercise", "clock second-signature", "clock life"}},
            {"test-over",
             {"test status=Test", "member acknowledge-test", "opener cancel-test status=Test"}},
            {"test-over", {"test status=Test", "clock life"}},
            {"recorded", {"duty"}},
        });
}

// Each status with its opening act, and what changes it: none of it passes into another.
TEST(Alert, AnExerciseIsNeverAnAlertNorATestOne) {
    struct Status {
        std::string act;
        std::string suffix;
        std::string word;
    };
    const std::vector<Status> statuses = {
        {"alert", "", "Actual"}, {"exercise", "-exercise", "Exercise"}, {"test", "-test", "Test"}};
    const workflow::Kind& kind = CompiledKind::of("alert").kind;
    for (const Status& own : statuses) {
        const std::string opening = own.act + " severity=Severe status=" + own.word;
        const std::string marked = own.act == "alert"      ? "ALERTE"
                                   : own.suffix == "-test" ? "TEST"
                                                           : "EXERCICE";
        EXPECT_TRUE(walked("alert", {opening}).state().label.starts_with(marked));
        EXPECT_NE(kind.acts[*kind.act(own.act)].label.find(marked), std::string::npos);
        for (const Status& other : statuses) {
            if (other.word == own.word) continue;
            Walk wrong(kind);
            EXPECT_EQ(wrong.step(own.act + " severity=Severe status=" + other.word).code(),
                      ErrorCode::act_refused);
            for (const std::string& act : {std::string("update"), std::string("cancel")}) {
                expect_refused(
                    "alert", {opening},
                    "opener " + act + own.suffix + " severity=Severe status=" + other.word);
                expect_refused(
                    "alert", {opening},
                    "opener " + act + other.suffix + " severity=Severe status=" + own.word);
            }
            expect_refused("alert", {opening}, "member acknowledge" + other.suffix);
        }
        walked("alert",
               {opening, "opener update" + own.suffix + " severity=Severe status=" + own.word});
        if (own.word != "Exercise") expect_refused("alert", {opening}, "opener report");
    }
}

TEST(Alert, TheHighestSeverityWaitsForASecondPersonForTenMinutes) {
    Walk wrong(CompiledKind::of("alert").kind);
    EXPECT_EQ(wrong.step("alert severity=Extreme").code(), ErrorCode::act_refused);
    EXPECT_EQ(wrong.step("alert-extreme severity=Severe").code(), ErrorCode::act_refused);
    expect_refused("alert", {"alert severity=Severe"}, "opener update severity=Extreme");

    const Walk held = walked("alert", {"alert-extreme"});
    EXPECT_TRUE(held.group_waits());
    EXPECT_EQ(held.state().name, "alert-held");
    EXPECT_EQ(held.started(), (Steps{"second-signature", "life"}));
    for (const char* early : {"opener confirm", "opener update severity=Extreme", "opener cancel",
                              "member acknowledge", "opener report"}) {
        expect_refused("alert", {"alert-extreme"}, early);
    }
    const Walk twice = walked("alert", {"alert-extreme", "other confirm"});
    EXPECT_EQ(twice.state().name, "alert-confirmed");
    EXPECT_FALSE(twice.group_waits());
    EXPECT_EQ(twice.started(), Steps{"answers"}) << "counted from when they read it";
    const Walk once = walked("alert", {"alert-extreme", "clock second-signature"});
    EXPECT_EQ(once.state().name, "alert-single");
    EXPECT_FALSE(once.group_waits());
    expect_refused("alert", {"alert-extreme", "clock second-signature"}, "other confirm");
    expect_refused("alert", {"alert-extreme", "other confirm"}, "other withdraw");
    const auto& clock = CompiledKind::of("alert").kind.clocks[0];
    EXPECT_EQ(clock.length, std::chrono::minutes(10));
    EXPECT_EQ(clock.max, clock.min);
}

TEST(Alert, ItsCodesAreThoseOfCapAndItGoesOnTheCrisisLaneAlone) {
    const workflow::Kind& kind = CompiledKind::of("alert").kind;
    EXPECT_EQ(kind.patient, workflow::PatientData::never);
    Steps codes;
    for (const char* field : {"status", "severity"}) {
        for (const auto& value : kind.public_field(field)->values) codes.push_back(value.code);
    }
    EXPECT_EQ(codes, (Steps{"Actual", "Exercise", "Test", "Extreme", "Severe", "Moderate", "Minor",
                            "Unknown"}));
    for (const char* act : {"alert", "alert-extreme", "update", "cancel", "acknowledge", "exercise",
                            "acknowledge-exercise"}) {
        EXPECT_EQ(kind.acts[*kind.act(act)].lanes, 1 << static_cast<int>(Lane::crisis)) << act;
    }
}

}  // namespace
}  // namespace relais::compiler
