// kind.h: a kind of exchange as its bundle declares it, checked: names resolve, every path ends, no
// clock without an end. Immutable once loaded; any thread. No code names a kind.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "schemas/directory/entries.h"
#include "schemas/envelope/envelope.h"

namespace relais::workflow {

// Places in the kind's lists.
using StateIndex = std::uint8_t;
using ActIndex = std::uint8_t;
using ClockIndex = std::uint8_t;
// Bit n stands for state n.
using StateMask = std::uint16_t;
inline constexpr StateMask kAnyState = 0xFFFF;

[[nodiscard]] constexpr bool in_mask(StateMask mask, StateIndex state) {
    return (mask >> state & 1) != 0;
}

struct State {
    std::string name;
    std::string label;
    bool terminal;
};

struct Role {
    std::string name;
    std::string label;
    std::vector<directory::OrganisationKind> organisation_kinds;
    std::vector<std::string> professions;  // empty: any
    bool attested;
};

// A day of the calendar is its eight digits: 20261214.
enum class PublicType : std::uint8_t { boolean = 1, code = 2, integer = 3, day = 4 };
struct PublicValue {
    std::int64_t value;
    std::string code;
    std::string label;
};
struct PublicDeclared {
    std::uint16_t number;
    std::string name;
    std::string label;
    PublicType type;
    std::int64_t min;
    std::int64_t max;
    std::vector<PublicValue> values;
    bool urgency = false;  // whoever is rung is told it

    [[nodiscard]] bool allows(std::int64_t value) const;
    // The code of this value; null where it has none.
    [[nodiscard]] const PublicValue* named(std::int64_t value) const;
};
struct PublicUse {
    std::uint16_t number;
    bool mandatory;
};

enum class Side : std::uint8_t { opener = 1, party = 2, member = 3 };
enum class Recipients : std::uint8_t {
    opener = 1,
    one_party = 2,
    parties = 3,
    all_parties = 4,
    nobody = 5,
    groups = 6,
};
enum class Correction : std::uint8_t { none = 0, supersedes = 1, retracts = 2 };

// The files that an act may carry; none where `count` is 0.
struct AttachmentRule {
    std::uint8_t count = 0;
    std::uint64_t bytes = 0;         // together, padded as they are sealed
    std::vector<std::string> media;  // types that are allowed

    [[nodiscard]] bool allows(std::string_view media_type) const;
};

struct Act {
    std::string name;
    std::string label;
    std::string past;
    Side side;
    bool opens;
    Recipients recipients;
    std::vector<std::uint16_t> roles;
    bool mandate;
    std::string form;  // empty: no content
    std::vector<PublicUse> publics;
    std::uint8_t lanes;  // mask
    Release release;
    std::vector<std::string> together;
    AttachmentRule attachments{};
    Correction correction = Correction::none;
    bool fallback = false;
    bool off_network = false;  // told by telephone or on paper: not end-to-end
};

enum class ClockHours : std::uint8_t { all = 0, opening = 1, day = 2 };
struct ClockLength {
    std::int64_t value;
    std::chrono::seconds length;
};

struct Clock {
    std::string name;
    std::string label;
    std::chrono::seconds length;
    std::chrono::seconds min;
    std::chrono::seconds max;
    bool per_party;
    bool from_header;
    bool remind_half;
    ClockHours hours = ClockHours::all;
    std::uint16_t by_public = 0;  // 0: none
    std::vector<ClockLength> lengths{};
    bool backstop = false;           // ends what nobody ended: a deadline for nobody
    std::chrono::seconds at_most{};  // of all time, whatever it counts; 0: no such ceiling

