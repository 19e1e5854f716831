// rights_commands.cc: `relais org person|registrar|mandate|revoke`: who may act in this
// organisation, for whom, until when; and the end of it.
#include <algorithm>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/text.h"
#include "core/codecs/codecs.h"
#include "core/identifiers/identifiers.h"
#include "schemas/directory/professions.h"

namespace relais::cli {

namespace {

using directory::RevocationReason;
using directory::RevokedObject;

struct PersonLine {
    std::string title;
    std::string profession;
    std::string rpps;
    std::string from;
    std::string until;
};

// Days of an affiliation, as they were typed, both within it; what is empty has no limit.
Result<void> set_dates(const std::string& from, const std::string& until,
                       directory::Person& person) {
    person.from = person.until = {};
    if (!from.empty()) {
        RELAIS_ASSIGN(person.from, parse_local_time(from, DayEnd::begin));
    }
    if (!until.empty()) {
        RELAIS_ASSIGN(person.until, parse_local_time(until, DayEnd::end));
    }
    if (person.until.ms == 0 || person.from < person.until) return {};
    return fail(ErrorCode::invalid_field, "--until " + until + " : avant --from");
}

// One that cannot be an RPPS is refused; one whose key looks wrong is kept, and said.
Result<void> check_rpps(Output& out, const std::string& rpps) {
    if (rpps.empty()) return {};
    const IdentifierVerdict verdict = check_identifier(IdentifierKind::rpps, rpps);
    const std::string why = "--rpps « " + rpps + " » : " + identifier_message(verdict);
    if (!verdict.accepted()) return fail(ErrorCode::invalid_field, why);
    if (verdict.fault != IdentifierFault::none) out.alarm(why);
    return {};
}

// The key is made and kept here before the directory hears of it: an entry whose key was lost
// could never be used.
Result<void> add_person(Context& context, const PersonLine& line) {
    RELAIS_TRY(check_profession(line.profession));
    directory::Person person{{}, line.title, line.profession, line.rpps, {}};
    RELAIS_TRY(set_dates(line.from, line.until, person));
    RELAIS_TRY(check_rpps(context.out, line.rpps));
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_ASSIGN(Secret secret, context.new_person_passphrase());
    if (secret.empty()) {
        RELAIS_ASSIGN(secret, context.passphrase());
    }
    const P256Key key = P256Key::generate();
    const auto id = make_uuid_v7<PersonId>(station->random(), station->now());
    RELAIS_TRY(station->vault().put_person(id, key, secret));
    RELAIS_TRY(station->vault().save());
    person.id = id;
    person.key = key.public_key();
    const Result<void> added = registrar.add_person_to(person, station->identity().station);
    if (!added.ok()) {
        station->vault().remove_person(id);
        RELAIS_TRY(station->vault().save());
        return added;
    }
    context.out.line("Personne inscrite sur ce poste : " + line.title + " (" + short_id(id) + ")");
    context.out.result({{"person", uuid(id)}, {"title", line.title}});
    return {};
}

Result<void> set_registrar(Context& context, const std::string& typed, bool remove) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto* const record, find_person(*station, "", typed, Inscription::one));
    directory::Person person = record->person;
    person.registrar = !remove;
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.add_person(person));
    context.out.line(person.title +
                     (remove ? " ne peut plus inscrire." : " peut désormais inscrire."));
    context.out.result({{"person", uuid(person.id)}, {"registrar", person.registrar}});
    return {};
}

struct AffiliationLine {
    std::string person;
    std::string from;
    std::string until;
};

// The person stays, with key and mandates; only when they may act here changes.
Result<void> set_affiliation(Context& context, const AffiliationLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto* const record,
                  find_person(*station, "", line.person, Inscription::one));
    const std::string organisation = record->organisation;
    directory::Person person = record->person;
    RELAIS_TRY(set_dates(line.from, line.until, person));
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.add_person(person));
    const std::string dates = affiliation_text(person);
    context.out.line(person.title + " : " + (dates.empty() ? "sans limite de dates" : dates));
    context.out.result(person_json(station->directory(), {organisation, person}));
    return {};
}

struct MandateLine {
    std::string by;
    std::string on_behalf_of;
    std::vector<std::string> acts;
    std::string until;
};

// That an act to be done for somebody else exists, and that its kind lets somebody else do it: any
// other would be a mandate for nothing.
Result<void> check_act(station::Station& station, const std::string& typed) {
    const std::size_t slash = typed.find('/');
    if (slash == std::string::npos) {
        return fail(ErrorCode::invalid_field, "« " + typed + " » : TYPE/ACTION ou TYPE/* attendu");
    }
    RELAIS_ASSIGN(const auto loaded, find_kind(station, typed.substr(0, slash)));
    const std::string act = typed.substr(slash + 1);
    if (act != "*" && !loaded->kind.act(act)) {
        return fail(ErrorCode::invalid_field, "action inconnue : " + typed);
    }
    const bool admitted = std::ranges::any_of(loaded->kind.acts, [&](const workflow::Act& each) {
        return each.mandate && (act == "*" || each.name == act);
    });
    if (admitted) return {};
    return fail(ErrorCode::invalid_field,
                typed + " : ne se fait pas pour quelqu'un d'autre, même par mandat");
}

