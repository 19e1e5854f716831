// line.h: what the command lines of relais-admin share: the options that several commands have, and
// the command that was chosen. Private to the program.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "tools/admin/commands.h"

namespace relais::admin {

struct Line {
    Output output;
    std::filesystem::path config;
    SignerFile signer;
    int signer_descriptor = -1;
    std::function<Result<void>()> run;
};

inline station::PassphraseSource source(int descriptor, const char* credential,
                                        const char* prompt) {
    station::PassphraseSource from;
    if (descriptor >= 0) from.descriptor = descriptor;
    from.credential = credential;
    from.prompt = prompt;
    return from;
}

// A file that a variable of the environment may name instead of the line. Several commands share
// where it is kept, and CLI11 runs the variables of all of them, chosen or not, once the line is
// read: only the chosen command's word counts, where the line comes first.
inline CLI::Option* add_file(CLI::App& command, const char* name, std::filesystem::path& file,
                             const char* help, const char* variable) {
    const auto take = [&command, &file](const std::string& given) {
        if (command.parsed()) file = given;
    };
    return command.add_option_function<std::string>(name, take, help)->envname(variable);
}

inline CLI::Option* add_config(CLI::App& command, Line& line,
                               const char* help = "Configuration of the broker (TOML)") {
    return add_file(command, "--config", line.config, help, "RELAIS_CONFIG")->required();
}

// A command that talks to the running broker.
inline Result<void> with_broker(Line& line, const std::function<Result<void>(Operator&)>& run) {
    RELAIS_ASSIGN(Operator op, Operator::connect(line.config));
    return run(op);
}

// The options of a command that signs as the anchor organisation.
inline void add_publish_options(CLI::App& command, PublishRequest& request, int& descriptor) {
    command
        .add_option("--station", request.station, "Folder of a station of the anchor (the CPTS)")
        ->required();
    command.add_option("--passphrase-fd", descriptor, "Descriptor that gives its passphrase");
}

// authority_line.cc
void add_authority_commands(CLI::App& app, Line& line);
// pack_line.cc
void add_pack_commands(CLI::App& app, Line& line);
// backup_line.cc
void add_backup_commands(CLI::App& app, Line& line);
// indicators_line.cc
void add_indicators(CLI::App& app, Line& line);

}  // namespace relais::admin
