#include "clients/station/api/registrar.h"

#include <algorithm>

#include "clients/station/api/duties.h"
#include "clients/station/seal/envelope_seal.h"
#include "core/calendar/calendar.h"
#include "core/crypto/sha256.h"

namespace relais::station {

ChainWriter::ChainWriter(const directory::DirectoryState& directory, const Name& organisation,
                         P256Key& signer, WallTime now)
    : ChainWriter(directory.domain_name(), organisation,
                  directory.chain_end(organisation.text()).number,
                  directory.chain_end(organisation.text()).previous, signer, now) {}

ChainWriter::ChainWriter(const Name& domain, const Name& organisation, std::uint64_t number,
                         const Digest& previous, P256Key& signer, WallTime now)
    : domain_(domain),
      organisation_(organisation),
      number_(number),
      previous_(previous),
      signer_(&signer),
      now_(now) {}

void ChainWriter::add(directory::EntryBody body) {
    const directory::Entry entry{domain_,        organisation_.text(),
                                 number_,        previous_,
                                 now_,           fingerprint(signer_->public_key()),
                                 std::move(body)};
    entries_.push_back(directory::sign_entry(entry, *signer_));
    previous_ = entries_.back().digest();
    ++number_;
}

Result<NewEpoch> make_epoch(const Address& mailbox, EpochNumber number,
                            const std::vector<EpochGrantee>& grantees) {
    P256Key key = P256Key::generate();
    directory::Epoch entry{std::string(mailbox.unit()), number, key.public_key(), {}};
    for (const EpochGrantee& grantee : grantees) {
        RELAIS_ASSIGN(auto grant,
                      seal::seal_grant(key, mailbox, number, grantee.station, grantee.sealing));
        entry.grants.push_back(std::move(grant));
    }
    return NewEpoch{std::move(entry), std::move(key)};
}

Result<Registrar> Registrar::of(Station& station, P256Key* person_key) {
    if (station.keys().authority) return Registrar(station, *station.keys().authority);
    if (person_key != nullptr) return Registrar(station, *person_key);
    return fail(ErrorCode::not_here,
                "neither the organisation's authority nor a registrar's key is on this station");
}

ChainWriter Registrar::writer() {
    return {station_.directory(), station_.identity().organisation, signer_, station_.now()};
}

Result<void> Registrar::send(ChainWriter& writer) {
    return station_.append(writer.take(), kAnswerPatience);
}

// The replica is brought up to date first: an entry continues the chain as it stands.
Result<void> Registrar::send_one(directory::EntryBody body) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    ChainWriter entries = writer();
    entries.add(std::move(body));
    return send(entries);
}

// The broker takes any name that has the form of a zone's: what its log holds must be readable on
// every machine, whatever its tz database. So it is here that one is refused.
Result<void> Registrar::add_unit(const directory::Unit& unit) {
    if (!calendar::knows_zone(unit.hours.zone)) {
        return fail(ErrorCode::invalid_field, "fuseau horaire inconnu : " + unit.hours.zone);
    }
    return send_one(unit);
}

Result<void> Registrar::set_absence(const directory::Absence& absence) { return send_one(absence); }

Result<void> Registrar::set_group(const directory::Group& group) { return send_one(group); }

Result<void> Registrar::change_members(const Address& group, std::span<const Address> added,
                                       std::span<const Address> removed) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    ChainWriter entries = writer();
    const auto take = [](std::span<const Address>& from) {
        const auto part = from.first(std::min(from.size(), limits::kMembershipsPerEntryMax));
        from = from.subspan(part.size());
        return std::vector<Address>(part.begin(), part.end());
    };
    while (!added.empty() || !removed.empty()) {
        directory::Membership membership{group};
        membership.added = take(added);
        if (membership.added.empty()) membership.removed = take(removed);
        entries.add(std::move(membership));
    }
    return send(entries);
}

Result<void> Registrar::add_person(const directory::Person& person) { return send_one(person); }

// The entry of a station as it may be written again: who was revoked and what was removed since
// stands in it no more. Errors: unknown_object  no such station of this organisation.
Result<directory::Station> Registrar::present_station(const StationId& id) {
    const directory::DirectoryState& state = station_.directory();
    const auto* record = state.station(id);
    if (record == nullptr || record->organisation != station_.identity().organisation.text()) {
        return fail(ErrorCode::unknown_object, "station");
    }
    directory::Station station = record->station;
    std::erase_if(station.persons,
                  [&](const PersonId& person) { return state.person(person) == nullptr; });
    std::erase_if(station.units, [&](const std::string& unit) {
        return !unit.empty() && state.unit(record->organisation, unit) == nullptr;
    });
    return station;
}

