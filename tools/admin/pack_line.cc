// pack_line.cc: `relais-admin pack`: the command line of reference packs.
#include "tools/admin/line.h"

namespace relais::admin {

namespace {

struct PackLine {
    PublishRequest request;
    int descriptor = -1;
    std::string name;
    ImportOptions options;

    void unlock() {
        request.passphrase = source(descriptor, "relais-passphrase", "Passphrase of the station: ");
    }
};

void add_import(CLI::App& pack, Line& line) {
    auto* command = pack.add_subcommand(
        "import",
        "Read the files of a folder (pack.toml; the drug database as published: CIS_bdpm.txt,\n"
        "CIS_CIP_bdpm.txt, CIS_CIP_Dispo_Spec.txt, CIS_MITM.txt; icd10.csv), show what changes,\n"
        "sign it as the CPTS, publish it");
    auto given = std::make_shared<PackLine>();
    command->add_option("folder", given->request.folder, "Folder with pack.toml")->required();
    command->add_flag("--skip-broken", given->options.skip_broken,
                      "Leave out the lines that cannot be read, instead of refusing");
    command->add_flag("--without-availability", given->options.without_availability,
                      "Publish drugs though no line says which are short: every shortage ends");
    command->add_flag("--yes", given->request.yes, "Do not ask for confirmation");
    add_publish_options(*command, given->request, given->descriptor);
    command->callback([&line, given] {
        line.run = [&line, given] {
            given->unlock();
            return import_pack(given->request, given->options, line.output);
        };
    });
}

void add_withdraw(CLI::App& pack, Line& line) {
    auto* withdraw = pack.add_subcommand("withdraw", "Codes of a pack are not checked any more");
    auto given = std::make_shared<PackLine>();
    withdraw->add_option("pack", given->name, "Name")->required();
    add_publish_options(*withdraw, given->request, given->descriptor);
    withdraw->callback([&line, given] {
        line.run = [&line, given] {
            given->unlock();
            return withdraw_pack(given->name, given->request, line.output);
        };
    });
}

}  // namespace

void add_pack_commands(CLI::App& app, Line& line) {
    auto* pack = app.add_subcommand(
        "pack", "Reference packs (drugs, shortages, diagnoses): import, withdraw, list");
    pack->require_subcommand(1);
    add_import(*pack, line);
    add_withdraw(*pack, line);
    auto* list = pack->add_subcommand("list", "Packs that were published");
    add_config(*list, line);
    list->callback([&line] {
        line.run = [&line] {
            return with_broker(line, [&](Operator& op) { return list_packs(op, line.output); });
        };
    });
}

}  // namespace relais::admin
