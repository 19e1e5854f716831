// organisation_commands.cc: `relais org`: units, stations and invitations of this station's own
// organisation. Everything is an entry of its chain, signed here by its authority or a registrar.
#include <set>

#include "clients/cli/lookup.h"
#include "clients/cli/program.h"
#include "clients/cli/show_directory.h"
#include "clients/cli/text.h"
#include "clients/cli/unit_line.h"
#include "clients/station/api/duties.h"
#include "clients/station/api/inviter.h"
#include "core/base/limits.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::cli {

namespace {

using nlohmann::json;

json station_json(const directory::StationRecord& record) {
    json persons = json::array();
    for (const PersonId& id : record.station.persons) persons.push_back(uuid(id));
    return {{"id", uuid(record.station.id)},
            {"title", record.station.title},
            {"units", record.station.units},
            {"persons", std::move(persons)}};
}

void print_mandate(Output& out, const json& mandate) {
    std::string acts;
    for (const json& act : mandate["acts"]) {
        acts += (acts.empty() ? "" : ", ") + act.get<std::string>();
    }
    const std::string id = mandate["id"].get<std::string>();
    const std::string until =
        mandate.contains("until") ? ", jusqu'au " + mandate["until_text"].get<std::string>() : "";
    out.line("  mandat " + id.substr(id.size() - 8) + "  " +
             mandate["by"]["title"].get<std::string>() + " pour " +
             mandate["for"]["title"].get<std::string>() + " : " + acts + until);
}

json mandates_json(station::Station& station) {
    json mandates = json::array();
    for (const auto* record : station.directory().mandates()) {
        if (record->organisation != station.identity().organisation.text()) continue;
        const directory::Mandate& mandate = record->mandate;
        json item = {{"id", uuid(mandate.id)},
                     {"by", person_reference(station.directory(), mandate.by)},
                     {"for", person_reference(station.directory(), mandate.on_behalf_of)},
                     {"acts", mandate.acts}};
        if (mandate.until.ms != 0) {
            item["until"] = format_utc(mandate.until);
            item["until_text"] = local_end(mandate.until);
        }
        mandates.push_back(std::move(item));
    }
    return mandates;
}

Result<void> show(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    const std::string& name = station->identity().organisation.text();
    const json found = search_directory(*station, {{}, "", name});
    if (found.empty()) return fail(ErrorCode::unknown_object, name);
    json shown = found.front();
    print_organisation(context.out, shown);
    json stations = json::array();
    for (const auto* record : station->directory().stations_of(name)) {
        stations.push_back(station_json(*record));
        context.out.line("  poste " + short_id(record->station.id) + "  " + record->station.title);
    }
    shown["stations"] = std::move(stations);
    shown["mandates"] = mandates_json(*station);
    for (const json& mandate : shown["mandates"]) {
        print_mandate(context.out, mandate);
    }
    context.out.result(std::move(shown));
    return {};
}

// In the order in which they are declared.
json changes_json(const std::vector<UnitChange>& changes) {
    json list = json::array();
    for (const UnitChange& change : changes) {
        list.push_back(
            {{"field", change.field}, {"before", change.before}, {"after", change.after}});
    }
    return list;
}

void say_unit(Context& context, station::Station& station, const Address& mailbox,
              const std::vector<UnitChange>& changes, bool known) {
    const char* const what = !known            ? "Service inscrit : "
                             : changes.empty() ? "Rien à changer : "
                                               : "Service changé : ";
    context.out.line(what + mailbox.text());
    for (const UnitChange& change : changes) context.out.line("  " + change_text(change));
    if (!station.directory().stations_of(mailbox).empty()) return;
    const std::string name(mailbox.unit());
    context.out.line("Aucun poste ne le dessert encore : « relais org invite --unit " + name +
                     " » ou « relais org serve " + name + " ».");
}

// What a unit may go without, and better not by mistake.
void warn_of_unit(Context& context, station::Station& station, const directory::Unit& unit,
                  const UnitLine& line, bool known) {
    for (const std::string& kind : unit.kinds) {
        if (station.directory().kind(kind) != nullptr) continue;
        context.out.alarm("Type d'échange inconnu dans ce territoire : " + kind +
                          " ; le service n'en recevra rien tant qu'il n'est pas publié.");
    }
    const bool asked = line.no_ring || (known && line.rings.empty());
    if (!unit.rings.empty() || unit.kinds.empty() || asked) return;
    context.out.alarm(
        "Personne ne sera prévenu hors de Relais de ce qui attend ce service : donnez --ring "
        "(une adresse de service, une astreinte), ou --no-ring si quelqu'un veille toujours.");
}

// Whether a station may serve these too; asked before anything of it is registered.
Result<void> check_room(station::Station& station, const StationId& id,
                        const std::vector<std::string>& units) {
    std::set<std::string> served(units.begin(), units.end());
    if (const auto* record = station.directory().station(id)) {
        served.insert(record->station.units.begin(), record->station.units.end());
    }
    if (served.size() <= limits::kUnitsPerStationMax) return {};
    return fail(ErrorCode::invalid_field, "un poste dessert " +
                                              std::to_string(limits::kUnitsPerStationMax) +
                                              " boîtes au plus ; invitez un autre poste");
}

// What is said is laid over what the directory says now: the station hears the latest first.
Result<void> add_unit(Context& context, const UnitLine& line) {
    RELAIS_ASSIGN(const Name name, Name::parse(line.name));
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_ASSIGN(const auto wait, context.patience(station::kAnswerPatience));
    RELAIS_TRY(context.synchronise(wait));
    const auto& identity = station->identity();
    if (line.here) RELAIS_TRY(check_room(*station, identity.station, {name.text()}));
    std::optional<directory::Unit> before;
    if (const auto* known = station->directory().unit(identity.organisation.text(), name.text())) {
        before = *known;
    }
    const directory::Unit* const known = before ? &*before : nullptr;
    RELAIS_ASSIGN(const directory::Unit unit,
                  unit_said(known, line, [station](const std::string& typed) {
                      return find_mailbox(*station, typed);
                  }));
    const std::vector<UnitChange> changes = unit_changes(known, unit);
    if (!changes.empty()) RELAIS_TRY(registrar.add_unit(unit));
    if (line.here) RELAIS_TRY(registrar.extend_station(identity.station, {name.text()}));
    const Address mailbox = Address::of(name.text(), identity.organisation, identity.domain);
    say_unit(context, *station, mailbox, changes, before.has_value());
    warn_of_unit(context, *station, unit, line, before.has_value());
    context.out.result({{"mailbox", mailbox.text()},
                        {"unit", name.text()},
                        {"changed", changes_json(changes)},
                        {"rung", !unit.rings.empty()}});
    return {};
}

Result<void> remove_unit(Context& context, const std::string& typed) {
    RELAIS_ASSIGN(const Name name, Name::parse(typed));
    RELAIS_TRY(context.open());
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.revoke(directory::RevokedObject::unit, {}, name.text(),
                                directory::RevocationReason::other));
    context.out.line("Service retiré : " + name.text());
    context.out.result({{"unit", name.text()}, {"removed", true}});
    return {};
}

