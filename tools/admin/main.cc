// main.cc: relais-admin, the program: options to requests, results to exit codes.
#include <algorithm>

#include "core/base/process.h"
#include "tools/admin/line.h"

namespace relais::admin {
namespace {

void add_signer(CLI::App& command, Line& line) {
    add_file(command, "--registrar", line.signer.file, "Key file of the registrar (or authority)",
             "RELAIS_REGISTRAR")
        ->required();
    command.add_option("--passphrase-fd", line.signer_descriptor,
                       "Descriptor that gives its passphrase; otherwise it is asked for");
}

// One that signs for the domain as well.
Result<void> with_signer(Line& line,
                         const std::function<Result<void>(Operator&, DomainSigner&)>& run) {
    RELAIS_ASSIGN(Operator op, Operator::connect(line.config));
    line.signer.passphrase = source(line.signer_descriptor, "relais-registrar-passphrase",
                                    "Passphrase of the key file: ");
    RELAIS_ASSIGN(DomainSigner signer, unlock_signer(line.signer));
    return run(op, signer);
}

void add_init(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand("init", "Make a domain: keys, data folder, configuration");
    auto request = std::make_shared<InitRequest>();
    auto authority_descriptor = std::make_shared<int>(-1);
    auto registrar_descriptor = std::make_shared<int>(-1);
    command->add_option("domain", request->domain, "Name: a-z, 0-9 and '-'")->required();
    command->add_option("--title", request->title, "Title shown to people")->required();
    command->add_option("--data", request->data, "Data folder, absolute")->required();
    command->add_option("--config", request->config, "Configuration file to write")->required();
    command
        ->add_option("--authority-file", request->authority_file,
                     "Where to write the domain authority's sealed key")
        ->required();
    command
        ->add_option("--registrar-file", request->registrar_file,
                     "Where to write the registrar's sealed key")
        ->required();
    command->add_option("--authority-passphrase-fd", *authority_descriptor, "Descriptor");
    command->add_option("--registrar-passphrase-fd", *registrar_descriptor, "Descriptor");
    command->add_option("--listen", request->listen_broker, "Endpoint for stations")
        ->capture_default_str();
    command->add_option("--listen-enrolment", request->listen_enrolment, "Endpoint for invitees")
        ->capture_default_str();
    command->add_option("--listen-http", request->listen_http, "Health and metrics")
        ->capture_default_str();
    command->add_flag("--test", request->test,
                      "A domain for trials: only test identities (INS) may travel");
    command->callback([&line, request, authority_descriptor, registrar_descriptor] {
        line.run = [&line, request, authority_descriptor, registrar_descriptor] {
            request->authority_passphrase =
                source(*authority_descriptor, "relais-authority-passphrase",
                       "New passphrase of the domain authority: ");
            request->registrar_passphrase =
                source(*registrar_descriptor, "relais-registrar-passphrase",
                       "New passphrase of the registrar: ");
            return init(*request, line.output);
        };
    });
}

void add_invite(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand(
        "invite", "Invite an organisation; or, with --recover, its return by its recovery sheet");
    auto request = std::make_shared<InviteRequest>();
    auto lifetime = std::make_shared<std::string>("7d");
    add_config(*command, line);
    add_signer(*command, line);
    command->add_flag("--anchor", request->anchor,
                      "The CPTS that publishes kinds; needs the authority's key file");
    command->add_option("--recover", request->recover, "Organisation to be recovered");
    command->add_option("--lifetime", *lifetime, "90s, 30min, 4h, 7d")->capture_default_str();
    command->add_option("-o,--output", request->token_file,
                        "File for the token, mode 0600; otherwise standard output");
    command->callback([&line, request, lifetime] {
        line.run = [&line, request, lifetime]() -> Result<void> {
            RELAIS_ASSIGN(request->lifetime, parse_duration(*lifetime));
            return with_signer(line, [&](Operator& op, DomainSigner& signer) {
                return invite(op, signer, *request, line.output);
            });
        };
    });
}

void add_approve(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand(
        "approve", "Approve what was proposed for the invitations of this key file");
    auto wait = std::make_shared<std::string>();
    add_config(*command, line);
    add_signer(*command, line);
    command->add_option("--wait", *wait, "How long to wait for one: 30s, 1h");
    command->callback([&line, wait] {
        line.run = [&line, wait]() -> Result<void> {
            std::chrono::seconds patience{0};
            if (!wait->empty()) {
                RELAIS_ASSIGN(patience, parse_duration(*wait));
            }
            return with_signer(line, [&](Operator& op, DomainSigner& signer) {
                return approve(op, signer, patience, line.output);
            });
        };
    });
    auto* close = app.add_subcommand("close-invitation", "Withdraw an invitation");
    auto locator = std::make_shared<std::string>();
    add_config(*close, line);
    add_signer(*close, line);
    close->add_option("locator", *locator, "As `invite` printed it")->required();
    close->callback([&line, locator] {
        line.run = [&line, locator] {
            return with_signer(line, [&](Operator& op, DomainSigner& signer) {
                return close_invitation(op, signer, *locator, line.output);
            });
        };
    });
}

void add_attest(CLI::App& app, Line& line, const char* name, const char* help, bool withdraw) {
    auto* command = app.add_subcommand(name, help);
    auto request = std::make_shared<AttestRequest>();
    request->withdraw = withdraw;
    add_config(*command, line);
    add_signer(*command, line);
    command->add_option("organisation", request->organisation, "Name")->required();
    command->add_option("person", request->person, "Id or title")->required();
    if (!withdraw) {
        command
            ->add_option("--evidence", request->evidence,
                         "national_directory, certificate, pro_sante_connect or in_person")
            ->capture_default_str();
    }
    command->callback([&line, request] {
        line.run = [&line, request] {
            return with_signer(line, [&](Operator& op, DomainSigner& signer) {
                return attest(op, signer, *request, line.output);
            });
        };
    });
}

void add_suspension(CLI::App& app, Line& line, const char* name, const char* help, bool suspended) {
    auto* command = app.add_subcommand(name, help);
    auto organisation = std::make_shared<std::string>();
    add_config(*command, line);
    add_signer(*command, line);
    command->add_option("organisation", *organisation, "Name")->required();
    command->callback([&line, organisation, suspended] {
        line.run = [&line, organisation, suspended] {
            return with_signer(line, [&](Operator& op, DomainSigner& signer) {
                return set_suspended(op, signer, *organisation, suspended, line.output);
            });
        };
    });
}

void add_simple(CLI::App& app, Line& line, const char* name, const char* help,
                Result<void> (*run)(Operator&, const Output&)) {
    auto* command = app.add_subcommand(name, help);
    add_config(*command, line);
    command->callback([&line, run] {
        line.run = [&line, run] {
            return with_broker(line, [&](Operator& op) { return run(op, line.output); });
        };
    });
}

void add_check(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand("check", "Check configuration, keys, directory and health");
    add_config(*command, line);
    command->callback([&line] { line.run = [&line] { return check(line.config, line.output); }; });
}

void add_kind_commands(CLI::App& app, Line& line) {
    auto* kind = app.add_subcommand("kind", "Kinds of exchange: compile, publish, withdraw, list");
    kind->require_subcommand(1);
    auto request = std::make_shared<PublishRequest>();
    auto descriptor = std::make_shared<int>(-1);
    auto name = std::make_shared<std::string>();
    const auto unlock = [request, descriptor] {
        request->passphrase =
            source(*descriptor, "relais-passphrase", "Passphrase of the station: ");
    };
    auto* add = kind->add_subcommand(
        "add", "Compile a folder, show what changes, sign it as the CPTS, publish it");
    add->add_option("folder", request->folder, "Folder with declaration.toml")->required();
    add->add_flag("--yes", request->yes, "Do not ask for confirmation");
    add_publish_options(*add, *request, *descriptor);
    add->callback([&line, request, unlock] {
        line.run = [&line, request, unlock] {
            unlock();
            return add_kind(*request, line.output);
        };
    });
    auto* withdraw = kind->add_subcommand("withdraw", "No new threads of a kind");
    withdraw->add_option("kind", *name, "Name")->required();
    add_publish_options(*withdraw, *request, *descriptor);
    withdraw->callback([&line, request, unlock, name] {
        line.run = [&line, request, unlock, name] {
            unlock();
            return withdraw_kind(*name, *request, line.output);
        };
    });
    auto* compile = kind->add_subcommand("compile", "Compile a folder and say what it is");
    auto bundle = std::make_shared<std::filesystem::path>();
    compile->add_option("folder", request->folder, "Folder with declaration.toml")->required();
    compile->add_option("-o,--output", *bundle, "File for the bundle");
    compile->callback([&line, request, bundle] {
        line.run = [&line, request, bundle] {
            return compile_kind(request->folder, *bundle, line.output);
        };
    });
    add_simple(*kind, line, "list", "Kinds that are published", list_kinds);
}

// What CLI11 says of a line that it does not understand, and the word where it says only that a
// command lacks.
Error understood_badly(const CLI::App& app, const CLI::ParseError& error) {
    const std::string text = error.what();
    const std::vector<std::string> rest = app.remaining(true);
    if (text.starts_with("A subcommand") && !rest.empty()) {
        return fail(ErrorCode::usage, "unknown command: " + rest.front() + "; see --help");
    }
    return fail(ErrorCode::usage, text + "; see --help");
}

// Where the line could not be understood, --json may not have been read yet.
bool asks_json(int argc, char** argv) {
    return std::any_of(argv + 1, argv + argc,
                       [](const char* word) { return std::string_view(word) == "--json"; });
}

int run(int argc, char** argv) {
    CLI::App app{
        "Runs a domain of Relais: makes it, invites and suspends organisations, attests "
        "professions,\n"
        "publishes kinds. Talks to the running broker over its local socket; everything it does "
        "is\n"
        "signed with the registrar's key and stands in the audit log. See docs/operations.md."};
    Line line;
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--json", line.output.json, "One JSON document on standard output");
    app.set_version_flag("--version", "relais-admin " RELAIS_VERSION);
    add_init(app, line);
    add_invite(app, line);
    add_approve(app, line);
    add_attest(app, line, "attest", "Attest a person's profession", false);
    add_attest(app, line, "revoke-attestation", "Withdraw an attestation", true);
    add_simple(app, line, "list", "Organisations, persons and stations", list);
    add_suspension(app, line, "suspend", "Suspend an organisation: its stations are cut off", true);
    add_suspension(app, line, "resume", "End a suspension", false);
    add_kind_commands(app, line);
    add_pack_commands(app, line);
    add_simple(app, line, "status", "What the broker says of itself", status);
    add_simple(app, line, "silence", "Who has fallen silent: the last reckoning of days", silence);
    add_indicators(app, line);
    add_authority_commands(app, line);
    add_check(app, line);
    add_simple(app, line, "trust-clock", "Say that the wall clock is right", trust_clock);
    add_backup_commands(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        line.output.json = asks_json(argc, argv);
        return line.output.failure(understood_badly(app, error));
    }
    return line.output.end(line.run());
}

}  // namespace
}  // namespace relais::admin

int main(int argc, char** argv) {
    relais::leave_no_core_file();
    return relais::admin::run(argc, argv);
}
