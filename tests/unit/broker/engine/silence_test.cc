// The daily reconciliation at the broker: what stations state of their days, against what it
// counted, and what the coordinator is told every morning.
#include <functional>

#include "core/base/contexts.h"
#include "core/calendar/days.h"
#include "tests/unit/broker/engine/fixture.h"

namespace relais::broker {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* kCoordinator = "cpts-indre@indre";

class Silence : public EngineTest {
protected:
    Silence() {
        cpts = bench.connect(bench.territory.cpts_station);
        attach_all();
    }

    void attach_all() {
        attach(cpts, kCoordinator);
        attach(practice(), kPractice);
        attach(ward(kGeri), kGeriatrics);
        attach(ward(kCardio), kCardiology);
    }
    void attach(SessionId session, const std::string& mailbox) {
        EXPECT_EQ(code_of(bench.attach(session, mailbox)), ErrorCode::ok);
    }
    void come_back() {
        thread.reconnect();
        cpts = bench.connect(bench.territory.cpts_station);
        attach_all();
    }

    [[nodiscard]] CivilDay today() const { return calendar::day_of(bench.now.wall); }
    void until(CivilDay day, Milliseconds time) {
        bench.idle(calendar::time_of(day, minutes(0)) + time - bench.now.wall);
    }
    // The day is over, and so is the time after it in which it may not be stated yet.
    void day_ends() { until(today() + 1, minutes(15)); }
    void morning_comes() { until(today(), hours(6) + minutes(1)); }

    [[nodiscard]] DayStatement statement(SessionId session, const std::string& mailbox,
                                         CivilDay day, std::uint64_t sent,
                                         std::uint64_t held) const {
        return {bench.station_of(session).id, test::address(mailbox), day, sent, held};
    }
    wire::Body says(SessionId session, const DayStatement& said,
                    std::string_view context = contexts::kDay) {
        const Statement made =
            make_statement(context, encode_day(said), *bench.station_of(session).signing);
        return bench.ask(session, wire::StateDay{encode_statement(made)});
    }
    wire::Body says(SessionId session, const std::string& mailbox, CivilDay day, std::uint64_t sent,
                    std::uint64_t held) {
        return says(session, statement(session, mailbox, day, sent, held));
    }
    // The broker counts alike.
    void agrees(SessionId session, const std::string& mailbox, CivilDay day, std::uint64_t sent,
                std::uint64_t held) {
        const wire::Body body = says(session, mailbox, day, sent, held);
        const auto* counted = std::get_if<wire::DayCounted>(&body);
        ASSERT_NE(counted, nullptr) << error_name(code_of(body));
        EXPECT_EQ(counted->mailbox.text(), mailbox);
        EXPECT_EQ(counted->day, day);
        EXPECT_EQ(counted->sent, sent) << mailbox;
        EXPECT_EQ(counted->held, held) << mailbox;
    }
    void all_state_zero(CivilDay day) {
        agrees(cpts, kCoordinator, day, 0, 0);
        agrees(practice(), kPractice, day, 0, 0);
        agrees(ward(kGeri), kGeriatrics, day, 0, 0);
        agrees(ward(kCardio), kCardiology, day, 0, 0);
    }

    // In the order of their days, whatever their lanes.
    std::vector<Reckoning> reckonings() {
        std::vector<Reckoning> all;
        for (const Notice& notice : bench.notices_of(kCoordinator, NoticeKind::reckoned)) {
            all.push_back(*notice.reckoning);
        }
        std::ranges::sort(all, [](const Reckoning& a, const Reckoning& b) {
            return std::pair(a.last, a.revision) < std::pair(b.last, b.revision);
        });
        return all;
    }
    // "<code> <mailbox> <since, in days before the last> <expected>/<counted>" each.
    static std::string told(const Reckoning& reckoning) {
        std::string text;
        for (const Finding& finding : reckoning.findings) {
            if (!text.empty()) text += ", ";
            text += std::string(finding_name(finding.code)) + " " + finding.mailbox.text() + " " +
                    std::to_string(reckoning.last - finding.since) + " " +
                    std::to_string(finding.expected) + "/" + std::to_string(finding.counted);
        }
        return text;
    }
    // What the last of them found; it ends with yesterday.
    std::string yesterday() {
        const auto all = reckonings();
        if (all.empty()) return "no reckoning";
        EXPECT_EQ(all.back().last, today() + -1);
        return told(all.back());
    }