struct InviteLine {
    std::vector<std::string> units;
    std::vector<std::string> persons;
    std::string lifetime = "24h";
    std::filesystem::path file;
    bool own_mailbox = false;
    bool new_person = false;
};

Result<void> invite(Context& context, const InviteLine& line) {
    if (line.persons.empty() && !line.new_person) {
        return fail(ErrorCode::usage,
                    "qui se servira de ce poste ? --new-person pour quelqu'un qui s'inscrit avec "
                    "lui, --person \"NOM\" pour quelqu'un de l'annuaire");
    }
    station::StationInvitation wanted;
    RELAIS_ASSIGN(wanted.lifetime, parse_duration(line.lifetime));
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    wanted.units = line.units;
    for (const std::string& unit : line.units) {
        if (station->directory().unit(station->identity().organisation.text(), unit) == nullptr) {
            return fail(ErrorCode::unknown_object, "service " + unit);
        }
    }
    if (line.own_mailbox || line.units.empty()) wanted.units.push_back("");
    RELAIS_TRY(check_room(*station, {}, wanted.units));
    wanted.new_person = line.new_person;
    for (const std::string& typed : line.persons) {
        RELAIS_ASSIGN(const auto* const record, find_person(*station, "", typed, Inscription::one));
        wanted.persons.push_back(record->person.id);
    }
    RELAIS_ASSIGN(const station::Registrar registrar, context.registrar());
    // The file first: an invitation that cannot be handed over is not to be opened.
    RELAIS_TRY(write_file(line.file, {}, 0600, Replace::no));
    const WallTime expires = station->now() + wanted.lifetime;
    const auto token = station::invite_station(*station, registrar, wanted);
    if (!token.ok()) {
        std::error_code ignored;
        std::filesystem::remove(line.file, ignored);
        return token.error();
    }
    RELAIS_TRY(write_file(line.file, token->expose(), 0600, Replace::yes));
    context.out.line("Invitation écrite dans " + line.file.string() + ", valable jusqu'au " +
                     local_time(expires) + ".");
    context.out.line("Remettez-la en main propre, puis : relais org approve --wait 1h");
    for (const PersonId& id : wanted.persons) {
        const auto* record = station->directory().person(id);
        context.out.alarm((record == nullptr ? "?" : record->person.title) +
                          " ne pourra rien signer sur ce poste : sa clé reste sur le sien. Pour "
                          "signer des deux, il faut s'y inscrire de nouveau (--new-person).");
    }
    context.out.result({{"token_file", line.file.string()},
                        {"expires", format_utc(expires)},
                        {"units", wanted.units}});
    return {};
}

