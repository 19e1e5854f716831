// The kind `admission` through the engine: which act passes at which stage, who is told, and what
// is released to whom. The table below is written from the declaration's meaning, by hand.
#include <sstream>

#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

class Admission : public EngineTest {};

// "call deposit geri:offer choose" brings a thread to a stage: acts of the practice bear no name,
// those to or from a ward name it (geriatrics unless it says cardio).
struct Spoken {
    int side;
    std::string act;
    int to;
};

Spoken parse(const std::string& word) {
    const auto colon = word.find(':');
    if (colon == std::string::npos) return {kOpener, word, kGeri};
    const std::string who = word.substr(0, colon);
    const std::string act = word.substr(colon + 1);
    if (who == "geri") return {kGeri, act, kGeri};
    if (who == "cardio") return {kCardio, act, kCardio};
    return {kOpener, act, who == "to-cardio" ? kCardio : kGeri};
}

std::set<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

struct Stage {
    const char* name;
    const char* path;
    const char* possible;  // every other act is refused
};

const Stage kStages[] = {
    {"called", "call",
     "deposit cancel answer to-cardio:answer geri:receive geri:opinion geri:ask geri:offer "
     "geri:defer geri:decline geri:counter cardio:receive cardio:opinion cardio:ask cardio:offer "
     "cardio:defer cardio:decline cardio:counter"},
    {"received", "call geri:receive",
     "deposit cancel answer to-cardio:answer geri:opinion geri:ask geri:offer geri:defer "
     "geri:decline geri:counter cardio:receive cardio:opinion cardio:ask cardio:offer cardio:defer "
     "cardio:decline cardio:counter"},
    {"deferred", "call geri:defer",
     "deposit cancel answer to-cardio:answer geri:opinion geri:ask geri:offer geri:decline "
     "geri:counter cardio:receive cardio:opinion cardio:ask cardio:offer cardio:defer "
     "cardio:decline cardio:counter"},
    {"declined", "call geri:decline",
     "deposit cancel to-cardio:answer cardio:receive cardio:opinion cardio:ask cardio:offer "
     "cardio:defer cardio:decline cardio:counter"},
    {"held", "call geri:offer",
     "deposit cancel answer to-cardio:answer choose geri:opinion geri:ask geri:decline "
     "cardio:receive cardio:opinion cardio:ask cardio:offer cardio:defer cardio:decline "
     "cardio:counter"},
    {"held and standby", "call geri:offer cardio:offer",
     "deposit cancel answer to-cardio:answer choose to-cardio:choose geri:opinion geri:ask "
     "geri:decline cardio:opinion cardio:ask cardio:decline"},
    {"another way proposed", "call geri:counter",
     "deposit cancel answer to-cardio:answer choose geri:opinion geri:ask geri:offer geri:decline "
     "cardio:receive cardio:opinion cardio:ask cardio:offer cardio:defer cardio:decline "
     "cardio:counter"},
    {"called, the first taken", "call-first",
     "deposit cancel answer to-cardio:answer geri:receive geri:opinion geri:ask geri:offer "
     "geri:defer geri:decline geri:counter cardio:receive cardio:opinion cardio:ask cardio:offer "
     "cardio:defer cardio:decline cardio:counter"},
    {"taken", "call-first geri:offer",
     "cancel transmit answer geri:ask geri:admitted geri:no-show geri:diverted"},
    {"called in turn", "call-in-turn",
     "deposit cancel answer geri:receive geri:opinion geri:ask geri:offer geri:defer geri:decline "
     "geri:counter"},
    {"the next in turn", "call-in-turn geri:decline",
     "deposit cancel to-cardio:answer cardio:receive cardio:opinion cardio:ask cardio:offer "
     "cardio:defer cardio:decline cardio:counter"},
    {"chosen", "call geri:offer choose",
     "cancel transmit answer geri:ask geri:admitted geri:no-show geri:diverted"},
    {"the standby chosen", "call geri:offer cardio:offer to-cardio:choose",
     "cancel to-cardio:transmit to-cardio:answer cardio:ask cardio:admitted cardio:no-show "
     "cardio:diverted"},
    {"admitted", "call geri:offer choose geri:admitted",
     "transmit close geri:diverted geri:discharged"},
    {"discharged", "call geri:offer choose geri:admitted geri:discharged", "close"},
    {"closed", "call geri:offer choose geri:admitted close", ""},
    {"diverted", "call geri:offer choose geri:admitted geri:diverted", ""},
    {"not admitted", "call geri:offer choose geri:no-show", ""},
    {"cancelled", "call cancel", ""},
};

