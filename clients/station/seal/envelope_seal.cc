#include "clients/station/seal/envelope_seal.h"

namespace relais::seal {

namespace {

constexpr std::string_view kGrantInfo = "relais/v1/grant";

std::string box_aad(const Address& mailbox, EpochNumber epoch, Release release) {
    return mailbox.text() + "\n" + std::to_string(epoch.value) + "\n" +
           std::to_string(static_cast<int>(release));
}

std::string grant_aad(const Address& mailbox, EpochNumber epoch) {
    return mailbox.text() + "\n" + std::to_string(epoch.value) + "\n";
}

}  // namespace

Result<KeyBox> seal_box(const Secret& content_key, const Digest& header, std::uint16_t position,
                        const Address& mailbox, EpochNumber epoch, const P256Public& epoch_key,
                        Release release) {
    const std::string aad = box_aad(mailbox, epoch, release);
    RELAIS_ASSIGN(HpkeSealed sealed,
                  hpke_seal(epoch_key, header.view(), as_bytes(aad), content_key.expose()));
    return KeyBox{position, epoch, kSuiteP256, std::move(sealed.enc), std::move(sealed.ciphertext),
                  release};
}

Result<Secret> open_box(const KeyBox& box, const Digest& header, const Address& mailbox,
                        const P256Key& epoch_key) {
    const std::string aad = box_aad(mailbox, box.epoch, box.release);
    return hpke_open(epoch_key, box.enc, header.view(), as_bytes(aad), box.sealed_key);
}

Result<directory::Grant> seal_grant(const P256Key& epoch_key, const Address& mailbox,
                                    EpochNumber epoch, const std::optional<StationId>& station,
                                    const P256Public& grantee) {
    const std::string aad = grant_aad(mailbox, epoch);
    RELAIS_ASSIGN(HpkeSealed sealed, hpke_seal(grantee, as_bytes(kGrantInfo), as_bytes(aad),
                                               epoch_key.scalar().expose()));
    return directory::Grant{station, std::move(sealed.enc), std::move(sealed.ciphertext)};
}

Result<P256Key> open_grant(const directory::Grant& grant, const Address& mailbox, EpochNumber epoch,
                           const P256Public& epoch_key, const P256Key& grantee) {
    const std::string aad = grant_aad(mailbox, epoch);
    RELAIS_ASSIGN(const Secret scalar, hpke_open(grantee, grant.enc, as_bytes(kGrantInfo),
                                                 as_bytes(aad), grant.sealed_key));
    auto key = P256Key::from_scalar(scalar);
    if (!key.ok() || key->public_key() != epoch_key) {
        return fail(ErrorCode::box_unopenable, "the grant holds another key");
    }
    return key;
}

}  // namespace relais::seal
