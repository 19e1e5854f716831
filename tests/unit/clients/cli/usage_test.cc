// Lines that are understood, and those that are not.
#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

TEST(Usage, NoCommandIsAUsageError) {
    const Ran ran = relais({});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("À faire"), std::string::npos);
}

TEST(Usage, AnUnknownCommandIsAUsageError) {
    EXPECT_EQ(relais({"envoyer-tout"}).code, 2);
    EXPECT_EQ(relais({"inbox", "--inconnue"}).code, 2);
}

TEST(Usage, WatchingForNoEventIsAUsageError) {
    const Ran ran = relais({"watch", "--count", "0"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("1 au moins"), std::string::npos) << ran.err;
}

TEST(Usage, AnUnknownCommandIsNamed) {
    EXPECT_NE(relais({"envoyer-tout"}).err.find("commande inconnue : envoyer-tout"),
              std::string::npos);
    EXPECT_NE(relais({"org", "renommer"}).err.find("commande inconnue : renommer"),
              std::string::npos);
    EXPECT_NE(relais({"org"}).err.find("il manque la commande"), std::string::npos);
}

TEST(Usage, WhatIsWrongOfALineIsSaidInFrench) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{"inbox", "accept"}, "mot en trop ou inconnu : accept\n"},
        {{"inbox", "accept", "--now"}, "mot en trop ou inconnu : accept --now\n"},
        {{"act"}, "il manque : dossier\n"},
        {{"new", "note", "--to"}, "--to : il manque la valeur\n"},
        {{"inbox", "--as", "Roy", "--as", "Martin"}, "--as : à ne donner qu'une fois"},
        {{"print", "--notice", "note", "--off-network", "Dr Essai"},
         "options incompatibles : --off-network et --notice\n"},
        {{"pack", "search", "cis", "amox", "--most", "0"},
         "valeur non admise : --most : 0 n'est pas de 1 à "},
        {{"pack", "search", "cis", "amox", "--most", "dix"},
         "valeur non admise : --most : dix n'est pas de 1 à "},
        {{"group", "add", "alertes", "--file", "/nulle/part"},
         "--file : fichier introuvable, /nulle/part\n"},
    };
    for (const auto& [line, said] : cases) {
        const Ran ran = relais(line);
        EXPECT_EQ(ran.code, 2) << said;
        EXPECT_NE(ran.err.find("Détail  : "), std::string::npos) << ran.err;
        EXPECT_NE(ran.err.find(said), std::string::npos) << ran.err;
    }
}

TEST(Usage, WithJsonAUsageErrorIsADocumentToo) {
    const Ran ran = relais({"inbox", "--inconnue", "--json"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.json()["error"]["name"], "usage");
}

TEST(Usage, APassphraseIsNeverAnArgument) {
    EXPECT_EQ(relais({"status", "--passphrase", "secret"}).code, 2);
    const Ran help = relais({"--help"});
    EXPECT_EQ(help.out.find("--passphrase "), std::string::npos);
}

TEST(Usage, WithoutAStationFolderTheErrorNamesTheOption) {
    ::unsetenv("RELAIS_STATION");
    const Ran ran = relais({"status"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("--station"), std::string::npos);
}

TEST(Usage, AFolderWithoutAStationIsUnknown) {
    const relais::test::TestFolder folder;
    const Ran ran = relais({"status", "--station", folder.file("vide")});
    EXPECT_EQ(ran.code, 9);
}

TEST(Usage, HelpAndVersionAreNotErrors) {
    const Ran help = relais({"--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find("Codes de retour"), std::string::npos);
    const Ran version = relais({"--version"});
    EXPECT_EQ(version.code, 0);
    EXPECT_TRUE(version.out.starts_with("relais "));
}

TEST(Usage, OfAnUnknownCommandThereIsNoHelp) {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"inconnue", "--help"}, {"org", "inconnue", "--help"}}) {
        const Ran help = relais(words);
        EXPECT_EQ(help.code, 2) << words.front();
        EXPECT_NE(help.err.find("inconnue"), std::string::npos) << help.err;
    }
}

TEST(Usage, TheHelpOfEachCommandShowsAnExample) {
    const std::vector<std::string> commands = {
        "enrol",  "directory", "confirm", "attest", "form",       "new",   "drafts", "draft",
        "send",   "inbox",     "show",    "take",   "act",        "watch", "sync",   "outbox",
        "status", "proof",     "export",  "org",    "completion", "man",   "print"};
    for (const std::string& command : commands) {
        const Ran help = relais({command, "--help"});
        EXPECT_EQ(help.code, 0) << command;
        EXPECT_NE(help.out.find("Exemples :"), std::string::npos) << command;
    }
}

}  // namespace
}  // namespace relais::cli::test