Result<void> add_mandate(Context& context, const MandateLine& line) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const auto* const by, find_person(*station, "", line.by, Inscription::one));
    RELAIS_ASSIGN(const auto* const principal,
                  find_person(*station, "", line.on_behalf_of, Inscription::one));
    for (const std::string& act : line.acts) RELAIS_TRY(check_act(*station, act));
    const auto id = make_uuid_v7<MandateId>(station->random(), station->now());
    directory::Mandate mandate{id, by->person.id, principal->person.id, line.acts, {}};
    if (!line.until.empty()) {
        RELAIS_ASSIGN(mandate.until, parse_local_time(line.until, DayEnd::end));
        if (mandate.until < station->now()) {
            return fail(ErrorCode::invalid_field, "--until " + line.until + " : jour passé");
        }
    }
    const std::string text = by->person.title + " agit pour " + principal->person.title;
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.add_mandate(mandate));
    context.out.line("Mandat " + short_id(id) + " inscrit : " + text);
    context.out.result({{"mandate", uuid(id)},
                        {"by", uuid(mandate.by)},
                        {"for", uuid(mandate.on_behalf_of)},
                        {"acts", mandate.acts}});
    return {};
}

Result<RevocationReason> parse_reason(const std::string& word) {
    if (word == "left") return RevocationReason::left;
    if (word == "lost") return RevocationReason::lost;
    if (word == "compromised") return RevocationReason::compromised;
    if (word == "error") return RevocationReason::error;
    if (word == "other") return RevocationReason::other;
    return fail(ErrorCode::usage,
                "--reason « " + word + " » : left, lost, compromised, error ou other attendu");
}

// What is to be revoked, by what was typed.
struct Target {
    RevokedObject object;
    Bytes id;
    std::string text;                  // French
    std::vector<Address> mailboxes{};  // that a station serves
};

// A part of a name may mean something else by now than whoever types it believes.
Result<void> named_whole(const std::string& typed, ByteView id,
                         const std::vector<std::string>& names, const std::string& text) {
    const bool named = !typed.empty() && std::ranges::find(names, typed) != names.end();
    const bool whole = named || means_id(typed, id);
    if (whole) return {};
    return fail(ErrorCode::usage, "pour révoquer, le nom entier ou le numéro : " + text);
}

Result<Target> person_target(station::Station& station, const std::string& typed) {
    RELAIS_ASSIGN(const auto* const record, find_person(station, "", typed, Inscription::one));
    const directory::Person& person = record->person;
    const std::string text = told_apart(person);
    RELAIS_TRY(named_whole(typed, person.id.view(), {person.title, person.rpps}, text));
    const auto persons = station.directory().persons_of(record->organisation);
    const bool last = person.registrar && std::ranges::none_of(persons, [&](const auto* other) {
                          return other != record && other->person.registrar;
                      });
    if (last) {
        return fail(ErrorCode::usage, text +
                                          " est seule responsable des inscriptions : nommez-en "
                                          "d'abord une autre (« relais org registrar »)");
    }
    return Target{RevokedObject::person, to_bytes(person.id.view()), text};
}

Result<Target> station_target(station::Station& station, const std::string& typed) {
    RELAIS_ASSIGN(const StationId id, find_station(station, typed));
    const directory::StationRecord& record = *station.directory().station(id);
    const std::string text = told_apart(record.station);
    RELAIS_TRY(named_whole(typed, id.view(), {record.station.title}, text));
    // It would be cut off before it has renewed the keys, and could undo nothing.
    if (id == station.identity().station) {
        return fail(ErrorCode::usage, "c'est ce poste-ci : révoquez-le depuis un autre");
    }
    Target target{RevokedObject::station, to_bytes(id.view()), text};
    const station::Identity& own = station.identity();
    for (const std::string& unit : record.station.units) {
        target.mailboxes.push_back(Address::of(unit, own.organisation, own.domain));
    }
    return target;
}

Result<Target> find_target(station::Station& station, const std::string& what,
                           const std::string& typed) {
    if (what == "person") return person_target(station, typed);
    if (what == "station") return station_target(station, typed);
    if (what != "mandate") return fail(ErrorCode::usage, "person, station ou mandate attendu");
    for (const auto* record : station.directory().mandates()) {
        const bool own = record->organisation == station.identity().organisation.text();
        if (own && means_id(typed, record->mandate.id.view())) {
            return Target{RevokedObject::mandate, to_bytes(record->mandate.id.view()),
                          "mandat " + short_id(record->mandate.id)};
        }
    }
    return fail(ErrorCode::unknown_object, "mandat " + typed);
}

