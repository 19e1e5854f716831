#include "clients/station/seal/recovery.h"

#include "clients/station/seal/hkdf.h"
#include "clients/station/seal/hpke.h"
#include "core/codecs/codecs.h"
#include "core/crypto/sha256.h"

namespace relais::seal {

namespace {

constexpr std::size_t kRecoveredBytes = 32;
constexpr std::size_t kCheckBytes = 2;
constexpr std::size_t kGroup = 5;

Secret with_check(const Secret& secret) {
    Secret whole(kRecoveredBytes + kCheckBytes);
    const Digest digest = sha256(secret.expose());
    std::memcpy(whole.expose_mutable().data(), secret.expose().data(), kRecoveredBytes);
    std::memcpy(whole.expose_mutable().data() + kRecoveredBytes, digest.bytes.data(), kCheckBytes);
    return whole;
}

}  // namespace

Secret make_recovery_secret(Random& random) {
    Secret secret(kRecoveredBytes);
    random.fill(secret.expose_mutable());
    return secret;
}

RecoveryKeys recovery_keys(const Secret& secret) {
    const Secret key = hkdf_extract(as_bytes("relais/v1/recovery"), secret);
    return {hpke_derive_key(hkdf_expand(key, as_bytes("signing"), 32)),
            hpke_derive_key(hkdf_expand(key, as_bytes("sealing"), 32))};
}

Secret recovery_code(const Secret& secret) {
    RELAIS_CHECK(secret.size() == kRecoveredBytes);
    const Secret symbols = base32(with_check(secret).expose());
    const std::size_t dashes = (symbols.size() - 1) / kGroup;
    Secret code(symbols.size() + dashes);
    std::size_t at = 0;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        if (i > 0 && i % kGroup == 0) code.expose_mutable()[at++] = '-';
        code.expose_mutable()[at++] = symbols.expose()[i];
    }
    return code;
}

Result<Secret> parse_recovery_code(std::string_view code) {
    RELAIS_ASSIGN(const Secret whole, parse_base32(code));
    if (whole.size() != kRecoveredBytes + kCheckBytes) {
        return fail(ErrorCode::malformed, "a group of the code is missing, or one too many");
    }
    Secret secret = Secret::copy_of(whole.expose().first(kRecoveredBytes));
    if (!equal_constant_time(with_check(secret).expose(), whole.expose())) {
        return fail(ErrorCode::malformed, "mistyped");
    }
    return secret;
}

}  // namespace relais::seal
