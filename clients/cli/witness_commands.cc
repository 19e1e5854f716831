// witness_commands.cc: `relais witness`: this station as a witness of the logs, what witnesses have
// said, and the evidence that this station keeps where the service contradicted itself.
#include "clients/cli/program.h"
#include "clients/cli/show_witnesses.h"
#include "clients/cli/text.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::cli {

namespace {

using nlohmann::json;

Result<void> set_witness(Context& context, bool wanted) {
    RELAIS_TRY(context.open_and_synchronise());
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.set_witness(wanted));
    context.out.line(
        wanted ? "Ce poste est témoin : il cosigne les journaux tant que « relais watch » "
                 "tourne."
               : "Ce poste n'est plus témoin.");
    context.out.result({{"witness", wanted}});
    return {};
}

Result<void> witness_status(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const json shown, witnesses_json(*station, context.online()));
    context.out.heading("Témoins");
    print_witnesses(context.out, shown);
    context.out.result(shown);
    return {};
}

// One file a contradiction, as it was kept: what this station knew, then what contradicts it.
Result<void> evidence(Context& context, const std::filesystem::path& folder) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(const auto kept, station::contradictions(station->store()));
    if (kept.empty()) {
        context.out.line("Aucune contradiction constatée.");
        context.out.result({{"files", json::array()}});
        return {};
    }
    RELAIS_TRY(make_private_folder(folder));
    json files = json::array();
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const std::filesystem::path file =
            folder / ("contradiction-" + std::to_string(i + 1) + ".txt");
        const station::Contradiction& item = kept[i];
        const std::string text = std::string(error_info(item.code).name) + "\n" + item.about +
                                 "\n" + format_utc(item.seen) + "\n\n---- known\n" + item.first +
                                 "\n---- contradicted by\n" + item.second + "\n";
        RELAIS_TRY(write_file(file, as_bytes(text), 0600, Replace::no));
        files.push_back(file.string());
        context.out.line(file.string());
    }
    context.out.result({{"files", std::move(files)}});
    return {};
}

}  // namespace

void add_witness(CLI::App& app, Program& program) {
    CLI::App* group =
        add_group(app, "witness", "Témoins des journaux, et preuves d'une contradiction",
                  "  relais witness enable\n  relais witness status --json");
    CLI::App* enable = add_command(
        *group, "enable", "Faire de ce poste un témoin : il cosigne les têtes des deux journaux");
    on_run(*enable, program, [&context = program.context] { return set_witness(context, true); });
    CLI::App* disable = add_command(*group, "disable", "Ce poste n'est plus témoin");
    on_run(*disable, program, [&context = program.context] { return set_witness(context, false); });
    CLI::App* status =
        add_command(*group, "status", "Combien d'organisations cosignent, et depuis quand");
    on_run(*status, program, [&context = program.context] { return witness_status(context); });
    CLI::App* kept = add_command(
        *group, "evidence", "Écrire les deux pièces de chaque contradiction constatée par ce poste",
        "  relais witness evidence preuves");
    auto folder = std::make_shared<std::filesystem::path>();
    kept->add_option("dossier", *folder, "Dossier à créer")->required();
    on_run(*kept, program,
           [&context = program.context, folder] { return evidence(context, *folder); });
}

}  // namespace relais::cli
