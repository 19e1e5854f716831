// Absences: what a delegate gets, from when on, and what its acts do to the party that is away.
#include "tests/support/kinds.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

using test::KindBuilder;
using test::states;

// As test::least_kind(), its answer possible for a month; act 2 `add` of the opener, to parties.
KindBuilder delegating() {
    KindBuilder kind = test::least_kind();
    kind.bundle.clocks[0]->seconds = kind.bundle.clocks[0]->max_s = 30 * 24 * 3600;
    const int add = kind.add_act("add", fb::Side::opener, fb::Recipients::parties);
    kind.on_act(add, states({0}), test::kAnyParty, {}, {});
    return kind;
}

std::shared_ptr<test::SmallTerritory> with_delegating() {
    auto made =
        std::make_shared<test::SmallTerritory>(std::vector<std::string>{"admission", "essai"});
    made->publish_kind(made->cpts, "admission", 1, test::bed_request().load().value().digest);
    made->publish_kind(made->cpts, "essai", 1, delegating().load().value().digest);
    return made;
}

class AbsenceTest : public testing::Test {
protected:
    AbsenceTest() {
        for (const Bytes& bundle : {test::bed_request().bytes(), delegating().bytes()}) {
            bench.step(together(bench.operator_input(wire::PublishBundle{bundle})));
        }
        bench.publish_directory();
        practice = bench.connect(bench.territory.practice_station);
        geriatrics = bench.connect(bench.territory.geriatrics_station);
        cardiology = bench.connect(bench.territory.cardiology_station);
    }

    // Geriatrics is away from and until so long after now, cardiology in its place.
    void declare(std::vector<std::pair<Milliseconds, Milliseconds>> periods) {
        directory::Absence absence{bench.territory.geriatrics.unit.name};
        for (const auto& [from, until] : periods) {
            absence.periods.push_back({bench.now.wall + from, bench.now.wall + until,
                                       bench.territory.cardiology.mailbox});
        }
        bench.territory.append("ch-valmont", *bench.territory.hospital.authority, absence);
        bench.publish_directory();
    }
    // An act of the practice to geriatrics, cardiology as its delegate.
    Header to_geriatrics(const KindBuilder& kind, const std::string& act,
                         std::optional<ThreadId> in = {}) {
        Header header = bench.header(practice, {.to = {kGeriatrics, kCardiology},
                                                .act = act,
                                                .kind = kind.load().value().digest,
                                                .by = bench.territory.doctor.id,
                                                .thread = in});
        header.to[1].standing = Standing::delegate;
        header.to[1].in_place_of = 1;
        return header;
    }
    ErrorCode send(SessionId session, const Header& header, const test::TestPerson& person,
                   Release release = Release::at_once) {
        return code_of(bench.ask(session, wire::Submit{bench.envelope(header, person, release)}));
    }
    ErrorCode ask(const Header& header) { return send(practice, header, bench.territory.doctor); }
    ErrorCode by(SessionId session, const char* from, const test::TestPerson& person,
                 const std::string& act, const Header& asked) {
        Header header = bench.header(session, {.from = from,
                                               .to = {kPractice},
                                               .act = act,
                                               .kind = asked.kind,
                                               .by = person.id,
                                               .thread = asked.thread});
        if (act == "offer") header.publics = {{2, 1}};
        return send(session, header, person);
    }
    ErrorCode delegate_does(const std::string& act, const Header& asked) {
        return by(cardiology, kCardiology, bench.territory.cardiologist, act, asked);
    }
    std::size_t envelopes_in(const char* mailbox) {
        return static_cast<std::size_t>(std::ranges::count_if(
            bench.log_of(mailbox),
            [](const LogRecord& record) { return std::holds_alternative<EnvelopeRef>(record); }));
    }
    workflow::StateIndex state_of(const Header& asked) {
        return bench.sqlite().thread(asked.thread).value()->thread.state;
    }

