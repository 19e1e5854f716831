// organisations.cc: who is in the domain; suspending, resuming, attesting.
#include "core/codecs/codecs.h"
#include "core/crypto/p256.h"
#include "schemas/directory/professions.h"
#include "tools/admin/commands.h"

namespace relais::admin {

namespace {

using directory::DirectoryState;

nlohmann::json person_json(const DirectoryState& state, const directory::Person& person) {
    return {{"id", uuid(person.id)},           {"title", person.title},
            {"profession", person.profession}, {"rpps", person.rpps},
            {"registrar", person.registrar},   {"attested", state.attested(person.id)}};
}

nlohmann::json organisation_json(const DirectoryState& state,
                                 const directory::OrganisationRecord& record) {
    const std::string& name = record.name.text();
    nlohmann::json json = {{"name", name},
                           {"kind", directory::kind_name(record.admission.kind)},
                           {"identifier", record.admission.identifier},
                           {"fingerprint", hex(record.admission.authority.view())},
                           {"anchor", record.admission.anchor},
                           {"established", record.established.has_value()},
                           {"suspended", state.suspended(name)},
                           {"persons", nlohmann::json::array()},
                           {"stations", nlohmann::json::array()},
                           {"units", nlohmann::json::array()}};
    if (const auto* entry = record.entry.now()) json["title"] = entry->title;
    for (const auto* person : state.persons_of(name)) {
        json["persons"].push_back(person_json(state, person->person));
    }
    for (const auto* station : state.stations_of(std::string_view(name))) {
        json["stations"].push_back({{"id", uuid(station->station.id)},
                                    {"title", station->station.title},
                                    {"units", station->station.units}});
    }
    for (const auto& [unit, history] : record.units) {
        if (history.now() != nullptr) json["units"].push_back(unit);
    }
    return json;
}

void print_organisation(const nlohmann::json& json, const Output& output) {
    std::string state = json["established"] ? "established" : "PROVISIONAL";
    if (json["anchor"]) state += ", anchor";
    if (json["suspended"]) state += ", SUSPENDED";
    output.line(json.value("name", "") + "  " + json.value("title", "") + "  [" +
                json.value("kind", "") + " " + json.value("identifier", "") + "; " + state + "]");
    for (const auto& person : json["persons"]) {
        output.line("    " + person.value("title", "") + "  profession " +
                    person.value("profession", "") +
                    (person.value("rpps", "").empty() ? "" : ", RPPS " + person.value("rpps", "")) +
                    (person["attested"] ? ", attested" : "") +
                    (person["registrar"] ? ", registrar" : "") + "  " + person.value("id", ""));
    }
    for (const auto& station : json["stations"]) {
        output.line("    station " + station.value("title", "") + "  " + station.value("id", ""));
    }
}

// By id, or by title within the organisation.
Result<const directory::PersonRecord*> find_person(const DirectoryState& state,
                                                   const std::string& organisation,
                                                   const std::string& wanted) {
    const directory::PersonRecord* found = nullptr;
    for (const auto* record : state.persons_of(organisation)) {
        if (uuid(record->person.id) != wanted && record->person.title != wanted) continue;
        if (found != nullptr) return fail(ErrorCode::usage, "several persons are called " + wanted);
        found = record;
    }
    if (found == nullptr) return fail(ErrorCode::unknown_person, wanted);
    return found;
}

Result<directory::Evidence> parse_evidence(const std::string& text) {
    if (text == "national_directory") return directory::Evidence::national_directory;
    if (text == "certificate") return directory::Evidence::certificate;
    if (text == "pro_sante_connect") return directory::Evidence::pro_sante_connect;
    if (text == "in_person") return directory::Evidence::in_person;
    return fail(ErrorCode::invalid_field,
                "evidence: national_directory, certificate, pro_sante_connect or in_person");
}

}  // namespace

Result<void> list(Operator& op, const Output& output) {
    RELAIS_ASSIGN(const DirectoryState state, op.directory());
    nlohmann::json all = nlohmann::json::array();
    for (const auto& [name, record] : state.organisations()) {
        const nlohmann::json json = organisation_json(state, record);
        print_organisation(json, output);
        all.push_back(json);
    }
    output.result(all);
    return {};
}

Result<void> set_suspended(Operator& op, DomainSigner& signer, const std::string& organisation,
                           bool suspended, const Output& output) {
    RELAIS_ASSIGN(Name name, Name::parse(organisation));
    RELAIS_ASSIGN(const auto entry,
                  op.sign(signer.key, directory::Suspension{std::move(name), suspended}));
    RELAIS_TRY(op.append({entry.bytes}));
    output.line(organisation +
                (suspended ? ": suspended; its stations are cut off" : ": no longer suspended"));
    output.result({{"organisation", organisation}, {"suspended", suspended}});
    return {};
}

Result<void> attest(Operator& op, DomainSigner& signer, const AttestRequest& request,
                    const Output& output) {
    RELAIS_ASSIGN(const DirectoryState state, op.directory());
    RELAIS_ASSIGN(const auto* const record,
                  find_person(state, request.organisation, request.person));
    RELAIS_ASSIGN(const auto evidence, parse_evidence(request.evidence));
    RELAIS_ASSIGN(Name organisation, Name::parse(request.organisation));
    const directory::Person& person = record->person;
    RELAIS_ASSIGN(const auto entry,
                  op.sign(signer.key, directory::Attestation{std::move(organisation), person.id,
                                                             person.profession, person.rpps,
                                                             evidence, request.withdraw}));
    RELAIS_TRY(op.append({entry.bytes}));
    const auto* profession = directory::find_profession(person.profession);
    const std::string label =
        profession == nullptr ? person.profession : std::string(profession->label);
    output.line(person.title +
                (request.withdraw ? ": attestation withdrawn" : ": attested as " + label));
    if (!request.withdraw && !state.same_rpps(person.id).empty()) {
        output.line("  note: this RPPS is declared by another person of the directory too");
    }
    output.result({{"person", uuid(person.id)}, {"attested", !request.withdraw}});
    return {};
}

}  // namespace relais::admin
