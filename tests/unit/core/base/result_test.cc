// Rules of the one error idiom: what Result, its macros and RELAIS_CHECK do.
#include "core/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace relais {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return fail(ErrorCode::invalid_field, "odd");
    return value / 2;
}

Result<int> quarter(int value) {
    RELAIS_ASSIGN(const int once, half(value));
    RELAIS_ASSIGN(const int twice, half(once));
    return twice;
}

Result<void> even(int value) {
    RELAIS_TRY(half(value));
    return {};
}

Result<std::unique_ptr<int>> boxed(int value) {
    RELAIS_ASSIGN(const int checked, half(value));
    return std::make_unique<int>(checked);
}

TEST(Result, HoldsAValueOrAnError) {
    EXPECT_TRUE(half(4).ok());
    EXPECT_EQ(half(4).value(), 2);
    EXPECT_EQ(half(4).code(), ErrorCode::ok);
    EXPECT_FALSE(half(3).ok());
    EXPECT_EQ(half(3).error().detail, "odd");
    EXPECT_FALSE(static_cast<bool>(half(3)));
}

TEST(Result, AssignGoesOnWithTheValueOrReturnsTheFirstError) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).code(), ErrorCode::invalid_field);
    EXPECT_EQ(quarter(7).code(), ErrorCode::invalid_field);
}

TEST(Result, TryDropsTheValueAndKeepsTheError) {
    EXPECT_TRUE(even(2).ok());
    EXPECT_EQ(even(3).error().describe(), "invalid_field: odd");
}

TEST(Result, CarriesWhatOnlyMoves) {
    RELAIS_CHECK(boxed(8).ok());
    const std::unique_ptr<int> box = boxed(8).value();
    EXPECT_EQ(*box, 4);
    EXPECT_EQ(boxed(7).code(), ErrorCode::invalid_field);
}

TEST(ResultDeathTest, TakingWhatIsNotThereStops) {
    EXPECT_DEATH((void)half(3).value(), "invariant broken");
    auto none = half(3);
    EXPECT_DEATH((void)none.value(), "invariant broken");
    EXPECT_DEATH((void)std::as_const(none).value(), "invariant broken");
    EXPECT_DEATH((void)none.operator->(), "invariant broken");
    EXPECT_DEATH((void)half(4).error(), "invariant broken");
    EXPECT_DEATH(even(3).value(), "invariant broken");
    EXPECT_DEATH((void)even(2).error(), "invariant broken");
}

TEST(CheckDeathTest, ABrokenInvariantStopsAndSaysWhere) {
    EXPECT_DEATH(RELAIS_CHECK(1 + 1 == 3), "1 \\+ 1 == 3 .*result_test\\.cc");
    RELAIS_CHECK(1 + 1 == 2);
}

}  // namespace
}  // namespace relais