    EngineBench bench{{.settled = false, .territory = with_delegating()}};
    SessionId practice = 0;
    SessionId geriatrics = 0;
    SessionId cardiology = 0;
};

TEST_F(AbsenceTest, WhileAPartyIsAwayItsDelegateHasItAtOnceAndAnswersInItsPlace) {
    declare({{-kHour, 24 * kHour}});
    const Header asked = to_geriatrics(delegating(), "ask");
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kGeriatrics), 1u) << "its own box is its own, away or not";
    EXPECT_EQ(envelopes_in(kCardiology), 1u);
    const auto leaves = bench.leaves();
    const auto released = std::ranges::find(leaves, Event::released, &Leaf::event);
    ASSERT_NE(released, leaves.end());
    EXPECT_EQ(released->mailbox, kCardiology);
    EXPECT_EQ(released->subject, kGeriatrics) << "in whose place";
    const auto told = bench.notices_of(kPractice, NoticeKind::delegated);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].mailbox, kGeriatrics);
    EXPECT_EQ(delegate_does("answer", asked), ErrorCode::ok);
    EXPECT_EQ(state_of(asked), 1) << "answered";
    const auto placed = bench.notices_of(kGeriatrics, NoticeKind::placed);
    ASSERT_EQ(placed.size(), 1u) << "the party hears what was done in its place";
    EXPECT_EQ(placed[0].mailbox, kGeriatrics);
    EXPECT_EQ(bench.notices_of(kGeriatrics, NoticeKind::ended).size(), 1u);
}

TEST_F(AbsenceTest, BeforeItBeginsTheDelegateHasNothingAndMayDoNothing) {
    declare({{2 * kHour, 4 * kHour}});
    const Header asked = to_geriatrics(delegating(), "ask");
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    EXPECT_TRUE(bench.log_of(kCardiology).empty());
    EXPECT_EQ(delegate_does("answer", asked), ErrorCode::recipient_refused);
    bench.idle(2 * kHour - Milliseconds(1));
    EXPECT_TRUE(bench.log_of(kCardiology).empty());
    bench.idle(Milliseconds(1));
    EXPECT_EQ(envelopes_in(kCardiology), 1u);
    EXPECT_EQ(delegate_does("answer", asked), ErrorCode::ok);
}

TEST_F(AbsenceTest, AfterItsEndNothingMoreIsHandedOver) {
    declare({{kHour, 2 * kHour}});
    bench.idle(2 * kHour);
    ASSERT_EQ(ask(to_geriatrics(delegating(), "ask")), ErrorCode::ok);
    bench.idle(100 * kHour);
    EXPECT_TRUE(bench.log_of(kCardiology).empty());
}

TEST_F(AbsenceTest, ThatIsTakenBackBeforeItBeginsCallsNobodyIn) {
    declare({{2 * kHour, 4 * kHour}});
    ASSERT_EQ(ask(to_geriatrics(delegating(), "ask")), ErrorCode::ok);
    declare({});
    bench.idle(3 * kHour);
    EXPECT_TRUE(bench.log_of(kCardiology).empty());
    declare({{Milliseconds(0), kHour}});
    bench.idle(Milliseconds(1));
    EXPECT_EQ(envelopes_in(kCardiology), 1u) << "one that is declared to begin at once";
}

TEST_F(AbsenceTest, OnlyADelegateThatThePartyNamedStandsInForIt) {
    const DirectoryHead before = bench.directory_head();
    const Header unnamed = to_geriatrics(delegating(), "ask");
    EXPECT_EQ(ask(unnamed), ErrorCode::recipient_refused);
    declare({{-kHour, 24 * kHour}});
    Header turned = to_geriatrics(delegating(), "ask");
    std::swap(turned.to[0].mailbox, turned.to[1].mailbox);
    std::swap(turned.to[0].counter, turned.to[1].counter);
    EXPECT_EQ(ask(turned), ErrorCode::recipient_refused) << "cardiology is not away";
    Header early = to_geriatrics(delegating(), "ask");
    early.head = before;
    EXPECT_EQ(ask(early), ErrorCode::recipient_refused) << "not named yet at the sender's head";
}

