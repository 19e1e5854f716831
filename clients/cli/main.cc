// main.cc: `relais`, the command line of a professional or a script.
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "clients/cli/program.h"
#include "core/base/process.h"

namespace {

bool shows_colour() {
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr &&
           terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
    relais::leave_no_core_file();
    std::signal(SIGPIPE, SIG_IGN);  // a reader that goes away does not undo what was begun
    relais::cli::Output output(false, shows_colour());
    relais::cli::TerminalDialogue dialogue;
    relais::cli::Context context(output, dialogue);
    return relais::cli::run(context, {argv + 1, argv + argc});
}