json outcome_json(const station::ApprovalOutcome& outcome) {
    json out = {{"station", outcome.station_title},
                {"person", outcome.person_title},
                {"approved", outcome.verdict.ok()}};
    out["decided"] = outcome.decided;
    if (!outcome.verdict.ok()) {
        out["name"] = error_name(outcome.verdict.code());
        out["detail"] = outcome.verdict.error().detail;
    }
    return out;
}

void print_outcome(Output& out, const station::ApprovalOutcome& outcome) {
    const std::string who =
        outcome.station_title + (outcome.person_title.empty() ? "" : ", " + outcome.person_title);
    if (outcome.verdict.ok()) {
        out.line("Poste admis : " + who);
        return;
    }
    const std::string why = std::string(error_info(outcome.verdict.code()).french);
    if (!outcome.decided) {
        out.alarm("PAS ENCORE ADMIS : " + who + " — " + why +
                  " La demande reste ouverte : relancez « relais org approve ».");
        return;
    }
    out.alarm("REFUSÉ : " + (who.empty() ? "demande anonyme" : who) + " — " + why);
}

// Waits for somebody, at most `wait`.
Result<std::vector<station::ApprovalOutcome>> approve_until(station::Station& station,
                                                            station::Registrar& registrar,
                                                            std::chrono::milliseconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    for (;;) {
        RELAIS_ASSIGN(auto outcomes, station::approve_waiting(station, registrar));
        if (!outcomes.empty() || std::chrono::steady_clock::now() >= until) return outcomes;
        RELAIS_TRY(station.turn(station::kAskAgain));
    }
}

Result<void> approve(Context& context) {
    RELAIS_ASSIGN(station::Station* const station, context.open());
    RELAIS_ASSIGN(const auto wait, context.patience(std::chrono::seconds(0)));
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_ASSIGN(const auto outcomes, approve_until(*station, registrar, wait));
    json list = json::array();
    Result<void> verdict;
    for (const station::ApprovalOutcome& outcome : outcomes) {
        list.push_back(outcome_json(outcome));
        print_outcome(context.out, outcome);
        if (verdict.ok()) verdict = outcome.verdict;
    }
    context.out.attach("outcomes", std::move(list));
    context.out.result(json::object());
    if (outcomes.empty()) return fail(ErrorCode::not_decided, "aucune demande n'est arrivée");
    return verdict;
}

Result<void> serve(Context& context, const std::vector<std::string>& units,
                   const std::string& typed) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    StationId id = station->identity().station;
    if (!typed.empty()) {
        RELAIS_ASSIGN(id, find_station(*station, typed));
    }
    RELAIS_TRY(check_room(*station, id, units));
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    RELAIS_TRY(registrar.extend_station(id, units));
    context.out.line("Poste " + short_id(id) + " : boîtes ajoutées.");
    context.out.result({{"station", uuid(id)}, {"units", units}});
    return {};
}

Result<void> roll(Context& context, const std::string& typed) {
    RELAIS_ASSIGN(station::Station* const station, context.open_and_synchronise());
    RELAIS_ASSIGN(station::Registrar registrar, context.registrar());
    std::vector<Address> mailboxes;
    if (typed.empty()) {
        for (station::Duty& duty : station::pending_duties(*station)) {
            mailboxes.push_back(std::move(duty.mailbox));
        }
    } else {
        RELAIS_ASSIGN(Address mailbox, find_mailbox(*station, typed));
        mailboxes.push_back(std::move(mailbox));
    }
    json rolled = json::array();
    for (const Address& mailbox : mailboxes) {
        RELAIS_TRY(registrar.roll_epoch(mailbox));
        rolled.push_back(mailbox.text());
        context.out.line("Clé renouvelée : " + mailbox.text());
    }
    if (rolled.empty()) context.out.line("Aucune clé à renouveler.");
    context.out.result({{"rolled", std::move(rolled)}});
    return {};
}

