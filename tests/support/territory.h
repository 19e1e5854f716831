// territory.h: a directory for tests, made entry by entry with real signatures. Every method that
// adds returns what it made, the signed entry included, and has applied it; it stops the test where
// the directory refuses. What must be refused is made with draft() and given to apply().
//
//   TestTerritory territory;
//   auto hospital = territory.admit_organisation("ch-valmont", OrganisationKind::hospital);
//   auto ward = territory.add_unit(hospital, "geriatrie");
//   auto doctor = territory.add_person(hospital, {.profession = "10"});
//
// Keys and ids follow from the seed. Confined to one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "schemas/directory/state.h"
#include "tests/support/random.h"

namespace relais::test {

using directory::DirectoryState;
using directory::EntryBody;
using directory::OrganisationKind;
using directory::SignedEntry;

// A private key that may be shared between copies of a handle.
using TestKey = std::shared_ptr<P256Key>;

struct TestOrganisation {
    Name name;
    TestKey authority;
    TestKey recovery;
    P256Public recovery_sealing;
    SignedEntry entry;
};
struct TestPerson {
    PersonId id;
    std::string organisation;
    TestKey key;
    directory::Person person;
    SignedEntry entry;
};
struct TestStation {
    StationId id;
    std::string organisation;
    CurvePublic curve;
    TestKey sealing;
    TestKey signing;
    directory::Station station;
    SignedEntry entry;
};
struct TestUnit {
    Address mailbox;
    directory::Unit unit;
    SignedEntry entry;
};

struct OrganisationOptions {
    bool anchor = false;
    std::string identifier{};  // empty: the next FINESS
};
struct PersonOptions {
    std::string profession = "10";
    std::string rpps{};  // empty: the next one where the profession is regulated
    bool registrar = false;
    std::string title = "Dr Camille Martin";
};

class TestTerritory {
public:
    // The domain `indre`, its own entry applied, one registrar.
    explicit TestTerritory(std::uint64_t seed = 1);

    [[nodiscard]] SeededRandom& random() { return random_; }
    [[nodiscard]] DirectoryState& state() { return state_; }
    [[nodiscard]] const DirectoryState& state() const { return state_; }
    [[nodiscard]] const Verifier& verifier() const { return verifier_; }
    [[nodiscard]] const Name& domain() const { return state_.domain_name(); }
    // Every entry applied so far, in the order of the log.
    [[nodiscard]] const std::vector<SignedEntry>& log() const { return log_; }
    [[nodiscard]] Address mailbox(const std::string& local) const;

    TestKey make_key() { return std::make_shared<P256Key>(make_p256_key(random_)); }
    [[nodiscard]] const TestKey& authority() const { return authority_; }
    [[nodiscard]] const TestKey& registrar() const { return registrar_; }
    [[nodiscard]] const TestKey& broker_key() const { return broker_key_; }
    // The authority's key of an organisation of this territory.
    [[nodiscard]] const TestKey& authority_of(const std::string& organisation) const;

    // The next entry of a chain, signed, not applied. The key's own fingerprint is the signer's.
    [[nodiscard]] SignedEntry draft(const std::string& chain, P256Key& key, EntryBody body) const;
    // Gives it to the directory; kept in log() where it is accepted.
    Result<void> apply(const SignedEntry& entry, EngineTime committed = {});
    // draft() and apply(); stops the test where it is refused.
    SignedEntry append(const std::string& chain, P256Key& key, EntryBody body);

    // Bodies with fresh keys and valid fields, to be altered by tests of refusals.
    [[nodiscard]] directory::Domain domain_body() const { return domain_; }
    [[nodiscard]] directory::Admission admission_body(const std::string& organisation,
                                                      OrganisationKind kind,
                                                      const P256Public& authority,
                                                      const OrganisationOptions& options = {});
    [[nodiscard]] directory::Person person_body(const PersonOptions& options, P256Key& key);
    [[nodiscard]] directory::Station station_body(const std::vector<PersonId>& persons,
                                                  const std::vector<std::string>& units);
    [[nodiscard]] directory::Grant grant(std::optional<StationId> station);
    // An epoch granted to the recovery key and to these stations.
    [[nodiscard]] directory::Epoch epoch_body(const std::string& unit, std::uint64_t number,
                                              const std::vector<StationId>& stations = {});

    // Admission by the registrar (by the authority where it is the anchor), then its own first
    // entry.
    TestOrganisation admit_organisation(const std::string& organisation, OrganisationKind kind,
                                        const OrganisationOptions& options = {});
    TestUnit add_unit(const TestOrganisation& organisation, const std::string& unit,
                      const std::vector<std::string>& kinds = {});
    TestPerson add_person(const TestOrganisation& organisation, const PersonOptions& options = {});
    TestStation add_station(const TestOrganisation& organisation,
                            const std::vector<PersonId>& persons,
                            const std::vector<std::string>& units);
    // The next epoch of a mailbox ("": the organisation's own), granted to each of its stations.
    SignedEntry add_epoch(const TestOrganisation& organisation, const std::string& unit);
    SignedEntry add_mandate(const TestOrganisation& organisation, const TestPerson& by,
                            const TestPerson& on_behalf_of, const std::vector<std::string>& acts,
                            WallTime until = {});
    SignedEntry confirm(const TestOrganisation& by, const TestOrganisation& confirmed);
    // By the domain's registrar, or by an organisation.
    SignedEntry attest(const TestPerson& person, bool withdrawn = false);
    SignedEntry attest_by(const TestOrganisation& by, const TestPerson& person,
                          bool withdrawn = false);
    SignedEntry suspend(const TestOrganisation& organisation, bool suspended = true);
    SignedEntry revoke(const TestPerson& person);
    SignedEntry revoke(const TestStation& station);
    SignedEntry revoke(const TestUnit& unit);
    SignedEntry revoke_mandate(const TestOrganisation& organisation, const MandateId& id);
    SignedEntry publish_kind(const TestOrganisation& anchor, const std::string& kind,
                             std::uint32_t version, const Digest& digest, bool withdrawn = false);

    // Everything the directory answers about all that this territory ever made, now and at each
    // past position: two states that answer alike have equal pictures (picture.cc).
    [[nodiscard]] std::string picture(const DirectoryState& state) const;
    [[nodiscard]] std::string picture() const { return picture(state_); }

private:
    SignedEntry revoke_object(const std::string& chain, directory::RevokedObject object,
                              ByteView id, const std::string& unit);
    void remember(const SignedEntry& entry);

    SeededRandom random_;
    P256Verifier verifier_;
    TestKey authority_;
    TestKey registrar_;
    TestKey broker_key_;
    directory::Domain domain_;
    DirectoryState state_;
    std::vector<SignedEntry> log_;
    std::map<std::string, TestKey> authorities_;
    std::uint64_t identifiers_ = 0;  // given out so far
    std::vector<PersonId> persons_;
    std::vector<StationId> stations_;
    std::vector<MandateId> mandates_;
};

}  // namespace relais::test
