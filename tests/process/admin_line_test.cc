// admin_line_test.cc: the command line of relais-admin where no broker is needed: what it does not
// understand, said to people and to programs, and what figures count.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/process/support/child.h"
#include "tests/support/folder.h"

namespace relais::test {
namespace {

Said admin(const std::vector<std::string>& arguments) {
    return run_program(program("relais-admin"), arguments);
}
// What it says on standard output: a document, or null where that is not one.
nlohmann::json document_of(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {"-c", "exec \"$@\" 2>/dev/null", "sh",
                                      program("relais-admin")};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return nlohmann::json::parse(run_program("/bin/sh", words).text, nullptr, false);
}

TEST(AdminLine, AnUnknownCommandIsNamed) {
    const Said bogus = admin({"bogus"});
    EXPECT_EQ(bogus.code, 2);
    EXPECT_TRUE(bogus.says("unknown command: bogus")) << bogus.text;
    EXPECT_TRUE(admin({"kind", "bogus"}).says("unknown command: bogus"));
    EXPECT_TRUE(admin({}).says("A subcommand is required"));
    EXPECT_EQ(admin({"--help"}).code, 0);
    EXPECT_EQ(admin({"--version"}).code, 0);
}

TEST(AdminLine, WithJsonAnErrorOfUsageIsADocument) {
    using Words = std::vector<std::string>;
    for (const auto& words : {Words{"--json", "bogus"}, Words{"status", "--json", "--nothing"},
                              Words{"--json", "kind", "add"}}) {
        const auto said = document_of(words);
        ASSERT_TRUE(said.is_object()) << words.back();
        EXPECT_EQ(said["error"]["name"], "usage");
        EXPECT_EQ(admin(words).code, 2);
    }
}

TEST(AdminLine, ACheckThatFailsIsOneDocument) {
    const auto said = document_of({"--json", "check", "--config", "/nowhere/none.toml"});
    ASSERT_TRUE(said.is_object()) << said;
    EXPECT_FALSE(said["checks"][0]["good"].get<bool>());
    EXPECT_EQ(said["checks"][0]["what"], "configuration");
    EXPECT_TRUE(said["error"].contains("name")) << said;
}

TEST(AdminLine, WhatFiguresCountIsSaidWithoutADomain) {
    const Said figures = admin({"indicators"});
    EXPECT_EQ(figures.code, 2);
    EXPECT_TRUE(figures.says("RELAIS_CONFIG")) << figures.text;
    EXPECT_EQ(admin({"indicators", "--definitions"}).code, 9) << "no kinds beside the program";

    const TestFolder prefix;  // as it is installed
    std::filesystem::create_directories(prefix.path() / "bin");
    std::filesystem::create_directories(prefix.path() / "share/relais");
    const auto installed = prefix.path() / "bin/relais-admin";
    std::filesystem::copy(program("relais-admin"), installed);
    std::filesystem::copy(std::filesystem::path(RELAIS_SOURCE_DIR) / "schemas/kinds",
                          prefix.path() / "share/relais/kinds",
                          std::filesystem::copy_options::recursive);
    const Said said = run_program(installed, {"indicators", "--definitions"});
    EXPECT_EQ(said.code, 0) << said.text;
    EXPECT_TRUE(said.says("Demandes d'admission directe")) << said.text;
    EXPECT_TRUE(said.says("L'accusé de réception n'en est pas une.")) << said.text;
    EXPECT_TRUE(said.says("of the kinds installed with this program")) << said.text;
}

}  // namespace
}  // namespace relais::test
