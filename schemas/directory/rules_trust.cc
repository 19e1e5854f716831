// rules_trust.cc: what one organisation says of another, and the kinds and packs that the anchor
// publishes.
#include <algorithm>

#include "schemas/directory/state.h"

namespace relais::directory {

Result<void> DirectoryState::admit(const Context& context, const Confirmation& body) {
    RELAIS_ASSIGN(const OrganisationRecord* const by, own(context));
    RELAIS_ASSIGN(OrganisationRecord* const confirmed, named(body.organisation));
    if (by == confirmed) return fail(ErrorCode::bad_entry, "an organisation confirms another");
    if (!by->established) return fail(ErrorCode::provisional, by->name.text());
    if (confirmed->admission.authority != body.authority) {
        return fail(ErrorCode::bad_entry, "fingerprint differs from the admitted one");
    }
    if (!confirmed->established) {
        confirmed->established = context.position;
        confirmed->confirmed_by = by->name.text();
    }
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Attestation& body) {
    RELAIS_ASSIGN(const OrganisationRecord* const of, named(body.organisation));
    if (!context.entry.chain.empty()) {
        RELAIS_ASSIGN(const OrganisationRecord* const by, own(context));
        if (by == of) return fail(ErrorCode::not_a_signer, "another organisation attests");
        if (by->admission.kind != OrganisationKind::cpts || !by->established) {
            return fail(ErrorCode::not_a_signer, "a CPTS or a registrar attests");
        }
    }
    const PersonRecord* record = person(body.person);
    if (record == nullptr || record->organisation != body.organisation.text()) {
        return fail(ErrorCode::unknown_person);
    }
    const Person& declared = record->person;
    if (!body.withdrawn && (body.profession != declared.profession || body.rpps != declared.rpps)) {
        return fail(ErrorCode::bad_entry, "differs from what the person declares");
    }
    auto& history = attestations_[body.person][context.entry.chain];
    if (!body.withdrawn) {
        history.set(context.position, {context.entry.chain, body});
        return {};
    }
    if (history.now() == nullptr) return fail(ErrorCode::unknown_object, "attestation");
    history.end(context.position);
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const KindPublished& body) {
    RELAIS_ASSIGN(const OrganisationRecord* const by, own(context));
    if (!by->admission.anchor) {
        return fail(ErrorCode::not_a_signer, "the anchor organisation publishes kinds");
    }
    const KindRecord* last = kind(body.name.text());
    const std::uint32_t version = last == nullptr ? 0 : last->kind.version;
    if (body.withdrawn) {
        const bool in_force = last != nullptr && !last->kind.withdrawn && body.version == version &&
                              body.digest == last->kind.digest;
        if (!in_force) return fail(ErrorCode::bad_entry, "not the version in force");
    } else if (body.version != version + 1) {
        return fail(ErrorCode::bad_entry, "the last version is " + std::to_string(version));
    }
    if (!body.withdrawn && kind(body.digest) != nullptr) {
        return fail(ErrorCode::bad_entry, "bundle published before");
    }
    kinds_.push_back({body, context.position});
    return {};
}

// Versions may leap: they are the date of a file, most often. They never go back.
Result<void> DirectoryState::admit(const Context& context, const PackPublished& body) {
    RELAIS_ASSIGN(const OrganisationRecord* const by, own(context));
    if (!by->admission.anchor) {
        return fail(ErrorCode::not_a_signer, "the anchor organisation publishes packs");
    }
    const PackRecord* last = pack(body.name.text());
    const std::uint32_t version = last == nullptr ? 0 : last->pack.version;
    if (body.withdrawn) {
        const bool in_force = last != nullptr && !last->pack.withdrawn && body.version == version &&
                              body.digest == last->pack.digest;
        if (!in_force) return fail(ErrorCode::bad_entry, "not the version in force");
    } else if (body.version <= version) {
        return fail(ErrorCode::bad_entry, "the last version is " + std::to_string(version));
    }
    const bool before = std::ranges::any_of(
        packs_, [&](const PackRecord& record) { return record.pack.digest == body.digest; });
    if (!body.withdrawn && before) return fail(ErrorCode::bad_entry, "pack published before");
    packs_.push_back({body, context.position});
    return {};
}

}  // namespace relais::directory