    SessionId cpts = 0;
};

TEST_F(Silence, ADayWithoutAnyMessageIsStatedAndReckonedAsAllArrived) {
    const CivilDay day = today();
    day_ends();
    all_state_zero(day);
    EXPECT_TRUE(reckonings().empty());
    morning_comes();
    const auto told = reckonings();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].first, day);
    EXPECT_EQ(told[0].last, day);
    EXPECT_EQ(told[0].revision, 0);
    EXPECT_EQ(told[0].mailboxes, 4U);
    EXPECT_EQ(told[0].messages, 0U);
    EXPECT_FALSE(told[0].interrupted);
    EXPECT_TRUE(told[0].findings.empty());
    EXPECT_EQ(bench.log_of(kCoordinator, Lane::routine).size(), 1U);
    EXPECT_EQ(bench.count_leaves(Event::day_stated), 4U);
    EXPECT_EQ(bench.count_leaves(Event::reckoned), 1U);
    bench.idle(hours(12));
    EXPECT_EQ(reckonings().size(), 1U);  // one a day
}

// The trap: letters undelivered for years, unnoticed.
TEST_F(Silence, FortyTwoSentAndFortyTwoHeldAreSaidByBothSides) {
    const CivilDay day = today();
    std::vector<AdmissionCase> cases;
    for (int i = 0; i < 42; ++i) {
        cases.push_back(thread.sibling());
        EXPECT_EQ(code_of(cases.back().act(kOpener, "call")), ErrorCode::ok);
    }
    day_ends();
    agrees(cpts, kCoordinator, day, 0, 0);
    agrees(practice(), kPractice, day, 42, 0);
    agrees(ward(kGeri), kGeriatrics, day, 0, 42);
    agrees(ward(kCardio), kCardiology, day, 0, 42);
    morning_comes();
    EXPECT_EQ(yesterday(), "");
    EXPECT_EQ(reckonings()[0].messages, 84U);
}

TEST_F(Silence, AMessageThatNoStationHoldsIsToldTheNextMorningAsUrgent) {
    const CivilDay day = today();
    does(kOpener, "call");
    const std::size_t before = bench.log_of(kCoordinator, Lane::urgent).size();
    day_ends();
    agrees(practice(), kPractice, day, 1, 0);
    agrees(ward(kCardio), kCardiology, day, 0, 1);
    const wire::Body answer = says(ward(kGeri), kGeriatrics, day, 0, 0);
    EXPECT_EQ(std::get<wire::DayCounted>(answer).held, 1U);  // its station knows at once
    morning_comes();
    EXPECT_EQ(yesterday(), std::string("holds_fewer ") + kGeriatrics + " 0 1/0");
    EXPECT_EQ(bench.log_of(kCoordinator, Lane::urgent).size(), before + 1);
}

TEST_F(Silence, AStationThatCountsOtherThanWasAcceptedFromItIsNamed) {
    const CivilDay day = today();
    does(kOpener, "call");
    day_ends();
    says(practice(), kPractice, day, 5, 0);
    morning_comes();
    EXPECT_EQ(yesterday(), std::string("sent_differs ") + kPractice + " 0 1/5");
}

TEST_F(Silence, AUnitThatIsSwitchedOffIsNamedWithinADay) {
    const CivilDay day = today();
    day_ends();
    all_state_zero(day);
    bench.disconnect(ward(kGeri));  // in the night
    morning_comes();
    EXPECT_EQ(yesterday(), "");
    const CivilDay silent = today();
    day_ends();
    agrees(cpts, kCoordinator, silent, 0, 0);
    agrees(practice(), kPractice, silent, 0, 0);
    agrees(ward(kCardio), kCardiology, silent, 0, 0);
    morning_comes();
    EXPECT_EQ(yesterday(), std::string("not_polling ") + kGeriatrics + " 0 0/0");
}

