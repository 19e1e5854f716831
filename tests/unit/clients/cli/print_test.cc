// `relais print` without a broker: the patient's notice of a kind, files that are the reader's
// alone, and what is refused. A message on paper is in tests/process/print_test.cc.
#include <sys/stat.h>

#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

class Print : public PracticeTest {
protected:
    Ran notice(std::vector<std::string> more = {}) {
        std::vector<std::string> line = {"print", "--notice", "admission", "--output", file_};
        line.insert(line.end(), more.begin(), more.end());
        return run(line);
    }
    [[nodiscard]] unsigned mode() const {
        struct stat status {};
        return ::stat(file_.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
    }

    std::string file_ = folder_.file("information.pdf");
};

TEST_F(Print, ThePatientsNoticeIsAFileOfItsReaderAlone) {
    const Ran ran = notice({"--json"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.json()["kind"], "admission");
    EXPECT_EQ(ran.json()["file"], file_);
    EXPECT_EQ(mode(), 0600U);
    EXPECT_GT(std::filesystem::file_size(file_), 1000U);
}

TEST_F(Print, NothingIsLeftBesideIt) {
    std::filesystem::create_directory(folder_.file("papier"));
    file_ = folder_.file("papier/information.pdf");
    ASSERT_EQ(notice().code, 0);
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each :
         std::filesystem::directory_iterator(folder_.file("papier"))) {
        ++count;
    }
    EXPECT_EQ(count, 1U);
}

TEST_F(Print, AFileThatExistsIsNotReplacedUnasked) {
    const std::string kept = write("information.pdf", "autre chose");
    const Ran refused = notice();
    EXPECT_EQ(refused.code, 8);
    EXPECT_NE(refused.err.find("--force"), std::string::npos) << refused.err;
    EXPECT_EQ(std::filesystem::file_size(kept), 11U);
    EXPECT_EQ(notice({"--force"}).code, 0);
    EXPECT_GT(std::filesystem::file_size(kept), 1000U);
    EXPECT_EQ(mode(), 0600U);
}

TEST_F(Print, WhatIsNotGivenIsToBeFilledByHand) {
    EXPECT_NE(notice().out.find("À compléter à la main, ou par --contact et --dpo."),
              std::string::npos);
    EXPECT_NE(notice({"--force", "--contact", "02 61 91 00 00"}).out.find(", ou par --dpo."),
              std::string::npos);
    EXPECT_NE(notice({"--force", "--dpo", "dpo@exemple.fr"}).out.find(", ou par --contact."),
              std::string::npos);
    EXPECT_EQ(notice({"--force", "--contact", "02 61 91 00 00", "--dpo", "dpo@exemple.fr"})
                  .out.find("À compléter"),
              std::string::npos);
    EXPECT_EQ(notice({"--force", "--dpo", "deux\nlignes"}).code, 2);
    EXPECT_EQ(notice({"--force", "--dpo", std::string(201, 'x')}).code, 2);
}

TEST_F(Print, AMessageOrAKindAndNotBoth) {
    EXPECT_EQ(run({"print"}).code, 2);
    EXPECT_EQ(run({"print", "0192a1b2c3", "--notice", "admission"}).code, 2);
    EXPECT_EQ(notice({"--off-network", "Dr Essai"}).code, 2);
    EXPECT_EQ(run({"print", "--notice", "inconnu"}).code, 4) << "no such kind";
    for (const char* command : {"print", "proof"}) {
        const Ran unknown = run({command, "0192a1b2c3d4"});
        EXPECT_EQ(unknown.code, 9) << command;
        EXPECT_NE(unknown.err.find("aucun message n° 0192a1b2c3d4 sur ce poste"), std::string::npos)
            << unknown.err;
        EXPECT_EQ(unknown.err.find("annuaire"), std::string::npos) << unknown.err;
    }
}

TEST_F(Print, WhoIsOutsideTheNetworkHasAName) {
    for (const char* nobody : {"", "   "}) {
        const Ran ran = run({"print", "0b5e91d2", "--off-network", nobody});
        EXPECT_EQ(ran.code, 2);
        EXPECT_NE(ran.err.find("--off-network : pour qui ?"), std::string::npos) << ran.err;
    }
}

TEST_F(Print, WhatTheServiceHasNotYetTakenIsNotPrinted) {
    const Ran sent =
        run_as_doctor({"new", "admission", "--to", "geriatrie.ch-valmont", "--public",
                       "urgency=asap", "--form", "call=" + example("call.json"), "--form",
                       "deposit=" + example("deposit.json"), "--send", "--json"});
    const std::string message = sent.json()["messages"][0]["message"];
    const Ran ran = run({"print", message, "--output", file_});
    EXPECT_EQ(ran.code, 9) << ran.err;
    EXPECT_NE(ran.err.find("pas encore revenu"), std::string::npos) << ran.err;
    EXPECT_EQ(mode(), 0U);
}

TEST_F(Print, TheFormSaysWhichActsAreOffTheNetwork) {
    const Ran ran = run({"form", "admission", "phone-outside"});
    EXPECT_NE(ran.out.find("hors réseau, non chiffré de bout en bout"), std::string::npos)
        << ran.out;
    EXPECT_TRUE(run({"form", "admission", "phone-outside", "--json"})
                    .json()["acts"][0]["off_network"]
                    .get<bool>());
    EXPECT_FALSE(
        run({"form", "admission", "offer", "--json"}).json()["acts"][0]["off_network"].get<bool>());
}

}  // namespace
}  // namespace relais::cli::test
