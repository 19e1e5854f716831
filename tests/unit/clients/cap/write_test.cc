// What is written is valid, the same each time, and read back as it was.
#include <gtest/gtest.h>

#include "tests/support/cap/cap_schema.h"
#include "tests/unit/clients/cap/fixture.h"

namespace relais::cap {
namespace {

using nlohmann::json;

json full() { return *read(full_document()).message; }

std::string written(const json& message) {
    Findings findings;
    const auto document = write_message(message, findings);
    return document.ok() ? *document : "refused: " + document.error().detail;
}

TEST(CapWrite, AFullMessageIsValidAndReadBackAsItWas) {
    const std::string document = written(full());
    EXPECT_EQ(test::schema_objection(document), "");
    EXPECT_EQ(*read(document).message, full());
    EXPECT_EQ(written(*read(document).message), document);
}

TEST(CapWrite, MarkupInATextStaysText) {
    json message = full();
    message["note"] = "</note><status>Actual</status>&amp;<![CDATA[x]]>\n  \"'";
    const std::string document = written(message);
    EXPECT_EQ(test::schema_objection(document), "");
    EXPECT_EQ(*read(document).message, message);
}

TEST(CapWrite, WhatTheSchemaWouldRefuseDoesNotLeave) {
    const auto refusal = [](const char* place, const json& value) {
        json message = full();
        message[json::json_pointer(place)] = value;
        return written(message);
    };
    const auto without = [](const char* element) {
        json message = full();
        message.erase(element);
        return written(message);
    };
    EXPECT_TRUE(refusal("/sent", "2026-12-14T07:21:00Z").starts_with("refused: sent : date"));
    EXPECT_TRUE(refusal("/sender", "a b").starts_with("refused: sender : ni espace"));
    EXPECT_TRUE(refusal("/status", "actual").starts_with("refused: status : valeur"));
    EXPECT_TRUE(refusal("/info/0/urgency", "").starts_with("refused: info/urgency : vide"));
    EXPECT_TRUE(
        refusal("/info/0/category", json::array()).starts_with("refused: info/category : absent"));
    EXPECT_TRUE(
        refusal("/info/0/category/1", "health").starts_with("refused: info/category[2] : valeur"));
    EXPECT_TRUE(refusal("/note", "\x01").starts_with("refused: note : caractère"));
    EXPECT_TRUE(refusal("/references", "a,b").starts_with("refused: references : triplets"));
    EXPECT_TRUE(without("scope").starts_with("refused: scope : absent"));
    EXPECT_TRUE(without("references").starts_with("refused: references : absent"));
    EXPECT_TRUE(without("addresses").starts_with("refused: addresses : absent"));
}

}  // namespace
}  // namespace relais::cap
