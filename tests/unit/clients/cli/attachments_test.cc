// Files with an act, as a person attaches them: what is looked at before anything is sent, and how
// each refusal is said.
#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

using nlohmann::json;

class Attach : public PracticeTest {
protected:
    static std::vector<std::string> request() {
        return {"new",      "admission",
                "--to",     "geriatrie.ch-valmont",
                "--public", "urgency=asap",
                "--form",   "call=" + example("call.json"),
                "--form",   "deposit=" + example("deposit.json"),
                "--json"};
    }
    Ran attach(const std::vector<std::string>& files, bool send = false) {
        std::vector<std::string> line = request();
        for (const std::string& file : files) line.insert(line.end(), {"--attach", file});
        if (!send) return run(line);
        line.emplace_back("--send");
        return run_as_doctor(line);
    }
    std::string letter(const std::string& name = "courrier.pdf") {
        return write(name, "%PDF-1.7 lettre");
    }
};

TEST_F(Attach, AFileGoesToTheActThatMayCarryIt) {
    const json draft = attach({letter()}).json();
    ASSERT_EQ(draft["acts"].size(), 2U);
    EXPECT_FALSE(draft["acts"][0].contains("attachments"));
    const json& file = draft["acts"][1]["attachments"][0];
    EXPECT_EQ(file["name"], "courrier.pdf");
    EXPECT_EQ(file["media"], "application/pdf");
    EXPECT_EQ(file["bytes"], 15);
    EXPECT_TRUE(draft["complete"].get<bool>());
}

TEST_F(Attach, ADraftShowsItAndKeepsIt) {
    const std::string draft =
        attach({letter(), write("plaie.png", "\x89PNG\r\n\x1A\n...")}).json()["draft"];
    const Ran shown = run({"draft", draft});
    EXPECT_NE(shown.out.find("pièce jointe : courrier.pdf (PDF, 15 octets)"), std::string::npos)
        << shown.out;
    EXPECT_NE(shown.out.find("plaie.png (PNG, "), std::string::npos) << shown.out;
}

TEST_F(Attach, TheTypeIsReadInTheFileAndNotInItsName) {
    const Ran ran = attach({write("courrier.pdf", "MZ, un programme")});
    EXPECT_EQ(ran.code, 4);
    EXPECT_NE(ran.out.find("ni PDF, ni image ; cette action admet : PDF, JPEG, PNG"),
              std::string::npos)
        << ran.out;
    EXPECT_EQ(ran.out.find("TIFF"), std::string::npos) << ran.out;
    EXPECT_EQ(attach({write("vide.pdf", "")}).code, 4);
    EXPECT_EQ(attach({folder_.file("absent.pdf")}).code, 9);
    const json tiff = attach({write("scan.tif", std::string("II*\0...", 7))}).json();
    EXPECT_EQ(tiff["findings"].back()["code"], "attachment_refused") << tiff.dump();
    EXPECT_NE(tiff.dump().find("type non admis ; cette action admet : PDF, JPEG, PNG"),
              std::string::npos)
        << tiff.dump();
}

TEST_F(Attach, AnActThatMayCarryNoneSaysSo) {
    const Ran ran = attach({"call=" + letter()});
    EXPECT_EQ(ran.code, 4);
    EXPECT_NE((ran.out + ran.err).find("n'admet pas de pièce jointe"), std::string::npos)
        << ran.out << ran.err;
}

TEST_F(Attach, NoMoreThanTheKindAllows) {
    std::vector<std::string> files;
    for (int i = 0; i < 21; ++i) files.push_back(letter("courrier" + std::to_string(i) + ".pdf"));
    const Ran ran = attach(files);
    EXPECT_EQ(ran.code, 4);
    EXPECT_NE((ran.out + ran.err).find("au plus 20"), std::string::npos) << ran.out << ran.err;
}

TEST_F(Attach, FiftyMebibytesPassAndOneByteMoreDoesNot) {
    const std::string big = write("gros.pdf", "%PDF-");
    std::filesystem::resize_file(big, 50 << 20);
    EXPECT_TRUE(attach({big}).json()["complete"].get<bool>());
    std::filesystem::resize_file(big, (50 << 20) + 1);
    const Ran ran = attach({big});
    EXPECT_EQ(ran.code, 4);
    EXPECT_NE((ran.out + ran.err).find("au plus 50 Mio"), std::string::npos) << ran.out << ran.err;
}

TEST_F(Attach, WhatIsSentIsSealedOnTheStationAndNotReadable) {
    const Ran ran = attach({letter()}, true);
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
    std::size_t sealed = 0;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(folder_.path() / "poste" / "attachments")) {
        sealed += file.is_regular_file();
    }
    EXPECT_EQ(sealed, 1U);
}

TEST_F(Attach, AFileThatChangedMeanwhileIsNotSent) {
    const std::string file = letter();
    const std::string draft = attach({file}).json()["draft"];
    write("courrier.pdf", "%PDF-1.7 LETTRE");
    const Ran ran = run_as_doctor({"send", draft});
    EXPECT_EQ(ran.code, 3) << ran.out << ran.err;
    EXPECT_NE(ran.err.find("a changé"), std::string::npos) << ran.err;
}

TEST_F(Attach, TheFormTellsWhatMayBeAttached) {
    const json described = run({"form", "admission", "deposit", "--json"}).json();
    EXPECT_EQ(described["acts"][0]["attachments"]["count"], 20);
    const Ran shown = run({"form", "admission"});
    EXPECT_NE(shown.out.find("--attach  jusqu'à 20 pièces jointes, 51200 Kio"), std::string::npos);
}

TEST_F(Attach, ACaseWithoutAnySaysSo) {
    const Ran sent = attach({}, true);
    ASSERT_EQ(sent.code, 0) << sent.err;
    const std::string thread = sent.json()["thread"];
    EXPECT_NE(run({"attachments", thread}).out.find("Aucune pièce jointe"), std::string::npos);
    EXPECT_EQ(run({"save", thread}).code, 9);
}

}  // namespace
}  // namespace relais::cli::test
