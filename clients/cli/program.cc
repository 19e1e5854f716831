#include "clients/cli/program.h"

#include <algorithm>

namespace relais::cli {

namespace {

constexpr const char* kSummary =
    "Messagerie et coordination sécurisées d'un territoire de santé.\n"
    "Relais ne remplace ni la MSSanté, ni le dossier médical, ni le 15.";

constexpr const char* kGuide =
    "Pour commencer :\n"
    "  relais enrol invitation.txt           installer ce poste avec une invitation reçue\n"
    "  relais directory gériatrie            trouver un service\n"
    "  relais new KIND --to MAILBOX          préparer une demande, champ par champ\n"
    "  relais send BROUILLON                 la signer et l'envoyer\n"
    "  relais inbox ; relais show DOSSIER    lire ce qui est arrivé\n"
    "  relais act DOSSIER ACTION             répondre\n"
    "\n"
    "Aide d'une commande : relais COMMANDE --help. Manuel : man relais.\n"
    "\n"
    "Codes de retour : 0 fait ; 1 erreur interne ; 2 commande mal employée ; 3 saisie non valide "
    ";\n"
    "4 refusé ; 5 conflit ; 6 pas maintenant, réessayer ; 7 vérification échouée ; 8 problème de "
    "ce\n"
    "poste (disque, verrou, phrase secrète) ; 9 inconnu.";

void add_global_options(CLI::App& app, Options& options) {
    app.add_option("--station", options.station, "Dossier du poste")->envname("RELAIS_STATION");
    app.add_option("--passphrase-fd", options.passphrase_descriptor,
                   "Descripteur où lire la phrase secrète du poste (une ligne) ; sinon credential "
                   "systemd « relais-passphrase », sinon question au terminal");
    app.add_option(
        "--person-passphrase-fd", options.person_descriptor,
        "Descripteur où lire la phrase secrète de la personne qui signe ; sinon "
        "credential « relais-person-passphrase », sinon celle du poste si elle convient");
    app.add_option("--as", options.as, "Qui agit : numéro ou partie du nom");
    app.add_option("--wait", options.wait, "Attente du service : 0, 30s, 20min, 4h");
    app.add_flag("--offline", options.offline, "Sans connexion : ce que ce poste a déjà");
    app.add_flag("--json", options.json, "Un document JSON sur la sortie standard");
}

void set_words(CLI::App& app) {
    const auto formatter = std::make_shared<CLI::Formatter>();
    formatter->label("Positionals", "Arguments");
    formatter->label("SUBCOMMAND", "COMMANDE");
    formatter->label("SUBCOMMANDS", "COMMANDES");
    formatter->label("REQUIRED", "(obligatoire)");
    formatter->label("TEXT", "TEXTE");
    formatter->label("INT", "N");
    formatter->label("UINT", "N");
    formatter->label("Env", "variable");
    formatter->column_width(34);
    app.formatter(formatter);
}

// The text with the one phrase said otherwise, where it is in it.
std::string said_as(std::string text, std::string_view english, std::string_view french) {
    const std::size_t at = text.find(english);
    return at == std::string::npos ? text : text.replace(at, english.size(), french);
}

// "--limit: Value 0 not in range 1 to 50", as the validators of CLI11 say it.
std::string bad_value(std::string text) {
    text = said_as(std::move(text), "Could not convert: ", "");
    text = said_as(std::move(text), ": File does not exist: ", " : fichier introuvable, ");
    if (text.find(" not in range ") == std::string::npos) return text;
    text = said_as(std::move(text), ": Value ", " : ");
    text = said_as(std::move(text), " to ", " à ");
    return said_as(std::move(text), " not in range ", " n'est pas de ");
}

// "--to: 1 required TEXT missing", "--as: At Most 1 required but received 2"
std::string bad_count(const std::string& text) {
    const std::string option = text.substr(0, text.find(':'));
    if (text.ends_with(" missing")) return option + " : il manque la valeur";
    return option + " : à ne donner qu'une fois, avec une valeur";
}

// What CLI11 says of a line that it does not understand, as an error of usage in French.
Error understood_badly(const CLI::App& app, const CLI::ParseError& error) {
    const std::string name = error.get_name();
    const std::string text = error.what();
    const auto wrong = [](const std::string& said) { return fail(ErrorCode::usage, said); };
    std::string rest;
    for (const std::string& word : app.remaining(true)) rest += (rest.empty() ? "" : " ") + word;
    if (text.starts_with("A subcommand")) {
        return wrong(rest.empty() ? "il manque la commande"
                                  : "commande inconnue : " + rest.substr(0, rest.find(' ')));
    }
    if (name == "RequiredError") return wrong("il manque : " + said_as(text, " is required", ""));
    if (!rest.empty()) return wrong("mot en trop ou inconnu : " + rest);
    if (name == "ExcludesError") {
        return wrong("options incompatibles : " + said_as(text, " excludes ", " et "));
    }
    if (name == "ArgumentMismatch") return wrong(bad_count(text));
    if (name == "ConversionError" || name == "ValidationError") {
        return wrong("valeur non admise : " + bad_value(text));
    }
    return wrong(text);
}

// A station that is asked to prove itself was enrolled once: what has become of it since.
Result<void> with_reason(Result<void> done) {
    if (done.code() != ErrorCode::unknown_key || !done.error().detail.empty()) return done;
    return fail(ErrorCode::unknown_key,
                "le service n'admet pas, ou plus, ce poste : révoqué, ou organisation suspendue ; "
                "« --offline » montre ce qu'il a déjà");
}

// Where the line could not be understood, --json may not have been read yet.
bool asks_json(const std::vector<std::string>& arguments) {
    return std::ranges::find(arguments, "--json") != arguments.end();
}

}  // namespace

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& examples) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->group("Commandes");
    command->fallthrough();
    command->footer(examples.empty() ? "" : "Exemples :\n" + examples);  // not the parent's
    return command;
}

