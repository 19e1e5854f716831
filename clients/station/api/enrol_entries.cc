#include "clients/station/api/enrol_entries.h"

namespace relais::station {

namespace {

Error missing(const char* what) { return fail(ErrorCode::missing_field, what); }

directory::Person person_entry(const NewPerson& person, const PersonId& id, const P256Key& key,
                               bool registrar) {
    return {id, person.title, person.profession, person.rpps, key.public_key(), registrar};
}

directory::Station station_entry(const PreparedEnrolment& prepared, const std::string& title) {
    directory::Station station{prepared.station,
                               title,
                               prepared.keys.curve.public_key,
                               prepared.keys.sealing.public_key(),
                               prepared.keys.signing.public_key(),
                               {},
                               {""}};
    if (prepared.person) station.persons.push_back(*prepared.person);
    return station;
}

std::vector<Bytes> bytes_of(const std::vector<directory::SignedEntry>& entries) {
    std::vector<Bytes> list;
    for (const directory::SignedEntry& entry : entries) list.push_back(entry.bytes);
    return list;
}

PreparedEnrolment fresh(Random& random, WallTime now, bool with_person) {
    PreparedEnrolment prepared{make_uuid_v7<StationId>(random, now),
                               std::nullopt,
                               StationKeys::generate(),
                               std::nullopt,
                               {},
                               {},
                               {},
                               {}};
    if (with_person) {
        prepared.person = make_uuid_v7<PersonId>(random, now);
        prepared.person_key = P256Key::generate();
    }
    return prepared;
}

// Person, station and first epoch of the organisation's own mailbox, signed by its authority.
Result<void> add_first_entries(PreparedEnrolment& prepared, ChainWriter& writer,
                               const EnrolmentRequest& request, const Name& organisation,
                               const Name& domain, const P256Public& recovery_sealing,
                               bool with_epoch) {
    writer.add(person_entry(*request.person, *prepared.person, *prepared.person_key, true));
    writer.add(station_entry(prepared, request.station_title));
    if (!with_epoch) return {};
    const Address mailbox = Address::of("", organisation, domain);
    RELAIS_ASSIGN(NewEpoch epoch,
                  make_epoch(mailbox, {1},
                             {{std::nullopt, recovery_sealing},
                              {prepared.station, prepared.keys.sealing.public_key()}}));
    writer.add(std::move(epoch.entry));
    prepared.epochs.emplace_back(mailbox, std::move(epoch.key));
    return {};
}

Result<PreparedEnrolment> prepare_organisation(const Invitation& invitation,
                                               const EnrolmentRequest& request, Random& random,
                                               WallTime now) {
    if (!request.organisation) return missing("organisation");
    if (!request.person) return missing("person");
    const NewOrganisation& wanted = *request.organisation;
    PreparedEnrolment prepared = fresh(random, now, true);
    prepared.keys.authority = P256Key::generate();
    prepared.authority = fingerprint(prepared.keys.authority->public_key());
    prepared.recovery_secret = seal::make_recovery_secret(random);
    const seal::RecoveryKeys recovery = seal::recovery_keys(prepared.recovery_secret);
    ChainWriter writer(invitation.domain, wanted.name, 0, {}, *prepared.keys.authority, now);
    writer.add(directory::Organisation{
        wanted.title, wanted.kind, wanted.identifier, prepared.keys.authority->public_key(),
        fingerprint(recovery.signing.public_key()), recovery.sealing.public_key()});
    RELAIS_TRY(add_first_entries(prepared, writer, request, wanted.name, invitation.domain,
                                 recovery.sealing.public_key(), true));
    prepared.proposal = {
        invitation.purpose, wanted.name.text(), bytes_of(writer.entries()), {}, {}};
    return prepared;
}

// The recovery key names a new authority and is itself used up: a new sheet is printed.
Result<PreparedEnrolment> prepare_recovery(const Invitation& invitation,
                                           const EnrolmentRequest& request, Random& random,
                                           WallTime now) {
    if (!request.person) return missing("person");
    if (request.recovery_secret.empty()) return missing("recovery sheet");
    RELAIS_ASSIGN(const Name organisation, Name::parse(invitation.organisation));
    seal::RecoveryKeys old_keys = seal::recovery_keys(request.recovery_secret);
    PreparedEnrolment prepared = fresh(random, now, true);
    prepared.keys.authority = P256Key::generate();
    prepared.authority = fingerprint(prepared.keys.authority->public_key());
    prepared.recovery_secret = seal::make_recovery_secret(random);
    const seal::RecoveryKeys next = seal::recovery_keys(prepared.recovery_secret);
    ChainWriter writer(invitation.domain, organisation, invitation.chain_next,
                       invitation.chain_previous, old_keys.signing, now);
    writer.add(directory::AuthorityReplaced{
        prepared.keys.authority->public_key(), old_keys.signing.public_key(),
        fingerprint(next.signing.public_key()), next.sealing.public_key()});
    writer.sign_with(*prepared.keys.authority);
    RELAIS_TRY(add_first_entries(prepared, writer, request, organisation, invitation.domain,
                                 next.sealing.public_key(), false));
    prepared.proposal = {
        invitation.purpose, organisation.text(), bytes_of(writer.entries()), {}, {}};
    return prepared;
}

// Unsigned bodies, in entries of no place: the inviter takes the bodies and signs entries of its
// own.
Bytes loose_entry(const Invitation& invitation, WallTime now, directory::EntryBody body) {
    return directory::encode_entry(
        {invitation.domain, invitation.organisation, 0, {}, now, {}, std::move(body)});
}

Result<PreparedEnrolment> prepare_station(const Invitation& invitation,
                                          const EnrolmentRequest& request, Random& random,
                                          WallTime now) {
    PreparedEnrolment prepared = fresh(random, now, request.person.has_value());
    prepared.proposal.purpose = invitation.purpose;
    prepared.proposal.organisation = invitation.organisation;
    prepared.proposal.station =
        loose_entry(invitation, now, station_entry(prepared, request.station_title));
    if (request.person) {
        prepared.proposal.person = loose_entry(
            invitation, now,
            person_entry(*request.person, *prepared.person, *prepared.person_key, false));
    }
    return prepared;
}

}  // namespace

Result<PreparedEnrolment> prepare_enrolment(const Invitation& invitation,
                                            const EnrolmentRequest& request, Random& random,
                                            WallTime now) {
    switch (invitation.purpose) {
        case wire::InvitationPurpose::organisation:
            return prepare_organisation(invitation, request, random, now);
        case wire::InvitationPurpose::recovery:
            return prepare_recovery(invitation, request, random, now);
        case wire::InvitationPurpose::station:
            return prepare_station(invitation, request, random, now);
    }
    return missing("purpose");
}

}  // namespace relais::station