    // For an act with these public fields; absent: for the end of a clock. Without what a header
    // asks for.
    [[nodiscard]] std::chrono::seconds length_for(const std::vector<PublicField>* publics) const;
};

enum class GuardOp : std::uint8_t {
    no_party_in = 1,
    some_party_in = 2,
    all_parties_in = 3,
    public_is = 4,
    quorum = 5,
    register_is = 6,
    register_is_not = 7,
    role_is = 8,
    within = 9,
    to_opener = 10,
    no_other_party_in = 11,
};

enum class KeySource : std::uint8_t {
    publics = 1,
    signer = 2,
    attention = 3,
    mailbox = 4,
    organisation = 5,
    thread = 6,
    followed = 7,
    constant = 8,
};
struct KeyPart {
    KeySource source;
    std::uint16_t number;  // of the public field, or the constant
};
using RegisterIndex = std::uint8_t;

struct Guard {
    GuardOp op;
    StateMask states;
    std::uint16_t number;
    std::int64_t value;
    std::uint8_t count;
    RegisterIndex reg = 0;
    std::vector<KeyPart> key{};
    std::vector<ActIndex> acts{};  // of a quorum; empty: the act of the row
};

enum class EffectOp : std::uint8_t {
    thread_state = 1,
    party_state = 2,
    withdraw = 3,
    promote = 4,
    start_clock = 5,
    stop_clock = 6,
    release = 7,
    parties = 8,
    set_register = 9,
    tell = 10,
};
struct Effect {
    EffectOp op;
    StateIndex state;
    StateMask states;
    std::optional<ClockIndex> clock;
    Release release;
    RegisterIndex reg = 0;
    std::vector<KeyPart> key{};
    std::uint16_t number = 0;  // public field whose value is set; 0: `value` is
    std::int64_t value = 0;
};

enum class TriggerKind : std::uint8_t { act = 1, clock_end = 2, followed = 3 };
// An act that opens a thread of some kind.
struct Opening {
    std::string kind;
    std::string act;
    bool operator==(const Opening&) const = default;
};
struct Row {
    TriggerKind trigger;
    std::uint8_t index;  // of the act or clock
    StateMask threads;   // 0 for an opening act
    StateMask parties;
    std::vector<Guard> guards;
    std::vector<Effect> effects;
    Opening opening{};  // followed

    [[nodiscard]] bool releases(Release condition) const;
    // The thread state that it leads to, `from` where it stays.
    [[nodiscard]] StateIndex target(StateIndex from) const;
};

// A register, named by the kind that sets it.
struct RegisterDeclared {
    std::string kind;  // empty: this one
    std::string name;
    std::string label;
    std::vector<directory::OrganisationKind> readers;
    // For who prepares an act that its guards decide; empty: none declared.
    std::string holds{};
    std::string refuses{};
    std::string unsure{};
};

struct Form {
    std::string name;
    std::string label;
    Bytes schema;
};

enum class PatientData : std::uint8_t { sealed = 1, never = 2 };
enum class Basis : std::uint8_t { care_team = 1, agreement = 2, none = 3 };

class Kind {
public:
    // Errors: too_large, malformed, unsupported_version; invalid_field  a rule of a kind broken:
    // the
    //         detail names the element and the rule.
    static Result<Kind> load(ByteView bundle);

    std::string name;
    std::uint32_t version = 0;
    std::string title;
    std::string summary;
    PatientData patient = PatientData::sealed;
    Basis basis = Basis::none;
    std::chrono::seconds retention{};
    std::vector<Role> roles;
    std::vector<State> thread_states;
    std::vector<State> party_states;
    std::vector<PublicDeclared> publics;
    std::vector<Act> acts;
    std::vector<Clock> clocks;
    std::vector<Row> rows;
    std::vector<Form> forms;
    std::vector<RegisterDeclared> registers;
    std::uint16_t agreement = 0;  // public field; 0: none is asked for
    std::vector<std::string> information;
    std::optional<StateIndex> fallback_state;
    Digest digest;  // SHA-256 of the bundle

    [[nodiscard]] std::optional<ActIndex> act(std::string_view act_name) const;
    [[nodiscard]] const PublicDeclared* public_field(std::uint16_t number) const;
    [[nodiscard]] const PublicDeclared* public_field(std::string_view field_name) const;
    [[nodiscard]] const Form* form(std::string_view form_name) const;
    [[nodiscard]] std::vector<ActIndex> opening_acts() const;
    // Thread states that a thread opened with this act can come to.
    [[nodiscard]] StateMask reachable_from(ActIndex opening) const;
    // Whether some guard asks what role the signer holds.
    [[nodiscard]] bool asks_roles() const { return asks_roles_; }
    // Whether a row is about one party.
    [[nodiscard]] bool has_subject(const Row& row) const;

private:
    bool asks_roles_ = false;
};

// The rules that need the whole kind; called by load.
Result<void> check_kind(const Kind& kind);

}  // namespace relais::workflow
