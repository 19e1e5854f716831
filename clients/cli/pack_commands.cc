// pack_commands.cc: `relais pack`: the reference packs in force on this station, a code looked up,
// labels searched; what they ask to suspend or reopen.
#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/text.h"
#include "clients/station/api/watched.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kFoundMax = 1000;

struct PackLine {
    std::string list;
    std::string code;
    std::vector<std::string> words;
    std::size_t most = 20;
};

json row_json(const packs::CodeTable& table, const packs::Row& row) {
    json facts = json::object();
    for (const std::string& name : table.list().facts) {
        const std::string fact = table.fact(row, name);
        if (!fact.empty()) facts[name] = fact;
    }
    return {{"code", row.code}, {"label", row.label}, {"facts", std::move(facts)}};
}

json source_json(const station::HeldList& held) {
    return {{"list", held.table.list().name}, {"pack", held.pack}, {"version", held.version}};
}

Result<void> show_packs(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto held, station->packs().packs());
    json all = json::array();
    for (const station::HeldPack& pack : held) {
        const std::string name = pack.published.name.text();
        const std::string state = pack.complete ? "" : "  (pas encore reçu en entier)";
        const std::string title = pack.manifest ? "  " + pack.manifest->title : "";
        context.out.line(name + " version " + std::to_string(pack.published.version) + title +
                         state);
        json lists = json::array();
        for (const packs::List& list :
             pack.manifest ? pack.manifest->lists : std::vector<packs::List>{}) {
            context.out.line("  " + list.name + "  " + list.title + " : " +
                             std::to_string(list.rows) + " codes");
            lists.push_back({{"list", list.name},
                             {"title", list.title},
                             {"codes", list.codes},
                             {"rows", list.rows}});
        }
        all.push_back({{"pack", name},
                       {"version", pack.published.version},
                       {"complete", pack.complete},
                       {"lists", std::move(lists)}});
    }
    if (held.empty()) context.out.line("Aucun référentiel : les codes ne sont pas vérifiés.");
    context.out.result({{"packs", std::move(all)}});
    return {};
}

Result<void> show_code(Context& context, const PackLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto held, station->packs().list(line.list));
    const packs::CodeTable& table = held->table;
    const packs::Row* row = table.find(line.code);
    if (row == nullptr) {
        return fail(ErrorCode::not_found, line.code + " : code inconnu de la liste " + line.list +
                                              " (" + held->pack + ", version " +
                                              std::to_string(held->version) + ")");
    }
    context.out.line(row->code + "  " + row->label);
    for (const std::string& name : table.list().facts) {
        const std::string fact = table.fact(*row, name);
        if (!fact.empty()) context.out.line("  " + name + " : " + fact);
    }
    json result = source_json(*held);
    result.update(row_json(table, *row));
    context.out.result(result);
    return {};
}

Result<void> search_codes(Context& context, const PackLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto held, station->packs().list(line.list));
    std::string text;
    for (const std::string& word : line.words) text += (text.empty() ? "" : " ") + word;
    const auto found = held->table.search(text, line.most + 1);
    json rows = json::array();
    for (const packs::Row* row : found) {
        if (rows.size() == line.most) break;
        context.out.line(row->code + "  " + row->label);
        rows.push_back(row_json(held->table, *row));
    }
    const bool more = found.size() > line.most;
    if (found.empty()) context.out.line("Rien dans la liste " + line.list + ".");
    if (more) context.out.line("… d'autres encore : précisez, ou --most.");
    json result = source_json(*held);
    result["found"] = std::move(rows);
    result["more"] = more;
    context.out.result(result);
    return {};
}

constexpr std::chrono::seconds kReviewPatience{30};

// What the packs in force ask to close or to reopen, prepared for whoever may sign it.
Result<void> review(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto patience, context.patience(kReviewPatience));
    RELAIS_ASSIGN(auto due, station::watched_turns(*station, patience));
    const std::size_t before = due.size();
    RELAIS_ASSIGN(const auto kept, station::keep_turns(*station, std::move(due)));
    json turns = json::array();
    for (const station::WatchedTurn& turn : kept) {
        RELAIS_ASSIGN(const auto kind, station->kinds().get(turn.draft.kind_digest));
        const std::string& act = turn.draft.acts[0].act;
        context.out.heading(kind->kind.acts[*kind->kind.act(act)].label + " : " + turn.entry);
        context.out.line("  " + turn.why);
        context.out.line("  Brouillon gardé : " + short_id(turn.draft.id) + " (relais send " +
                         short_id(turn.draft.id) + ")");
        turns.push_back({{"draft", uuid(turn.draft.id)},
                         {"kind", turn.draft.kind},
                         {"act", act},
                         {"entry", turn.entry},
                         {"why", turn.why}});
    }
    if (kept.empty()) {
        context.out.line(before == 0 ? "Rien à changer : tout est comme les référentiels le disent."
                                     : "Rien de nouveau : les brouillons sont déjà préparés.");
    }
    context.out.result({{"turns", std::move(turns)}});
    return {};
}

void add_pack_review(CLI::App& group, Program& program) {
    CLI::App* command = add_command(
        group, "review",
        "Préparer ce qu'un référentiel demande de suspendre ou de rouvrir, à signer ensuite",
        "  relais pack review");
    on_run(*command, program, [&context = program.context] { return review(context); });
}

void add_pack_list(CLI::App& group, Program& program) {
    CLI::App* command = add_command(group, "list", "Les référentiels en vigueur et leurs listes");
    on_run(*command, program, [&context = program.context] { return show_packs(context); });
}

void add_pack_show(CLI::App& group, Program& program) {
    CLI::App* command = add_command(group, "show", "Ce qu'une liste dit d'un code",
                                    "  relais pack show icd10 R53\n"
                                    "  relais pack show cis 60000001 --json");
    auto line = std::make_shared<PackLine>();
    command->add_option("liste", line->list, "Nom de la liste")->required();
    command->add_option("code", line->code, "Code, avec ou sans point")->required();
    on_run(*command, program,
           [&context = program.context, line] { return show_code(context, *line); });
}

void add_pack_search(CLI::App& group, Program& program) {
    CLI::App* command =
        add_command(group, "search", "Chercher un code par les mots de son libellé, ou son début",
                    "  relais pack search icd10 malaise\n"
                    "  relais pack search cis amoxicilline 500");
    auto line = std::make_shared<PackLine>();
    command->add_option("liste", line->list, "Nom de la liste")->required();
    command->add_option("mots", line->words, "Mots du libellé, ou début du code")->required();
    command->add_option("--most", line->most, "Nombre de lignes montrées")
        ->check(CLI::Range(std::size_t{1}, kFoundMax));
    on_run(*command, program,
           [&context = program.context, line] { return search_codes(context, *line); });
}

}  // namespace

void add_pack(CLI::App& app, Program& program) {
    CLI::App* group = add_group(app, "pack", "Les référentiels de codes : médicaments, diagnostics",
                                "  relais pack list\n"
                                "  relais pack search icd10 malaise");
    add_pack_list(*group, program);
    add_pack_show(*group, program);
    add_pack_search(*group, program);
    add_pack_review(*group, program);
}

}  // namespace relais::cli