Result<void> Registrar::add_person_to(const directory::Person& person, const StationId& id) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    RELAIS_ASSIGN(directory::Station station, present_station(id));
    station.persons.push_back(person.id);
    ChainWriter entries = writer();
    entries.add(person);
    entries.add(std::move(station));
    return send(entries);
}

Result<void> Registrar::add_mandate(const directory::Mandate& mandate) { return send_one(mandate); }

Result<void> Registrar::revoke(directory::RevokedObject object, ByteView id,
                               const std::string& unit, directory::RevocationReason reason) {
    directory::Revocation body{object, {}, unit, reason};
    const bool named =
        object == directory::RevokedObject::unit || object == directory::RevokedObject::group;
    if (!named) body.id = decltype(body.id)::from(id);
    RELAIS_TRY(send_one(body));
    return perform_duties(station_, *this);
}

Result<void> Registrar::set_witness(bool wanted) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    const StationId& self = station_.identity().station;
    const auto* present = station_.directory().witness(self);
    if (wanted) {
        if (present != nullptr) return fail(ErrorCode::already_exists, "witness");
        make_witness_key(station_.vault(), station_.keys());
        RELAIS_TRY(station_.vault().save());
        return send_one(directory::Witness{self, station_.keys().witness->public_key(), false});
    }
    if (present == nullptr) return fail(ErrorCode::not_found, "witness");
    RELAIS_TRY(send_one(directory::Witness{self, present->witness.key, true}));
    remove_witness_key(station_.vault(), station_.keys());
    return station_.vault().save();
}

Result<void> Registrar::confirm(const Name& organisation, const Digest& authority) {
    return send_one(directory::Confirmation{organisation, authority});
}

Result<void> Registrar::attest(const directory::Attestation& attestation) {
    return send_one(attestation);
}

Result<void> Registrar::publish_kind(const Bytes& bundle) {
    RELAIS_ASSIGN(const LoadedKind loaded, load_kind(bundle));
    RELAIS_ASSIGN(Name name, Name::parse(loaded.kind.name));
    RELAIS_TRY(station_.ask(wire::PublishBundle{bundle}, kAnswerPatience));
    return send_one(directory::KindPublished{std::move(name), loaded.kind.version,
                                             loaded.kind.digest,
                                             static_cast<std::uint32_t>(bundle.size()), false});
}

namespace {

// Which pack a list is of must not depend on how packs are called.
Result<void> check_lists(const Station& station, const packs::Manifest& manifest) {
    RELAIS_ASSIGN(const auto held, station.packs().packs());
    for (const HeldPack& pack : held) {
        const std::string& name = pack.published.name.text();
        if (name == manifest.name || !pack.manifest) continue;
        for (const packs::List& list : manifest.lists) {
            if (pack.manifest->list(list.name) == nullptr) continue;
            return fail(ErrorCode::already_exists, "list " + list.name + ", of pack " + name);
        }
    }
    return {};
}

}  // namespace

Result<void> Registrar::publish_pack(const packs::PackFiles& files) {
    RELAIS_ASSIGN(const packs::Manifest manifest, packs::parse_manifest(files.manifest));
    RELAIS_ASSIGN(Name name, Name::parse(manifest.name));
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    const auto* last = station_.directory().pack(manifest.name);
    if (last != nullptr && last->pack.version >= manifest.version) {
        return fail(ErrorCode::bad_entry,
                    "the last version is " + std::to_string(last->pack.version));
    }
    RELAIS_TRY(check_lists(station_, manifest));
    std::size_t bytes = files.manifest.size();
    for (const Bytes& part : files.parts) {
        bytes += part.size();
        RELAIS_TRY(station_.ask(wire::PublishBundle{part}, kAnswerPatience));
    }
    RELAIS_TRY(station_.ask(wire::PublishBundle{files.manifest}, kAnswerPatience));
    return send_one(directory::PackPublished{std::move(name), manifest.version,
                                             sha256(files.manifest),
                                             static_cast<std::uint32_t>(bytes), false});
}

