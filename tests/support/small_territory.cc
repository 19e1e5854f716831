#include "tests/support/small_territory.h"

namespace relais::test {

namespace {

std::vector<std::string> every_act(const std::vector<std::string>& kinds) {
    std::vector<std::string> acts;
    for (const std::string& kind : kinds) acts.push_back(kind + "/*");
    return acts;
}

}  // namespace

SmallTerritory::SmallTerritory(const std::vector<std::string>& kinds, std::uint64_t seed)
    : TestTerritory(seed),
      cpts(admit_organisation("cpts-indre", OrganisationKind::cpts, {.anchor = true})),
      coordinator(add_person(cpts, {.profession = "coordinator", .registrar = true})),
      cpts_station(add_station(cpts, {coordinator.id}, {""})),
      hospital(admit_organisation("ch-valmont", OrganisationKind::hospital)),
      geriatrics(add_unit(hospital, "geriatrie", kinds)),
      cardiology(add_unit(hospital, "cardiologie", kinds)),
      geriatrician(add_person(hospital)),
      cardiologist(add_person(hospital)),
      nurse(add_person(hospital, {.profession = "60", .title = "Alix Petit"})),
      geriatrics_station(add_station(hospital, {geriatrician.id, nurse.id}, {"geriatrie"})),
      cardiology_station(add_station(hospital, {cardiologist.id}, {"cardiologie"})),
      practice(admit_organisation("cabinet", OrganisationKind::practice)),
      doctor(add_person(practice)),
      secretary(add_person(practice, {.profession = "secretary", .title = "Dominique Roy"})),
      practice_station(add_station(practice, {doctor.id, secretary.id}, {""})) {
    confirm(cpts, hospital);
    confirm(cpts, practice);
    for (const TestPerson* person : {&geriatrician, &cardiologist, &doctor}) attest(*person);
    add_epoch(cpts, "");
    add_epoch(hospital, "geriatrie");
    add_epoch(hospital, "cardiologie");
    add_epoch(practice, "");
    if (!kinds.empty()) add_mandate(practice, secretary, doctor, every_act(kinds));
}

}  // namespace relais::test
