// authority_line.cc: the command lines of what the domain authority alone may do.
#include "tools/admin/line.h"

namespace relais::admin {

namespace {

void add_authority(CLI::App& command, Line& line) {
    add_file(command, "--authority,--registrar", line.signer.file,
             "Key file of the domain authority", "RELAIS_AUTHORITY")
        ->required();
    command.add_option("--passphrase-fd", line.signer_descriptor,
                       "Descriptor that gives its passphrase; otherwise it is asked for");
}

Result<void> with_authority(Line& line,
                            const std::function<Result<void>(Operator&, DomainSigner&)>& run) {
    RELAIS_ASSIGN(Operator op, Operator::connect(line.config));
    line.signer.passphrase = source(line.signer_descriptor, "relais-authority-passphrase",
                                    "Passphrase of the domain authority: ");
    RELAIS_ASSIGN(DomainSigner authority, unlock_signer(line.signer));
    RELAIS_TRY(check_authority(op, authority));
    return run(op, authority);
}

void add_witness_policy(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand("witness-policy",
                                       "How many organisations must cosign the heads of the logs");
    auto organisations = std::make_shared<unsigned>(0);
    auto late_after = std::make_shared<std::string>("24h");
    add_config(*command, line);
    add_authority(*command, line);
    command->add_option("--organisations", *organisations, "0 to 16; 0: none is asked for")
        ->required();
    command->add_option("--late-after", *late_after, "60s to 30d: older heads are called late")
        ->capture_default_str();
    command->callback([&line, organisations, late_after] {
        line.run = [&line, organisations, late_after]() -> Result<void> {
            RELAIS_ASSIGN(const auto delay, parse_duration(*late_after));
            return with_authority(line, [&](Operator& op, DomainSigner& authority) {
                return set_witness_policy(op, authority, *organisations, delay, line.output);
            });
        };
    });
}

void add_renew_key(CLI::App& app, Line& line) {
    auto* command = app.add_subcommand(
        "renew-key", "Give the broker a new key for a year; it goes on serving meanwhile");
    auto stolen = std::make_shared<bool>(false);
    add_config(*command, line);
    add_authority(*command, line);
    command->add_flag("--stolen", *stolen,
                      "The former key may be in other hands: it ends in a minute, and not when its "
                      "year is over");
    command->callback([&line, stolen] {
        line.run = [&line, stolen] {
            return with_authority(line, [&](Operator& op, DomainSigner& authority) {
                return renew_broker_key(op, authority, *stolen, line.output);
            });
        };
    });
}

void add_registrar_commands(CLI::App& app, Line& line) {
    auto* registrar = app.add_subcommand("registrar", "Who admits and attests: add, remove, list");
    registrar->require_subcommand(1);
    auto request = std::make_shared<RegistrarRequest>();
    auto descriptor = std::make_shared<int>(-1);
    auto* add = registrar->add_subcommand("add", "Make the key of another registrar and name it");
    add->add_option("--title", request->title, "Title shown to people")->required();
    add->add_option("--file", request->file, "Where to write its sealed key")->required();
    add->add_option("--new-passphrase-fd", *descriptor,
                    "Descriptor that gives the passphrase of the new key");
    add_config(*add, line);
    add_authority(*add, line);
    add->callback([&line, request, descriptor] {
        line.run = [&line, request, descriptor] {
            request->passphrase = source(*descriptor, "relais-registrar-passphrase",
                                         "New passphrase of the registrar: ");
            return with_authority(line, [&](Operator& op, DomainSigner& authority) {
                return add_registrar(op, authority, *request, line.output);
            });
        };
    });
    auto named = std::make_shared<std::string>();
    auto* remove = registrar->add_subcommand("remove", "It signs no more; what it signed stands");
    remove->add_option("registrar", *named, "Title, or the first digits of its fingerprint")
        ->required();
    add_config(*remove, line);
    add_authority(*remove, line);
    remove->callback([&line, named] {
        line.run = [&line, named] {
            return with_authority(line, [&](Operator& op, DomainSigner& authority) {
                return remove_registrar(op, authority, *named, line.output);
            });
        };
    });
    auto* list = registrar->add_subcommand("list", "Fingerprints and titles");
    add_config(*list, line);
    list->callback([&line] {
        line.run = [&line] {
            return with_broker(line,
                               [&](Operator& op) { return list_registrars(op, line.output); });
        };
    });
}

}  // namespace

void add_authority_commands(CLI::App& app, Line& line) {
    add_renew_key(app, line);
    add_registrar_commands(app, line);
    add_witness_policy(app, line);
}

}  // namespace relais::admin
