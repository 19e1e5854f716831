// invite.cc: opens an invitation at the broker and writes its token; what the inviter has to
// remember of it stays sealed in the key file.
#include "tools/admin/invitations.h"

#include <cstdio>

#include "clients/station/api/inviter.h"
#include "core/base/system.h"
#include "core/codecs/codecs.h"
#include "core/files/files.h"
#include "tools/admin/commands.h"

namespace relais::admin {

namespace {

std::string vault_name(const Locator& locator) { return "invitation-" + hex(locator.view()); }

// For a recovery: whose chain continues where.
Result<void> fill_recovery(const directory::DirectoryState& state, const std::string& organisation,
                           Invitation& invitation) {
    const auto* record = state.organisation(organisation);
    if (record == nullptr || record->entry.now() == nullptr) {
        return fail(ErrorCode::unknown_object, "organisation " + organisation);
    }
    const auto end = state.chain_end(organisation);
    invitation.organisation = organisation;
    invitation.chain_next = end.number;
    invitation.chain_previous = end.previous;
    return {};
}

Result<std::string> last_checkpoint(Operator& op, DirectorySize size) {
    const wire::FetchCheckpoints request{wire::LogName::directory, size.value};
    RELAIS_ASSIGN(const auto checkpoints, op.client().ask_for<wire::Checkpoints>(request));
    if (checkpoints.notes.empty()) return fail(ErrorCode::not_yet_proven, "directory");
    return checkpoints.notes.back();
}

}  // namespace

void keep_invitation(station::Vault& vault, const KeptInvitation& kept) {
    Secret bytes(1 + kept.authenticator.size());
    bytes.expose_mutable()[0] = kept.anchor ? 1 : 0;
    std::memcpy(bytes.expose_mutable().data() + 1, kept.authenticator.expose().data(),
                kept.authenticator.size());
    vault.put(vault_name(kept.locator), bytes);
}

Result<KeptInvitation> kept_invitation(const station::Vault& vault, const Locator& locator) {
    RELAIS_ASSIGN(const Secret bytes, vault.get(vault_name(locator)));
    if (bytes.size() != 17) return fail(ErrorCode::corrupt, "kept invitation");
    return KeptInvitation{locator, Secret::copy_of(bytes.expose().subspan(1)),
                          bytes.expose()[0] != 0};
}

void forget_invitation(station::Vault& vault, const Locator& locator) {
    vault.remove(vault_name(locator));
}

namespace {

// Kept before it is opened: an invitation whose authenticator is lost could never be approved.
Result<void> open_invitation(Operator& op, DomainSigner& signer, const KeptInvitation& kept,
                             wire::InvitationPurpose purpose, std::chrono::seconds lifetime) {
    keep_invitation(signer.vault, kept);
    RELAIS_TRY(signer.vault.save());
    RELAIS_TRY(op.client().ask(wire::OpenInvitation{kept.locator, purpose, lifetime}));
    return {};
}

Result<void> hand_over(const InviteRequest& request, const Invitation& invitation,
                       const Output& output) {
    const Secret token = encode_invitation(invitation);
    const std::string locator = hex(invitation.locator.view());
    nlohmann::json result = {{"locator", locator}, {"expires", format_utc(invitation.expires)}};
    if (request.token_file.empty()) {
        output.line(as_text(token.expose()));  // and nothing beside it
        if (output.json) result["token"] = as_text(token.expose());
        output.result(result);
        return {};
    }
    const auto written = write_file(request.token_file, token.expose(), 0600, Replace::yes);
    if (!written.ok()) {
        return fail(written.code(), written.error().detail +
                                        "; the invitation is open: relais-admin "
                                        "close-invitation " +
                                        locator);
    }
    output.line(
        "Invitation " + locator + " open until " + format_utc(invitation.expires) + ".\nGive " +
        request.token_file.string() +
        " to the organisation by a channel you trust, then: relais-admin approve --wait 1h");
    result["token_file"] = request.token_file.string();
    output.result(result);
    return {};
}

}  // namespace

Result<void> invite(Operator& op, DomainSigner& signer, const InviteRequest& request,
                    const Output& output) {
    RELAIS_ASSIGN(const directory::DirectoryState state, op.directory());
    RELAIS_ASSIGN(const nlohmann::json status, op.status());
    RELAIS_ASSIGN(std::string checkpoint, last_checkpoint(op, state.size()));
    const directory::Domain& domain = *state.domain();
    SystemRandom random;
    Secret authenticator(16);
    random.fill(authenticator.expose_mutable());
    const bool recovery = !request.recover.empty();
    Invitation invitation{.domain = op.config().domain,
                          .purpose = recovery ? wire::InvitationPurpose::recovery
                                              : wire::InvitationPurpose::organisation,
                          .locator = random.make<Locator>(),
                          .authenticator = authenticator.duplicate(),
                          .expires = wall_now() + request.lifetime,
                          .inviter = fingerprint(signer.key.public_key()),
                          .domain_authority = op.config().authority,
                          .broker_curve = domain.curve_key,
                          .enrolment_curve = domain.enrolment_key,
                          .broker_endpoint = status.value("endpoint", ""),
                          .enrolment_endpoint = status.value("enrolment_endpoint", ""),
                          .checkpoint = std::move(checkpoint),
                          .organisation = {}};
    if (recovery) RELAIS_TRY(fill_recovery(state, request.recover, invitation));
    if (request.anchor) RELAIS_TRY(check_authority(op, signer));  // `approve` could only refuse
    // The file first: an invitation that cannot be handed over is not to be opened.
    if (!request.token_file.empty()) {
        RELAIS_TRY(write_file(request.token_file, {}, 0600, Replace::no));
    }
    const Result<void> opened =
        open_invitation(op, signer, {invitation.locator, std::move(authenticator), request.anchor},
                        invitation.purpose, request.lifetime);
    if (!opened.ok()) {
        std::error_code ignored;
        if (!request.token_file.empty()) std::filesystem::remove(request.token_file, ignored);
        return opened;
    }
    return hand_over(request, invitation, output);
}

Result<void> close_invitation(Operator& op, DomainSigner& signer, const std::string& text,
                              const Output& output) {
    RELAIS_ASSIGN(const Locator locator, hex_from<Locator>(text));
    RELAIS_TRY(op.client().ask(wire::Administer{wire::Command::close_invitation, locator}));
    forget_invitation(signer.vault, locator);
    RELAIS_TRY(signer.vault.save());
    output.line("Invitation closed.");
    output.result({{"closed", text}});
    return {};
}

}  // namespace relais::admin
