// running_territory.h: the small territory of most process tests, on a real broker: a CPTS that
// anchors it, a practice and a hospital with two wards, all enrolled by invitation, confirmed,
// their doctors attested, the kind `admission` published.
#pragma once

#include "tests/process/support/post.h"
#include "tests/process/support/running_broker.h"

namespace relais::test {

struct OrganisationWanted {
    std::string name;
    std::string title;
    directory::OrganisationKind kind;
    std::string identifier;
    station::NewPerson person;
    bool anchor = false;
};

class RunningTerritory {
public:
    RunningTerritory();

    RunningBroker broker;
    Post cpts;       // an established organisation, with the kinds
    Post practice;   // Dr Dupont, `cabinet-dupont`
    Post hospital;   // first station of `ch-valmont`: its authority
    Post geriatrie;  // a ward's station, with its own doctor
    Post medecine;   // another

    [[nodiscard]] std::filesystem::path folder(const std::string& name) const;
    // Invites with the registrar's key (the authority's for the anchor).
    Secret invite(bool anchor = false, const std::string& recover = "");
    // Approves what waits. Errors: not_decided  nothing waited.
    Result<void> approve(bool anchor = false);
    // Makes, invites, approves and connects an organisation's first station.
    station::EnrolmentBegun enrol(Post& post, const OrganisationWanted& wanted);
    // A station of `inviter`'s organisation, with a new person or the ones named.
    void enrol_station(Post& post, Post& inviter, const station::StationInvitation& invitation,
                       const std::string& title, const std::optional<station::NewPerson>& person);
    void confirm(const std::string& organisation);
    void attest(Post& post, const PersonId& person);
    void add_ward(Post& post, const std::string& unit, const std::string& title,
                  const station::NewPerson& doctor);
    void synchronise_all();
};

// The published example forms of the kind `admission`.
[[nodiscard]] nlohmann::json example(const std::string& act);

}  // namespace relais::test
