// main.cc: relais-audit, the program: options to requests, results to exit codes.
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "core/base/process.h"
#include "tools/audit/commands.h"

namespace relais::audit {
namespace {

struct Line {
    Output output{"relais-audit"};
    std::function<Result<void>()> run;
};

void add_trust(CLI::App& command, TrustRequest& trust) {
    command
        .add_option("--key", trust.keys,
                    "Key of a log that you trust (name+id+base64), or a file of such lines")
        ->type_name("VKEY|FILE");
    command
        .add_option("--authority", trust.authority,
                    "Fingerprint of the domain authority that you trust")
        ->type_name("HEX");
    command
        .add_option("--expect", trust.expected,
                    "A signed head seen elsewhere that these logs must continue or contain")
        ->type_name("FILE");
}

void add_export(CLI::App& app, Line& line) {
    auto* command =
        app.add_subcommand("export", "Write the audit log and the directory into a folder");
    auto request = std::make_shared<ExportRequest>();
    command->add_option("--data", request->data, "Data folder of the broker")->type_name("DIR");
    command->add_option("--socket", request->socket, "Local socket of the running broker")
        ->type_name("SOCKET");
    command->add_flag("--stopped", request->stopped, "Read the data folder of a stopped broker");
    command->add_option("--out", request->folder, "Folder to make")
        ->required()
        ->type_name("FOLDER");
    command->callback([&line, request] {
        line.run = [&line, request] { return export_logs(*request, line.output); };
    });
}

void add_verify(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand(
        "verify", "Derive every hash again from the records and check all that was signed");
    auto folder = std::make_shared<std::filesystem::path>();
    auto trust = std::make_shared<TrustRequest>();
    command->add_option("folder", *folder, "As `export` made it")->required();
    add_trust(*command, *trust);
    command->add_flag("--witnessed", trust->witnessed,
                      "Fail where fewer organisations cosigned than the domain asks for");
    command->callback([&line, folder, trust] {
        line.run = [&line, folder, trust] { return verify(*folder, *trust, line.output); };
    });
}

void add_check(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand(
        "check", "Check one proof file, or the folder of one case (`relais proof`)");
    auto request = std::make_shared<CheckRequest>();
    command
        ->add_option("proof", request->proof,
                     "Proof file (C2SP tlog-proof), or folder of `relais proof --thread`")
        ->required();
    command
        ->add_option("--authority", request->authority,
                     "Fingerprint of the domain authority that you trust, for a folder")
        ->type_name("HEX");
    command
        ->add_option("--key", request->keys,
                     "Key of the log, and of witnesses (name+id+base64), or a file of such lines")
        ->type_name("VKEY|FILE");
    command->add_option("--witnesses", request->organisations,
                        "Fail where fewer organisations cosigned, by the keys given");
    command->callback(
        [&line, request] { line.run = [&line, request] { return check(*request, line.output); }; });
}

void add_show(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand("show", "The audit trail of a folder, verified first");
    auto folder = std::make_shared<std::filesystem::path>();
    auto trust = std::make_shared<TrustRequest>();
    auto request = std::make_shared<ShowRequest>();
    command->add_option("folder", *folder, "As `export` made it")->required();
    command->add_option("--thread", request->thread, "Of one thread")->type_name("ID");
    command->add_option("--message", request->message, "Of one message")->type_name("ID");
    command->add_option("--event", request->event, "Of one kind: submitted, delivered, ...")
        ->type_name("EVENT");
    command->add_option("--actor", request->actor, "Id of a person or station, or a mailbox")
        ->type_name("ACTOR");
    command->add_option("--from", request->from, "2026-11-21 or 2026-11-21T23:30 (UTC)")
        ->type_name("TIME");
    command->add_option("--to", request->to, "Before this time")->type_name("TIME");
    add_trust(*command, *trust);
    command->callback([&line, folder, trust, request] {
        line.run = [&line, folder, trust, request] {
            return show(*folder, *trust, *request, line.output);
        };
    });
}

constexpr const char* kExamples =
    "Examples:\n"
    "  relais-audit export --data /var/lib/relais/indre --out /srv/evidence/2026-11\n"
    "  relais-audit verify /srv/evidence/2026-11 --authority 3f0c...\n"
    "  relais-audit verify 2026-12 --expect 2026-11/audit/checkpoint\n"
    "  relais-audit check call.proof --key 2026-11/verifier-keys\n"
    "  relais-audit show 2026-11 --thread 01980000-0000-7000-8000-000000000000\n"
    "\n"
    "Exit codes: 0 verified; 7 altered, or a proof that does not hold; 2 usage; 8 this machine.";

int run(int argc, char** argv) {
    CLI::App app{
        "Exports a domain's evidence and judges it offline: who did what when, provable to\n"
        "strangers. Verifying needs neither the broker nor its network."};
    Line line;
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(kExamples);
    app.add_flag("--json", line.output.json, "One JSON document on standard output");
    app.set_version_flag("--version", "relais-audit " RELAIS_VERSION);
    add_export(app, line);
    add_verify(app, line);
    add_check(app, line);
    add_show(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {  // --help and --version too
        return app.exit(error) == 0 ? 0 : error_info(ErrorCode::usage).exit_code;
    }
    return line.output.end(line.run());
}

}  // namespace
}  // namespace relais::audit

int main(int argc, char** argv) {
    relais::leave_no_core_file();
    return relais::audit::run(argc, argv);
}