Result<void> Registrar::withdraw_pack(const Name& pack) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    const auto* record = station_.directory().pack(pack.text());
    if (record == nullptr) return fail(ErrorCode::not_found, "pack " + pack.text());
    directory::PackPublished body = record->pack;
    body.withdrawn = true;
    return send_one(body);
}

Result<void> Registrar::withdraw_kind(const Name& kind) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    const auto* record = station_.directory().kind(kind.text());
    if (record == nullptr) return fail(ErrorCode::unknown_kind, kind.text());
    directory::KindPublished body = record->kind;
    body.withdrawn = true;
    return send_one(body);
}

Result<void> Registrar::admit_station(const std::optional<directory::Person>& person,
                                      const directory::Station& station) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    ChainWriter entries = writer();
    if (person) entries.add(*person);
    entries.add(station);
    RELAIS_TRY(add_epochs(entries, station, station.units));
    return send(entries);
}

Result<void> Registrar::extend_station(const StationId& id, const std::vector<std::string>& units) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    RELAIS_ASSIGN(directory::Station station, present_station(id));
    std::vector<std::string> more;
    for (const std::string& unit : units) {
        if (std::ranges::find(station.units, unit) != station.units.end()) continue;
        more.push_back(unit);
        station.units.push_back(unit);
    }
    if (more.empty()) return {};
    ChainWriter entries = writer();
    entries.add(station);
    RELAIS_TRY(add_epochs(entries, station, more));
    return send(entries);
}

// Where this station reads the mailbox itself it shares the epochs it has; otherwise the new
// station begins with a new one, and what was sealed before stays with those who could read it.
Result<void> Registrar::add_epochs(ChainWriter& writer, const directory::Station& station,
                                   const std::vector<std::string>& units) {
    for (const std::string& unit : units) {
        const Address mailbox =
            Address::of(unit, station_.identity().organisation, station_.identity().domain);
        RELAIS_ASSIGN(const bool shared, grant_present_epochs(writer, mailbox, station));
        if (!shared) RELAIS_TRY(add_new_epoch(writer, mailbox, station));
    }
    return {};
}

Result<bool> Registrar::grant_present_epochs(ChainWriter& writer, const Address& mailbox,
                                             const directory::Station& station) {
    const auto* organisation =
        station_.directory().organisation(station_.identity().organisation.text());
    const auto epochs = organisation->epochs.find(std::string(mailbox.unit()));
    if (epochs == organisation->epochs.end()) return false;
    std::vector<directory::GrantsAdded> added;
    for (const directory::EpochRecord& record : epochs->second) {
        const directory::Epoch& epoch = record.epoch;
        const auto granted =
            std::ranges::find(epoch.grants, std::optional(station.id), &directory::Grant::station);
        if (granted != epoch.grants.end()) continue;
        const auto key = station_.keyring().get(mailbox, epoch.number);
        const bool last = &record == &epochs->second.back();
        if (!key.ok()) {
            if (last) return false;
            continue;
        }
        RELAIS_ASSIGN(auto grant,
                      seal::seal_grant(*key, mailbox, epoch.number, station.id, station.sealing));
        added.push_back({epoch.unit, epoch.number, {std::move(grant)}});
    }
    for (directory::GrantsAdded& grants : added) writer.add(std::move(grants));
    return true;
}

Result<void> Registrar::add_new_epoch(ChainWriter& writer, const Address& mailbox,
                                      const std::optional<directory::Station>& also) {
    const directory::DirectoryState& state = station_.directory();
    const auto* organisation = state.organisation(mailbox.organisation());
    std::vector<EpochGrantee> grantees = {
        {std::nullopt, organisation->entry.now()->recovery_sealing}};
    for (const directory::StationRecord* record : state.stations_of(mailbox)) {
        grantees.push_back({record->station.id, record->station.sealing});
    }
    if (also) grantees.push_back({also->id, also->sealing});
    const auto* present = state.epoch(mailbox);
    const EpochNumber number = present == nullptr ? EpochNumber{1} : present->epoch.number.next();
    RELAIS_ASSIGN(NewEpoch epoch, make_epoch(mailbox, number, grantees));
    writer.add(std::move(epoch.entry));
    return {};
}

Result<void> Registrar::roll_epoch(const Address& mailbox) {
    RELAIS_TRY(station_.synchronise(kAnswerPatience));
    ChainWriter entries = writer();
    RELAIS_TRY(add_new_epoch(entries, mailbox, std::nullopt));
    return send(entries);
}

}  // namespace relais::station
