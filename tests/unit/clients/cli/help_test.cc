// Completion and the manual page: written from the commands, and in step with what is installed.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/unit/clients/cli/fixture.h"

namespace relais::cli::test {
namespace {

std::string read(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void run_bash(std::string file) {
    std::string bash = "bash";
    char* const arguments[] = {bash.data(), file.data(), nullptr};
    pid_t child = 0;
    ASSERT_EQ(::posix_spawnp(&child, "bash", nullptr, nullptr, arguments, environ), 0);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

// The first words that a bash script would offer after `line`, by running the script.
std::string offered(const std::string& script, const std::string& words) {
    const relais::test::TestFolder folder;
    const std::string file = folder.file("essai.bash");
    std::ofstream(file) << script << "COMP_WORDS=(" << words << ")\n"
                        << "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_relais\n"
                        << "echo \"${COMPREPLY[*]}\" > " << folder.file("offre") << "\n";
    run_bash(file);
    return read(folder.file("offre"));
}

TEST(Completion, BashOffersTheCommandsThatBeginAsTyped) {
    const std::string script = relais({"completion", "bash"}).out;
    EXPECT_EQ(offered(script, "relais in"), "inbox\n");
    EXPECT_EQ(offered(script, "relais org un"), "unit\n");
    EXPECT_EQ(offered(script, "relais org unit a"), "add\n");
}

TEST(Completion, BashOffersTheOptionsOfTheCommandAndTheGlobalOnes) {
    const std::string script = relais({"completion", "bash"}).out;
    EXPECT_EQ(offered(script, "relais new --inc"), "--incomplete\n");
    EXPECT_EQ(offered(script, "relais new admission --off"), "--offline\n");
    EXPECT_EQ(offered(script, "relais inbox --inc"), "\n");
}

TEST(Completion, EveryShellKnowsEveryCommand) {
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        const Ran ran = relais({"completion", shell});
        EXPECT_EQ(ran.code, 0);
        for (const std::string command : {"enrol", "act", "approve", "mandate"}) {
            EXPECT_NE(ran.out.find(command), std::string::npos) << shell << " " << command;
        }
    }
    EXPECT_EQ(relais({"completion", "tcsh"}).code, 2);
}

TEST(Manual, TheInstalledPageIsTheOneThatTheProgramWrites) {
    const std::string page = read(std::string(RELAIS_SOURCE_DIR) + "/docs/man/relais.1");
    EXPECT_TRUE(page == relais({"man"}).out)
        << "write it anew: build/dev/bin/relais man > docs/man/relais.1";
}

TEST(Manual, NoLineIsTakenForARequestOfRoff) {
    const std::string page = relais({"man"}).out;
    EXPECT_NE(page.find(".SS org unit add"), std::string::npos);
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with('.')) continue;
        const std::string request = line.substr(1, 2);
        const bool known = request == "TH" || request == "SH" || request == "SS" ||
                           request == "PP" || request == "TP" || request == "B " ||
                           request == "BR" || request == "nf" || request == "fi" ||
                           request == "\\\"";
        EXPECT_TRUE(known) << line;
    }
}

}  // namespace
}  // namespace relais::cli::test
