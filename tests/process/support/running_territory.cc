#include "tests/process/support/running_territory.h"

#include "core/base/system.h"
#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "tests/process/support/exchange.h"

namespace relais::test {

namespace {

station::EnrolmentRequest request_of(const OrganisationWanted& wanted) {
    station::EnrolmentRequest request;
    request.station_title = "Poste de " + wanted.person.title;
    request.person = wanted.person;
    request.organisation = station::NewOrganisation{must(Name::parse(wanted.name)), wanted.title,
                                                    wanted.kind, wanted.identifier};
    return request;
}

}  // namespace

nlohmann::json example(const std::string& act) { return example_of(kind_folder("admission"), act); }

RunningTerritory::RunningTerritory()
    : cpts(folder("cpts")),
      practice(folder("cabinet")),
      hospital(folder("hopital")),
      geriatrie(folder("geriatrie")),
      medecine(folder("medecine")) {
    using directory::OrganisationKind;
    enrol(cpts, {"cpts-brenne",
                 "CPTS de la Brenne",
                 OrganisationKind::cpts,
                 "360000015",
                 {"Anne Coordinatrice", "coordinator", ""},
                 true});
    must(cpts.registrar().publish_kind(must(compiler::compile_kind(kind_folder("admission")))));
    enrol(practice, {"cabinet-dupont",
                     "Cabinet du Dr Dupont",
                     OrganisationKind::practice,
                     "360000023",
                     {"Dr Dominique Dupont", "10", "10100000017"}});
    enrol(hospital, {"ch-valmont",
                     "Centre hospitalier de Valmont",
                     OrganisationKind::hospital,
                     "360000031",
                     {"Claude Réseau", "it", ""}});
    confirm("cabinet-dupont");
    confirm("ch-valmont");
    add_ward(geriatrie, "geriatrie", "Gériatrie aiguë", {"Dr Gilles Gérard", "10", "10100000025"});
    add_ward(medecine, "medecine", "Médecine polyvalente", {"Dr Mina Martin", "10", "10100000033"});
    attest(practice, practice.person());
    synchronise_all();
}

std::filesystem::path RunningTerritory::folder(const std::string& name) const {
    return broker.folder() / name;
}

Secret RunningTerritory::invite(bool anchor, const std::string& recover) {
    static int count = 0;
    const auto file = folder("token-" + std::to_string(++count));
    admin::InviteRequest request;
    request.anchor = anchor;
    request.recover = recover;
    request.token_file = file;
    auto op = broker.connect();
    auto signer = anchor ? broker.authority() : broker.registrar();
    must(admin::invite(op, signer, request, {}));
    return must(read_secret_file(file, 1 << 16));
}

Result<void> RunningTerritory::approve(bool anchor) {
    auto op = broker.connect();
    auto signer = anchor ? broker.authority() : broker.registrar();
    return admin::approve(op, signer, std::chrono::seconds(0), {});
}

station::EnrolmentBegun RunningTerritory::enrol(Post& post, const OrganisationWanted& wanted) {
    auto begun = must(post.begin(invite(wanted.anchor), request_of(wanted)));
    if (must(post.go_on()) != station::EnrolmentState::waiting) fail_test("approved by nobody");
    must(approve(wanted.anchor));
    post.complete();
    post.synchronise();
    return begun;
}

void RunningTerritory::enrol_station(Post& post, Post& inviter,
                                     const station::StationInvitation& invitation,
                                     const std::string& title,
                                     const std::optional<station::NewPerson>& person) {
    auto registrar = inviter.registrar();
    const Secret token = must(station::invite_station(inviter.station(), registrar, invitation));
    station::EnrolmentRequest request;
    request.station_title = title;
    request.person = person;
    must(post.begin(token, std::move(request)));
    must(post.go_on());
    const auto outcomes = must(station::approve_waiting(inviter.station(), registrar));
    if (outcomes.size() != 1) fail_test("nothing waited for the inviter");
    must(outcomes.front().verdict);
    post.complete();
    post.synchronise();
}

void RunningTerritory::confirm(const std::string& organisation) {
    cpts.synchronise();
    const auto* record = cpts.station().directory().organisation(organisation);
    if (record == nullptr) fail_test(organisation + " is not in the directory");
    must(cpts.registrar().confirm(must(Name::parse(organisation)), record->admission.authority));
}

void RunningTerritory::attest(Post& post, const PersonId& person) {
    cpts.synchronise();
    const auto* record = cpts.station().directory().person(person);
    if (record == nullptr) fail_test("the person is not in the directory");
    must(cpts.registrar().attest({post.station().identity().organisation, person,
                                  record->person.profession, record->person.rpps,
                                  directory::Evidence::national_directory, false}));
}

void RunningTerritory::add_ward(Post& post, const std::string& unit, const std::string& title,
                                const station::NewPerson& doctor) {
    must(hospital.registrar().add_unit(
        {must(Name::parse(unit)), title, "", "02 54 00 00 00", {"admission"}}));
    enrol_station(post, hospital, {{unit}, {}, true}, "Poste de " + title, doctor);
    attest(post, post.person());
}

void RunningTerritory::synchronise_all() {
    for (Post* post : {&cpts, &practice, &hospital, &geriatrie, &medecine}) post->synchronise();
}

}  // namespace relais::test
