// invitations.h: authenticators of open invitations, kept in the signer's vault until they are
// answered.
#pragma once

#include "clients/station/vault/vault.h"
#include "schemas/wire/enrolment.h"

namespace relais::admin {

struct KeptInvitation {
    Locator locator;
    Secret authenticator;
    bool anchor = false;
};

void keep_invitation(station::Vault& vault, const KeptInvitation& kept);
// Errors: not_here  not made with this key file.
Result<KeptInvitation> kept_invitation(const station::Vault& vault, const Locator& locator);
void forget_invitation(station::Vault& vault, const Locator& locator);

}  // namespace relais::admin
