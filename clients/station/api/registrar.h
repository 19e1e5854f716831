// registrar.h: entries of the organisation's own chain, made and signed here: units, persons,
// stations, epochs, mandates, revocations; and what it says of others: confirmations, attestations,
// kinds.
//
// Signed by the organisation's authority, where this station holds it, or by a registrar person.
#pragma once

#include <span>

#include "clients/station/api/station.h"
#include "clients/station/seal/recovery.h"

namespace relais::station {

// Builds a run of entries for one chain, each continuing the one before.
class ChainWriter {
public:
    ChainWriter(const directory::DirectoryState& directory, const Name& organisation,
                P256Key& signer, WallTime now);
    // Where there is no directory yet (enrolment, recovery).
    ChainWriter(const Name& domain, const Name& organisation, std::uint64_t number,
                const Digest& previous, P256Key& signer, WallTime now);

    void add(directory::EntryBody body);
    // The next entries are signed by this key.
    void sign_with(P256Key& signer) { signer_ = &signer; }
    [[nodiscard]] std::vector<directory::SignedEntry> take() { return std::move(entries_); }
    [[nodiscard]] const std::vector<directory::SignedEntry>& entries() const { return entries_; }

private:
    Name domain_;
    Name organisation_;
    std::uint64_t number_;
    Digest previous_;
    P256Key* signer_;
    WallTime now_;
    std::vector<directory::SignedEntry> entries_;
};

struct EpochGrantee {
    std::optional<StationId> station;  // absent: the recovery key
    P256Public sealing;
};

// A new epoch, granted to all of `grantees`; its private key is returned, to be kept or dropped.
struct NewEpoch {
    directory::Epoch entry;
    P256Key key;
};
Result<NewEpoch> make_epoch(const Address& mailbox, EpochNumber number,
                            const std::vector<EpochGrantee>& grantees);

class Registrar {
public:
    // By the authority if this station holds it; else by a person with the registrar's right, whose
    // key is given. Errors: not_here  neither.
    static Result<Registrar> of(Station& station, P256Key* person_key = nullptr);

    [[nodiscard]] Digest fingerprint() const { return relais::fingerprint(signer_.public_key()); }

    // Errors: also invalid_field  this machine knows no zone of that name.
    Result<void> add_unit(const directory::Unit& unit);
    // When a unit of this organisation is away; replaces what was said before. Errors:
    // unknown_object  no such unit, or delegate.
    Result<void> set_absence(const directory::Absence& absence);
    // A group of this organisation, or what is said of it.
    Result<void> set_group(const directory::Group& group);
    // Members that come and go, in as many entries as it takes, sent together: all or none.
    // Requires at least one. Errors: also unknown_object, bad_entry  a mailbox that is not there,
    // or is a member already; not_a_signer  of a group of others, only one's own mailboxes leave.
    Result<void> change_members(const Address& group, std::span<const Address> added,
                                std::span<const Address> removed);
    Result<void> add_person(const directory::Person& person);
    // A new person, together with the right to use a station of this organisation.
    // Errors: also unknown_object  no such station here.
    Result<void> add_person_to(const directory::Person& person, const StationId& station);
    Result<void> add_mandate(const directory::Mandate& mandate);
    Result<void> revoke(directory::RevokedObject object, ByteView id, const std::string& unit,
                        directory::RevocationReason reason);
    Result<void> confirm(const Name& organisation, const Digest& authority);
    Result<void> attest(const directory::Attestation& attestation);
    // Publishes a kind: its bundle first, then the entry. Errors: also those of the bundle.
    Result<void> publish_kind(const Bytes& bundle);
    // Publishes a reference pack: its parts, its manifest, then the entry. Errors: already_exists
    // another pack in force has a list of that name; bad_entry  not above the version in force;
    // those of parse_manifest.
    Result<void> publish_pack(const packs::PackFiles& files);
    // Withdraws the version in force: its codes are not checked any more. Errors: not_found.
    Result<void> withdraw_pack(const Name& pack);
    // Withdraws the version in force.
    Result<void> withdraw_kind(const Name& kind);
    // A station with its person, if new, and the keys of the mailboxes that it will serve.
    Result<void> admit_station(const std::optional<directory::Person>& person,
                               const directory::Station& station);
    // More mailboxes (units; "" is the organisation's own) for a station that is there, with their
    // keys. Errors: also unknown_object  no such station of this organisation, or unit.
    Result<void> extend_station(const StationId& station, const std::vector<std::string>& units);
    // This station cosigns the heads of the logs from now on, with a key of its own, or no longer.
    // The vault is saved before the entry is sent. Errors: also already_exists, not_found.
    Result<void> set_witness(bool wanted);
    // A new epoch for a mailbox, granted to those who serve it now.
    Result<void> roll_epoch(const Address& mailbox);

private:
    Registrar(Station& station, P256Key& signer) : station_(station), signer_(signer) {}
    [[nodiscard]] ChainWriter writer();
    Result<void> send(ChainWriter& writer);
    Result<void> send_one(directory::EntryBody body);
    Result<directory::Station> present_station(const StationId& id);
    Result<void> add_epochs(ChainWriter& writer, const directory::Station& station,
                            const std::vector<std::string>& units);
    Result<bool> grant_present_epochs(ChainWriter& writer, const Address& mailbox,
                                      const directory::Station& station);
    Result<void> add_new_epoch(ChainWriter& writer, const Address& mailbox,
                               const std::optional<directory::Station>& also);

    Station& station_;
    P256Key& signer_;
};

}  // namespace relais::station
