// public_value_test.cc: what a public field takes, as written and as read.
#include "schemas/workflow/public_value.h"

#include <gtest/gtest.h>

namespace relais::workflow {
namespace {

PublicDeclared field(PublicType type, std::int64_t min = 0, std::int64_t max = 0) {
    return {1, "field", "Champ", type, min, max, {}, false};
}

PublicDeclared coded() {
    PublicDeclared code = field(PublicType::code, 1, 2);
    code.values = {{1, "stat", "Tout de suite"}, {2, "asap", "Dans la journée"}};
    return code;
}

TEST(PublicValue, EachTypeIsWrittenAsItIsRead) {
    struct Case {
        PublicDeclared field;
        const char* text;
        std::int64_t value;
        const char* label;
    };
    const Case cases[] = {
        {field(PublicType::boolean, 0, 1), "true", 1, "oui"},
        {field(PublicType::boolean, 0, 1), "false", 0, "non"},
        {coded(), "asap", 2, "Dans la journée"},
        {field(PublicType::integer, -5, 40), "-5", -5, "-5"},
        {field(PublicType::day, 20260101, 20991231), "2026-12-14", 20261214, "14/12/2026"},
        {field(PublicType::day, 20260101, 20991231), "2028-02-29", 20280229, "29/02/2028"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(read_public(c.field, c.text), c.value) << c.text;
        EXPECT_EQ(write_public(c.field, c.value), c.text);
        EXPECT_EQ(public_label(c.field, c.value), c.label);
    }
}

TEST(PublicValue, WhatAFieldDoesNotAllowIsNoValueOfIt) {
    const auto refused = [](const PublicDeclared& asked, std::initializer_list<const char*> texts) {
        for (const char* text : texts) EXPECT_EQ(read_public(asked, text), std::nullopt) << text;
    };
    refused(field(PublicType::boolean, 0, 1), {"", "1", "oui", "TRUE"});
    refused(coded(), {"", "1", "STAT", "never"});
    refused(field(PublicType::integer, -5, 40),
            {"", "-6", "41", "3.0", " 3", "3 ", "1e1", "99999999999999999999"});
    refused(field(PublicType::day, 20260101, 20991231),
            {"", "2026-13-99", "20261399", "2026-02-29", "20260229", "2025-12-31", "2100-01-01",
             "14/12/2026", "0", "-20261214"});
}

// A typo of a header that a station made otherwise: the broker refuses it by the same rule.
TEST(PublicValue, ADayIsOneOfTheCalendar) {
    const PublicDeclared day = field(PublicType::day, 20260101, 20991231);
    EXPECT_TRUE(day.allows(20261214));
    for (const std::int64_t value : {20261399, 20260229, 20260100, 20251231, 21000101, 0}) {
        EXPECT_FALSE(day.allows(value)) << value;
        EXPECT_EQ(write_public(day, value), "");
        EXPECT_EQ(public_label(day, value), std::to_string(value));
    }
    EXPECT_EQ(read_public(day, "20261214"), 20261214) << "eight digits are a day too";
}

}  // namespace
}  // namespace relais::workflow