TEST_F(AbsenceTest, WhoWasCalledInGetsWhatFollowsAndMustBeAmongThoseAddressed) {
    declare({{-kHour, 2 * kHour}});
    const Header asked = to_geriatrics(delegating(), "ask");
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    bench.idle(10 * kHour);
    ASSERT_EQ(ask(to_geriatrics(delegating(), "add", asked.thread)), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kCardiology), 2u) << "the case stays its own after the absence";
    Header without = to_geriatrics(delegating(), "add", asked.thread);
    without.to.pop_back();
    EXPECT_EQ(ask(without), ErrorCode::delegate_missing);
}

TEST_F(AbsenceTest, TheIdentityReachesADelegateOnlyOnceItsPartyIsChosen) {
    declare({{-kHour, 24 * kHour}});
    Header call = to_geriatrics(test::bed_request(), "call");
    call.publics = {{1, 2}};
    ASSERT_EQ(ask(call), ErrorCode::ok);
    const Header deposit = to_geriatrics(test::bed_request(), "deposit", call.thread);
    ASSERT_EQ(send(practice, deposit, bench.territory.doctor, Release::chosen), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kCardiology), 1u) << "the call alone";
    EXPECT_EQ(delegate_does("offer", call), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kCardiology), 2u) << "and its own offer";
    ASSERT_EQ(ask(to_geriatrics(test::bed_request(), "choose", call.thread)), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kCardiology), 4u) << "the choice, and what it released";
    EXPECT_EQ(envelopes_in(kGeriatrics), 3u) << "call, deposit and choice";
}

TEST_F(AbsenceTest, WhatWasReleasedToThePartyWaitsForTheAbsenceAlone) {
    declare({{2 * kHour, 24 * kHour}});
    Header call = to_geriatrics(test::bed_request(), "call");
    call.publics = {{1, 2}};
    ASSERT_EQ(ask(call), ErrorCode::ok);
    const Header deposit = to_geriatrics(test::bed_request(), "deposit", call.thread);
    ASSERT_EQ(send(practice, deposit, bench.territory.doctor, Release::chosen), ErrorCode::ok);
    ASSERT_EQ(by(geriatrics, kGeriatrics, bench.territory.geriatrician, "offer", call),
              ErrorCode::ok);
    ASSERT_EQ(ask(to_geriatrics(test::bed_request(), "choose", call.thread)), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kGeriatrics), 4u);
    EXPECT_TRUE(bench.log_of(kCardiology).empty());
    bench.restart();
    bench.idle(2 * kHour);
    EXPECT_EQ(envelopes_in(kCardiology), 3u) << "call, deposit and choice";
}

TEST_F(AbsenceTest, ACaseThatIsOverIsNotHandedOnButForWhatCameMeanwhile) {
    declare({{2 * kHour, 24 * kHour}});
    const Header asked = to_geriatrics(delegating(), "ask");
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    ASSERT_EQ(by(geriatrics, kGeriatrics, bench.territory.geriatrician, "answer", asked),
              ErrorCode::ok);
    bench.idle(3 * kHour);
    EXPECT_TRUE(bench.log_of(kCardiology).empty());
}

TEST_F(AbsenceTest, WhileTheClockIsSuspectNobodyIsCalledIn) {
    declare({{2 * kHour, 24 * kHour}});
    ASSERT_EQ(ask(to_geriatrics(delegating(), "ask")), ErrorCode::ok);
    bench.step_wall_clock(3 * kHour);
    bench.step();
    EXPECT_TRUE(bench.log_of(kCardiology).empty()) << "by a wall clock that leapt";
    bench.ask_as_operator(wire::Administer{.command = wire::Command::trust_clock});
    bench.idle(Milliseconds(1));
    EXPECT_EQ(envelopes_in(kCardiology), 1u);
}

