// time_test.cc: clocks that lie, on real processes: stepped by hours and days both ways, a machine
// that slept, one that comes back a year later, a station that is hours off. Nothing ends on a
// clock in doubt, deliveries go on, nothing is said twice.
#include <gtest/gtest.h>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"

namespace relais::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// A call whose answer is due within 4 hours, with a reminder at half of that.
class Time : public testing::Test {
protected:
    Time() {
        territory_.broker.set_clocks(hours(1), hours(1));  // so that a reboot can take it back
        admission_.call();
    }
    // Of the delay to answer; what else ends later has its own.
    int notices(Post& post, NoticeKind kind) {
        int count = 0;
        for (const auto& entry : must(post.station().store().entries(0, 10'000))) {
            const auto* notice = std::get_if<NoticeEntry>(&entry.delivery.entry);
            if (notice == nullptr) continue;
            const auto opened = post.station().judge().open_notice(*notice);
            count += opened.ok() && opened->kind == kind && opened->clock == "answer";
        }
        return count;
    }
    int reminders() { return notices(territory_.practice, NoticeKind::reminder); }
    int overdue() { return notices(territory_.practice, NoticeKind::overdue); }
    bool suspect() {
        auto op = territory_.broker.connect();
        return must(op.status())["clock_suspect"].get<bool>();
    }
    // A note reaches the ward: the broker takes, commits and delivers.
    void exchange() {
        admission_.queue(territory_.practice, "", "answer", {"geriatrie"});
        ++sent_;
        territory_.practice.synchronise();
        territory_.geriatrie.synchronise();
        int received = 0;
        for (const auto& entry : must(territory_.geriatrie.station().store().entries(0, 10'000))) {
            const auto* envelope = std::get_if<EnvelopeEntry>(&entry.delivery.entry);
            if (envelope == nullptr) continue;
            EXPECT_EQ(entry.status, ErrorCode::ok);
            received += must(parse_header(envelope->header.bytes)).act == "answer";
        }
        EXPECT_EQ(received, sent_);
    }
    // The machine starts again with these clocks; the time since boot has begun again.
    void reboot(std::chrono::milliseconds wall) {
        territory_.broker.kill();
        territory_.broker.set_clocks(wall, hours(0));
        territory_.broker.start();
    }
    void trust() {
        auto op = territory_.broker.connect();
        must(admin::trust_clock(op, {}));
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    int sent_ = 0;
};

TEST_F(Time, AStepOfTheWallClockEndsNothingAndStopsNothing) {
    for (const hours step : {hours(3), hours(-3), hours(40 * 24), hours(-40 * 24)}) {
        territory_.broker.set_clocks(hours(1) + step, hours(1));
        exchange();
        EXPECT_TRUE(suspect()) << step.count();
        EXPECT_EQ(overdue(), 0);
        territory_.broker.set_clocks(hours(1), hours(1));
        exchange();
        EXPECT_FALSE(suspect()) << "back in step after " << step.count();
    }
    territory_.broker.set_clocks(hours(4), hours(1));
    exchange();
    EXPECT_TRUE(suspect());
    territory_.broker.restart_after_kill();
    EXPECT_TRUE(suspect()) << "doubts survive a restart";
    trust();
    EXPECT_FALSE(suspect());
    EXPECT_EQ(overdue(), 0) << "the delay did not move with the wall clock";
    EXPECT_EQ(reminders(), 0);
    ASSERT_NE(territory_.broker.log().find("clock_suspect"), std::string::npos);
}

TEST_F(Time, AReminderIsSaidOnceAndAnEndWaitsUntilTheClockIsRight) {
    territory_.broker.set_clocks(hours(24), hours(3) + minutes(5));  // half is over; the wall lies
    territory_.practice.until([&] { return reminders() > 0; });
    EXPECT_TRUE(suspect());
    territory_.broker.set_clocks(hours(24), hours(6));  // the end is over too
    exchange();
    territory_.broker.restart_after_kill();
    exchange();
    EXPECT_TRUE(suspect());
    EXPECT_EQ(overdue(), 0);
    EXPECT_EQ(reminders(), 1);
    territory_.broker.set_clocks(hours(6), hours(6));
    territory_.practice.until([&] { return overdue() > 0; });
    exchange();
    territory_.broker.restart_after_kill();
    exchange();
    EXPECT_FALSE(suspect());
    EXPECT_EQ(overdue(), 1);
    EXPECT_EQ(reminders(), 1);
}

TEST_F(Time, AMachineThatSleptGoesOnWithWhatFellDue) {
    territory_.broker.set_clocks(hours(9), hours(9));  // wall and boot clock count sleep alike
    territory_.practice.until([&] { return overdue() > 0; });
    exchange();
    EXPECT_FALSE(suspect());
    EXPECT_EQ(overdue(), 1);
    EXPECT_EQ(reminders(), 1) << "what fell due while it slept is said, once";
    // Acts came before it (the record was deposited, a note sent) and one after it.
    EXPECT_EQ(admission_.view(territory_.practice).state_label, "Sans réponse favorable");
}

TEST_F(Time, ALeapOfMonthsAcrossARebootEndsNothingUntilItIsTrusted) {
    reboot(hours(300 * 24));  // the key of the broker, of a year, is not over
    exchange();
    EXPECT_TRUE(suspect());
    EXPECT_EQ(overdue(), 0);
    territory_.broker.restart_after_kill();
    exchange();
    EXPECT_TRUE(suspect());
    trust();
    territory_.practice.until([&] { return overdue() > 0; });
    territory_.practice.synchronise();
    EXPECT_FALSE(suspect());
    EXPECT_EQ(overdue(), 1);
    EXPECT_EQ(reminders(), 1);
    territory_.broker.restart_after_kill();
    territory_.practice.synchronise();
    EXPECT_EQ(overdue(), 1);
    EXPECT_EQ(reminders(), 1);
}

TEST_F(Time, AWallClockBehindAfterARebootIsDoubtedUntilItHasCaughtUp) {
    reboot(hours(-48));
    exchange();
    EXPECT_TRUE(suspect());
    EXPECT_EQ(overdue(), 0);
    territory_.broker.set_clocks(hours(1) + minutes(1), hours(0));
    exchange();
    EXPECT_FALSE(suspect());
}

// The station's clock is a claim: what it sends is taken, and whoever uses it is told.
TEST_F(Time, AStationWhoseClockIsWrongSendsAndIsWarned) {
    territory_.practice.close();
    territory_.broker.set_clocks(hours(0), hours(0));
    const auto words = territory_.folder("words");
    must(write_file(words, as_bytes(std::string(kPostPassphrase) + "\n"), 0600, Replace::yes));
    const auto answer = [&](hours ahead) {
        const auto clock = territory_.folder("clock-of-the-station");
        const std::string text = std::to_string(ahead.count() * 3'600'000) + " 0";
        must(write_file(clock, as_bytes(text), 0600, Replace::yes));
        return run_program(
            program("relais"),
            {"--station", territory_.practice.folder().path, "--passphrase-fd", "3", "act",
             uuid(admission_.id), "answer", "--to", "geriatrie.ch-valmont", "--form",
             "answer=" + std::string(RELAIS_SOURCE_DIR) +
                 "/schemas/kinds/admission/examples/answer.json"},
            words,
            {"LD_PRELOAD=" + std::string(RELAIS_CLOCK_SHIM),
             "RELAIS_TEST_CLOCK=" + clock.string()});
    };
    for (const hours ahead : {hours(7), hours(-7), hours(24 * 400)}) {
        const Said said = answer(ahead);
        EXPECT_EQ(said.code, 0) << said.text;
        EXPECT_TRUE(said.says("l'horloge de ce poste")) << said.text;
        EXPECT_TRUE(said.says(ahead > hours(0) ? "avance" : "retarde")) << said.text;
    }
    const Said right = answer(hours(0));
    EXPECT_EQ(right.code, 0) << right.text;
    EXPECT_FALSE(right.says("l'horloge")) << right.text;
    sent_ = 4;
    exchange();
}

}  // namespace
}  // namespace relais::test