// Every act that someone could try.
std::vector<std::string> every_attempt() {
    std::vector<std::string> attempts;
    for (const workflow::Act& act : admission_kind().acts) {
        if (act.side == workflow::Side::party) {
            attempts.push_back("geri:" + act.name);
            attempts.push_back("cardio:" + act.name);
        } else {
            attempts.push_back(act.name);
            if (act.recipients == workflow::Recipients::one_party) {
                attempts.push_back("to-cardio:" + act.name);
            }
        }
    }
    return attempts;
}

class EveryStage : public testing::TestWithParam<Stage> {
protected:
    static ErrorCode say(AdmissionCase& thread, const std::string& word) {
        const Spoken spoken = parse(word);
        return code_of(thread.act(spoken.side, spoken.act, spoken.to));
    }
};

TEST_P(EveryStage, TakesTheActsOfItsRowsAndRefusesAllOthers) {
    EngineBench bench;
    auto possible = words(GetParam().possible);
    // As long as it has not ended, what was told off the network can be recorded.
    if (!possible.empty()) possible.insert({"phone-outside", "slip-outside"});
    std::set<std::string> passed;
    for (const std::string& attempt : every_attempt()) {
        AdmissionCase thread(bench);
        std::istringstream path(GetParam().path);
        for (std::string word; path >> word;) ASSERT_EQ(say(thread, word), ErrorCode::ok) << word;
        const std::string before = thread.state();
        const std::size_t entries = bench.log_of(kPractice).size();
        const ErrorCode code = say(thread, attempt);
        if (code == ErrorCode::ok) {
            passed.insert(attempt);
            continue;
        }
        const bool named = code == ErrorCode::act_refused || code == ErrorCode::conflict;
        EXPECT_TRUE(named) << attempt << ": " << error_name(code);
        EXPECT_EQ(thread.state(), before) << attempt;
        EXPECT_EQ(bench.log_of(kPractice).size(), entries) << attempt;
    }
    EXPECT_EQ(passed, possible);
}