TEST_F(Silence, WhoHasSaidThatItIsAwayIsNotCalledSilent) {
    bench.territory.append("ch-valmont", *bench.territory.hospital.authority,
                           directory::Absence{bench.territory.geriatrics.unit.name,
                                              {{bench.now.wall, bench.now.wall + hours(4 * 24)}}});
    bench.publish_directory();
    bench.disconnect(ward(kGeri));
    for (int i = 1; i <= 6; ++i) {  // back on the fifth day, it said
        const CivilDay day = today();
        day_ends();
        agrees(cpts, kCoordinator, day, 0, 0);
        agrees(practice(), kPractice, day, 0, 0);
        agrees(ward(kCardio), kCardiology, day, 0, 0);
        morning_comes();
        EXPECT_EQ(yesterday(), i == 6 ? "not_polling geriatrie.ch-valmont@indre 0 0/0" : "") << i;
    }
}

// A practice whose stations read its own mailbox: its units have hours and absences, no mailbox.
TEST_F(Silence, AnOrganisationIsAwayWhereAllOfItsUnitsAre) {
    for (const auto& [unit, days] : {std::pair{"medecins", 4}, {"infirmieres", 2}}) {
        bench.territory.add_unit(bench.territory.practice, unit);
        const directory::AbsencePeriod away{bench.now.wall, bench.now.wall + hours(days * 24)};
        bench.territory.append("cabinet", *bench.territory.practice.authority,
                               directory::Absence{test::name(unit), {away}});
    }
    bench.publish_directory();
    bench.disconnect(practice());
    for (int i = 1; i <= 4; ++i) {
        day_ends();
        agrees(cpts, kCoordinator, today() + -1, 0, 0);
        agrees(ward(kGeri), kGeriatrics, today() + -1, 0, 0);
        agrees(ward(kCardio), kCardiology, today() + -1, 0, 0);
        morning_comes();
        EXPECT_EQ(yesterday(), i == 4 ? "not_polling cabinet@indre 0 0/0" : "") << i;
    }
}

TEST_F(Silence, WhoIsSilentIsNamedEveryDaySinceTheFirstUntilItComesBack) {
    bench.disconnect(ward(kGeri));
    for (int i = 1; i <= 3; ++i) {
        const CivilDay day = today();
        day_ends();
        agrees(cpts, kCoordinator, day, 0, 0);
        agrees(practice(), kPractice, day, 0, 0);
        agrees(ward(kCardio), kCardiology, day, 0, 0);
        morning_comes();
        const std::string silent =
            std::string("not_polling ") + kGeriatrics + " " + std::to_string(i - 2) + " 0/0";
        EXPECT_EQ(yesterday(), i == 1 ? "" : silent);  // it was connected on the first day
    }
    const SessionId back = bench.connect(bench.territory.geriatrics_station);
    attach(back, kGeriatrics);
    const CivilDay first = today() + -3;
    for (CivilDay day = first; day < today(); day = day + 1) agrees(back, kGeriatrics, day, 0, 0);
    const CivilDay day = today();
    day_ends();
    agrees(cpts, kCoordinator, day, 0, 0);
    agrees(practice(), kPractice, day, 0, 0);
    agrees(ward(kCardio), kCardiology, day, 0, 0);
    agrees(back, kGeriatrics, day, 0, 0);
    morning_comes();
    EXPECT_EQ(yesterday(), "");
}

TEST_F(Silence, AUnitThatIsConnectedAndStatesNothingIsNamedOnceItsNextDayIsOver) {
    const CivilDay day = today();
    day_ends();
    agrees(cpts, kCoordinator, day, 0, 0);
    agrees(practice(), kPractice, day, 0, 0);
    agrees(ward(kCardio), kCardiology, day, 0, 0);
    morning_comes();
    EXPECT_EQ(yesterday(), "");  // a station may be off at night
    day_ends();
    all_state_zero(day + 1);  // but not of the day before
    morning_comes();
    EXPECT_EQ(yesterday(), std::string("no_statement ") + kGeriatrics + " 1 0/0");
}

