// state.cc: the way in: chain, signer, signature, then the rule of the body.
#include "schemas/directory/state.h"

#include "core/base/contexts.h"
#include "core/crypto/p256.h"

namespace relais::directory {

DirectoryState::DirectoryState(Name domain, Digest authority)
    : domain_name_(std::move(domain)), authority_(authority) {}

Result<void> DirectoryState::apply(const SignedEntry& signed_entry, const Verifier& verifier,
                                   EngineTime committed) {
    const Entry& entry = signed_entry.entry;
    RELAIS_TRY(check_chain(entry));
    RELAIS_ASSIGN(const SignerRights signer, signer_of(entry));
    RELAIS_TRY(verifier.verify(signer.key,
                               signed_message(contexts::kEntry, signed_entry.entry_bytes),
                               signed_entry.signature));
    const Context context{entry, signer.authority, {size_.value + 1}, committed};
    RELAIS_TRY(std::visit([&](const auto& body) { return admit(context, body); }, entry.body));
    size_ = size_.next();
    chains_[entry.chain] = {entry.number + 1, signed_entry.digest()};
    return {};
}

Result<void> DirectoryState::check_next(const SignedEntry& signed_entry,
                                        const Verifier& verifier) const {
    RELAIS_TRY(check_chain(signed_entry.entry));
    RELAIS_ASSIGN(const SignerRights signer, signer_of(signed_entry.entry));
    return verifier.verify(signer.key, signed_message(contexts::kEntry, signed_entry.entry_bytes),
                           signed_entry.signature);
}

Result<void> DirectoryState::check_chain(const Entry& entry) const {
    if (entry.domain != domain_name_) return fail(ErrorCode::wrong_domain, entry.domain.text());
    const ChainEnd end = chain_end(entry.chain);
    if (entry.number != end.number || entry.previous != end.previous) {
        return fail(ErrorCode::chain_broken, "chain '" + entry.chain + "' continues at number " +
                                                 std::to_string(end.number));
    }
    if (size_.value == 0 && !entry.chain.empty()) {
        return fail(ErrorCode::chain_broken, "the domain's own entry comes first");
    }
    return {};
}

DirectoryState::ChainEnd DirectoryState::chain_end(const std::string& chain) const {
    const auto found = chains_.find(chain);
    if (found == chains_.end()) return {};
    return {found->second.next, found->second.last};
}

Result<DirectoryState::SignerRights> DirectoryState::signer_of(const Entry& entry) const {
    return entry.chain.empty() ? domain_signer(entry) : organisation_signer(entry);
}

Result<DirectoryState::SignerRights> DirectoryState::domain_signer(const Entry& entry) const {
    // A Domain entry shows the authority's key; the pinned fingerprint says whether it is the one.
    const auto* shown = std::get_if<Domain>(&entry.body);
    const Domain* known = shown != nullptr ? shown : domain_.now();
    if (known == nullptr) return fail(ErrorCode::not_a_signer, "no domain entry yet");
    if (entry.signer == authority_ && fingerprint(known->authority) == authority_) {
        return SignerRights{known->authority, true};
    }
    if (shown == nullptr) {
        for (const Registrar& registrar : known->registrars) {
            if (fingerprint(registrar.key) == entry.signer) return SignerRights{registrar.key};
        }
    }
    return fail(ErrorCode::not_a_signer, "chain of the domain");
}

Result<DirectoryState::SignerRights> DirectoryState::organisation_signer(const Entry& entry) const {
    if (suspended(entry.chain)) return fail(ErrorCode::suspended, entry.chain);
    if (const auto* first = std::get_if<Organisation>(&entry.body)) {
        if (fingerprint(first->authority) != entry.signer) return fail(ErrorCode::not_a_signer);
        return SignerRights{first->authority, true};
    }
    const OrganisationRecord* organisation = this->organisation(entry.chain);
    const Organisation* known = organisation ? organisation->entry.now() : nullptr;
    if (known == nullptr) return fail(ErrorCode::unknown_object, "organisation " + entry.chain);
    if (const auto* replaced = std::get_if<AuthorityReplaced>(&entry.body)) {
        const Digest recovery = fingerprint(replaced->recovery_key);
        if (recovery != entry.signer || recovery != known->recovery_signing) {
            return fail(ErrorCode::not_a_signer, "not the recovery key of " + entry.chain);
        }
        return SignerRights{replaced->recovery_key, true};
    }
    if (fingerprint(known->authority) == entry.signer) return SignerRights{known->authority, true};
    for (const PersonRecord* record : persons_of(entry.chain)) {
        if (record->person.registrar && fingerprint(record->person.key) == entry.signer) {
            return SignerRights{record->person.key};
        }
    }
    return fail(ErrorCode::not_a_signer, "chain of " + entry.chain);
}

Result<OrganisationRecord*> DirectoryState::own(const Context& context) {
    const auto found = organisations_.find(context.entry.chain);
    if (found == organisations_.end() || found->second.entry.now() == nullptr) {
        return fail(ErrorCode::bad_entry, "stands in an organisation's chain only");
    }
    return &found->second;
}

Result<OrganisationRecord*> DirectoryState::named(const Name& name) {
    const auto found = organisations_.find(name.text());
    if (found == organisations_.end() || found->second.entry.now() == nullptr) {
        return fail(ErrorCode::unknown_object, "organisation " + name.text());
    }
    return &found->second;
}

bool DirectoryState::key_used(ByteView key) const { return keys_.contains(to_bytes(key)); }

Result<void> DirectoryState::claim_keys(std::initializer_list<ByteView> keys) {
    std::set<Bytes> fresh;
    for (const ByteView key : keys) {
        if (key_used(key) || !fresh.insert(to_bytes(key)).second) {
            return fail(ErrorCode::key_taken);
        }
    }
    keys_.merge(fresh);
    return {};
}

Entry DirectoryState::next_entry(const std::string& chain, const Digest& signer, WallTime time,
                                 EntryBody body) const {
    const ChainEnd end = chain_end(chain);
    return {domain_name_, chain, end.number, end.previous, time, signer, std::move(body)};
}

}  // namespace relais::directory
