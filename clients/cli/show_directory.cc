#include "clients/cli/show_directory.h"

#include <algorithm>

#include "clients/cli/opening.h"
#include "clients/cli/text.h"
#include "core/calendar/calendar.h"
#include "core/codecs/codecs.h"
#include "schemas/directory/professions.h"

namespace relais::cli {

namespace {

using directory::DirectoryState;
using directory::OrganisationRecord;
using nlohmann::json;

std::string profession_label(const std::string& code) {
    const directory::Profession* profession = directory::find_profession(code);
    return profession == nullptr ? code : std::string(profession->label);
}

const char* hours_name(directory::RingHours hours) {
    if (hours == directory::RingHours::while_open) return "open";
    return hours == directory::RingHours::while_closed ? "closed" : "always";
}

json rings_json(const directory::Unit* unit) {
    json rings = json::array();
    if (unit == nullptr) return rings;
    for (const directory::RingStep& step : unit->rings) {
        rings.push_back({{"way", step.way == directory::RingWay::email ? "email" : "webhook"},
                         {"to", step.to},
                         {"after_seconds", step.after.count()},
                         {"hours", hours_name(step.hours)},
                         {"text", ring_text(step)}});
    }
    return rings;
}

json opening_json(const calendar::Hours& hours) {
    json opening = json::array();
    for (const calendar::OpeningPeriod& period : hours.opening) {
        opening.push_back(opening_text(period));
    }
    return opening;
}

// What its clocks and its silence are judged by; empty for one that says nothing.
std::string hours_text(const calendar::Hours& hours) {
    const bool closes = hours.holidays != calendar::Holidays::none;
    if (hours == calendar::Hours{}) return "";
    std::string text = hours.opening.empty() ? "jour et nuit" : opening_text(hours.opening);
    text += closes ? ", fermé les jours fériés (" + holidays_label(hours.holidays) + ")"
                   : ", jours fériés compris";
    return text + ", " + zone_hour(hours);
}

// Joined to the JSON of a mailbox: an organisation's own keeps no hours.
json hours_json(const directory::Unit* unit) {
    const calendar::Hours hours = unit == nullptr ? calendar::Hours{} : unit->hours;
    const bool fallback = unit != nullptr && unit->fallback.has_value();
    return {{"opening", opening_json(hours)},
            {"holidays", holidays_name(hours.holidays)},
            {"zone", calendar::zone_name(hours)},
            {"zone_known", calendar::knows_zone(hours.zone)},
            {"hours_text", hours_text(hours)},
            {"fallback", fallback ? json(unit->fallback->text()) : json()}};
}

json mailbox_json(const DirectoryState& state, const Address& mailbox, const directory::Unit* unit,
                  const std::string& organisation_title) {
    json shown = {{"mailbox", mailbox.text()},
                  {"unit", mailbox.unit()},
                  {"title", unit == nullptr ? organisation_title : unit->title},
                  {"speciality", unit == nullptr ? "" : unit->speciality},
                  {"phone", unit == nullptr ? "" : unit->phone},
                  {"kinds", unit == nullptr ? std::vector<std::string>{} : unit->kinds},
                  {"rings", rings_json(unit)},
                  {"sealable", state.has_reader(mailbox)}};
    shown.update(hours_json(unit));
    return shown;
}

bool found(const std::string& text, const std::vector<std::string>& folded) {
    return std::ranges::all_of(folded,
                               [&](const std::string& word) { return contains(text, word); });
}

// What can be searched of an organisation, apart from its units and persons.
std::string words_of(const OrganisationRecord& record) {
    const directory::Organisation& entry = *record.entry.now();
    return record.name.text() + " " + entry.title + " " + entry.identifier + " " +
           std::string(directory::kind_label(entry.kind));
}

json units_of(const DirectoryState& state, const OrganisationRecord& record,
              const std::string& above, const std::vector<std::string>& words,
              const std::string& kind) {
    const std::string& title = record.entry.now()->title;
    json units = json::array();
    if (kind.empty() && found(above, words)) {
        units.push_back(
            mailbox_json(state, Address::of("", record.name, state.domain_name()), nullptr, title));
    }
    for (const auto& [name, history] : record.units) {
        const directory::Unit* unit = history.now();
        if (unit == nullptr) continue;
        const bool takes =
            kind.empty() || std::ranges::find(unit->kinds, kind) != unit->kinds.end();
        const std::string text = above + " " + name + " " + unit->title + " " + unit->speciality;
        if (!takes || !found(text, words)) continue;
        units.push_back(
            mailbox_json(state, Address::of(name, record.name, state.domain_name()), unit, title));
    }
    return units;
}

json persons_of(const DirectoryState& state, const OrganisationRecord& record,
                const std::string& above, const std::vector<std::string>& words,
                const std::string& kind) {
    json persons = json::array();
    if (!kind.empty()) return persons;
    for (const auto* person : state.persons_of(record.name.text())) {
        const std::string text = above + " " + person->person.title + " " +
                                 profession_label(person->person.profession) + " " +
                                 person->person.rpps;
        if (found(text, words)) persons.push_back(person_json(state, *person));
    }
    return persons;
}

json organisation_json(const DirectoryState& state, const OrganisationRecord& record) {
    const directory::Organisation& entry = *record.entry.now();
    return {{"name", record.name.text()},
            {"title", entry.title},
            {"kind", directory::kind_name(entry.kind)},
            {"kind_label", directory::kind_label(entry.kind)},
            {"identifier", entry.identifier},
            {"state", organisation_state(state, record.name.text())},
            {"confirmed_by", record.confirmed_by},
            {"fingerprint", hex(fingerprint(entry.authority).view())}};
}

void print_hours(Output& out, const json& unit) {
    if (const auto text = unit["hours_text"].get<std::string>(); !text.empty()) {
        out.line("    horaires : " + text);
    }
    if (!unit["zone_known"].get<bool>()) {
        out.alarm("    fuseau « " + unit["zone"].get<std::string>() +
                  " » inconnu : ses horaires ne comptent pas");
    }
    if (unit["fallback"].is_string()) {
        out.line("    recours sans réponse à temps : " + unit["fallback"].get<std::string>());
    }
}

void print_unit(Output& out, const json& unit) {
    std::string line = "  " + unit["mailbox"].get<std::string>();
    if (!unit["unit"].get<std::string>().empty()) line += "  " + unit["title"].get<std::string>();
    if (const auto text = unit["speciality"].get<std::string>(); !text.empty()) line += ", " + text;
    if (const auto text = unit["phone"].get<std::string>(); !text.empty()) line += ", tél. " + text;
    std::string kinds;
    for (const json& kind : unit["kinds"]) {
        kinds += (kinds.empty() ? "" : ", ") + kind.get<std::string>();
    }
    if (!kinds.empty()) line += "  [reçoit : " + kinds + "]";
    if (!unit["sealable"].get<bool>()) line += "  (aucun poste ne la lit)";
    out.line(line);
    print_hours(out, unit);
    for (const json& ring : unit["rings"]) {
        out.line("    prévenu hors de Relais : " + ring["text"].get<std::string>());
    }
}

void print_person(Output& out, const json& person) {
    std::string line = "  " + person["title"].get<std::string>() + ", " +
                       person["profession_label"].get<std::string>();
    if (const auto rpps = person["rpps"].get<std::string>(); !rpps.empty()) {
        line += ", RPPS " + rpps;
    }
    if (const auto id = uuid_from<PersonId>(person["id"].get<std::string>()); id.ok()) {
        line += ", n° " + short_id(*id);
    }
    if (person["attested"].get<bool>()) line += " — profession attestée";
    if (person["regulated"].get<bool>() && !person["attested"].get<bool>()) {
        line += " — profession déclarée, NON attestée";
    }
    if (person["registrar"].get<bool>()) line += " — responsable des inscriptions";
    if (const auto dates = person["affiliation"].get<std::string>(); !dates.empty()) {
        line += " — ici " + dates;
    }
    out.line(line);
}

}  // namespace

std::string organisation_state(const DirectoryState& state, const std::string& name) {
    if (state.suspended(name)) return "suspended";
    return state.established(name) ? "confirmed" : "provisional";
}

std::string organisation_state_label(const std::string& state) {
    if (state == "suspended") return "SUSPENDUE";
    return state == "confirmed" ? "confirmée" : "provisoire, à confirmer";
}

json person_json(const DirectoryState& state, const directory::PersonRecord& record) {
    const directory::Person& person = record.person;
    const directory::Profession* profession = directory::find_profession(person.profession);
    return {{"id", uuid(person.id)},
            {"title", person.title},
            {"profession", person.profession},
            {"profession_label", profession_label(person.profession)},
            {"regulated", profession != nullptr && profession->regulated},
            {"rpps", person.rpps},
            {"attested", state.attested(person.id)},
            {"registrar", person.registrar},
            {"from", person.from.ms == 0 ? json() : json(format_utc(person.from))},
            {"until", person.until.ms == 0 ? json() : json(format_utc(person.until))},
            {"affiliation", affiliation_text(person)}};
}

json attested_elsewhere_json(const DirectoryState& state, const PersonId& id) {
    json others = json::array();
    for (const PersonId& other : state.same_rpps(id)) {
        const auto* record = state.person(other);
        if (record == nullptr || !state.attested(other)) continue;
        others.push_back({{"id", uuid(other)},
                          {"title", record->person.title},
                          {"organisation", record->organisation}});
    }
    return others;
}

std::string attested_elsewhere_text(const json& other) {
    return "RPPS attesté aussi pour " + other["title"].get<std::string>() + ", " +
           other["organisation"].get<std::string>() +
           " ; si ce n'est pas la même personne, dites-le à la CPTS";
}

std::string affiliation_text(const directory::Person& person) {
    std::string text;
    if (person.from.ms != 0) text = "à partir du " + local_time(person.from);
    if (person.until.ms == 0) return text;
    return text + (text.empty() ? "" : ", ") + "jusqu'au " + local_end(person.until);
}

std::string person_title(const DirectoryState& state, const PersonId& id) {
    const auto* record = state.person_ever(id);
    return record == nullptr ? "?" : record->person.title;
}

json person_reference(const DirectoryState& state, const PersonId& id) {
    return {{"id", uuid(id)}, {"title", person_title(state, id)}};
}

json search_directory(const station::Station& station, const Search& search) {
    const DirectoryState& state = station.directory();
    std::vector<std::string> words;
    for (const std::string& word : search.words) words.push_back(fold(word));
    json organisations = json::array();
    for (const auto& [name, record] : state.organisations()) {
        if (record.entry.now() == nullptr) continue;
        if (!search.organisation.empty() && name != search.organisation) continue;
        const std::string above = words_of(record);
        json units = units_of(state, record, above, words, search.kind);
        json persons = persons_of(state, record, above, words, search.kind);
        if (units.empty() && persons.empty()) continue;
        json organisation = organisation_json(state, record);
        organisation["units"] = std::move(units);
        organisation["persons"] = std::move(persons);
        organisations.push_back(std::move(organisation));
    }
    return organisations;
}

void print_organisation(Output& out, const json& organisation) {
    const std::string state = organisation["state"];
    out.heading(organisation["title"].get<std::string>() + " (" +
                organisation["name"].get<std::string>() + ")");
    std::string line = "  " + organisation["kind_label"].get<std::string>() + ", " +
                       organisation["identifier"].get<std::string>() + ", " +
                       organisation_state_label(state);
    if (const auto by = organisation["confirmed_by"].get<std::string>(); !by.empty()) {
        line += " par " + by;
    }
    out.line(line);
    if (state == "provisional") {
        const auto digest = hex_from<Digest>(organisation["fingerprint"].get<std::string>());
        if (digest.ok()) out.line("  empreinte : " + fingerprint_groups(*digest));
    }
    for (const json& unit : organisation["units"]) print_unit(out, unit);
    for (const json& person : organisation["persons"]) print_person(out, person);
}

json kinds_json(station::Station& station) {
    json kinds = json::array();
    std::vector<std::string> seen;
    const auto& records = station.directory().kinds();
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
        const std::string& name = record->kind.name.text();
        if (std::ranges::find(seen, name) != seen.end()) continue;
        seen.push_back(name);
        const auto loaded = station.kinds().get(record->kind.digest);
        kinds.push_back({{"name", name},
                         {"version", record->kind.version},
                         {"title", loaded.ok() ? (*loaded)->kind.title : ""},
                         {"summary", loaded.ok() ? (*loaded)->kind.summary : ""},
                         {"digest", hex(record->kind.digest.view())},
                         {"withdrawn", record->kind.withdrawn}});
    }
    return kinds;
}

}  // namespace relais::cli
