// What a station counts of its days, and when it states them.
#include "core/calendar/days.h"
#include "core/base/contexts.h"
#include "core/base/limits.h"
#include "tests/unit/clients/station/sync/sync_fixture.h"

namespace relais::station {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Days : public SyncTest {
protected:
    // Of the statements that were said: their numbers, and what they say, checked.
    std::vector<std::pair<std::uint64_t, DayStatement>> statements() {
        std::vector<std::pair<std::uint64_t, DayStatement>> list;
        for (const auto& [number, state] : said_of<wire::StateDay>()) {
            const Statement statement = parse_statement(state.statement).value();
            EXPECT_TRUE(verify_statement(contexts::kDay, statement, keys_.signing.public_key(),
                                         territory_.verifier())
                            .ok());
            list.emplace_back(number, parse_day(statement.body).value());
            EXPECT_EQ(list.back().second.station, identity_.station);
            EXPECT_EQ(list.back().second.mailbox, ward_);
        }
        return list;
    }
    // Answers each as a broker that counts alike.
    void all_agreed(const std::vector<std::pair<std::uint64_t, DayStatement>>& said) {
        for (const auto& [number, day] : said) {
            hear(number, wire::DayCounted{day.mailbox, day.day, day.sent, day.held});
        }
    }
    void it_is(CivilDay day, Milliseconds time) { sync_.tell_time(calendar::start_of(day) + time); }
    // Accepted at that time of that day.
    wire::Delivery delivered(CivilDay day, Milliseconds time) {
        wire::Delivery delivery = next_delivery();
        std::get<EnvelopeEntry>(delivery.entry).accepted.time = calendar::start_of(day) + time;
        return delivery;
    }
    [[nodiscard]] StoredDay stored_day(CivilDay day) { return store_->day(ward_, day).value(); }

    CivilDay first_ = calendar::day_of(test::kTestTime);  // when it connects first
};

TEST_F(Days, EachDayIsStatedOnceItIsOverThoseWithoutAnyMessageToo) {
    get_ready();
    it_is(first_, hours(23));
    flush();
    EXPECT_TRUE(statements().empty());
    it_is(first_ + 1, minutes(9));
    flush();
    EXPECT_TRUE(statements().empty());
    it_is(first_ + 1, minutes(11));
    flush();
    auto said = statements();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].second.day, first_);
    EXPECT_EQ(said[0].second.sent, 0U);
    EXPECT_EQ(said[0].second.held, 0U);
    all_agreed(said);
    EXPECT_EQ(stored_day(first_).state, DayState::answered);
    flush();
    EXPECT_TRUE(statements().empty());
    it_is(first_ + 3, hours(8));  // after a weekend
    flush();
    said = statements();
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].second.day, first_ + 1);
    EXPECT_EQ(said[1].second.day, first_ + 2);
}

TEST_F(Days, WhoConnectsFirstAfterAWeekendStatesTheDaysSinceItsUnitIsServed) {
    sync_.connected();
    wire::Welcome late = welcome();
    late.time = calendar::start_of(first_ + 3) + hours(8);
    hear(said().at(0).number, late);
    for (const auto& [number, attach] : said_of<wire::Attach>()) {
        hear(number, wire::Attached{incarnation_, {}});
    }
    it_is(first_ + 3, hours(8));
    hear(wire::encode_frame({0, delivered(first_, hours(9))}));
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), 3U);
    for (std::size_t day = 0; day < said.size(); ++day) {
        EXPECT_EQ(said[day].second.day, first_ + static_cast<int>(day));
        EXPECT_EQ(said[day].second.held, day == 0 ? 1U : 0U);
    }
}

TEST_F(Days, AMessageIsOfTheDayOnWhichTheBrokerAcceptedIt) {
    get_ready();
    it_is(first_ + 1, minutes(1));
    hear(wire::encode_frame({0, delivered(first_, hours(23) + minutes(59))}));
    hear(wire::encode_frame({0, delivered(first_, hours(24))}));
    it_is(first_ + 2, hours(1));
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0].second.held, 1U);
    EXPECT_EQ(said[1].second.held, 1U);
}

