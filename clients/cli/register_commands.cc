// register_commands.cc: `relais register`: what acts have set in a register of a kind, each entry
// checked against the signed act that set it.
#include <charconv>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/text.h"
#include "clients/station/api/registers.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;

struct RegisterLine {
    std::string kind;
    std::string name;
    bool all = false;
    std::optional<std::uint64_t> at;
};

json line_json(const station::RegisterLine& line) {
    return {{"key", line.key},
            {"value", line.value},
            {"since", format_utc(line.accepted.time)},
            {"leaf", line.accepted.leaf.value},
            {"from", line.act.from.text()},
            {"act", line.act.act},
            {"thread", uuid(line.act.thread)}};
}

Result<void> show_register(Context& context, const RegisterLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto patience, context.patience(station::kAnswerPatience));
    RELAIS_ASSIGN(const auto lines,
                  station::read_register(*station, line.kind, line.name, patience));
    const auto at = line.at ? std::optional(LeafIndex{*line.at}) : std::nullopt;
    json entries = json::array();
    for (const auto& each : line.all ? lines : station::latest_lines(lines, at)) {
        entries.push_back(line_json(each));
        context.out.line(each.key + " = " + std::to_string(each.value) + "  depuis " +
                         format_utc(each.accepted.time) + "  (" + each.act.from.text() + ")");
    }
    if (entries.empty()) context.out.line("Registre vide.");
    context.out.result({{"kind", line.kind}, {"register", line.name}, {"entries", entries}});
    return {};
}

}  // namespace

void add_register(CLI::App& app, Program& program) {
    CLI::App* command =
        add_command(app, "register", "Lire un registre : la dernière valeur de chaque clé",
                    "  relais register protocol agreement\n"
                    "  relais register protocol agreement --all --json");
    auto line = std::make_shared<RegisterLine>();
    command->add_option("type", line->kind, "Type d'échange qui tient le registre")->required();
    command->add_option("registre", line->name, "Nom du registre")->required();
    command->add_flag("--all", line->all, "Toutes les valeurs, dans l'ordre");
    command->add_option("--at", line->at, "Ce qu'il disait avant cette feuille du journal");
    on_run(*command, program,
           [&context = program.context, line] { return show_register(context, *line); });
}

}  // namespace relais::cli
