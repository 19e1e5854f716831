// manual.cc: the manual page of `relais`, in roff, from the commands as they are.
#include "clients/cli/program.h"

namespace relais::cli {

namespace {

// Text that roff prints as it is: '-' and '\' escaped, no line that begins a request.
std::string roff(const std::string& text) {
    std::string out;
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins && (c == '.' || c == '\'')) out += "\\&";
        if (c == '-') {
            out += "\\-";
        } else if (c == '\\') {
            out += "\\e";
        } else {
            out += c;
        }
        line_begins = c == '\n';
    }
    return out;
}

std::string literal(const std::string& text) { return ".PP\n.nf\n" + roff(text) + "\n.fi\n"; }

std::string names_of(const CLI::Option& option) {
    if (option.get_positional()) return option.get_name(true);
    std::string names;
    for (const std::string& name : option.get_snames()) names += "-" + name + ", ";
    for (const std::string& name : option.get_lnames()) names += "--" + name + ", ";
    names.resize(names.size() - 2);
    return names + (option.get_items_expected_max() > 0 ? " VALEUR" : "");
}

void add_options(const CLI::App& app, std::string& page) {
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_lnames() == std::vector<std::string>{"help"}) continue;
        std::string text = option->get_description();
        if (!option->get_envname().empty()) text += " (variable " + option->get_envname() + ")";
        if (!option->get_default_str().empty()) text += " [" + option->get_default_str() + "]";
        page += ".TP\n.B " + roff(names_of(*option)) + "\n" + roff(text) + "\n";
    }
}

void add_commands(const CLI::App& app, const std::string& before, std::string& page) {
    const auto commands =
        app.get_subcommands([](const CLI::App* command) { return !command->get_name().empty(); });
    for (const CLI::App* command : commands) {
        const std::string name = before + command->get_name();
        page += ".SS " + roff(name) + "\n" + roff(command->get_description()) + ".\n";
        add_options(*command, page);
        if (!command->get_footer().empty()) page += literal(command->get_footer());
        add_commands(*command, name + " ", page);
    }
}

void add_exit_codes(std::string& page) {
    page +=
        ".SH ERREURS\nAvec leur code de retour. L'erreur, sur la sortie d'erreur, dit aussi "
        "quoi faire.\n";
    for (const ErrorInfo& info : error_table()) {
        if (info.code == ErrorCode::ok) continue;
        page += ".TP\n.B " + std::to_string(info.exit_code) + "  " + std::string(info.name) + "\n" +
                roff(std::string(info.french) + " " + std::string(info.next_step)) + "\n";
    }
}

}  // namespace

std::string manual_page(const CLI::App& app) {
    std::string page =
        ".\\\" Written by `relais man`; do not edit.\n"
        ".TH RELAIS 1 \"\" \"relais\" \"Relais\"\n"
        ".SH NOM\nrelais \\- messagerie et coordination d'un territoire de santé\n"
        ".SH SYNOPSIS\n.B relais\n[OPTIONS] COMMANDE ...\n"
        ".SH DESCRIPTION\n";
    page += roff(app.get_description()) + "\n" + literal(app.get_footer());
    page += ".SH OPTIONS\nAvant ou après la commande.\n";
    add_options(app, page);
    page += ".SH COMMANDES\n";
    add_commands(app, "", page);
    add_exit_codes(page);
    page +=
        ".SH FICHIERS\nDans le dossier du poste : vault.json (clés, scellées sous la phrase "
        "secrète), station.db\n(messages, scellés), link.lock (une connexion à la fois).\n"
        ".SH VOIR AUSSI\n.BR relais\\-admin (1),\n.BR relais\\-audit (1)\n";
    return page;
}

}  // namespace relais::cli
