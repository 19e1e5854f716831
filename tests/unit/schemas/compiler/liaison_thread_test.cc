// The kind `liaison` among several readers, by its table alone.
#include "tests/unit/schemas/compiler/kind_case.h"

namespace relais::compiler {
namespace {

class LiaisonThread : public testing::Test {
protected:
    LiaisonThread() {
        EXPECT_EQ(c.open("simple", {"cabinet@indre", "pharmacie@indre"}), ErrorCode::ok);
        EXPECT_EQ(c.started(), "reading life");
    }
    KindCase c{"liaison", "geriatrie.ch-valmont@indre"};
};

TEST_F(LiaisonThread, NobodyIsRemindedOnceEveryoneHasRead) {
    EXPECT_EQ(c.party_does(0, "read"), ErrorCode::ok);
    EXPECT_EQ(c.stopped(), "") << "the other has not";
    EXPECT_EQ(c.party_does(1, "read"), ErrorCode::ok);
    EXPECT_EQ(c.stopped(), "reading");
    EXPECT_EQ(c.parties(), "read read");
}

TEST_F(LiaisonThread, AReplyIsAReading) {
    EXPECT_EQ(c.party_does(1, "reply"), ErrorCode::ok);
    EXPECT_EQ(c.clock_ends("reading"), ErrorCode::ok);
    EXPECT_EQ(c.parties(), "unread read");
    EXPECT_EQ(c.party_does(0, "reply"), ErrorCode::ok);
    EXPECT_EQ(c.stopped(), "reading");
}

TEST_F(LiaisonThread, WhatIsCorrectedIsToBeReadAgain) {
    EXPECT_EQ(c.party_does(0, "read"), ErrorCode::ok);
    EXPECT_EQ(c.party_does(1, "read"), ErrorCode::ok);
    EXPECT_EQ(c.opener_does("correct-simple"), ErrorCode::ok);
    EXPECT_EQ(c.started(), "reading");
    EXPECT_EQ(c.parties(), "sent sent");
}

}  // namespace
}  // namespace relais::compiler
