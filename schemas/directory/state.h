// state.h: what the directory says, at its end and at every earlier position.
//
// Broker and stations feed it the same entries in the order of the log and come to the same state:
// apply() is the one place that decides whether an entry is good. Nothing is ever forgotten: an
// envelope is judged at the size the broker recorded when it accepted it.
//
// Confined to its owner; the broker shares it under a lock (broker/server). Copyable.
#pragma once

#include <map>
#include <set>

#include "schemas/directory/entries.h"
#include "schemas/directory/history.h"

namespace relais::directory {

struct PersonRecord {
    std::string organisation;
    Person person;
};
struct StationRecord {
    std::string organisation;
    Station station;
    WallTime written;  // by the clock of whoever signed it
};
struct MandateRecord {
    std::string organisation;
    Mandate mandate;
};
struct EpochRecord {
    Epoch epoch;  // with the grants that came later
    DirectorySize from;
    EngineTime since;  // when it was committed; 0 on a station
};
struct OrganisationRecord {
    Name name;
    Admission admission;
    History<Organisation> entry;
    History<bool> suspended;
    std::optional<DirectorySize> established;
    std::string confirmed_by;
    std::map<std::string, History<Unit>> units;
    std::map<std::string, std::vector<EpochRecord>> epochs;  // by unit, "" included; by number
    std::map<std::string, History<Absence>> absences{};      // by unit
};
struct AttestationRecord {
    std::string by;  // organisation, or empty for the domain's registrars
    Attestation attestation;
};
struct KindRecord {
    KindPublished kind;
    DirectorySize from;
};

struct PackRecord {
    PackPublished pack;
    DirectorySize from;
};

struct WitnessRecord {
    std::string organisation;
    Witness witness;
};

struct GroupRecord {
    Address address;
    History<Group> entry;
    std::map<Address, History<bool>> members{};  // a value: it is one
};

class DirectoryState {
public:
    // `authority`: fingerprint of the domain authority, pinned. Nothing else is trusted at first.
    DirectoryState(Name domain, Digest authority);

    // Takes the entry that follows the last one. `committed`: the engine's time, for epochs.
    // Errors: chain_broken  not the next of its chain; not_a_signer, bad_signature; bad_entry and
    // the
    //         other 5xx codes  a rule of its body; suspended. Nothing has changed then.
    Result<void> apply(const SignedEntry& entry, const Verifier& verifier,
                       EngineTime committed = {});
    // Whether apply() would come as far as the rule of the entry's body: its place in the chain,
    // its signer, its signature. Errors: the first four of apply().
    [[nodiscard]] Result<void> check_next(const SignedEntry& entry, const Verifier& verifier) const;

    [[nodiscard]] DirectorySize size() const { return size_; }
    [[nodiscard]] const Name& domain_name() const { return domain_name_; }
    [[nodiscard]] const Digest& authority() const { return authority_; }
    // Null before the first entry.
    [[nodiscard]] const Domain* domain(DirectorySize at = kNow) const { return domain_.at(at); }
    // For what was signed with a key that it named before.
    [[nodiscard]] const History<Domain>& domain_history() const { return domain_; }
    // Whether one of the two logs has this key or ever had it.
    [[nodiscard]] bool is_log_key(const Ed25519Public& key) const;

    // Next number and `previous` of a chain; 0 and zeros for one that does not exist.
    struct ChainEnd {
        std::uint64_t number = 0;
        Digest previous;
    };
    [[nodiscard]] ChainEnd chain_end(const std::string& chain) const;