TEST_F(Silence, DaysOnWhichAUnitIsClosedAreDueWithItsNextOpenDay) {
    bench.declare_rings(bench.territory.geriatrics, {},
                        {"", calendar::Holidays::metropole, {{0x1F, 8 * 60, 18 * 60}}});
    const auto all_but_geriatrics = [&](CivilDay day) {
        day_ends();
        agrees(cpts, kCoordinator, day, 0, 0);
        agrees(practice(), kPractice, day, 0, 0);
        agrees(ward(kCardio), kCardiology, day, 0, 0);
        morning_comes();
    };
    const CivilDay monday = today();
    for (CivilDay day = monday; day < monday + 4; day = day + 1) {
        day_ends();
        all_state_zero(day);
        morning_comes();
    }
    bench.idle(hours(10));
    bench.disconnect(ward(kGeri));  // on Friday afternoon, for good
    for (const int after : {4, 5, 6}) {
        all_but_geriatrics(monday + after);
        EXPECT_EQ(yesterday(), "") << after;
    }
    all_but_geriatrics(monday + 7);  // it should have opened
    EXPECT_EQ(yesterday(), std::string("not_polling ") + kGeriatrics + " 0 0/0");
}

TEST_F(Silence, AUnitThatHasStoppedSendingIsNamed) {
    std::vector<AdmissionCase> cases;
    for (int i = 0; i < 6; ++i) {
        const CivilDay day = today();
        cases.push_back(thread.sibling());
        const bool sends = i < 5;
        if (sends) {
            EXPECT_EQ(code_of(cases.back().act(kOpener, "call")), ErrorCode::ok);
            EXPECT_EQ(code_of(cases.back().act(kOpener, "cancel")), ErrorCode::ok);
        }
        day_ends();
        agrees(cpts, kCoordinator, day, 0, 0);
        agrees(practice(), kPractice, day, sends ? 2 : 0, 0);
        agrees(ward(kGeri), kGeriatrics, day, 0, sends ? 2 : 0);
        agrees(ward(kCardio), kCardiology, day, 0, sends ? 2 : 0);
        morning_comes();
        EXPECT_EQ(yesterday(), sends ? "" : std::string("stopped_sending ") + kPractice + " 0 0/0");
    }
}

TEST_F(Silence, AStatementSaidAgainLeavesOneLeafAndOneThatDiffersReplacesIt) {
    const CivilDay day = today();
    does(kOpener, "call");
    day_ends();
    for (int i = 0; i < 3; ++i) agrees(ward(kGeri), kGeriatrics, day, 0, 1);
    EXPECT_EQ(bench.count_leaves(Event::day_stated), 1U);
    says(ward(kGeri), kGeriatrics, day, 0, 0);
    EXPECT_EQ(bench.count_leaves(Event::day_stated), 2U);
    agrees(ward(kGeri), kGeriatrics, day, 0, 1);
    morning_comes();
    EXPECT_EQ(yesterday(), "");
}

TEST_F(Silence, AStationMayNotStateADayOtherwiseForEver) {
    const CivilDay day = today();
    day_ends();
    for (std::uint32_t i = 0; i < limits::kDayStatedMax; ++i) {
        EXPECT_EQ(code_of(says(ward(kGeri), kGeriatrics, day, i, 0)), ErrorCode::ok);
    }
    EXPECT_EQ(code_of(says(ward(kGeri), kGeriatrics, day, 1000, 0)), ErrorCode::quota_reached);
    EXPECT_EQ(code_of(says(ward(kGeri), kGeriatrics, day, limits::kDayStatedMax - 1, 0)),
              ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::day_stated), limits::kDayStatedMax);
}

TEST_F(Silence, ADayIsStatedOnceItIsOverAndNoEarlierThanThoseThatAreCompared) {
    const CivilDay day = today();
    const auto verdict = [&](CivilDay which) {
        return code_of(says(practice(), kPractice, which, 0, 0));
    };
    EXPECT_EQ(verdict(day), ErrorCode::day_not_over);
    EXPECT_EQ(verdict(day + 1), ErrorCode::day_not_over);
    EXPECT_EQ(verdict(day + -1), ErrorCode::wrong_position);
    until(day + 1, minutes(9));
    EXPECT_EQ(verdict(day), ErrorCode::day_not_over);
    until(day + 1, minutes(11));
    EXPECT_EQ(verdict(day), ErrorCode::ok);
    EXPECT_EQ(bench.count_leaves(Event::day_stated), 1U);
}