TEST_F(Days, NoDayIsStatedBeforeWhatTheMailboxHeldIsHere) {
    get_ready();
    sync_.connected();
    hear(said().at(0).number, welcome());
    for (const auto& [number, attach] : said_of<wire::Attach>()) {
        wire::Attached attached{incarnation_, {}};
        attached.lanes[1].last = {2};
        hear(number, attached);
    }
    it_is(first_ + 1, hours(8));
    flush();
    EXPECT_TRUE(statements().empty());
    hear(wire::encode_frame({0, delivered(first_, hours(9))}));
    flush();
    EXPECT_TRUE(statements().empty());
    hear(wire::encode_frame({0, delivered(first_, hours(10))}));
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].second.held, 2U);
}

TEST_F(Days, NoDayIsStatedWhileAnEnvelopeIsUnanswered) {
    get_ready();
    const MessageId message = queue(Bytes(700, 1));
    it_is(first_ + 1, hours(8));
    flush();
    std::uint64_t submit = 0;
    for (const wire::Frame& frame : said()) {
        EXPECT_FALSE(std::holds_alternative<wire::StateDay>(frame.body));
        if (std::holds_alternative<wire::Submit>(frame.body)) submit = frame.number;
    }
    hear(submit, receipt(message));
    flush();
    EXPECT_EQ(statements().size(), 1U);
}

TEST_F(Days, WhatWasSentCountsOnceHoweverOftenItIsAnswered) {
    get_ready();
    const EnvelopeEntry made = make({});
    KeyBox own = made.box;
    own.position = 0;
    const std::vector<KeyBox> boxes = {own, made.box};
    const Bytes envelope = encode_envelope(made.header, made.content, boxes, {});
    ASSERT_TRUE(Envelope::parse(envelope).ok());
    const MessageId message = queue(envelope);
    flush();
    const auto submits = said_of<wire::Submit>();
    ASSERT_EQ(submits.size(), 1U);
    wire::Receipt first = receipt(message);
    first.duplicate = true;  // its first receipt was lost with a connection
    hear(submits[0].first, first);
    EXPECT_EQ(store_->day(practice_, first_).value().sent, 1U);
    store_->offer_again().value();  // a restored broker, which still has it
    sync_.connected();
    hear(said().at(0).number, welcome());
    for (const auto& [number, attach] : said_of<wire::Attach>()) {
        hear(number, wire::Attached{incarnation_, {}});
    }
    flush();
    const auto again = said_of<wire::Submit>();
    ASSERT_EQ(again.size(), 1U);
    hear(again[0].first, first);
    EXPECT_EQ(store_->day(practice_, first_).value().sent, 1U);
}

TEST_F(Days, WhatChangesAStatedDayHasItStatedAgain) {
    get_ready();
    it_is(first_ + 1, hours(1));
    flush();
    all_agreed(statements());
    hear(wire::encode_frame({0, delivered(first_, hours(12))}));  // released in the night
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].second.day, first_);
    EXPECT_EQ(said[0].second.held, 1U);
    hear(said[0].first, wire::DayCounted{ward_, first_, 0, 2});
    EXPECT_EQ(stored_day(first_).counted_held, 2U);  // kept, to be shown
    flush();
    EXPECT_TRUE(statements().empty());
}

TEST_F(Days, TheSameEntryUnderAnotherNumberCountsOnce) {
    get_ready();
    wire::Delivery delivery = delivered(first_, hours(9));
    hear(wire::encode_frame({0, delivery}));
    delivery.seq = {next_seq_++};
    hear(wire::encode_frame({0, delivery}));
    EXPECT_EQ(stored_day(first_).held, 1U);
}

TEST_F(Days, ARefusalForNowIsFollowedByAPauseAndOneForGoodByNothing) {
    get_ready();
    it_is(first_ + 1, hours(1));
    flush(1000);
    auto said = statements();
    ASSERT_EQ(said.size(), 1U);
    hear(said[0].first, wire::Refusal{ErrorCode::day_not_over, Retry::later, "", std::nullopt});
    flush(1000);
    flush(60'000);
    EXPECT_TRUE(statements().empty());
    flush(61'000);
    said = statements();
    ASSERT_EQ(said.size(), 1U);
    hear(said[0].first, wire::Refusal{ErrorCode::wrong_position, Retry::never, "", std::nullopt});
    EXPECT_EQ(stored_day(first_).state, DayState::not_compared);
    flush(200'000);
    EXPECT_TRUE(statements().empty());
}

TEST_F(Days, AfterALongPauseTheLastDaysAreStatedAndNoMore) {
    get_ready();
    it_is(first_ + 100, hours(8));
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), static_cast<std::size_t>(limits::kDaysStatedMax));
    EXPECT_EQ(said.front().second.day, first_ + (100 - limits::kDaysStatedMax));
    EXPECT_EQ(said.back().second.day, first_ + 99);
}

TEST_F(Days, ABreakForgetsWhatWasUnderWayAndStatesItAgain) {
    get_ready();
    it_is(first_ + 1, hours(1));
    flush();
    EXPECT_EQ(statements().size(), 1U);
    get_ready();
    flush();
    EXPECT_EQ(statements().size(), 1U);
}

TEST_F(Days, AnAnswerAboutAnotherDayIsAnAlarm) {
    get_ready();
    it_is(first_ + 1, hours(1));
    flush();
    hear(statements().at(0).first, wire::DayCounted{ward_, first_ + -1, 0, 0});
    EXPECT_EQ(alarm(), ErrorCode::malformed);
}

TEST_F(Days, AfterARestoreOfTheBrokerDaysCountFromTheNextOneOn) {
    get_ready();
    broker_restored();
    get_ready();
    EXPECT_EQ(store_->counted_from(ward_).value(), first_ + 1);
    it_is(first_ + 2, hours(1));
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].second.day, first_ + 1);
}