CLI::App* add_group(CLI::App& parent, const std::string& name, const std::string& what,
                    const std::string& examples) {
    CLI::App* group = add_command(parent, name, what, examples);
    group->require_subcommand(1);
    return group;
}

void on_run(CLI::App& command, Program& program, std::function<Result<void>()> run) {
    command.callback([&program, run = std::move(run)] { program.run = run; });
}

void build(CLI::App& app, Program& program) {
    app.name("relais");
    app.description(kSummary);
    app.footer(kGuide);
    set_words(app);
    app.set_help_flag("-h,--help", "Afficher cette aide");
    app.set_version_flag("--version", "relais " RELAIS_VERSION, "Afficher la version");
    app.require_subcommand(1);
    app.fallthrough();
    add_global_options(app, program.context.options);
    add_enrol(app, program);
    add_directory(app, program);
    add_trust(app, program);
    add_compose(app, program);
    add_read(app, program);
    add_print(app, program);
    add_alert(app, program);
    add_attachments(app, program);
    add_act(app, program);
    add_watch(app, program);
    add_state(app, program);
    add_silence(app, program);
    add_evidence(app, program);
    add_organisation(app, program);
    add_groups(app, program);
    add_absence(app, program);
    add_register(app, program);
    add_pack(app, program);
    add_witness(app, program);
    add_help(app, program);
}

int run(Context& context, std::vector<std::string> arguments) {
    CLI::App app;
    Program program{context, {}};
    build(app, program);
    const bool json = asks_json(arguments);
    std::ranges::reverse(arguments);  // the order that CLI11 takes
    try {
        app.parse(arguments);
    } catch (const CLI::Success& asked) {  // --help, --version
        // Of a command that is none there is no help: the program's own would pass for it.
        if (!app.remaining(true).empty()) {
            context.out.set_json(json);
            return context.out.finish(understood_badly(app, asked));
        }
        app.exit(asked);
        return 0;
    } catch (const CLI::ParseError& error) {
        context.out.set_json(json);
        return context.out.finish(understood_badly(app, error));
    }
    context.out.set_json(context.options.json);
    return context.out.finish(with_reason(program.run()));
}

}  // namespace relais::cli
