// admin_line_test.cc: the command line of relais-admin where no broker is needed: what it does not
// understand, said to people and to programs, and what figures count.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/process/support/running_broker.h"

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

// The variables stand in for what a command line leaves out, and never for what it says.
TEST(AdminLine, TheConfigurationNamedOnTheLineIsTheOneThatIsRead) {
    using Words = std::vector<std::string>;
    for (const auto& words :
         {Words{"status"}, Words{"check"}, Words{"kind", "list"}, Words{"pack", "list"},
          Words{"settle"}, Words{"indicators"}, Words{"backup", "--to", "/nowhere/backup"},
          Words{"close-invitation", "00", "--registrar", "/nowhere/key"},
          Words{"erase", "--message", "00", "--from", "a@b", "--reason", "request"}}) {
        const auto said = [&](Words more) {
            more.insert(more.begin(), words.begin(), words.end());
            return run_program(program("relais-admin"), more, {},
                               {"RELAIS_CONFIG=/nowhere/variable.toml"});
        };
        const Said given = said({"--config", "/nowhere/given.toml"});
        EXPECT_TRUE(given.says("/nowhere/given.toml")) << words.back() << ": " << given.text;
        EXPECT_FALSE(given.says("variable.toml")) << words.back() << ": " << given.text;
        const Said left_out = said({});
        EXPECT_TRUE(left_out.says("/nowhere/variable.toml")) << words.back() << left_out.text;
    }
}

TEST(AdminLine, TheKeyFileNamedOnTheLineIsTheOneThatSigns) {
    const RunningBroker broker;
    using Words = std::vector<std::string>;
    for (const auto& words : {Words{"invite"}, Words{"approve"}, Words{"close-invitation", "00"},
                              Words{"suspend", "ch-valmont"}, Words{"resume", "ch-valmont"},
                              Words{"renew-key"}, Words{"registrar", "remove", "Registrar"},
                              Words{"witness-policy", "--organisations", "1"}}) {
        Words line = words;
        line.insert(line.end(), {"--config", broker.config(), "--passphrase-fd", "3"});
        const auto said = [&](const Words& more) {
            Words whole = line;
            whole.insert(whole.end(), more.begin(), more.end());
            const auto passphrase = broker.folder() / "passphrase";
            std::ofstream(passphrase) << "any\n";
            return run_program(program("relais-admin"), whole, passphrase,
                               {"RELAIS_REGISTRAR=/nowhere/variable.key",
                                "RELAIS_AUTHORITY=/nowhere/variable.key"});
        };
        const Said given = said({"--registrar", "/nowhere/given.key"});
        EXPECT_TRUE(given.says("/nowhere/given.key")) << words.front() << ": " << given.text;
        EXPECT_TRUE(said({}).says("/nowhere/variable.key")) << words.front();
    }
}

TEST(AdminLine, TheBackupKeyNamedOnTheLineIsTheOneThatOpens) {
    const TestFolder folder;
    std::ofstream(folder.path() / "passphrase") << "any\n";
    const std::string to = folder.path() / "data";
    for (const auto& words : {std::vector<std::string>{"restore", "/nowhere/backup", "--to", to},
                              std::vector<std::string>{"backup", "verify", "/nowhere/backup"}}) {
        auto line = words;
        line.insert(line.end(), {"--passphrase-fd", "3", "--backup-key", "/nowhere/given.key"});
        const Said said = run_program(program("relais-admin"), line, folder.path() / "passphrase",
                                      {"RELAIS_BACKUP_KEY=/nowhere/variable.key"});
        EXPECT_TRUE(said.says("/nowhere/given.key")) << said.text;
    }
}

// What is no UTF-8 is shown as well as it can be, in a document that is one.
TEST(AdminLine, AnErrorThatNamesBytesThatAreNoTextIsADocument) {
    const auto said = document_of({"--json", "status", "--config", "/nowhere/caf\xe9.toml"});
    ASSERT_TRUE(said.is_object()) << said;
    EXPECT_EQ(said["error"]["name"], "not_found");
    const auto checked = document_of({"--json", "check", "--config", "/nowhere/caf\xe9.toml"});
    EXPECT_TRUE(checked.is_object());
}

// What a report lacks must not pass for it.
TEST(AdminLine, OutputThatCannotBeWrittenIsNoSuccess) {
    const auto to_full_disk = [](const char* which, const std::string& arguments) {
        return run_program("/bin/sh",
                           {"-c", "\"$0\" " + arguments + " > /dev/full", program(which)});
    };
    const Said compiled =
        to_full_disk("relais-admin", "kind compile " RELAIS_SOURCE_DIR "/schemas/kinds/note");
    EXPECT_EQ(compiled.code, 6) << compiled.text;
    EXPECT_TRUE(compiled.says("storage_full")) << compiled.text;
}

// The corrected command finds nothing in its way.
TEST(AdminLine, AnInitThatIsRefusedLeavesNothingBehind) {
    const TestFolder folder;
    std::ofstream(folder.file("passphrase")) << "une phrase bien assez longue\n";
    const auto init = [&](const std::string& more) {
        return run_program(
            "/bin/sh",
            {"-c",
             "exec \"$0\" init essai --title Essai --data \"$1\"/data "
             "--config \"$1\"/essai.toml --authority-file \"$1\"/authority.key "
             "--authority-passphrase-fd 3 --registrar-passphrase-fd 4 3< \"$1\"/passphrase "
             "4< \"$1\"/passphrase " +
                 more,
             program("relais-admin"), folder.path().string()});
    };
    for (const char* wrong : {"--registrar-file \"$1\"/registrar.key --listen nowhere",
                              "--registrar-file \"$1\"/nowhere/registrar.key"}) {
        const Said refused = init(wrong);
        EXPECT_NE(refused.code, 0) << refused.text;
        for (const char* name : {"data", "authority.key", "registrar.key", "essai.toml"}) {
            EXPECT_FALSE(std::filesystem::exists(folder.file(name))) << wrong << ": " << name;
        }
    }
    const Said made = init("--registrar-file \"$1\"/registrar.key");
    EXPECT_EQ(made.code, 0) << made.text;
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
