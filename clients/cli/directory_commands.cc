// directory_commands.cc: `relais directory`: who is in the territory, what they receive, and how
// far each may be trusted; `confirm` and `attest`: what one organisation says of another.
#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/text.h"
#include "core/codecs/codecs.h"

namespace relais::cli {

namespace {

using nlohmann::json;

Result<void> list_kinds(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    json kinds = kinds_json(*station);
    for (const json& kind : kinds) {
        context.out.heading(kind["name"].get<std::string>() + "  " +
                            kind["title"].get<std::string>() +
                            (kind["withdrawn"].get<bool>() ? " (retiré)" : ""));
        context.out.line("  " + kind["summary"].get<std::string>());
    }
    if (kinds.empty()) context.out.line("Aucun type d'échange n'est publié.");
    context.out.result({{"kinds", std::move(kinds)}});
    return {};
}

Result<void> search(Context& context, const Search& wanted) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    json organisations = search_directory(*station, wanted);
    for (const json& organisation : organisations) print_organisation(context.out, organisation);
    if (organisations.empty()) context.out.line("Personne ne correspond dans l'annuaire.");
    context.out.result(
        {{"size", station->replica().size().value}, {"organisations", std::move(organisations)}});
    return {};
}

// Why somebody stops before confirming: what was read out is not what the directory shows.
Error wrong_fingerprint(const Digest& shown) {
    return fail(ErrorCode::fingerprint_mismatch, "l'annuaire montre " + fingerprint_groups(shown));
}

Result<void> confirm(Context& context, const std::string& typed, const std::string& digits) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto* const record, find_organisation(*station, typed));
    const directory::Organisation* entry = record->entry.now();
    if (entry == nullptr) return fail(ErrorCode::unknown_object, typed);
    const Digest authority = fingerprint(entry->authority);
    std::string read = digits;
    if (read.empty()) {
        RELAIS_TRY(need_dialogue(context.dialogue, "donnez --fingerprint"));
        context.out.line("Organisation : " + entry->title + " (" + record->name.text() + ")");
        context.out.line("Faites-vous lire l'empreinte par une personne que vous connaissez.");
        RELAIS_ASSIGN(read, ask_line(context.dialogue, "Empreinte lue : "));
    }
    RELAIS_ASSIGN(const bool same, same_fingerprint(read, authority));
    if (!same) return wrong_fingerprint(authority);
    const Name name = record->name;
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.confirm(name, authority));
    context.out.line("Organisation confirmée : " + name.text());
    context.out.result({{"organisation", name.text()},
                        {"fingerprint", hex(authority.view())},
                        {"confirmed_by", station->identity().organisation.text()}});
    return {};
}

struct AttestLine {
    std::string organisation;
    std::string person;
    std::string evidence = "national_directory";
    bool withdraw = false;
};

Result<directory::Evidence> parse_evidence(const std::string& word) {
    if (word == "national_directory") return directory::Evidence::national_directory;
    if (word == "certificate") return directory::Evidence::certificate;
    if (word == "pro_sante_connect") return directory::Evidence::pro_sante_connect;
    if (word == "in_person") return directory::Evidence::in_person;
    return fail(ErrorCode::usage, "--evidence « " + word + " »");
}

Result<void> attest(Context& context, const AttestLine& line) {
    RELAIS_ASSIGN(const directory::Evidence evidence, parse_evidence(line.evidence));
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto* const organisation, find_organisation(*station, line.organisation));
    const Name name = organisation->name;
    RELAIS_ASSIGN(const auto* const record,
                  find_person(*station, name.text(), line.person, Inscription::one));
    const directory::Person person = record->person;
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.attest(
        {name, person.id, person.profession, person.rpps, evidence, line.withdraw}));
    context.out.line(line.withdraw ? "Attestation retirée : " + person.title
                                   : "Profession attestée : " + person.title);
    context.out.result({{"organisation", name.text()},
                        {"person", uuid(person.id)},
                        {"attested", station->directory().attested(person.id)}});
    return {};
}

}  // namespace

void add_directory(CLI::App& app, Program& program) {
    CLI::App* command = add_command(app, "directory",
                                    "Chercher dans l'annuaire : organisations, services, personnes",
                                    "  relais directory gériatrie valmont\n"
                                    "  relais directory --takes admission\n"
                                    "  relais directory --kinds");
    auto wanted = std::make_shared<Search>();
    auto kinds = std::make_shared<bool>(false);
    command->add_option("mots", wanted->words, "Mots cherchés, avec ou sans accents");
    command->add_option("--takes,--kind", wanted->kind, "Services qui reçoivent ce type d'échange");
    command->add_option("--organisation", wanted->organisation, "Une seule, par son nom court");
    command->add_flag("--kinds", *kinds, "Types d'échange publiés");
    on_run(*command, program, [&context = program.context, wanted, kinds] {
        return *kinds ? list_kinds(context) : search(context, *wanted);
    });
}

void add_trust(CLI::App& app, Program& program) {
    CLI::App* command = add_command(
        app, "confirm", "Confirmer une organisation nouvelle par l'empreinte qu'elle lit",
        "  relais confirm ch-exemple --fingerprint \"3f2a 91c0 …\"");
    auto organisation = std::make_shared<std::string>();
    auto digits = std::make_shared<std::string>();
    command->add_option("organisation", *organisation, "Nom court ou partie du nom")->required();
    command->add_option("--fingerprint", *digits, "Empreinte lue par son responsable");
    on_run(*command, program, [&context = program.context, organisation, digits] {
        return confirm(context, *organisation, *digits);
    });

    CLI::App* other =
        add_command(app, "attest", "Attester la profession d'une personne d'une autre organisation",
                    "  relais attest cabinet-exemple \"Camille Exemple\"\n"
                    "  relais attest cabinet-exemple \"Camille Exemple\" --withdraw");
    auto line = std::make_shared<AttestLine>();
    other->add_option("organisation", line->organisation, "Nom court ou partie du nom")->required();
    other->add_option("personne", line->person, "Numéro ou partie du nom")->required();
    other
        ->add_option("--evidence", line->evidence,
                     "Vérifiée par : national_directory, certificate, pro_sante_connect, in_person")
        ->capture_default_str();
    other->add_flag("--withdraw", line->withdraw, "Retirer l'attestation");
    on_run(*other, program, [&context = program.context, line] { return attest(context, *line); });
}

}  // namespace relais::cli
