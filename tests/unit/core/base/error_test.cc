// Rules of the error table, which the wire, the audit log and scripts rely on.
#include "core/base/error.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/base/names.h"

namespace relais {
namespace {

// The rows of errors alone, `ok` left out.
std::span<const ErrorInfo> errors() { return error_table().subspan(1); }

std::uint16_t number(const ErrorInfo& row) { return static_cast<std::uint16_t>(row.code); }

TEST(ErrorTable, BeginsWithSuccessAndNumbersOnlyRise) {
    EXPECT_EQ(error_table().front().code, ErrorCode::ok);
    EXPECT_EQ(error_table().front().exit_code, 0);
    for (std::size_t i = 1; i < error_table().size(); ++i) {
        EXPECT_LT(number(error_table()[i - 1]), number(error_table()[i]));
    }
}

TEST(ErrorTable, EveryNumberBelongsToAFamily) {
    for (const ErrorInfo& row : errors()) {
        EXPECT_GE(number(row), 100) << row.name;
        EXPECT_LE(number(row), 999) << row.name;
    }
}

TEST(ErrorTable, NamesAreDistinctIdentifiers) {
    std::set<std::string_view> names;
    for (const ErrorInfo& row : error_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos);
    }
}

TEST(ErrorTable, EveryRowSpeaksToOperatorAndProfessional) {
    for (const ErrorInfo& row : errors()) {
        EXPECT_TRUE(is_title(row.english, 200)) << row.name;
        EXPECT_TRUE(is_title(row.french, 200)) << row.name;
        EXPECT_TRUE(is_title(row.next_step, 200)) << row.name;
        EXPECT_TRUE(row.french.ends_with('.')) << row.name;
        EXPECT_TRUE(row.next_step.ends_with('.')) << row.name;
        EXPECT_FALSE(row.english.ends_with('.')) << row.name;
    }
}

TEST(ErrorTable, ExitCodesAreThoseOfTheCommandLine) {
    for (const ErrorInfo& row : errors()) {
        EXPECT_GE(row.exit_code, 1) << row.name;
        EXPECT_LE(row.exit_code, 9) << row.name;
        EXPECT_EQ(row.exit_code == 1, row.code == ErrorCode::internal) << row.name;
        if (row.exit_code == 6 && row.code != ErrorCode::superseded) {
            EXPECT_NE(row.retry, Retry::never) << row.name << " says not now, and never";
        }
    }
}

// Numbers travel on the wire and stand in audit leaves: one of each family is held here, so that a
// renumbering shows.
TEST(ErrorTable, NumbersStay) {
    const std::map<int, std::string_view> held = {
        {100, "malformed"},     {203, "bad_signature"},
        {309, "reseal"},        {402, "digest_mismatch"},
        {500, "chain_broken"},  {601, "authenticator_wrong"},
        {700, "proof_invalid"}, {701, "note_invalid"},
        {801, "storage_full"},  {900, "busy"},
        {999, "internal"}};
    for (const auto& [value, name] : held) {
        EXPECT_EQ(error_name(static_cast<ErrorCode>(value)), name);
    }
}

TEST(ErrorTable, EveryNumberOfTheWireFindsItsRowOrInternal) {
    std::set<int> known;
    for (const ErrorInfo& row : error_table()) known.insert(number(row));
    for (int value = 0; value <= 0xFFFF; ++value) {
        const ErrorCode code = error_from_number(static_cast<std::uint16_t>(value));
        const int expected = known.contains(value) ? value : 999;
        ASSERT_EQ(static_cast<int>(code), expected);
        ASSERT_EQ(error_info(static_cast<ErrorCode>(value)).code, code);
    }
}

TEST(Error, DescribesItselfByNameAndDetail) {
    EXPECT_EQ(fail(ErrorCode::counter_reused, "mailbox a@b").describe(),
              "counter_reused: mailbox a@b");
    EXPECT_EQ(fail(ErrorCode::busy).describe(), "busy");
}

TEST(Error, KnowsWhereItArose) {
    const Error error = fail(ErrorCode::busy);
    EXPECT_EQ(error.line, __LINE__ - 1);
    EXPECT_TRUE(std::string_view(error.file).ends_with("error_test.cc"));
}

}  // namespace
}  // namespace relais
