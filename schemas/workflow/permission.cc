#include "schemas/workflow/permission.h"

#include <algorithm>

#include "schemas/directory/professions.h"
#include "schemas/envelope/attachments.h"

namespace relais::workflow {

std::vector<const Clock*> delay_clocks(const Kind& kind, const Act& act) {
    std::vector<const Clock*> clocks;
    const auto index = kind.act(act.name);
    if (!index || act.side != Side::opener) return clocks;
    for (const Row& row : kind.rows) {
        if (row.trigger != TriggerKind::act || row.index != *index) continue;
        for (const Effect& effect : row.effects) {
            if (effect.op != EffectOp::start_clock) continue;
            const Clock& clock = kind.clocks[*effect.clock];
            if (clock.from_header) clocks.push_back(&clock);
        }
    }
    return clocks;
}

const Clock* delay_clock(const Kind& kind, const Act& act) {
    const auto clocks = delay_clocks(kind, act);
    return clocks.empty() ? nullptr : clocks.front();
}

namespace {

using directory::DirectoryState;
using directory::PersonRecord;
using directory::StationRecord;

template <typename List, typename T>
bool contains(const List& list, const T& value) {
    return std::ranges::find(list, value) != std::ranges::end(list);
}

Result<void> check_publics(const Kind& kind, const Act& act, const Header& header) {
    for (const PublicField& field : header.publics) {
        const bool used = std::ranges::any_of(
            act.publics, [&](const PublicUse& use) { return use.number == field.number; });
        const PublicDeclared* declared = kind.public_field(field.number);
        if (!used || declared == nullptr || !declared->allows(field.value)) {
            return fail(ErrorCode::public_field_refused,
                        declared == nullptr ? std::to_string(field.number) : declared->name);
        }
    }
    for (const PublicUse& use : act.publics) {
        if (use.mandatory && !header.public_value(use.number)) {
            return fail(ErrorCode::public_field_refused,
                        kind.public_field(use.number)->name + " is mandatory");
        }
    }
    return {};
}

Result<void> check_delay(const Kind& kind, const Act& act, const Header& header) {
    if (header.respond_within.count() == 0) return {};
    const Clock* clock = delay_clock(kind, act);
    if (clock == nullptr) return fail(ErrorCode::duration_refused, "this act sets no delay");
    if (header.respond_within < clock->min || header.respond_within > clock->max) {
        return fail(ErrorCode::duration_refused, clock->name);
    }
    return {};
}

enum class RoleFit { none, unattested, held };

RoleFit fit_of(const DirectoryState& directory, const Role& role, const PersonRecord& record,
               DirectorySize at) {
    const auto* organisation = directory.organisation(record.organisation);
    const directory::Profession* profession = directory::find_profession(record.person.profession);
    RELAIS_CHECK(organisation != nullptr && profession != nullptr);
    const bool fits =
        contains(role.organisation_kinds, organisation->admission.kind) &&
        (role.professions.empty() || contains(role.professions, record.person.profession));
    if (!fits) return RoleFit::none;
    const bool needs_proof = role.attested && profession->regulated;
    if (!needs_proof || directory.attested(record.person.id, at)) return RoleFit::held;
    return RoleFit::unattested;
}

// Whether one of the act's roles fits the person; the closest miss as the error.
Result<void> holds_role(const DirectoryState& directory, const Kind& kind, const Act& act,
                        const PersonRecord& record, DirectorySize at) {
    bool unattested = false;
    for (const std::uint16_t index : act.roles) {
        const RoleFit fit = fit_of(directory, kind.roles[index], record, at);
        if (fit == RoleFit::held) return {};
        unattested |= fit == RoleFit::unattested;
    }
    return fail(unattested ? ErrorCode::not_attested : ErrorCode::role_refused, act.name);
}

Result<void> check_affiliation(const PersonRecord& record, WallTime when, const char* who) {
    if (record.person.affiliated(when)) return {};
    return fail(ErrorCode::not_affiliated, who);
}

// The signer as someone of the sending station's organisation.
Result<const PersonRecord*> signer_on_station(const DirectoryState& directory, const Header& header,
                                              DirectorySize at, WallTime when) {
    const StationRecord* station = directory.station(header.station, at);
    if (station == nullptr) return fail(ErrorCode::unknown_key, "station of the header");
    // The station may list a unit that was revoked since; and the address has a domain too.
    if (station->organisation != header.from.organisation() ||
        !contains(station->station.units, header.from.unit()) ||
        !directory.mailbox_exists(header.from, at)) {
        return fail(ErrorCode::not_your_mailbox, header.from.text());
    }
    const PersonRecord* person = directory.person(header.by, at);
    if (person == nullptr || person->organisation != station->organisation) {
        return fail(ErrorCode::unknown_person, "who signs");
    }
    if (!contains(station->station.persons, header.by)) return fail(ErrorCode::not_on_station);
    if (directory.suspended(station->organisation, at)) {
        return fail(ErrorCode::suspended, station->organisation);
    }
    RELAIS_TRY(check_affiliation(*person, when, "who signs"));
    return person;
}

}  // namespace

namespace {

// Number and types of the files stand in the sealed content: the reader checks them.
Result<void> check_attachments(const Act& act, const Header& header) {
    if (!header.chunks) return {};
    if (padded_bytes(*header.chunks) > act.attachments.bytes) {
        return fail(ErrorCode::attachment_refused, act.name);
    }
    return {};
}

// What is sealed to a fallback waits until its clock calls it in: of an act that has none, it would
// wait for ever, and those who are parties already would not get it.
Result<void> check_standings(const Act& act, const Header& header) {
    if (act.fallback) return {};
    const auto fallback = std::ranges::find(header.to, Standing::fallback, &Recipient::standing);
    if (fallback == header.to.end()) return {};
    return fail(ErrorCode::recipient_refused,
                fallback->mailbox.text() + " as a fallback: " + act.name + " has none");
}

}  // namespace

bool AttachmentRule::allows(std::string_view media_type) const {
    return contains(media, media_type);
}

Result<void> check_shape(const Kind& kind, const Act& act, const Header& header) {
    if ((act.lanes >> static_cast<int>(header.lane) & 1) == 0) {
        return fail(ErrorCode::lane_refused, act.name);
    }
    RELAIS_TRY(check_publics(kind, act, header));
    RELAIS_TRY(check_attachments(act, header));
    RELAIS_TRY(check_standings(act, header));
    const bool must_agree = act.opens && kind.agreement != 0;
    if (must_agree && header.public_value(kind.agreement) != 1) {
        return fail(ErrorCode::agreement_missing, act.name);
    }
    return check_delay(kind, act, header);
}

Result<void> check_signer(const DirectoryState& directory, const Kind& kind, const Act& act,
                          const Header& header, DirectorySize at, WallTime when) {
    RELAIS_ASSIGN(const PersonRecord* const signer, signer_on_station(directory, header, at, when));
    if (!header.on_behalf_of) return holds_role(directory, kind, act, *signer, at);
    const PersonRecord* principal = directory.person(*header.on_behalf_of, at);
    if (principal == nullptr || principal->organisation != signer->organisation) {
        return fail(ErrorCode::unknown_person, "on whose behalf");
    }
    RELAIS_TRY(check_affiliation(*principal, when, "on whose behalf"));
    if (!act.mandate ||
        !directory.mandated(header.by, *header.on_behalf_of, kind.name, act.name, when, at)) {
        return fail(ErrorCode::no_mandate, act.name);
    }
    return holds_role(directory, kind, act, *principal, at);
}

namespace {

std::string rpps_of(const DirectoryState& directory, const PersonId& id, DirectorySize at) {
    const PersonRecord* record = directory.person(id, at);
    return record == nullptr ? std::string() : record->person.rpps;
}

// Declared alone it gives no right: anybody's organisation could declare it.
std::string attention_rpps(const DirectoryState& directory, const Header& header, DirectorySize at,
                           WallTime when) {
    const PersonRecord* record = attention_of(directory, header.to, at);
    if (record == nullptr || !record->person.affiliated(when)) return {};
    return directory.attested(record->person.id, at) ? record->person.rpps : std::string();
}

}  // namespace

const PersonRecord* attention_of(const DirectoryState& directory, std::span<const Recipient> to,
                                 DirectorySize at) {
    const PersonRecord* found = nullptr;
    for (const Recipient& recipient : to) {
        if (!recipient.attention) continue;
        if (found != nullptr && !found->person.rpps.empty()) return nullptr;
        found = directory.person(*recipient.attention, at);
        const bool there =
            found != nullptr && found->organisation == recipient.mailbox.organisation();
        if (!there) return nullptr;
    }
    return found;
}

bool can_read(const DirectoryState& directory, const Kind& kind, const Address& mailbox,
              DirectorySize at) {
    const std::string_view organisation = mailbox.organisation();
    return directory.mailbox_exists(mailbox, at) && directory.has_key(mailbox, at) &&
           !directory.suspended(organisation, at) &&
           (kind.patient == PatientData::never || directory.established(organisation, at));
}

namespace {

// Those that the parties' units declare, the sender itself apart.
std::vector<NobodyBehind> declared_fallbacks(const DirectoryState& directory, const Act& act,
                                             const Address& from,
                                             const std::vector<Address>& parties,
                                             DirectorySize at) {
    std::vector<NobodyBehind> declared;
    if (!act.fallback) return declared;
    for (const Address& party : parties) {
        const directory::Unit* unit = directory.unit(party, at);
        if (unit == nullptr || !unit->fallback || *unit->fallback == from) continue;
        declared.push_back({party, *unit->fallback});
    }
    return declared;
}

bool reaches(const DirectoryState& directory, const Kind& kind, const Address& mailbox,
             DirectorySize at) {
    return directory.takes(mailbox, kind.name, at) && can_read(directory, kind, mailbox, at);
}

}  // namespace

std::set<Address> required_fallbacks(const DirectoryState& directory, const Kind& kind,
                                     const Act& act, const Address& from,
                                     const std::vector<Address>& parties, DirectorySize at) {
    std::set<Address> required;
    for (const NobodyBehind& each : declared_fallbacks(directory, act, from, parties, at)) {
        if (reaches(directory, kind, each.fallback, at)) required.insert(each.fallback);
    }
    return required;
}

std::vector<NobodyBehind> nobody_behind(const DirectoryState& directory, const Kind& kind,
                                        const Act& act, const Address& from,
                                        const std::vector<Address>& parties, DirectorySize at) {
    auto missed = declared_fallbacks(directory, act, from, parties, at);
    std::erase_if(missed, [&](const NobodyBehind& each) {
        return reaches(directory, kind, each.fallback, at);
    });
    return missed;
}

bool reads_group(const DirectoryState& directory, const Kind& kind, const Address& group,
                 const Address& mailbox, const Address& from, DirectorySize at) {
    return mailbox != from && directory.member(group, mailbox, at) &&
           reaches(directory, kind, mailbox, at);
}

std::vector<Address> group_readers(const DirectoryState& directory, const Kind& kind,
                                   const Header& header) {
    std::set<Address> readers;
    for (const Recipient& recipient : header.groups()) {
        for (const Address& member : directory.members(recipient.mailbox, header.head.size)) {
            if (reads_group(directory, kind, recipient.mailbox, member, header.from,
                            header.head.size)) {
                readers.insert(member);
            }
        }
    }
    for (const Recipient& recipient : header.mailboxes()) readers.erase(recipient.mailbox);
    return {readers.begin(), readers.end()};
}

bool is_member(const DirectoryState& directory, std::span<const Address> groups,
               const Address& mailbox, DirectorySize at) {
    return std::ranges::any_of(
        groups, [&](const Address& group) { return directory.member(group, mailbox, at); });
}

bool has_left(const DirectoryState& directory, const Header& header, const KeyBox& box) {
    if (!box.mailbox) return false;
    return std::ranges::none_of(header.groups(), [&](const Recipient& recipient) {
        const auto since = directory.member_since(recipient.mailbox, *box.mailbox);
        return since && *since <= header.head.size;
    });
}

Result<void> check_posting(const DirectoryState& directory, const Kind& kind, const Address& group,
                           const Address& from, DirectorySize at) {
    const directory::Group* entry = directory.group(group, at);
    if (entry == nullptr) return fail(ErrorCode::unknown_recipient, group.text());
    if (!contains(entry->kinds, kind.name)) {
        return fail(ErrorCode::recipient_refused, group.text() + " does not take " + kind.name);
    }
    const bool of_owner =
        from.organisation() == group.organisation() && from.domain() == group.domain();
    const bool as_member =
        entry->posting == directory::Posting::members && directory.member(group, from, at);
    if (of_owner || as_member || contains(entry->posters, from)) return {};
    return fail(ErrorCode::recipient_refused, from.text() + " may not post to " + group.text());
}

namespace {

std::vector<Addressee> addressees_of(const Header& header) {
    std::vector<Addressee> all;
    for (std::size_t i = 0; i < header.to.size(); ++i) {
        const Recipient& recipient = header.to[i];
        if (recipient.standing == Standing::delegate) continue;
        const auto stands_in = [&](const Recipient& other) { return other.in_place_of == i + 1; };
        const auto delegate = std::ranges::find_if(header.to, stands_in);
        all.push_back(
            {recipient.mailbox, recipient.standing,
             delegate == header.to.end() ? std::nullopt : std::optional(delegate->mailbox)});
    }
    return all;
}

// Parties that nothing could be sealed to when the act was signed, nor when it was accepted.
std::vector<Address> gone_parties(const DirectoryState& directory, const Kind& kind,
                                  const Thread& thread, DirectorySize head, DirectorySize at) {
    std::vector<Address> gone;
    for (const Party& party : thread.parties) {
        const bool left = can_read(directory, kind, party.mailbox, head) ||
                          can_read(directory, kind, party.mailbox, at);
        if (!left) gone.push_back(party.mailbox);
    }
    return gone;
}

}  // namespace

ActInput act_input(const DirectoryState& directory, const Kind& kind, ActIndex act,
                   const Header& header, const Digest& digest, DirectorySize at, WallTime accepted,
                   const Thread* thread) {
    const PersonId& principal = header.on_behalf_of.value_or(header.by);
    ActInput input{.act = act,
                   .from = header.from,
                   .to = {},
                   .publics = header.publics,
                   .by = principal,
                   .header = digest,
                   .time = accepted,
                   .signer = rpps_of(directory, principal, at),
                   .attention = attention_rpps(directory, header, at, accepted),
                   .follows = header.follows};
    input.to = addressees_of(header);
    if (thread != nullptr) {
        input.member = is_member(directory, thread->groups, header.from, at);
        if (kind.acts[act].recipients == Recipients::all_parties) {
            input.gone = gone_parties(directory, kind, *thread, header.head.size, at);
        }
    }
    const PersonRecord* record = kind.asks_roles() ? directory.person(principal, at) : nullptr;
    if (record == nullptr) return input;
    for (std::size_t role = 0; role < kind.roles.size(); ++role) {
        if (fit_of(directory, kind.roles[role], *record, at) != RoleFit::held) continue;
        input.roles = static_cast<std::uint16_t>(input.roles | 1U << role);
    }
    return input;
}

}  // namespace relais::workflow