// As a former version left it.
TEST_F(Days, AStationThatReceivedWithoutCountingCountsFromTheNextDay) {
    get_ready();
    hear(wire::encode_frame({0, delivered(first_, hours(1))}));
    {
        auto database = Database::open(folder_.file("station.db"), {Database::Mode::existing, ""});
        ASSERT_TRUE(database->execute("DELETE FROM day_begun").ok());
    }
    get_ready();
    it_is(first_ + 2, hours(1));
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].second.day, first_ + 1);
}

TEST_F(Days, AMailboxThatOthersServedBeforeCountsFromTheDayOnWhichThisStationServesIt) {
    sync_.connected();
    hear(said().at(0).number, welcome());
    for (const auto& [number, attach] : said_of<wire::Attach>()) {
        wire::Attached attached{incarnation_, {}};
        attached.lanes[1].last = {2};
        hear(number, attached);
    }
    hear(wire::encode_frame({0, delivered(first_ + -1, hours(1))}));
    hear(wire::encode_frame({0, delivered(first_, hours(1))}));
    it_is(first_ + 1, hours(1));
    flush();
    const auto said = statements();
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].second.day, first_);
    EXPECT_EQ(said[0].second.held, 1U);
}

class Reckonings : public Days {
protected:
    Reckonings() {
        get_ready();
        notice_.reckoning = Reckoning{first_ + -1, first_ + -1, 0, 4, 0, {}};
    }
    void hear_signed_by(P256Key& key) {
        const Statement made = make_statement(contexts::kNotice, encode_notice(notice_), key);
        hear(wire::encode_frame({0, wire::Delivery{ward_,
                                                   incarnation_,
                                                   Lane::urgent,
                                                   {next_seq_++},
                                                   NoticeEntry{encode_statement(made)}}}));
    }
    [[nodiscard]] std::size_t found() { return store_->reckonings(10).value().size(); }

    Notice notice_{.kind = NoticeKind::reckoned, .time = test::kTestTime};
};

TEST_F(Reckonings, OneIsFoundAgainWhereTheBrokerSignedIt) {
    hear_signed_by(*territory_.doctor.key);
    EXPECT_EQ(found(), 0U);
    EXPECT_EQ(store_->entries_with(ErrorCode::bad_signature, 10).value().size(), 1U);
    hear_signed_by(*territory_.broker_key());
    ASSERT_EQ(found(), 1U);
    notice_ = {.kind = NoticeKind::ended, .time = test::kTestTime};
    hear_signed_by(*territory_.broker_key());
    EXPECT_EQ(found(), 1U);
}

TEST_F(Reckonings, OneThatCameWhileTheBrokersKeyWasOverIsFoundOnceItIsRenewed) {
    directory::Domain domain = *territory_.state().domain();
    sync_.tell_time(domain.broker_key_until + Milliseconds(1));
    hear_signed_by(*territory_.broker_key());
    EXPECT_EQ(found(), 0U);
    domain.broker_key_until = domain.broker_key_until + Milliseconds(1000);
    const std::size_t before = log_bytes().size();
    territory_.append("", *territory_.authority(), domain);
    hear(
        wire::encode_frame({0, wire::DirectoryEntries{{before}, log_bytes(before), checkpoint()}}));
    EXPECT_EQ(found(), 1U);
}

}  // namespace
}  // namespace relais::station