    // Lookups: null where there is none at that size.
    [[nodiscard]] const std::map<std::string, OrganisationRecord>& organisations() const {
        return organisations_;
    }
    [[nodiscard]] const OrganisationRecord* organisation(std::string_view name) const;
    [[nodiscard]] const PersonRecord* person(const PersonId& id, DirectorySize at = kNow) const;
    [[nodiscard]] const StationRecord* station(const StationId& id, DirectorySize at = kNow) const;
    // The last that was known, revoked or not: for what they signed before.
    [[nodiscard]] const PersonRecord* person_ever(const PersonId& id) const;
    [[nodiscard]] const StationRecord* station_ever(const StationId& id) const;
    [[nodiscard]] const StationRecord* station_by_curve(const CurvePublic& key) const;
    [[nodiscard]] const Unit* unit(std::string_view organisation, std::string_view unit,
                                   DirectorySize at = kNow) const;
    [[nodiscard]] const Unit* unit(const Address& mailbox, DirectorySize at = kNow) const;
    // Whether there is such a unit and it takes exchanges of that kind.
    [[nodiscard]] bool takes(const Address& mailbox, std::string_view kind,
                             DirectorySize at = kNow) const;
    // Null where there is none at that size. Members are kept after its end, and read nothing.
    [[nodiscard]] const Group* group(const Address& group, DirectorySize at = kNow) const;
    // Whether the mailbox is a member of the group, which is there and so is the mailbox.
    [[nodiscard]] bool member(const Address& group, const Address& mailbox,
                              DirectorySize at = kNow) const;
    // All of them, by rising address.
    [[nodiscard]] std::vector<Address> members(const Address& group, DirectorySize at = kNow) const;
    // Since when the mailbox is a member at that size without a break; none where it is none.
    [[nodiscard]] std::optional<DirectorySize> member_since(const Address& group,
                                                            const Address& mailbox,
                                                            DirectorySize at = kNow) const;
    // Groups that there are, by rising address.
    [[nodiscard]] std::vector<Address> groups() const;
    // What a unit says of its absences, past ones too; null where it never said anything, or is no
    // more.
    [[nodiscard]] const Absence* absence(const Address& mailbox, DirectorySize at = kNow) const;
    // The absence that lasts at `when`; null where the unit is there.
    [[nodiscard]] const AbsencePeriod* away(const Address& mailbox, WallTime when,
                                            DirectorySize at = kNow) const;
    // Whether the unit ever named this delegate for an absence that had begun by `when`.
    [[nodiscard]] bool stood_in(const Address& delegate, const Address& mailbox,
                                WallTime when) const;
    [[nodiscard]] const MandateRecord* mandate(const MandateId& id, DirectorySize at = kNow) const;
    [[nodiscard]] std::vector<const PersonRecord*> persons_of(std::string_view organisation) const;
    [[nodiscard]] std::vector<const StationRecord*> stations_of(
        std::string_view organisation) const;
    [[nodiscard]] std::vector<const MandateRecord*> mandates() const;
    [[nodiscard]] std::vector<const StationRecord*> stations() const;

    // Whether there is such a mailbox now or was at `at`.
    [[nodiscard]] bool mailbox_exists(const Address& mailbox, DirectorySize at = kNow) const;
    [[nodiscard]] bool serves(const StationRecord& station, const Address& mailbox) const;
    [[nodiscard]] std::vector<const StationRecord*> stations_of(const Address& mailbox) const;
    // The epoch to seal to; null where the mailbox has none.
    [[nodiscard]] const EpochRecord* epoch(const Address& mailbox) const;
    // Whether a station of the mailbox's reads what is sealed to it. Without one its epoch may
    // stay, and only who was revoked, or was removed from it, could.
    [[nodiscard]] bool has_reader(const Address& mailbox) const;
    [[nodiscard]] const EpochRecord* epoch(const Address& mailbox, EpochNumber number) const;
    [[nodiscard]] bool has_key(const Address& mailbox, DirectorySize at) const;

    [[nodiscard]] bool suspended(std::string_view organisation, DirectorySize at = kNow) const;
    [[nodiscard]] bool established(std::string_view organisation, DirectorySize at = kNow) const;
    // Whether another organisation, or a registrar, attests the person's present profession.
    [[nodiscard]] bool attested(const PersonId& id, DirectorySize at = kNow) const;
    [[nodiscard]] std::vector<const AttestationRecord*> attestations(const PersonId& id) const;
    // Others who declare the same RPPS (what is attested is what is declared).
    [[nodiscard]] std::vector<PersonId> same_rpps(const PersonId& id) const;
    // Whether a mandate lets `by` do this act for `on_behalf_of`.
    [[nodiscard]] bool mandated(const PersonId& by, const PersonId& on_behalf_of,
                                std::string_view kind, std::string_view act, WallTime when,
                                DirectorySize at = kNow) const;

    // The published version of a kind, newest first; by digest whatever its age.
    [[nodiscard]] const KindRecord* kind(std::string_view name) const;
    [[nodiscard]] const KindRecord* kind(const Digest& digest) const;
    [[nodiscard]] const std::vector<KindRecord>& kinds() const { return kinds_; }
    // The last published version of a reference pack, withdrawn or not; null where there is none.
    [[nodiscard]] const PackRecord* pack(std::string_view name) const;
    [[nodiscard]] const std::vector<PackRecord>& packs() const { return packs_; }
    // The last versions that are not withdrawn, by name: what codes are looked up in.
    [[nodiscard]] std::vector<const PackRecord*> packs_in_force() const;
    // The organisation that publishes kinds and packs; null before it is admitted.
    [[nodiscard]] const OrganisationRecord* anchor() const;