TEST_F(Silence, AStatementIsOfItsOwnStationsMailboxAndSignedForThat) {
    const CivilDay day = today();
    day_ends();
    EXPECT_EQ(code_of(says(practice(), kGeriatrics, day, 0, 0)), ErrorCode::not_your_mailbox);
    DayStatement others = statement(practice(), kPractice, day, 0, 0);
    others.station = bench.station_of(ward(kGeri)).id;
    EXPECT_EQ(code_of(says(practice(), others)), ErrorCode::forbidden);
    const DayStatement own = statement(practice(), kPractice, day, 0, 0);
    EXPECT_EQ(code_of(says(practice(), own, contexts::kDelivered)), ErrorCode::bad_signature);
    const Statement forged =
        make_statement(contexts::kDay, encode_day(own), *bench.station_of(ward(kGeri)).signing);
    EXPECT_EQ(code_of(bench.ask(practice(), wire::StateDay{encode_statement(forged)})),
              ErrorCode::bad_signature);
    EXPECT_EQ(code_of(bench.ask(practice(), wire::StateDay{{1, 2, 3}})), ErrorCode::malformed);
    EXPECT_EQ(bench.count_leaves(Event::day_stated), 0U);
    const SessionId silent = bench.dial(bench.territory.practice_station);
    EXPECT_EQ(code_of(says(silent, own)), ErrorCode::forbidden);  // before Hello
}

TEST_F(Silence, WhatIsReleasedLaterCountsForTheDayOfItsMessage) {
    until(today(), hours(23) + minutes(59));
    const CivilDay day = today();
    does(kOpener, "call-in-turn");
    until(day + 1, minutes(11));
    agrees(ward(kGeri), kGeriatrics, day, 0, 1);
    agrees(ward(kCardio), kCardiology, day, 0, 0);
    EXPECT_NE(thread.act(kGeri, "decline").index(), wire::Body(wire::Refusal{}).index());
    morning_comes();
    EXPECT_EQ(yesterday(), "");  // it waits for cardiology to say so
    agrees(ward(kCardio), kCardiology, day, 0, 1);
    // Had cardiology stated the next day, and not that one again, it would be missing.
    day_ends();
    says(ward(kCardio), kCardiology, day, 0, 0);
    says(ward(kCardio), kCardiology, day + 1, 0, 0);
    morning_comes();
    EXPECT_NE(yesterday().find(std::string("holds_fewer ") + kCardiology + " 1 1/0"),
              std::string::npos)
        << yesterday();
}

TEST_F(Silence, WhatExpiresUndeliveredStaysAccountedForAndWhatIsErasedDoesNot) {
    const CivilDay day = today();
    const MessageId message = does(kOpener, "call").id;
    day_ends();
    says(ward(kGeri), kGeriatrics, day, 0, 0);
    const wire::Administer order{wire::Command::erase, std::nullopt, message,
                                 wire::ErasureReason::request};
    ASSERT_EQ(code_of(bench.ask_as_operator(order)), ErrorCode::ok);
    agrees(ward(kGeri), kGeriatrics, day, 0, 0);
    AdmissionCase other = thread.sibling();
    Header brief = other.make_header(kOpener, "call");
    brief.expires_after = hours(1);
    ASSERT_EQ(code_of(other.send(kOpener, other.seal(kOpener, brief))), ErrorCode::ok);
    bench.idle(hours(2));
    ASSERT_EQ(bench.notices_of(kPractice, NoticeKind::expired).size(), 2U);
    const CivilDay next = today();
    day_ends();
    const wire::Body answer = says(ward(kGeri), kGeriatrics, next, 0, 0);
    EXPECT_EQ(std::get<wire::DayCounted>(answer).held, 1U);
}

