// Decisions that several persons make.
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

class Quorum : public testing::Test {
protected:
    Result<Outcome> approve(std::size_t party, const PersonId& by, const std::string& rpps = {}) {
        ActInput input = c.from_party("approve", party);
        input.by = by;
        input.signer = rpps;
        return c.apply(input);
    }
    Case c{test::double_approval()};
    PersonId first = c.random.make<PersonId>();
    PersonId second = c.random.make<PersonId>();
};

TEST_F(Quorum, TwoDistinctPersonsDecide) {
    ASSERT_TRUE(approve(0, first).ok());
    EXPECT_EQ(c.state(), "asked");
    ASSERT_TRUE(approve(1, second).ok());
    EXPECT_EQ(c.state(), "approved");
}

TEST_F(Quorum, OnePersonTwiceDoesNot) {
    ASSERT_TRUE(approve(0, first).ok());
    ASSERT_TRUE(approve(1, first).ok());
    ASSERT_TRUE(approve(0, first).ok());
    EXPECT_EQ(c.state(), "asked");
    ASSERT_TRUE(approve(0, second).ok());
    EXPECT_EQ(c.state(), "approved");
}

TEST_F(Quorum, TwoPersonsOfOneMailboxDecide) {
    ASSERT_TRUE(approve(0, first).ok());
    ASSERT_TRUE(approve(0, second).ok());
    EXPECT_EQ(c.state(), "approved");
}

TEST_F(Quorum, WhoLacksAnotherPersonCanBeToldBefore) {
    const ActIndex approves = c.kind.act("approve").value();
    const auto lacks = [&](const PersonId& by, const std::string& rpps = {}) {
        return lacks_persons(c.kind, c.thread, {approves, by, rpps});
    };
    std::erase_if(c.kind.rows, [&](const Row& row) {  // that takes a first signature
        return row.trigger == TriggerKind::act && row.index == approves && row.guards.empty();
    });
    EXPECT_TRUE(lacks(first)) << "nobody else has signed";
    c.thread.done = {{approves, first, "01234567897"}};
    EXPECT_TRUE(lacks(first));
    EXPECT_TRUE(lacks(second, "01234567897")) << "the same person elsewhere";
    EXPECT_FALSE(lacks(second));
}

TEST_F(Quorum, NobodyLacksWhereARowAsksForNoMorePersons) {
    EXPECT_FALSE(lacks_persons(c.kind, c.thread, {c.kind.act("approve").value(), first}));
}

// A doctor of a practice who is also one of the CPTS: one RPPS, two entries of the directory.
TEST_F(Quorum, OneDoctorWithTwoAffiliationsIsOnePerson) {
    ASSERT_TRUE(approve(0, first, "01234567897").ok());
    ASSERT_TRUE(approve(1, second, "01234567897").ok());
    EXPECT_EQ(c.state(), "asked");
    ASSERT_TRUE(approve(2, c.random.make<PersonId>(), "10100000017").ok());
    EXPECT_EQ(c.state(), "approved");
}

TEST_F(Quorum, OneEntryIsOnePersonAlsoWhereItsRppsCameLater) {
    ASSERT_TRUE(approve(0, first).ok());
    ASSERT_TRUE(approve(0, first, "01234567897").ok());
    EXPECT_EQ(c.state(), "asked");
    ASSERT_TRUE(approve(1, second, "01234567897").ok());
    EXPECT_EQ(c.state(), "asked") << "linked through the first entry";
    ASSERT_TRUE(approve(2, c.random.make<PersonId>()).ok());
    EXPECT_EQ(c.state(), "approved");
}

// A thread is kept for as long as it lives: repeating an act must not make it grow.
TEST_F(Quorum, APersonIsCountedOnceHoweverOften) {
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(approve(0, first).ok());
    EXPECT_EQ(c.thread.done.size(), 1U);
}

TEST_F(Quorum, OnlyActsThatSomeQuorumCountsAreKept) {
    Case other(test::bed_request());
    ASSERT_TRUE(other.party_does(0, "offer").ok());
    EXPECT_TRUE(other.thread.done.empty());
}

TEST_F(Quorum, WhatIsRefusedDoesNotCount) {
    ActInput input = c.from_party("approve", 0);
    input.by = first;
    input.from = test::address("nobody@indre");
    EXPECT_FALSE(c.apply(input).ok());
    ASSERT_TRUE(approve(0, second).ok());
    EXPECT_EQ(c.state(), "asked");
}

TEST_F(Quorum, AnotherActIsNoVote) {
    EXPECT_FALSE(c.opener_does("urge", {0}, {{1, 0}}).ok());
    ASSERT_TRUE(approve(0, first).ok());
    EXPECT_FALSE(c.opener_does("urge", {0}).ok());
    EXPECT_EQ(c.state(), "asked");
    EXPECT_TRUE(c.opener_does("urge", {0}, {{1, 1}}).ok());
    EXPECT_EQ(c.state(), "approved");
}

}  // namespace
}  // namespace relais::workflow
