// rules_organisation.cc: an organisation, its persons, units, mandates and revocations.
#include <algorithm>

#include "core/crypto/p256.h"
#include "core/identifiers/identifiers.h"
#include "schemas/directory/professions.h"
#include "schemas/directory/state.h"

namespace relais::directory {

Result<void> DirectoryState::admit(const Context& context, const Organisation& body) {
    const auto found = organisations_.find(context.entry.chain);
    if (found == organisations_.end()) {
        return fail(ErrorCode::bad_entry, "organisation not admitted");
    }
    OrganisationRecord& record = found->second;
    const Admission& admission = record.admission;
    if (context.entry.number != 0) return fail(ErrorCode::bad_entry, "first of its chain only");
    if (fingerprint(body.authority) != admission.authority || body.kind != admission.kind ||
        body.identifier != admission.identifier) {
        return fail(ErrorCode::bad_entry, "differs from its admission");
    }
    RELAIS_TRY(check_p256_point(body.authority));
    RELAIS_TRY(check_p256_point(body.recovery_sealing));
    RELAIS_TRY(claim_keys({body.authority.view(), body.recovery_sealing.view()}));
    record.entry.set(context.position, body);
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const AuthorityReplaced& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    RELAIS_TRY(check_p256_point(body.authority));
    RELAIS_TRY(check_p256_point(body.recovery_sealing));
    if (body.recovery_signing == fingerprint(body.recovery_key)) {
        return fail(ErrorCode::bad_entry, "a recovery key serves once");
    }
    RELAIS_TRY(claim_keys(
        {body.authority.view(), body.recovery_key.view(), body.recovery_sealing.view()}));
    Organisation next = *record->entry.now();
    next.authority = body.authority;
    next.recovery_signing = body.recovery_signing;
    next.recovery_sealing = body.recovery_sealing;
    record->entry.set(context.position, std::move(next));
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Person& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    if (!profession_allowed(record->admission.kind, body.profession)) {
        return fail(ErrorCode::bad_entry,
                    "profession " + body.profession + " in this kind of organisation");
    }
    if (!body.rpps.empty()) RELAIS_TRY(require_identifier(IdentifierKind::rpps, body.rpps));
    // Entries are judged by their place in the log, which no date of an affiliation ends.
    if (body.registrar && body.dated()) {
        return fail(ErrorCode::bad_entry, "a registrar's affiliation has no dates");
    }
    RELAIS_TRY(check_p256_point(body.key));
    const auto known = persons_.find(body.id);
    const PersonRecord* before = known == persons_.end() ? nullptr : known->second.now();
    if (known != persons_.end() && before == nullptr) {
        return fail(ErrorCode::revoked, "a revoked person does not come back under the same id");
    }
    if (before != nullptr && before->organisation != context.entry.chain) {
        return fail(ErrorCode::not_a_signer, "person of another organisation");
    }
    const bool registrar_before = before != nullptr && before->person.registrar;
    if (body.registrar != registrar_before && !context.authority) {
        return fail(ErrorCode::not_a_signer, "only the authority makes or unmakes registrars");
    }
    const bool new_key = before == nullptr || before->person.key != body.key;
    if (new_key && body.registrar && !context.authority) {
        return fail(ErrorCode::not_a_signer, "only the authority changes a registrar's key");
    }
    if (new_key) RELAIS_TRY(claim_keys({body.key.view()}));
    persons_[body.id].set(context.position, {context.entry.chain, body});
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Unit& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    record->units[body.name.text()].set(context.position, body);
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Mandate& body) {
    RELAIS_TRY(own(context));
    for (const PersonId& id : {body.by, body.on_behalf_of}) {
        const PersonRecord* record = person(id);
        if (record == nullptr) return fail(ErrorCode::unknown_person);
        if (record->organisation != context.entry.chain) {
            return fail(ErrorCode::not_a_signer, "person of another organisation");
        }
    }
    if (body.by == body.on_behalf_of) return fail(ErrorCode::bad_entry, "mandate for oneself");
    const auto known = mandates_.find(body.id);
    if (known != mandates_.end()) return fail(ErrorCode::bad_entry, "mandate id used");
    mandates_[body.id].set(context.position, {context.entry.chain, body});
    return {};
}

namespace {

// Ends an object of `organisation`. Errors: unknown_object  none such, not its own, or ended
// before.
template <typename Map, typename Id>
Result<void> end_object(Map& map, const Id& id, const std::string& organisation, DirectorySize at) {
    const auto found = map.find(id);
    if (found == map.end() || found->second.now() == nullptr ||
        found->second.now()->organisation != organisation) {
        return fail(ErrorCode::unknown_object);
    }
    found->second.end(at);
    return {};
}

}  // namespace

Result<void> DirectoryState::admit(const Context& context, const Revocation& body) {
    RELAIS_ASSIGN(OrganisationRecord* const record, own(context));
    const std::string& chain = context.entry.chain;
    const ByteView id = body.id.view();
    switch (body.object) {
        case RevokedObject::person: {
            const PersonRecord* revoked = person(PersonId::from(id));
            if (revoked != nullptr && revoked->person.registrar && !context.authority) {
                return fail(ErrorCode::not_a_signer, "only the authority revokes a registrar");
            }
            return end_object(persons_, PersonId::from(id), chain, context.position);
        }
        case RevokedObject::station:
            // Nothing that it says counts any more, as a witness either.
            if (witness(StationId::from(id)) != nullptr &&
                station(StationId::from(id)) != nullptr &&
                station(StationId::from(id))->organisation == chain) {
                witnesses_[StationId::from(id)].end(context.position);
            }
            return end_object(stations_, StationId::from(id), chain, context.position);
        case RevokedObject::mandate:
            return end_object(mandates_, MandateId::from(id), chain, context.position);
        case RevokedObject::unit: {
            const auto found = record->units.find(body.unit);
            if (found == record->units.end() || found->second.now() == nullptr) {
                return fail(ErrorCode::unknown_object, "unit " + body.unit);
            }
            found->second.end(context.position);
            return {};
        }
        case RevokedObject::group: return end_group(context, body.unit);
    }
    return fail(ErrorCode::bad_entry, "object");
}

}  // namespace relais::directory