void add_units(CLI::App& organisation, Program& program) {
    CLI::App* unit =
        add_group(organisation, "unit", "Services : inscrire, retirer",
                  "  relais org unit add geriatrie --title \"Court séjour gériatrique\" "
                  "\\\n    --takes admission --phone \"02 61 91 00 10\" "
                  "\\\n    --ring \"geriatrie@ch-exemple.test ouvert\" "
                  "\\\n    --ring \"https://garde.ch-exemple.test/relais 10min\"\n"
                  "  relais org unit add geriatrie --open \"lun-ven 08:00-18:00\" --fallback none\n"
                  "  relais org unit remove geriatrie");
    CLI::App* add = add_command(*unit, "add",
                                "Inscrire un service, ou changer ce qui en est dit : ce qui n'est "
                                "pas répété reste, « none » retire");
    auto line = std::make_shared<UnitLine>();
    add->add_option("nom", line->name, "Nom court : a-z, 0-9, tirets")->required();
    add->add_option("--title", line->title, "Nom affiché ; obligatoire pour un nouveau service");
    add->add_option("--speciality", line->speciality, "Spécialité");
    add->add_option("--phone", line->phone, "Téléphone du service");
    add_repeated(*add, "--takes,--kind", line->kinds, "Type d'échange reçu");
    add->add_option("--fallback", line->fallback,
                    "Boîte de recours, appelée quand le délai de réponse est passé");
    add_repeated(*add, "--open", line->opening,
                 "Horaires, comme « lun-ven 08:00-18:00 » ; tous, ils remplacent les précédents");
    add->add_option("--holidays", line->holidays,
                    "Jours fériés qui ferment le service : metropole (par défaut avec --open), "
                    "alsace-moselle, guadeloupe, martinique, guyane, reunion, mayotte, "
                    "saint-martin, saint-barthelemy, ou none");
    add->add_option("--zone", line->zone, "Fuseau horaire (par défaut Europe/Paris)");
    add_repeated(
        *add, "--ring", line->rings,
        "Prévenir hors de Relais quand un délai court : adresse ou URL https, délai après "
        "l'étape précédente, « ouvert » ou « fermé », comme « garde@ch.test 10min fermé »");
    add->add_flag("--no-ring", line->no_ring,
                  "Ne prévenir personne hors de Relais, et c'est voulu");
    add->add_flag("--here", line->here, "Ce poste dessert le service");
    on_run(*add, program, [&context = program.context, line] { return add_unit(context, *line); });
    CLI::App* remove = add_command(*unit, "remove", "Retirer un service");
    auto name = std::make_shared<std::string>();
    remove->add_option("nom", *name, "Nom court")->required();
    on_run(*remove, program,
           [&context = program.context, name] { return remove_unit(context, *name); });
}

void add_invitations(CLI::App& organisation, Program& program) {
    CLI::App* command =
        add_command(organisation, "invite", "Inviter un poste dans l'organisation",
                    "  relais org invite --unit geriatrie --new-person -o geriatrie.invitation");
    auto line = std::make_shared<InviteLine>();
    add_repeated(*command, "--unit", line->units, "Service que le poste dessert");
    command->add_flag("--own-mailbox", line->own_mailbox,
                      "Dessert la boîte de l'organisation elle-même (par défaut sans --unit)");
    add_repeated(*command, "--person", line->persons, "Personne déjà inscrite qui l'emploie");
    command->add_flag("--new-person", line->new_person, "Le poste peut apporter une personne");
    command->add_option("--lifetime", line->lifetime, "Durée de validité")->capture_default_str();
    command->add_option("-o,--output", line->file, "Fichier de l'invitation (nouveau)")->required();
    on_run(*command, program,
           [&context = program.context, line] { return invite(context, *line); });
    CLI::App* answer =
        add_command(organisation, "approve", "Admettre les postes invités ici qui se présentent",
                    "  relais org approve --wait 1h");
    on_run(*answer, program, [&context = program.context] { return approve(context); });
}

}  // namespace

void add_organisation(CLI::App& app, Program& program) {
    CLI::App* group =
        add_group(app, "org", "Gérer sa propre organisation",
                  "  relais org show\n"
                  "  relais org unit add geriatrie --title \"Gériatrie\" --takes admission\n"
                  "  relais org invite --unit geriatrie --new-person -o geriatrie.invitation");
    CLI::App* shown = add_command(*group, "show", "Services, personnes, postes, mandats");
    on_run(*shown, program, [&context = program.context] { return show(context); });
    add_units(*group, program);
    add_invitations(*group, program);
    CLI::App* more = add_command(*group, "serve", "Faire desservir des services par un poste",
                                 "  relais org serve geriatrie medecine");
    auto units = std::make_shared<std::vector<std::string>>();
    auto station = std::make_shared<std::string>();
    more->add_option("services", *units, "Noms courts")->required();
    more->add_option("--to-station", *station, "Un autre poste que celui-ci : numéro ou nom");
    on_run(*more, program, [&context = program.context, units, station] {
        return serve(context, *units, *station);
    });
    CLI::App* keys =
        add_command(*group, "roll", "Renouveler les clés de lecture qui doivent l'être",
                    "  relais org roll\n  relais org roll geriatrie.ch-exemple");
    auto mailbox = std::make_shared<std::string>();
    keys->add_option("boîte", *mailbox, "Une seule, échue ou non");
    on_run(*keys, program,
           [&context = program.context, mailbox] { return roll(context, *mailbox); });
    add_rights(*group, program);
}

}  // namespace relais::cli