std::string stage_name(const testing::TestParamInfo<Stage>& stage) {
    std::string name = stage.param.name;
    std::erase(name, ',');
    std::ranges::replace(name, ' ', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Admission, EveryStage, testing::ValuesIn(kStages), stage_name);

TEST(AdmissionStart, NothingButACallOpensAThread) {
    EngineBench bench;
    for (const std::string& attempt : every_attempt()) {
        AdmissionCase thread(bench);
        const Spoken spoken = parse(attempt);
        const ErrorCode code = code_of(thread.act(spoken.side, spoken.act, spoken.to));
        const bool opens = attempt.starts_with("call");
        EXPECT_EQ(code, opens ? ErrorCode::ok : ErrorCode::unknown_thread) << attempt;
    }
}

TEST_F(Admission, IdentityIsReleasedToTheChosenWardAloneAndOnlyThen) {
    does(kOpener, "call");
    const Bytes dossier = thread.make(kOpener, "deposit");
    ASSERT_EQ(code_of(thread.send(kOpener, dossier)), ErrorCode::ok);
    for (const int side : {kGeri, kCardio}) bench.attach(ward(side), AdmissionCase::mailbox(side));
    does(kGeri, "offer");
    does(kCardio, "offer");
    const Digest digest = Envelope::parse(dossier).value().digest();
    const auto got_dossier = [&](int side) {
        return std::ranges::any_of(bench.take_deliveries(ward(side)), [&](const auto& delivery) {
            const auto* entry = entry_of<EnvelopeEntry>(delivery);
            return entry != nullptr && header_digest(entry->header.bytes) == digest &&
                   entry->box.position == side + 1;
        });
    };
    EXPECT_FALSE(got_dossier(kGeri));
    EXPECT_FALSE(got_dossier(kCardio));
    does(kOpener, "choose", kCardio);
    EXPECT_TRUE(got_dossier(kCardio));
    EXPECT_FALSE(got_dossier(kGeri));
    EXPECT_EQ(bench.count_leaves(Event::released), 1u);
    Query held = bench.sqlite().database().query("SELECT count(*) FROM held");
    ASSERT_TRUE(held.row().value());
    EXPECT_EQ(held.integer(0), 1) << "the other ward's box, and not the one handed over";
    for (const LogRecord& record : bench.log_of(kGeriatrics)) {
        const auto* ref = std::get_if<EnvelopeRef>(&record);
        if (ref == nullptr) continue;
        const auto stored = bench.sqlite().envelope(ref->number).value();
        EXPECT_NE(Envelope::parse(stored.bytes).value().digest(), digest);
    }
}

TEST_F(Admission, TheOthersAreWithdrawnAndShownTheChoice) {
    for (const char* act : {"call", "deposit"}) does(kOpener, act);
    does(kGeri, "offer");
    does(kCardio, "offer");
    const Header choice = thread.make_header(kOpener, "choose", kGeri);
    ASSERT_EQ(refused(kOpener, choice), ErrorCode::ok);
    const auto withdrawn = bench.notices_of(kCardiology, NoticeKind::withdrawn);
    ASSERT_EQ(withdrawn.size(), 1u);
    ASSERT_TRUE(withdrawn[0].act.has_value());
    EXPECT_EQ(header_digest(withdrawn[0].act->bytes), header_digest(encode_header(choice)));
    EXPECT_TRUE(bench.notices_of(kGeriatrics, NoticeKind::withdrawn).empty());
}

TEST_F(Admission, WhoWasTooLateIsShownTheActThatWon) {
    does(kOpener, "call");
    Header cancel = thread.make_header(kOpener, "cancel");
    ASSERT_EQ(refused(kOpener, cancel), ErrorCode::ok);
    const wire::Body late = thread.act(kGeri, "offer");
    ASSERT_EQ(code_of(late), ErrorCode::conflict);
    const auto& winning = std::get<wire::Refusal>(late).winning;
    ASSERT_TRUE(winning.has_value());
    EXPECT_EQ(header_digest(winning->bytes), header_digest(encode_header(cancel)));
    Header informed = thread.make_header(kGeri, "offer");
    informed.answers = header_digest(encode_header(cancel));
    EXPECT_EQ(refused(kGeri, informed), ErrorCode::act_refused) << "it had seen it";
}

// It is no conflict that somebody acted: their act must have taken the place.
TEST_F(Admission, WhatHadNoPlaceBeforeIsRefusedForItsState) {
    does(kOpener, "call");
    EXPECT_EQ(refused(kGeri, "admitted"), ErrorCode::act_refused) << "the call is no rival";
    does(kCardio, "offer");
    EXPECT_EQ(refused(kGeri, "admitted"), ErrorCode::act_refused) << "nor is another's offer";
    does(kGeri, "decline");
    const wire::Body again = thread.act(kGeri, "offer");
    EXPECT_EQ(code_of(again), ErrorCode::act_refused) << "it declined itself";
    EXPECT_FALSE(std::get<wire::Refusal>(again).winning.has_value());
    bench.idle(std::chrono::hours(24 * 15));
    EXPECT_EQ(refused(kOpener, "choose", kCardio), ErrorCode::act_refused) << "a clock ended it";
}

TEST_F(Admission, AnActIsOvertakenByAnotherPersonOfTheSameMailboxToo) {
    for (const char* act : {"call", "deposit"}) does(kOpener, act);
    does(kGeri, "offer");
    does(kCardio, "offer");
    does(kOpener, "choose", kGeri);
    Header other = thread.make_header(kOpener, "cancel");
    does(kGeri, "admitted");
    EXPECT_EQ(refused(kOpener, other), ErrorCode::conflict) << "it came before the cancellation";
    EXPECT_EQ(refused(kCardio, "offer"), ErrorCode::act_refused) << "what came after is not for it";
    Header by_nurse = thread.make_header(kGeri, "no-show");
    by_nurse.by = bench.territory.nurse.id;
    EXPECT_EQ(code_of(bench.ask(ward(kGeri),
                                wire::Submit{bench.envelope(by_nurse, bench.territory.nurse)})),
              ErrorCode::conflict)
        << "a colleague confirmed the admission";
    EXPECT_EQ(refused(kGeri, "no-show"), ErrorCode::act_refused) << "who did so knows it";
}

TEST_F(Admission, AChoiceIsOvertakenByTheWardThatTakesItsOfferBack) {
    does(kOpener, "call");
    does(kGeri, "receive");
    EXPECT_EQ(refused(kOpener, "choose", kGeri), ErrorCode::act_refused) << "it offered nothing";
    does(kGeri, "offer");
    does(kGeri, "decline");
    EXPECT_EQ(refused(kOpener, "choose", kGeri), ErrorCode::conflict);
    EXPECT_EQ(refused(kOpener, "choose", kCardio), ErrorCode::act_refused) << "about another ward";
}

TEST_F(Admission, OfTwoOffersInOneStepTheFirstHolds) {
    does(kOpener, "call");
    bench.step(together(thread.input(kCardio, thread.make(kCardio, "offer")),
                        thread.input(kGeri, thread.make(kGeri, "offer"))));
    EXPECT_EQ(thread.state_of(kCardio), "held");
    EXPECT_EQ(thread.state_of(kGeri), "standby");
    const auto told = bench.notices_of(kGeriatrics, NoticeKind::placed);
    ASSERT_EQ(told.size(), 1u) << "it does not see the other offer";
    EXPECT_EQ(told[0].state, "standby");
    EXPECT_EQ(told[0].mailbox, kGeriatrics);
    EXPECT_TRUE(bench.notices_of(kCardiology, NoticeKind::placed).empty());
}

TEST_F(Admission, EveryPartyIsToldOfTheEndOnce) {
    does(kOpener, "call");
    does(kGeri, "offer");
    does(kOpener, "choose", kGeri);
    does(kGeri, "no-show");
    EXPECT_EQ(bench.count_leaves(Event::thread_ended), 1u);
    EXPECT_EQ(bench.notices_of(kCardiology, NoticeKind::ended).size(), 1u);
    EXPECT_TRUE(bench.notices_of(kPractice, NoticeKind::ended).empty()) << "it got the act itself";
    EXPECT_TRUE(bench.notices_of(kGeriatrics, NoticeKind::ended).empty()) << "it made the act";
}

// What is sealed to a fallback waits for a clock; a ward that is a party already would wait for
// ever.
TEST_F(Admission, NobodyIsAFallbackOfAnActThatHasNone) {
    does(kOpener, "call");
    Header cancel = thread.make_header(kOpener, "cancel");
    for (Recipient& recipient : cancel.to) recipient.standing = Standing::fallback;
    EXPECT_EQ(refused(kOpener, cancel), ErrorCode::recipient_refused);
    EXPECT_EQ(thread.state(), "called");
    does(kOpener, "cancel");
    EXPECT_EQ(bench.log_of(kGeriatrics).size(), 2u) << "and they have it";
}

// ---- a party whose part is over

// It has the act that was preferred to it. Who does what of the case from then on, and when, is not
// for it.
TEST_F(Admission, AWithdrawnWardGetsNothingThatIsSignedLater) {
    does(kOpener, "call");
    does(kGeri, "offer");
    does(kOpener, "choose", kGeri);
    const auto withdrawn = bench.notices_of(kCardiology, NoticeKind::withdrawn);
    ASSERT_EQ(withdrawn.size(), 1u);
    ASSERT_TRUE(withdrawn[0].act);
    const auto winning = [&] {
        const wire::Body body = thread.act(kCardio, "offer");
        const auto& refusal = std::get<wire::Refusal>(body);
        EXPECT_EQ(refusal.code, refusal.winning ? ErrorCode::conflict : ErrorCode::act_refused);
        return refusal.winning;
    };
    const auto overtaken = winning();
    ASSERT_TRUE(overtaken) << "by the choice";
    EXPECT_EQ(overtaken->bytes, withdrawn[0].act->bytes);
    bench.pass(kHour);
    does(kGeri, "admitted");
    EXPECT_FALSE(winning());
    bench.pass(kDay);
    does(kGeri, "discharged");
    EXPECT_FALSE(winning());
    does(kOpener, "close", kGeri);
    EXPECT_FALSE(winning());
    ASSERT_TRUE(thread.over());
    const auto ended = bench.notices_of(kCardiology, NoticeKind::ended);
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_FALSE(ended[0].act);
    EXPECT_EQ(ended[0].state, "closed");
}

// ---- a party that is there no more

TEST_F(Admission, WhatGoesToEveryPartyGoesToThoseThatAreLeftWhereAUnitWasRevoked) {
    does(kOpener, "call");
    bench.territory.revoke(bench.territory.cardiology);
    bench.publish_directory();
    EXPECT_EQ(refused(kOpener, "cancel"), ErrorCode::unknown_recipient);
    Header none = thread.make_header(kOpener, "cancel");
    none.to.clear();
    EXPECT_EQ(refused(kOpener, none), ErrorCode::recipient_refused) << "geriatrics is there";
    Header left = thread.make_header(kOpener, "cancel");
    left.to.pop_back();
    EXPECT_EQ(refused(kOpener, left), ErrorCode::ok);
    EXPECT_EQ(thread.state(), "cancelled");
}

TEST_F(Admission, WhatGoesToEveryPartyMayBeSaidWhereAllAreSuspendedAndToAllOnceTheyAreNot) {
    does(kOpener, "call");
    AdmissionCase other = thread.sibling();
    ASSERT_EQ(code_of(other.act(kOpener, "call")), ErrorCode::ok);
    bench.territory.suspend(bench.territory.hospital);
    bench.publish_directory();
    EXPECT_EQ(refused(kOpener, "cancel"), ErrorCode::suspended);
    Header left = thread.make_header(kOpener, "cancel");
    left.to.clear();
    EXPECT_EQ(refused(kOpener, left), ErrorCode::ok);
    EXPECT_EQ(thread.state(), "cancelled");
    Header before = other.make_header(kOpener, "cancel");
    before.to.clear();
    bench.territory.suspend(bench.territory.hospital, false);
    bench.publish_directory();
    EXPECT_EQ(code_of(other.send(kOpener, other.seal(kOpener, before))),
              ErrorCode::recipient_refused)
        << "they are back: it goes to them";
    EXPECT_EQ(code_of(other.act(kOpener, "cancel")), ErrorCode::ok);
}

}  // namespace
}  // namespace relais::broker