TEST_F(Silence, AReckoningThatACrashInterruptsIsMadeOnce) {
    for (int i = 0; i < 90; ++i) {
        const std::string unit = "unite-" + std::to_string(100 + i);
        bench.territory.add_unit(bench.territory.hospital, unit);
        bench.territory.add_epoch(bench.territory.hospital, unit);
    }
    bench.publish_directory();
    day_ends();
    const Milliseconds left = calendar::time_of(today(), hours(6)) - bench.now.wall;
    bench.idle(left - minutes(1));
    bench.pass(minutes(2));
    bench.step();  // of 94 mailboxes, 64
    EXPECT_TRUE(reckonings().empty());
    bench.restart();
    bench.idle(minutes(5));
    ASSERT_EQ(reckonings().size(), 1U);
    EXPECT_EQ(reckonings()[0].mailboxes, 94U);
    bench.restart();
    bench.idle(hours(1));
    EXPECT_EQ(reckonings().size(), 1U);
    EXPECT_EQ(bench.count_leaves(Event::reckoned), 1U);
}

TEST_F(Silence, AReckoningIsWhollyMadeOrNotAtAllWhateverCallOfTheStoreFails) {
    day_ends();
    all_state_zero(today() + -1);
    const Milliseconds left = calendar::time_of(today(), hours(6)) - bench.now.wall;
    bench.pass(left + minutes(1));
    for (std::uint64_t call = 1;; ++call) {
        bench.store().fail_call(call, ErrorCode::io_failed);
        const Result<void> done = bench.try_step();
        if (!bench.store().fired()) break;
        EXPECT_FALSE(done.ok());
        bench.restart();
        if (!reckonings().empty()) break;
    }
    bench.store().fail_call(0, ErrorCode::ok);
    bench.idle(minutes(1));
    EXPECT_EQ(reckonings().size(), 1U);
}

TEST_F(Silence, WhileTheClockIsSuspectNothingIsStatedNorReckoned) {
    const CivilDay day = today();
    day_ends();
    bench.step_wall_clock(hours(3));
    bench.step();
    ASSERT_TRUE(bench.engine().clock_suspect());
    EXPECT_EQ(code_of(says(practice(), kPractice, day, 0, 0)), ErrorCode::day_not_over);
    bench.idle(hours(12));
    EXPECT_TRUE(reckonings().empty());
    ASSERT_EQ(code_of(bench.ask_as_operator(wire::Administer{wire::Command::trust_clock})),
              ErrorCode::ok);
    bench.idle(minutes(1));
    ASSERT_EQ(reckonings().size(), 1U);
    EXPECT_TRUE(reckonings()[0].interrupted);
    EXPECT_TRUE(reckonings()[0].findings.empty());
}

TEST_F(Silence, DaysOfALongStopOfTheBrokerAreOneReckoningThatBlamesNobody) {
    const CivilDay day = today();
    bench.pass(hours(72));
    bench.restart();
    come_back();
    for (CivilDay each = day; each < day + 3; each = each + 1) all_state_zero(each);
    bench.idle(minutes(1));
    ASSERT_EQ(reckonings().size(), 1U);
    EXPECT_EQ(reckonings()[0].first, day);
    EXPECT_EQ(reckonings()[0].last, day + 2);
    EXPECT_TRUE(reckonings()[0].interrupted);
    EXPECT_TRUE(reckonings()[0].findings.empty());
}

TEST_F(Silence, ALateStatementThatDiffersHasItsDayReckonedAgainWithinTheHour) {
    const CivilDay day = today();
    does(kOpener, "call");
    day_ends();
    agrees(practice(), kPractice, day, 1, 0);
    agrees(ward(kCardio), kCardiology, day, 0, 1);
    morning_comes();
    EXPECT_EQ(yesterday(), "");  // geriatrics is off at night
    says(ward(kGeri), kGeriatrics, day, 0, 0);
    bench.idle(minutes(59));
    EXPECT_EQ(reckonings().size(), 1U);
    bench.idle(minutes(2));
    ASSERT_EQ(reckonings().size(), 2U);
    const auto revised = bench.notices_of(kCoordinator, NoticeKind::reckoned);
    for (const Notice& notice : revised) {
        if (notice.reckoning->revision == 0) continue;
        EXPECT_EQ(notice.reckoning->last, day);
        EXPECT_EQ(told(*notice.reckoning), std::string("holds_fewer ") + kGeriatrics + " 0 1/0");
    }
    says(ward(kCardio), kCardiology, day, 0, 0);
    agrees(ward(kCardio), kCardiology, day, 0, 1);
    bench.idle(hours(3));
    EXPECT_EQ(reckonings().size(), 2U);  // nothing new was found
}

