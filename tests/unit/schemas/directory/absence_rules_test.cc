// Absences: whose word they are, what a delegate must be, and what the directory answers.
#include "core/base/limits.h"
#include "tests/unit/schemas/directory/fixture.h"

namespace relais::directory {
namespace {

class AbsenceRules : public DirectoryTest {
protected:
    [[nodiscard]] static WallTime at(std::int64_t hours) { return {hours * 3'600'000}; }
    [[nodiscard]] Absence away(std::vector<AbsencePeriod> periods) const {
        return {test::name("geriatrie"), std::move(periods)};
    }

    Address geriatrics = t.mailbox("geriatrie.ch-valmont");
    Address cardiology = t.mailbox("cardiologie.ch-valmont");
};

TEST_F(AbsenceRules, HoldFromTheirEntryOnUntilTheNextOne) {
    const DirectorySize before = t.state().size();
    hospital_accepts(away({{at(10), at(20), cardiology}, {at(30), at(40), std::nullopt}}));
    const DirectorySize said = t.state().size();
    hospital_accepts(away({}));
    EXPECT_EQ(t.state().away(geriatrics, at(15), before), nullptr);
    ASSERT_NE(t.state().away(geriatrics, at(15), said), nullptr);
    EXPECT_EQ(t.state().away(geriatrics, at(15), said)->delegate, cardiology);
    EXPECT_EQ(t.state().away(geriatrics, at(10), said)->from, at(10)) << "its first moment";
    EXPECT_EQ(t.state().away(geriatrics, at(20), said), nullptr) << "its end is none of it";
    EXPECT_FALSE(t.state().away(geriatrics, at(35), said)->delegate);
    EXPECT_EQ(t.state().away(geriatrics, at(15)), nullptr) << "taken back";
    EXPECT_EQ(t.state().away(cardiology, at(15), said), nullptr);
}

TEST_F(AbsenceRules, WhoStoodInIsKnownAfterwards) {
    hospital_accepts(away({{at(10), at(20), cardiology}}));
    hospital_accepts(away({}));
    EXPECT_TRUE(t.state().stood_in(cardiology, geriatrics, at(10)));
    EXPECT_FALSE(t.state().stood_in(cardiology, geriatrics, at(9))) << "it had not begun";
    EXPECT_FALSE(t.state().stood_in(geriatrics, cardiology, at(15)));
}

TEST_F(AbsenceRules, AreOfAUnitThatThereIsAndToAnotherOne) {
    hospital_refuses(Absence{test::name("urgences"), {}}, ErrorCode::unknown_object);
    hospital_refuses(away({{at(10), at(20), geriatrics}}), ErrorCode::bad_entry);
    hospital_refuses(away({{at(10), at(20), t.mailbox("urgences.ch-valmont")}}),
                     ErrorCode::unknown_object);
    hospital_refuses(away({{at(10), at(20), t.mailbox("cabinet")}}), ErrorCode::unknown_object);
}

TEST_F(AbsenceRules, AnotherOrganisationSaysNothingOfThem) {
    refused("cabinet", t.practice.authority, away({{at(10), at(20), cardiology}}),
            ErrorCode::unknown_object);
}

TEST_F(AbsenceRules, OfAUnitThatIsNoMoreAreNone) {
    hospital_accepts(away({{at(10), at(20), cardiology}}));
    const DirectorySize said = t.state().size();
    hospital_accepts(Revocation{RevokedObject::unit, {}, "geriatrie", RevocationReason::other});
    EXPECT_EQ(t.state().away(geriatrics, at(15)), nullptr);
    EXPECT_NE(t.state().away(geriatrics, at(15), said), nullptr);
}

TEST_F(AbsenceRules, PeriodsRiseAreFewAndDoNotReachIntoEachOther) {
    const auto verdict = [&](std::vector<AbsencePeriod> periods) {
        const SignedEntry entry =
            t.draft("ch-valmont", *t.hospital.authority, away(std::move(periods)));
        return parse_entry(entry.entry_bytes).code();
    };
    EXPECT_EQ(verdict({{at(10), at(20)}, {at(20), at(30)}}), ErrorCode::ok);
    EXPECT_EQ(verdict({{at(10), at(20)}, {at(19), at(30)}}), ErrorCode::invalid_field);
    EXPECT_EQ(verdict({{at(30), at(40)}, {at(10), at(20)}}), ErrorCode::invalid_field);
    EXPECT_EQ(verdict({{at(10), at(10)}}), ErrorCode::invalid_field);
    std::vector<AbsencePeriod> many;
    for (std::size_t i = 0; i < limits::kAbsencePeriodsMax; ++i) {
        const auto hour = static_cast<std::int64_t>(i);
        many.push_back({at(hour), at(hour + 1)});
    }
    EXPECT_EQ(verdict(many), ErrorCode::ok);
    many.push_back({at(100), at(101)});
    EXPECT_EQ(verdict(many), ErrorCode::invalid_field);
}

}  // namespace
}  // namespace relais::directory
