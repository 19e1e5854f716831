// What is kept of the days of mailboxes, against leaves and entries: sound after any day, and found
// out where a count or a statement is altered.
#include <gtest/gtest.h>

#include "core/calendar/days.h"
#include "tests/unit/tools/fsck/fixture.h"

namespace relais::fsck {
namespace {

using std::chrono::hours;

class StoredDays : public testing::Test {
protected:
    StoredDays() {
        stored.bench.idle(hours(24));
        const DayStatement said{stored.bench.territory.geriatrics_station.id,
                                test::address(broker::kGeriatrics), day, 1, 3};
        const Statement made = make_statement(contexts::kDay, encode_day(said),
                                              *stored.bench.territory.geriatrics_station.signing);
        const wire::Body body =
            stored.bench.ask(stored.chosen.session(0), wire::StateDay{encode_statement(made)});
        RELAIS_CHECK(std::holds_alternative<wire::DayCounted>(body));
    }

    CivilDay day = calendar::day_of(test::kTestTime);
    StoredTerritory stored;
};

TEST_F(StoredDays, AreSoundAfterADayAndAfterAll) {
    EXPECT_EQ(stored.described(), "");
    stored.bench.idle(hours(24 * 70));
    EXPECT_EQ(stored.described(), "");
}

TEST_F(StoredDays, ACountOfWhatWasSentThatTheLeavesDoNotGiveIsFound) {
    stored.execute("UPDATE day_sent SET count = count + 1");
    EXPECT_EQ(stored.problems(), std::set<std::string>{problem::kDay});
}

TEST_F(StoredDays, ACountThatIsMissingIsFound) {
    stored.execute("DELETE FROM day_sent");
    EXPECT_EQ(stored.problems(), std::set<std::string>{problem::kDay});
}

TEST_F(StoredDays, FewerHeldThanStandInTheMailboxIsFound) {
    stored.execute("UPDATE day_held SET count = 0");
    EXPECT_EQ(stored.problems(), std::set<std::string>{problem::kDay});
}

TEST_F(StoredDays, AStatementOtherThanTheSignedOneIsFound) {
    stored.execute("UPDATE day_stated SET held = held + 1");
    EXPECT_EQ(stored.problems(), std::set<std::string>{problem::kDay});
}

TEST_F(StoredDays, AStatementOfAnotherLeafIsFound) {
    stored.execute("UPDATE day_stated SET leaf = leaf - 1");
    EXPECT_EQ(stored.problems(), std::set<std::string>{problem::kDay});
}

}  // namespace
}  // namespace relais::fsck
