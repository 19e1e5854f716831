#include "tests/support/territory.h"

#include <cstdio>

#include "schemas/directory/professions.h"

namespace relais::test {

using namespace directory;

namespace {

constexpr WallTime kEntryTime{1'789'996'400'000};  // an hour before kTestTime

std::string numbered(const char* format, std::uint64_t number) {
    char text[32];
    std::snprintf(text, sizeof text, format, static_cast<unsigned long long>(number));
    return text;
}

directory::Domain make_domain(SeededRandom& random, const P256Key& authority,
                              const P256Key& registrar, const P256Key& broker) {
    return {.title = "Indre",
            .authority = authority.public_key(),
            .registrars = {{registrar.public_key(), "Coordination territoriale"}},
            .broker_key = broker.public_key(),
            .broker_key_until = {kEntryTime.ms + 365LL * 24 * 3600 * 1000},
            .curve_key = random.make<CurvePublic>(),
            .enrolment_key = random.make<CurvePublic>(),
            .directory_log = random.make<Ed25519Public>(),
            .audit_log = random.make<Ed25519Public>()};
}

}  // namespace

TestTerritory::TestTerritory(std::uint64_t seed)
    : random_(seed),
      authority_(make_key()),
      registrar_(make_key()),
      broker_key_(make_key()),
      domain_(make_domain(random_, *authority_, *registrar_, *broker_key_)),
      state_(name("indre"), fingerprint(authority_->public_key())) {
    append("", *authority_, domain_);
}

Address TestTerritory::mailbox(const std::string& local) const {
    return address(local + "@" + domain().text());
}

const TestKey& TestTerritory::authority_of(const std::string& organisation) const {
    return authorities_.at(organisation);
}

SignedEntry TestTerritory::draft(const std::string& chain, P256Key& key, EntryBody body) const {
    const Digest signer = fingerprint(key.public_key());
    return sign_entry(state_.next_entry(chain, signer, kEntryTime, std::move(body)), key);
}

Result<void> TestTerritory::apply(const SignedEntry& entry, EngineTime committed) {
    RELAIS_TRY(state_.apply(entry, verifier_, committed));
    log_.push_back(entry);
    remember(entry);
    return {};
}

SignedEntry TestTerritory::append(const std::string& chain, P256Key& key, EntryBody body) {
    // Through its bytes, as broker and stations receive it.
    SignedEntry entry = parse_signed_entry(draft(chain, key, std::move(body)).bytes).value();
    const auto applied = apply(entry);
    if (!applied.ok()) std::fprintf(stderr, "%s\n", applied.error().describe().c_str());
    applied.value();
    return entry;
}

void TestTerritory::remember(const SignedEntry& entry) {
    if (const auto* person = std::get_if<Person>(&entry.entry.body)) persons_.push_back(person->id);
    if (const auto* station = std::get_if<Station>(&entry.entry.body)) {
        stations_.push_back(station->id);
    }
    if (const auto* mandate = std::get_if<Mandate>(&entry.entry.body)) {
        mandates_.push_back(mandate->id);
    }
}

Admission TestTerritory::admission_body(const std::string& organisation, OrganisationKind kind,
                                        const P256Public& authority,
                                        const OrganisationOptions& options) {
    std::string identifier = options.identifier;
    if (identifier.empty()) identifier = numbered("36%07llu", ++identifiers_);
    return {.organisation = name(organisation),
            .kind = kind,
            .identifier = std::move(identifier),
            .authority = fingerprint(authority),
            .anchor = options.anchor};
}

Person TestTerritory::person_body(const PersonOptions& options, P256Key& key) {
    std::string rpps = options.rpps;
    const Profession* profession = find_profession(options.profession);
    if (rpps.empty() && profession != nullptr && profession->regulated) {
        rpps = numbered("101%08llu", ++identifiers_);
    }
    return {.id = random_.make<PersonId>(),
            .title = options.title,
            .profession = options.profession,
            .rpps = std::move(rpps),
            .key = key.public_key(),
            .registrar = options.registrar};
}

Station TestTerritory::station_body(const std::vector<PersonId>& persons,
                                    const std::vector<std::string>& units) {
    return {.id = random_.make<StationId>(),
            .title = "Poste de soins",
            .curve = random_.make<CurvePublic>(),
            .sealing = make_key()->public_key(),
            .signing = make_key()->public_key(),
            .persons = persons,
            .units = units};
}

Grant TestTerritory::grant(std::optional<StationId> station) {
    return {station, random_.bytes(65), random_.bytes(48)};
}

Epoch TestTerritory::epoch_body(const std::string& unit, std::uint64_t number,
                                const std::vector<StationId>& stations) {
    Epoch epoch{unit, {number}, make_key()->public_key(), {grant(std::nullopt)}};
    for (const StationId& station : stations) epoch.grants.push_back(grant(station));
    return epoch;
}

TestOrganisation TestTerritory::admit_organisation(const std::string& organisation,
                                                   OrganisationKind kind,
                                                   const OrganisationOptions& options) {
    const TestKey key = make_key();
    const TestKey recovery = make_key();
    const P256Public sealing = make_key()->public_key();
    const Admission admission = admission_body(organisation, kind, key->public_key(), options);
    append("", options.anchor ? *authority_ : *registrar_, admission);
    SignedEntry entry = append(organisation, *key,
                               Organisation{.title = "Organisation " + organisation,
                                            .kind = kind,
                                            .identifier = admission.identifier,
                                            .authority = key->public_key(),
                                            .recovery_signing = fingerprint(recovery->public_key()),
                                            .recovery_sealing = sealing});
    authorities_[organisation] = key;
    return {name(organisation), key, recovery, sealing, std::move(entry)};
}

TestUnit TestTerritory::add_unit(const TestOrganisation& organisation, const std::string& unit,
                                 const std::vector<std::string>& kinds) {
    Unit body{.name = name(unit),
              .title = "Service " + unit,
              .speciality = "",
              .phone = "02 54 00 00 00",
              .kinds = kinds};
    SignedEntry entry = append(organisation.name.text(), *organisation.authority, body);
    return {Address::of(unit, organisation.name, domain()), std::move(body), std::move(entry)};
}

TestPerson TestTerritory::add_person(const TestOrganisation& organisation,
                                     const PersonOptions& options) {
    const TestKey key = make_key();
    const Person body = person_body(options, *key);
    SignedEntry entry = append(organisation.name.text(), *organisation.authority, body);
    return {body.id, organisation.name.text(), key, body, std::move(entry)};
}

TestStation TestTerritory::add_station(const TestOrganisation& organisation,
                                       const std::vector<PersonId>& persons,
                                       const std::vector<std::string>& units) {
    const TestKey sealing = make_key();
    const TestKey signing = make_key();
    Station body = station_body(persons, units);
    body.sealing = sealing->public_key();
    body.signing = signing->public_key();
    SignedEntry entry = append(organisation.name.text(), *organisation.authority, body);
    return {body.id, organisation.name.text(), body.curve, sealing, signing,
            body,    std::move(entry)};
}

SignedEntry TestTerritory::add_epoch(const TestOrganisation& organisation,
                                     const std::string& unit) {
    const Address own = Address::of(unit, organisation.name, domain());
    std::vector<StationId> stations;
    for (const auto* record : state_.stations_of(own)) stations.push_back(record->station.id);
    const EpochRecord* last = state_.epoch(own);
    const std::uint64_t number = last == nullptr ? 1 : last->epoch.number.value + 1;
    return append(organisation.name.text(), *organisation.authority,
                  epoch_body(unit, number, stations));
}

SignedEntry TestTerritory::add_mandate(const TestOrganisation& organisation, const TestPerson& by,
                                       const TestPerson& on_behalf_of,
                                       const std::vector<std::string>& acts, WallTime until) {
    return append(organisation.name.text(), *organisation.authority,
                  Mandate{random_.make<MandateId>(), by.id, on_behalf_of.id, acts, until});
}

SignedEntry TestTerritory::confirm(const TestOrganisation& by, const TestOrganisation& confirmed) {
    return append(by.name.text(), *by.authority,
                  Confirmation{confirmed.name, fingerprint(confirmed.authority->public_key())});
}

namespace {

Attestation attestation_of(const TestPerson& person, bool withdrawn) {
    return {name(person.organisation),    person.id, person.person.profession, person.person.rpps,
            Evidence::national_directory, withdrawn};
}

}  // namespace

SignedEntry TestTerritory::attest(const TestPerson& person, bool withdrawn) {
    return append("", *registrar_, attestation_of(person, withdrawn));
}

SignedEntry TestTerritory::attest_by(const TestOrganisation& by, const TestPerson& person,
                                     bool withdrawn) {
    return append(by.name.text(), *by.authority, attestation_of(person, withdrawn));
}

SignedEntry TestTerritory::suspend(const TestOrganisation& organisation, bool suspended) {
    return append("", *registrar_, Suspension{organisation.name, suspended});
}

SignedEntry TestTerritory::revoke_object(const std::string& chain, RevokedObject object,
                                         ByteView id, const std::string& unit) {
    Revocation body{object, {}, unit, RevocationReason::left};
    if (!id.empty()) body.id = decltype(body.id)::from(id);
    return append(chain, *authority_of(chain), body);
}

SignedEntry TestTerritory::revoke(const TestPerson& person) {
    return revoke_object(person.organisation, RevokedObject::person, person.id.view(), "");
}

SignedEntry TestTerritory::revoke(const TestStation& station) {
    return revoke_object(station.organisation, RevokedObject::station, station.id.view(), "");
}

SignedEntry TestTerritory::revoke(const TestUnit& unit) {
    return revoke_object(std::string(unit.mailbox.organisation()), RevokedObject::unit, {},
                         unit.unit.name.text());
}

SignedEntry TestTerritory::revoke_mandate(const TestOrganisation& organisation,
                                          const MandateId& id) {
    return revoke_object(organisation.name.text(), RevokedObject::mandate, id.view(), "");
}

SignedEntry TestTerritory::publish_kind(const TestOrganisation& anchor, const std::string& kind,
                                        std::uint32_t version, const Digest& digest,
                                        bool withdrawn) {
    return append(anchor.name.text(), *anchor.authority,
                  KindPublished{name(kind), version, digest, 1000, withdrawn});
}

}  // namespace relais::test
