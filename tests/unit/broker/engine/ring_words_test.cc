// What a ring says of a case, whatever its kind: how pressing the request is, in the words of its
// kind, and the time until which somebody has to do something, if there is one.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/engine/course_player.h"
#include "tests/support/printers.h"

namespace relais::broker {
namespace {

using std::chrono::minutes;

class RingWords : public testing::Test {
protected:
    // To whom receiver 0 of a course is: the first unit of a house, which has one that stands in.
    [[nodiscard]] Address first_of(const std::string& kind) const {
        return cast.receivers(kind_named(kind)).front();
    }
    [[nodiscard]] Address stand_in(const Address& mailbox) {
        return cast.house_of(mailbox).units.back().mailbox;
    }
    // It is rung after a minute, and nobody stands in for it any more.
    void declare(const Address& mailbox) {
        const auto& units = cast.house_of(mailbox).units;
        bench.declare_rings(*std::ranges::find(units, mailbox, &test::TestUnit::mailbox),
                            {{directory::RingWay::email, "garde@maison.test", minutes(1),
                              directory::RingHours::always}});
    }
    void play(const std::string& kind, const std::string& line) {
        player.play(kind_named(kind), {line});
    }
    // What is rung within that time, each call answered; one is expected.
    Ring rung_within(Milliseconds time) {
        bench.idle(time);
        const auto rings = bench.answer_rings();
        EXPECT_EQ(rings.size(), 1u);
        if (rings.empty()) throw std::runtime_error("nobody was rung");
        return rings.front();
    }
    [[nodiscard]] std::optional<WallTime> in(Milliseconds time) const {
        return bench.now.wall + time;
    }

    EngineBench bench;
    EveryKind cast{bench, {}, 1};
    CoursePlayer player{bench, cast};
};

TEST_F(RingWords, APatientWhoWaitsIsSaidToWaitWhicheverClockThatIs) {
    declare(first_of("advice"));
    play("advice", "open question urgency=waiting to 0 => asked");
    const Ring ring = rung_within(minutes(1));
    EXPECT_EQ(ring.urgency, "Patient présent : 10 minutes");
    EXPECT_EQ(ring.deadline, in(minutes(9)));
}

TEST_F(RingWords, WhoIsCalledInIsToldTheUrgencyAndNoDeadlineThatIsOnlyTheEndOfTheCase) {
    for (const auto& [kind, open, urgency] :
         {std::tuple{"advice", "open question urgency=waiting to 0 => asked",
                     "Patient présent : 10 minutes"},
          std::tuple{"admission", "open call urgency=waiting to 0 => called",
                     "Patient en attente au cabinet"}}) {
        declare(stand_in(first_of(kind)));
        play(kind, open);
        bench.idle(minutes(10));
        const Ring called = rung_within(minutes(1));
        EXPECT_EQ(called.mailbox, stand_in(first_of(kind)));
        EXPECT_EQ(called.urgency, urgency);
        EXPECT_EQ(called.deadline, std::nullopt) << kind;
    }
}

TEST_F(RingWords, WhatIsNoUrgencyIsNotSaidToBeOne) {
    play("admission", "open call urgency=stat to 0 => called");
    declare(player.last->opener);
    play("admission", "0 offer bed=full hold=2h => called 0=held");
    const Ring ring = rung_within(minutes(1));
    EXPECT_EQ(ring.mailbox, player.last->opener);
    EXPECT_EQ(ring.urgency, "");
    EXPECT_EQ(ring.deadline, in(minutes(119)));
}

TEST_F(RingWords, AMessageThatAsksForNothingHasNoDeadline) {
    declare(first_of("note"));
    play("note", "open message to 0");
    EXPECT_EQ(rung_within(minutes(1)).deadline, std::nullopt);
}

}  // namespace
}  // namespace relais::broker
