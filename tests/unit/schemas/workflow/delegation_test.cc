// Who stands in for whom: whom a sender adds, and how a delegate's acts move its party.
#include "schemas/workflow/delegation.h"

#include "tests/support/small_territory.h"
#include "tests/unit/schemas/workflow/fixture.h"

namespace relais::workflow {
namespace {

class Delegation : public testing::Test {
protected:
    [[nodiscard]] static WallTime at(std::int64_t hours) { return {hours * 3'600'000}; }
    void away(std::vector<directory::AbsencePeriod> periods) {
        t.append("ch-valmont", *t.hospital.authority,
                 directory::Absence{t.geriatrics.unit.name, std::move(periods)});
    }
    std::vector<Delegate> delegates(WallTime when, std::vector<Address> to) const {
        return opening_delegates(t.state(), kind, kOpener, to, when, t.state().size());
    }

    test::SmallTerritory t{{"admission", "essai"}};
    Kind kind = test::least_kind().load().value();
    Address geriatrics = t.geriatrics.mailbox;
    Address cardiology = t.cardiology.mailbox;
};

TEST_F(Delegation, TheDelegateOfTheFirstAbsenceThatIsNotOverIsAdded) {
    EXPECT_TRUE(delegates(at(0), {geriatrics}).empty());
    away({{at(10), at(20), cardiology}, {at(100), at(120), std::nullopt}});
    for (const std::int64_t hour : {0, 10, 20}) {
        const auto found = delegates(at(hour), {geriatrics});
        ASSERT_EQ(found.size(), 1u) << hour;
        EXPECT_EQ(found[0].mailbox, cardiology);
        EXPECT_EQ(found[0].party, 0u);
    }
    EXPECT_TRUE(delegates(at(22), {geriatrics}).empty()) << "over, and the next has no delegate";
}

TEST_F(Delegation, WhoTakesPartAlreadyIsNotAddedOnceMore) {
    away({{at(10), at(20), cardiology}});
    EXPECT_TRUE(delegates(at(15), {geriatrics, cardiology}).empty());
    EXPECT_TRUE(opening_delegates(t.state(), kind, cardiology, std::vector{geriatrics}, at(15),
                                  t.state().size())
                    .empty())
        << "it asks itself";
}

TEST_F(Delegation, WhoDoesNotTakeTheKindOrIsSuspendedIsNotAdded) {
    away({{at(10), at(20), cardiology}});
    const Kind other = test::bed_request("advice").load().value();
    EXPECT_TRUE(opening_delegates(t.state(), other, kOpener, std::vector{geriatrics}, at(15),
                                  t.state().size())
                    .empty());
}

TEST_F(Delegation, ADelegateMovesItsPartyOnceItWasCalledIn) {
    Case seen(test::bed_request(), 2);
    const Address delegate = test::address("garde.cabinet@indre");
    seen.thread.parties[0].delegate = delegate;
    ActInput offer = seen.from_party("offer", 0);
    offer.from = delegate;
    EXPECT_EQ(seen.apply(offer).code(), ErrorCode::recipient_refused);
    EXPECT_TRUE(possible_acts(seen.kind, seen.thread, delegate).empty());
    seen.thread.parties[0].delegated = true;
    EXPECT_FALSE(possible_acts(seen.kind, seen.thread, delegate).empty());
    ASSERT_TRUE(seen.apply(offer).ok());
    EXPECT_EQ(seen.kind.party_states[seen.thread.parties[0].state].name, "held");
    EXPECT_EQ(seen.thread.parties.size(), 2u);
}

TEST_F(Delegation, WhatGoesToEveryPartyGoesToNoDelegateInThePlaceOfOne) {
    Case seen(test::bed_request(), 2);
    const Address delegate = test::address("garde.cabinet@indre");
    seen.thread.parties[0].delegate = delegate;
    seen.thread.parties[0].delegated = true;
    ActInput deposit = seen.from_opener("deposit", {0, 1});
    ActInput twice = deposit;
    twice.to[1] = {delegate};
    EXPECT_EQ(seen.apply(twice).code(), ErrorCode::recipient_refused);
    EXPECT_TRUE(seen.apply(deposit).ok());
}

}  // namespace
}  // namespace relais::workflow
