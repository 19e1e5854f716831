// notices_test.cc: what remains of a notice of substitution, between real stations: the proof that
// a prescriber was informed.
#include <gtest/gtest.h>

#include <functional>

#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tests/process/support/child.h"
#include "tests/process/support/exchanged_kinds.h"
#include "tests/process/support/relais_line.h"

namespace relais::test {
namespace {

using directory::OrganisationKind;

class Notices : public ExchangedKinds {
protected:
    Notices() {
        publish({"substitution"});
        join(pharmacy_, {"pharmacie-des-halles",
                         "Pharmacie des Halles",
                         OrganisationKind::pharmacy,
                         "360000056",
                         {"Paul Pharmacien", "21", "10100000074"}});
        doctors_ = serve(practice_, "medecins", {"substitution"});
    }
    // Told, opened, acknowledged, closed.
    void tell() {
        const Address counter = pharmacy_.mailbox();
        told_.open(pharmacy_, counter, "notice", {*doctors_}, {{"legal-basis", "URGENCY"}});
        const auto first = told_.item(practice_, *doctors_, "notice");
        const auto entries =
            must(practice_.station().store().entries_of_message(first->opened->header.id));
        auto signer = practice_.signer();
        must(station::mark_message(practice_.station(), entries.front(), Word::opened, signer));
        practice_.synchronise();
        told_.act(practice_, *doctors_, "acknowledge");
        told_.act(pharmacy_, counter, "close");
    }
    Said prove(const std::filesystem::path& folder) {
        return line_(pharmacy_,
                     {"proof", "--thread", uuid(told_.id), "--contents", "-o", folder.string()});
    }
    Said check(const std::filesystem::path& folder, std::vector<std::string> more = {}) {
        std::vector<std::string> arguments = {"check", folder.string()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_program(program("relais-audit"), arguments);
    }
    // A copy in which the file is another text; what is said of it.
    Said check_with(const std::filesystem::path& folder, const std::string& file,
                    const std::function<std::string(std::string)>& change) {
        namespace fs = std::filesystem;
        const fs::path copy = territory_.folder("altered-" + std::to_string(++copies_));
        fs::copy(folder, copy, fs::copy_options::recursive);
        const Bytes before = must(read_file(copy / file, 1 << 24));
        must(write_file(copy / file, as_bytes(change(std::string(as_text(before)))), 0600,
                        Replace::yes));
        return check(copy, {"--authority", authority()});
    }
    std::string authority() { return hex(pharmacy_.station().identity().authority.view()); }

    Post pharmacy_{territory_.folder("pharmacie")};
    std::optional<Address> doctors_;
    Exchange told_{kind_folder("substitution"), {&pharmacy_, &practice_}};
    int copies_ = 0;
};

TEST_F(Notices, ThePharmacyKeepsTheProofThatThePrescriberWasInformed) {
    tell();
    const auto folder = territory_.folder("preuve");
    const Said proved = prove(folder);
    ASSERT_EQ(proved.code, 0) << proved.text;
    EXPECT_TRUE(prove(folder).says("Existe déjà")) << "it is never overwritten";
    const std::string trusted = authority();
    pharmacy_.close();
    territory_.broker.stop();

    const Said checked = check(folder, {"--authority", trusted});
    ASSERT_EQ(checked.code, 0) << checked.text;
    for (const char* said : {"notice, from ", "acknowledge, from medecins.", "close, from ",
                             "delivered in medecins.", "opened in medecins.", "VERIFIED"}) {
        EXPECT_TRUE(checked.says(said)) << said << "\n" << checked.text;
    }
    EXPECT_TRUE(check(folder).says("only --authority tells whose it is"));
    EXPECT_NE(check(folder, {"--authority", std::string(64, 'a')}).code, 0);

    const auto cut_last = [](std::string text) {
        text.pop_back();
        return text.substr(0, text.rfind('\n') + 1);
    };
    const auto flip = [](std::string text) {
        text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
        return text;
    };
    for (const char* file :
         {"notices.log", "directory.log", "acts/01-notice.tlog-proof", "contents/01-notice.bin"}) {
        const Said altered = check_with(folder, file, flip);
        EXPECT_NE(altered.code, 0) << file << "\n" << altered.text;
        EXPECT_FALSE(altered.says("VERIFIED")) << file;
    }
    const Said fewer = check_with(folder, "notices.log", cut_last);
    EXPECT_EQ(fewer.code, 0) << "what is left out proves nothing, and says nothing";
    EXPECT_LT(fewer.text.size(), checked.text.size());
}

}  // namespace
}  // namespace relais::test
