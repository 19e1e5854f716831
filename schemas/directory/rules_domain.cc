// rules_domain.cc: the domain's own chain.
#include "core/crypto/p256.h"
#include "core/identifiers/identifiers.h"
#include "schemas/directory/state.h"

namespace relais::directory {

namespace {

// FINESS is 9 characters, SIRET 14. A FINESS whose key is off is kept: the key rule is inferred.
Result<void> check_identifier_form(const std::string& identifier) {
    const auto kind = identifier.size() == 14 ? IdentifierKind::siret : IdentifierKind::finess;
    const IdentifierVerdict verdict = check_identifier(kind, identifier);
    if (!verdict.accepted() || verdict.normalised != identifier) {
        return fail(ErrorCode::bad_identifier, "a FINESS (9) or SIRET (14), without spaces");
    }
    return {};
}

}  // namespace

// A log keeps its key from one entry to the next, and may take up a former one again. Any other is
// new in this directory: whoever signs heads cosigns none.
Result<void> DirectoryState::claim_log_keys(const Domain& body) {
    std::set<Bytes> fresh;
    for (const Ed25519Public& key : {body.audit_log, body.directory_log}) {
        if (is_log_key(key)) continue;
        if (key_used(key.view())) return fail(ErrorCode::key_taken, "of a log");
        fresh.insert(to_bytes(key.view()));
    }
    keys_.merge(fresh);
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Domain& body) {
    if (!context.entry.chain.empty()) return fail(ErrorCode::bad_entry, "chain of the domain only");
    RELAIS_TRY(check_p256_point(body.authority));
    RELAIS_TRY(check_p256_point(body.broker_key));
    for (const Registrar& registrar : body.registrars) {
        RELAIS_TRY(check_p256_point(registrar.key));
    }
    RELAIS_TRY(claim_log_keys(body));
    domain_.set(context.position, body);
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Admission& body) {
    if (!context.entry.chain.empty()) return fail(ErrorCode::bad_entry, "chain of the domain only");
    if (body.anchor && !context.authority) {
        return fail(ErrorCode::not_a_signer, "only the domain authority names the anchor");
    }
    if (body.anchor && anchor() != nullptr) return fail(ErrorCode::bad_entry, "anchor named twice");
    RELAIS_TRY(check_identifier_form(body.identifier));
    const std::string& name = body.organisation.text();
    if (organisations_.contains(name)) return fail(ErrorCode::name_taken, name);
    if (identifiers_.contains(body.identifier)) {
        return fail(ErrorCode::identifier_taken, body.identifier);
    }
    identifiers_.insert(body.identifier);
    OrganisationRecord record{.name = body.organisation,
                              .admission = body,
                              .entry = {},
                              .suspended = {},
                              .established = std::nullopt,
                              .confirmed_by = {},
                              .units = {},
                              .epochs = {}};
    if (body.anchor) record.established = context.position;
    organisations_.emplace(name, std::move(record));
    return {};
}

Result<void> DirectoryState::admit(const Context& context, const Suspension& body) {
    if (!context.entry.chain.empty()) return fail(ErrorCode::bad_entry, "chain of the domain only");
    const auto found = organisations_.find(body.organisation.text());
    if (found == organisations_.end()) {
        return fail(ErrorCode::unknown_object, "organisation " + body.organisation.text());
    }
    if (suspended(body.organisation.text()) == body.suspended) {
        return fail(ErrorCode::bad_entry, "changes nothing");
    }
    found->second.suspended.set(context.position, body.suspended);
    return {};
}

}  // namespace relais::directory
