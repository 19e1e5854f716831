// What a declaration says of reference packs, and of what stations say of registers: compiled as it
// is written, each mistake said.
#include <gtest/gtest.h>

#include <fstream>

#include "schemas/references/references.h"
#include "tests/unit/schemas/compiler/compiled_kind.h"

namespace relais::compiler {
namespace {

// What the compiler says of a kind with the first `from` of its declaration as `to`.
std::string said(const std::string& kind, const std::string& from, const std::string& to) {
    const KindsFolder folder;
    const std::filesystem::path file = folder.root() / kind / "declaration.toml";
    std::string text = read_file(file);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    std::ofstream(file, std::ios::binary) << text.replace(at, from.size(), to);
    const auto bundle = compile_kind(folder.root() / kind);
    return bundle.ok() ? "accepted" : bundle.error().detail;
}

references::References of_kind(const std::string& name) {
    const CompiledKind& compiled = CompiledKind::of(name);
    return references::load_references(compiled.bytes, compiled.kind).value();
}

TEST(References, AreCompiledAsTheyAreDeclared) {
    const workflow::Kind& kind = CompiledKind::of("protocol").kind;
    const auto all = of_kind("protocol");
    ASSERT_EQ(all.watches.size(), 1U);
    const references::Watch& watch = all.watches[0];
    EXPECT_EQ(watch.form, "Protocol");
    EXPECT_EQ(watch.codes, "sources.cis");
    EXPECT_EQ(watch.stays, std::vector<std::string>{"local"});
    EXPECT_EQ(kind.registers[watch.reg].name, "class");
    ASSERT_EQ(watch.key.size(), 3U);
    EXPECT_EQ(kind.public_field(watch.key[2].number)->name, "class");
    EXPECT_EQ(watch.key[2].field, "number");
    EXPECT_EQ(watch.open, 1);
    EXPECT_EQ(watch.closed, 2);
    EXPECT_EQ(kind.acts[watch.close.act].name, "suspend");
    EXPECT_EQ(kind.acts[watch.reopen.act].name, "resume");
    ASSERT_EQ(watch.close.publics.size(), 1U);
    EXPECT_EQ(watch.close.publics[0].value, 1) << "SUPPLY_RESTORED";
    EXPECT_EQ(watch.until, "valid_to");
    ASSERT_TRUE(watch.over);
    EXPECT_EQ(kind.acts[watch.over->act].name, "retire");
    const auto listed = of_kind("substitution").listed;
    ASSERT_EQ(listed.size(), 2U) << "the notice and its correction";
    for (const auto& each : listed) EXPECT_EQ(each.field, "prescribed.drug.cis");
    EXPECT_TRUE(of_kind("admission").watches.empty());
}

TEST(References, AMistakeInOneIsNamed) {
    const auto watch = [](const char* from, const char* to) { return said("protocol", from, to); };
    expect_part(watch("each = \"classes\"", "each = \"title\""), "\"title\": no list of tables");
    expect_part(watch("codes = \"sources.cis\"", "codes = \"label\""),
                "\"label\": no code of a list");
    expect_part(watch("values = \"triggers\"", "values = \"label\""), "\"label\": no choices");
    expect_part(watch("stays = [\"local\"]", "stays = [\"nowhere\"]"),
                "\"nowhere\": no such choice");
    expect_part(watch("\"class=number\"", "\"class=label\""), "\"label\": no whole number");
    expect_part(watch("closed = 2", "closed = 1"), "open is closed");
    expect_part(watch("close = \"suspend\"", "close = \"publish\""), "act publish does not open");
    expect_part(watch("close = \"suspend\"", "close = \"announce\""), "watch");
    expect_part(watch("until = \"valid_to\"", "until = \"title\""), "\"title\": no date");
    expect_part(watch("over = \"retire\"", "over = \"publish\""), "act publish does not open");
    expect_part(watch("until = \"valid_to\"\n", ""), "over");
    expect_part(watch("class-reason=SHORTAGE", "class-reason=NONE"), "no code of \"class-reason\"");
    expect_part(
        said("substitution", "field = \"prescribed.drug.cis\"", "field = \"prescribed.dosage\""),
        "\"prescribed.dosage\": no code of a list");
    expect_part(
        said("substitution", "act = \"protocol-notice\"\npublic", "act = \"close\"\npublic"),
        "listed: no code of the act");
}

TEST(References, WhatStationsSayOfARegisterComesWithIt) {
    const workflow::Kind& kind = CompiledKind::of("substitution").kind;
    const auto agreement =
        std::ranges::find(kind.registers, "agreement", &workflow::RegisterDeclared::name);
    ASSERT_NE(agreement, kind.registers.end());
    EXPECT_EQ(agreement->holds, "Accord du prescripteur actif pour cette classe.");
    EXPECT_EQ(agreement->unsure, "Accord du prescripteur à confirmer");
    expect_part(said("substitution", "holds = \"Classe ouverte.\"", "holds = \"\""),
                "must be one line");
}

TEST(References, ANumberInAKeyIsBounded) {
    expect_part(said("protocol", "set trigger protocol version class 9 to",
                     "set trigger protocol version class 70000 to"),
                "above 65535 in a key");
}

}  // namespace
}  // namespace relais::compiler