TEST_F(Silence, ABrokerThatDidNotCountBeforeBeginsWithItsFirstWholeDay) {
    const CivilDay day = today();
    ASSERT_TRUE(bench.sqlite()
                    .database()
                    .execute("DELETE FROM value WHERE name IN ('days_from', 'reckoner')")
                    .ok());
    bench.restart();
    come_back();
    day_ends();
    EXPECT_EQ(code_of(says(practice(), kPractice, day, 0, 0)), ErrorCode::wrong_position);
    morning_comes();
    EXPECT_TRUE(reckonings().empty());
    day_ends();
    all_state_zero(day + 1);
    morning_comes();
    ASSERT_EQ(reckonings().size(), 1U);
    EXPECT_EQ(reckonings()[0].first, day + 1);
}

TEST_F(Silence, ARestoredBrokerBeginsWithItsFirstWholeDay) {
    const CivilDay day = today();
    bench.restart(true);
    come_back();
    day_ends();
    EXPECT_EQ(code_of(says(practice(), kPractice, day, 0, 0)), ErrorCode::wrong_position);
    morning_comes();
    EXPECT_TRUE(reckonings().empty());
}

TEST_F(Silence, ASuspendedOrganisationAndAUnitThatIsNoMoreAreNotAskedAbout) {
    bench.territory.suspend(bench.territory.practice);
    bench.territory.revoke(bench.territory.cardiology);
    bench.publish_directory();
    const CivilDay day = today();
    day_ends();
    agrees(cpts, kCoordinator, day, 0, 0);
    agrees(ward(kGeri), kGeriatrics, day, 0, 0);
    until(today() + 1, hours(6) + minutes(1));
    ASSERT_EQ(reckonings().size(), 2U);
    EXPECT_EQ(reckonings()[1].mailboxes, 2U);
}

TEST_F(Silence, WhatIsOlderThanIsKeptIsForgotten) {
    does(kOpener, "call");
    const CivilDay day = today();
    day_ends();
    says(practice(), kPractice, day, 1, 0);
    const auto rows = [&](const char* sql) {
        Query query = bench.sqlite().database().query(sql);
        EXPECT_TRUE(query.bind(day.number).row().ok());
        return query.number(0);
    };
    constexpr const char* kSent = "SELECT COUNT(*) FROM day_sent WHERE day <= ?";
    constexpr const char* kHeld = "SELECT COUNT(*) FROM day_held WHERE day <= ?";
    constexpr const char* kStated = "SELECT COUNT(*) FROM day_stated WHERE day <= ?";
    EXPECT_EQ(rows(kSent), 1U);
    EXPECT_EQ(rows(kHeld), 2U);
    EXPECT_EQ(rows(kStated), 1U);
    until(day + limits::kDaysKept, hours(7));
    EXPECT_EQ(rows(kSent), 1U);
    until(day + limits::kDaysKept + 1, hours(7));
    EXPECT_EQ(rows(kSent), 0U);
    EXPECT_EQ(rows(kHeld), 0U);
    EXPECT_EQ(rows(kStated), 0U);
    EXPECT_EQ(code_of(says(practice(), kPractice, day, 1, 0)), ErrorCode::wrong_position);
}

TEST_F(Silence, TheOperatorSeesTheLastReckoning) {
    const auto silence = [&] {
        const std::string json =
            std::get<wire::Status>(bench.ask_as_operator(wire::AskStatus{})).json;
        return json.substr(json.find("\"silence\""));
    };
    EXPECT_EQ(silence().find("\"posted\""), std::string::npos);
    const CivilDay day = today();
    does(kOpener, "call");
    day_ends();
    says(ward(kGeri), kGeriatrics, day, 0, 0);
    morning_comes();
    EXPECT_NE(silence().find(R"("code":"holds_fewer","mailbox":"geriatrie.ch-valmont@indre")"),
              std::string::npos)
        << silence();
    EXPECT_NE(silence().find("\"last\":\"" + format_day(day) + "\""), std::string::npos);
}

}  // namespace
}  // namespace relais::broker