TEST_F(AbsenceTest, WhoWasCalledInGoesOnGettingWhatComesWhileTheClockIsSuspect) {
    declare({{2 * kHour, 24 * kHour}});
    const Header asked = to_geriatrics(delegating(), "ask");
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    bench.idle(3 * kHour);
    ASSERT_EQ(envelopes_in(kCardiology), 1u);
    bench.step_wall_clock(3 * kHour);
    bench.step();
    ASSERT_TRUE(bench.engine().clock_suspect());
    ASSERT_EQ(ask(to_geriatrics(delegating(), "add", asked.thread)), ErrorCode::ok);
    EXPECT_EQ(envelopes_in(kCardiology), 2u) << "no date is asked for";
}

TEST_F(AbsenceTest, WhatAStepThatIsUndoneHandedOverIsHandedOverByTheNext) {
    declare({{2 * kHour, 24 * kHour}});
    for (int i = 0; i < 3; ++i) ASSERT_EQ(ask(to_geriatrics(delegating(), "ask")), ErrorCode::ok);
    bench.pass(2 * kHour);
    bench.store().fail_commits(ErrorCode::storage_full);
    bench.step();
    bench.settle();
    EXPECT_EQ(envelopes_in(kCardiology), 3u);
    EXPECT_EQ(bench.count_leaves(Event::released), 3u);
}

TEST_F(AbsenceTest, ManyCasesAreHandedOverAFewAtATimeAndEachOnce) {
    declare({{2 * kHour, 24 * kHour}});
    for (int i = 0; i < 150; ++i) ASSERT_EQ(ask(to_geriatrics(delegating(), "ask")), ErrorCode::ok);
    bench.pass(2 * kHour);
    bench.step();
    EXPECT_LT(envelopes_in(kCardiology), 150u);
    bench.idle(Milliseconds(1));
    EXPECT_EQ(envelopes_in(kCardiology), 150u);
    EXPECT_EQ(bench.notices_of(kPractice, NoticeKind::delegated).size(), 150u);
}

TEST_F(AbsenceTest, TheDelegateIsRungInThePlaceOfTheParty) {
    bench.declare_rings(bench.territory.geriatrics,
                        {{directory::RingWay::email, "geriatrie@exemple.test"}});
    bench.declare_rings(bench.territory.cardiology,
                        {{directory::RingWay::email, "cardiologie@exemple.test"}});
    declare({{2 * kHour, 24 * kHour}});
    ASSERT_EQ(ask(to_geriatrics(delegating(), "ask")), ErrorCode::ok);
    bench.idle(Milliseconds(1));
    ASSERT_EQ(bench.rings.size(), 1u);
    EXPECT_EQ(bench.rings[0].mailbox.text(), kGeriatrics);
    bench.answer_rings();
    bench.idle(2 * kHour);
    ASSERT_EQ(bench.rings.size(), 1u);
    EXPECT_EQ(bench.rings[0].mailbox.text(), kCardiology);
}

TEST_F(AbsenceTest, AThreadAndItsDelegateAreReadBackAsTheyWere) {
    declare({{-kHour, 24 * kHour}});
    const Header asked = to_geriatrics(delegating(), "ask");
    ASSERT_EQ(ask(asked), ErrorCode::ok);
    bench.restart();
    const auto stored = bench.sqlite().thread(asked.thread).value();
    ASSERT_EQ(stored->thread.parties.size(), 1u) << "a delegate is no party of its own";
    EXPECT_EQ(stored->thread.parties[0].delegate->text(), kCardiology);
    EXPECT_TRUE(stored->thread.parties[0].delegated);
}

}  // namespace
}  // namespace relais::broker