    // The mailbox that is told how the territory's mailboxes fare (reckonings): the anchor's own,
    // or where no station serves that one, the first of its units' that one does. None without
    // anchor.
    [[nodiscard]] std::optional<Address> coordinator() const;

    // The witness that a station is; null where it is none at that size.
    [[nodiscard]] const WitnessRecord* witness(const StationId& id, DirectorySize at = kNow) const;
    // All at that size, in the order of their stations' ids.
    [[nodiscard]] std::vector<const WitnessRecord*> witnesses(DirectorySize at = kNow) const;
    // Every one that there ever was: for heads that it cosigned before.
    [[nodiscard]] std::vector<const WitnessRecord*> witnesses_ever() const;
    // What the domain asks of witnesses; null where it never said.
    [[nodiscard]] const WitnessPolicy* witness_policy(DirectorySize at = kNow) const;

    // The entry that a chain's next number would have, ready to be given a body and signed.
    [[nodiscard]] Entry next_entry(const std::string& chain, const Digest& signer, WallTime time,
                                   EntryBody body) const;

private:
    struct Chain {
        std::uint64_t next = 0;
        Digest last;
    };
    // The key that a chain's entry is signed with, and what it may do.
    struct SignerRights {
        P256Public key;
        bool authority = false;  // of the domain or organisation; else a registrar
    };
    struct Context {
        const Entry& entry;
        bool authority;  // signed by the chain's authority
        DirectorySize position;
        EngineTime committed;
    };

    Result<void> check_chain(const Entry& entry) const;
    Result<SignerRights> signer_of(const Entry& entry) const;
    Result<SignerRights> domain_signer(const Entry& entry) const;
    Result<SignerRights> organisation_signer(const Entry& entry) const;
    Result<OrganisationRecord*> own(const Context& context);
    Result<OrganisationRecord*> named(const Name& name);
    [[nodiscard]] bool key_used(ByteView key) const;
    Result<void> claim_keys(std::initializer_list<ByteView> keys);
    Result<void> claim_log_keys(const Domain& body);
    Result<void> check_grants(const OrganisationRecord& organisation, const std::string& unit,
                              const std::vector<Grant>& grants) const;

    // One rule a body: checks everything, then changes.
    Result<void> admit(const Context& context, const Domain& body);
    Result<void> admit(const Context& context, const Admission& body);
    Result<void> admit(const Context& context, const Suspension& body);
    Result<void> admit(const Context& context, const Organisation& body);
    Result<void> admit(const Context& context, const AuthorityReplaced& body);
    Result<void> admit(const Context& context, const Person& body);
    Result<void> admit(const Context& context, const Station& body);
    Result<void> admit(const Context& context, const Unit& body);
    Result<void> admit(const Context& context, const Epoch& body);
    Result<void> admit(const Context& context, const GrantsAdded& body);
    Result<void> admit(const Context& context, const Mandate& body);
    Result<void> admit(const Context& context, const Revocation& body);
    Result<void> admit(const Context& context, const Confirmation& body);
    Result<void> admit(const Context& context, const Attestation& body);
    Result<void> admit(const Context& context, const KindPublished& body);
    Result<void> admit(const Context& context, const Witness& body);
    Result<void> admit(const Context& context, const WitnessPolicy& body);
    Result<void> admit(const Context& context, const Group& body);
    Result<void> admit(const Context& context, const Membership& body);
    Result<void> end_group(const Context& context, const std::string& name);
    Result<void> admit(const Context& context, const PackPublished& body);
    Result<void> admit(const Context& context, const Absence& body);

    Name domain_name_;
    Digest authority_;
    DirectorySize size_;
    History<Domain> domain_;
    std::map<std::string, Chain, std::less<>> chains_;
    std::map<std::string, OrganisationRecord> organisations_;
    std::map<PersonId, History<PersonRecord>> persons_;
    std::map<StationId, History<StationRecord>> stations_;
    std::map<CurvePublic, StationId> by_curve_;
    std::map<MandateId, History<MandateRecord>> mandates_;
    std::map<PersonId, std::map<std::string, History<AttestationRecord>>> attestations_;
    std::vector<KindRecord> kinds_;
    std::vector<PackRecord> packs_;
    std::map<StationId, History<WitnessRecord>> witnesses_;
    std::vector<WitnessRecord> witnesses_ever_;
    History<WitnessPolicy> witness_policy_;
    std::map<Address, GroupRecord> groups_;
    std::set<std::string> identifiers_;
    std::set<Bytes> keys_;  // of organisations and logs, every one ever seen: none serves twice
};

}  // namespace relais::directory
