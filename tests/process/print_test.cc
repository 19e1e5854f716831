// print_test.cc: a message on paper, and an answer obtained off the network, on real processes:
// printing is reading and is told; the sheet is the reader's alone; a place found by telephone ends
// the request for everybody, and every view says that it was not end-to-end.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/admission.h"
#include "tests/process/support/child.h"

namespace relais::test {
namespace {

class PrintedMessages : public testing::Test {
protected:
    PrintedMessages() {
        std::filesystem::create_directory(credentials_);
        must(write_file(credentials_ / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
        std::filesystem::create_directory(papers_);
        admission_.call();
    }
    // `relais` of that station, as a process of its own.
    Said relais(Post& post, std::vector<std::string> arguments) {
        post.close();
        arguments.insert(arguments.begin(), {"--station", post.folder().path.string()});
        return run_program(program("relais"), arguments, {},
                           {"CREDENTIALS_DIRECTORY=" + credentials_.string()});
    }
    Said print(Post& post, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"print", uuid(admission_.opening[0]), "--output", sheet()});
        return relais(post, more);
    }
    [[nodiscard]] std::string sheet() const { return papers_ / "fiche.pdf"; }
    [[nodiscard]] std::string text() const {
        return run_program("/usr/bin/pdftotext", {"-layout", sheet(), "-"}).text;
    }
    // How the sender sees who has read its call.
    [[nodiscard]] station::TimelineItem::Receipt receipt(const std::string& ward) {
        territory_.practice.synchronise();
        for (const auto& item : admission_.view(territory_.practice).items) {
            if (item.message != admission_.opening[0]) continue;
            for (const auto& each : item.receipts) {
                if (each.mailbox.starts_with(ward)) return each;
            }
        }
        fail_test("no such receipt");
    }

    RunningTerritory territory_;
    Admission admission_{territory_};
    std::filesystem::path credentials_ = territory_.folder("credentials");
    std::filesystem::path papers_ = territory_.folder("papiers");
};

TEST_F(PrintedMessages, PrintingIsReadingAndIsToldToTheSender) {
    EXPECT_FALSE(receipt("geriatrie").opened);
    const Said printed = print(territory_.geriatrie);
    ASSERT_EQ(printed.code, 0) << printed.text;
    EXPECT_TRUE(receipt("geriatrie").opened);
    EXPECT_FALSE(receipt("medecine").opened);
    struct stat status {};
    ASSERT_EQ(::stat(sheet().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const auto files = std::filesystem::directory_iterator(papers_);
    EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "nothing is left beside it";
    EXPECT_NE(text().find("Demande envoyée"), std::string::npos);
    EXPECT_EQ(text().find("Hors réseau"), std::string::npos);
}

TEST_F(PrintedMessages, ASheetForSomebodyElseSaysSoAndIsNotReplacedUnasked) {
    const std::vector<std::string> outside = {"--off-network", "Dr Essai, clinique de l'Exemple"};
    const Said printed = print(territory_.practice, outside);
    ASSERT_EQ(printed.code, 0) << printed.text;
    EXPECT_TRUE(printed.says("phone-outside")) << printed.text;
    EXPECT_NE(text().find("Hors réseau : non chiffré de bout en bout"), std::string::npos);
    EXPECT_NE(text().find("Dr Essai, clinique de l'Exemple"), std::string::npos);
    const Said again = print(territory_.practice, outside);
    EXPECT_EQ(again.code, 8) << again.text;
    EXPECT_EQ(print(territory_.practice, {"--force"}).code, 0);
    EXPECT_EQ(text().find("Dr Essai, clinique"), std::string::npos);
}

TEST_F(PrintedMessages, AWardPrintsNothingOfARecordThatIsHeld) {
    const Said refused =
        relais(territory_.geriatrie, {"print", uuid(admission_.opening[1]), "--output", sheet()});
    EXPECT_EQ(refused.code, 9) << refused.text;
    EXPECT_FALSE(std::filesystem::exists(sheet()));
}

TEST_F(PrintedMessages, APlaceFoundByTelephoneEndsTheRequestForAllAndIsMarked) {
    admission_.act(territory_.practice, "", "phone-outside", {}, {{"outside-answer", "TOLD"}});
    EXPECT_TRUE(admission_.view(territory_.practice).state_label.starts_with("Services appelés"));
    admission_.act(territory_.practice, "", "phone-outside", {}, {{"outside-answer", "ACCEPTED"}});
    EXPECT_EQ(admission_.view(territory_.practice).state_label, "Place obtenue hors réseau");
    territory_.synchronise_all();
    EXPECT_EQ(admission_.view(territory_.geriatrie).state_label, "Place obtenue hors réseau");
    EXPECT_FALSE(admission_.reads(territory_.geriatrie, "phone-outside"))
        << "whom and when stay with whoever called";
    const std::string mark = "hors réseau, non chiffré de bout en bout";
    const Said shown = relais(territory_.practice, {"show", uuid(admission_.id)});
    EXPECT_TRUE(shown.says(mark)) << shown.text;
    EXPECT_TRUE(shown.says("Clinique de l'Exemple, Issoudun"));
    EXPECT_TRUE(relais(territory_.practice, {"inbox", "--all"}).says(mark));
    EXPECT_FALSE(relais(territory_.geriatrie, {"inbox", "--all"}).says(mark));
}

}  // namespace
}  // namespace relais::test
