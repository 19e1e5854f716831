// show_directory.h: entries of the directory as JSON and as lines for people. Pure functions of the
// station's replica; one thread.
#pragma once

#include <nlohmann/json.hpp>

#include "clients/cli/output.h"
#include "clients/station/api/station.h"

namespace relais::cli {

// "provisional", "confirmed" or "suspended"; and its French.
[[nodiscard]] std::string organisation_state(const directory::DirectoryState& state,
                                             const std::string& name);
[[nodiscard]] std::string organisation_state_label(const std::string& state);

[[nodiscard]] nlohmann::json person_json(const directory::DirectoryState& state,
                                         const directory::PersonRecord& record);
// Where else somebody is attested under the RPPS of that person: who holds it must know.
[[nodiscard]] nlohmann::json attested_elsewhere_json(const directory::DirectoryState& state,
                                                     const PersonId& id);
// Of one of them, in French.
[[nodiscard]] std::string attested_elsewhere_text(const nlohmann::json& other);
// When the person may act there, in French; empty: without a limit.
[[nodiscard]] std::string affiliation_text(const directory::Person& person);
// {"id", "title"}; the title is "?" where the directory never knew the person.
[[nodiscard]] nlohmann::json person_reference(const directory::DirectoryState& state,
                                              const PersonId& id);
[[nodiscard]] std::string person_title(const directory::DirectoryState& state, const PersonId& id);

// What a search asks for; empty members ask for nothing.
struct Search {
    std::vector<std::string> words;  // each must be found
    std::string kind;                // units that take this kind
    std::string organisation;
};
// The organisations, with the units and persons that fit.
[[nodiscard]] nlohmann::json search_directory(const station::Station& station,
                                              const Search& search);
// One of the organisations of search_directory().
void print_organisation(Output& out, const nlohmann::json& organisation);

// Kinds in force, withdrawn ones marked; title and summary where the bundle is here.
[[nodiscard]] nlohmann::json kinds_json(station::Station& station);

}  // namespace relais::cli