Result<void> revoke(Context& context, const std::string& what, const std::string& typed,
                    const std::string& word) {
    RELAIS_ASSIGN(const RevocationReason reason, parse_reason(word));
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(const Target target, find_target(*station, what, typed));
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.revoke(target.object, target.id, "", reason));
    context.out.line("Révoqué : " + target.text + ". Plus rien n'en est accepté.");
    nlohmann::json unread = nlohmann::json::array();
    for (const Address& mailbox : target.mailboxes) {
        const directory::DirectoryState& state = station->directory();
        if (!state.mailbox_exists(mailbox)) continue;
        if (state.has_reader(mailbox)) {
            context.out.line("Clé renouvelée : " + mailbox.text());
            continue;
        }
        unread.push_back(mailbox.text());
        context.out.alarm("Plus aucun poste ne lit " + mailbox.text() +
                          " : on ne peut plus lui écrire. Inscrivez-en un (« relais org serve » "
                          "ou « relais org invite »), ou retirez le service.");
    }
    context.out.result({{"revoked", what},
                        {"id", format_uuid(target.id)},
                        {"reason", word},
                        {"unread", std::move(unread)}});
    return {};
}

void add_affiliation(CLI::App& organisation, Program& program) {
    CLI::App* dates = add_command(
        organisation, "affiliation",
        "Dire de quand à quand une personne exerce ici : un remplaçant, un contrat",
        "  relais org affiliation \"Dr Alix Modèle\" --from 24/12/2026 --until 02/01/2027\n"
        "  relais org affiliation \"Dr Alix Modèle\"");
    auto line = std::make_shared<AffiliationLine>();
    dates->add_option("personne", line->person, "Numéro ou partie du nom")->required();
    dates->add_option("--from", line->from, "Premier jour ; absent : dès maintenant");
    dates->add_option("--until", line->until, "Dernier jour ; absent : sans limite");
    on_run(*dates, program,
           [&context = program.context, line] { return set_affiliation(context, *line); });
}

void add_persons(CLI::App& organisation, Program& program) {
    CLI::App* group = add_group(organisation, "person", "Personnes de ce poste");
    CLI::App* command = add_command(
        *group, "add", "Inscrire une personne, dont la clé est faite et gardée sur ce poste",
        "  relais org person add --title \"Alix Modèle\" --profession secretary");
    auto line = std::make_shared<PersonLine>();
    command->add_option("--title", line->title, "Nom affiché")->required();
    command
        ->add_option("--profession", line->profession,
                     "Code : 10 médecin, 60 infirmier, secretary, bed-manager…")
        ->required();
    command->add_option("--rpps", line->rpps, "Numéro RPPS");
    command->add_option("--from", line->from, "Premier jour de l'affiliation : 24/12/2026");
    command->add_option("--until", line->until, "Dernier jour : 02/01/2027");
    on_run(*command, program,
           [&context = program.context, line] { return add_person(context, *line); });

    CLI::App* right = add_command(organisation, "registrar",
                                  "Donner ou retirer le droit d'inscrire pour l'organisation",
                                  "  relais org registrar \"Alix Modèle\"");
    auto typed = std::make_shared<std::string>();
    auto remove = std::make_shared<bool>(false);
    right->add_option("personne", *typed, "Numéro ou partie du nom")->required();
    right->add_flag("--remove", *remove, "Retirer ce droit");
    on_run(*right, program, [&context = program.context, typed, remove] {
        return set_registrar(context, *typed, *remove);
    });
}

}  // namespace

void add_rights(CLI::App& organisation, Program& program) {
    add_persons(organisation, program);
    add_affiliation(organisation, program);

    CLI::App* mandate =
        add_command(organisation, "mandate", "Permettre à une personne d'agir au nom d'une autre",
                    "  relais org mandate --by \"Alix Modèle\" --for \"Dr Camille Exemple\" \\\n"
                    "    --act admission/answer --act admission/cancel --until 31/12/2026");
    auto line = std::make_shared<MandateLine>();
    mandate->add_option("--by", line->by, "Qui agit : numéro ou partie du nom")->required();
    mandate->add_option("--for", line->on_behalf_of, "Au nom de qui")->required();
    add_repeated(*mandate, "--act", line->acts, "TYPE/ACTION, ou TYPE/*")->required();
    mandate->add_option("--until", line->until, "Dernier jour : 31/12/2026");
    on_run(*mandate, program,
           [&context = program.context, line] { return add_mandate(context, *line); });

    CLI::App* end = add_command(organisation, "revoke",
                                "Révoquer une personne, un poste ou un mandat, aussitôt",
                                "  relais org revoke station 9d20f1aa --reason lost");
    auto what = std::make_shared<std::string>();
    auto typed = std::make_shared<std::string>();
    auto reason = std::make_shared<std::string>("other");
    end->add_option("quoi", *what, "person, station ou mandate")->required();
    end->add_option("lequel", *typed, "Numéro, ou nom entier")->required();
    end->add_option("--reason", *reason, "left, lost, compromised, error, other")
        ->capture_default_str();
    on_run(*end, program, [&context = program.context, what, typed, reason] {
        return revoke(context, *what, *typed, *reason);
    });
}

}  // namespace relais::cli
