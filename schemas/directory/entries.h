// entries.h: what can be said in the directory, as values; the fields are those of
// schemas/directory.fbs, where each is explained.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/names.h"
#include "core/base/ports.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/calendar/hours.h"

namespace relais::directory {

enum class OrganisationKind : std::uint8_t {
    cpts = 1,
    practice = 2,
    pharmacy = 3,
    nursing = 4,
    hospital = 5,
    dac = 6,
    ehpad = 7,
    ars = 8,
    samu = 9,
    laboratory = 10,
    other = 11,
};

struct Registrar {
    P256Public key;
    std::string title;
};
struct Domain {
    std::string title;
    P256Public authority;
    std::vector<Registrar> registrars;
    P256Public broker_key;
    WallTime broker_key_until;
    CurvePublic curve_key;
    CurvePublic enrolment_key;
    Ed25519Public directory_log;
    Ed25519Public audit_log;
    bool test = false;
};
struct Admission {
    Name organisation;
    OrganisationKind kind;
    std::string identifier;
    Digest authority;
    bool anchor = false;
};
struct Suspension {
    Name organisation;
    bool suspended;
};

struct Organisation {
    std::string title;
    OrganisationKind kind;
    std::string identifier;
    P256Public authority;
    Digest recovery_signing;
    P256Public recovery_sealing;
};
struct AuthorityReplaced {
    P256Public authority;
    P256Public recovery_key;
    Digest recovery_signing;
    P256Public recovery_sealing;
};
struct Person {
    PersonId id;
    std::string title;
    std::string profession;
    std::string rpps;  // may be empty
    P256Public key;
    bool registrar = false;
    WallTime from{};   // of this affiliation; 0: at once
    WallTime until{};  // its end, not within it; 0: until revoked

    [[nodiscard]] bool dated() const { return from.ms != 0 || until.ms != 0; }
    [[nodiscard]] bool affiliated(WallTime when) const {
        return from <= when && (until.ms == 0 || when < until);
    }
};
struct Station {
    StationId id;
    std::string title;
    CurvePublic curve;
    P256Public sealing;
    P256Public signing;
    std::vector<PersonId> persons;
    std::vector<std::string> units;  // "": the organisation's own mailbox
};
enum class RingWay : std::uint8_t { email = 1, webhook = 2 };
enum class RingHours : std::uint8_t { always = 0, while_open = 1, while_closed = 2 };
struct RingStep {
    RingWay way;
    std::string to;  // address, or https URL
    std::chrono::seconds after{};
    RingHours hours = RingHours::always;
    bool operator==(const RingStep&) const = default;
};
struct Unit {
    Name name;
    std::string title;
    std::string speciality;
    std::string phone;
    std::vector<std::string> kinds;
    calendar::Hours hours{};
    std::optional<Address> fallback{};  // takes over what is not answered in time
    std::vector<RingStep> rings{};
};
struct Grant {
    std::optional<StationId> station;  // absent: the recovery key
    Bytes enc;
    Bytes sealed_key;
};
struct Epoch {
    std::string unit;
    EpochNumber number;
    P256Public key;
    std::vector<Grant> grants;
};
struct GrantsAdded {
    std::string unit;
    EpochNumber number;
    std::vector<Grant> grants;
};
struct Mandate {
    MandateId id;
    PersonId by;
    PersonId on_behalf_of;
    std::vector<std::string> acts;  // "<kind>/<act>" or "<kind>/*"
    WallTime until;                 // 0: until revoked
};
enum class RevokedObject : std::uint8_t {
    person = 1,
    station = 2,
    unit = 3,
    mandate = 4,
    group = 5,
};
enum class RevocationReason : std::uint8_t {
    left = 1,
    lost = 2,
    compromised = 3,
    error = 4,
    other = 5,
};
struct Revocation {
    RevokedObject object;
    FixedBytes<struct RevokedTag, 16> id;  // of a person, station or mandate
    std::string unit;                      // or group
    RevocationReason reason;
};
struct Confirmation {
    Name organisation;
    Digest authority;
};
enum class Evidence : std::uint8_t {
    national_directory = 1,
    certificate = 2,
    pro_sante_connect = 3,
    in_person = 4,
};
struct Attestation {
    Name organisation;
    PersonId person;
    std::string profession;
    std::string rpps;
    Evidence evidence;
    bool withdrawn = false;
};
struct KindPublished {
    Name name;
    std::uint32_t version;
    Digest digest;
    std::uint32_t bytes;
    bool withdrawn = false;
};

struct Witness {
    StationId station;
    Ed25519Public key;
    bool withdrawn = false;
};
struct WitnessPolicy {
    std::uint8_t organisations;
    std::chrono::seconds late_after;
};

// Who may post besides the mailboxes of the organisation that keeps the group.
enum class Posting : std::uint8_t { owner = 0, members = 1 };
struct Group {
    Name name;
    std::string title;
    std::vector<std::string> kinds;  // of exchange that may be posted to it
    Posting posting = Posting::owner;
    std::vector<Address> posters{};  // who may besides
};
struct Membership {
    Address group;
    std::vector<Address> added{};
    std::vector<Address> removed{};
};
struct PackPublished {
    Name name;
    std::uint32_t version;
    Digest digest;  // of the manifest
    std::uint32_t bytes;
    bool withdrawn = false;
};

// While it lasts the delegate reads and answers in the unit's place; without one nobody does.
struct AbsencePeriod {
    WallTime from;
    WallTime until;
    std::optional<Address> delegate{};
    [[nodiscard]] bool holds(WallTime when) const { return from <= when && when < until; }
    bool operator==(const AbsencePeriod&) const = default;
};
// When a unit is away. It replaces what was said before.
struct Absence {
    Name unit;
    std::vector<AbsencePeriod> periods{};  // by rising time, none reaching into the next
};

// In the order of the schema's union.
using EntryBody =
    std::variant<Domain, Admission, Suspension, Organisation, AuthorityReplaced, Person, Station,
                 Unit, Epoch, GrantsAdded, Mandate, Revocation, Confirmation, Attestation,
                 KindPublished, Witness, WitnessPolicy, Group, Membership, PackPublished, Absence>;

struct Entry {
    Name domain;
    std::string chain;  // an organisation's name; empty: the domain's own chain
    std::uint64_t number;
    Digest previous;  // SHA-256 of the signed entry before; zero for number 0
    WallTime time;
    Digest signer;  // fingerprint
    EntryBody body;
};

// Errors: too_large, malformed; invalid_field  named in the detail.
Result<Entry> parse_entry(ByteView bytes);
[[nodiscard]] Bytes encode_entry(const Entry& entry);

// "Person", "Epoch", ...: for people and logs.
[[nodiscard]] std::string_view body_name(const EntryBody& body);

// An entry with its signature; `bytes` is the leaf of the directory log.
struct SignedEntry {
    Bytes bytes;
    Bytes entry_bytes;
    Signature signature;
    Entry entry;

    [[nodiscard]] Digest digest() const;  // SHA-256 of `bytes`: the next entry's `previous`
};

// Says nothing yet of the signature: DirectoryState::apply checks it. Errors: as parse_entry.
Result<SignedEntry> parse_signed_entry(ByteView bytes);
// Signs; requires entry.signer to be the fingerprint of the signer's key.
[[nodiscard]] SignedEntry sign_entry(const Entry& entry, Signer& signer);

}  // namespace relais::directory
