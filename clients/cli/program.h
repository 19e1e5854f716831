// program.h: the commands of `relais`, each defined beside what it does: its options, its help with
// examples, and what runs once the line is understood. Nothing here names a kind of exchange: what
// can be sent is read from the kinds that the domain publishes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

#include "clients/cli/context.h"

namespace relais::cli {

struct Program {
    Context& context;
    std::function<Result<void>()> run;  // set by the command that the line names
};

// A command with its help: what it does, and examples, one a line.
CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& examples = {});
// Several commands under one word.
CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& what,
                    const std::string& examples = {});
// An option that may be repeated, and takes one value each time: what follows it is not swallowed.
template <typename Value>
CLI::Option* add_repeated(CLI::App& command, const std::string& name, std::vector<Value>& values,
                          const std::string& what) {
    return command.add_option(name, values, what + " (répétable)")->allow_extra_args(false);
}
// What runs where `command` is the one.
void on_run(CLI::App& command, Program& program, std::function<Result<void>()> run);

void add_enrol(CLI::App& app, Program& program);
void add_directory(CLI::App& app, Program& program);
void add_trust(CLI::App& app, Program& program);  // confirm, attest
void add_compose(CLI::App& app, Program& program);
void add_act(CLI::App& app, Program& program);
void add_attachments(CLI::App& app, Program& program);  // attachments, save
void add_read(CLI::App& app, Program& program);
void add_print(CLI::App& app, Program& program);
void add_alert(CLI::App& app, Program& program);
void add_state(CLI::App& app, Program& program);  // sync, outbox, status
void add_silence(CLI::App& app, Program& program);
void add_watch(CLI::App& app, Program& program);
void add_evidence(CLI::App& app, Program& program);  // proof, export
void add_organisation(CLI::App& app, Program& program);
void add_groups(CLI::App& app, Program& program);
void add_absence(CLI::App& app, Program& program);
void add_pack(CLI::App& app, Program& program);
void add_register(CLI::App& app, Program& program);
void add_witness(CLI::App& app, Program& program);
void add_rights(CLI::App& organisation, Program& program);  // of `org`
void add_alert_reach(CLI::App& group, Program& program);    // of `alert`
void add_help(CLI::App& app, Program& program);             // completion, man

// The whole command line, without running it.
void build(CLI::App& app, Program& program);

// Understands the arguments (without the program's name), runs, and gives the exit code.
int run(Context& context, std::vector<std::string> arguments);

// Scripts for a shell, and the manual page (roff), from the commands as they are.
Result<std::string> completion(const CLI::App& app, const std::string& shell);
[[nodiscard]] std::string manual_page(const CLI::App& app);

}  // namespace relais::cli
