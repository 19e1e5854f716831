// encode.cc: directory entries to bytes, one function a body.
#include "schemas/directory/entries.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/directory_generated.h"

namespace relais::directory {

namespace {

using Builder = flatbuffers::FlatBufferBuilder;

auto encode(Builder& b, const Domain& domain) {
    std::vector<flatbuffers::Offset<fb::Registrar>> registrars;
    for (const Registrar& registrar : domain.registrars) {
        const auto key = flat::to_struct<fb::P256Key>(registrar.key);
        registrars.push_back(fb::CreateRegistrar(b, &key, flat::text(b, registrar.title)));
    }
    const auto registrar_vector = b.CreateVector(registrars);
    const auto title = flat::text(b, domain.title);
    const auto authority = flat::to_struct<fb::P256Key>(domain.authority);
    const auto broker_key = flat::to_struct<fb::P256Key>(domain.broker_key);
    const auto curve = flat::to_struct<fb::CurveKey>(domain.curve_key);
    const auto enrolment = flat::to_struct<fb::CurveKey>(domain.enrolment_key);
    const auto directory_log = flat::to_struct<fb::Ed25519Key>(domain.directory_log);
    const auto audit_log = flat::to_struct<fb::Ed25519Key>(domain.audit_log);
    return fb::CreateDomain(b, title, &authority, registrar_vector, &broker_key,
                            static_cast<std::uint64_t>(domain.broker_key_until.ms), &curve,
                            &enrolment, &directory_log, &audit_log, domain.test);
}

auto encode(Builder& b, const Admission& admission) {
    const auto organisation = flat::text(b, admission.organisation.text());
    const auto identifier = flat::text(b, admission.identifier);
    const auto authority = flat::to_struct<fb::Digest>(admission.authority);
    return fb::CreateAdmission(b, organisation, static_cast<fb::OrganisationKind>(admission.kind),
                               identifier, &authority, admission.anchor);
}

auto encode(Builder& b, const Suspension& suspension) {
    return fb::CreateSuspension(b, flat::text(b, suspension.organisation.text()),
                                suspension.suspended);
}

auto encode(Builder& b, const Organisation& organisation) {
    const auto title = flat::text(b, organisation.title);
    const auto identifier = flat::text(b, organisation.identifier);
    const auto authority = flat::to_struct<fb::P256Key>(organisation.authority);
    const auto recovery_signing = flat::to_struct<fb::Digest>(organisation.recovery_signing);
    const auto recovery_sealing = flat::to_struct<fb::P256Key>(organisation.recovery_sealing);
    return fb::CreateOrganisation(b, title, static_cast<fb::OrganisationKind>(organisation.kind),
                                  identifier, &authority, &recovery_signing, &recovery_sealing);
}

auto encode(Builder& b, const AuthorityReplaced& replaced) {
    const auto authority = flat::to_struct<fb::P256Key>(replaced.authority);
    const auto key = flat::to_struct<fb::P256Key>(replaced.recovery_key);
    const auto signing = flat::to_struct<fb::Digest>(replaced.recovery_signing);
    const auto sealing = flat::to_struct<fb::P256Key>(replaced.recovery_sealing);
    return fb::CreateAuthorityReplaced(b, &authority, &key, &signing, &sealing);
}

auto encode(Builder& b, const Person& person) {
    const auto title = flat::text(b, person.title);
    const auto profession = flat::text(b, person.profession);
    const auto rpps = person.rpps.empty() ? 0 : flat::text(b, person.rpps);
    const auto id = flat::to_struct<fb::Uuid>(person.id);
    const auto key = flat::to_struct<fb::P256Key>(person.key);
    return fb::CreatePerson(b, &id, title, profession, rpps, &key, person.registrar,
                            static_cast<std::uint64_t>(person.from.ms),
                            static_cast<std::uint64_t>(person.until.ms));
}

auto encode(Builder& b, const Station& station) {
    static_assert(sizeof(PersonId) == sizeof(fb::Uuid));
    const auto persons = b.CreateVectorOfStructs(
        reinterpret_cast<const fb::Uuid*>(station.persons.data()), station.persons.size());
    const auto units = b.CreateVectorOfStrings(station.units);
    const auto title = flat::text(b, station.title);
    const auto id = flat::to_struct<fb::Uuid>(station.id);
    const auto curve = flat::to_struct<fb::CurveKey>(station.curve);
    const auto sealing = flat::to_struct<fb::P256Key>(station.sealing);
    const auto signing = flat::to_struct<fb::P256Key>(station.signing);
    return fb::CreateStation(b, &id, title, &curve, &sealing, &signing, persons, units);
}

auto encode(Builder& b, const Unit& unit) {
    const auto kinds = b.CreateVectorOfStrings(unit.kinds);
    const auto name = flat::text(b, unit.name.text());
    const auto title = flat::text(b, unit.title);
    const auto speciality = unit.speciality.empty() ? 0 : flat::text(b, unit.speciality);
    const auto phone = unit.phone.empty() ? 0 : flat::text(b, unit.phone);
    const auto zone = unit.hours.zone.empty() ? 0 : flat::text(b, unit.hours.zone);
    std::vector<fb::OpeningPeriod> periods;
    for (const calendar::OpeningPeriod& period : unit.hours.opening) {
        periods.emplace_back(period.days, period.from_minute, period.until_minute);
    }
    const auto opening =
        periods.empty() ? 0 : b.CreateVectorOfStructs(periods.data(), periods.size());
    const auto fallback = unit.fallback ? flat::text(b, unit.fallback->text()) : 0;
    std::vector<flatbuffers::Offset<fb::RingStep>> steps;
    for (const RingStep& step : unit.rings) {
        steps.push_back(fb::CreateRingStep(b, static_cast<fb::RingWay>(step.way),
                                           flat::text(b, step.to),
                                           static_cast<std::uint32_t>(step.after.count()),
                                           static_cast<fb::RingHours>(step.hours)));
    }
    const auto rings = steps.empty() ? 0 : b.CreateVector(steps);
    return fb::CreateUnit(b, name, title, speciality, phone, kinds, zone,
                          static_cast<fb::Holidays>(unit.hours.holidays), opening, fallback, rings);
}

auto encode_grants(Builder& b, const std::vector<Grant>& grants) {
    std::vector<flatbuffers::Offset<fb::Grant>> items;
    for (const Grant& grant : grants) {
        const auto enc = flat::bytes(b, grant.enc);
        const auto sealed_key = flat::bytes(b, grant.sealed_key);
        const auto station = flat::to_struct<fb::Uuid>(grant.station.value_or(StationId{}));
        items.push_back(fb::CreateGrant(b, grant.station ? &station : nullptr, enc, sealed_key));
    }
    return b.CreateVector(items);
}

auto encode(Builder& b, const Epoch& epoch) {
    const auto grants = encode_grants(b, epoch.grants);
    const auto unit = flat::text(b, epoch.unit);
    const auto key = flat::to_struct<fb::P256Key>(epoch.key);
    return fb::CreateEpoch(b, unit, epoch.number.value, &key, grants);
}

auto encode(Builder& b, const GrantsAdded& added) {
    const auto grants = encode_grants(b, added.grants);
    return fb::CreateGrantsAdded(b, flat::text(b, added.unit), added.number.value, grants);
}

auto encode(Builder& b, const Mandate& mandate) {
    const auto acts = b.CreateVectorOfStrings(mandate.acts);
    const auto id = flat::to_struct<fb::Uuid>(mandate.id);
    const auto by = flat::to_struct<fb::Uuid>(mandate.by);
    const auto on_behalf_of = flat::to_struct<fb::Uuid>(mandate.on_behalf_of);
    return fb::CreateMandate(b, &id, &by, &on_behalf_of, acts,
                             static_cast<std::uint64_t>(mandate.until.ms));
}

auto encode(Builder& b, const Revocation& revocation) {
    const bool by_name =
        revocation.object == RevokedObject::unit || revocation.object == RevokedObject::group;
    const auto unit = by_name ? flat::text(b, revocation.unit) : 0;
    const auto id = flat::to_struct<fb::Uuid>(revocation.id);
    return fb::CreateRevocation(b, static_cast<fb::RevokedObject>(revocation.object),
                                by_name ? nullptr : &id, unit,
                                static_cast<fb::RevocationReason>(revocation.reason));
}

auto encode(Builder& b, const Confirmation& confirmation) {
    const auto authority = flat::to_struct<fb::Digest>(confirmation.authority);
    return fb::CreateConfirmation(b, flat::text(b, confirmation.organisation.text()), &authority);
}

auto encode(Builder& b, const Attestation& attestation) {
    const auto organisation = flat::text(b, attestation.organisation.text());
    const auto profession = flat::text(b, attestation.profession);
    const auto rpps = attestation.rpps.empty() ? 0 : flat::text(b, attestation.rpps);
    const auto person = flat::to_struct<fb::Uuid>(attestation.person);
    return fb::CreateAttestation(b, organisation, &person, profession, rpps,
                                 static_cast<fb::Evidence>(attestation.evidence),
                                 attestation.withdrawn);
}

auto encode(Builder& b, const KindPublished& kind) {
    const auto digest = flat::to_struct<fb::Digest>(kind.digest);
    return fb::CreateKindPublished(b, flat::text(b, kind.name.text()), kind.version, &digest,
                                   kind.bytes, kind.withdrawn);
}

auto encode(Builder& b, const Witness& witness) {
    const auto station = flat::to_struct<fb::Uuid>(witness.station);
    const auto key = flat::to_struct<fb::Ed25519Key>(witness.key);
    return fb::CreateWitness(b, &station, &key, witness.withdrawn);
}

auto encode(Builder& b, const WitnessPolicy& policy) {
    return fb::CreateWitnessPolicy(b, policy.organisations,
                                   static_cast<std::uint32_t>(policy.late_after.count()));
}

auto texts(Builder& b, const std::vector<Address>& mailboxes) {
    std::vector<flatbuffers::Offset<flatbuffers::String>> items;
    for (const Address& mailbox : mailboxes) items.push_back(flat::text(b, mailbox.text()));
    return b.CreateVector(items);
}

auto encode(Builder& b, const Group& group) {
    const auto kinds = b.CreateVectorOfStrings(group.kinds);
    const auto posters = group.posters.empty() ? 0 : texts(b, group.posters);
    const auto name = flat::text(b, group.name.text());
    const auto title = flat::text(b, group.title);
    return fb::CreateGroup(b, name, title, kinds, static_cast<fb::Posting>(group.posting), posters);
}

auto encode(Builder& b, const Membership& membership) {
    const auto group = flat::text(b, membership.group.text());
    const auto added = membership.added.empty() ? 0 : texts(b, membership.added);
    const auto removed = membership.removed.empty() ? 0 : texts(b, membership.removed);
    return fb::CreateMembership(b, group, added, removed);
}

auto encode(Builder& b, const PackPublished& pack) {
    const auto digest = flat::to_struct<fb::Digest>(pack.digest);
    return fb::CreatePackPublished(b, flat::text(b, pack.name.text()), pack.version, &digest,
                                   pack.bytes, pack.withdrawn);
}

auto encode(Builder& b, const Absence& absence) {
    std::vector<flatbuffers::Offset<fb::AbsencePeriod>> periods;
    for (const AbsencePeriod& period : absence.periods) {
        const auto delegate = period.delegate ? flat::text(b, period.delegate->text()) : 0;
        periods.push_back(fb::CreateAbsencePeriod(b, static_cast<std::uint64_t>(period.from.ms),
                                                  static_cast<std::uint64_t>(period.until.ms),
                                                  delegate));
    }
    const auto unit = flat::text(b, absence.unit.text());
    return fb::CreateAbsence(b, unit, periods.empty() ? 0 : b.CreateVector(periods));
}

}  // namespace

Bytes encode_entry(const Entry& entry) {
    Builder builder(1024);
    const auto body =
        std::visit([&](const auto& each) { return encode(builder, each).Union(); }, entry.body);
    const auto type = static_cast<fb::EntryBody>(entry.body.index() + 1);
    const auto domain = flat::text(builder, entry.domain.text());
    const auto chain = flat::text(builder, entry.chain);
    const auto previous = flat::to_struct<fb::Digest>(entry.previous);
    const auto signer = flat::to_struct<fb::Digest>(entry.signer);
    builder.Finish(fb::CreateEntry(builder, domain, chain, entry.number, &previous,
                                   static_cast<std::uint64_t>(entry.time.ms), &signer, type, body));
    return to_bytes(flat::finished(builder));
}

std::string_view body_name(const EntryBody& body) {
    return fb::EnumNameEntryBody(static_cast<fb::EntryBody>(body.index() + 1));
}

}  // namespace relais::directory
