// admission_test.cc: the main job on real processes: a call, a question, an answer, an offer, a
// choice; the identity reaches the chosen ward alone.
#include <gtest/gtest.h>

#include "tests/process/support/admission.h"

namespace relais::test {
namespace {

TEST(Admission, TheIdentityReachesTheChosenWardAloneAndOnlyOnceItIsChosen) {
    RunningTerritory territory;
    Admission admission(territory);
    admission.call();
    EXPECT_FALSE(admission.reads(territory.geriatrie, "deposit"));
    EXPECT_TRUE(admission.reads(territory.geriatrie, "call"));
    EXPECT_TRUE(admission.reads(territory.medecine, "call"));
    admission.act(territory.geriatrie, "geriatrie", "ask");
    admission.act(territory.practice, "", "answer", {"geriatrie"});
    admission.act(territory.geriatrie, "geriatrie", "offer", {}, {{"bed", "full"}});
    EXPECT_FALSE(admission.reads(territory.geriatrie, "deposit"));
    admission.act(territory.practice, "", "choose", {"geriatrie"});
    EXPECT_TRUE(admission.reads(territory.geriatrie, "deposit"));
    EXPECT_FALSE(admission.reads(territory.medecine, "deposit"));
    admission.act(territory.geriatrie, "geriatrie", "admitted");
    admission.act(territory.practice, "", "close", {"geriatrie"});
    EXPECT_EQ(admission.view(territory.practice).state_label, "Dossier clos");
}

}  // namespace
}  // namespace relais::test
